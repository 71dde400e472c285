"""All open cases of a unit, and one act that gives those chosen to a successor: before the unit is switched off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from cases import scope
from cases.states import ASSIGNMENT_STATES
from hotline import acts, city, db, unit_desks
from hotline.actor import Actor
from hotline.city import Unit
from hotline.errors import Refusal, Say, not_found
from hotline.work import work
from web import forms, units
from web.access import Who
from web.cases.choices import under_of, unit_groups
from web.cases.dispatch_acts import move
from web.cases.doing import check_unit
from web.cases_access import opened_for
from web.forms import label
from web.render import render, see_other

AnyRequest = Request[Any, Any, Any]
NEEDS = {"needs": "case.dispatch"}
MOST = 200
"""Cases on one page, and moved by one click: fewer than a form has fields (``fields.MOST_FIELDS``)."""


class Moving(msgspec.Struct, kw_only=True):
    """The cases chosen, the unit that gets them, and why."""

    unit: Annotated[str, label("承接单位", "Successor", missing=Say("请选承接单位。", "Choose the successor."))]
    reason: Annotated[str, label("改派理由", "Reason", most=500, missing=Say("请写理由。", "Write the reason."))]
    cases: Annotated[tuple[str, ...], label("哪些件", "Which cases")] = ()

    def check(self) -> dict[str, Say]:
        """At least one case."""
        return {} if self.cases else {"cases": Say("请先勾选要改派的件。", "Tick the cases first.")}


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """One share that the unit works on."""

    share: UUID
    number: str
    state: str
    role: str
    dispatched_at: datetime
    next_due: datetime | None

    @property
    def say(self) -> Say:
        """Its state in words."""
        return ASSIGNMENT_STATES[self.state]


async def held(connection: db.Connection, actor: Actor, unit: str) -> Sequence[Held]:
    """The unit's open shares among the actor's cases, the nearest due first; not those handed down to it."""
    text, args = scope.condition(actor, 2)
    rows = await connection.fetch(
        "SELECT a.id AS share, c.number, a.state, a.role, a.dispatched_at, c.next_due FROM assignment a "
        f"JOIN cases c ON c.id = a.case_id WHERE a.unit = $1 AND a.role <> 'below' AND c.is_open AND {text} "
        f"AND a.state NOT IN ('recalled', 'ended', 'handled') ORDER BY c.next_due, c.number LIMIT {MOST}",
        unit, *args,
    )  # fmt: skip
    return [Held(**row) for row in rows]


async def _page(
    request: AnyRequest, actor: Actor, code: str, form: forms.Form[Moving], *, status: int = 200,
    failed: Sequence[tuple[str, Say]] = (),
) -> Response[str]:  # fmt: skip
    one = _unit(actor, code)
    async with db.reading() as connection:
        found = await held(connection, actor, code)
        n = await unit_desks.held(connection, code)
    return render(
        request, "dispatch/moving.html", region="#r-moving", status=status, focus="#r-errors" if status != 200 else "",
        unit=one, found=found, others=n - len(found), form=form, failed=failed, groups=unit_groups(actor), most=MOST,
    )  # fmt: skip


def _unit(actor: Actor, code: str) -> Unit:
    """The unit, one that has ended too: its cases wait for somebody. 404 for another county's."""
    snapshot, under = city.current(), under_of(actor)
    one = snapshot.unit(code) or snapshot.gone_unit(code)
    if one is None or (under and code not in under and one.jurisdiction != actor.jurisdiction):
        raise not_found()
    return one


@get("/dispatch/units/{code:str}", opt=NEEDS)
async def index(request: AnyRequest, actor: Who, code: FromPath[str]) -> Response[str]:
    """What the unit has open."""
    return await _page(request, actor, code, forms.blank(Moving))


@post("/dispatch/units/{code:str}", opt=NEEDS, status_code=200)
async def apply(request: AnyRequest, actor: Who, code: FromPath[str]) -> Response[str]:
    """Re-dispatch the chosen ones, each in its own transaction; those that cannot go come back with the reason."""
    _unit(actor, code)
    form = await forms.read(request, Moving)
    if form.is_good and form.good.unit == code:
        form.errors["unit"] = Say("承接单位不能是它自己。", "The successor cannot be the unit itself.")
    try:
        check_unit(actor, form.text("unit"))
    except Refusal as refusal:
        form.take(refusal)
    if not form.is_good or form.errors:
        return await _page(request, actor, code, form, status=422)
    n, failed = 0, []
    for number in form.good.cases[:MOST]:
        try:
            n += await _moved(actor, code, number, form.good)
        except Refusal as refusal:
            failed.append((number, next(iter(refusal.fields.values()), refusal.say)))
    async with db.atomic() as connection:
        await acts.note(connection, actor, "unit_cases_moved", f"unit:{code}", {"count": n, "unit": form.good.unit})
    if failed:
        return await _page(request, actor, code, form, status=409, failed=failed)
    to = units.name(city.current(), form.good.unit)
    return see_other(request, f"/dispatch/units/{code}", flash=Say(
        f"{n} 件已改派给{to.zh}。", f"{n} cases re-dispatched to {to.en}."))  # fmt: skip


async def _moved(actor: Actor, code: str, number: str, good: Moving) -> bool:
    """Move one case; False when it went meanwhile. Raises the refusal of one that cannot go."""
    async with work(actor) as w:
        file = await opened_for(w, number)
        taken = file.assignment_of(code)
        if taken is not None:
            await move(w, file, taken, unit=good.unit, reason=good.reason)
    return taken is not None


ROUTES = [index, apply]
