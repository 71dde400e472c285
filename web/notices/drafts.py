"""The staff's screens of notices: what waits for whom, what could become one, and the page of one on its way."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from cases import notice_lists, notice_steps, notices, queries, views
from cases.notice_lists import is_centre
from hotline import city, clock, db, people
from hotline.actor import Actor
from hotline.errors import Say, not_found
from hotline.permissions import SIGNED_IN, may, refused
from hotline.work import work
from sla import calendar
from web import forms
from web.access import Who
from web.cases_access import opened_for
from web.forms import label
from web.render import Flash, render, see_other
from web.timeleft import Term, time_left

_Request = Request[Any, Any, Any]
KINDS = {
    "name": Say("姓名", "Name"), "phone": Say("电话", "Number"), "id": Say("证件号", "Document"),
    "card": Say("银行卡", "Bank card"),
    "plate": Say("车牌", "Plate"), "email": Say("邮箱", "E-mail"), "account": Say("账号", "Account"),
    "door": Say("门牌", "Door"),
    "quote": Say("照抄来件", "Copied words"), "known": Say("案件里有的", "Held by the case"),
}  # fmt: skip


class Draft(msgspec.Struct):
    """The three texts that a person writes; everything else comes from the catalogue."""

    wrong: Annotated[
        str,
        label(
            "问题",
            "What went wrong",
            most=1000,
            missing=Say("还没写问题，请用自己的话写。", "Write what went wrong, in your own words."),
        ),
    ]
    rule: Annotated[
        str,
        label(
            "违反的规定",
            "Rule broken",
            most=500,
            missing=Say("还没写违反了哪条规定。", "Name the rule that was broken."),
        ),
    ]
    required: Annotated[
        str,
        label(
            "要求的纠正",
            "Required correction",
            most=500,
            missing=Say("还没写要怎么纠正。", "Write what must be corrected."),
        ),
    ]
    revision: int | None = None


class From(Draft):
    """A new one names its case."""

    case: str = ""


class Note(msgspec.Struct):
    """A text or a reason with a step; which of them a step needs, the verb says."""

    text: Annotated[str, label("内容", "Text", most=2000)] = ""
    reason: Annotated[str, label("理由", "Reason", most=500)] = ""
    decision: str = ""
    revision: int | None = None


def demand_room(actor: Actor) -> None:
    """403 unless the person has anything to do with notices."""
    if not is_centre(actor) and not may(actor, "notice.reply"):
        raise refused("notice.draft")


@get("/notices/drafts", opt={"needs": SIGNED_IN})
async def drafts(request: _Request, actor: Who) -> Response[str]:
    """The person's notices by state; for the publication officer the cases that could become one as well."""
    demand_room(actor)
    state = request.query_params.get("state", "")
    state = state if state in notices.STATES else ""
    async with db.reading() as connection:
        rows = await notice_lists.mine(connection, actor, state)
        counts = await notice_lists.counts(connection, actor)
        candidates = await notice_lists.candidates(connection, actor, clock.now()) if may(actor, "notice.draft") else []
    tabs = [
        ("", Say("在办", "Open"), None),
        *((key, say, counts[key]) for key, say in notices.STATES.items() if key in counts),
    ]
    return render(
        request, "notices/drafts.html", region="#r-list", rows=rows, tabs=tabs, state=state, candidates=candidates,
        states=notices.STATES, city=city.current(), lefts={row.id: left(row) for row in rows},
    )  # fmt: skip


def left(row: notices.NoticeRow) -> Any:
    """Time left to correct; None before publication and once the correction was reported."""
    if row.due_at is None or row.published_at is None or row.state in {"archived", "withdrawn"}:
        return None
    term = Term(unit="wd", start=row.published_at, due=row.due_at, warn=None, done=row.corrected_at)
    return time_left(calendar.of(city.current()), term, clock.now())


@get("/notices/drafts/new", opt={"needs": "notice.draft"})
async def new(request: _Request, actor: Who) -> Response[str]:
    """The form for a case; 409 in words for a case that may not be exposed."""
    number = request.query_params.get("case", "")
    async with work(actor) as w:
        file = await opened_for(w, number)
        notices.check_source(w, file)
    return _new_page(request, file.case, forms.blank(From, {"case": file.case.number}))


@post("/notices/drafts", opt={"needs": "notice.draft"}, status_code=200)
async def create(request: _Request, actor: Who) -> Response[str]:
    """起草."""
    form = await forms.read(request, From)
    number = form.text("case")
    if form.is_good:
        async with work(actor) as w:
            file = await opened_for(w, number)
            row = await notices.draft(w, file, wrong=form.good.wrong, rule=form.good.rule, required=form.good.required)
        return see_other(request, f"/notices/drafts/{row.id}", flash=Say("草稿已存。", "The draft is kept."))
    async with db.reading() as connection:
        case_id = await queries.found(connection, actor, number)
        if case_id is None:
            raise not_found()
        case = (await views.read(connection, case_id)).case
    return _new_page(request, case, form, status=422)


def _new_page(request: _Request, case: Any, form: forms.Form[From], *, status: int = 200) -> Response[str]:
    return render(
        request, "notices/new.html", region="#r-new", status=status, form=form, case=case, city=city.current()
    )


@get("/notices/drafts/{notice_id:uuid}", opt={"needs": SIGNED_IN})
async def show(request: _Request, actor: Who, notice_id: FromPath[UUID]) -> Response[str]:
    """The notice: texts, finds, approvals, and the acts that this person may do now."""
    demand_room(actor)
    return await page(request, actor, notice_id)


async def page(
    request: _Request,
    actor: Actor,
    notice_id: UUID,
    *,
    form: forms.Form[Draft] | None = None,
    note: forms.Form[Note] | None = None,
    status: int = 200,
    flash: Flash | Say | None = None,
) -> Response[str]:
    """The page of one notice, again after a refused step."""
    async with db.reading() as connection:
        found = await notice_lists.one(connection, actor, notice_id)
    row, version = found.row, found.version
    names = await people.names(
        {one for one in (row.author, row.approved_by, row.cleared_by, row.published_by, row.verified_by) if one}
    )
    held = notices.Notice(row, version, list(found.decided))
    return render(
        request, "notices/one.html", region="#r-notice", status=status, flash=flash, found=found, row=row,
        version=version, form=form or forms.blank(Draft, version), note=note or forms.blank(Note),
        names=names if is_centre(actor) else {},
        states=notices.STATES, texts=notices.TEXTS, kinds=KINDS, city=city.current(), left=left(row),
        is_centre=is_centre(actor), acts=acts_of(actor, held), may_decide=notice_steps.may_decide(held, clock.now()),
        around=around(held.texts, found.finds) if found.finds else [],
    )  # fmt: skip


def acts_of(actor: Actor, one: notices.Notice) -> set[str]:
    """Which steps this person may take now; impossible ones are absent."""
    row, state = one.row, one.row.state
    own = actor.id in one.hands()
    is_unit = may(actor, "notice.reply") and notices.is_of(actor, row)
    found = {
        "edit": state == "draft" and may(actor, "notice.draft"),
        "decide": may(actor, {"draft": "notice.draft", "corrected": "notice.verify"}.get(state, "nothing")),
        "send": state == "draft" and may(actor, "notice.draft"),
        "reply": state == "in_review" and is_unit and row.replied_at is None,
        "approve": state == "in_review" and may(actor, "notice.approve") and not own and row.approved_by is None
        and row.cleared_by != actor.id,
        "clear": state == "in_review" and may(actor, "notice.clear") and not own and row.cleared_by is None
        and row.approved_by != actor.id,
        "send_back": state in {"in_review", "approved"} and is_centre(actor),
        "publish": state == "approved" and may(actor, "notice.draft"),
        "correct": state == "published" and is_unit,
        "verify": state == "corrected" and may(actor, "notice.verify") and row.corrected_by != actor.id,
        "archive": state == "verified" and may(actor, "notice.verify"),
        "withdraw": state != "withdrawn" and may(actor, "notice.verify"),
    }  # fmt: skip
    return {name for name, is_possible in found.items() if is_possible}


def around(texts: dict[str, str], finds: Any) -> list[tuple[str, str, str]]:
    """What stands before and after each find, for reading it in its place."""
    return [(texts[f.field][max(0, f.start - 12) : f.start], f.text, texts[f.field][f.end : f.end + 12]) for f in finds]
