"""The agent's desk: the call form, its proposals and drafts, submission, the receipt, and what I logged."""

from __future__ import annotations

from typing import Any
from uuid import uuid5

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from cases.states import CASE_STATES, DECLINE_REASONS, KINDS, URGENCIES
from channels import acknowledge, calls, intake
from channels.message import Inbound
from hotline import city, db, files, media, unfinished
from hotline.actor import Actor
from hotline.errors import Refusal, Say
from hotline.ids import new_id
from web import fields, forms, hearing, units, ways
from web.access import Who
from web.desk import answers, call, drafts, join, later, related, repeated, settled, sources
from web.desk import help as helping
from web.desk.call import Call
from web.floor import seat
from web.forms import Form
from web.render import put_flash, render, see_other

NEEDS = "call.take"
AnyRequest = Request[Any, Any, Any]
_FILLED = {"answer": "#f-reply_text", "transfer": "#f-target", "decline": "#f-decline_reply"}
"""Where the cursor goes when a button has filled an ending in: its own button is gone with the old form."""


@get("/desk", opt={"needs": NEEDS})
async def desk(request: AnyRequest, actor: Who) -> Response[str]:
    """A new call; the draft that ``?draft=`` names; the one of the call that ``?call=`` names, made at its ring."""
    asked = request.query_params
    draft, known = await drafts.started(actor, asked)
    if isinstance(draft, unfinished.Receipt):
        return drafts.to_receipt(request, draft)
    start = forms.blank(Call, call.defaults(actor))
    if draft is not None:
        start = Form(Call, {**start.typed, **draft.fields} if draft.is_blank else {**draft.fields})
    start.typed |= known
    start.typed["draft"] = [str(draft.id)] if draft else start.typed.get("draft") or [str(new_id())]
    if draft is not None and draft.call is not None:
        start.typed.setdefault("call", [str(draft.call)])
    return await show(request, actor, start, saved=draft)


async def show(
    request: AnyRequest, actor: Actor, form: Form[Call], *, status: int = 200, saved: unfinished.Draft | None = None,
    focus: str = "",
) -> Response[str]:  # fmt: skip
    """The call screen with this form and what is proposed for it; errors take the focus, else ``focus``."""
    snapshot = city.current()
    earlier = await helping.history(actor, form.text("phone"))
    back = {"HX-Retarget": "#r-call", "HX-Reswap": "outerHTML"} if status == 409 else {}
    helped = helping.offer(form)
    others = await unfinished.of(actor) if saved is None else []
    return render(
        request, "desk/call.html", region="#r-call", status=status, focus="#r-errors" if status != 200 else focus,
        form=form, helped=helped, beside=await helping.beside(actor, form, helped), earlier=earlier,
        case_states=CASE_STATES, related_hints=related.hints(snapshot, form),
        saved=saved, saved_at=None, conflict=None,
        saved_version=saved.version if saved else drafts.counted(form.typed, "version") or 0,
        saved_base=saved.version if saved else drafts.counted(form.typed, "base") or 0,
        window=form.text("window"), risk_alarm=await hearing.heard(actor, form.typed), kinds_of=hearing.kinds_of,
        headers=back, is_risk_news=False, drafts=[one for one in others if str(one.id) != form.text("draft")],
        tabs=await settled.tabs(actor, "/desk"), is_part=False, **_choices(snapshot),
    )  # fmt: skip


def _choices(snapshot: city.City) -> dict[str, Any]:
    towns: dict[str, list[city.Township]] = {}
    for one in snapshot.townships.values():
        towns.setdefault(one.county, []).append(one)
    return {
        "lines": snapshot.open_lines, "counties": snapshot.jurisdictions, "towns": towns, "kinds": KINDS,
        "urgencies": URGENCIES, "channels": call.CHANNELS, "outcomes": call.OUTCOMES,
        "reply_by": ways.offered(call.REPLY_BY), "second_by": ways.offered(call.SECOND_BY),
        "decline_reasons": DECLINE_REASONS, "related": related.targets(snapshot),
        "statutory": related.statutory(snapshot), "emergencies": call.EMERGENCIES, "units": units.choices(snapshot),
    }  # fmt: skip


@post("/desk", opt={"needs": NEEDS}, status_code=200, request_max_body_size=60 * 1024 * 1024)
async def submit(request: AnyRequest, actor: Who) -> Response[str]:
    """Look up (查) or settle the call: the receipt page, or the form back as it was with what is missing."""
    posted = await fields.posted(request)
    try:
        if await seat.hand_over(actor, posted):
            return see_other(request, "/seat", flash=seat.HANDED_OVER)
    except Refusal as refusal:
        return await _not_handed_over(request, actor, posted, refusal)
    if later.is_asked(posted):
        return await _later(request, actor, posted)
    posted = await answers.fill(posted)
    form = forms.parse(Call, related.fill(city.current(), call.emergency(join.pressed(posted))))
    if "look" in posted or "refer" in posted or answers.TAKE in posted:
        form.errors.clear()
        filled = "" if "look" in posted else _FILLED.get(form.text("outcome"), "#f-words")
        return await show(request, actor, form, focus=filled)
    chosen = helping.offer(form)
    decided_by = helping.decided_by(form, chosen)
    status = 422
    if form.value is not None:
        form.value.matter, form.value.place_pick = form.value.matter or chosen.matter, chosen.place
        form.typed["matter"] = [form.value.matter] if form.value.matter else []
        form.errors.update(call.refused(form.value, actor) | await answers.refused(form.value))
    try:
        if form.is_good:
            return see_other(request, await _settle(request, actor, form, decided_by))
    except Refusal as refusal:
        if refusal.status not in (409, 422):
            raise
        status = refusal.status
        form.take(refusal)
    return await show(request, actor, form, status=status)


async def _not_handed_over(
    request: AnyRequest, actor: Actor, posted: dict[str, list[str]], refusal: Refusal
) -> Response[str]:
    """110 was not reached, or the call is over: the sentence says what to do, and the form stays as it is."""
    form = forms.parse(Call, posted)
    form.errors = {"": refusal.say}
    return await show(request, actor, form, status=422)


async def _later(request: AnyRequest, actor: Actor, posted: dict[str, list[str]]) -> Response[str]:
    """约好回拨: no case yet; the draft waits for its time."""
    form = forms.parse(Call, posted)
    say = await later.settle(actor, form, posted)
    if say is None:
        return await show(request, actor, form, status=422)
    return see_other(request, "/desk", flash=say)


async def _settle(request: AnyRequest, actor: Actor, form: Form[Call], decided_by: str) -> str:
    """Both transactions of intake, then the draft gives way to the receipt; the address of what to read out.

    The draft's id is the message's own: a submit that is repeated after its answer was lost gives the same receipt.
    """
    value, mark = form.good, repeated.mark(form.good)
    if (path := await _again(request, actor, form, mark)) is not None:
        return path
    key = uuid5(value.draft, str(actor.id)).hex if value.draft else form.once or new_id().hex
    told = call.message(value, actor, key, decided_by=decided_by)
    if value.outcome == "join":
        value.join = await join.check(actor, value, told)
        told = call.message(value, actor, key)
    acknowledge.check(told)
    receipt = await acknowledge.acknowledge(await _with_files(request, actor, told))
    code = receipt.code
    if receipt.is_repeat:
        if (path := await _again(request, actor, form, mark)) is not None:  # its twin was quicker
            return path
        code, is_changed = await repeated.before(receipt, value)
        put_flash(request, await repeated.said(actor, form, mark, is_changed=is_changed))
        mark = "" if is_changed else mark
    kept = unfinished.Receipt(number=receipt.number, code=code, mark=mark)
    await unfinished.settle(actor, value.draft, kept)  # before the case: killed from here on, the code is not lost
    await intake.make_one(receipt.message)
    followed = await join.followed(receipt, told) if value.outcome == "join" else None
    number, path = receipt.number, f"/desk/receipts/{receipt.number}"
    if followed is not None:
        number, path = followed.receipt, f"/desk/followed/{followed.receipt}"
        kept = unfinished.Receipt(number=number, code="", path=path, mark=mark)
        await unfinished.settle(actor, value.draft, kept)
    await _beside(actor, value, number)
    return path


async def _again(request: AnyRequest, actor: Actor, form: Form[Call], mark: str) -> str | None:
    """The page of the receipt that this draft has become already; None when it has not."""
    value = form.good
    known = await unfinished.receipt_of(actor, value.draft) if value.draft else None
    if known is None:
        return None
    await repeated.finish(known)
    await _beside(actor, value, known.number)
    put_flash(request, await repeated.said(actor, form, mark, is_changed=known.mark != mark))
    return known.path or f"/desk/receipts/{known.number}"


async def _beside(actor: Actor, value: Call, number: str) -> None:
    """What else the receipt settles: the alarm of its risk words, and the call's outcome."""
    await hearing.settled(value.draft, number)
    await sources.settled(actor, value, number)
    if value.call is not None:
        async with db.atomic() as connection:
            await calls.link(connection, actor.id, value.call, number)


async def _with_files(request: AnyRequest, actor: Actor, told: Inbound) -> Inbound:
    sent = (await fields.uploads(request)).get("photos", [])
    if not sent:
        return told
    most = int(city.current().rule("upload.files"))
    if len(sent) > most:
        say = Say(f"一次最多 {most} 个附件，请分开交。", f"At most {most} files at a time.")
        raise Refusal(422, "too_many_files", say, fields={"photos": say})
    try:
        clean = [(one.filename, files.look(await one.read(), one.filename)) for one in sent]
    except Refusal as refusal:
        raise Refusal(
            refusal.status,
            refusal.code,
            refusal.say,
            fields={"photos": next(iter(refusal.fields.values()), refusal.say)},
        ) from None
    return await _keep(actor, told, clean)


async def _keep(actor: Actor, told: Inbound, clean: list[tuple[str, media.Clean]]) -> Inbound:
    subject = ("message", new_id())
    async with db.atomic() as connection:
        kept = [
            await files.keep(connection, data, name, subject=subject, audience="requester", actor=actor)
            for name, data in clean
        ]
    return msgspec.structs.replace(told, attachments=tuple(one.id for one in kept))


@post("/desk/proposals", opt={"needs": NEEDS, "is_part": True}, status_code=200)
async def proposals(request: AnyRequest, actor: Who) -> Response[str]:
    """All that follows from what is typed: matters, places, look-alikes, answers, the unit and the due date, a risk.

    One answer for one stretch of typing; for htmx only.
    """
    form = forms.typed(Call, await fields.posted(request))
    helped = helping.offer(form)
    alarm = await hearing.heard(actor, form.typed)
    return render(
        request, "desk/call.html", region="#r-proposals", form=form, helped=helped,
        beside=await helping.beside(actor, form, helped), related_hints=related.hints(city.current(), form),
        is_part=True, risk_alarm=alarm, kinds_of=hearing.kinds_of, is_risk_news=hearing.is_news(alarm, form.typed),
        is_risk_other=hearing.is_other(alarm, form.typed),
    )  # fmt: skip


@post("/desk/line", opt={"needs": NEEDS, "is_part": True}, status_code=200)
async def line(request: AnyRequest) -> Response[str]:
    """What to open with on the line that was chosen; for htmx only."""
    form = forms.typed(Call, await fields.posted(request))
    return render(request, "desk/call.html", region="#r-greeting", form=form, lines=city.current().open_lines)


@post("/desk/preview", opt={"needs": NEEDS, "is_part": True}, status_code=200)
async def preview(request: AnyRequest) -> Response[str]:
    """Where it would go and until when; for htmx only."""
    form = forms.typed(Call, await fields.posted(request))
    return render(request, "desk/call.html", region="#r-preview", form=form, helped=helping.offer(form))


@post("/desk/history", opt={"needs": NEEDS, "is_part": True}, status_code=200)
async def history(request: AnyRequest, actor: Who) -> Response[str]:
    """The caller's earlier cases; a post, so that the number stands in no address."""
    form = forms.typed(Call, await fields.posted(request))
    earlier = await helping.history(actor, form.text("phone"))
    return render(request, "desk/call.html", region="#r-history", form=form, earlier=earlier, case_states=CASE_STATES)


@get("/desk/receipts/{number:str}", opt={"needs": NEEDS})
async def receipt(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """Number, code and the sentence to read out; for whoever logged it."""
    shown = await settled.receipt(actor, number)
    return render(
        request, "desk/receipt.html", region="#r-sent", one=shown, states=CASE_STATES,
        tabs=await settled.tabs(actor, ""),
    )  # fmt: skip


@get("/desk/receipts/{number:str}/print", opt={"needs": NEEDS})
async def paper(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """The receipt for whoever stands at the counter: number, code, the sentence; who printed it and when."""
    shown = await settled.receipt(actor, number)
    return render(request, "desk/paper.html", one=shown, states=CASE_STATES)


@get("/desk/followed/{number:str}", opt={"needs": NEEDS})
async def followed(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """What the caller added to a case of theirs went there: the number to name, and what to say."""
    shown = await join.shown(actor, number)
    return render(request, "desk/followed.html", one=shown, tabs=await settled.tabs(actor, ""))


@get("/desk/mine", opt={"needs": NEEDS})
async def mine(request: AnyRequest, actor: Who) -> Response[str]:
    """What I logged today, and my unfinished calls."""
    rows = await settled.logged_today(actor)
    return render(
        request, "desk/mine.html", region="#r-list", rows=rows, drafts=await unfinished.of(actor), states=CASE_STATES,
        tabs=await settled.tabs(actor, "/desk/mine"), live="queue",
    )  # fmt: skip


ROUTES = [desk, submit, proposals, line, preview, history, receipt, paper, followed, mine, *drafts.ROUTES]
