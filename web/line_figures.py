"""The page of a line's figures and of all lines side by side, for administration and for the board; as CSV, too."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from litestar import Request, Response

from cases.states import CASE_STATES, KINDS
from hotline import acts, city, clock, db
from hotline.actor import Actor
from hotline.errors import Refusal, Say, not_found
from hotline.permissions import may
from sla import line_figures
from sla.line_figures import Asked, Count
from web.render import render

AnyRequest = Request[Any, Any, Any]
STEPS = {"day": Say("按日", "By day"), "week": Say("按周", "By week"), "month": Say("按月", "By month")}
TITLES = {
    "line": Say("按线路", "By line"), "period": Say("按时间", "By period"), "kind": Say("按类型", "By type"),
    "state": Say("按状态", "By state"), "county": Say("按区县", "By district"),
}  # fmt: skip
_KEYS = ("line", "since", "until", "dimension", "key", "name_zh", "name_en")
COLUMNS = (
    ("requests", Say("诉求", "Requests")), ("cases", Say("案件", "Cases")), ("open", Say("在办", "Open")),
    ("on_time", Say("按时", "On time")), ("late", Say("超期", "Late")), ("rated", Say("已评价", "Rated")),
    ("satisfied", Say("满意", "Satisfied")),
)  # fmt: skip
_WRONG = Say(
    "日期写成 2026-11-25 这样，开始不晚于结束，最长三年。",
    "Dates like 2026-11-25, in order, three years at most.",
)


def asked(query: Mapping[str, str], line: str) -> Asked:
    """What the address asks for: 30 days up to today by default. 422 for dates that cannot be."""
    today = clock.today()
    try:
        until = date.fromisoformat(query["until"]) if query.get("until") else today
        since = date.fromisoformat(query["since"]) if query.get("since") else until - timedelta(days=29)
    except (ValueError, OverflowError):
        raise Refusal(422, "wrong_dates", _WRONG, fields={"since": _WRONG}) from None
    if not timedelta() <= until - since <= timedelta(days=line_figures.MOST_DAYS) or not 1990 <= since.year <= 2199:
        raise Refusal(422, "wrong_dates", _WRONG, fields={"since": _WRONG})
    step = query.get("by", "day")
    return Asked(since=since, until=until, line=line, step=step if step in STEPS else "day")


async def page(request: AnyRequest, actor: Actor, line: str, base: str, tabs: Any) -> Response[Any]:
    """The figures of one line, or of all (""), as a page or (``?as=csv``) a file; ``base`` is their address."""
    if line and not any(line == one for one in await _numbers()):
        raise not_found()
    today, status, wrong = clock.today(), 200, None
    wanted = Asked(since=today - timedelta(days=29), until=today, line=line)
    try:
        wanted = asked(request.query_params, line)
    except Refusal as refusal:
        status, wrong = refusal.status, refusal.say
    reach = None if may(actor, "city.edit") else actor
    async with db.reading() as connection:
        found = await line_figures.counted(connection, wanted, reach)
        calls = await line_figures.calls(connection, wanted) if reach is None or _is_wide(actor) else None
    if request.query_params.get("as") == "csv" and wrong is None:
        return await _file(actor, wanted, found)
    tables = [(TITLES[name], [(_name(one), one) for one in found[name]])
              for name in TITLES if not (line and name == "line")]  # fmt: skip
    return render(
        request, "line_figures.html", status=status, wrong=wrong, line=city.current().line(line) if line else None,
        number=line, wanted=wanted, whole=found["whole"][0], tables=tables, columns=COLUMNS, steps=STEPS, calls=calls,
        base=base, tabs=tabs, share=share, link=_link(base), by_line=TITLES["line"],
    )  # fmt: skip


def _is_wide(actor: Actor) -> bool:
    return bool(actor.roles & {"shift_supervisor", "supervisor", "coordination"})


async def _numbers() -> set[str]:
    async with db.reading() as connection:
        return {row["number"] for row in await connection.fetch("SELECT DISTINCT number FROM line")}


def share(part: int, whole: int) -> str:
    """A percentage to one place, or a dash where there is nothing to divide."""
    return f"{100 * part / whole:.1f}%" if whole else "—"


def _link(base: str) -> Callable[[str], str]:
    """The figures of a number, beside the page of all: only of a line."""
    return lambda number: f"{base.removesuffix('/figures')}/{number}/figures" if number else ""


def _name(one: Count) -> Say:
    snapshot = city.current()
    if one.dimension == "line":
        line = snapshot.lines.get(one.key)
        return Say(f"{one.key} {line.name_zh}", f"{one.key} {line.name_en}") if line else Say(one.key, one.key)
    if one.dimension == "kind":
        return KINDS.get(one.key, Say(one.key, one.key))
    if one.dimension == "state":
        return CASE_STATES.get(one.key, Say(one.key, one.key))
    if one.dimension == "county":
        county = snapshot.any_jurisdiction(one.key)
        return county.name if county else Say("地点不详", "Place unknown")
    return Say(one.key, one.key)


async def _file(actor: Actor, wanted: Asked, found: dict[str, list[Count]]) -> Response[bytes]:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*_KEYS, *(name for name, _ in COLUMNS)])
    for rows in found.values():
        for one in rows:
            name = _name(one)
            figures = [getattr(one, column) for column, _ in COLUMNS]
            which = (wanted.line or "all", wanted.since, wanted.until, one.dimension, one.key)
            writer.writerow([*which, name.zh, name.en, *figures])
    async with db.atomic() as connection:
        await acts.note(connection, actor, "export.made", f"line:{wanted.line or 'all'}")
    filename = f"line-{wanted.line or 'all'}-{wanted.since}-{wanted.until}.csv"
    return Response(
        out.getvalue().encode("utf-8-sig"), media_type="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )  # fmt: skip
