"""Exposure and correction (曝光纠错): a notice from draft through redaction and approval to publication and its end.

Every step is a verb on a locked notice, is noted in the log of acts, and fails closed: what is not decided is not sent.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from cases import demands, gate, ledger
from cases import events as e
from cases.file import CaseFile
from cases.states import UNIT_STAGES
from hotline import acts, clock
from hotline.actor import Actor
from hotline.errors import Say, conflict, invalid, not_found
from hotline.ids import new_id
from hotline.work import ORDER, Row, Work

ORDER += ["notice", "notice_version", "notice_find"]
STATES: dict[str, Say] = {
    "draft": Say("起草", "Draft"),
    "in_review": Say("在审", "In review"),
    "approved": Say("待发布", "Approved"),
    "published": Say("已公示", "Published"),
    "corrected": Say("已报纠正", "Correction reported"),
    "verified": Say("已核实", "Verified"),
    "archived": Say("已归档", "Archived"),
    "withdrawn": Say("已撤下", "Taken down"),
}
PUBLIC = frozenset({"published", "corrected", "verified", "archived", "withdrawn"})
"""States of a notice that has been in the open; the others exist for those who work on them only."""
TEXTS: dict[str, Say] = {
    "wrong": Say("问题", "What went wrong"),
    "rule": Say("违反的规定", "Rule broken"),
    "required": Say("要求的纠正", "Required correction"),
    "correction": Say("纠正情况", "Correction"),
    "verification": Say("核实结果", "Verification"),
}
_OVERDUE_LEVEL = 3
_COUNT = """
    INSERT INTO notice_counter (year, last) VALUES ($1, 1)
    ON CONFLICT (year) DO UPDATE SET last = notice_counter.last + 1 RETURNING last
"""
When = Callable[[datetime], datetime]
"""The caller's calendar: from the start of a deadline to its end (this floor knows no clocks)."""


class NoticeRow(Row, kw_only=True):
    """A notice. Person columns name who took the step; ``revision`` counts steps, for "changed meanwhile"."""

    table: ClassVar[str] = "notice"

    id: UUID
    number: str | None = None
    slug: str | None = None
    source_kind: str = "case"
    source_id: UUID
    state: str = "draft"
    unit: str
    matter: str
    county: str
    township: str | None = None
    version: int = 1
    revision: int = 1
    author: UUID
    created_at: datetime
    changed_at: datetime
    sent_at: datetime | None = None
    reply_until: datetime | None = None
    reply: str | None = None
    replied_by: UUID | None = None
    replied_at: datetime | None = None
    approved_by: UUID | None = None
    approved_at: datetime | None = None
    cleared_by: UUID | None = None
    cleared_at: datetime | None = None
    returned_reason: str | None = None
    published_by: UUID | None = None
    published_at: datetime | None = None
    due_at: datetime | None = None
    correction: str | None = None
    corrected_by: UUID | None = None
    corrected_at: datetime | None = None
    verification: str | None = None
    verified_by: UUID | None = None
    verified_at: datetime | None = None
    archived_at: datetime | None = None
    withdrawn_by: UUID | None = None
    withdrawn_at: datetime | None = None
    withdrawn_reason: str | None = None


class VersionRow(Row, kw_only=True):
    """The texts as one person wrote them; frozen once sent for review."""

    table: ClassVar[str] = "notice_version"
    identity: ClassVar[tuple[str, ...]] = ("notice_id", "version")

    notice_id: UUID
    version: int
    wrong: str
    rule: str
    required: str
    written_by: UUID
    written_at: datetime
    frozen_at: datetime | None = None


class FindRow(Row, kw_only=True):
    """One decision about one find: hidden, or kept with a reason. What it was about is a digest only."""

    table: ClassVar[str] = "notice_find"

    id: UUID
    notice_id: UUID
    version: int
    field: str
    kind: str
    digest: bytes
    decision: str
    reason: str
    decided_by: UUID
    decided_at: datetime


class Notice:
    """A notice under a lock, with its current version and the decisions made so far."""

    def __init__(self, row: NoticeRow, version: VersionRow, decided: list[FindRow]) -> None:
        self.row = row
        self.version = version
        self.decided = decided

    @property
    def texts(self) -> dict[str, str]:
        """The texts that the gate looks at now: the notice's own, or the correction's once it is in the open."""
        if self.row.state in PUBLIC:
            return {"correction": self.row.correction or "", "verification": self.row.verification or ""}
        return {"wrong": self.version.wrong, "rule": self.version.rule, "required": self.version.required}

    def hands(self) -> set[UUID]:
        """Everybody who wrote it or decided what stays in it: none of them may approve it."""
        return {self.row.author, self.version.written_by, *(one.decided_by for one in self.decided)}


async def opened(work: Work, notice_id: UUID, revision: int | None = None) -> Notice:
    """The notice, locked. 404 when there is none, 409 when somebody took a step since the page with ``revision``."""
    columns = ledger.columns(NoticeRow)
    record = await work.connection.fetchrow(f"SELECT {columns} FROM notice WHERE id = $1 FOR UPDATE", notice_id)
    if record is None:
        raise not_found()
    row = NoticeRow(**record)
    if revision is not None and revision != row.revision:
        raise conflict(
            "changed_meanwhile", "您看的这一页之后，已有人办过一步。您写的还在下面，请看过变化再提交。",
            "Somebody took a step after you opened this page. What you wrote is kept; look at the change first.",
        )  # fmt: skip
    version, decided = await parts(work.connection, row)
    work.track(row)
    work.track(version)
    return Notice(row, version, decided)


async def parts(connection: object, row: NoticeRow) -> tuple[VersionRow, list[FindRow]]:
    """The current version of a notice and every decision about its finds, oldest first."""
    fetch = connection.fetch  # type: ignore[attr-defined]
    version = await fetch(
        f"SELECT {ledger.columns(VersionRow)} FROM notice_version WHERE notice_id = $1 AND version = $2",
        row.id,
        row.version,
    )
    decided = await fetch(
        f"SELECT {ledger.columns(FindRow)} FROM notice_find WHERE notice_id = $1 ORDER BY decided_at, id", row.id
    )
    return VersionRow(**version[0]), [FindRow(**one) for one in decided]


def check_source(work: Work, file: CaseFile) -> None:
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


async def draft(work: Work, file: CaseFile, *, wrong: str, rule: str, required: str) -> NoticeRow:
    """起草 from a case (locked). Place goes down to the subdistrict only: the exact place is not even taken over."""
    check_source(work, file)
    await gate.known(work.connection, file.case.id)  # what cannot be checked later is not begun
    taken = await work.connection.fetchrow(
        "SELECT number FROM notice WHERE source_kind = 'case' AND source_id = $1 AND state <> 'withdrawn'", file.case.id
    )
    if taken is not None:
        zh, en = taken["number"] or "公示草稿", taken["number"] or "a draft notice"
        raise conflict("drafted", f"这件事已有{zh}。", f"There is {en} of this case already.")
    case = file.case
    row = NoticeRow(
        id=new_id(), source_id=case.id, unit=case.lead_unit or "", matter=case.matter or "", county=case.county,
        township=case.township, author=work.actor.id, created_at=work.now, changed_at=work.now,
    )  # fmt: skip
    work.add(row)
    work.add(_version(work, row, wrong=wrong, rule=rule, required=required))
    await note(work, row, "drafted", {"case": case.number})
    return row


async def edit(work: Work, one: Notice, *, wrong: str, rule: str, required: str) -> None:
    """Write the draft anew; finds that are gone need no decision any more, new ones do."""
    demand_state(one, "draft")
    version = one.version
    version.wrong, version.rule, version.required = _texts(wrong, rule, required)
    version.written_by, version.written_at = work.actor.id, work.now
    await step(work, one, "edited")


async def undecided(work: Work, one: Notice) -> list[gate.Found]:
    """Finds in the texts of this stage without a decision: none may be left before the next step."""
    kept = {(find.kind, find.digest) for find in one.decided if find.decision == "keep"}
    return [find for find in await found(work, one) if (find.kind, find.digest) not in kept]


async def found(work: Work, one: Notice) -> list[gate.Found]:
    """All finds in the texts of this stage, kept ones too, as they are numbered on the page."""
    return gate.finds(one.texts, await gate.known(work.connection, one.row.source_id))


async def decide(work: Work, one: Notice, number: int, *, decision: str, reason: str = "") -> gate.Found:
    """Hide the find with this number (from 1) in the text, or keep it with a reason. 409 when the text has changed."""
    demand_state(one, "draft", "corrected")
    finds = await found(work, one)
    if not 1 <= number <= len(finds):
        raise conflict(
            "find_gone", "这一处已经不在了，请刷新再看。", "That passage is no longer there; refresh and look."
        )
    if decision == "keep" and not reason.strip():
        raise invalid({"reason": Say("保留要写理由。", "Give the reason for keeping it.")})
    find = finds[number - 1]
    if decision == "redact":
        _put(one, find.field, gate.redacted(one.texts[find.field], find))
    row = FindRow(
        id=new_id(), notice_id=one.row.id, version=one.row.version, field=find.field, kind=find.kind,
        digest=find.digest, decision=decision, reason=reason.strip(), decided_by=work.actor.id, decided_at=work.now,
    )  # fmt: skip
    work.add(row)
    one.decided.append(row)
    await step(work, one, "redacted" if decision == "redact" else "kept", {"field": find.field, "kind": find.kind})
    return find


async def demand_clear(work: Work, one: Notice) -> None:
    """409 while a find is undecided: the gate fails closed."""
    left = await undecided(work, one)
    if left:
        raise conflict(
            "undecided", f"还有 {len(left)} 处可能认出人的内容没有决定：逐处隐去，或写明理由保留。",
            f"{len(left)} passages that may tell who somebody is are undecided: redact each, or keep it with a reason.",
        )  # fmt: skip


def demand_state(one: Notice, *wanted: str) -> None:
    """409 when the notice is not in one of these states."""
    if one.row.state not in wanted:
        now = STATES[one.row.state]
        raise conflict(
            "impossible_move", f"现在是“{now.zh}”，做不了这一步。", f"It is now “{now.en}”, so this is not possible."
        )


async def step(work: Work, one: Notice, kind: str, data: dict[str, str] | None = None) -> None:
    """Count and note a step; last in its transaction, because the log of acts is one queue."""
    one.row.revision += 1
    one.row.changed_at = work.now
    await note(work, one.row, kind, data)


async def note(work: Work, row: NoticeRow, kind: str, data: dict[str, str] | None = None) -> None:
    """Write ``notice.<kind>`` into the log of acts: ids and codes, never a text."""
    await acts.note(
        work, work.actor, f"notice.{kind}", f"notice:{row.id}", {"version": str(row.version), **(data or {})}
    )


async def next_number(work: Work) -> tuple[str, str]:
    """公示〔2026〕N号 and its address ``2026-N``; numbers have no gaps, the counter is this transaction's."""
    year = clock.local_day(work.now).year
    last = await work.connection.fetchval(_COUNT, year)
    return f"公示〔{year}〕{last}号", f"{year}-{last}"


def is_of(actor: Actor, row: NoticeRow) -> bool:
    """Whether the notice is about the actor's unit or one below it."""
    return row.unit in actor.units


def _version(work: Work, row: NoticeRow, *, wrong: str, rule: str, required: str) -> VersionRow:
    texts = _texts(wrong, rule, required)
    return VersionRow(
        notice_id=row.id, version=row.version, wrong=texts[0], rule=texts[1], required=texts[2],
        written_by=work.actor.id, written_at=work.now,
    )  # fmt: skip


def _texts(wrong: str, rule: str, required: str) -> tuple[str, str, str]:
    missing = {
        name: Say(f"还没写“{TEXTS[name].zh}”。", f"Write “{TEXTS[name].en}”.")
        for name, text in (("wrong", wrong), ("rule", rule), ("required", required))
        if not text.strip()
    }
    if missing:
        raise invalid(missing)
    return wrong.strip(), rule.strip(), required.strip()


def _put(one: Notice, field: str, text: str) -> None:
    if field in {"correction", "verification"}:
        setattr(one.row, field, text)
    else:
        setattr(one.version, field, text)


async def publish_in_ledger(work: Work, row: NoticeRow, number: str) -> None:
    """The event ``noticed`` on the case that the notice was drawn from, in this very transaction."""
    file = await ledger.opened(work, case_id=row.source_id)
    await ledger.append(work, file, e.Noticed(notice=row.id, number=number))
