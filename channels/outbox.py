"""What leaves the building: due rows are claimed, given to their door and marked; a door away is tried again.

No connection and no transaction is held while a provider is asked. Each door is claimed and sent by itself, at its own
pace, so that a slow one holds up no other. What becomes of a try: ``channels.outcomes``.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

import msgspec

from cases.file import CaseFile, Entry
from channels import hours, outcomes, receivers, silence
from channels.carrier import Facts, NotSentError, Outgoing, Sender
from channels.outcomes import Outcome, status
from channels.rows import OutboxRow
from hotline import city, clock, db, vault
from hotline.errors import Refusal
from hotline.work import Work

__all__ = ["SENDERS", "deliver_due", "on_erased", "status"]

SENDERS: dict[str, Sender] = {}
"""The doors of this installation by channel. A channel without one keeps its messages; operations says so."""

BATCH = 50
AHEAD = 4.0
"""Seconds of a door's pace that one claim may take: a hundred processes share it, none hoards it."""
LEAD = 20.0
"""Seconds of its pace that may be taken already when more is claimed: what is claimed leaves well within its lease."""
FLIGHTS = 16
"""Messages of one door on their way at once."""
LANES = {"webhook": receivers.RUN}
"""Of these to one receiver: a partner whose machine hangs leaves the other turns to other partners."""
PATIENCE = 20.0
"""Seconds that a provider may take for one message."""
RATE = 20.0
"""Messages a second by a door that has no rule of its own."""
LEASE = timedelta(seconds=180)
"""A claimed message whose process died comes back after this; its key stays the same."""
BUDGET = 40.0
"""Seconds after which a door claims no more in this run: the next one goes on."""
LAST_WORDS = frozenset({"stopped"})
"""What is said even to whoever wants no more: that we heard it."""
MARGIN = 30.0
"""Seconds before the end of its lease after which nothing is given to a provider any more."""
GOODBYE = 12.0
"""Seconds that a process which is asked to end gives what it is just sending; ``hotline up`` kills it after 15."""
_RETRY = (1.0, 2.0, 4.0, *(8.0,) * 17)
"""Seconds between tries to note what was sent while PostgreSQL is away: as long as the lease, under which nobody else
sends it; what is not noted by then is sent again.
"""
_COLUMNS = ", ".join(f"m.{one}" for one in OutboxRow.__struct_fields__)
_DOOR = "SELECT later_run, paused_until, free_at FROM door WHERE channel = $1 FOR UPDATE"
_NEW_DOOR = "INSERT INTO door (channel) VALUES ($1) ON CONFLICT DO NOTHING"
_FREE = "UPDATE door SET free_at = $2 WHERE channel = $1"
_CLAIM = f"""
    WITH due AS (
        SELECT id FROM outbox_message
        WHERE state = 'queued' AND next_at <= $1 AND channel = $2 AND (NOT is_waking OR NOT $5)
        ORDER BY next_at, id LIMIT $3 FOR UPDATE SKIP LOCKED)
    UPDATE outbox_message m SET tries = tries + 1, next_at = $4 FROM due WHERE m.id = due.id RETURNING {_COLUMNS}
"""
_RELEASE = """
    UPDATE outbox_message SET tries = tries - 1, next_at = $2 WHERE id = $1 AND state = 'queued' AND next_at = $3
"""
_ERASED = """
    UPDATE outbox_message SET address = NULL, facts = NULL, body = ''::bytea, next_at = NULL,
        state = CASE WHEN state = 'queued' THEN 'dropped' ELSE state END,
        error = CASE WHEN state = 'queued' THEN 'erased' ELSE error END
    WHERE case_id = $1
"""
_busy: set[str] = set()
"""Doors that this process is sending by just now: a slow one takes one job, not all of them."""
_going_on: set[asyncio.Task[None]] = set()
"""Messages between their sending and their note whose job was ended."""
_read_facts = msgspec.json.Decoder(Facts).decode
T = TypeVar("T")


async def deliver_due() -> int:
    """Send what is due by every door that is not being served already; returns how many messages went."""
    doors = [one for one in SENDERS if one not in _busy]
    done = await asyncio.gather(*(_serve(one) for one in doors), return_exceptions=True)
    for one in done:
        if isinstance(one, BaseException):
            raise one
    return sum(one for one in done if isinstance(one, int))


async def _serve(channel: str) -> int:
    _busy.add(channel)
    sent, until = 0, time.monotonic() + BUDGET
    try:
        while time.monotonic() < until and (claimed := await claim(channel)):
            sent += await _send_all(channel, claimed)
    finally:
        _busy.discard(channel)
    return sent


async def claim(channel: str) -> list[tuple[OutboxRow, float]]:
    """Take what is due for a door, each with the seconds to wait for its turn; nothing while the door pauses.

    The door's row is locked for the moment, so that all processes together keep its rate. A door that failed several
    times in a row gets one message: whether it is back.
    """
    now, rate = clock.now(), _rate(channel)
    async with db.atomic() as connection:
        door = await connection.fetchrow(_DOOR, channel)
        if door is None:
            await connection.execute(_NEW_DOOR, channel)
            door = await connection.fetchrow(_DOOR, channel)
        if door["paused_until"] is not None and door["paused_until"] > now:
            return []
        first = _first(door["free_at"], now)
        lead = (first - now).total_seconds()
        if lead > LEAD:
            return []
        most = 1 if door["later_run"] >= outcomes.RUN else max(1, min(BATCH, int(rate * AHEAD)))
        found = await connection.fetch(_CLAIM, now, channel, most, now + LEASE, hours.is_quiet(now))
        if not found:
            return []
        await connection.execute(_FREE, channel, first + timedelta(seconds=len(found) / rate))
    rows = sorted((OutboxRow(**one) for one in found), key=lambda one: (one.created_at, one.id))
    return [(row, lead + n / rate) for n, row in enumerate(rows)]


def _rate(channel: str) -> float:
    """Messages a second by this door, all processes together."""
    rule = city.current().rules.get(f"message.rate.{channel}")
    return max(float(rule.value), 0.1) if rule is not None else RATE


def _first(free_at: datetime | None, now: datetime) -> datetime:
    """When the next message may leave; a time far off was written under another clock."""
    return now if free_at is None or free_at < now or free_at > now + LEASE else free_at


async def _send_all(channel: str, claimed: Sequence[tuple[OutboxRow, float]]) -> int:
    """Send what was claimed, some side by side; what is left when the door begins to pause goes back unharmed."""
    rows = {row.id: row for row, _ in claimed}
    messages, unreadable = _opened(rows)
    async with db.reading() as connection:
        silent = await silence.among(connection, channel, {key: one.address for key, one in messages.items()})
    for key in silent:
        if messages[key].name not in LAST_WORDS:
            await outcomes.drop(rows[key], "silent")
            del messages[key]
    flight = _Flight(channel, claimed[0][0].next_at)
    waits = {row.id: wait for row, wait in claimed}
    done = await asyncio.gather(
        *(flight.send(rows[key], one, waits[key]) for key, one in messages.items()),
        *(_noted(rows[key], outcome) for key, outcome in unreadable.items()),
        return_exceptions=True,
    )
    if flight.left:
        async with db.atomic() as connection:
            await connection.executemany(_RELEASE, [(key, at, flight.lease) for key, at in flight.left])
    for one in done:
        if isinstance(one, BaseException):
            raise one
    return flight.sent


def _opened(rows: dict[UUID, OutboxRow]) -> tuple[dict[UUID, Outgoing], dict[UUID, Outcome]]:
    """The messages in the clear; one that cannot be read is tried again later and keeps back no other."""
    messages, unreadable = {}, {}
    for key, row in rows.items():
        try:
            messages[key] = outgoing(row)
        except (Refusal, msgspec.MsgspecError) as error:
            code = error.code if isinstance(error, Refusal) else "facts"
            unreadable[key] = Outcome(kind=outcomes.LATER, code=code, is_ours=True)
    return messages, unreadable


def outgoing(row: OutboxRow) -> Outgoing:
    """The row as a door gets it. Raises the refusal of ``vault.unseal``."""
    return Outgoing(
        id=row.id, key=row.key, channel=row.channel, name=row.name or row.key.partition(":")[0],
        address=vault.unseal(row.address, "outbox") if row.address else "", text=vault.unseal(row.body, "outbox"),
        facts=_read_facts(vault.unseal(row.facts, "outbox")) if row.facts else Facts(), case_id=row.case_id,
        request_id=row.request_id,
    )  # fmt: skip


class _Flight:
    """The messages of one claim on their way; ``left`` are those that were kept here, and when they are due again."""

    def __init__(self, channel: str, lease: datetime | None) -> None:
        self.channel = channel
        self.lease = lease
        self.until = time.monotonic() + LEASE.total_seconds() - PATIENCE - MARGIN
        self.turn = asyncio.Semaphore(FLIGHTS)
        most = LANES.get(channel, FLIGHTS)
        self.lanes: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(most))
        self.sent = 0
        self.left: list[tuple[UUID, datetime]] = []
        self.is_paused = False

    async def send(self, row: OutboxRow, message: Outgoing, wait: float) -> None:
        """Wait for its turn, give it to the door, note what became of it."""
        if wait > 0:
            await asyncio.sleep(wait)
        async with self.lanes[message.address], self.turn:
            again = self._kept(message.address)
            if again is None:
                await _carried_through(self._sent(row, message))
            else:
                self.left.append((row.id, again))

    def _kept(self, address: str) -> datetime | None:
        """When it is due again, if it does not leave now: the door or its receiver rests, or its lease runs out."""
        now = clock.now()
        if self.is_paused or time.monotonic() > self.until:
            return now
        rest = receivers.rest(self.channel, address, now)
        return now + timedelta(seconds=rest) if rest else None

    async def _sent(self, row: OutboxRow, message: Outgoing) -> None:
        outcome = await tried(SENDERS[self.channel], message)
        if outcome.is_ours:
            receivers.missed(self.channel, message.address, clock.now())
        elif outcome.kind != outcomes.LATER:
            receivers.heard(self.channel, message.address)
        try:
            # within its turn: while nothing can be noted nothing more is sent
            self.is_paused = await _noted(row, outcome, message.address) or self.is_paused
        except BaseException:
            self.is_paused = True
            raise
        self.sent += outcome.kind == outcomes.SENT


async def _carried_through(one: Coroutine[None, None, None]) -> None:
    """Do it whole, also when this job is ended in the middle: what was sent and is not noted would be sent again."""
    task = asyncio.ensure_future(one)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        _going_on.add(task)
        task.add_done_callback(_going_on.discard)
        await asyncio.wait({task}, timeout=GOODBYE)
        raise


async def tried(sender: Sender, message: Outgoing) -> Outcome:
    """One try, and how it went; whatever else a provider's adapter raises is a failure that passes."""
    began = time.monotonic()
    try:
        async with asyncio.timeout(PATIENCE):
            provider_id = await sender(message)
    except NotSentError as error:
        kind, code, after, is_ours = error.outcome, error.code[:40], error.after, error.is_one
    except Exception as error:  # noqa: BLE001 - the row stays and is tried again
        kind, code, after, is_ours = outcomes.LATER, type(error).__name__, None, False
    else:
        return Outcome(kind=outcomes.SENT, provider_id=provider_id, seconds=time.monotonic() - began)
    return Outcome(kind=kind, code=code, after=after, seconds=time.monotonic() - began, is_ours=is_ours)


async def _noted(row: OutboxRow, outcome: Outcome, address: str = "") -> bool:
    """``outcomes.mark``, also after a while in which PostgreSQL was away."""
    return await _insisted(lambda: outcomes.mark(row, outcome, address))


async def _insisted(call: Callable[[], Awaitable[T]]) -> T:
    for pause in _RETRY:
        try:
            return await call()
        except db.AWAY:
            await asyncio.sleep(pause)
    return await call()


async def on_erased(work: Work, file: CaseFile, _: Entry) -> None:
    """Numbers and words go from what was sent, too, and what was not sent is not sent any more (rules.md 5)."""
    await work.connection.execute(_ERASED, file.case.id)
