"""What the machine room watches of the doors: what waits, rests, failed, was parked or spooled, and the mailbox."""

from __future__ import annotations

import asyncio

from channels import figures, outbox, spool
from hotline import clock, db, settings
from hotline.machine.signals import Reading

_PARKED = """
    SELECT (SELECT count(*) FROM inbound_message WHERE state = 'parked')
        + (SELECT count(*) FROM arrival WHERE state = 'parked')
"""


async def read(connection: db.Connection) -> list[Reading]:
    """All of them now."""
    now = clock.now()
    found = await figures.doors(connection)
    doors = []
    is_demo = bool(settings.current().standin)  # a stand-in that is off is no fault of the machine
    for door, one in sorted(found.items()):
        if is_demo and door in ("sms", "wechat"):
            continue
        waits = (now - one.oldest).total_seconds() / 60 if one.oldest else None
        rests = (now - one.paused_at).total_seconds() / 60 if one.paused_at else None
        doors += [Reading("outbox", waits, door), *([Reading("door", rests, door)] if door in outbox.SENDERS else [])]
    waiting = await asyncio.to_thread(spool.figures)
    return [
        *doors,
        Reading("dead", float(sum(one.failed for one in found.values()))),
        Reading("parked", float(await connection.fetchval(_PARKED))),
        Reading("spool", float(waiting["waiting"])),
        Reading("damaged", float(waiting["damaged"])),
        Reading("mailbox", await _mailbox(connection)),
    ]


async def _mailbox(connection: db.Connection) -> float | None:
    """Minutes since the mailbox could be read; None where none is set, or it was never tried."""
    if not settings.current().imap_url:
        return None
    row = await connection.fetchrow("SELECT looked_at, ok_at FROM mailbox")
    then = (row["ok_at"] or row["looked_at"]) if row is not None else None
    return max((clock.now() - then).total_seconds(), 0.0) / 60 if then else None
