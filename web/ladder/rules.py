"""The rule table: trigger → subject → measure, what each cites, its versions (seed 002-01)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from hotline import db
from hotline.actor import Actor
from hotline.errors import Say
from hotline.permissions import SIGNED_IN, may
from hotline.work import Work
from sla import ladder_rules
from web import forms
from web.access import Who
from web.forms import Form
from web.ladder.asks import Edit
from web.ladder.shared import AnyRequest, common, demand, done
from web.render import render

EDITS = "ladder.edit"


@get("/ladder/rules", opt={"needs": SIGNED_IN})
async def index(request: AnyRequest, actor: Who) -> Response[str]:
    """Every rule in force, in the order of the ladder: all who are judged by it may read it."""
    async with db.reading() as connection:
        rows = list((await ladder_rules.in_force(connection)).values())
    return render(
        request,
        "ladder/rules.html",
        region="#r-list",
        rows=rows,
        edits=may(actor, EDITS),
        **common(actor, "/ladder/rules"),
    )


@get("/ladder/rules/{code:str}", opt={"needs": SIGNED_IN})
async def one(request: AnyRequest, actor: Who, code: FromPath[str]) -> Response[str]:
    """One rule with its versions, and the form for whoever keeps the table."""
    return await _one(request, actor, code)


async def _one(
    request: AnyRequest, actor: Actor, code: str, form: Form[Edit] | None = None, status: int = 200
) -> Response[str]:
    async with db.reading() as connection:
        versions = await ladder_rules.versions(connection, code)
    rule = versions[0][0]
    start = {name: getattr(rule, name) for name in Edit.__struct_fields__ if name != "amount"}
    start["amount"] = "" if rule.amount is None else rule.days
    return render(
        request,
        "ladder/rule.html",
        region="#r-rule",
        status=status,
        rule=rule,
        versions=versions,
        form=form or forms.blank(Edit, start),
        edits=may(actor, EDITS),
        **common(actor, "/ladder/rules"),
    )


@post("/ladder/rules/{code:str}", opt={"needs": EDITS}, status_code=200)
async def change(request: AnyRequest, actor: Who, code: FromPath[str]) -> Response[str]:
    """A new version from today on."""
    demand(actor, EDITS)
    form = await forms.read(request, Edit)

    async def do(w: Work, given: Edit) -> Any:
        values = {name: getattr(given, name) for name in Edit.__struct_fields__}
        values["amount"] = None if given.amount is None else Decimal(given.amount)
        return await ladder_rules.change(w, code, **values)

    return await done(
        request,
        actor,
        form,
        do,
        to="/ladder/rules",
        said=Say("规则已生效，以前的按当时的规则。", "In force from today."),
        again=lambda status: _one(request, actor, code, form, status),
    )


ROUTES = [index, one, change]
