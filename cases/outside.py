"""Ratings from elsewhere, of counters, bodies and third parties: taken in once, shown apart, never a case's."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from cases import outside_sheet, scope
from cases.outside_sheet import Fault, Line
from hotline import acts, city, db
from hotline.actor import Actor
from hotline.errors import Say, invalid, not_found
from hotline.ids import new_id
from hotline.permissions import may
from hotline.work import Work

KINDS: dict[str, Say] = {
    "counter": Say("窗口评价", "Counters"),
    "third": Say("第三方评估", "Third parties"),
    "body": Say("单位评议", "Bodies"),
}
LONGEST_SOURCE = 60
_INSERT = """
    INSERT INTO outside_rating (id, import_id, kind, source, source_no, unit, place, day, scale, raw, grade, score)
    SELECT x.id, $1, $2, $3, x.no, x.unit, x.place, x.day, x.scale, x.raw, x.grade, x.score
    FROM unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::date[], $9::text[], $10::text[], $11::text[],
        $12::numeric[]) AS x (id, no, unit, place, day, scale, raw, grade, score)
"""
_KNOWN = """
    SELECT kind, source_no, unit, place, day, scale, raw FROM outside_rating
    WHERE source = $1 AND source_no = ANY($2::text[])
"""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a file: how many rows it had, made anew, known before, refused. ``id`` None: only tried."""

    id: UUID | None
    read: int
    made: int
    known: int
    refused: list[Fault]


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """A file to be taken in: its bytes and name, whose ratings they are, from which source, in which scale."""

    data: bytes
    name: str
    kind: str
    source: str
    scale: str


async def take_in(work: Work, given: Given, *, dry: bool = False) -> Outcome:
    """Take in what is new of a file; ``dry`` only says what would become of it. A second run makes nothing.

    A row is known by source and id. Raises the 422 refusal for a file that is no such sheet.
    """
    source = " ".join(given.source.split())
    if not 0 < len(source) <= LONGEST_SOURCE:
        raise invalid({"source": Say("请写来源，60 字以内。", "Name the source, at most 60 characters.")})
    if given.kind not in KINDS:
        raise invalid({"kind": Say("请选是哪一种评价。", "Choose whose ratings they are.")})
    if len(given.data) > outside_sheet.MOST_BYTES:
        raise invalid({"sheet": Say("文件超过 5 MB，请分开导入。", "Larger than 5 MB; split the file.")})
    good, refused, read = await asyncio.to_thread(outside_sheet.read, given.data, given.name, given.scale)
    if not dry:  # two who take in the same at once, in whatever order of rows: the second finds what the first made
        await work.connection.execute("SELECT pg_advisory_xact_lock(hashtext('outside_rating'), hashtext($1))", source)
    fresh, known, differing = await _sorted(work.connection, given.kind, source, good)
    refused = sorted([*refused, *differing], key=lambda one: one.row)
    if dry:
        return Outcome(id=None, read=read, made=len(fresh), known=known, refused=refused)
    batch = new_id()
    await work.connection.execute(
        "INSERT INTO rating_import (id, kind, source, file, digest, at, by, read, made, known, refused)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        batch, given.kind, source, given.name[-120:], hashlib.sha256(given.data).digest(), work.now, work.actor.id,
        read, len(fresh), known, msgspec.json.encode(refused).decode(),
    )  # fmt: skip
    made = len(fresh)
    await _insert(work.connection, batch, given.kind, source, fresh)
    await acts.note(
        work, work.actor, "ratings_imported", f"rating_import:{batch}",
        {"rating_kind": given.kind, "count": made, "refused": len(refused)},
    )  # fmt: skip
    return Outcome(id=batch, read=read, made=made, known=known, refused=refused)


async def _sorted(
    connection: db.Connection, kind: str, source: str, good: list[Line]
) -> tuple[list[Line], int, list[Fault]]:
    """What is new, how many are known as they are, and those that came before with other contents."""
    rows = await connection.fetch(_KNOWN, source, [one.no for one in good])
    held = {row["source_no"]: tuple(row.values()) for row in rows}
    fresh = [one for one in good if one.no not in held]
    same = {
        one.no for one in good
        if held.get(one.no) == (kind, one.no, one.unit, one.place, one.day, one.scale, one.raw)
    }  # fmt: skip
    differing = [
        Fault(row=one.row, no=one.no[:40], code="differs", column="no", value=one.no[:40])
        for one in good if one.no in held and one.no not in same
    ]  # fmt: skip
    return fresh, len(same), differing


async def _insert(connection: db.Connection, batch: UUID, kind: str, source: str, fresh: list[Line]) -> None:
    columns: list[list[object]] = [[new_id() for _ in fresh]]
    columns += [[getattr(one, name) for one in fresh] for name in (
        "no", "unit", "place", "day", "scale", "raw", "grade", "score",
    )]  # fmt: skip
    await connection.execute(_INSERT, batch, kind, source, *columns)


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """How often each grade was given to a unit by a source, and the mean of its scores where it gives scores."""

    unit: str
    source: str
    satisfied: int
    basically_satisfied: int
    neutral: int
    dissatisfied: int
    scores: int
    mean: Decimal | None
    last: date


async def tallies(
    connection: db.Connection, actor: Actor, kind: str, first: date, end: date
) -> Sequence[Tally]:
    """By unit and source what was given from ``first`` to before ``end``, within the actor's reach."""
    where, args = _reach(actor, 4)
    rows = await connection.fetch(
        "SELECT unit, source, " + ", ".join(
            f"count(*) FILTER (WHERE grade = '{grade}') AS {grade}"
            for grade in ("satisfied", "basically_satisfied", "neutral", "dissatisfied")
        ) + ", count(score) AS scores, round(avg(score), 2) AS mean, max(day) AS last FROM outside_rating"
        f" WHERE kind = $1 AND day >= $2 AND day < $3 AND {where} GROUP BY unit, source ORDER BY unit, source",
        kind, first, end, *args,
    )  # fmt: skip
    return [Tally(**row) for row in rows]


class Single(msgspec.Struct, frozen=True, kw_only=True):
    """One imported rating as it is exported."""

    kind: str
    source: str
    source_no: str
    unit: str
    place: str
    day: date
    scale: str
    raw: str
    grade: str | None
    score: Decimal | None


async def singles(
    connection: db.Connection, actor: Actor, kind: str, first: date, end: date, size: int
) -> Sequence[Single]:
    """The imported ratings one by one, the last day first, within the actor's reach."""
    where, args = _reach(actor, 5)
    rows = await connection.fetch(
        "SELECT kind, source, source_no, unit, place, day, scale, raw, grade, score FROM outside_rating"
        f" WHERE kind = $1 AND day >= $2 AND day < $3 AND {where} ORDER BY day DESC, source, source_no LIMIT $4",
        kind, first, end, size, *args,
    )  # fmt: skip
    return [Single(**row) for row in rows]


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """One import as the list shows it."""

    id: UUID
    kind: str
    source: str
    file: str
    at: datetime
    by: UUID
    read: int
    made: int
    known: int
    refused: int


async def batches(connection: db.Connection, size: int = 50) -> Sequence[Batch]:
    """The imports, the last first."""
    rows = await connection.fetch(
        "SELECT id, kind, source, file, at, by, read, made, known, jsonb_array_length(refused) AS refused"
        " FROM rating_import ORDER BY at DESC, id LIMIT $1", size,
    )  # fmt: skip
    return [Batch(**row) for row in rows]


async def refusals(connection: db.Connection, batch: UUID) -> list[Fault]:
    """The refused rows of an import; 404 when there is no such import."""
    found = await connection.fetchval("SELECT refused FROM rating_import WHERE id = $1", batch)
    if found is None:
        raise not_found()
    return msgspec.json.decode(found, type=list[Fault])


def _reach(actor: Actor, first: int) -> tuple[str, list[object]]:
    """The whole city, a county's units, or the own units; whoever may import sees all that is imported."""
    own = scope.scope_of(actor)
    if own.city or may(actor, "rating.import"):
        return "TRUE", []
    units = list(city.current().subtree(own.county)) if own.county else list(actor.units)
    return f"unit = ANY(${first}::text[])", [units]
