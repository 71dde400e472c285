"""The workbench as one screen; its acts are posted to the case's own addresses and open the next case here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post

from cases import queries, site_visits
from cases.views import CaseView
from cases.wording_site import when
from hotline import clock, db
from hotline.actor import Actor
from hotline.errors import Say
from hotline.permissions import may
from hotline.work import work
from routing import conferences
from sla import board, figures, supervision, workbench
from sla.rows import OrderRow
from web import forms
from web import worklists as split
from web.access import Who
from web.cases import acts, deadlines
from web.cases_access import view_for
from web.forms import label
from web.hours import bars
from web.render import render, see_other

HEARD = frozenset(
    {
        "reminded", "sent_back", "reworked", "return_refused", "ordered", "urged", "words_added", "dispatched",
        "handed_down", "sent_down", "taken_back", "handed_back", "reported_up", "head_refused", "objection_decided",
        "co_ask_refused", "co_handler_released", "extension_granted", "extension_refused", "extension_lapsed",
        "law_applied",
    }
)  # fmt: skip
"""What the unit has to hear of a case before it acts: the last few of these are shown with their words."""
MOST_HEARD = 4
SHOWN = 15
"""Lines of each band before one asks for all of it."""


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """Something said to the unit about the case."""

    at: datetime
    say: Say
    words: str


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """The case on the right with the acts that this person may do now."""

    view: CaseView
    facts: split.Facts
    left: Any
    heard: Sequence[Heard]
    acts: acts.Acts


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """One band of the list."""

    code: str
    say: Say
    empty: Say
    lines: Sequence[split.Line]
    n: int


class SignOff(msgspec.Struct, kw_only=True):
    """Which order is acknowledged."""

    order: Annotated[str, label("督办单", "Order", most=40)]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A supervision order that waits for the unit's answer."""

    number: str
    case: str
    unit: Say
    due_at: datetime
    is_late: bool
    is_signed: bool


@get("/work", opt={"needs": "case.handle"})
async def workbench_page(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """The unit's cases in bands; ``case`` chooses one, else the most pressing; ``act`` opens one of its acts."""
    now = clock.now()
    query = request.query_params
    number = query.get("case", "")
    only = query.get("band", "") if query.get("band") in workbench.BANDS else ""
    home = f"/work?band={only}" if only else "/work"
    async with db.reading() as connection:
        bands = await workbench.bands(connection, actor.units, now, workbench.SIZE if only else SHOWN)
        done = await workbench.done_today(connection, actor.units, now)
        orders = await workbench.orders_of(connection, actor.units)
        numbers = await workbench.numbers_of(connection, [order.case_id for order in orders])
        alerts = await board.alerts(connection, actor)
        hours = await figures.hours(connection, actor, now, actor.units)
        calendar = await site_visits.calendar(connection, actor.units)
        meetings = await conferences.listed(connection, actor, conferences.PLANNED)
        if number and await queries.found(connection, actor, number) is None:
            number = ""
    shown = {name: band for name, band in bands.items() if only in ("", name)}
    number = number or next((task.number for band in shown.values() for task in band.tasks), "")
    groups = _groups(shown, actor, f"{home}{'&' if only else '?'}case=", number)
    lines = [line for group in groups for line in group.lines]
    chosen = await _choose(actor, number, split.following(_acting(groups), number, home), orders) if number else None
    act = _opened(chosen, query.get("act", ""))
    return render(
        request, "unit/index.html", region="#r-work", groups=groups, total=len(lines),
        chosen=chosen,
        act=act,
        around=split.around(lines, number),
        is_chosen=bool(query.get("case")),
        orders=_asked(orders, numbers, now),
        alerts=alerts,
        may_answer=may(actor, "alert.answer"),
        bars=bars(hours, clock.local(now).hour),
        due_today=sum(hours.values()),
        done=split.lines(done, {}, actor, "/work?case=", number),
        unit=split.unit_name(actor.unit),
        **split.requester_of(chosen.view if chosen else None),
        stage_name=board.stage_name,
        counts={"work": sum(bands[name].n for name in ("sign", "today", "soon", "other"))},
        live="queue",
        home=home,
        site_visits=calendar,
        visit_when=when,
        own_units=actor.units,
        meetings=len(meetings),
        only=only,
        other_acts=[one for one in chosen.acts.doable if one is not act] if chosen else [],
    )  # fmt: skip


@post("/work/orders", opt={"needs": "case.handle"}, status_code=200)
async def sign_order(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """签收 of a supervision order by the unit that it was sent to."""
    form = await forms.read(request, SignOff)
    async with work(actor) as w:
        order = await supervision.sign_order(w, form.good.order, units=actor.units)
    return see_other(request, "/work", flash=Say(f"{order.number} 已签收。", f"{order.number} is acknowledged."))


def _groups(bands: dict[str, workbench.Band], actor: Actor, url: str, number: str) -> list[Group]:
    several = len({task.unit for band in bands.values() for task in band.tasks}) > 1
    return [
        Group(
            code=name,
            say=workbench.BANDS[name],
            empty=workbench.EMPTY[name],
            n=band.n,
            lines=split.lines(band.tasks, {}, actor, url, number, with_unit=several),
        )
        for name, band in bands.items()
    ]


def _acting(groups: Sequence[Group]) -> list[split.Line]:
    """The lines on which the unit has to act, once each."""
    found = [line for group in groups if group.code != "audit" for line in group.lines]
    return list({line.key: line for line in found}.values())


def _opened(chosen: Chosen | None, code: str) -> acts.Act | None:
    """The act whose form is open: the one asked for, else the likely one."""
    if chosen is None:
        return None
    return next((act for act in chosen.acts.doable if act.code == code), chosen.acts.likely)


async def _choose(actor: Actor, number: str, onward: str, orders: Sequence[OrderRow]) -> Chosen:
    view = await view_for(actor, number)
    mine = [order for order in orders if order.case_id == view.case.id]
    own = view.own
    async with db.reading() as connection:
        running = await workbench.nearest_of(connection, view.case.id, own.id) if own is not None else None
        known = (await deadlines.beside(connection, view, actor)).clocks
    return Chosen(
        view=view,
        facts=split.facts_of(view, actor),
        left=split.chip(running),
        heard=_heard(view),
        acts=acts.of(view, actor, mine, back=onward, clocks=known),
    )


def _heard(view: CaseView) -> list[Heard]:
    found = [
        Heard(at=line.at, say=line.say, words=" ".join(line.texts.values()))
        for line in view.lines
        if line.kind in HEARD and (line.texts or line.kind in {"ordered", "urged"})
    ]
    return found[-MOST_HEARD:][::-1]


def _asked(orders: Sequence[OrderRow], numbers: dict[Any, str], now: datetime) -> list[Asked]:
    return [
        Asked(
            number=order.number,
            case=numbers[order.case_id],
            unit=split.unit_name(order.unit),
            due_at=order.due_at,
            is_late=order.due_at < now,
            is_signed=order.signed_at is not None,
        )
        for order in orders
    ]
