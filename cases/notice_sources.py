"""What a notice is drawn from, neutrally: a case, or facts that a higher floor resolved of an order, finding, cluster.

Whatever the source is, every case behind it counts: one that is shielded forbids the notice, and the gate compares
the texts with all that each of them holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from cases import demands, gate, ledger
from cases import events as e
from cases.file import CaseFile
from cases.notice_rows import LinkRow, NoticeRow
from cases.states import UNIT_STAGES
from hotline import db
from hotline.errors import Say, conflict, invalid
from hotline.work import Work

SOURCES: dict[str, Say] = {
    "case": Say("案件", "Case"),
    "order": Say("督办单", "Supervision order"),
    "finding": Say("督查、抽查发现的问题", "Finding of an inspection"),
    "cluster": Say("同类诉求聚集", "Cluster of requests"),
    "notice": Say("公示", "Notice"),
}
_OVERDUE_LEVEL = 3
_SHIELD = """(c.kind = 'report' OR c.is_minor OR c.is_investigation OR c.is_confidential
    OR EXISTS (SELECT FROM request r WHERE r.case_id = c.id AND r.kind = 'report'))"""
_SHIELDED = f"""
    SELECT c.id FROM cases own JOIN cases c ON c.id IN (own.id, own.merged_into)
    WHERE own.id = ANY($1::uuid[]) AND {_SHIELD} LIMIT 1
"""
HELD = f"""EXISTS (SELECT FROM notice_case k JOIN cases own ON own.id = k.case_id
    JOIN cases c ON c.id IN (own.id, own.merged_into) WHERE k.notice_id = n.id AND {_SHIELD})"""
"""SQL over ``notice n``: a case behind it, or what that was merged into, is shielded today. Asked whenever the public
reads, so that a case which becomes a minor's after the publication takes the text away at once."""
_BEHIND = "SELECT case_id FROM notice_case WHERE notice_id = $1 ORDER BY case_id"
_ABOUT = """
    SELECT k.case_id FROM notice_case k WHERE k.notice_id = $1
    UNION SELECT c.merged_into FROM notice_case k JOIN cases c ON c.id = k.case_id
        WHERE k.notice_id = $1 AND c.merged_into IS NOT NULL ORDER BY 1
"""
_TAKEN = """
    SELECT number FROM notice WHERE source_kind = $1 AND source_id = $2 AND state NOT IN ('withdrawn', 'applied')
"""

OPEN_TO_ALL = "c.kind <> 'report' AND NOT (c.is_confidential OR c.is_minor OR c.is_investigation)"
"""SQL over ``cases c``: not shielded."""
UNTAKEN = """NOT EXISTS (SELECT FROM notice n WHERE n.source_kind = '{kind}' AND n.source_id = {id}
    AND n.state NOT IN ('withdrawn', 'applied'))"""
"""SQL for lists of what a notice could be drawn from: there is none yet."""


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """Something besides a case that could become a notice."""

    kind: str
    id: UUID
    number: str
    unit: str
    matter: str
    due_at: datetime | None = None


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """What a notice is drawn from, and every case behind it. The place goes down to the subdistrict and no further."""

    kind: str
    id: UUID
    number: str
    unit: str
    matter: str
    county: str
    township: str | None = None
    cases: tuple[UUID, ...] = ()


def of_case(work: Work, file: CaseFile) -> Source:
    """A case (locked) as a source. 409 with words unless it is closed or overdue, with a unit, and not shielded."""
    check_case(work, file)
    case = file.case
    return Source(
        kind="case", id=case.id, number=case.number, unit=case.lead_unit or "", matter=case.matter or "",
        county=case.county, township=case.township, cases=(case.id,),
    )  # fmt: skip


def check_case(work: Work, file: CaseFile) -> None:
    """409 with words unless a notice may be drawn from this case: closed or overdue, with a unit, and not shielded."""
    demands.RULES["may_be_published"](demands.Ask(file=file, event=None, texts={}, actor=work.actor, now=work.now))
    case = file.case
    is_late = case.is_open and (
        case.supervision >= _OVERDUE_LEVEL
        or (case.next_stage in UNIT_STAGES and case.next_due is not None and case.next_due < work.now)
    )
    if not is_late and case.state not in {"closed", "archived"}:
        raise conflict(
            "not_late", "还在办理期限内，不能公示。", "It is still within its time, so there is nothing to expose."
        )
    if case.lead_unit is None or case.matter is None:
        raise conflict(
            "no_unit", "还没有单位和事项，不能公示。", "It has no unit or matter yet, so it cannot be published."
        )


async def check(work: Work, source: Source) -> None:
    """Raise unless a notice may be begun of this source.

    409 when one of its cases is shielded, when what they hold cannot be read, or when it has a notice already; 422
    while unit or matter is missing.
    """
    await demand_open(work.connection, source.cases)
    for case in source.cases:
        await gate.known(work.connection, case)  # what cannot be checked later is not begun
    if not source.unit or not source.matter:
        raise invalid(
            {"matter": Say("还没有单位和事项，不能公示。", "It has no unit or matter, so it cannot be published.")}
        )
    taken = await work.connection.fetchrow(_TAKEN, source.kind, source.id)
    if taken is not None:
        zh, en = taken["number"] or "公示草稿", taken["number"] or "a draft notice"
        raise conflict("drafted", f"这件事已有{zh}。", f"There is {en} of this case already.")


async def demand_open(connection: db.Connection, cases: Sequence[UUID]) -> None:
    """409 when one of these cases is a report, confidential, about a minor, or under investigation."""
    if cases and await connection.fetchval(_SHIELDED, list(cases)) is not None:
        raise conflict(
            "not_publishable",
            "举报、保密、涉未成年人或正在调查的事项不能公示。",
            "Reports, confidential matters, minors and matters under investigation cannot be published.",
        )


async def behind(connection: db.Connection, row: NoticeRow) -> list[UUID]:
    """The cases behind a notice, in the one order in which they are locked."""
    return [one["case_id"] for one in await connection.fetch(_BEHIND, row.id)]


async def demand_publishable(work: Work, row: NoticeRow) -> None:
    """409 when a case behind the notice has become one that is shielded since it was begun."""
    await demand_open(work.connection, await behind(work.connection, row))


async def known(connection: db.Connection, row: NoticeRow) -> gate.Known:
    """All that every case behind the notice holds, for the gate only; raises what ``gate.known`` raises.

    What one of them was merged into since is the same matter: whoever waits there is known too.
    """
    about = [one["case_id"] for one in await connection.fetch(_ABOUT, row.id)]
    return together([await gate.known(connection, case) for case in about])


async def is_held(connection: db.Connection, notice_id: UUID) -> bool:
    """Whether a case behind the notice is shielded today, so that the public reads nothing of it."""
    return bool(await connection.fetchval(f"SELECT {HELD} FROM notice n WHERE n.id = $1", notice_id))


def together(parts: Iterable[gate.Known]) -> gate.Known:
    """What several cases hold as one, everything once. Pure."""
    held = list(parts)
    return gate.Known(**{
        field: tuple(dict.fromkeys(value for one in held for value in getattr(one, field)))
        for field in gate.Known.__struct_fields__
    })  # fmt: skip


def link(work: Work, row: NoticeRow, cases: Sequence[UUID]) -> None:
    """Write down the cases that a fresh notice is about."""
    for case in cases:
        work.add(LinkRow(notice_id=row.id, case_id=case, since=work.now))


async def grow(work: Work, row: NoticeRow, cases: Sequence[UUID]) -> int:
    """A cluster grew since the notice was begun: its further cases stand behind the notice too; how many."""
    fresh = sorted({*cases} - {*await behind(work.connection, row)})
    link(work, row, fresh)
    await work.flush()
    return len(fresh)


async def tell_ledger(work: Work, row: NoticeRow, number: str) -> None:
    """The event ``noticed`` on every case behind the notice, in this very transaction."""
    for case in await behind(work.connection, row):
        file = await ledger.opened(work, case_id=case)
        await ledger.append(work, file, e.Noticed(notice=row.id, number=number))
