"""Dispatch rules: the list in its order, a rule's form and versions, moving it, switching it off."""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from hotline import city, clock, db, people
from hotline.actor import SYSTEM_ID, Actor
from hotline.errors import Refusal, Say, not_found
from routing import book, conditions, rulebook, rules
from routing.rules import Rule
from web import forms
from web.access import Who
from web.admin import words
from web.render import render, see_other
from web.rules import forms as own
from web.rules.forms import Edit

PATH = "/rules"
NEED = {"needs": "routing.edit"}
_Request: TypeAlias = Request[Any, Any, Any]
WHATS = {
    "saved": Say("保存", "saved"), "live": Say("启用", "put in force"), "off": Say("停用", "switched off"),
    "faulty": Say("出错停用", "failed and was switched off"),
}  # fmt: skip
LOOKS = {"live": "good", "faulty": "danger"}


class Switch(msgspec.Struct, kw_only=True):
    """Which version is switched."""

    version: int


class Move(msgspec.Struct, kw_only=True):
    """One place up or down."""

    up: bool = False


@get(PATH, opt=NEED)
async def index(request: _Request, actor: Who) -> Response[str]:
    """Every rule in the order in which it is asked, what it says and how often it decided."""
    async with db.reading() as connection:
        found = await rulebook.read(connection)
        hits = await rulebook.hits(connection)
    return render(
        request, "rules/index.html", found=found, hits=hits, states=rules.STATES, looks=LOOKS, faults=rules.FAULTS,
        sentence=_sentence, today=clock.today(), tabs=words.tabs(actor, PATH),
    )  # fmt: skip


def _sentence(rule: Rule) -> Say:
    return conditions.sentence(rule, city.current())


@get(PATH + "/new", opt=NEED)
async def blank(request: _Request, actor: Who) -> Response[str]:
    """The form for a new rule."""
    return _form(request, actor, own.begin())


@post(PATH + "/new", opt=NEED, status_code=200)
async def add(request: _Request, actor: Who) -> Response[str]:
    """Keep a new rule as a draft; its trial comes next."""
    form = await forms.read(request, Edit)
    rule = own.read_rule(form, actor.id)
    if rule is None:
        return _form(request, actor, form, 422)
    async with db.atomic() as connection:
        number = await rulebook.add(connection, actor, rule)
    await book.refresh()
    return see_other(request, f"{PATH}/{number}/trial", flash=Say("已存为草稿。", "Kept as a draft."))


def _form(request: _Request, actor: Actor, form: forms.Form[Edit], status: int = 200) -> Response[str]:
    return render(
        request, "rules/new.html", region="#r-rule", status=status, focus="#r-errors" if status != 200 else "",
        form=form, tabs=words.tabs(actor, PATH), **own.choices(),
    )  # fmt: skip


@get(PATH + "/{number:int}", opt=NEED)
async def record(request: _Request, actor: Who, number: FromPath[int]) -> Response[str]:
    """One rule with every version it had."""
    return await _shown(request, actor, number)


@post(PATH + "/{number:int}", opt=NEED, status_code=200)
async def change(request: _Request, actor: Who, number: FromPath[int]) -> Response[str]:
    """Write a rule anew. It goes back to draft: what it says now was not tried yet."""
    form = await forms.read(request, Edit)
    rule = own.read_rule(form, actor.id)
    if rule is None:
        return await _shown(request, actor, number, form=form, status=422)
    try:
        async with db.atomic() as connection:
            await rulebook.change(connection, actor, number, rule, form.good.version)
    except Refusal as refusal:
        if refusal.status != 409:
            raise
        form.take(refusal)
        return await _shown(request, actor, number, form=form, status=409)
    await book.refresh()
    said = Say("已保存为草稿，试运行后启用。", "Kept as a draft; try it, then put it in force.")
    return see_other(request, f"{PATH}/{number}/trial", flash=said)


@post(PATH + "/{number:int}/order", opt=NEED, status_code=200)
async def move(request: _Request, actor: Who, number: FromPath[int]) -> Response[str]:
    """One place up or down in the order."""
    form = await forms.read(request, Move)
    async with db.atomic() as connection:
        is_moved = await rulebook.move(connection, actor, number, up=form.good.up)
    await book.refresh()
    stays = Say("已经在头上或末尾了。", "It is first or last already.")
    said = Say("次序已改。", "The order is changed.") if is_moved else stays
    return see_other(request, f"{PATH}#row-{number}", flash=said)


@post(PATH + "/{number:int}/off", opt=NEED, status_code=200)
async def switch_off(request: _Request, actor: Who, number: FromPath[int]) -> Response[str]:
    """Take a rule out of force at once."""
    form = await forms.read(request, Switch)
    async with db.atomic() as connection:
        await rulebook.switch(connection, actor, number, form.good.version, "off")
    await book.refresh()
    said = Say("已停用，新来的诉求不再经过它。", "Switched off: new cases do not pass it any more.")
    return see_other(request, f"{PATH}/{number}", flash=said)


async def found_rule(connection: db.Connection, number: int) -> Rule:
    """The rule as it stands in the database; 404 when there is none."""
    rule = next((one for one in await rulebook.read(connection) if one.id == number), None)
    if rule is None:
        raise not_found()
    return rule


async def _shown(
    request: _Request, actor: Actor, number: int, *, form: forms.Form[Edit] | None = None, status: int = 200
) -> Response[str]:
    async with db.reading() as connection:
        rule = await found_rule(connection, number)
        past = await rulebook.history(connection, number)
        hits = (await rulebook.hits(connection)).get(number, 0)
    if form is not None and status == 409:
        form.typed["version"] = [str(rule.version)]
    names = await people.names({one.author for one in past})
    return render(
        request, "rules/rule.html", region="#r-rule", status=status, focus="#r-errors" if status != 200 else "",
        rule=rule, form=form or own.begin(rule), past=past, hits=hits, names=names, whats=WHATS, system=SYSTEM_ID,
        states=rules.STATES, looks=LOOKS, faults=rules.FAULTS, sentence=_sentence, tabs=words.tabs(actor, PATH),
        **own.choices(),
    )  # fmt: skip


ROUTES = [index, blank, add, record, change, move, switch_off]
