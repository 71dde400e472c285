"""Changes of the dispatch catalogue: a line from a day on, its end, a whole sheet. None rewrites the past.

Each is an edition. Who did it is noted by the caller, in the same transaction.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence
from datetime import date, timedelta
from typing import Any

import msgspec

from hotline import city, clock, db
from hotline.actor import Actor
from hotline.errors import Refusal, Say, invalid, not_found
from routing import book
from routing.book import Book, Key, Line
from routing.catalogue_faults import day_fault, faults

OVERLAP = Say(
    "这一天起已经有一条同样事项、地点、诉求人的目录，请改那一条。",
    "A line for this matter, place and requester stands on those days already: change that one.",
)
PAST = Say(
    "生效日期不能早于今天：过去怎么派的，按当时的目录。",
    "It cannot take effect before today: the past keeps the catalogue of its day.",
)


@contextlib.asynccontextmanager
async def changing() -> AsyncIterator[tuple[db.Connection, Book]]:
    """A transaction in which nobody else changes the catalogue, and the catalogue as it stands in it."""
    async with db.atomic() as connection:
        await connection.execute("SELECT version FROM routing_version FOR UPDATE")
        yield connection, await book.read(connection)


async def edition(
    connection: db.Connection, actor: Actor, from_day: date, *, source: str, basis: str = "", source_id: str = ""
) -> int:
    """A new edition: who changed the catalogue from which day, and on the strength of what."""
    number: int = await connection.fetchval(
        "INSERT INTO catalogue_edition (source, source_id, from_day, author, at, basis) VALUES ($1, $2, $3, $4, $5, $6)"
        " RETURNING id",
        source, source_id, from_day, actor.id, clock.now(), basis,
    )  # fmt: skip
    return number


async def write(
    connection: db.Connection, standing: Book, actor: Actor, line: Line, *, source: str = "edit", source_id: str = "",
    basis: str = "", instead_of: int | None = None,
) -> int:  # fmt: skip
    """Put a line in force from its day on; its id. ``instead_of`` is the version that it follows or replaces.

    The old version keeps its days before; one that had not run a whole day is withdrawn. 422 by field, also for an
    overlap with another version. Call within ``changing()``.
    """
    wrong = faults(line, city.current())
    if line.valid_from < clock.today():
        wrong["valid_from"] = PAST
    others = [one for one in standing.versions(line.key) if one.id != instead_of and _meet(one, line)]
    later = [one for one in others if one.valid_from > line.valid_from]
    if others and not wrong:
        wrong["valid_to" if later else "matter"] = _planned(later[0]) if later else OVERLAP
    if wrong:
        raise invalid(wrong, "overlap" if others else "invalid")
    number = await edition(connection, actor, line.valid_from, source=source, basis=basis, source_id=source_id)
    if instead_of is not None:
        old = standing.by_id(instead_of)
        if old is None or old.key != line.key:
            raise not_found()
        await _cut(connection, old, line.valid_from, number)
    return await _insert(connection, line, number)


async def end(connection: db.Connection, standing: Book, actor: Actor, line: int, last_day: date) -> None:
    """The line holds until ``last_day``; one that has not begun by then is withdrawn. 404, or 422 by field."""
    old = standing.by_id(line)
    if old is None:
        raise not_found()
    if wrong := PAST if last_day < clock.today() - timedelta(days=1) else day_fault(last_day):
        raise invalid({"last_day": wrong})
    if old.valid_to is not None and old.valid_to <= last_day:
        say = Say("它在这一天之前已经结束。", "It ends before that day already.")
        raise Refusal(422, "unchanged", say, fields={"last_day": say})
    number = await edition(connection, actor, last_day + timedelta(days=1), source="edit")
    await _cut(connection, old, last_day + timedelta(days=1), number)


class Difference(msgspec.Struct, frozen=True):
    """What a sheet changes from its day on: new lines, old lines with what stands in their place, and what ends."""

    added: tuple[Line, ...]
    changed: tuple[tuple[Line, Line], ...]
    ended: tuple[Line, ...]
    same: int

    @property
    def is_any(self) -> bool:
        """Whether the sheet changes anything at all."""
        return bool(self.added or self.changed or self.ended)


def difference(standing: Book, wanted: Sequence[Line], from_day: date) -> Difference:
    """The catalogue from ``from_day`` on, beside the whole sheet that is to stand in its place."""
    old = {_face(one, from_day): one for one in standing.lines if one.valid_to is None or one.valid_to >= from_day}
    new = {_face(one, from_day): one for one in wanted}
    gone = {face: one for face, one in old.items() if face not in new}
    fresh = [one for face, one in new.items() if face not in old]
    by_key: dict[Key, list[Line]] = {}
    for one in gone.values():
        by_key.setdefault(one.key, []).append(one)
    changed: list[tuple[Line, Line]] = []
    added: list[Line] = []
    for one in fresh:
        before = by_key.get(one.key)
        if before:
            changed.append((before.pop(0), one))
        else:
            added.append(one)
    ended = [one for rest in by_key.values() for one in rest]
    return Difference(tuple(added), tuple(changed), tuple(ended), len(new) - len(fresh))


async def put_in_force(
    connection: db.Connection, actor: Actor, change: Difference, from_day: date, *, basis: str = ""
) -> int:
    """A whole sheet as an edition of its own; its number. Call within ``changing()``, as it was checked there."""
    number = await edition(connection, actor, from_day, source="sheet", basis=basis)
    for old in (*change.ended, *(old for old, _ in change.changed)):
        await _cut(connection, old, from_day, number)
    for line in (*change.added, *(new for _, new in change.changed)):
        await _insert(connection, clipped(line, from_day), number)
    return number


def after(standing: Book, change: Difference, from_day: date) -> Book:
    """The catalogue as it will stand once the change is in force; what is new has the id 0 in it."""
    gone = {one.id for one in (*change.ended, *(old for old, _ in change.changed))}
    kept = [one if one.id not in gone else _shortened(one, from_day) for one in standing.lines]
    new = [clipped(one, from_day) for one in (*change.added, *(new for _, new in change.changed))]
    return Book([one for one in kept if one is not None] + new, standing.version)


def clipped(line: Line, from_day: date) -> Line:
    """The line as it begins no earlier than a day."""
    return msgspec.structs.replace(line, valid_from=max(line.valid_from, from_day))


def _shortened(line: Line, from_day: date) -> Line | None:
    if line.valid_from >= from_day:
        return None
    return msgspec.structs.replace(line, valid_to=from_day - timedelta(days=1))


def _face(line: Line, from_day: date) -> tuple[Any, ...]:
    """All that a sheet says of a line from a day on: equal faces need no change."""
    one = clipped(line, from_day)
    return (*one.key, one.lead, one.co_handlers, one.tier, one.route, one.valid_from, one.valid_to)


def _planned(later: Line) -> Say:
    return Say(
        f"自 {later.valid_from} 起已经安排了一条，请写在那之前的最后一天，或先撤回那一条。",
        f"A version is planned from {later.valid_from} on: give a last day before it, or withdraw that one first.",
    )


def _meet(one: Line, other: Line) -> bool:
    """Whether there is a day on which both stand."""
    return (one.valid_to is None or other.valid_from <= one.valid_to) and (
        other.valid_to is None or one.valid_from <= other.valid_to
    )


async def _cut(connection: db.Connection, old: Line, from_day: date, number: int) -> None:
    """The old version does not stand from ``from_day`` on: it ends the day before, or never ran and is withdrawn."""
    is_withdrawn = old.valid_from >= from_day
    await connection.execute(
        "UPDATE catalogue_line SET valid_to = CASE WHEN $3 THEN valid_to ELSE $2 END, is_withdrawn = $3, ended_by = $4"
        " WHERE id = $1",
        old.id, from_day - timedelta(days=1), is_withdrawn, number,
    )  # fmt: skip


async def _insert(connection: db.Connection, line: Line, number: int) -> int:
    found: int = await connection.fetchval(
        "INSERT INTO catalogue_line (matter, place, requester, lead, co_handlers, tier, route, valid_from, valid_to,"
        " edition) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id",
        *line.key, line.lead, list(line.co_handlers), line.tier, line.route, line.valid_from, line.valid_to, number,
    )  # fmt: skip
    return found
