"""勘误: the form in which a published text is corrected; from there it goes the way of every notice."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from cases import notice_errata, notice_lists, notices
from hotline import db
from hotline.errors import Say, conflict
from hotline.work import Work
from web import forms
from web.access import Who
from web.forms import label
from web.notices.drafts import Texts
from web.render import render, see_other
from web.trying import worked

_Request = Request[Any, Any, Any]


class Erratum(Texts, kw_only=True):
    """The new texts, why, and whether the old ones may still be read."""

    why: Annotated[
        str,
        label(
            "更正原因（会公开）", "Why it is corrected (public)", most=300,
            missing=Say("请写明为什么更正。", "Say why it is corrected."),
        ),
    ]  # fmt: skip
    version: int | None = None
    hides: Annotated[bool, label("旧文字不再公开", "Do not show the old text any more")] = False


@get("/notices/drafts/{notice_id:uuid}/erratum", opt={"needs": "notice.draft"})
async def new(request: _Request, actor: Who, notice_id: FromPath[UUID]) -> Response[str]:
    """The texts as they stand in the open, to be changed."""
    async with db.reading() as connection:
        found = await notice_lists.one(connection, actor, notice_id)
    notices.demand_state(notices.Notice(found.row, found.version, []), *notice_errata.OPEN)
    start = {name: getattr(found.version, name) for name in notice_errata.FIELDS}
    return _page(request, found, forms.blank(Erratum, {**start, "hides": ""}))


@post("/notices/drafts/{notice_id:uuid}/erratum", opt={"needs": "notice.draft"}, status_code=200)
async def create(request: _Request, actor: Who, notice_id: FromPath[UUID]) -> Response[str]:
    """起草勘误."""
    async with db.reading() as connection:
        found = await notice_lists.one(connection, actor, notice_id)
    form = await forms.read(request, Erratum)

    async def do(w: Work, good: Erratum) -> notices.NoticeRow:
        one = await notices.opened(w, notice_id)
        if good.version is not None and good.version != one.row.version:
            raise conflict(
                "changed_meanwhile", "您打开这一页之后，公示的文字已经更正过。请刷新看过再写。",
                "The text was corrected after you opened this page. Load it again and look first.",
            )  # fmt: skip
        return await notice_errata.draft(
            w, one, wrong=good.wrong, rule=good.rule, required=good.required, why=good.why, hides=good.hides
        )

    status, row = await worked(actor, form, do)
    if row is None:
        return _page(request, found, form, status=status)
    said = Say("勘误草稿已存，送审以后照样两道审核。", "The erratum is kept; it goes through the same two reviews.")
    return see_other(request, f"/notices/drafts/{row.id}", flash=said)


def _page(
    request: _Request, found: notice_lists.Work, form: forms.Form[Erratum], *, status: int = 200
) -> Response[str]:
    return render(
        request, "notices/erratum.html", region="#r-erratum", status=status, form=form, row=found.row,
        focus="#r-errors" if status != 200 else "",
    )  # fmt: skip


ROUTES = [new, create]
