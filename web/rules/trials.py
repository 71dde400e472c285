"""A rule's trial on last month's cases, and putting it in force: warned once more where it takes all or nothing."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from cases import scope
from cases.wording_route import matter
from hotline import city, clock, db
from hotline.actor import Actor
from hotline.errors import Refusal, Say, conflict
from routing import book, conditions, rulebook, rules, trial
from routing.rules import Rule
from routing.trial import Trial
from web import forms
from web import worklists as split
from web.access import Who
from web.admin import words
from web.forms import label
from web.render import render, see_other
from web.rules.pages import NEED, PATH, found_rule

_Request: TypeAlias = Request[Any, Any, Any]


class Live(msgspec.Struct, kw_only=True):
    """Put in force; a warned one needs the reason and the tick."""

    version: int
    reason: Annotated[str, label("为什么仍要启用", "Why it goes live all the same", most=500)] = ""
    is_sure: Annotated[bool, label("我看过试运行，仍要启用", "I have seen the trial and put it in force")] = False


@get(PATH + "/{number:int}/trial", opt=NEED)
async def shown(request: _Request, actor: Who, number: FromPath[int]) -> Response[str]:
    """What the rule would have done with last month's cases."""
    return await _show(request, actor, number, forms.blank(Live))


@post(PATH + "/{number:int}/live", opt=NEED, status_code=200)
async def put_in_force(request: _Request, actor: Who, number: FromPath[int]) -> Response[str]:
    """Put a rule in force. The trial runs again, so that the warning is about what stands now."""
    form = await forms.read(request, Live)
    if not form.is_good:
        return await _show(request, actor, number, form, 422)
    async with db.reading() as connection:
        rule = await found_rule(connection, number)
        tried = await _tried(connection, rule)
    _check(form, tried, tried.warning(rule))
    if form.errors:
        return await _show(request, actor, number, form, 422)
    try:
        async with db.atomic() as connection:
            await rulebook.switch(connection, actor, number, form.good.version, "live", form.good.reason.strip())
    except Refusal as refusal:
        if refusal.status != 409:
            raise
        form.take(refusal)
        return await _show(request, actor, number, form, 409)
    await book.refresh()
    said = Say("已启用，新来的诉求先问它。", "In force: new cases are asked by it first.")
    return see_other(request, f"{PATH}/{number}", flash=said)


def _check(form: forms.Form[Live], tried: Trial, warning: str) -> None:
    if tried.fault:
        why = rules.FAULTS[tried.fault]
        form.take(conflict("rule_faulty", f"{why.zh}，改好再启用。", f"{why.en}; mend it first."))
    elif warning:
        if not form.good.reason.strip():
            said = Say("试运行有警告，请写明为什么仍要启用。", "The trial warns: say why it goes live.")
            form.errors["reason"] = said
        if not form.good.is_sure:
            form.errors["is_sure"] = Say("请勾选确认。", "Tick to confirm.")


async def _tried(connection: db.Connection, rule: Rule) -> Trial:
    found = rules.in_force(await rulebook.read(connection), clock.today())
    return await trial.run(connection, rule, found)


async def _show(
    request: _Request, actor: Actor, number: int, form: forms.Form[Live], status: int = 200
) -> Response[str]:
    async with db.reading() as connection:
        rule = await found_rule(connection, number)
        tried = await _tried(connection, rule)
        named = {one.id: one for one in await rulebook.read(connection)}
    form.typed["version"] = [str(rule.version)]
    warning = tried.warning(rule)
    return render(
        request, "rules/trial.html", region="#r-trial", status=status, focus="#r-errors" if status != 200 else "",
        rule=rule, tried=tried, warning=trial.WARNINGS.get(warning), form=form, named=named,
        sentence=conditions.sentence(rule, city.current()), states=rules.STATES, faults=rules.FAULTS,
        unit=split.unit_name, matter=matter, county=words.county, may_read=not scope.scope_of(actor).is_empty,
        days=trial.DAYS, tabs=words.tabs(actor, PATH),
    )  # fmt: skip


ROUTES = [shown, put_in_force]
