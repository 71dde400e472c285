"""Figures of return visits: reach, valid visits, first and final satisfaction, tries by hour, by caller.

Unreached and unrated are two things (domain.md 2.9): the one was not spoken to, the other was and gave no grade.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from cases import grades, scope
from hotline import db
from hotline.actor import Actor

FEW = 30
"""Under so many a rate is listed, not compared."""
_ENDED = """
SELECT count(*) AS requests,
    count(*) FILTER (WHERE r.visit_channel IN ('phone', 'site')) AS called,
    count(*) FILTER (WHERE r.visit_channel NOT IN ('phone', 'site')) AS answered,
    count(*) FILTER (WHERE r.exempt_by = 'tries') AS unreached,
    count(*) FILTER (WHERE r.exempt_by = 'refused') AS refused,
    count(*) FILTER (WHERE r.exempt_by = 'no_contact') AS no_contact,
    count(*) FILTER (WHERE r.exempt_by = 'sample') AS sampled,
    count(*) FILTER (WHERE r.visit_channel IS NOT NULL AND r.final_grade IS NULL
        AND NOT EXISTS (SELECT FROM rating t WHERE t.request_id = r.id AND t.annulled_at IS NOT NULL)) AS unrated,
    count(*) FILTER (WHERE r.visit_channel IS NOT NULL AND r.final_grade IS NOT NULL) AS valid,
    count(r.first_grade) AS rated, count(r.final_grade) AS last_rated,
    count(*) FILTER (WHERE r.first_grade = ANY($3::text[])) AS first_satisfied,
    count(*) FILTER (WHERE r.final_grade = ANY($3::text[])) AS final_satisfied
FROM request r JOIN cases c ON c.id = r.case_id
WHERE c.closed_at >= $1 AND c.closed_at < $2 AND (r.visit_channel IS NOT NULL OR r.exempt_by IS NOT NULL) AND {scope}
"""
_ANNULLED = """EXISTS (SELECT FROM rating t WHERE t.request_id = v.request_id AND t.annulled_at IS NOT NULL
    AND t.channel = 'visit' AND t.at >= v.at AND NOT EXISTS (SELECT FROM visit w WHERE w.request_id = v.request_id
        AND w.grade IS NOT NULL AND w.at > v.at AND w.at <= t.at))"""
"""Whether the grade that this visit recorded was annulled by an audit: it counts nowhere, for its caller neither."""
_TRIES = """
SELECT {key} AS key, count(*) AS tries,
    count(*) FILTER (WHERE v.outcome IN ('reached', 'refused', 'later')) AS reached,
    count(*) FILTER (WHERE v.outcome = 'reached' AND v.grade IS NOT NULL AND NOT {annulled}) AS valid,
    count(*) FILTER (WHERE v.outcome = 'reached' AND v.grade IS NULL) AS unrated,
    count(*) FILTER (WHERE v.outcome = 'unreached') AS unreached,
    count(*) FILTER (WHERE v.outcome = 'refused') AS refused,
    count(*) FILTER (WHERE v.outcome = 'reached' AND v.grade = ANY($3::text[]) AND NOT {annulled}) AS satisfied
FROM visit v JOIN cases c ON c.id = v.case_id
WHERE v.at >= $1 AND v.at < $2 AND v.outcome <> 'answered' AND {scope} GROUP BY 1 ORDER BY 1
"""
_HOUR = "extract(hour FROM v.at AT TIME ZONE 'Asia/Shanghai')::int"


def share(part: int, whole: int) -> float | None:
    """A percentage; None of nothing."""
    return 100 * part / whole if whole else None


class Whole(msgspec.Struct, frozen=True, kw_only=True):
    """Requests of the cases closed in a period, by how their visit ended."""

    requests: int
    called: int
    answered: int
    unreached: int
    refused: int
    no_contact: int
    sampled: int
    unrated: int
    valid: int
    rated: int
    last_rated: int
    first_satisfied: int
    final_satisfied: int

    @property
    def due(self) -> int:
        """Those that were to be called: not those without a way to be reached, nor those not drawn."""
        return self.called + self.answered + self.unreached + self.refused

    @property
    def reach(self) -> float | None:
        """Reach rate: spoken to or answered by message, of those to be called; whoever refused was reached."""
        return share(self.called + self.answered + self.refused, self.due)

    @property
    def validity(self) -> float | None:
        """Valid visit rate: visits with a grade, of those to be called."""
        return share(self.valid, self.due)

    @property
    def first(self) -> float | None:
        """First satisfaction, of those that gave a grade."""
        return share(self.first_satisfied, self.rated)

    @property
    def final(self) -> float | None:
        """Final satisfaction, after rework, of those that gave a grade."""
        return share(self.final_satisfied, self.last_rated)


class Tries(msgspec.Struct, frozen=True, kw_only=True):
    """Tries of one hour or of one caller."""

    key: Any
    tries: int
    reached: int
    valid: int
    unrated: int
    unreached: int
    refused: int
    satisfied: int

    @property
    def reach(self) -> float | None:
        """How many tries got through, in percent."""
        return share(self.reached, self.tries)

    @property
    def satisfaction(self) -> float | None:
        """Satisfied of those that gave a grade, in percent."""
        return share(self.satisfied, self.valid)


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """All of one period."""

    whole: Whole
    hours: Sequence[Tries]
    callers: Sequence[Tries]


async def counted(connection: db.Connection, actor: Actor, first: datetime, end: datetime) -> Figures:
    """The figures of ``first`` up to ``end`` within the actor's scope, in three statements."""
    where, args = scope.condition(actor, 4)
    counted_as = list(grades.counted())
    given: list[object] = [first, end, counted_as, *args]
    whole = await connection.fetchrow(_ENDED.format(scope=where), *given)
    hours = await connection.fetch(_TRIES.format(key=_HOUR, scope=where, annulled=_ANNULLED), *given)
    callers = await connection.fetch(_TRIES.format(key="v.visitor", scope=where, annulled=_ANNULLED), *given)
    return Figures(whole=Whole(**whole), hours=[Tries(**r) for r in hours], callers=[Tries(**r) for r in callers])


def named(callers: Sequence[Tries], names: Mapping[UUID, str]) -> list[tuple[str, Tries]]:
    """Callers by name, the one with the most tries first."""
    return [(names.get(one.key, "–"), one) for one in sorted(callers, key=lambda one: -one.tries)]
