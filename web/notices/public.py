"""What anybody reads: the list of notices with its filters, and the page of one; never where or whom it came from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath

from cases import notice_errata, notice_files, notice_lists, notice_ratings
from cases.notice_rows import TEXTS as STAFF_TEXTS
from cases.states import GRADES
from hotline import city, clock, db
from hotline.errors import Say
from hotline.permissions import PUBLIC
from web import filters
from web.render import render

_Request = Request[Any, Any, Any]
SHOWN_STATES = {
    "published": Say("限期纠正中", "To be corrected"),
    "corrected": Say("已纠正待核实", "Correction being checked"),
    "verified": Say("已纠正", "Corrected"),
    "archived": Say("已归档", "Archived"),
    "withdrawn": Say("已撤下", "Taken down"),
}
"""How citizens read the states."""
LATE = Say("逾期未纠正", "Not corrected in time")
HELD = Say("正在复核，暂不显示", "Being looked at again; not shown for now")
"""A case behind it is shielded now. Said without a reason: the reason would tell who."""
CHOICES = {notice_lists.LATE: LATE, **SHOWN_STATES}
CHANGES = {"corrected": Say("更正", "Corrected"), "withdrawn": Say("撤下", "Taken down")}
FIELDS = {name: STAFF_TEXTS[name] for name in notice_errata.FIELDS}


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A notice in words: what the templates need, and nothing else."""

    id: UUID
    slug: str
    number: str
    state_say: Say
    is_withdrawn: bool
    is_held: bool
    is_late: bool
    unit: Say
    matter: Say
    place: Say
    published_at: datetime
    due_at: datetime
    corrected_at: datetime | None
    verified_at: datetime | None
    archived_at: datetime | None
    withdrawn_at: datetime | None
    reason: str
    wrong: str
    rule: str
    required: str
    correction: str
    verification: str


def shown(one: notice_lists.PublicNotice) -> Shown:
    """Codes become names; the place goes down to the subdistrict and no further."""
    snapshot = city.current()
    unit, matter = snapshot.unit(one.unit), snapshot.matter(one.matter)
    county, town = snapshot.any_jurisdiction(one.county), snapshot.township(one.township) if one.township else None
    parts = [part.name for part in (county, town) if part is not None]
    return Shown(
        id=one.id, slug=one.slug, number=one.number, state_say=_state(one), is_withdrawn=one.state == "withdrawn",
        is_held=one.is_held and one.state != "withdrawn", is_late=one.is_late,
        unit=unit.name if unit else Say(one.unit, one.unit),
        matter=matter.name if matter else Say(one.matter, one.matter),
        place=Say("".join(p.zh for p in parts) or "全市", ", ".join(p.en for p in reversed(parts)) or "the city"),
        published_at=one.published_at, due_at=one.due_at, corrected_at=one.corrected_at, verified_at=one.verified_at,
        archived_at=one.archived_at, withdrawn_at=one.withdrawn_at, reason=one.withdrawn_reason or "", wrong=one.wrong,
        rule=one.rule, required=one.required, correction=one.correction or "", verification=one.verification or "",
    )  # fmt: skip


def _state(one: notice_lists.PublicNotice) -> Say:
    if one.is_held and one.state != "withdrawn":
        return HELD
    return LATE if one.is_late else SHOWN_STATES[one.state]


def units_in() -> dict[str, Say]:
    """The units of which there may be notices, to choose from."""
    return {code: one.name for code, one in city.current().units.items() if 1 < one.tier <= 3}


@get("/notices", opt={"needs": PUBLIC})
async def notices(request: _Request) -> Response[str]:
    """Newest first; by county, office, state and words of the texts; older ones by the link at the end."""
    snapshot = city.current()
    counties = {code: one.name for code, one in snapshot.jurisdictions.items()}
    units = units_in()
    chosen = filters.parse("/notices", request.query_params, [
        filters.Choice(key="county", say=Say("区县", "District"), options=counties),
        filters.Choice(key="unit", say=Say("单位", "Office"), options=units),
        filters.Choice(key="state", say=Say("进展", "State"), options=CHOICES),
        filters.Choice(key="words", say=Say("搜索", "Search")),
    ], sorts=("new",))  # fmt: skip
    async with db.reading() as connection:
        page = await notice_lists.public_page(
            connection,
            county=chosen.get("county"),
            unit=chosen.get("unit"),
            state=chosen.get("state"),
            words=chosen.get("words"),
            after=chosen.after,
        )
    return render(
        request, "notices/public_list.html", region="#r-list", filters=chosen,
        notices=[shown(one) for one in page.rows], counties=counties, units=units, states=CHOICES,
        older=chosen.url(after=page.after) if page.after else "",
    )  # fmt: skip


@get("/notices/changes", opt={"needs": PUBLIC})
async def changes(request: _Request) -> Response[str]:
    """The log: which notices were corrected or taken down, when and why."""
    async with db.reading() as connection:
        rows = await notice_errata.log(connection)
    return render(request, "notices/changes.html", rows=rows, city=city.current(), says=CHANGES)


@get("/notices/{number:str}", opt={"needs": PUBLIC})
async def one(request: _Request, number: FromPath[str]) -> Response[str]:
    """The page of 公示〔2026〕3号 at ``/notices/2026-3``; taken down, it leaves a tombstone with the reason.

    One that is held says that it is not shown now; gone for search engines too, so that no copy of theirs stays.
    """
    async with db.reading() as connection:
        found = await notice_lists.public_one(connection, number)
        is_gone = found.state == "withdrawn" or found.is_held
        changed = [] if is_gone else await notice_errata.changes(connection, found.id)
        is_put_right = found.verified_at is not None and not is_gone
        evidence = await notice_files.shown(connection, found.id) if is_put_right else []
        sums = await notice_ratings.sums(connection, found, clock.now()) if is_put_right else None
    return render(
        request, "notices/public_one.html", status=410 if is_gone else 200, notice=shown(found), changes=changed,
        evidence=evidence, sums=sums, story=_story(found, changed), grades=GRADES, texts=FIELDS, few=notice_ratings.FEW,
        least=city.current().rule("notice.rating_least"),
        is_rated_until=found.rate_until if found.rate_until is not None and clock.now() <= found.rate_until else None,
    )  # fmt: skip


def _story(one: notice_lists.PublicNotice, changed: Sequence[notice_errata.Change]) -> list[tuple[datetime, Say]]:
    """What happened in the open, in its order."""
    is_late = one.corrected_at is not None and one.corrected_at > one.due_at
    reported = Say("单位报了纠正情况", "The office reported its correction")
    steps = [
        (one.published_at, Say("公示", "Published")),
        (one.corrected_at, Say(f"{reported.zh}（逾期）", f"{reported.en} (late)") if is_late else reported),
        (one.verified_at, Say("核实", "Verified")),
        (one.archived_at, Say("归档", "Archived")),
        *((change.at, Say("更正文字", "Text corrected")) for change in changed),
    ]
    return sorted(((at, say) for at, say in steps if at is not None), key=lambda step: step[0])
