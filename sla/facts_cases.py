"""The cases behind a figure, as far as the viewer may see them; and how many more there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

import msgspec

from cases import scope
from cases.of_case import CASE, OfCase
from hotline import db
from hotline.actor import Actor
from sla.facts_sums import CELLS, DIMENSIONS
from sla.measures import MEASURES

SIZE = 50
_SHOWN = f"f.subject, f.day, f.unit, f.good, f.minutes, f.excluded, c.id, {CASE}"
_TOLD = {frozenset(one for one in cell if one) for cell in CELLS}


class Behind(OfCase, frozen=True, kw_only=True):
    """One fact with its case. ``good``: in the numerator; ``excluded``: why it counts in nothing."""

    id: UUID
    subject: UUID
    day: date
    unit: str
    good: bool
    minutes: int | None
    excluded: str | None


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A page of cases, the last day first; ``hidden`` facts are of cases that the viewer may not see.

    How many are hidden is told of a figure that the boards show, of no finer one (None): by narrowing further and
    further whoever may not see a report could ask where and about what there is one.

    ``next`` is given to ``after`` for the rest; None where there is none.
    """

    cases: list[Behind]
    hidden: int | None
    next: tuple[date, UUID] | None


async def cases(
    connection: db.Connection,
    actor: Actor,
    measure: str,
    first: date,
    end: date,
    *,
    unit: str = "",
    units: Sequence[str] = (),
    where: Mapping[str, str] | None = None,
    good: bool | None = None,
    put_aside: bool = False,
    after: tuple[date, UUID] | None = None,
    size: int = SIZE,
) -> Found:
    """The facts of the local days from ``first`` up to, not including, ``end``, each with its case.

    ``units``: of a house; ``where`` narrows by the store's dimensions; ``good`` keeps one side of a rate; ``put_aside``
    asks for those that count in nothing. Raises ValueError for what the store does not keep.
    """
    narrowed = {**(where or {}), **({"unit": unit} if unit else {})}
    if measure not in MEASURES or not set(narrowed) <= set(DIMENSIONS):
        msg = f"the store keeps no such figure: {measure} by {sorted(narrowed)}"
        raise ValueError(msg)
    args: list[object] = [measure, first, end]
    parts = ["f.measure = $1", "f.day >= $2", "f.day < $3"]
    for name, value in narrowed.items():
        args.append(value)
        parts.append(f"f.{name} = ${len(args)}")
    if units:
        args.append(list(units))
        parts.append(f"f.unit = ANY(${len(args)}::text[])")
    if good is not None:
        parts.append("f.good" if good else "NOT f.good")
    parts.append("f.excluded IS NOT NULL" if put_aside else "f.excluded IS NULL")
    may_see, more = scope.condition(actor, len(args) + 1)
    args += more
    source = f"FROM fact f JOIN cases c ON c.id = f.case_id WHERE {' AND '.join(parts)}"
    unseen = f"SELECT count(*) {source} AND NOT coalesce({may_see}, FALSE)"
    hidden = await connection.fetchval(unseen, *args) if frozenset(narrowed) in _TOLD else None
    if after is not None:
        source += f" AND (f.day, f.subject) < (${len(args) + 1}, ${len(args) + 2})"
        args += after
    rows = await connection.fetch(
        f"SELECT {_SHOWN} {source} AND {may_see} ORDER BY f.day DESC, f.subject DESC LIMIT {int(size) + 1}", *args
    )
    found = [Behind(**row) for row in rows[:size]]
    last = (found[-1].day, found[-1].subject) if len(rows) > size else None
    return Found(cases=found, hidden=hidden, next=last)
