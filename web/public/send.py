"""Check, send, receipt: the draft becomes one acknowledged message, its number and code are shown for half an hour."""

from __future__ import annotations

import asyncio
import io
from datetime import datetime, timedelta
from typing import Any

import msgspec
from litestar import Request, Response, get, post

from channels import acknowledge, drafts, outbox
from channels.drafts import Draft
from channels.message import Decision, Inbound
from hotline import city, clock, jobs
from hotline.accounts import Account
from hotline.errors import Refusal, Say
from hotline.permissions import PUBLIC
from hotline.vault import mask_phone
from sla import clocks, targets
from web import access, forms
from web.public import known, questions, verify
from web.public.ask import _address, draft_of
from web.public.pass_cookie import UNSTORED, give_pass
from web.public.questions import UNKNOWN
from web.render import preference, render, see_other

_FOLLOWED = "诉求人选择一起跟进"
SHOWN = timedelta(minutes=30)
"""How long the receipt can be opened again in this browser; the phone may be lent to somebody."""
_FIELD_STEPS = {"words": "what", "kind": "kind", "county": "where", "matter": "matter", "phone": "reach"}
_Request = Request[Any, Any, Any]


class Send(msgspec.Struct):
    """The last page has nothing to fill in."""


@get("/ask/check", opt={"needs": PUBLIC})
async def check(request: _Request) -> Response[str]:
    """Everything that was answered, each with a way to change it."""
    _, draft = await draft_of(request)
    wrong = _not_ready(request, draft)
    if wrong is not None or draft is None:
        return wrong or see_other(request, "/ask")
    return _check_page(request, draft, forms.blank(Send))


@post("/ask/send", opt={"needs": PUBLIC}, status_code=200)
async def send(request: _Request) -> Response[str]:
    """Acknowledge the message once, whatever is clicked; the worker makes the case."""
    token, draft = await draft_of(request)
    wrong = _not_ready(request, draft)
    if wrong is not None or draft is None:
        return wrong or see_other(request, "/ask")
    form = await forms.read(request, Send)
    try:
        account = access.known_account(request.scope)
        receipt = await acknowledge.acknowledge(inbound_of(draft, preference(request, "lang"), account))
    except Refusal as refusal:
        if refusal.status != 422:
            raise
        form.take(refusal)
        return _check_page(request, draft, form, status=422)
    if receipt.is_repeat:
        await _wait_for_receipt(token)
        return see_other(request, "/ask/sent")
    await drafts.save(token, _sent(draft, receipt.number, receipt.code))
    await jobs.nudge("make_cases")
    give_pass(request.scope, receipt.number)
    return see_other(request, "/ask/sent")


@get("/ask/sent", opt={"needs": PUBLIC})
async def sent(request: _Request) -> Response[str]:
    """The receipt: number, query code, the next step, the date to expect."""
    _, draft = await draft_of(request)
    if draft is None or not _is_shown(draft):
        return see_other(request, "/track")
    return render(
        request, "public/sent.html", headers=UNSTORED, draft=draft, expected=expected(draft),
        next_step=questions.NEXT[draft.kind], reach=questions.REACH[draft.reach],
        is_sealed=draft.kind == "report" or draft.is_confidential, has_sms="sms" in outbox.SENDERS,
    )  # fmt: skip


@get("/ask/sent.png", opt={"needs": PUBLIC})
async def sent_picture(request: _Request) -> Response[bytes]:
    """The receipt as a picture to keep among one's photos: number, code and day."""
    _, draft = await draft_of(request)
    if draft is None or not _is_shown(draft):
        raise Refusal(
            404,
            "not_found",
            Say("回执只留半小时，请凭编号和查询码查询。", "The receipt is kept for half an hour; use number and code."),
        )
    picture = await asyncio.to_thread(_draw, draft)
    name = f'attachment; filename="12345-{draft.number}.png"'
    headers = {"Content-Disposition": name, "Cache-Control": "no-store"}
    return Response(picture, media_type="image/png", headers=headers)


def inbound_of(draft: Draft, lang: str, account: Account | None = None) -> Inbound:
    """The draft as the one message that every door makes. County: the place's, else the portal's (rules.md 9).

    It carries the account of who is signed in, unless they chose to leave nothing.
    """
    if draft.reach == "none":
        account = None
    is_about = draft.kind in questions.ABOUT
    county = draft.county if draft.county not in {"", UNKNOWN} else ""
    if not county and not (draft.place and city.current().find_place(draft.place)):
        county = draft.portal
    return Inbound(
        channel="web", provider_id=f"ask:{draft.once}", words=draft.words, kind=draft.kind, place=draft.place,
        point=draft.point, portal=draft.portal, county=county, township=draft.township, matter=draft.matter,
        name=draft.name, phone=draft.phone,
        reply_by=draft.reach, reply_to=draft.email if draft.reach == "email" else "",
        second_by=draft.second or "none", second_to=draft.email if draft.second == "email" else "",
        proxy_name=draft.proxy, about_unit=draft.about_unit if is_about else "",
        about_person=draft.about if is_about else "",
        is_anonymous=draft.reach == "none", is_confidential=draft.is_confidential, is_minor=draft.is_minor,
        attachments=tuple(one.id for one in draft.files), lang=lang,
        decision=_follow(draft), account=account.id if account else None,
        organisation_code=account.organisation_code if account else "",
    )  # fmt: skip


def _follow(draft: Draft) -> Decision | None:
    """Merged into the one that they follow, once it is a case of its own."""
    one = known.followed(draft)
    return Decision(outcome="join", target=one.number, reason=_FOLLOWED) if one is not None else None


def expected(draft: Draft) -> datetime:
    """When an answer may be expected: the clock of its kind, counted from the sending."""
    matter = city.current().matter(draft.matter) if draft.matter else None
    profile = targets.profile_for(draft.kind, "normal", matter.profile if matter else None)
    return clocks.promise("finish", profile, draft.sent_at or clock.now())[0].due_at


def _sent(draft: Draft, number: str, code: str) -> Draft:
    """What is left of a draft once it is sent: the receipt, none of the words or particulars."""
    return Draft(
        once=draft.once, kind=draft.kind, matter=draft.matter, reach=draft.reach, is_confidential=draft.is_confidential,
        number=number, code=code, sent_at=clock.now(),
    )  # fmt: skip


async def _wait_for_receipt(token: str) -> None:
    """The other click of two is still writing the receipt down; it takes milliseconds."""
    for _ in range(20):
        draft = await drafts.load(token)
        if draft is None or draft.number:
            return
        await asyncio.sleep(0.1)


def _is_shown(draft: Draft) -> bool:
    return bool(draft.number) and draft.sent_at is not None and clock.now() - draft.sent_at < SHOWN


def _not_ready(request: _Request, draft: Draft | None) -> Response[str] | None:
    if draft is None:
        return see_other(
            request,
            "/ask",
            flash=Say("写的内容只留一天，请从头开始。", "What is written is kept for a day only; please start again."),
        )
    if draft.number:
        return see_other(request, "/ask/sent")
    if verify.must_verify(request, draft):
        return see_other(request, verify.PATH)
    open_step = questions.first_open(draft, city.current())
    return None if open_step == "check" else see_other(request, _address(open_step))


def _check_page(request: _Request, draft: Draft, form: forms.Form[Send], *, status: int = 200) -> Response[str]:
    form.errors = {f"{_FIELD_STEPS.get(name, name)}": say for name, say in form.errors.items()}
    return render(
        request, "public/ask_check.html", region="#r-ask", status=status, headers=UNSTORED, form=form, draft=draft,
        answers=_answers(draft), back=_address(questions.before(draft, city.current(), "check")),
        next_step=questions.NEXT[draft.kind], expected=expected(draft),
    )  # fmt: skip


def _answers(draft: Draft) -> list[tuple[str, Say, list[str | Say]]]:
    """(step, question, what was answered) for each question."""
    snapshot = city.current()
    return [
        (step, questions.title(draft, step), [part for part in _answer(draft, step) if part])
        for step in questions.steps(draft, snapshot)
        if step != "street" or draft.township
    ]


def _answer(draft: Draft, step: str) -> list[str | Say]:
    snapshot = city.current()
    if step == "kind":
        return [questions.KINDS[draft.kind]]
    if step == "about":
        unit = snapshot.unit(draft.about_unit) if draft.about_unit else None
        return [unit.name if unit else "", draft.about]
    if step == "what":
        return [draft.words, *(one.name for one in draft.files)]
    if step == "where":
        county = snapshot.jurisdiction(draft.county) if draft.county not in {"", UNKNOWN} else None
        located = Say("已带上定位", "with your device’s position") if draft.point else ""
        return [county.name if county else Say("说不清", "Cannot say"), draft.place, located]
    if step == "street":
        town = snapshot.township(draft.township)
        return [town.name if town else ""]
    if step == "matter":
        matter = snapshot.matter(draft.matter) if draft.matter else None
        return [matter.name if matter else Say("没选，由热线判断", "Not chosen; the hotline decides")]
    if step == "known":
        one = known.followed(draft)
        return [known.say(one) if one is not None else Say("不是同一件", "Mine is different")]
    secret = Say("请为我保密", "Keep it confidential") if draft.is_confidential else ""
    minor = Say("牵涉未满 18 岁的人", "Somebody under 18 is concerned") if draft.is_minor else ""
    ways = questions.CALLBACK if draft.kind == "report" else questions.REACH
    second = questions.SECOND[draft.second] if draft.second else ""
    proxy = Say(f"由 {draft.proxy} 代为反映", f"Asked on their behalf by {draft.proxy}") if draft.proxy else ""
    phone = mask_phone(draft.phone) if draft.phone else ""
    return [ways[draft.reach], second, draft.name, phone, draft.email, proxy, secret, minor]


def _draw(draft: Draft) -> bytes:
    """Latin and digits only: whatever fonts the machine has, these are in the library itself."""
    from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415 - 30 ms and 8 MB, for the few who save a picture

    picture = Image.new("RGB", (720, 480), "white")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, 720, 96), fill="#083F78")
    day = clock.local(draft.sent_at or clock.now())
    lines = (
        ("12345", 44, 24, "white"),
        ("No.", 28, 136, "#445064"),
        (draft.number, 52, 172, "#17202B"),
        ("Code", 28, 260, "#445064"),
        (draft.code, 52, 296, "#17202B"),
        (f"{day:%Y-%m-%d %H:%M}", 28, 400, "#445064"),
    )
    for text, size, top, colour in lines:
        pen.text((40, top), text, fill=colour, font=ImageFont.load_default(size))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
