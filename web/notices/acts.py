"""The steps of a notice as posts: each opens it locked, takes one step, and says what happened."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.params import FromPath

from cases import notice_errata, notice_lists, notice_steps, notices
from cases.notice_rows import Notice
from channels import notify_notice, reminders_notice
from hotline import db
from hotline.actor import Actor
from hotline.errors import Refusal, Say
from hotline.permissions import SIGNED_IN, may, refused
from hotline.work import Work, work
from sla import notice_ladder, notice_sweep
from web import fields, forms
from web.access import Who
from web.notices import sources
from web.notices.drafts import DECIDERS, Draft, Note, page
from web.render import see_other

_Request = Request[Any, Any, Any]
FIELDS = ("wrong", "rule", "required", "why")
_Step = Callable[[Work, Notice, Note], Awaitable[Say]]


async def take(
    request: _Request, actor: Actor, notice_id: UUID, step: _Step, *, tells: tuple[str, ...] = ()
) -> Response[str]:
    """One step with its note; refused, the page comes again with what was written and why it cannot be.

    ``tells`` are the steps of ``channels.reminders_notice`` that the unit and the centre hear of.
    """
    form = await forms.read(request, Note)
    async with db.reading() as connection:
        await notice_lists.one(connection, actor, notice_id)  # 404 unless it is this person's to see
    try:
        async with work(actor) as w:
            one = await notices.opened(w, notice_id, form.good.revision)
            await sources.refresh(w, one.row)
            say = await step(w, one, form.good)
            for what in tells:
                await reminders_notice.tell(w, one, what)
    except Refusal as refusal:
        if refusal.status not in (409, 422):
            raise
        form.take(refusal)
        typed = await fields.posted(request)
        texts = forms.blank(Draft, {name: typed.get(name, [""])[0] for name in FIELDS}) if "wrong" in typed else None
        return await page(request, actor, notice_id, form=texts, note=form, status=refusal.status)
    return see_other(request, f"/notices/drafts/{notice_id}", flash=say)


@post("/notices/drafts/{notice_id:uuid}", opt={"needs": "notice.draft"}, status_code=200)
async def edit(request: _Request, actor: Who, notice_id: FromPath[UUID]) -> Response[str]:
    """Write the draft anew."""
    form = await forms.read(request, Draft)
    if form.is_good:
        try:
            async with work(actor) as w:
                one = await notices.opened(w, notice_id, form.good.revision)
                good = form.good
                await notices.edit(
                    w, one, wrong=good.wrong, rule=good.rule, required=good.required, why=good.why
                )
        except Refusal as refusal:
            if refusal.status not in (409, 422):
                raise
            form.take(refusal)
            return await page(request, actor, notice_id, form=form, status=refusal.status)
        return see_other(request, f"/notices/drafts/{notice_id}", flash=Say("草稿已存。", "The draft is kept."))
    return await page(request, actor, notice_id, form=form, status=422)


@post("/notices/drafts/{notice_id:uuid}/finds/{digest:str}", opt={"needs": SIGNED_IN}, status_code=200)
async def decide(request: _Request, actor: Who, notice_id: FromPath[UUID], digest: FromPath[str]) -> Response[str]:
    """Hide one find (y), or keep it with a reason (e); what was typed beside it is kept in the same step."""
    posted = await fields.posted(request)
    typed = {name: posted[name][0] for name in FIELDS if name in posted}
    reason = posted.get(f"reason-{digest}", [""])[0]

    async def step(w: Work, one: Notice, note: Note) -> Say:
        needs = DECIDERS.get(one.row.state, ("notice.draft",))
        if not any(may(actor, need) for need in needs):
            raise refused(needs[0])
        if typed and any(one.texts[name] != text for name, text in typed.items() if name in one.texts):
            await notices.edit(w, one, **{**one.texts, **typed})
        finds = await notices.found(w, one)
        number = next((n for n, find in enumerate(finds, 1) if find.digest.hex() == digest), 0)
        if not number and typed:
            return Say("这一处已经不在了，文字已存。", "That passage is no longer there; the text is kept.")
        decision = "keep" if note.decision == "keep" else "redact"
        await notices.decide(w, one, number, decision=decision, reason=reason)
        return {
            "redact": Say("已隐去。", "It is hidden."),
            "keep": Say("已保留，理由已记。", "It is kept, with its reason."),
        }[decision]

    return await take(request, actor, notice_id, step)


@post("/notices/drafts/{notice_id:uuid}/review", opt={"needs": "notice.draft"}, status_code=200)
async def send(request: _Request, actor: Who, notice_id: FromPath[UUID]) -> Response[str]:
    """送审."""

    async def step(w: Work, one: Notice, _: Note) -> Say:
        await notice_steps.send(w, one, reply_until=notice_sweep.reply_until)
        return Say("已送审，单位可以申辩。", "Sent for review; the unit may reply.")

    return await take(request, actor, notice_id, step, tells=("sent",))


@post("/notices/drafts/{notice_id:uuid}/reply", opt={"needs": "notice.reply"}, status_code=200)
async def reply(request: _Request, actor: Who, notice_id: FromPath[UUID]) -> Response[str]:
    """申辩, or no objection."""

    async def step(w: Work, one: Notice, note: Note) -> Say:
        await notice_steps.reply(w, one, text=note.text)
        return Say("已记下贵单位的意见。", "Your unit's reply is noted.")

    return await take(request, actor, notice_id, step, tells=("replied",))


@post("/notices/drafts/{notice_id:uuid}/approval", opt={"needs": "notice.approve"}, status_code=200)
async def approve(request: _Request, actor: Who, notice_id: FromPath[UUID]) -> Response[str]:
    """业务审核."""

    async def step(w: Work, one: Notice, _: Note) -> Say:
        await notice_steps.approve(w, one, is_secrecy=False)
        return Say("业务审核通过。", "Approved, business side.")

    return await take(request, actor, notice_id, step, tells=("cleared_both",))


@post("/notices/drafts/{notice_id:uuid}/clearance", opt={"needs": "notice.clear"}, status_code=200)
async def clear(request: _Request, actor: Who, notice_id: FromPath[UUID]) -> Response[str]:
    """保密审核."""

    async def step(w: Work, one: Notice, _: Note) -> Say:
        await notice_steps.approve(w, one, is_secrecy=True)
        return Say("保密审核通过。", "Approved, secrecy side.")

    return await take(request, actor, notice_id, step, tells=("cleared_both",))


@post("/notices/drafts/{notice_id:uuid}/return", opt={"needs": SIGNED_IN}, status_code=200)
async def send_back(request: _Request, actor: Who, notice_id: FromPath[UUID]) -> Response[str]:
    """退回修改 by a reviewer, or taken back by the officer."""
    if not notice_lists.is_centre(actor):
        raise _not_yours()

    async def step(w: Work, one: Notice, note: Note) -> Say:
        await notice_steps.send_back(w, one, reason=note.reason)
        return Say("已退回修改。", "Sent back to be changed.")

    return await take(request, actor, notice_id, step, tells=("sent_back",))


def _not_yours() -> Refusal:
    return Refusal(
        403, "forbidden", Say("您没有这项权限，请找管理员。", "You lack the permission; ask an administrator.")
    )


@post("/notices/drafts/{notice_id:uuid}/publication", opt={"needs": "notice.draft"}, status_code=200)
async def publish(request: _Request, actor: Who, notice_id: FromPath[UUID]) -> Response[str]:
    """公开; an erratum becomes the next version of its notice instead."""

    async def step(w: Work, one: Notice, _: Note) -> Say:
        if one.row.is_erratum:
            number = await notice_errata.apply(w, one)
            await reminders_notice.tell(w, one, "applied")
            return Say(f"{number} 的文字已更正并公开。", f"The text of {number} is corrected in public.")
        number = await notice_steps.publish(
            w, one, due=notice_sweep.correction_due, remind=notice_sweep.remind_at, also=notice_ladder.count
        )
        await reminders_notice.tell(w, one, "published")
        return Say(f"{number} 已公开。", f"{number} is published.")

    return await take(request, actor, notice_id, step)


@post("/notices/drafts/{notice_id:uuid}/verification", opt={"needs": "notice.verify"}, status_code=200)
async def verify(request: _Request, actor: Who, notice_id: FromPath[UUID]) -> Response[str]:
    """核实; with finds left undecided the text is kept and the state stays."""

    async def step(w: Work, one: Notice, note: Note) -> Say:
        undecided = await notice_steps.verify(w, one, text=note.text, rate_until=notice_sweep.rate_until)
        if undecided:
            return Say(
                f"已存。还有 {undecided} 处要先决定，再核实一次。",
                f"Kept. {undecided} passages must be decided first, then verify again.",
            )
        await reminders_notice.tell(w, one, "verified")
        await notify_notice.on_verified(w, one.row)
        return Say("已核实，纠正情况已公开。", "Verified; the correction is public.")

    return await take(request, actor, notice_id, step)


@post("/notices/drafts/{notice_id:uuid}/refusal", opt={"needs": "notice.verify"}, status_code=200)
async def refuse_correction(request: _Request, actor: Who, notice_id: FromPath[UUID]) -> Response[str]:
    """核实不符."""

    async def step(w: Work, one: Notice, note: Note) -> Say:
        await notice_steps.refuse_correction(w, one, reason=note.reason, remind=notice_sweep.remind_at)
        return Say("已退回单位重报，期限不变。", "Back to the unit; the due date stays.")

    return await take(request, actor, notice_id, step, tells=("correction_refused",))


@post("/notices/drafts/{notice_id:uuid}/archive", opt={"needs": "notice.verify"}, status_code=200)
async def archive(request: _Request, actor: Who, notice_id: FromPath[UUID]) -> Response[str]:
    """归档."""

    async def step(w: Work, one: Notice, _: Note) -> Say:
        await notice_steps.archive(w, one)
        return Say("已归档。", "Archived.")

    return await take(request, actor, notice_id, step)


@post("/notices/drafts/{notice_id:uuid}/withdrawal", opt={"needs": "notice.verify"}, status_code=200)
async def withdraw(request: _Request, actor: Who, notice_id: FromPath[UUID]) -> Response[str]:
    """撤下: a tombstone with the reason stays."""

    async def step(w: Work, one: Notice, note: Note) -> Say:
        await notice_steps.withdraw(w, one, reason=note.reason)
        return Say("已撤下，公示页留有说明。", "Taken down; its page says so.")

    return await take(request, actor, notice_id, step, tells=("withdrawn",))
