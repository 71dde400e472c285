"""A notice on its way: review, the unit's reply, two approvals by two persons, publication, correction, its end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from cases import gate, notice_files, notice_sources, notices
from cases.notice_rows import HELD_BACK, NewsRow, Notice, NoticeRow, ReleaseRow, VersionRow
from cases.notices import When
from hotline.clock import local
from hotline.errors import Refusal, Say, conflict, invalid
from hotline.permissions import refused
from hotline.work import Work

NO_OBJECTION = Say("无异议", "No objection")
ERASED = "原件资料已按规定删除，无法再核对。"
"""The reason of a withdrawal that cannot be checked any more: what somebody wrote is not shown then."""
Also = Callable[[Work, NoticeRow, str], Awaitable[None]]
"""What a higher floor does with a publication in its transaction: the ladder counts it as a step."""


def _needed(text: str, field: str, say: Say) -> str:
    if not text.strip():
        raise invalid({field: say})
    return text.strip()


async def send(work: Work, one: Notice, *, reply_until: When) -> None:
    """送审: freezes the version and opens the unit's time to reply. 409 while a find is undecided."""
    notices.demand_state(one, "draft")
    await notice_sources.demand_publishable(work, one.row)
    await notices.demand_clear(work, one)
    one.row.state, one.row.sent_at, one.row.reply_until = "in_review", work.now, reply_until(work.now)
    one.row.reply = one.row.replied_by = one.row.replied_at = one.row.returned_reason = None
    one.version.frozen_at = work.now
    await notices.step(work, one, "sent")


async def reply(work: Work, one: Notice, *, text: str) -> None:
    """申辩 by the unit the notice is about, once a version; an empty one is "no objection"."""
    notices.demand_state(one, "in_review")
    if not notices.is_of(work.actor, one.row):
        raise refused("notice.reply")
    if one.row.replied_at is not None:
        raise conflict("replied", "贵单位已经回过了。", "Your unit has replied already.")
    one.row.reply, one.row.replied_by, one.row.replied_at = text.strip() or NO_OBJECTION.zh, work.actor.id, work.now
    await notices.step(work, one, "replied", {"objects": "yes" if text.strip() else "no"})


def may_decide(one: Notice, now: datetime) -> bool:
    """Whether the unit has had its say: it replied, or its time is over."""
    row = one.row
    return row.replied_at is not None or (row.reply_until is not None and now >= row.reply_until)


async def approve(work: Work, one: Notice, *, is_secrecy: bool) -> None:
    """业务审核 or 保密审核. Two different persons, neither of whom wrote it; after the second it may be published."""
    notices.demand_state(one, "in_review")
    row, person = one.row, work.actor.id
    if not may_decide(one, work.now) and row.reply_until is not None:
        at = local(row.reply_until)
        raise conflict(
            "reply_first", f"单位还可以申辩到 {at:%m-%d %H:%M}，之后再审。",
            f"The unit may still reply, until {at:%m-%d %H:%M}; review it after that.",
        )  # fmt: skip
    notices.demand_apart(work.actor, row)
    if person in one.hands():
        raise conflict(
            "own_notice",
            "不能审核自己写的公示，请换人。",
            "Whoever wrote it cannot approve it; let somebody else do it.",
        )
    if (row.cleared_by if is_secrecy else row.approved_by) is not None:
        raise conflict("approved_already", "这一道已经审过了。", "This approval has been given already.")
    if person in {row.approved_by, row.cleared_by}:
        raise conflict(
            "two_persons", "业务审核和保密审核要两个人分别来做。", "The two approvals must come from two persons."
        )
    await notice_sources.demand_publishable(work, row)
    await notices.demand_clear(work, one)
    if is_secrecy:
        row.cleared_by, row.cleared_at = person, work.now
    else:
        row.approved_by, row.approved_at = person, work.now
    if row.approved_by is not None and row.cleared_by is not None:
        row.state = "approved"
    await notices.step(work, one, "cleared" if is_secrecy else "approved")


async def send_back(work: Work, one: Notice, *, reason: str) -> None:
    """退回修改: a new version to write; approvals given so far do not count for it."""
    notices.demand_state(one, "in_review", "approved")
    row, old = one.row, one.version
    row.returned_reason = _needed(reason, "reason", Say("请写明要改什么。", "Say what must change."))
    row.state, row.version = "draft", row.version + 1
    row.approved_by = row.approved_at = row.cleared_by = row.cleared_at = row.sent_at = row.reply_until = None
    one.version = VersionRow(
        notice_id=row.id, version=row.version, wrong=old.wrong, rule=old.rule, required=old.required,
        written_by=old.written_by, written_at=work.now,
    )  # fmt: skip
    work.add(one.version)
    await notices.step(work, one, "sent_back")


async def publish(
    work: Work, one: Notice, *, due: When, remind: When | None = None, also: Also | None = None
) -> str:
    """公开: number, date, correction due, and the event on each case, all in one transaction; returns the number.

    The gate is asked once more: the case may have learnt a name since the review. ``remind`` says when before the due
    moment the unit is reminded; without it only the due moment itself is watched.
    """
    notices.demand_state(one, "approved")
    await notices.demand_clear(work, one)
    row = one.row
    number, slug = await notices.next_number(work)
    await notice_sources.tell_ledger(work, row, number)
    if also is not None:
        await also(work, row, number)
    row.number, row.slug, row.state = number, slug, "published"
    row.published_by, row.published_at, row.due_at = work.actor.id, work.now, due(work.now)
    row.chase, row.chase_at = ("remind", remind(row.due_at)) if remind else ("overdue", row.due_at)
    work.add(ReleaseRow(notice_id=row.id, version=row.version, at=work.now))
    work.add(NewsRow(notice_id=row.id, what="published", at=work.now))
    await notices.step(work, one, "published", {"number": slug})
    return number


async def report(work: Work, one: Notice, *, text: str) -> None:
    """报纠正情况 by the unit. Public only once it is verified and has passed the gate."""
    notices.demand_state(one, "published")
    if not notices.is_of(work.actor, one.row):
        raise refused("notice.reply")
    one.row.correction = _needed(text, "text", Say("还没写怎么纠正的。", "Write what was corrected."))
    one.row.corrected_by, one.row.corrected_at, one.row.state = work.actor.id, work.now, "corrected"
    one.row.verification = one.row.chase = one.row.chase_at = None
    await notices.step(work, one, "corrected")


async def verify(work: Work, one: Notice, *, text: str, rate_until: When | None = None) -> int:
    """核实: the correction is true. Returns how many finds are still undecided; it is verified when there are none.

    409 while a file of its evidence was not looked at by two. Those concerned may rate it until ``rate_until``.
    """
    notices.demand_state(one, "corrected")
    notices.demand_apart(work.actor, one.row)
    if one.row.corrected_by == work.actor.id:
        raise conflict("own_correction", "报纠正的人不能自己核实。", "Whoever reported it cannot verify it.")
    if work.actor.id in one.let_stand():
        raise conflict(
            "own_decision", "这次纠正里有一处是您决定保留的，请换人核实。",
            "You kept a passage of this correction; let somebody else verify it.",
        )  # fmt: skip
    await notice_sources.demand_publishable(work, one.row)
    await notice_files.demand_looked_at(work, one)
    one.row.verification = _needed(text, "text", Say("还没写核实结果。", "Write what was found."))
    left = len(await notices.undecided(work, one))
    if not left:
        one.row.state, one.row.verified_by, one.row.verified_at = "verified", work.actor.id, work.now
        one.row.rate_until = rate_until(work.now) if rate_until is not None else None
        work.add(NewsRow(notice_id=one.row.id, what="verified", at=work.now))
    await notices.step(work, one, "verified" if not left else "edited")
    return left


async def refuse_correction(work: Work, one: Notice, *, reason: str, remind: When | None = None) -> None:
    """核实不符: back to the unit with what it sent; the due date stays and is watched on.

    ``remind`` as for ``publish``: a reminder whose hour has not come is not lost by a report in between.
    """
    notices.demand_state(one, "corrected")
    row = one.row
    row.returned_reason = _needed(reason, "reason", Say("请写明哪里不符。", "Say what is not so."))
    row.state = "published"
    row.correction = row.corrected_by = row.corrected_at = row.verification = None
    if row.overdue_at is None and row.due_at is not None:
        at = remind(row.due_at) if remind is not None else None
        row.chase, row.chase_at = ("remind", at) if at is not None and at > work.now else ("overdue", row.due_at)
    await notice_files.drop(work, one)
    await notices.step(work, one, "correction_refused")


async def archive(work: Work, one: Notice) -> None:
    """归档: off the list of current notices; its page stays."""
    notices.demand_state(one, "verified")
    one.row.state, one.row.archived_at = "archived", work.now
    await notices.step(work, one, "archived")


async def withdraw(work: Work, one: Notice, *, reason: str) -> None:
    """撤下: what was public becomes a tombstone with the reason; what never was is discarded.

    Where a case behind it is shielded the public reads one fixed sentence, whatever was written: it would tell why.
    """
    notices.demand_state(one, *(state for state in notices.STATES if state not in {"withdrawn", "applied"}))
    is_held = one.row.number is not None and await notice_sources.is_held(work.connection, one.row.id)
    say = Say("请写明为何撤下。", "Say why it is taken down.")
    one.row.withdrawn_reason = HELD_BACK if is_held else _needed(reason, "reason", say)
    if one.row.number is not None and not is_held and await _in_reason(work, one):
        no = Say("理由会公开，请不要写能认出人的内容。", "The reason is public; leave out what tells who somebody is.")
        raise invalid({"reason": no})
    one.row.state, one.row.withdrawn_by, one.row.withdrawn_at = "withdrawn", work.actor.id, work.now
    one.row.chase = one.row.chase_at = None
    await notices.step(work, one, "withdrawn")


async def _in_reason(work: Work, one: Notice) -> int:
    """How many finds the reason holds. Once the data of a case was erased nothing can be compared: a fixed sentence."""
    try:
        what = await notice_sources.known(work.connection, one.row)
    except Refusal as refusal:
        if refusal.code != "erased":
            raise
        one.row.withdrawn_reason = ERASED
        return 0
    return len(gate.finds({"reason": one.row.withdrawn_reason or ""}, what))
