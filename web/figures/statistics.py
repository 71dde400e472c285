"""The public statistics of a month: how much, which way, what about, and each rate with its formula beside it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import msgspec
from litestar import Request, Response, get

from hotline import clock, db
from hotline.errors import Say
from hotline.permissions import PUBLIC
from sla import facts, facts_spans
from sla import small_cells as small
from web.chart import Chart, Line, Series
from web.figures.fairness import FEW
from web.figures.names import DIMENSIONS, name_of
from web.figures.room import percent
from web.render import render

AnyRequest = Request[Any, Any, Any]
MONTHS = 13
TOP = 10
COUNTS = ("requests", "cases", "ended", "praise")
RATES = ("direct", "response", "finished", "resolved", "rated", "calls", "answered_15s", "media_3m", "mail_24h")
SOURCE = Say("热线台账", "the hotline's ledger")
TABLES: dict[str, Say] = {
    "channel": Say("大家从哪里反映？", "Which way did people turn to us?"),
    "matter": Say("大家反映最多的是什么？", "What was it mostly about?"),
    "county": Say("各区县有多少？", "How much came from each county?"),
    "kind": Say("是求助还是投诉？", "Help or complaint?"),
}


TOLD: dict[str, tuple[Say, Say]] = {
    "requests": (Say("收到", "Received"), Say("当月收到的诉求，一个人反映一次算一件", "requests of the month")),
    "cases": (Say("办理的事", "Matters"), Say("合并办理的算一件", "several requests about one thing are one matter")),
    "ended": (Say("办结", "Settled"), Say("当月办结的事", "matters settled in the month")),
    "praise": (Say("表扬", "Praise"), Say("当月收到的表扬", "praise received in the month")),
    "direct": (
        Say("当场答复率", "Answered at once"),
        Say("当场答复的 ÷ 收到后已有着落的", "answered at once ÷ all taken up"),
    ),
    "response": (
        Say("响应率", "Response rate"),
        Say("承办部门按时接到、按时联系您的 ÷ 这两步都已到时间的", "taken up and first contacted in time ÷ both due"),
    ),
    "finished": (
        Say("按期办结率", "In time"),
        Say("在答应的日期前办好的 ÷ 已到日期或已办好的", "done by the date told ÷ done or due"),
    ),
    "resolved": (
        Say("解决率", "Resolution rate"),
        Say("回访时说已解决的 ÷ 回访问到的", "said to be solved ÷ asked when called back"),
    ),
    "rated": (
        Say("满意率", "Satisfaction rate"),
        Say("评满意、基本满意的 ÷ 全部评价；没评的不算", "satisfied or basically satisfied ÷ all grades given"),
    ),
    "calls": (Say("接通率", "Answer rate"), Say("接通的电话 ÷ 打进来排队的电话", "calls answered ÷ calls that queued")),
    "answered_15s": (
        Say("15 秒接通率", "Within 15 seconds"),
        Say("15 秒内接通的 ÷ 打进来排队的电话", "calls answered within 15 seconds ÷ calls that queued"),
    ),
    "media_3m": (
        Say("短信、微信、网上客服 3 分钟回音率", "Messages within 3 minutes"),
        Say("3 分钟内有回音的 ÷ 全部短信、微信、网上客服", "answered within 3 minutes ÷ all by SMS, WeChat, chat"),
    ),
    "mail_24h": (
        Say("邮件 24 小时回音率", "Mail within 24 hours"),
        Say("24 小时内有回音的 ÷ 全部邮件", "answered within 24 hours ÷ all mails"),
    ),
}
"""Measures in the words of citizens: what each is called, and its formula."""


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """One rate as the public reads it: name and formula, its value, or that there are too few."""

    name: Say
    formula: Say
    value: str
    is_few: bool


@get("/statistics", opt={"needs": PUBLIC})
async def page(request: AnyRequest) -> Response[Any]:
    """The statistics of a month."""
    async with db.reading() as connection:
        first = await _month(connection, request.query_params.get("month", ""))
        end = _next(first)
        counts = {one.measure: one.total for one in await facts.counted(connection, COUNTS, first, end)}
        rates = {one.measure: one for one in await facts.counted(connection, RATES, first, end)}
        worst = await facts_spans.worst(connection, first, end)
        charts = [await _months(connection, end), *[await _table(connection, by, first, end) for by in TABLES]]
        kinds = {one.key: one.total for one in await facts.counted(connection, ["requests"], first, end, by="kind")}
        at = await facts.as_of(connection)
    told = [_rate(name, rates.get(name)) for name in RATES]
    return render(
        request, "figures/statistics.html", region="#main", first=first, months=_choices(), at=at, charts=charts,
        numbers=head(counts, kinds), rates=told,
        worst=worst if worst is not None and worst.calls >= FEW else None, few=FEW, is_empty=not any(counts.values()),
        is_running=end > clock.today(),
    )  # fmt: skip


def head(counts: Mapping[str, int], kinds: Mapping[str, int]) -> list[tuple[tuple[Say, Say], str]]:
    """The counts at the head. Praise is a kind, too: what the table of kinds leaves out is not told above it."""
    left_out = small.marks(kinds).get("praise", "")
    return [
        (TOLD[name], (name == "praise" and left_out) or small.shown(counts.get(name, 0))) for name in COUNTS
    ]


async def _month(connection: db.Connection, text: str) -> date:
    """The first day of a month that can be asked for; else the last whole month, or this one where that is empty."""
    this, last, *_ = _firsts()
    asked = next((one for one in _firsts() if f"{one:%Y-%m}" == text), None)
    return asked or (last if await facts.counted(connection, ["requests"], last, this) else this)


def _firsts() -> list[date]:
    found = [clock.today().replace(day=1)]
    while len(found) < MONTHS:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found


def _choices() -> dict[str, Say]:
    return {f"{one:%Y-%m}": Say(f"{one.year} 年 {one.month} 月", f"{one:%B} {one.year}") for one in _firsts()}


def _next(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)


def _rate(name: str, one: facts.Figure | None) -> Rate:
    is_few = one is None or one.total < FEW
    title, formula = TOLD[name]
    return Rate(name=title, formula=formula, value=percent(None if is_few or one is None else one.rate), is_few=is_few)


async def _months(connection: db.Connection, end: date) -> Chart:
    """Requests of thirteen months."""
    firsts = sorted(one for one in _firsts() if one < end) or [end - timedelta(days=1)]
    found = {
        one.first: one.total
        for one in await facts.counted(connection, ["requests"], firsts[0], end, each="month")
    }  # fmt: skip
    names = [Say(f"{one:%Y-%m}", f"{one:%Y-%m}") for one in firsts]
    values = [found.get(one, 0) for one in firsts]
    return _chart(
        "months", Say("一个月有多少件？", "How many a month?"), Say("月份", "Month"), names,
        [small.shown(one) for one in values], [None if 0 < one < small.LEAST else one for one in values], is_flat=False,
    )  # fmt: skip


async def _table(connection: db.Connection, by: str, first: date, end: date) -> Chart:
    """Requests of the month by one thing: the most ones, the rest together, small cells without their number."""
    found = await facts.counted(connection, ["requests"], first, end, by=by)
    most = TOP if by == "matter" else 0
    every = {one.key: one.total for one in found if one.total}
    cells, hidden = small.folded(every, most), small.marks(every, most)
    others = len(every) - len(cells) + 1
    names = {key: name_of(by, key) for key in cells if key != small.REST}
    names[small.REST] = Say(f"其余 {others} 项", f"{others} others")
    return _chart(
        by, TABLES[by], DIMENSIONS[by], [names[key] for key in cells],
        [hidden.get(key) or f"{n:,}" for key, n in cells.items()],
        [None if key in hidden else n for key, n in cells.items()], is_flat=True,
    )  # fmt: skip


def _chart(
    id: str, title: Say, by: Say, names: list[Say], cells: list[str], values: list[int | None], *, is_flat: bool
) -> Chart:  # fmt: skip
    name = Say("件数", "Requests")
    return Chart(
        id=id, title=title, source=SOURCE, by=by, names=names, heads=[name], is_flat=is_flat, is_table_open=True,
        rows=[Line(name=one, cells=[cell]) for one, cell in zip(names, cells, strict=True)],
        series=[Series(name=name, data=values)], unit=Say("件", ""),
    )  # fmt: skip


ROUTES = [page]
