"""The list of runs, a new one, one run with its chart and tables, and two side by side."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath

from hotline import db, people
from hotline.actor import Actor
from hotline.errors import Say, not_found
from hotline.permissions import may
from sla import replay_sums, whatif
from sla.replay import Outcome
from sla.whatif import Run
from web.access import Who
from web.admin import words as admin
from web.filters import moment_in
from web.forms import Form
from web.render import render
from web.whatif import asks, chart, words

AnyRequest = Request[Any, Any, Any]
PATH = "/whatif"
PAGE, SHOWN = 30, 15


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One run of two that are compared."""

    run: Run
    outcome: Outcome
    chart: chart.Chart


@get(PATH, opt={"needs": "promise.simulate"})
async def index(request: AnyRequest, actor: Who) -> Response[str]:
    """Every run, newest first."""
    before = moment_in(request.query_params.get("before", ""))
    async with db.reading() as connection:
        found = await whatif.recent(connection, before, PAGE + 1)
    names = await people.names({one.asked_by for one in found})
    shown, more = found[:PAGE], found[PAGE:]
    older = f"{PATH}?{urlencode({'before': shown[-1].asked_at.isoformat()})}" if more else ""
    return render(
        request, "whatif/index.html", region="#r-list", found=shown, names=names, older=older, words=words,
        on_board=may(actor, "board.read"), tabs=admin.tabs(actor, PATH),
    )  # fmt: skip


@get("/whatif/new", opt={"needs": "promise.simulate"})
async def new(request: AnyRequest) -> Response[str]:
    """The form of a run; ``?profile=STD5`` brings that profile's numbers."""
    return shown_form(request, asks.start(str(request.query_params.get("profile", ""))))


def shown_form(request: AnyRequest, form: Form[asks.Try], *, status: int = 200) -> Response[str]:
    """The form as it was filled in."""
    return render(
        request, "whatif/new.html", region="#r-form", status=status, form=form, profiles=asks.profiles(),
        stages=asks.shown_stages(form.text("profile")), units=asks.UNITS, orders=asks.ORDER_NAMES,
        staff_units=asks.staff_units(), words=words, focus="#r-errors" if status != 200 else "",
    )  # fmt: skip


@get("/whatif/{run_id:uuid}", opt={"needs": "promise.simulate"})
async def one_run(request: AnyRequest, actor: Who, run_id: FromPath[UUID]) -> Response[str]:
    """One run: what went in, by which model, what came out; while it runs the page asks again by itself."""
    async with db.reading() as connection:
        run, outcome = await whatif.found(connection, run_id)
        others = [one for one in await whatif.recent(connection) if one.state == "done" and one.id != run.id]
    names = await people.names({run.asked_by})
    unit = request.query_params.get("unit")
    return render(
        request, "whatif/run.html", region="#r-run", run=run, name=names.get(run.asked_by, ""), words=words,
        others=others, unit=unit, **_shown(actor, outcome, unit),
    )  # fmt: skip


def _shown(actor: Actor, outcome: Outcome | None, unit: str | None) -> dict[str, Any]:
    """What the page shows of a result: of one unit, or of the whole city."""
    if outcome is None:
        return {"outcome": None}
    lines = replay_sums.units(outcome)
    if unit is not None and all(one.unit != unit for one in lines):
        raise not_found()
    weeks = replay_sums.weeks(outcome, unit)
    broken = [one for one in outcome.newly if unit in (None, one.unit)]
    return {
        "outcome": outcome, "lines": lines, "weeks": weeks, "chart": chart.drawn(weeks, has_staff=outcome.has_staff),
        "grew": replay_sums.grew(outcome), "broken": broken[:SHOWN], "more_broken": len(broken) > SHOWN,
        "reported": [(getattr(outcome.reported, name), say) for name, say in replay_sums.REPORTED.items()],
        "opens_cases": may(actor, "case.read"),
    }  # fmt: skip


@get("/whatif/compare", opt={"needs": "promise.simulate"})
async def compare(request: AnyRequest) -> Response[str]:
    """Two finished runs side by side."""
    sides = []
    async with db.reading() as connection:
        for name in ("a", "b"):
            run, outcome = await whatif.found(connection, _uuid(request.query_params.get(name, "")))
            if outcome is None:
                raise not_found()
            weeks = replay_sums.weeks(outcome)
            sides.append(Side(run=run, outcome=outcome, chart=chart.drawn(weeks, has_staff=outcome.has_staff)))
    by_unit = [{one.unit: one for one in replay_sums.units(side.outcome)} for side in sides]
    codes = sorted({*by_unit[0], *by_unit[1]}, key=lambda code: -sum(u[code].newly for u in by_unit if code in u))
    names = await people.names({side.run.asked_by for side in sides})
    return render(
        request, "whatif/compare.html", sides=sides, rows=[(code, [u.get(code) for u in by_unit]) for code in codes],
        names=names, words=words, figures=FIGURES,
    )  # fmt: skip


FIGURES = (
    ("promised", Say("时限", "Promises")), ("broken", Say("当时超期", "Broken as it was")),
    ("would_break", Say("推演会超期", "Would be broken")), ("newly", Say("新增超期", "Newly broken")),
    ("saved", Say("不再超期", "No longer broken")),
)  # fmt: skip
"""Fields of replay.Totals, as the pages call them."""


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise not_found() from None


ROUTES = [index, new, one_run, compare]
