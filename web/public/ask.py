"""我要反映: one question a page, kept for a day, and in the end one message however often it is sent."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from channels import drafts
from channels.drafts import Draft, Kept
from hotline import city, clock, db, files, tries
from hotline.actor import CITIZEN
from hotline.errors import Refusal, Say
from hotline.permissions import PUBLIC
from web import access, cookies, forms
from web.desk import matters
from web.public import danger, known, pointing, questions, verify
from web.public.lists import grouped_matters, grouped_units, portal_county
from web.public.pass_cookie import UNSTORED
from web.public.questions import UNKNOWN
from web.render import render, see_other

COOKIE = verify.COOKIE
DAY = 24 * 3600
BODY_LIMIT = 64 * 1024 * 1024
_Request = Request[Any, Any, Any]


async def draft_of(request: _Request) -> tuple[str, Draft | None]:
    """The browser's token and the draft behind it."""
    token = cookies.get(request.scope, COOKIE)
    return token, await drafts.load(token)


@get("/ask", opt={"needs": PUBLIC})
async def begin(request: _Request) -> Response[str]:
    """Question 1; a county's portal presets its county."""
    _, draft = await draft_of(request)
    if draft is not None and draft.number:
        draft = None
    county = portal_county(request.query_params.get("county", ""))
    return _page(
        request,
        draft or Draft(once=drafts.new_draft().once),
        "kind",
        county=county,
        is_resumed=bool(draft and draft.done),
    )


@post("/ask", opt={"needs": PUBLIC}, status_code=200)
async def begin_with(request: _Request) -> Response[str]:
    """Question 1 answered: the draft begins here, or changes its kind."""
    token, draft = await draft_of(request)
    posted = await forms.read(request, questions.Kind)
    county = portal_county((posted.typed.get("county") or [""])[0])
    if draft is None or draft.number:
        token, draft = drafts.new_token(), drafts.new_draft()
    if county:
        draft.portal = county
        draft.county = draft.county or county
    if not posted.is_good:
        return _page(request, draft, "kind", form=posted, status=422, county=county)
    draft.kind = posted.good.kind
    verify.ask_again(draft)
    return await _onward(request, token, draft, "kind")


@post("/ask/clear", opt={"needs": PUBLIC}, status_code=200)
async def clear(request: _Request) -> Response[str]:
    """Forget what was written, here and on the server."""
    token, draft = await draft_of(request)
    if draft is not None:
        await drafts.drop(token, draft)
    cookies.drop(request.scope, COOKIE)
    return see_other(request, "/ask", flash=Say("写过的已清空。", "What was written is gone."))


@get("/ask/{step:str}", opt={"needs": PUBLIC})
async def question(request: _Request, step: FromPath[str]) -> Response[str]:
    """One question, filled in with what was answered before."""
    return await _shown(request, step)


@get("/ask/what", opt={"needs": PUBLIC})
async def what_page(request: _Request) -> Response[str]:
    """Question 2 has an address of its own, because its answer may be large."""
    return await _shown(request, "what")


async def _shown(request: _Request, step: str) -> Response[str]:
    _, draft = await draft_of(request)
    wrong = _out_of_turn(request, draft, step)
    if wrong is not None or draft is None:
        return wrong or see_other(request, "/ask")
    return _page(request, draft, step)


@post("/ask/{step:str}", opt={"needs": PUBLIC}, status_code=200)
async def answer(request: _Request, step: FromPath[str]) -> Response[str]:
    """One answer; on to the next open question, or to the check."""
    token, draft = await draft_of(request)
    wrong = _out_of_turn(request, draft, step)
    if wrong is not None or draft is None:
        return wrong or see_other(request, "/ask")
    form = await forms.read(request, questions.FORMS[step])
    if step == "where" and (where := pointing.pointed(form.typed)) is not None:
        return _pointed(request, draft, form, where)
    if form.is_good:
        _TAKE[step](draft, form)
    if form.errors:
        return _page(request, draft, step, form=form, status=422)
    return await _onward(request, token, draft, step)


@post("/ask/what", opt={"needs": PUBLIC}, status_code=200, request_max_body_size=BODY_LIMIT)
async def what(request: _Request) -> Response[str]:
    """Question 2 with its files: a file that is refused is named, the words and the good files are kept."""
    token, draft = await draft_of(request)
    wrong = _out_of_turn(request, draft, "what")
    if wrong is not None or draft is None:
        return wrong or see_other(request, "/ask")
    form = await forms.read(request, questions.What)
    for one in [kept for kept in draft.files if str(kept.id) in form.typed.get("drop", ())]:
        await drafts.forget_file(draft, one.id)
    if form.text("words") and "words" not in form.errors:
        draft.words = form.text("words")
    await _take_files(request, draft, form)
    if form.text("danger") in danger.NUMBERS:  # whatever else is wrong with the form
        return await danger.hand_over(request, token, draft, form.text("danger"), form.text("words"))
    if form.errors:
        await drafts.save(token, draft)
        form.typed.pop("drop", None)
        return _page(request, draft, "what", form=form, status=422)
    return await _onward(request, token, draft, "what")


async def _take_files(request: _Request, draft: Draft, form: forms.Form[questions.What]) -> None:
    uploads = [one for one in form.files.get("photos", []) if one.filename]
    most = int(city.current().rule("upload.files"))
    if uploads and len(draft.files) + len(uploads) > most:
        form.errors["photos"] = Say(f"最多 {most} 个文件，请去掉一些。", f"At most {most} files; take some out.")
        return
    if uploads:
        await _not_too_many(request)
    for upload in uploads:
        try:
            clean = await asyncio.to_thread(files.look, await upload.read(), upload.filename)
            async with db.atomic() as connection:
                kept = await files.keep(
                    connection,
                    clean,
                    upload.filename,
                    subject=(drafts.SUBJECT, draft.once),
                    audience="requester",
                    actor=CITIZEN,
                )
        except Refusal as refusal:
            if refusal.status != 422:
                raise
            form.errors["photos"] = next(iter(refusal.fields.values()), refusal.say)
        else:
            draft.files.append(Kept(kept.id, kept.name, kept.size))


async def _not_too_many(request: _Request) -> None:
    """A browser may not fill the disk: thirty posts with files an hour from one address."""
    await tries.count("upload", request.client.host if request.client else "", limit=30, pause=timedelta(hours=1))


def _take_about(draft: Draft, form: forms.Form[questions.About]) -> None:
    if form.good.about_unit and city.current().unit(form.good.about_unit) is None:
        form.errors["about_unit"] = Say("请从列表里选单位。", "Choose the office from the list.")
        return
    draft.about_unit, draft.about = form.good.about_unit, form.good.about


def _take_where(draft: Draft, form: forms.Form[questions.Where]) -> None:
    snapshot, given = city.current(), form.good
    county = given.county
    if not county and given.place and (place := snapshot.find_place(given.place)):
        county = place.county
    if county not in {"", UNKNOWN} and snapshot.jurisdiction(county) is None:
        form.errors["county"] = Say("请从列表里选区县。", "Choose the district from the list.")
        return
    if not county and draft.kind in questions.PLACED:
        form.errors["county"] = Say(
            "还没写在哪里，请选区县；不清楚就选“说不清”。", "Choose a district, or “cannot say”."
        )
        return
    if county != draft.county:
        draft.township = ""
    draft.county, draft.place = county, given.place
    draft.point = given.point if given.point and pointing.county_of(given.point) == county else ""
    place = snapshot.find_place(given.place) if given.place else None
    if place is not None and place.township and place.county == county:
        draft.township = place.township


def _pointed(
    request: _Request, draft: Draft, form: forms.Form[Any], where: pointing.Pointed
) -> Response[str]:
    """The question again, with what was pointed at chosen and everything typed kept."""
    form.typed["county"], form.typed["point"] = [where.county or form.text("county")], [where.point]
    form.errors = {} if where.county else {"county": where.say}
    return _page(request, draft, "where", form=form, status=200 if where.county else 422, pointed=where)


def _take_street(draft: Draft, form: forms.Form[questions.Street]) -> None:
    township = city.current().township(form.good.township) if form.good.township else None
    if form.good.township and (township is None or township.county != draft.county):
        form.errors["township"] = Say("请从列表里选街道、乡镇。", "Choose from the list.")
        return
    draft.township = form.good.township


def _take_matter(draft: Draft, form: forms.Form[questions.Matter]) -> None:
    chosen = form.good.other or form.good.matter
    if chosen and city.current().matter(chosen) is None:
        form.errors["other"] = Say("请从列表里选。", "Choose from the list.")
        return
    draft.matter = chosen


def _take_reach(draft: Draft, form: forms.Form[questions.Reach]) -> None:
    given = form.good
    for name, offered in (("reach", verify.ways(draft)), ("second", verify.seconds())):
        if getattr(given, name) not in offered:
            form.errors[name] = Say("请从列出的里面选一项。", "Choose one of those listed.")
            return
    draft.reach, draft.is_confidential, draft.is_minor = given.reach, given.is_confidential, given.is_minor
    ways = {given.reach, given.second}
    draft.second = given.second if given.second != given.reach else ""
    draft.phone = given.phone if ways & {"sms", "phone"} else ""
    draft.email = given.email if "email" in ways else ""
    draft.name, draft.proxy = (given.name, given.proxy) if given.reach != "none" else ("", "")


_TAKE: dict[str, Any] = {
    "about": _take_about, "where": _take_where, "street": _take_street, "matter": _take_matter, "known": known.take,
    "reach": _take_reach,
}  # fmt: skip


def _out_of_turn(request: _Request, draft: Draft | None, step: str) -> Response[str] | None:
    """To the right page when there is no draft, when it was sent, or when this question is not (yet) asked."""
    if draft is None:
        say = Say("写的内容只留一天，请从头开始。", "What is written is kept for a day only; please start again.")
        return see_other(request, "/ask", flash=say)
    if draft.number:
        return see_other(request, "/ask/sent")
    if verify.must_verify(request, draft):
        return see_other(request, verify.PATH)
    order = questions.steps(draft, city.current())
    if step not in order or step == "kind":
        return see_other(request, "/ask")
    if any(one not in draft.done for one in order[: order.index(step)]):
        return see_other(request, _address(questions.first_open(draft, city.current())))
    return None


def _address(step: str) -> str:
    return "/ask" if step == "kind" else f"/ask/{step}"


async def _onward(request: _Request, token: str, draft: Draft, step: str) -> Response[str]:
    if step not in draft.done:
        draft.done.append(step)
    await known.look(draft, step, access.known_account(request.scope))
    await drafts.save(token, draft)
    cookies.put(request.scope, COOKIE, token, seconds=DAY)
    if verify.must_verify(request, draft):
        return see_other(request, verify.PATH)
    return see_other(request, _address(questions.first_open(draft, city.current())))


def _page(
    request: _Request,
    draft: Draft,
    step: str,
    *,
    form: forms.Form[Any] | None = None,
    status: int = 200,
    county: str = "",
    is_resumed: bool = False,
    pointed: pointing.Pointed | None = None,
) -> Response[str]:
    snapshot = city.current()
    filled = verify.prefilled(request) if step == "reach" and step not in draft.done else {}
    shown = form or forms.blank(questions.FORMS[step], {**_start(draft, step), **filled})
    order = questions.steps(draft, snapshot)
    back = questions.before(draft, snapshot, step)
    return render(
        request, f"public/ask_{step}.html", region="#r-ask", status=status, headers=UNSTORED,
        focus="#r-errors" if status != 200 else "",
        form=shown, draft=draft, step=step, at=order.index(step) + 1, back=_address(back) if back else "/",
        question=questions.title(draft, step), county=county, is_resumed=is_resumed, dangers=danger.CHOICES,
        pointed=pointed, maps=pointing.SIZES, **_lists(draft, step),
    )  # fmt: skip


def _start(draft: Draft, step: str) -> dict[str, object]:
    start: dict[str, object] = {
        name: getattr(draft, name, "") for name in questions.FORMS[step].__struct_fields__ if hasattr(draft, name)
    }
    if step == "matter":
        proposed = {one.code for one in matters.propose(city.current(), "", draft.words)}
        start = {
            "matter": draft.matter if draft.matter in proposed else "",
            "other": "" if draft.matter in proposed else draft.matter,
        }
    return start


def _lists(draft: Draft, step: str) -> dict[str, Any]:
    """What the question offers to choose from."""
    snapshot = city.current()
    if step == "kind":
        return {"kinds": questions.KINDS, "next": questions.NEXT}
    if step == "about":
        return {"units": grouped_units(snapshot)}
    if step == "where":
        counties = {code: one.name for code, one in snapshot.jurisdictions.items()}
        is_placed = draft.kind in questions.PLACED
        return {"counties": {**counties, UNKNOWN: Say("说不清", "Cannot say")}, "is_placed": is_placed}
    if step == "street":
        towns = {code: one.name for code, one in snapshot.townships.items() if one.county == draft.county}
        return {"towns": towns, "county_say": snapshot.jurisdictions[draft.county].name}
    if step == "matter":
        proposed = matters.propose(snapshot, "", draft.words)
        return {
            "proposed": {one.code: one.name for one in proposed} | {"": questions.ALL},
            "groups": grouped_matters(snapshot),
        }
    if step == "known":
        return {"choices": known.choices(draft), "own": [one for one in draft.known if one.is_own], "say": known.say}
    if step == "reach":
        return {"ways": verify.ways(draft), "seconds": verify.seconds()}
    return {"hint": questions.HINTS[draft.kind], "today": clock.today()}
