"""Lines: the registry with its states by date, a line's record, and a new one. Emergency numbers are refused."""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from datetime import date
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from hotline import acts, city, clock, db, line_hours, line_verbs
from hotline.actor import Actor
from hotline.city_nouns import Line, line_state
from hotline.errors import Refusal, Say, conflict, invalid
from web import forms
from web.access import Who
from web.admin import changes, line_plan, sentences, words
from web.forms import Form, label
from web.render import render, see_other


class Edit(msgspec.Struct):
    """A new version of a line from a day on; ``state`` is one of words.LINE_STATES, ``aliases`` numbers by spaces."""

    name_zh: Annotated[str, label("中文名", "Chinese name", most=60)]
    name_en: Annotated[str, label("英文名", "English name", most=120)]
    unit: Annotated[str, label("主管单位", "Unit")]
    state: Annotated[str, label("状态", "State")]
    mode: Annotated[str, label("接入方式", "Way in")]
    aliases: Annotated[str, label("别名号码", "Aliases", most=120)] = ""
    greeting_zh: Annotated[str, label("问候语（中）", "Greeting (zh)", most=200)] = ""
    greeting_en: Annotated[str, label("问候语（英）", "Greeting (en)", most=300)] = ""
    hours: Annotated[str, label("服务时间", "Opening hours", most=line_hours.MOST)] = line_hours.ALWAYS
    farewell_zh: Annotated[str, label("停用后的提示语（中）", "Once retired, callers hear (zh)", most=200)] = ""
    farewell_en: Annotated[str, label("停用后的提示语（英）", "Once retired, callers hear (en)", most=300)] = ""
    from_day: Annotated[date | None, label("生效日期", "Takes effect on")] = None
    version: str = ""

    def check(self) -> dict[str, Say]:
        """The way in fits the state."""
        if self.state not in words.LINE_STATES:
            return {"state": Say("请从列出的状态里选。", "Choose a state from the list.")}
        if self.mode not in words.STATE_MODES[self.state]:
            ways = [words.MODES[mode] for mode in words.STATE_MODES[self.state]]
            zh, en = "、".join(way.zh for way in ways), ", ".join(way.en for way in ways)
            return {"mode": Say(f"这个状态的接入方式是：{zh}。", f"In this state the way in is one of: {en}.")}
        return {}

    @property
    def row(self) -> dict[str, Any]:
        """The columns that this gives a line."""
        phase = self.state if self.state in ("planned", "retired") else "live"
        return {
            "name_zh": self.name_zh.strip(), "name_en": self.name_en.strip(), "unit": self.unit, "mode": self.mode,
            "phase": phase, "aliases": _numbers(self.aliases), "greeting_zh": self.greeting_zh.strip(),
            "greeting_en": self.greeting_en.strip(), "hours": self.hours.strip() or line_hours.ALWAYS,
            "farewell_zh": self.farewell_zh.strip(), "farewell_en": self.farewell_en.strip(),
        }  # fmt: skip


class New(Edit, kw_only=True):
    """A line to be registered."""

    number: Annotated[str, label("号码", "Number", most=16, missing=Say("还没写号码。", "Enter the number."))]


def _numbers(text: str) -> list[str]:
    return [one for one in re.split(r"[\s,，、;；]+", text) if one]


@get("/admin/lines", opt={"needs": "city.edit"})
async def index(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """Every line with its state, since when, and how many cases came by it."""
    lines = sorted(city.current().lines.values(), key=lambda one: (one.mode != "HOST", one.number))
    async with db.reading() as connection:
        use = await changes.used(connection, "line")
        coming = await line_plan.coming(connection)
    never: dict[str, list[city.RelatedNumber]] = {}
    for one in city.current().related_numbers.values():
        never.setdefault(one.treatment, []).append(one)
    return render(
        request, "admin/lines.html", lines=lines, use=use, states=words.LINE_STATES, words=words,
        sizes=Counter(one.state for one in lines), related=never, treatments=words.TREATMENTS, coming=coming,
        now=clock.now(), calendar=city.current().calendar, tabs=words.tabs(actor, "/admin/lines"),
    )  # fmt: skip


@get("/admin/lines/new", opt={"needs": "city.edit"})
async def blank(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """The form for a new line."""
    start = {"state": "planned", "mode": "MERGED", "from_day": clock.today()}
    return _form(request, actor, forms.blank(New, start))


@post("/admin/lines/new", opt={"needs": "city.edit"}, status_code=200)
async def register(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """Register a line. The attempt at an emergency number is refused in words, and noted."""
    form = await forms.read(request, New)
    made: list[str] = []

    async def enter(good: New) -> None:
        async with db.atomic() as connection:
            made.append(await line_verbs.register_line(good.number, valid_from=good.from_day, **good.row))
            changed = changes.difference({}, {**good.row, "state": good.state})
            kept: dict[str, list[str]] = {
                name: changed[name] for name in ("name_zh", "unit", "state", "mode", "aliases") if name in changed
            }
            on = good.from_day or clock.today()
            await changes.note(connection, actor, "line_registered", f"line:{made[0]}", kept, on=on)

    try:
        status = await changes.tried(form, enter)
    finally:
        await _note_refused(actor, form, line_verbs.normal_number(form.text("number")))
    if status == 200:
        await changes.renew()
        return see_other(request, f"/admin/lines/{made[0]}", flash=Say("已登记。", "Registered."))
    return _form(request, actor, form, status)


async def _note_refused(actor: Actor, form: Form[Any], number: str) -> None:
    """Somebody tried to make a line of a number that is never merged: that stays on record."""
    given = {line_verbs.normal_number(one) for one in (form.text("number"), *_numbers(form.text("aliases")))}
    never = {one.number for one in city.current().related_numbers.values() if one.treatment == "NOT_MERGED"}
    if given & (line_verbs.EMERGENCY | never):
        async with db.atomic() as connection:
            await acts.note(connection, actor, "line_refused", f"line:{number}")


def _form(request: Request[Any, Any, Any], actor: Actor, form: Form[New], status: int = 200) -> Response[str]:
    return render(
        request, "admin/line_new.html", region="#r-new", status=status, focus="#r-errors" if status != 200 else "",
        form=form, units=words.unit_choices(tiers=(2, 3)), words=words, tabs=words.tabs(actor, "/admin/lines"),
    )  # fmt: skip


@get("/admin/lines/{number:str}", opt={"needs": "city.edit"})
async def record(request: Request[Any, Any, Any], actor: Who, number: FromPath[str]) -> Response[str]:
    """One line."""
    return await _shown(request, actor, number)


@post("/admin/lines/{number:str}", opt={"needs": "city.edit"}, status_code=200)
async def change(request: Request[Any, Any, Any], actor: Who, number: FromPath[str]) -> Response[str]:
    """Preview or make a new version of a line: its state, its words, its unit."""
    form = await forms.read(request, Edit)
    if form.is_good and changes.is_preview(form):
        return await _shown(request, actor, number, form=form, moves=await _moves(number, form.good))

    async def keep(good: Edit) -> None:
        await _change(actor, number, good)

    try:
        status = await changes.tried(form, keep)
        if "phase" in form.errors:  # the form speaks of states
            form.errors["state"] = form.errors.pop("phase")
    finally:
        await _note_refused(actor, form, number)
    if status == 200:
        await changes.renew()
        return see_other(request, f"/admin/lines/{number}", flash=Say("已保存。", "Saved."))
    return await _shown(request, actor, number, status=status, form=form)


async def _change(actor: Actor, number: str, good: Edit) -> None:
    on = good.from_day or clock.today()
    async with db.atomic() as connection:
        await connection.execute("SELECT version FROM city_version FOR UPDATE")
        row = (await changes.versions(connection, "line", number))[0]
        await changes.unchanged(connection, f"line:{number}", good.version, changes.mark(row))
        if row["phase"] == "retired":
            if row["valid_from"] > clock.today():
                raise _retiring(row["valid_from"])
            raise conflict("line_retired", "这条线路已退役，要用请另登记。", "This line is retired; register it anew.")
        if row["mode"] == "HOST" and good.mode != "HOST":
            raise invalid({"mode": Say("主号不能改成别的方式。", "The main number cannot become another kind.")})
        if row["mode"] == "HOST" and good.state != "merged":
            raise invalid({"state": Say("主号不能退役。", "The main number cannot be retired.")})
        after = good.row
        after["aliases"] = [line_verbs.normal_number(one) for one in after["aliases"]]
        with contextlib.suppress(ValueError):  # the verb says what is wrong with it
            after["hours"] = line_hours.write(after["hours"])
        changed = changes.difference(row, after)
        if not changed:
            raise changes.nothing()
        await line_verbs.change_line(number, from_day=on, **{name: after[name] for name in changed})
        old = line_state(row["phase"], row["mode"])
        shown = {"state": [old, good.state], **changed} if old != good.state else changed
        shown.pop("phase", None)
        await changes.note(connection, actor, "line_changed", f"line:{number}", shown, on=on)


def _retiring(day: date) -> Refusal:
    return conflict(
        "line_retiring",
        f"这条线路已安排 {day} 退役，要改请先在接入计划里撤销。",
        f"This line retires on {day}; take that back in its plan first.",
    )


async def _moves(number: str, good: Edit) -> list[Say]:
    on = good.from_day or clock.today()
    async with db.reading() as connection:
        n = await connection.fetchval("SELECT count(*) FROM cases WHERE is_open AND line = $1", number)
    state = words.LINE_STATES.get(good.state, Say(good.state, good.state))
    moves = [
        Say(f"自 {on} 起状态是“{state.zh}”。", f"From {on} its state is “{state.en}”."),
        Say(f"由这条线路来的 {n} 件在办案件不动，线路名仍记在案上。",
            f"{n} open cases that came by it do not move and keep the line's name."),
    ]  # fmt: skip
    if good.state == "retired":
        moves.append(Say("退役后接听台不再显示这条线路。", "Once retired, the desk no longer offers it."))
        told = _farewell(number, good)
        moves.append(Say(f"再有人拨打，会听到：“{told.zh}”", f"Whoever still calls it hears: “{told.en}”"))
    return moves


def _farewell(number: str, good: Edit) -> Say:
    now = city.current().lines.get(number)
    if now is None:
        return Say(good.farewell_zh, good.farewell_en)
    bare = msgspec.structs.replace(
        now, farewell_zh=good.farewell_zh.strip(), farewell_en=good.farewell_en.strip()
    )
    return bare.farewell


async def _shown(
    request: Request[Any, Any, Any],
    actor: Actor,
    number: str,
    *,
    status: int = 200,
    form: Form[Edit] | None = None,
    moves: list[Say] | None = None,
) -> Response[str]:
    async with db.reading() as connection:
        versions = await changes.versions(connection, "line", number)
        past = await sentences.history(connection, f"line:{number}")
        use = (await changes.used(connection, "line")).get(number, (0, 0))
    row = versions[0]
    mark = changes.mark(row)
    if form is not None and status == 409:
        form.typed["version"] = [mark]
    for version in versions:
        version["state"] = line_state(version["phase"], version["mode"])
    start = {**row, "aliases": " ".join(row["aliases"]), "version": mark}
    start["from_day"] = max(clock.today(), row["valid_from"])
    return render(
        request, "admin/line.html", region="#r-line", status=status,
        focus="#r-errors" if status != 200 else ("#r-moves" if moves else ""),
        form=form or forms.blank(Edit, {name: start[name] for name in Edit.__struct_fields__}),
        row=row, versions=versions, history=past, moves=moves, use=use, units=words.unit_choices(tiers=(2, 3)),
        words=words, today=clock.today(), tabs=words.tabs(actor, "/admin/lines"), line=_today(number, row),
        is_open=city.current().is_answering(number),
    )  # fmt: skip


def _today(number: str, row: dict[str, Any]) -> Line:
    """Today's version; a line that begins later stands as it will be."""
    fields = {name: row[name] for name in Line.__struct_fields__} | {"aliases": tuple(row["aliases"])}
    return city.current().lines.get(number) or Line(**fields)


ROUTES = [index, blank, register, record, change]
