"""How facts are made from the rows that the ledger projects: one SELECT a group of measures, each for some cases."""

from __future__ import annotations

COLUMNS = (
    "measure", "subject", "case_id", "day", "unit", "county", "township", "matter", "line", "channel", "kind", "good",
    "minutes", "excluded",
)  # fmt: skip
ZONE = "Asia/Shanghai"


def _day(moment: str) -> str:
    return f"({moment} AT TIME ZONE '{ZONE}')::date"


def _select(
    measure: str, subject: str, day: str, unit: str, source: str, *, good: str = "TRUE", request: str = "",
    minutes: str = "NULL::integer", excluded: str = "NULL::text",
) -> str:  # fmt: skip
    own = request or "c"
    return f"""
    SELECT {measure} AS measure, {subject} AS subject, c.id AS case_id, {_day(day)} AS day,
        coalesce({unit}, '') AS unit, c.county, coalesce(c.township, '') AS township,
        coalesce(c.matter, '') AS matter, {own}.line, {own}.channel, {own}.kind,
        {good} AS good, {minutes} AS minutes, {excluded} AS excluded
    FROM {source} """


_REQUEST = "cases c JOIN request r ON r.case_id = c.id"
_SHARE = "cases c JOIN assignment s ON s.case_id = c.id AND s.role <> 'below'"
_CLOCK = f"""{_SHARE} JOIN clock k ON k.case_id = c.id AND k.subject = 'assignment' AND k.subject_id = s.id
    AND k.stage IN ('sign_off', 'first_contact', 'finish')
    AND (k.outcome IN ('met', 'late') OR k.breached_at IS NOT NULL)"""
_DECIDED = "least(coalesce(k.stopped_at, k.due_at), k.due_at)"
"""A promise counts on the day it was kept, or on the day it should have been."""
_CLOCK_MEASURE = "CASE k.stage WHEN 'sign_off' THEN 'signed' WHEN 'first_contact' THEN 'contacted' ELSE 'finished' END"
_CARD = """cases c JOIN supervision_record t ON t.case_id = c.id AND t.cause IN ('yellow', 'red')
    LEFT JOIN assignment s ON s.case_id = c.id AND s.unit = t.unit AND s.excluded IS NOT NULL"""

OF_CASES: tuple[str, ...] = (
    _select("'cases'", "c.id", "c.opened_at", "c.lead_unit", "cases c") + "WHERE c.state <> 'merged' AND {which}",
    _select("'direct'", "c.id", "c.opened_at", "c.lead_unit", "cases c", good="c.state = 'answered'")
    + "WHERE c.state NOT IN ('merged', 'registered') AND {which}",
    _select("'ended'", "c.id", "c.closed_at", "c.lead_unit", "cases c")
    + "WHERE c.closed_at IS NOT NULL AND NOT c.is_open AND c.state <> 'merged' AND {which}",
    _select("'requests'", "r.id", "r.filed_at", "c.lead_unit", _REQUEST, request="r")
    + "WHERE {which}",
    _select("'praise'", "r.id", "r.filed_at", "c.lead_unit", _REQUEST, request="r")
    + "WHERE r.kind = 'praise' AND {which}",
    _select(
        "'resolved'", "r.id", "r.visited_at", "c.lead_unit", _REQUEST,
        good="r.is_solved", request="r",
    ) + "WHERE r.visited_at IS NOT NULL AND r.is_solved IS NOT NULL AND r.state <> 'withdrawn' AND {which}",
    _select(
        "'visits'", "r.id", "c.closed_at", "c.lead_unit", _REQUEST,
        good="r.visit_channel IS NOT NULL AND r.final_grade IS NOT NULL", request="r",
    ) + "WHERE c.closed_at IS NOT NULL AND (r.visit_channel IS NOT NULL OR r.exempt_by IN ('tries', 'refused'))"
    " AND {which}",
    _select(
        "'rated'", "g.id", "g.at", "g.unit",
        "cases c JOIN rating g ON g.case_id = c.id JOIN request r ON r.id = g.request_id"
        " LEFT JOIN LATERAL (SELECT s.excluded FROM assignment s WHERE s.case_id = c.id AND s.unit = g.unit"
        " AND s.excluded IS NOT NULL LIMIT 1) s ON TRUE",
        good="g.grade = ANY($1::text[])", request="r",
        excluded="CASE WHEN g.annulled_at IS NOT NULL THEN 'annulled' ELSE s.excluded END",
    ) + "WHERE {which}",
    _select("'dispatched'", "s.id", "s.dispatched_at", "s.unit", _SHARE, excluded="s.excluded") + "WHERE {which}",
    _select(
        "'returned'", "s.id", "s.dispatched_at", "s.unit", _SHARE,
        good="s.returned_at IS NOT NULL OR s.return_refusals > 0", excluded="s.excluded",
    ) + "WHERE {which}",
    _select(
        "'reworked'", "s.id", "s.handled_at", "s.unit", _SHARE, good="s.round > 1", excluded="s.excluded"
    ) + "WHERE s.handled_at IS NOT NULL AND {which}",
    _select(
        _CLOCK_MEASURE, "k.id", _DECIDED, "k.unit", _CLOCK, good="k.breached_at IS NULL AND k.outcome = 'met'",
        minutes="(extract(epoch FROM coalesce(k.stopped_at, k.due_at) - k.started_at) / 60)::integer",
        excluded="s.excluded",
    ) + "WHERE {which}",
    _select(
        "'response'", "s.id", "x.day", "s.unit",
        f"{_SHARE} JOIN LATERAL (SELECT max({_DECIDED}) AS day, bool_and(k.breached_at IS NULL AND k.outcome = 'met')"
        " AS good, count(*) AS n FROM clock k WHERE k.subject = 'assignment' AND k.subject_id = s.id"
        " AND k.case_id = c.id AND k.stage IN ('sign_off', 'first_contact')"
        " AND (k.outcome IN ('met', 'late') OR k.breached_at IS NOT NULL)) x ON x.n >= 2",
        good="x.good", excluded="s.excluded",
    ) + "WHERE {which}",
    _select(
        "'breaches'", "t.id", "t.at", "t.unit", "cases c JOIN alert t ON t.case_id = c.id"
        " LEFT JOIN LATERAL (SELECT s.excluded FROM assignment s WHERE s.case_id = c.id AND s.unit = t.unit"
        " AND s.excluded IS NOT NULL LIMIT 1) s ON TRUE", excluded="s.excluded",
    ) + "WHERE {which}",
    _select("t.cause", "t.id", "t.at", "t.unit", _CARD, excluded="s.excluded")
    + "WHERE NOT EXISTS (SELECT FROM supervision_record u WHERE u.case_id = c.id AND u.unit = t.unit"
    " AND u.cause = 'card_cancelled' AND u.note = t.cause AND u.at >= t.at) AND {which}",
    _select("'orders'", "t.id", "t.issued_at", "t.unit", "cases c JOIN supervision_order t ON t.case_id = c.id")
    + "WHERE t.ended_for IS DISTINCT FROM 'withdrawn' AND {which}",
)  # fmt: skip
"""``$1`` are the grades that count as satisfied; ``{which}`` chooses the cases ``c``."""

DIMENSIONS = ("county", "unit", "matter", "township", "line", "channel", "kind")
WITHIN = ("county", "unit", "line")


def _mask(*dimensions: str) -> int:
    """What ``grouping(...)`` of all dimensions says of a row that is by these: a bit is 0 where it is by it."""
    return sum(1 << n for n, one in enumerate(reversed(DIMENSIONS)) if one not in dimensions)


def _cells() -> list[tuple[str, str]]:
    """Every pair of within and by that is summed."""
    found = [("", ""), *(("", one) for one in DIMENSIONS), *((one, "") for one in WITHIN)]
    return found + [(a, b) for a in WITHIN for b in DIMENSIONS if a != b]


def _value(of: str) -> str:
    whens = " ".join(f"WHEN '{one}' THEN {one}" for one in DIMENSIONS)
    return f"CASE {of} {whens} ELSE '' END"


def day_sums() -> str:
    """Writes the sums of the days ``$1`` into the emptied ``fact_sum``: one pass over those days' facts."""
    names = ", ".join(DIMENSIONS)
    sets = dict.fromkeys(frozenset(one for one in cell if one) for cell in _cells())
    groups = ", ".join(f"({', '.join(('day', 'measure', *sorted(group)))})" for group in sets)
    cells = ", ".join(f"({_mask(within, by)}, '{within}', '{by}')" for within, by in _cells())
    return f"""
    INSERT INTO fact_sum (grain, first, measure, within, place, by, key, total, good, put_aside)
    SELECT 'day', g.day, g.measure, x.within, {_value('x.within')}, x.by, {_value('x.by')}, g.total, g.good, g.put_aside
    FROM (SELECT day, measure, {names}, grouping({names}) AS mask,
            count(*) FILTER (WHERE excluded IS NULL) AS total,
            count(*) FILTER (WHERE excluded IS NULL AND good) AS good, count(excluded) AS put_aside
        FROM fact WHERE day = ANY($1::date[]) GROUP BY GROUPING SETS ({groups})) g
    JOIN (VALUES {cells}) x (mask, within, by) ON x.mask = g.mask
    """


MONTH_SUMS = """
    INSERT INTO fact_sum (grain, first, measure, within, place, by, key, total, good, put_aside)
    SELECT 'month', date_trunc('month', first)::date, measure, within, place, by, key, sum(total), sum(good),
        sum(put_aside)
    FROM fact_sum WHERE grain = 'day' AND first >= $1 AND first < $2 GROUP BY 2, 3, 4, 5, 6, 7
"""
"""The sums of one month, from those of its days."""
