"""Hand-over between shifts: what is open, what to watch; written by one, taken by the next with name and time.

A note is a draft until it is written, and nobody else's. Its items live on until somebody is done with them or carries
them into the next note. What people write is sealed: it names citizens and colleagues.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import asyncpg
import msgspec

from hotline import acts, city, clock, db, jobs, vault
from hotline.actor import Actor
from hotline.errors import Say, conflict, invalid, not_found
from hotline.ids import new_id

NAME = "shift"
DRAFT, WRITTEN, TAKEN = "draft", "written", "taken"
STATES: dict[str, Say] = {
    DRAFT: Say("草稿", "draft"),
    WRITTEN: Say("待接班", "not taken over yet"),
    TAKEN: Say("已接班", "taken over"),
}
SHIFTS: dict[str, Say] = {
    "early": Say("早班", "early shift"),
    "late": Say("中班", "late shift"),
    "night": Say("夜班", "night shift"),
}
MOST_ITEMS, LONGEST_ITEM = 40, 300
PAGE = 30
_SEALED = "shift_note"
_SAVE = """
INSERT INTO shift_note (id, author, state, shift, day, watch, facts, saved_at)
VALUES ($1, $2, 'draft', $3, $4, $5, '{}', $6)
ON CONFLICT (author) WHERE state = 'draft' DO UPDATE SET watch = $5, saved_at = $6 RETURNING id
"""
_NOTE = """
SELECT n.id, n.author, a.name AS author_name, n.state, n.shift, n.day, n.watch, n.facts, n.saved_at,
    n.written_at,
    n.taken_by, t.name AS taker_name, n.taken_at,
    (SELECT count(*) FROM shift_item i WHERE i.note = n.id)::int AS n_items, (SELECT count(*) FROM shift_item i
        WHERE i.note = n.id AND i.done_at IS NULL AND i.carried_to IS NULL)::int AS n_open
FROM shift_note n JOIN person a ON a.id = n.author LEFT JOIN person t ON t.id = n.taken_by
"""
_ITEM = """
SELECT i.id, i.note, i.words, i.since, i.carried, i.done_at, d.name AS done_name, i.carried_to
FROM shift_item i LEFT JOIN person d ON d.id = i.done_by
"""
_OPEN = f"""{_ITEM} JOIN shift_note n ON n.id = i.note
WHERE i.done_at IS NULL AND i.carried_to IS NULL AND n.state <> 'draft' ORDER BY i.since, i.place"""
_CARRIED = f"{_OPEN} FOR UPDATE OF i"
"""Whoever is done with an item, or carries it on, in the same moment waits: it goes one way only."""
_WRITE = """
UPDATE shift_note SET state = 'written', written_at = $2, saved_at = $2, facts = $3, shift = $4, day = $5 WHERE id = $1
"""
_TAKE = """
UPDATE shift_note SET state = 'taken', taken_by = $2, taken_at = $3
WHERE id = $1 AND state = 'written' AND author <> $2 RETURNING id
"""
_DONE = """
UPDATE shift_item i SET done_at = $2, done_by = $3 FROM shift_note n
WHERE i.id = $1 AND n.id = i.note AND n.state <> 'draft' AND i.done_at IS NULL AND i.carried_to IS NULL RETURNING i.note
"""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is open, done, or carried on; ``since`` is when it first stood in a note."""

    id: UUID
    note: UUID
    words: str
    since: datetime
    carried: int
    done_at: datetime | None
    done_name: str | None
    carried_to: UUID | None

    @property
    def is_open(self) -> bool:
        """Still to be done by whoever holds the shift."""
        return self.done_at is None and self.carried_to is None


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """One hand-over. ``facts`` are the figures of the moment it was written (``shift_facts.FACTS``)."""

    id: UUID
    author: UUID
    author_name: str
    state: str
    shift: str
    day: date
    watch: str
    facts: dict[str, int]
    saved_at: datetime
    written_at: datetime | None
    taken_by: UUID | None
    taker_name: str | None
    taken_at: datetime | None
    n_items: int
    n_open: int


def shift_of(moment: datetime) -> tuple[str, date]:
    """Which shift a moment belongs to, and of which day: a night that began before midnight is that day's."""
    here = clock.local(moment)
    starts = sorted(zip(str(city.current().rule("shift.starts")).split(), SHIFTS, strict=False))
    begun = [name for at, name in starts if at <= f"{here:%H:%M}"]
    if begun:
        return begun[-1], here.date()
    return starts[-1][1], here.date() - timedelta(days=1)


def _unsealed(data: bytes | None) -> str:
    return vault.unseal(data, _SEALED) if data else ""


def _note(row: asyncpg.Record) -> Note:
    facts = msgspec.json.decode(row["facts"], type=dict[str, int])
    return Note(**{**dict(row), "watch": _unsealed(row["watch"]), "facts": facts})


def _item(row: asyncpg.Record) -> Item:
    return Item(**{**dict(row), "words": _unsealed(row["words"])})


def lines_of(text: str) -> list[str]:
    """What was typed as items, a line each: blank ones left out. 422 for too many or too long."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_ITEMS:
        raise invalid({"items": Say(f"最多 {MOST_ITEMS} 条，请合并。", f"At most {MOST_ITEMS} items; join some.")})
    if any(len(line) > LONGEST_ITEM for line in lines):
        raise invalid({"items": Say(f"每条最多 {LONGEST_ITEM} 字。", f"At most {LONGEST_ITEM} characters an item.")})
    return lines


async def save(connection: db.Connection, actor: Actor, items: str, watch: str) -> UUID:
    """The actor's draft as it stands, in the caller's transaction. 422 as ``lines_of``."""
    lines, now = lines_of(items), clock.now()
    shift, day = shift_of(now)
    sealed = vault.seal(watch, _SEALED) if watch else None
    note: UUID = await connection.fetchval(_SAVE, new_id(), actor.id, shift, day, sealed, now)
    kept = [dict(row) for row in await connection.fetch(f"{_ITEM} WHERE i.note = $1 ORDER BY i.place", note)]
    known = {_unsealed(row["words"]): row for row in kept}
    await connection.execute("DELETE FROM shift_item WHERE note = $1", note)
    for place, words in enumerate(dict.fromkeys(lines)):
        before = known.get(words)
        await connection.execute(
            "INSERT INTO shift_item (id, note, place, words, since) VALUES ($1, $2, $3, $4, $5)",
            before["id"] if before else new_id(), note, place, vault.seal(words, _SEALED),
            before["since"] if before else now,
        )  # fmt: skip
    return note


async def draft(connection: db.Connection, person: UUID) -> tuple[Note, list[Item]] | None:
    """The person's draft with its items; None when there is none."""
    row = await connection.fetchrow(f"{_NOTE} WHERE n.author = $1 AND n.state = 'draft'", person)
    if row is None:
        return None
    return _note(row), await items(connection, row["id"])


async def items(connection: db.Connection, note: UUID) -> list[Item]:
    """A note's items in order."""
    return [_item(row) for row in await connection.fetch(f"{_ITEM} WHERE i.note = $1 ORDER BY i.place", note)]


async def open_items(connection: db.Connection) -> list[Item]:
    """What is open of every note that was handed over, the oldest first."""
    return [_item(row) for row in await connection.fetch(_OPEN)]


async def write(
    connection: db.Connection, actor: Actor, *, text: str, watch: str, carried: Sequence[UUID], facts: dict[str, int]
) -> UUID:
    """交班, in the caller's transaction: the draft becomes a note, with the open items that are carried on.

    422 when it says nothing at all.
    """
    if not text.strip() and not watch.strip() and not carried:
        say = Say("请写交接内容；没有要交代的，写“无”。", "Write what you hand over; if there is nothing, say so.")
        raise invalid({"items": say})
    note, now = await save(connection, actor, text, watch), clock.now()
    own = len(await items(connection, note))
    olds = [_item(row) for row in await connection.fetch(_CARRIED) if row["id"] in set(carried)] if carried else []
    for place, old in enumerate(olds, own):
        new = new_id()
        await connection.execute(
            "INSERT INTO shift_item (id, note, place, words, since, carried) VALUES ($1, $2, $3, $4, $5, $6)",
            new, note, place, vault.seal(old.words, _SEALED), old.since, old.carried + 1,
        )  # fmt: skip
        await connection.execute("UPDATE shift_item SET carried_to = $2 WHERE id = $1", old.id, new)
    shift, day = shift_of(now - timedelta(minutes=30))
    await connection.execute(_WRITE, note, now, msgspec.json.encode(facts).decode(), shift, day)
    await acts.note(connection, actor, "shift_handed_over", f"shift:{note}", {"items": own + len(olds)})
    return note


async def notes(connection: db.Connection, before: datetime | None = None) -> list[Note]:
    """The notes that were written, the latest first, one more than a page when there are older ones."""
    rows = await connection.fetch(
        f"{_NOTE} WHERE n.written_at IS NOT NULL AND ($1::timestamptz IS NULL OR n.written_at < $1)"
        f" ORDER BY n.written_at DESC, n.id LIMIT {PAGE + 1}", before,
    )  # fmt: skip
    return [_note(row) for row in rows]


async def waiting(connection: db.Connection) -> list[Note]:
    """Notes that nobody took over yet, the oldest first."""
    return [_note(row) for row in await connection.fetch(f"{_NOTE} WHERE n.state = 'written' ORDER BY n.written_at")]


async def one(connection: db.Connection, note: UUID, person: UUID) -> Note:
    """A note that was written, or the person's own draft; 404 for anything else."""
    row = await connection.fetchrow(f"{_NOTE} WHERE n.id = $1 AND (n.state <> 'draft' OR n.author = $2)", note, person)
    if row is None:
        raise not_found()
    return _note(row)


async def take(actor: Actor, note: UUID) -> None:
    """接班: the next one has read it. 409 for its author and for what somebody took over already."""
    async with db.atomic() as connection:
        await connection.fetchval("SELECT id FROM shift_note WHERE id = $1 FOR UPDATE", note)
        found = await one(connection, note, actor.id)
        if found.author in actor.persons:
            raise conflict("own", "交班人不能自己接班。", "Whoever hands over does not take over.")
        if await connection.fetchval(_TAKE, note, actor.id, clock.now()) is None:
            who = found.taker_name or ""
            raise conflict("taken", f"{who}已经接班。", f"{who} took it over already.")
        await acts.note(connection, actor, "shift_taken_over", f"shift:{note}")
    await jobs.publish("live", NAME)


async def finish(actor: Actor, item: UUID) -> UUID:
    """One item is done; the note that it stands in. 409 when it was done or carried on."""
    async with db.atomic() as connection:
        note: UUID | None = await connection.fetchval(_DONE, item, clock.now(), actor.id)
    if note is None:
        raise conflict("moved_on", "这一条已经办完或已转到下一班。", "This is done, or was carried on.")
    await jobs.publish("live", NAME)
    return note
