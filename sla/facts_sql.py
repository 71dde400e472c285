"""How facts are made from the rows that the ledger projects: one SELECT a group of measures, each for some cases.

No SELECT looks at the present moment: the same rows give the same facts whenever they are asked.
"""

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


def _put_aside(unit: str) -> str:
    """Joins, as ``s``, why the share of this unit counts in nothing, once."""
    return (
        f" LEFT JOIN LATERAL (SELECT x.excluded FROM assignment x WHERE x.case_id = c.id AND x.unit = {unit}"
        " AND x.excluded IS NOT NULL LIMIT 1) s ON TRUE"
    )


_REQUEST = "cases c JOIN request r ON r.case_id = c.id"
_SHARE = "cases c JOIN assignment s ON s.case_id = c.id AND s.role <> 'below'"
_CLOCK = """cases c JOIN clock k ON k.case_id = c.id
    AND k.stage IN ('accept', 'dispatch', 'sign_off', 'first_contact', 'finish', 'audit', 'visit')
    AND (k.outcome IN ('met', 'late') OR k.breached_at IS NOT NULL)
    LEFT JOIN assignment s ON s.case_id = c.id AND s.id = k.subject_id AND k.subject = 'assignment'"""
_DECIDED = "least(coalesce(k.stopped_at, k.due_at), k.due_at)"
"""A promise counts on the day it was kept, or on the day it should have been."""
_CLOCK_MEASURE = """CASE k.stage WHEN 'accept' THEN 'accepted' WHEN 'dispatch' THEN 'routed'
    WHEN 'sign_off' THEN 'signed' WHEN 'first_contact' THEN 'contacted' WHEN 'finish' THEN 'finished'
    WHEN 'audit' THEN 'audited' ELSE 'called_back' END"""
_KEPT = "k.breached_at IS NULL AND k.outcome = 'met'"
_TOOK = "(extract(epoch FROM coalesce(k.stopped_at, k.due_at) - k.started_at) / 60)::integer"
_SAID = f"""{_REQUEST} LEFT JOIN LATERAL (SELECT min(x.sent_at) AS at FROM outbox_message x WHERE x.request_id = r.id
    AND x.state IN ('sent', 'delivered')) o ON TRUE"""
_CHAT = f"""{_REQUEST} JOIN LATERAL (SELECT min(x.answer_s) AS s FROM chat_case y JOIN chat x ON x.id = y.chat
    WHERE y.receipt_no = r.receipt_no) h ON TRUE"""
_IN_TIME = "CASE r.channel WHEN 'email' THEN interval '24 hours' ELSE interval '3 minutes' END"
_CARD = f"""cases c JOIN supervision_record t ON t.case_id = c.id AND t.cause IN ('yellow', 'red')
    {_put_aside("t.unit")}"""

OF_CASES: tuple[str, ...] = (
    _select("'cases'", "c.id", "c.opened_at", "c.lead_unit", "cases c") + "WHERE c.state <> 'merged' AND {which}",
    _select("'direct'", "c.id", "c.opened_at", "c.lead_unit", "cases c", good="c.state = 'answered'")
    + "WHERE c.state NOT IN ('merged', 'registered') AND c.channel <> 'import' AND {which}",
    _select("'ended'", "c.id", "c.closed_at", "c.lead_unit", "cases c")
    + "WHERE c.closed_at IS NOT NULL AND NOT c.is_open AND c.state <> 'merged' AND {which}",
    _select("'requests'", "r.id", "r.filed_at", "c.lead_unit", _REQUEST, request="r")
    + "WHERE {which}",
    _select("'praise'", "r.id", "r.filed_at", "c.lead_unit", _REQUEST, request="r")
    + "WHERE r.kind = 'praise' AND {which}",
    _select(
        "'resolved'", "r.id", "r.visited_at", "c.lead_unit", _REQUEST + _put_aside("c.lead_unit"),
        good="r.is_solved", request="r", excluded="s.excluded",
    ) + "WHERE r.visited_at IS NOT NULL AND r.is_solved IS NOT NULL AND r.state <> 'withdrawn' AND {which}",
    _select(
        "'visits'", "r.id", "c.closed_at", "c.lead_unit", _REQUEST,
        good="r.visit_channel IS NOT NULL AND r.final_grade IS NOT NULL", request="r",
    ) + "WHERE c.closed_at IS NOT NULL AND (r.visit_channel IS NOT NULL OR r.exempt_by IN ('tries', 'refused'))"
    " AND {which}",
    _select(
        "'rated'", "g.id", "g.at", "g.unit",
        "cases c JOIN rating g ON g.case_id = c.id JOIN request r ON r.id = g.request_id" + _put_aside("g.unit"),
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
        _CLOCK_MEASURE, "k.id", _DECIDED, "k.unit", _CLOCK, good=_KEPT, minutes=_TOOK, excluded="s.excluded",
    ) + "WHERE s.role IS DISTINCT FROM 'below' AND {which}",
    _select(
        "CASE r.channel WHEN 'email' THEN 'mail_24h' ELSE 'media_3m' END", "r.id", "r.filed_at", "''", _SAID,
        good=f"coalesce(o.at - r.filed_at <= {_IN_TIME}, FALSE)", request="r",
        minutes="(extract(epoch FROM o.at - r.filed_at) / 60)::integer",
    ) + "WHERE r.channel IN ('sms', 'wechat', 'email') AND {which}",
    _select(
        "'media_3m'", "r.id", "r.filed_at", "''", _CHAT, good="coalesce(h.s <= 180, FALSE)", request="r",
        minutes="h.s / 60",
    ) + "WHERE r.channel = 'chat' AND {which}",
    _select(
        "'urged'", "md5(c.id::text || e.seq)::uuid", "e.at", "c.lead_unit",
        "cases c JOIN case_event e ON e.case_id = c.id AND e.kind = 'urged'",
    ) + "WHERE {which}",
    _select(
        "'response'", "s.id", "x.day", "s.unit",
        f"{_SHARE} JOIN LATERAL (SELECT max({_DECIDED}) AS day, bool_and({_KEPT}) AS good, count(*) AS n"
        " FROM clock k WHERE k.subject = 'assignment' AND k.subject_id = s.id"
        " AND k.case_id = c.id AND k.stage IN ('sign_off', 'first_contact')"
        " AND (k.outcome IN ('met', 'late') OR k.breached_at IS NOT NULL)) x ON x.n >= 2",
        good="x.good", excluded="s.excluded",
    ) + "WHERE {which}",
    _select(
        "'breaches'", "t.id", "t.at", "t.unit", "cases c JOIN alert t ON t.case_id = c.id" + _put_aside("t.unit"),
        excluded="s.excluded",
    ) + "WHERE {which}",
    _select("t.cause", "t.id", "t.at", "t.unit", _CARD, excluded="s.excluded")
    + "WHERE NOT EXISTS (SELECT FROM supervision_record u WHERE u.case_id = c.id"
    " AND u.cause = 'card_cancelled' AND u.cause_id = t.id) AND {which}",
    _select("'orders'", "t.id", "t.issued_at", "t.unit", "cases c JOIN supervision_order t ON t.case_id = c.id")
    + "WHERE t.ended_for IS DISTINCT FROM 'withdrawn' AND {which}",
)  # fmt: skip
"""``$1`` are the grades that count as satisfied; ``{which}`` chooses the cases ``c``."""
