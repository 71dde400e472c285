"""Pictures, voices and films that a provider keeps for us: fetched by a job, cleaned as an upload is, then attached.

What is refused, or gone before we came, is said on the case; nothing is lost without a word.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import msgspec

from cases import ledger, verbs
from cases.rows import RequestRow
from channels import notify
from channels.heard import Medium
from channels.rows import MediumRow
from hotline import clock, db, files, vault
from hotline.actor import CITIZEN, SYSTEM
from hotline.errors import Refusal, plain
from hotline.ids import new_id
from hotline.work import Work, work

log = logging.getLogger(__name__)

TRIES = 8
BATCH = 8
"""Fetched side by side; the next tick takes the next ones."""
LEASE = timedelta(minutes=5)
"""A fetch that has said nothing for so long is taken up by the next."""

Fetched = tuple[bytes, str, str]
Fetcher = Callable[[Medium], Awaitable[Fetched]]
"""``await fetch(medium)`` gives the bytes, the media type that the provider says, and a file name.

Raises ``Gone`` for what the provider has not (any more) or is not to be fetched; anything else is tried again.
"""
FETCHERS: dict[str, Fetcher] = {}
"""The doors of this installation that keep media for us, by channel."""

_COLUMNS = ", ".join(MediumRow.__struct_fields__)
_CLAIM = f"""
    UPDATE medium SET tries = tries + 1, next_at = $1::timestamptz + $4::interval
    WHERE id IN (SELECT id FROM medium WHERE state = 'new' AND next_at <= $1 AND channel = ANY($2)
                 ORDER BY next_at LIMIT $3 FOR UPDATE SKIP LOCKED)
    RETURNING {_COLUMNS}
"""
_LOCKED = "SELECT 1 FROM medium WHERE id = $1 AND state = 'new' FOR UPDATE"
_KEPT = """
    UPDATE medium SET state = 'kept', source = NULL, next_at = NULL, error = NULL, attachment_id = $2 WHERE id = $1
"""
_GIVEN_UP = "UPDATE medium SET state = $2, source = NULL, next_at = NULL, error = $3 WHERE id = $1"
_AGAIN = "UPDATE medium SET next_at = $2, error = $3 WHERE id = $1 AND state = 'new'"


class Gone(Exception):  # noqa: N818 - what it is, not that it is one
    """It cannot be had: the provider does not have it, or its address is not the provider's. ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def keep(w: Work, channel: str, media: Sequence[Medium], request: RequestRow) -> None:
    """Note what is to be fetched for a request, in the transaction of the words that it came with."""
    for one in media:
        w.add(MediumRow(
            id=new_id(), channel=channel, case_id=request.case_id, request_id=request.id, kind=one.kind,
            source=vault.seal(msgspec.json.encode(one).decode(), "medium"), created_at=w.now, next_at=w.now,
        ))  # fmt: skip


async def fetch_due() -> int:
    """Fetch what is due; returns how many were attached. No connection is held while a provider is asked."""
    if not FETCHERS:
        return 0
    async with db.atomic() as connection:
        rows = [MediumRow(**r) for r in await connection.fetch(_CLAIM, clock.now(), list(FETCHERS), BATCH, LEASE)]
    return sum(await asyncio.gather(*map(_fetch, rows)))


async def _fetch(row: MediumRow) -> bool:
    try:
        medium = msgspec.json.decode(vault.unseal(row.source or b"", "medium"), type=Medium)
        data, _, name = await FETCHERS[row.channel](medium)
    except Gone as gone:
        await _give_up(row, "lost", gone.code)
    except Refusal as refusal:
        await _refuse(row, refusal)
    except Exception as error:  # noqa: BLE001 - whatever a provider does, the row stays and is tried again
        log.warning("a medium could not be fetched\n%s", plain(error))
        await _later(row, type(error).__name__)
    else:
        try:
            return await _attach(row, data, name or row.kind)
        except Refusal as refusal:
            await _refuse(row, refusal)
    return False


async def _refuse(row: MediumRow, refusal: Refusal) -> None:
    """What is no fit file stays refused; a missing key, say, is our own trouble and passes."""
    if refusal.status >= 500:
        await _later(row, refusal.code)
    else:
        await _give_up(row, "refused", refusal.code)


async def _attach(row: MediumRow, data: bytes, name: str) -> bool:
    async with db.atomic() as connection:
        if await connection.fetchval(_LOCKED, row.id) is None:
            return False  # erased meanwhile
        kept = await files.keep(
            connection, data, name, subject=("request", row.request_id), audience="requester", actor=CITIZEN,
            case_id=row.case_id,
        )  # fmt: skip
        await connection.execute(_KEPT, row.id, kept.id)
    return True


async def _later(row: MediumRow, code: str) -> None:
    if row.tries >= TRIES:
        await _give_up(row, "lost", code)
        return
    wait = timedelta(seconds=15 * 2**row.tries)
    async with db.atomic() as connection:
        await connection.execute(_AGAIN, row.id, clock.now() + wait, code)


async def _give_up(row: MediumRow, state: str, code: str) -> None:
    """Say on the case that something was sent that we do not have, while words can still be added to it."""
    async with work(SYSTEM) as w:
        if await w.connection.fetchval(_LOCKED, row.id) is None:
            return
        await w.connection.execute(_GIVEN_UP, row.id, state, code)
        file = await ledger.opened(w, case_id=row.case_id)
        request = file.requests.get(row.request_id)
        if request is None:
            return
        notify.send(w, file, request, "media_lost", key=f"media_lost:{row.id}", only=row.channel)
        why = "不能收下" if state == "refused" else "没能取到"
        try:
            words = f"（随消息发来的一个附件{why}，代码 {code}，已请诉求人重发。）"
            await verbs.add_words(w, file, request, words=words)
        except Refusal:
            log.info("a closed case is told of no lost attachment")
