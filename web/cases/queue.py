"""The queue: tabs with counts, filters in the address, search, order, older rows. Four statements a page."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from litestar import Request, Response, get

from cases import queries, states
from cases.queries import QueueRow
from cases.wording import STAGES
from hotline import city, clock, db
from hotline.actor import Actor
from hotline.errors import Refusal, Say
from sla import calendar, targets
from web import filters, units
from web.access import Who
from web.filters import Choice, Filters
from web.render import render
from web.timeleft import PAUSED, Term, TimeLeft, time_left

AnyRequest = Request[Any, Any, Any]
BANDS = {"overdue": Say("超期", "Overdue"), "today": Say("今日", "Today"), "risk": Say("风险", "At risk")}
TABS: tuple[tuple[str, str, str, Say], ...] = (
    ("open", "", "", Say("全部", "All")),
    ("overdue", "band", "overdue", BANDS["overdue"]),
    ("today", "band", "today", BANDS["today"]),
    ("risk", "band", "risk", BANDS["risk"]),
    ("state:registered", "state", "registered", Say("待受理", "To accept")),
    ("state:accepted", "state", "accepted", Say("待派", "To dispatch")),
    ("state:callback", "state", "callback", Say("待回访", "To call back")),
)
LEVELS = {
    "2": Say("黄牌以上", "Yellow card and up"),
    "3": Say("红牌以上", "Red card and up"),
    "4": Say("督办", "Supervised"),
}
_NUMBER = re.compile(r"\d{6}-\d{5,}")
REQUESTERS = {"enterprise": Say("企业诉求", "Enterprise requests"), "people": Say("个人诉求", "People’s requests")}
OPEN = {"all": Say("含已结", "Closed ones too")}


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A row as the page shows it."""

    row: QueueRow
    left: TimeLeft | None
    stage: Say
    place: Say
    unit: Say


def _choices() -> list[Choice]:
    snapshot = city.current()
    counties = {code: one.name for code, one in snapshot.jurisdictions.items()} | {
        city.CITY: Say("地点不详", "Place unknown")
    }
    named = {code: one.name for code, one in snapshot.units.items()}
    return [
        Choice(key="band", say=Say("时限", "Time"), options=BANDS),
        Choice(key="state", say=Say("状态", "State"), options=states.CASE_STATES),
        Choice(key="county", say=Say("区县", "District"), options=counties),
        Choice(
            key="township",
            say=Say("乡镇街道", "Subdistrict"),
            options={c: t.name for c, t in snapshot.townships.items()},
        ),
        Choice(
            key="matter", say=Say("事项", "Matter"), options={code: one.name for code, one in snapshot.matters.items()}
        ),
        Choice(key="unit", say=Say("承办", "Unit"), options=named),
        Choice(key="kind", say=Say("类型", "Type"), options=states.KINDS),
        Choice(key="urgency", say=Say("紧急", "Urgency"), options=states.URGENCIES),
        Choice(
            key="line", say=Say("线路", "Line"), options={number: one.name for number, one in snapshot.lines.items()}
        ),
        Choice(key="level", say=Say("督办级别", "Level"), options=LEVELS),
        Choice(key="requester", say=Say("诉求人", "Requester"), options=REQUESTERS),
        Choice(key="open", say=Say("范围", "Range"), options=OPEN),
        Choice(key="q", say=Say("搜索", "Search")),
    ]


def asked(query: Mapping[str, str]) -> Filters:
    """What the address asks for."""
    return filters.parse("/cases", query, _choices(), sorts=("due", "new"))


def as_query(one: Filters) -> queries.Filters:
    """The same for the query."""
    is_number = _NUMBER.fullmatch(one.get("q")) is not None  # somebody asks for that case, closed or not
    return queries.Filters(
        **{key: value for key, value in one.values.items() if key != "open"},
        open="all" if is_number else one.get("open") or "open", sort=one.sort, after=one.after,
    )  # fmt: skip


@get("/cases", opt={"needs": "case.list"})
async def queue(request: AnyRequest, actor: Who) -> Response[str]:
    """The actor's cases, most urgent first. A number that is searched for and found opens as the only row."""
    wanted = asked(request.query_params)
    status, refusal = 200, None
    async with db.reading() as connection:
        try:
            page = await queries.inbox(connection, actor, as_query(wanted))
        except Refusal as wrong:
            refusal, status = wrong, wrong.status
            page = queries.Page(rows=(), after="")
        counted = await queries.counts(connection, actor, _without_tab(wanted))
    return render(
        request, "cases/queue.html", region="#r-list", status=status, filters=wanted, refusal=refusal,
        rows=shown(page.rows), older=wanted.url(after=page.after) if page.after else "", tabs=_tabs(wanted, counted),
        say=_spoken(counted) if request.headers.get("hx-request") else None, live="queue", push="",
        options={choice.key: choice.options for choice in wanted.choices}, states=states.CASE_STATES,
        urgencies=states.URGENCIES, close_reasons=states.CLOSE_REASONS, unit_groups=_units(actor),
        matter_groups=_matters(), counts_of=counted,
    )  # fmt: skip


def _without_tab(wanted: Filters) -> queries.Filters:
    """The counts of the tabs keep every other filter."""
    kept = as_query(wanted)
    return msgspec.structs.replace(kept, band="", state="", open="open", after="")


def _tabs(wanted: Filters, counted: Mapping[str, int]) -> list[tuple[Say, str, str, bool]]:
    found = []
    for name, key, value, say in TABS:
        url = wanted.url(**{"band": "", "state": "", "open": "", **({key: value} if key else {})})
        is_current = (wanted.get("band"), wanted.get("state")) == (
            (value if key == "band" else "", value if key == "state" else "") if key else ("", "")
        )
        n = counted[name]
        found.append((say, url, "999+" if n >= queries.COUNTED else str(n), is_current))
    return found


def _spoken(counted: Mapping[str, int]) -> Say:
    return Say(f"{counted['open']} 件", f"{counted['open']} cases")


def shown(rows: Sequence[QueueRow]) -> list[Shown]:
    """Rows with their chips and names; no query."""
    snapshot, now = city.current(), clock.now()
    working, book = calendar.of(snapshot), targets.of(snapshot)
    return [_shown(row, snapshot, working, book, now) for row in rows]


def _shown(row: QueueRow, snapshot: city.City, working: Any, book: targets.Book, now: Any) -> Shown:
    left = None
    if row.next_due is not None and row.next_stage is not None:
        matter = snapshot.matter(row.matter) if row.matter else None
        profile = targets.profile_for(row.kind, row.urgency, matter.profile if matter else None)
        target = book.target(profile, row.next_stage)
        term = Term(
            unit=target.unit if target else "wd",
            start=row.opened_at,
            due=row.next_due,
            warn=row.next_warn,
            is_provisional=row.is_provisional,
        )
        left = time_left(working, term, now)
    elif row.paused is not None and row.paused_until is not None:
        stands = Term(unit="wd", start=row.opened_at, due=row.paused_until, paused=PAUSED[row.paused])
        left = time_left(working, stands, now)
    where = snapshot.any_jurisdiction(row.county)
    town = snapshot.township(row.township) if row.township else None
    place = Say(
        (where.name_zh if where else "") + (town.name_zh if town else ""),
        ", ".join(one.name_en for one in (town, where) if one),
    )
    stage = STAGES.get(row.next_stage or "", Say("", ""))
    return Shown(row=row, left=left, stage=stage, place=place, unit=units.name(snapshot, row.lead_unit))


def _units(actor: Actor) -> list[tuple[Say, list[city.Unit]]]:
    """Units to filter by, down to the third tier: townships are found by their county or by search."""
    return [
        (say, [one for one in found if one.tier <= 3])
        for say, found in units.choices(city.current(), actor.units if not _is_wide(actor) else ())
    ]


def _is_wide(actor: Actor) -> bool:
    return not (actor.roles <= {"unit_handler", "unit_head"})


def _matters() -> dict[str, list[city.Matter]]:
    groups: dict[str, list[city.Matter]] = {}
    for one in city.current().matters.values():
        groups.setdefault(f"{one.l1_zh} › {one.l2_zh}", []).append(one)
    return groups


ROUTES = [queue]
