"""The city's own numbers with their source, and how one is changed."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from hotline import city, city_verbs, clock, db, jobs
from hotline.actor import Actor
from hotline.errors import Say, not_found
from sla import recompute
from sla.targets import ALL
from web import filters, forms
from web.access import Who
from web.admin import changes, sentences, words
from web.forms import Form, label
from web.render import render, see_other

GROUPS = {
    "hours": Say("上班时间", "Working hours"), "calendar": Say("日历", "Calendar"), "warn": Say("预警", "Warning"),
    "intake": Say("受理", "Intake"),
    "accept": Say("自动受理", "Automatic acceptance"),
    "lookup": Say("查询", "Look-up"), "visit": Say("回访", "Return visits"),
    "rating": Say("评价", "Ratings"), "urge": Say("催办", "Urging"), "return": Say("退回", "Returns"),
    "conference": Say("会商", "Conferences"), "co": Say("协办", "Co-handling"),
    "supervision": Say("督办", "Supervision"), "notice": Say("公示", "Notices"), "duplicate": Say("重复", "Repeats"),
    "mass": Say("群体诉求", "Mass requests"), "message": Say("消息", "Messages"),
    "upload": Say("附件", "Attachments"), "chat": Say("网上客服", "Live chat"),
    "reveal": Say("查看信息", "Revealing"),
    "export": Say("导出", "Export"), "recording": Say("录音", "Recordings"), "seal": Say("台账", "Ledger"),
    "routing": Say("派单", "Routing"),
    "clock": Say("时限", "Time limits"), "portal": Say("网上门户", "Portal"), "account": Say("账户", "Accounts"),
    "risk": Say("敏感词", "Risk words"), "verify": Say("先核实后办理", "Verify first"),
    "statutory": Say("法定渠道", "Statutory channels"),
    "alarm": Say("系统告警", "Alarms"), "backup": Say("备份", "Backups"), "uptime": Say("可用率", "Uptime"),
}  # fmt: skip
RECKONED = {"hours.working", "calendar.announced_from", "calendar.announced_through"}
"""Rules by which running promises are reckoned: a change of theirs moves due dates."""


PROMISED = "clock."
"""Rules that are the first version of what the city promises."""


def promise_path(key: str) -> str:
    """Where a time limit is changed: its profile's page, or that of the stages common to all."""
    first, _, stage = key.removeprefix(PROMISED).partition(".")
    return f"/promises/{first if stage else ALL}"


class Edit(msgspec.Struct):
    """A rule's new value, in its unit."""

    value: Annotated[str, label("值", "Value", most=2000)]
    version: str = ""


@get("/admin/rules", opt={"needs": "city.edit"})
async def index(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """Every rule by group, with what it holds and where it comes from."""
    asked = filters.parse("/admin/rules", request.query_params, (filters.Choice(key="q", say=Say("搜索", "Search")),))
    text = asked.get("q").lower()
    found = [
        one
        for one in city.current().rules.values()
        if not one.key.startswith(PROMISED)
        and (not text or text in f"{one.key} {one.note.zh} {one.note.en} {one.source}".lower())
    ]
    order = list(GROUPS)
    found.sort(key=lambda one: order.index(_group(one.key)) if _group(one.key) in GROUPS else len(order))
    groups = [(GROUPS.get(key, Say(key, key)), list(some)) for key, some in groupby(found, lambda one: _group(one.key))]
    return render(
        request, "admin/rules.html", region="#r-list", filters=asked, groups=groups,
        units=words.RULE_UNITS, words=words, tabs=words.tabs(actor, "/admin/rules"),
    )  # fmt: skip


@get("/admin/rules/{key:str}", opt={"needs": "city.edit"})
async def record(request: Request[Any, Any, Any], actor: Who, key: FromPath[str]) -> Response[str]:
    """One rule; a time limit stands with its profile and its versions."""
    if key.startswith(PROMISED):
        return see_other(request, promise_path(key))
    return await _shown(request, actor, key)


@post("/admin/rules/{key:str}", opt={"needs": "city.edit"}, status_code=200)
async def change(request: Request[Any, Any, Any], actor: Who, key: FromPath[str]) -> Response[str]:
    """Set a rule's value; time limits have versions and are changed where they stand."""
    if key.startswith(PROMISED):
        return see_other(request, promise_path(key))
    form = await forms.read(request, Edit)

    async def keep(good: Edit) -> None:
        async with db.atomic() as connection:
            await connection.execute("SELECT version FROM city_version FOR UPDATE")
            old = await connection.fetchval("SELECT value FROM rule WHERE key = $1", key)
            if old is None:
                raise not_found()
            await changes.unchanged(connection, f"rule:{key}", good.version or old, old)
            if old == good.value.strip():
                raise changes.nothing()
            await city_verbs.set_rule(key, good.value)
            if key in RECKONED:
                await recompute.note(connection, actor, clock.today() - timedelta(days=366), recompute.FAR)
            await changes.note(connection, actor, "rule_set", f"rule:{key}", {"value": [old, good.value.strip()]})

    status = await changes.tried(form, keep)
    if status == 200:
        await changes.renew()
        if key in RECKONED:
            await jobs.nudge("recompute_clocks", once="recompute_clocks")
        return see_other(
            request, f"/admin/rules/{key}", flash=Say("已保存，即刻生效。", "Saved; it holds from now on.")
        )
    return await _shown(request, actor, key, status=status, form=form)


async def _shown(
    request: Request[Any, Any, Any], actor: Actor, key: str, *, status: int = 200, form: Form[Edit] | None = None
) -> Response[str]:
    rule = city.current().rules.get(key)
    if rule is None:
        raise not_found()
    async with db.reading() as connection:
        now = await connection.fetchval("SELECT value FROM rule WHERE key = $1", key)
        past = await sentences.history(connection, f"rule:{key}")
    if form is not None and status == 409:
        form.typed["version"] = [now]
    return render(
        request, "admin/rule.html", region="#r-rule", status=status, focus="#r-errors" if status != 200 else "",
        rule=rule, stands=now, form=form or forms.blank(Edit, {"value": now, "version": now}), history=past,
        unit=words.RULE_UNITS[rule.unit], effect=_effect(key), words=words, tabs=words.tabs(actor, "/admin/rules"),
    )  # fmt: skip


def _effect(key: str) -> Say:
    if key in RECKONED:
        return Say("正在走的期限会按新值重算。", "Running due dates are reckoned anew by it.")
    return Say("从保存起生效，做过的事不变。", "It holds from now on; what was done stays.")


def _group(key: str) -> str:
    return key.partition(".")[0]


ROUTES = [index, record, change]
