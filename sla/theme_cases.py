"""The cases that a theme answers: by its rule (matters × places × days), put in or taken out by hand; none sealed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from cases import scope
from hotline import acts, clock, db
from hotline.actor import SYSTEM, Actor
from hotline.errors import Say, invalid
from hotline.work import Work, work
from sla import hot_cases
from sla.hot_cases import Listed
from sla.hot_evidence import OPEN, SHOWN
from sla.theme_gate import MOST

_RULE = f"""
    {OPEN} AND EXISTS (SELECT FROM unnest(t.matters) m WHERE c.matter ^@ m)
    AND (cardinality(t.areas) = 0 OR c.county = ANY(t.areas) OR c.township = ANY(t.areas))
    AND c.opened_at >= (t.since::timestamp AT TIME ZONE 'Asia/Shanghai')
    AND (t.until IS NULL OR c.opened_at < ((t.until + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'))
    AND c.state NOT IN ('declined', 'transferred')
"""
_GATHER = f"""
    INSERT INTO theme_case (theme_id, case_id, is_by_hand, at)
    SELECT t.id, c.id, FALSE, $1 FROM theme t JOIN cases c ON {_RULE}
    WHERE t.state = 'open' AND ($2::uuid IS NULL OR t.id = $2) ON CONFLICT DO NOTHING
"""
_LEAVE = f"""
    WITH gone AS MATERIALIZED (
        SELECT k.theme_id, k.case_id FROM theme t JOIN theme_case k ON k.theme_id = t.id
        WHERE t.state = 'open' AND ($1::uuid IS NULL OR t.id = $1) AND NOT k.is_by_hand AND k.left_at IS NULL
            AND NOT EXISTS (SELECT FROM cases c WHERE c.id = k.case_id AND {_RULE})
    )
    DELETE FROM theme_case k USING gone g WHERE k.theme_id = g.theme_id AND k.case_id = g.case_id
    AND NOT EXISTS (SELECT FROM request r JOIN theme_answer a ON a.request_id = r.id AND a.theme_id = g.theme_id
        WHERE r.case_id = g.case_id OR r.home_id = g.case_id)
"""
_COUNT = f"""
    SELECT count(*) FROM cases c WHERE {OPEN} AND c.opened_at > $3 AND c.opened_at <= $4
    AND EXISTS (SELECT FROM unnest($1::text[]) m WHERE c.matter ^@ m)
    AND (cardinality($2::text[]) = 0 OR c.county = ANY($2) OR c.township = ANY($2))
"""
_MONTHS = """
    SELECT date_trunc('month', c.opened_at AT TIME ZONE 'Asia/Shanghai')::date AS month, count(*) AS n
    FROM cases c WHERE {cases} AND c.opened_at >= $3 AND EXISTS (SELECT FROM unnest($1::text[]) m WHERE c.matter ^@ m)
    AND (cardinality($2::text[]) = 0 OR c.county = ANY($2) OR c.township = ANY($2)) GROUP BY 1
"""


async def gather(work: Work, theme: UUID | None = None) -> int:
    """Put in whatever a theme's rule (or every open theme's) takes; how many are new. Safe twice.

    What the rule takes no more (its matter was put right, it became confidential) is out before it is answered.
    """
    await work.connection.execute(_LEAVE, theme)
    done = await work.connection.execute(_GATHER, work.now, theme)
    return int(done.rpartition(" ")[2])


async def gather_all() -> int:
    """``gather`` for every open theme, in a transaction of its own."""
    async with work(SYSTEM) as w:
        return await gather(w)


async def counted(
    connection: db.Connection, matters: Sequence[str], places: Sequence[str], since: datetime, until: datetime
) -> int:
    """How many cases a rule took between two moments."""
    n: int = await connection.fetchval(_COUNT, list(matters), list(places), since, until)
    return n


async def by_month(
    connection: db.Connection, matters: Sequence[str], places: Sequence[str], months: int = 7, *,
    is_public: bool = False,
) -> list[tuple[date, int]]:  # fmt: skip
    """Cases of the rule by month, this one last; for everybody without minors and matters under investigation."""
    today = clock.today()
    first = [date(today.year + (today.month - 1 - n) // 12, (today.month - 1 - n) % 12 + 1, 1) for n in range(months)]
    sql = _MONTHS.format(cases=SHOWN if is_public else OPEN)
    rows = await connection.fetch(sql, list(matters), list(places), clock.on(first[-1]))
    known = {row["month"]: row["n"] for row in rows}
    return [(one, known.get(one, 0)) for one in reversed(first)]


async def add(work: Work, theme: UUID, case_id: UUID) -> None:
    """Put a case in by hand; 422 for a report or a confidential one."""
    sealed = await work.connection.fetchval(
        "SELECT kind = 'report' OR is_confidential FROM cases WHERE id = $1", case_id
    )
    if sealed:
        say = Say("举报件、保密件不能列入。", "A report or confidential case cannot be put in.")
        raise invalid({"case": say})
    await work.connection.execute(
        "INSERT INTO theme_case (theme_id, case_id, is_by_hand, at, by) VALUES ($1, $2, TRUE, $3, $4) "
        "ON CONFLICT (theme_id, case_id) DO UPDATE SET is_by_hand = TRUE, by = excluded.by, left_at = NULL, "
        "left_by = NULL",
        theme, case_id, work.now, work.actor.id,
    )  # fmt: skip
    await acts.note(work, work.actor, "theme_case_added", await _subject(work, theme), {"case": str(case_id)})


async def remove(work: Work, theme: UUID, case_id: UUID) -> None:
    """Take a case out; the rule puts it in no more. What was sent was sent."""
    await work.connection.execute(
        "UPDATE theme_case SET left_at = $3, left_by = $4 WHERE theme_id = $1 AND case_id = $2 AND left_at IS NULL",
        theme, case_id, work.now, work.actor.id,
    )  # fmt: skip
    await acts.note(work, work.actor, "theme_case_removed", await _subject(work, theme), {"case": str(case_id)})


async def _subject(work: Work, theme: UUID) -> str:
    return f"theme:{await work.connection.fetchval('SELECT number FROM theme WHERE id = $1', theme)}"


async def newest(connection: db.Connection, theme: UUID) -> list[UUID]:
    """The newest of its cases, whose own words a public text is compared with."""
    rows = await connection.fetch(
        f"SELECT k.case_id FROM theme_case k JOIN cases c ON c.id = k.case_id WHERE k.theme_id = $1 "
        f"AND k.left_at IS NULL ORDER BY c.opened_at DESC LIMIT {MOST}",
        theme,
    )
    return [row["case_id"] for row in rows]


async def listed(connection: db.Connection, actor: Actor, theme: UUID, limit: int = 50) -> tuple[list[Listed], int]:
    """Its cases that the actor may see, newest first, each with whether the answer was sent; and how many."""
    where, args = scope.condition(actor, first=2)
    rows = await connection.fetch(
        f"SELECT {hot_cases.COLUMNS}, k.is_by_hand, count(*) OVER () AS total, "
        "(SELECT max(a.at) FROM theme_answer a WHERE a.theme_id = k.theme_id AND a.case_id = c.id) AS answered_at "
        "FROM theme_case k JOIN cases c ON c.id = k.case_id WHERE k.theme_id = $1 AND k.left_at IS NULL "
        f"AND c.kind <> 'report' AND NOT c.is_confidential AND {where} ORDER BY c.opened_at DESC, c.id LIMIT {limit}",
        theme, *args,
    )  # fmt: skip
    return hot_cases.listed(rows)


async def sums(connection: db.Connection, theme: UUID, *, is_public: bool = False) -> tuple[int, int, int]:
    """Cases, requesters, and requesters who were sent the answer; for everybody without those shielded."""
    row = await connection.fetchrow(
        "SELECT count(DISTINCT k.case_id) AS cases, count(DISTINCT r.id) AS requests,"
        " count(DISTINCT a.request_id) AS told FROM theme_case k JOIN cases c ON c.id = k.case_id"
        " LEFT JOIN request r ON (r.case_id = k.case_id AND r.home_id IS NULL OR r.home_id = k.case_id)"
        " AND r.state NOT IN ('withdrawn', 'erased') AND r.kind <> 'report'"
        " LEFT JOIN theme_answer a ON a.theme_id = k.theme_id AND a.request_id = r.id"
        f" WHERE k.theme_id = $1 AND k.left_at IS NULL AND {SHOWN if is_public else OPEN}",
        theme,
    )  # fmt: skip
    return row["cases"], row["requests"], row["told"]


async def of_case(connection: db.Connection, case_id: UUID) -> list[Any]:
    """The themes that a case belongs to, for its page: number, title, whether it is public."""
    rows: list[Any] = await connection.fetch(
        "SELECT t.id, t.number, t.slug, t.title, t.published_at FROM theme_case k JOIN theme t ON t.id = k.theme_id "
        "WHERE k.case_id = $1 AND k.left_at IS NULL AND t.state <> 'dropped' ORDER BY t.made_at DESC",
        case_id,
    )
    return rows

