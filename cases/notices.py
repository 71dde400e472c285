"""Exposure and correction (曝光纠错): a notice from draft through redaction and approval to publication and its end.

Every step is a verb on a locked notice, is noted in the log of acts, and fails closed: what is not decided is not sent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from cases import gate, ledger, notice_sources
from cases.file import CaseFile
from cases.notice_rows import PUBLIC, STATES, TEXTS, FindRow, Notice, NoticeRow, VersionRow
from cases.notice_sources import Source
from hotline import acts, clock
from hotline.actor import Actor
from hotline.errors import Say, conflict, invalid, not_found
from hotline.ids import new_id
from hotline.work import Work

_COUNT = """
    INSERT INTO notice_counter (year, last) VALUES ($1, 1)
    ON CONFLICT (year) DO UPDATE SET last = notice_counter.last + 1 RETURNING last
"""
When = Callable[[datetime], datetime]
"""The caller's calendar: from the start of a deadline to its end (this floor knows no clocks)."""


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
    notice_sources.check_case(work, file)


async def draft(work: Work, file: CaseFile, *, wrong: str, rule: str, required: str) -> NoticeRow:
    """起草 from a case (locked). Place goes down to the subdistrict only: the exact place is not even taken over."""
    return await draft_of(work, notice_sources.of_case(work, file), wrong=wrong, rule=rule, required=required)


async def draft_of(work: Work, source: Source, *, wrong: str, rule: str, required: str) -> NoticeRow:
    """起草 from whatever source a higher floor resolved. Raises what ``notice_sources.check`` raises; 422 for texts."""
    await notice_sources.check(work, source)
    row = NoticeRow(
        id=new_id(), source_kind=source.kind, source_id=source.id, source_number=source.number, unit=source.unit,
        matter=source.matter, county=source.county, township=source.township, author=work.actor.id,
        created_at=work.now, changed_at=work.now,
    )  # fmt: skip
    begin(work, row, source.cases, wrong=wrong, rule=rule, required=required)
    await note(work, row, "drafted", {source.kind: source.number})
    return row


def begin(work: Work, row: NoticeRow, cases: Sequence[UUID], *, wrong: str, rule: str, required: str) -> None:
    """Write a fresh notice with its first texts and the cases behind it. 422 for texts that are missing."""
    version = _version(work, row, wrong=wrong, rule=rule, required=required)
    row.writers = _with(row, work.actor)
    work.add(row)
    work.add(version)
    notice_sources.link(work, row, cases)


async def edit(work: Work, one: Notice, *, wrong: str, rule: str, required: str, why: str = "") -> None:
    """Write the draft anew; finds that are gone need no decision any more, new ones do. ``why`` is an erratum's."""
    demand_state(one, "draft")
    version = one.version
    if one.row.why is not None and why.strip():
        one.row.why = why.strip()
    version.wrong, version.rule, version.required = _texts(wrong, rule, required)
    version.written_by, version.written_at = work.actor.id, work.now
    one.row.writers = _with(one.row, work.actor)
    await step(work, one, "edited")


async def undecided(work: Work, one: Notice) -> list[gate.Found]:
    """Finds in the texts of this stage without a decision: none may be left before the next step."""
    kept = {(find.kind, find.digest) for find in one.decided if find.decision == "keep"}
    return [find for find in await found(work, one) if (find.kind, find.digest) not in kept]


async def found(work: Work, one: Notice) -> list[gate.Found]:
    """All finds in the texts of this stage, kept ones too, as they are numbered on the page."""
    return gate.finds(one.texts, await notice_sources.known(work.connection, one.row))


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


def demand_apart(actor: Actor, row: NoticeRow) -> None:
    """409 for a person of the unit that the notice is about, also where they work for the centre too (rules.md 2)."""
    if is_of(actor, row):
        raise conflict(
            "own_unit", "这是对您所在单位的公示，请别的单位的人来审。",
            "The notice is about your own unit; somebody of another decides.",
        )  # fmt: skip


def is_of(actor: Actor, row: NoticeRow) -> bool:
    """Whether the notice is about the actor's unit or one below it."""
    return row.unit in actor.units


def _with(row: NoticeRow, actor: Actor) -> tuple[UUID, ...]:
    """Who wrote it, this person too: a text keeps its first hands, however often others go over it."""
    return tuple(dict.fromkeys((*row.writers, actor.id)))


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
    if field in {"correction", "verification", "why"}:
        setattr(one.row, field, text)
    else:
        setattr(one.version, field, text)


__all__ = [
    "PUBLIC", "STATES", "TEXTS", "FindRow", "Notice", "NoticeRow", "VersionRow", "When", "begin", "check_source",
    "decide", "demand_apart", "demand_clear", "demand_state", "draft", "draft_of", "edit", "found", "is_of",
    "next_number", "note", "opened", "parts", "step", "undecided",
]  # fmt: skip
