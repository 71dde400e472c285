"""The staff's screens of notices: what waits for whom, what could become one, and the page of one on its way."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from cases import notice_errata, notice_files, notice_lists, notice_ratings, notice_sources, notice_steps, notices
from cases.notice_lists import is_centre
from cases.notice_rows import FileRow
from cases.notice_sources import Source
from hotline import city, clock, db, people
from hotline.actor import Actor
from hotline.errors import Say
from hotline.permissions import SIGNED_IN, may, refused
from hotline.work import Work, work
from sla import calendar
from web import forms
from web.access import Who
from web.forms import label
from web.notices import sources
from web.render import Flash, render, see_other
from web.timeleft import Term, time_left
from web.trying import worked

_Request = Request[Any, Any, Any]
KINDS = {
    "name": Say("姓名", "Name"), "phone": Say("电话", "Number"), "id": Say("证件号", "Document"),
    "card": Say("银行卡", "Bank card"),
    "plate": Say("车牌", "Plate"), "email": Say("邮箱", "E-mail"), "account": Say("账号", "Account"),
    "door": Say("门牌", "Door"),
    "quote": Say("照抄来件", "Copied words"), "known": Say("案件里有的", "Held by the case"),
}  # fmt: skip


class Texts(msgspec.Struct):
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


class Draft(Texts):
    """The texts of a draft, changed by whoever has the page with ``revision``; ``why`` is an erratum's."""

    why: Annotated[str, label("更正原因（会公开）", "Why it is corrected (public)", most=300)] = ""
    revision: int | None = None


class From(Draft):
    """A new one names its source."""

    case: str = ""
    order: str = ""
    finding: str = ""
    cluster: str = ""
    matter: Annotated[str, label("事项", "Matter")] = ""


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
        offers = await sources.offered(connection, clock.now()) if may(actor, "notice.draft") else []
        bad = await notice_ratings.dissatisfied(connection) if may(actor, "notice.verify") else []
    tabs = [
        ("", Say("在办", "Open"), None),
        *((key, say, counts[key]) for key, say in notices.STATES.items() if key in counts),
    ]
    return render(
        request, "notices/drafts.html", region="#r-list", rows=rows, tabs=tabs, state=state, candidates=candidates,
        states=notices.STATES, city=city.current(), lefts={row.id: left(row) for row in rows},
        bad=len(bad), sources=notice_sources.SOURCES, offers=offers,
    )  # fmt: skip


def left(row: notices.NoticeRow) -> Any:
    """Time left to correct; None before publication and once the correction was reported."""
    if row.due_at is None or row.published_at is None or row.state in {"archived", "withdrawn"}:
        return None
    term = Term(unit="wd", start=row.published_at, due=row.due_at, warn=None, done=row.corrected_at)
    return time_left(calendar.of(city.current()), term, clock.now())


@get("/notices/drafts/new", opt={"needs": "notice.draft"})
async def new(request: _Request, actor: Who) -> Response[str]:
    """The form for a source; 409 in words for one that may not be exposed."""
    given = sources.asked(request.query_params)
    async with work(actor) as w:
        source = await sources.resolve(w, given)
        await notice_sources.check(w, msgspec.structs.replace(source, matter=source.matter or _ANY))
    return _new_page(request, source, forms.blank(From, {**msgspec.structs.asdict(given), "matter": source.matter}))


@post("/notices/drafts", opt={"needs": "notice.draft"}, status_code=200)
async def create(request: _Request, actor: Who) -> Response[str]:
    """起草; refused, the page comes again with what was typed."""
    form = await forms.read(request, From)
    given = sources.asked({name: form.text(name) for name in sources.Asked.__struct_fields__})
    async with work(actor) as w:
        source = await sources.resolve(w, msgspec.structs.replace(given, matter=""))  # so that it is asked for again

    async def do(w: Work, good: From) -> notices.NoticeRow:
        again = await sources.resolve(w, given)
        return await notices.draft_of(w, again, wrong=good.wrong, rule=good.rule, required=good.required)

    status, row = await worked(actor, form, do)
    if row is None:
        return _new_page(request, source, form, status=status)
    return see_other(request, f"/notices/drafts/{row.id}", flash=Say("草稿已存。", "The draft is kept."))


_ANY = "?"
"""Stands for the matter of a finding without a case, which the form asks for."""


def _new_page(request: _Request, source: Source, form: forms.Form[From], *, status: int = 200) -> Response[str]:
    snapshot = city.current()
    matters = {} if source.matter else {code: one.name for code, one in sorted(snapshot.matters.items())}
    return render(
        request, "notices/new.html", region="#r-new", status=status, focus="#r-errors" if status != 200 else "",
        form=form, source=source, kinds=notice_sources.SOURCES, keys=sources.KINDS, matters=matters, city=snapshot,
    )  # fmt: skip


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
    names = await people.names(_named(found))
    held = notices.Notice(row, version, list(found.decided))
    return render(
        request, "notices/one.html", region="#r-notice", status=status, flash=flash, found=found, row=row,
        version=version, form=form or forms.blank(Draft, _draft_of(found)), note=note or forms.blank(Note),
        names=names if is_centre(actor) else {},
        states=notices.STATES, texts=notices.TEXTS, kinds=KINDS, city=city.current(), left=left(row),
        is_centre=is_centre(actor), acts=acts_of(actor, held), may_decide=notice_steps.may_decide(held, clock.now()),
        changed=_changed(found),
        around=around(held.texts, found.finds) if found.finds else [], sources=notice_sources.SOURCES,
        file_states=notice_files.STATES, file_acts={one.id: file_acts(actor, row, one) for one in found.files},
        most_files=int(city.current().rule("notice.evidence_files")), now=clock.now(),
    )  # fmt: skip


def _changed(found: notice_lists.Work) -> dict[str, list[notice_errata.Piece]]:
    """What an erratum changes in each of the texts, for those who answer and review it."""
    if found.before is None:
        return {}
    return {
        name: notice_errata.difference(getattr(found.before, name), getattr(found.version, name))
        for name in notice_errata.FIELDS
    }


def _named(found: notice_lists.Work) -> set[UUID]:
    """Everybody whose name stands on the page."""
    row = found.row
    people_of = [row.author, row.approved_by, row.cleared_by, row.published_by, row.verified_by]
    looked = [by for one in found.files for by in (one.looked_by, one.checked_by)]
    return {one for one in (*people_of, *looked) if one is not None}


def _draft_of(found: notice_lists.Work) -> dict[str, object]:
    version = found.version
    return {"wrong": version.wrong, "rule": version.rule, "required": version.required, "why": found.row.why or ""}


def file_acts(actor: Actor, row: notices.NoticeRow, one: FileRow) -> set[str]:
    """Whether this person may take the first or the second look at a file of evidence now."""
    if row.state != "corrected" or one.added_by == actor.id or notices.is_of(actor, row):
        return set()
    looks = one.state == "new" and may(actor, "notice.verify")
    checks = one.state == "clean" and one.looked_by != actor.id and (
        may(actor, "notice.clear") or may(actor, "notice.verify")
    )  # fmt: skip
    return {name for name, is_so in (("look", looks), ("check", checks)) if is_so}


DECIDERS = {"draft": ("notice.draft",), "corrected": ("notice.verify", "notice.clear")}
"""Who may decide about finds, by state: in a correction the secrecy side too, since another person verifies it."""


def acts_of(actor: Actor, one: notices.Notice) -> set[str]:
    """Which steps this person may take now; impossible ones are absent."""
    row, state = one.row, one.row.state
    is_own = notices.is_of(actor, row)
    own = actor.id in one.hands() or is_own
    is_unit = may(actor, "notice.reply") and is_own
    found = {
        "edit": state == "draft" and may(actor, "notice.draft"),
        "decide": any(may(actor, need) for need in DECIDERS.get(state, ())),
        "send": state == "draft" and may(actor, "notice.draft"),
        "reply": state == "in_review" and is_unit and row.replied_at is None,
        "approve": state == "in_review" and may(actor, "notice.approve") and not own and row.approved_by is None
        and row.cleared_by != actor.id,
        "clear": state == "in_review" and may(actor, "notice.clear") and not own and row.cleared_by is None
        and row.approved_by != actor.id,
        "send_back": state in {"in_review", "approved"} and is_centre(actor),
        "publish": state == "approved" and may(actor, "notice.draft"),
        "correct": state == "published" and is_unit,
        "verify": state == "corrected" and may(actor, "notice.verify") and row.corrected_by != actor.id
        and actor.id not in one.let_stand() and not is_own,
        "archive": state == "verified" and may(actor, "notice.verify"),
        "withdraw": state not in {"withdrawn", "applied"} and may(actor, "notice.verify"),
        "amend": state in notice_errata.OPEN and may(actor, "notice.draft"),
    }  # fmt: skip
    return {name for name, is_possible in found.items() if is_possible}


def around(texts: dict[str, str], finds: Any) -> list[tuple[str, str, str]]:
    """What stands before and after each find, for reading it in its place."""
    return [(texts[f.field][max(0, f.start - 12) : f.start], f.text, texts[f.field][f.end : f.end + 12]) for f in finds]
