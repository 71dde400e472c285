"""GET requests: the public list by the specification's filters, and one request; what ``cases.published`` shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cases import published, queries, track
from cases.published import Published, Wanted
from channels import open311
from hotline import city, clock, db
from hotline.errors import Refusal, Say, invalid
from sla import finish
from web.open311 import wire
from web.open311.services import no_service

SPAN = timedelta(days=90)
MOST = 1000
DEEPEST = 10_000
"""Rows that pages may count off; whoever wants more narrows the dates or follows the Link header."""
MOST_IDS = 200
Query = Mapping[str, str]


async def listed(connection: db.Connection, query: Query, lang: str) -> tuple[list[dict[str, Any]], str]:
    """The requests asked for, and the cursor of the next page ("" at the end)."""
    is_extended = query.get("extensions", "").lower() == "true"
    if query.get("service_request_id"):  # overrides every other argument
        numbers = _parts(query["service_request_id"])
        if len(numbers) > MOST_IDS:
            raise invalid({"service_request_id": Say(f"一次最多 {MOST_IDS} 个。", f"At most {MOST_IDS} at once.")})
        found = await published.found(connection, numbers)
        return await shown(connection, found, lang, is_extended=is_extended), ""
    wanted = _wanted(query)
    found = await published.listed(connection, wanted)
    more = len(found) == wanted.limit and bool(found)
    after = f"{found[-1].opened_at.isoformat()}~{found[-1].id}" if more else ""
    return await shown(connection, found, lang, is_extended=is_extended), after


async def one(connection: db.Connection, number: str, query: Query, lang: str) -> list[dict[str, Any]]:
    """One request, still as a list. The 404 refusal for one that is not public, as if there were none."""
    found = await published.found(connection, [number])
    if not found:
        raise Refusal(404, "service_request_id", Say("没有这个 service_request_id。", "No such service_request_id."))
    return await shown(connection, found, lang, is_extended=query.get("extensions", "").lower() == "true")


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _wanted(query: Query) -> Wanted:
    start, end = _span(query)
    codes = tuple(_parts(query.get("service_code", "")))
    if any(open311.matter_of(code) is None for code in codes):
        raise no_service()
    states = set(_parts(query.get("status", "").lower()))
    if not states <= {"open", "closed"}:
        raise invalid({"status": Say("只能是 open 或 closed。", "Is open or closed.")})
    size = _number(query, "page_size", MOST, MOST)
    skip = (_number(query, "page", 1, DEEPEST) - 1) * size
    if skip + size > DEEPEST:
        say = Say(f"翻页最多到第 {DEEPEST} 条，请缩小日期范围。", f"Pages end at row {DEEPEST}; narrow the dates.")
        raise invalid({"page": say})
    return Wanted(
        start=start, end=end, matters=codes, county=open311.county_of(query.get("jurisdiction_id", "")),
        is_open=None if len(states) != 1 else states == {"open"}, limit=size, skip=skip,
        before=_cursor(query.get("before", "")),
    )  # fmt: skip


def _cursor(text: str) -> tuple[datetime, UUID] | None:
    return queries.read_cursor(text) if text else None


def _span(query: Query) -> tuple[datetime, datetime]:
    """From when to when; 90 days by default, and never more."""
    given: dict[str, datetime] = {}
    for name in ("start_date", "end_date"):
        if query.get(name):
            moment = open311.read_time(query[name])
            if moment is None or not 1990 <= moment.year <= 2200:
                say = Say("请写带时区的时间，如 2026-11-23T08:00:00+08:00。", "Send a time like 2026-11-23T08:00:00Z.")
                raise invalid({name: say})
            given[name] = moment
    end = given.get("end_date") or (given["start_date"] + SPAN if given else clock.now() + timedelta(seconds=1))
    start = given.get("start_date") or end - SPAN
    if end - start > SPAN or end < start:
        raise invalid({"end_date": Say("起止日期最多相隔 90 天。", "The dates span 90 days at most, in their order.")})
    return start, end


def _number(query: Query, name: str, default: int, most: int) -> int:
    text = query.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 9 and 1 <= int(text) <= most):
        raise invalid({name: Say(f"请写 1 到 {most} 的整数。", f"A whole number from 1 to {most}.")})
    return int(text)


async def shown(
    connection: db.Connection, found: Sequence[Published], lang: str, *, is_extended: bool
) -> list[dict[str, Any]]:
    """The lines as the specification has them."""
    dues = await finish.finish_dues(connection, [one.id for one in found if one.is_open])
    return [_request(one, dues.get(one.id), lang, is_extended=is_extended) for one in found]


def _request(case: Published, due: datetime | None, lang: str, *, is_extended: bool) -> dict[str, Any]:
    now = city.current()
    matter, unit = now.matter(case.matter, case.opened_at.date()) or now.matter(case.matter), None
    if case.lead_unit:
        unit = now.unit(case.lead_unit)
    name = matter.name.in_(lang) if matter else case.matter
    where = _where(case, lang)
    told = track.state_in_public(case.state, case.close_reason, is_with_unit=case.lead_unit is not None)
    line: dict[str, Any] = {
        "service_request_id": case.number,
        "status": "open" if case.is_open else "closed",
        "status_notes": track.STATES[told].in_(lang),
        "service_name": name,
        "service_code": case.matter,
        "description": f"{name} · {where}" if where else name,
        "agency_responsible": unit.name.in_(lang) if unit else None,
        "service_notice": None,
        "requested_datetime": wire.moment(case.opened_at),
        "updated_datetime": wire.moment(case.updated_at),
        "expected_datetime": wire.moment(due),
        "address": where or None,
        "address_id": case.township,
        "zipcode": None,
        "lat": None,
        "long": None,
        "media_url": None,
    }
    if is_extended:
        line["extended_attributes"] = {
            "state": told, "jurisdiction_id": case.county, "township_code": case.township,
            "group": (matter.l1_en if lang == "en" else matter.l1_zh) if matter else None,
            "is_late": due is not None and due < clock.now(),
        }  # fmt: skip
    return line


def _where(case: Published, lang: str) -> str:
    """County and subdistrict, never more."""
    county = city.current().any_jurisdiction(case.county)
    town = city.current().township(case.township) if case.township else None
    names = [one.name.in_(lang) for one in (county, town) if one is not None]
    return ", ".join(reversed(names)) if lang == "en" else "".join(names)
