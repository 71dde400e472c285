"""The lists of requests for data, a new one, and one with its stages, each date explained."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath

from hotline import city, clock, db, files, people
from hotline.actor import Actor
from hotline.errors import Say
from hotline.permissions import may, refused
from sla import calendar, data_request_lists, data_requests, explain, targets
from sla.data_request_lists import BANDS, Line
from sla.data_requests import StageRow
from web import forms, units, why_date
from web.access import Who
from web.datarequests import asks
from web.filters import moment_in
from web.forms import Form
from web.render import render
from web.timeleft import Term, TimeLeft, time_left

AnyRequest = Request[Any, Any, Any]
PATH = "/data-requests"
ANY = ("data.ask", "data.answer", "case.supervise")
"""Any of these opens the lists: askers see their own, the centre and supervisors all."""


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """A stage as the page shows it. ``row`` None: not begun."""

    name: Say
    amount: Say
    row: StageRow | None = None
    left: TimeLeft | None = None
    why: Say | None = None
    picture: dict[str, Any] | None = None


def admitted(actor: Actor) -> None:
    """Raise the 403 refusal for whoever has nothing to do with requests for data."""
    if not any(may(actor, need) for need in ANY):
        raise refused("data.ask")


@get(PATH, opt={"needs": "signed_in"})
async def index(request: AnyRequest, actor: Who) -> Response[str]:
    """One band of requests: open, late, ended."""
    admitted(actor)
    band = str(request.query_params.get("band", "open"))
    band = band if band in BANDS else "open"
    before = moment_in(request.query_params.get("before", "")) if band == "ended" else None
    async with db.reading() as connection:
        found = await data_request_lists.listed(connection, actor, band, before, data_request_lists.SIZE + 1)
        counts = await data_request_lists.counts(connection, actor)
    shown, more = found[: data_request_lists.SIZE], found[data_request_lists.SIZE :]
    older = ""
    if more and band == "ended":
        older = f"{PATH}?{urlencode({'band': band, 'before': shown[-1].request.asked_at.isoformat()})}"
    return render(
        request, "datarequests/index.html", region="#r-list", found=shown, band=band, bands=BANDS, counts=counts,
        older=older, states=data_requests.STATES, unit_name=_unit, left=_left_of, may_ask=may(actor, "data.ask"),
        on_board=may(actor, "board.read") and may(actor, "case.supervise"),
    )  # fmt: skip


@get("/data-requests/new", opt={"needs": "data.ask"})
async def new(request: AnyRequest) -> Response[str]:
    """The form of a request."""
    return shown_form(request, forms.blank(asks.Ask))


def shown_form(request: AnyRequest, form: Form[asks.Ask], *, status: int = 200) -> Response[str]:
    """The form as it was filled in."""
    amounts = [(targets.STAGES[stage], _amount(stage)) for stage in data_requests.STAGES]
    return render(
        request, "datarequests/new.html", region="#r-form", status=status, form=form, amounts=amounts,
        focus="#r-errors" if status != 200 else "",
    )  # fmt: skip


@get("/data-requests/{request_id:uuid}", opt={"needs": "signed_in"})
async def one(request: AnyRequest, actor: Who, request_id: FromPath[UUID]) -> Response[str]:
    """One request."""
    return await shown(request, actor, request_id)


async def shown(
    request: AnyRequest, actor: Actor, request_id: UUID, *, wrong: tuple[str, Form[Any]] | None = None,
    status: int = 200,
) -> Response[str]:  # fmt: skip
    """The page of one request; ``wrong`` is the act whose form came back, with that form."""
    admitted(actor)
    async with db.reading() as connection:
        line = await data_request_lists.one(connection, actor, request_id)
        row = line.request
        attached = await files.found(connection, row.file_id) if row.file_id is not None else None
    stages = _stages(line)
    names = await people.names({one for one in _people(line) if one is not None})
    blank = {"refuse": asks.Refuse, "supply": asks.Supply, "answer": asks.Answer}
    given: dict[str, Form[Any]] = {name: forms.blank(kind) for name, kind in blank.items()}
    if wrong is not None:
        given[wrong[0]] = wrong[1]
    answers = may(actor, "data.answer") and row.asked_by != actor.id
    return render(
        request, "datarequests/one.html", region="#r-request", status=status, row=row, stages=stages, names=names,
        attached=attached, states=data_requests.STATES, unit_name=_unit, forms=given, form=wrong and wrong[1],
        answers=answers, is_own_answer=may(actor, "data.answer") and row.asked_by == actor.id,
        says_why=may(actor, "data.answer"), is_theirs=row.unit in actor.units or row.asked_by == actor.id,
        late=[one for one in line.stages if one.breached_at is not None], stage_names=targets.STAGES,
        days=city.current().rule("data.expires_days"), is_gone=row.expires_at is not None and row.file_id is None,
        focus="#r-errors" if status != 200 else "",
    )  # fmt: skip


def _people(line: Line) -> list[UUID | None]:
    return [line.request.asked_by, line.request.ended_by, *(one.answered_by for one in line.stages)]


def _stages(line: Line) -> list[Stage]:
    """The three stages in order: those that began with their date and its reason, the others with their length."""
    known = {row.stage: row for row in line.stages}
    found = []
    for name in data_requests.STAGES:
        row = known.get(name)
        if row is None:
            found.append(Stage(name=targets.STAGES[name], amount=_amount(name)))
            continue
        working, promise = calendar.of(city.current()), data_requests.promised(row)
        why, picture = explain.explain(working, promise), why_date.drawn(working, promise, ())
        amount = explain.amount_of(float(row.amount), row.measure)
        left = _left(row) if row.outcome != "void" else None
        found.append(Stage(name=targets.STAGES[name], amount=amount, row=row, left=left, why=why, picture=picture))
    return found


def _left(row: StageRow) -> TimeLeft:
    term = Term(
        unit=row.measure, start=row.started_at, due=row.due_at, warn=row.warn_at, done=row.stopped_at,
        is_provisional=row.is_provisional,
    )  # fmt: skip
    return time_left(calendar.of(city.current()), term, clock.now())


def _left_of(line: Line) -> TimeLeft | None:
    return _left(line.running) if line.running is not None else None


def _amount(stage: str) -> Say:
    target = targets.of(city.current()).common[stage]
    return explain.amount_of(target.amount, target.unit)


def _unit(code: str) -> Say:
    return units.name(city.current(), code) if code else Say("中心", "The centre")


ROUTES = [index, new, one]
