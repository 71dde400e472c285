"""Bulletins for the staff: the lists, a new one, one as a draft or as an issue."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from markupsafe import Markup

from hotline import city, clock, db, people
from hotline.actor import Actor
from hotline.errors import Refusal, Say
from hotline.permissions import may
from hotline.work import Work
from sla import (
    bulletin_files,
    bulletin_gate,
    bulletin_html,
    bulletin_lists,
    bulletin_periods,
    bulletin_steps,
    bulletins,
    facts_store,
)
from sla.bulletin_special import Topic
from sla.bulletins import ISSUED, KINDS, MAKES, STATES, AlreadyIssued, BulletinRow
from web import forms
from web.access import Who
from web.bulletins import asks, common
from web.bulletins.common import PATH, AnyRequest
from web.filters import moment_in
from web.forms import Form
from web.notices.drafts import KINDS as FOUND_KINDS
from web.render import preference, render, see_other
from web.trying import worked

AUDIENCES = {
    "internal": Say("内部（发给单位签阅）", "Internal (sent to units, who sign)"),
    "public": Say("公开（小于 5 的数隐去，保密审核后上网）", "Public (numbers below 5 hidden, cleared, on the web)"),
}


@get(PATH, opt={"needs": "signed_in"})
async def index(request: AnyRequest, actor: Who) -> Response[str]:
    """Drafts in work, then issues by kind."""
    common.admit(actor)
    kind = str(request.query_params.get("kind", ""))
    kind = kind if kind in KINDS else ""
    before = moment_in(str(request.query_params.get("before", "")))
    async with db.reading() as connection:
        drafts = await bulletin_lists.drafts(connection) if bulletin_lists.sees_drafts(actor) else []
        found = await bulletin_lists.issued(connection, actor, kind=kind, before=before, size=bulletin_lists.SIZE + 1)
        unread = await bulletin_lists.unread(connection, actor)
    shown, more = found[: bulletin_lists.SIZE], found[bulletin_lists.SIZE :]
    older = f"{PATH}?kind={kind}&before={shown[-1].issued_at.isoformat()}" if more and shown[-1].issued_at else ""
    return render(
        request, "bulletins/index.html", region="#r-list", drafts=drafts, issued=shown, unread=unread, kind=kind,
        kinds=KINDS, states=STATES, audiences=bulletins.AUDIENCES, older=older.replace("+", "%2B"),
        may_make=may(actor, MAKES), sees_drafts=bulletin_lists.sees_drafts(actor), is_over=bulletin_steps.is_over,
    )  # fmt: skip


@get(f"{PATH}/new", opt={"needs": MAKES})
async def new(request: AnyRequest) -> Response[str]:
    """The form for a draft; last month's unless the address asks for another kind or a cluster's report."""
    asked = str(request.query_params.get("kind", "monthly"))
    kind = asked if asked in KINDS else "monthly"
    span = bulletin_periods.last_full(kind, clock.today())
    start: dict[str, object] = {"kind": kind, "audience": "internal", "first": span.first, "last": span.last}
    if kind in bulletin_periods.FREE:
        start |= {"first": clock.today() - timedelta(days=30), "last": clock.today() - timedelta(days=1)}
    for name in ("cluster", "matter", "county"):
        if request.query_params.get(name):
            start[name] = str(request.query_params[name])[:40]
    return _form(request, forms.blank(asks.Make, start))


def _form(request: AnyRequest, form: Form[asks.Make], status: int = 200) -> Response[str]:
    counties = {code: one.name for code, one in city.current().jurisdictions.items()}
    return render(
        request, "bulletins/new.html", region="#r-form", status=status, form=form, kinds=KINDS, audiences=AUDIENCES,
        counties=counties, focus="#r-errors" if status != 200 else "",
    )  # fmt: skip


@post(PATH, opt={"needs": MAKES}, status_code=200)
async def make(request: AnyRequest, actor: Who) -> Response[str]:
    """Make the draft, its figures as of this second; the same once more goes to the same draft or issue."""
    form = await forms.read(request, asks.Make)

    async def do(work: Work, good: asks.Make) -> BulletinRow:
        await facts_store.catch_up()
        if good.kind in bulletin_periods.FREE and good.last is not None:
            span = bulletin_periods.free(good.kind, good.first, good.last)
        else:
            span = bulletin_periods.of(good.kind, good.first)
        topic = Topic(matter=good.matter, county=good.county, township=good.township,
                      is_enterprise=good.is_enterprise, cluster=good.cluster)  # fmt: skip
        return await bulletins.make(work, span, good.audience, topic if good.kind == "special" else None)

    try:
        status, row = await worked(actor, form, do)
    except AlreadyIssued as known:
        return see_other(request, f"{PATH}/{known.row.id}", flash=known.say)
    if row is None:
        return _form(request, form, status)
    is_new = row.made_at == row.changed_at and row.revision == 1
    said = Say("起草好了，数已取好。", "Drafted, with its figures.")
    if not is_new:
        said = Say("这一期已在起草。", "It is in work already.")
    return see_other(request, f"{PATH}/{row.id}", flash=said)


@get(f"{PATH}/{{bulletin_id:uuid}}", opt={"needs": "signed_in"})
async def one(request: AnyRequest, actor: Who, bulletin_id: FromPath[UUID]) -> Response[str]:
    """One bulletin."""
    return await shown(request, actor, bulletin_id)


async def shown(
    request: AnyRequest, actor: Actor, bulletin_id: UUID, *, wrong: tuple[str, Form[Any]] | None = None,
    status: int = 200,
) -> Response[str]:  # fmt: skip
    """The page of a draft or an issue; ``wrong`` is the act whose form came back, with that form."""
    common.admit(actor)
    async with db.reading() as connection:
        row = await bulletin_lists.one(connection, actor, bulletin_id)
        related = await bulletin_lists.related(connection, row)
        readers = await bulletin_lists.readers(connection, bulletin_id)
        renderings = await bulletin_lists.files_known(connection, bulletin_id)
        finds, gate_says = await _finds(connection, row)
    given: dict[str, Form[Any]] = {
        "edit": forms.blank(asks.Edit, _typed(row)), "keep": forms.blank(asks.Keep), "back": forms.blank(asks.Reasoned),
        "erratum": forms.blank(asks.Erratum),
    }  # fmt: skip
    if wrong is not None:
        given[wrong[0]] = wrong[1]
    digest = row.hash.hex() if row.hash else ""
    article = bulletin_html.article(row.document, preference(request, "lang"), digest)
    names = await people.names({one for one in _people(row, readers) if one is not None})
    own = next((one for one in readers if one.unit == actor.unit), None)
    return render(
        request, "bulletins/one.html", region="#r-bulletin", status=status, row=row, states=STATES, kinds=KINDS,
        audiences=bulletins.AUDIENCES, names=names, related=related, readers=readers, finds=finds, gate_says=gate_says,
        kept=bulletin_gate.kept(row), kind_names=FOUND_KINDS, forms=given, form=wrong and wrong[1],
        unit_name=common.unit_name,
        article=Markup(article),  # noqa: S704 - it escapes every text
        renderings=renderings, links=common.file_links(f"{PATH}/{row.id}/files"), formats=bulletin_files.FORMATS,
        is_over=bulletin_steps.is_over(row), may_make=may(actor, MAKES) and bulletin_lists.sees_drafts(actor),
        may_approve=bulletin_steps.may_approve(actor, row), may_clear=bulletin_steps.may_clear(actor, row),
        is_issued=row.state in ISSUED, own=own, may_sign=may(actor, bulletin_steps.READS),
        recipients=common.recipients(), focus="#r-errors" if status != 200 else "",
    )  # fmt: skip


async def _finds(connection: db.Connection, row: BulletinRow) -> tuple[list[bulletin_gate.Find], Say | None]:
    """What the gate finds in a draft; or why it cannot even look."""
    if not row.is_open:
        return [], None
    try:
        return await bulletin_gate.finds(connection, row), None
    except Refusal as refusal:
        return [], refusal.say


def _typed(row: BulletinRow) -> dict[str, object]:
    words = {name: getattr(row.written, name) for name in row.written.__struct_fields__}
    return {**words, "cited": " ".join(row.cited), "recipients": row.recipients}


def _people(row: BulletinRow, readers: list[bulletin_lists.Reader]) -> list[UUID | None]:
    steps = [row.made_by, row.sent_by, row.approved_by, row.cleared_by, row.issued_by, row.archived_by]
    return [*steps, *row.hands, *(one.read_by for one in readers), *(one.by for one in bulletin_gate.kept(row))]


@get(f"{PATH}/{{bulletin_id:uuid}}/files/{{lang:str}}/{{form:str}}", opt={"needs": "signed_in"})
async def download(
    actor: Who, bulletin_id: FromPath[UUID], lang: FromPath[str], form: FromPath[str]
) -> Response[bytes]:
    """One file of an issue, made of its frozen content."""
    common.admit(actor)
    async with db.reading() as connection:
        row = await bulletin_lists.one(connection, actor, bulletin_id)
    return common.sent(await bulletin_files.made(row, form, lang), is_public=False)


ROUTES = [index, new, make, one, download]
