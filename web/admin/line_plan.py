"""A line's way in as a plan: dual-running from a day, merged from another, retired from a third, each by itself."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from hotline import clock, db, line_verbs
from hotline.actor import Actor
from hotline.city_nouns import line_state
from hotline.city_versions import PAST
from hotline.errors import Refusal, Say, conflict, invalid, not_found
from web import forms
from web.access import Who
from web.admin import changes, words
from web.forms import Form, label
from web.render import render, see_other

STEPS = ("dual", "merged", "connected", "retired")
_DEFAULT = {"dual": "DUAL", "merged": "MERGED", "connected": "SUBCENTRE"}
_COMING = (
    "SELECT number, name_zh, name_en, phase, mode, valid_from FROM line "
    "WHERE valid_from > $1 ORDER BY valid_from, number"
)
_NOT_AFTER = Say("要晚于上一步的日期。", "It has to come after the step before.")
_BOTH = Say("并入和转接只能选一个。", "Merged or connected, not both.")


class Plan(msgspec.Struct):
    """The first day of each step; an empty one is left out."""

    dual_on: Annotated[date | None, label("双号并行，自", "Dual-running from")] = None
    merged_on: Annotated[date | None, label("并入，自", "Merged from")] = None
    connected_on: Annotated[date | None, label("转接，自", "Connected from")] = None
    retired_on: Annotated[date | None, label("退役，自", "Retired from")] = None
    connected_mode: Annotated[str, label("转接方式", "Connected how")] = "SUBCENTRE"
    version: str = ""

    def check(self) -> dict[str, Say]:
        """There is a step, in the order of the process, none before tomorrow's or today's plan."""
        if not self.days:
            return {"dual_on": Say("至少填一个日期。", "Enter one date at least.")}
        if self.merged_on and self.connected_on:
            return {"connected_on": _BOTH}
        if self.connected_mode not in words.STATE_MODES["connected"]:
            return {"connected_mode": Say("请从列出的方式里选。", "Choose a way from the list.")}
        wrong = {f"{state}_on": PAST for state, day in self.days if day < clock.today()}
        late = zip(self.days, self.days[1:], strict=False)
        return {f"{after[0]}_on": _NOT_AFTER for before, after in late if after[1] <= before[1]} | wrong

    @property
    def days(self) -> list[tuple[str, date]]:
        """The steps that have a day, in order."""
        return [(state, day) for state in STEPS if (day := getattr(self, f"{state}_on"))]

    def columns(self, state: str, now: str) -> dict[str, Any]:
        """What a step changes; ``now`` is the mode before, which stays where it fits."""
        mode = self.connected_mode if state == "connected" else _DEFAULT.get(state, now)
        fits = now in words.STATE_MODES[state] and state != "connected"
        return {"phase": "retired" if state == "retired" else "live", "mode": now if fits else mode}


async def coming(connection: db.Connection) -> list[dict[str, Any]]:
    """Every step of every line that has not begun, the next first."""
    rows = [dict(row) for row in await connection.fetch(_COMING, clock.today())]
    for row in rows:
        row["state"] = words.LINE_STATES[line_state(row["phase"], row["mode"])]
    return rows


@get("/admin/lines/{number:str}/plan", opt={"needs": "city.edit"})
async def page(request: Request[Any, Any, Any], actor: Who, number: FromPath[str]) -> Response[str]:
    """The line's plan: what was, what is, what comes, and the form for more."""
    return await _shown(request, actor, number)


@post("/admin/lines/{number:str}/plan", opt={"needs": "city.edit"}, status_code=200)
async def plan(request: Request[Any, Any, Any], actor: Who, number: FromPath[str]) -> Response[str]:
    """Preview the steps or set them, all or none."""
    form = await forms.read(request, Plan)
    if form.is_good and changes.is_preview(form):
        return await _shown(request, actor, number, form=form, moves=_moves(form.good))

    async def keep(good: Plan) -> None:
        await _set(actor, number, good)

    status = await changes.tried(form, keep)
    if status == 200:
        await changes.renew()
        flash = Say("已安排，到日子自动生效。", "Planned; each step takes effect by itself.")
        return see_other(request, f"/admin/lines/{number}/plan", flash=flash)
    return await _shown(request, actor, number, status=status, form=form)


@post("/admin/lines/{number:str}/plan/{day:str}/withdrawal", opt={"needs": "city.edit"}, status_code=200)
async def withdraw(
    request: Request[Any, Any, Any], actor: Who, number: FromPath[str], day: FromPath[str]
) -> Response[str]:
    """Take a step that has not begun back, and those after it."""
    try:
        from_day = date.fromisoformat(day)
    except ValueError:
        raise not_found() from None
    async with db.atomic() as connection:
        gone = await line_verbs.withdraw_line_plan(number, from_day)
        changed = {"state": [line_state(gone["phase"], gone["mode"]), ""]}
        await changes.note(connection, actor, "line_plan_withdrawn", f"line:{number}", changed, on=from_day)
    await changes.renew()
    return see_other(request, f"/admin/lines/{number}/plan", flash=Say("已撤销。", "Taken back."))


async def _set(actor: Actor, number: str, good: Plan) -> None:
    async with db.atomic() as connection:
        await connection.execute("SELECT version FROM city_version FOR UPDATE")
        row = (await changes.versions(connection, "line", number))[0]
        await changes.unchanged(connection, f"line:{number}", good.version, changes.mark(row))
        if row["mode"] == "HOST":
            raise conflict("line_host", "主号一直在用，没有接入计划。", "The main number stays; it has no plan.")
        if row["phase"] == "retired":
            raise conflict(
                "line_retired", "已经安排退役，要改请先撤销。", "Its retirement is set; take that back first."
            )
        state, mode = line_state(row["phase"], row["mode"]), row["mode"]
        for step, day in good.days:
            if step == state:
                raise invalid({f"{step}_on": Say("它已经是这个状态。", "It is in that state already.")})
            columns = good.columns(step, mode)
            try:
                await line_verbs.change_line(number, from_day=day, **columns)
            except Refusal as refusal:
                raise invalid({f"{step}_on": next(iter(refusal.fields.values()), refusal.say)}) from None
            await changes.note(connection, actor, "line_planned", f"line:{number}", {"state": [state, step]}, on=day)
            state, mode = step, columns["mode"]


def _moves(good: Plan) -> list[Say]:
    found = []
    for state, day in good.days:
        say = words.LINE_STATES[state]
        found.append(Say(f"{day} 零点起“{say.zh}”，不用再操作。", f"“{say.en}” from midnight of {day}, by itself."))
    if good.retired_on:
        found.append(Say(
            "退役后接听台不再显示，来电人听到停用提示语。",
            "Once retired the desk no longer offers it, and callers hear the farewell.",
        ))  # fmt: skip
    found.append(Say("已经登记的案件不动。", "Cases that are registered do not move."))
    return found


async def _shown(
    request: Request[Any, Any, Any], actor: Actor, number: str, *, status: int = 200, form: Form[Plan] | None = None,
    moves: list[Say] | None = None,
) -> Response[str]:  # fmt: skip
    async with db.reading() as connection:
        versions = await changes.versions(connection, "line", number)
    mark = changes.mark(versions[0])
    if form is not None and status == 409:
        form.typed["version"] = [mark]
    for version in versions:
        version["state"] = line_state(version["phase"], version["mode"])
    return render(
        request, "admin/line_plan.html", region="#r-plan", status=status,
        focus="#r-errors" if status != 200 else ("#r-moves" if moves else ""),
        form=form or forms.blank(Plan, {"version": mark}), row=versions[0], versions=list(reversed(versions)),
        moves=moves, words=words, today=clock.today(), tabs=words.tabs(actor, "/admin/lines"),
        ways={code: words.MODES[code] for code in words.STATE_MODES["connected"]},
    )  # fmt: skip


ROUTES = [page, plan, withdraw]
