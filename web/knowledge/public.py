"""The public's questions and answers: by matter, by search, one with its sources; and how the hotline works."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath

from cases.states import DECLINE_REASONS
from hotline import areas, city, db, knowledge, knowledge_public
from hotline.errors import Say
from hotline.permissions import PUBLIC
from sla import targets
from web import filters
from web import worklists as split
from web.filters import Choice
from web.knowledge.pages import likely
from web.public import questions
from web.public.lists import portal_county, promise, promise_of
from web.render import render

_Request = Request[Any, Any, Any]
FOUND = 10
_NOT_MERGED, _EMERGENCY = "NOT_MERGED", "EMERGENCY"
INSTEAD: dict[str, Say] = {
    "statutory_channel": Say(
        "要走诉讼、仲裁、行政复议、政府信息公开申请的，请到法院、仲裁委、复议机关或公开受理窗口；我们会告诉您找哪一家。",
        "Court, arbitration, administrative review or a request for information: we tell you which body to turn to.",
    ),
    "out_of_jurisdiction": Say("外地的事，请拨当地区号加 12345。", "Another city: dial its area code and 12345."),
    "repeat_no_new_facts": Say(
        "已经办结、又没有新情况的，不再重复办理；有新情况请一并说明。",
        "What was settled is not taken up again without new facts; tell us what is new.",
    ),
    "in_petition": Say(
        "已经由信访部门受理的，请凭信访编号向受理机关查询。",
        "What the petition office has taken up: ask there, with its number.",
    ),
    "secret_or_private": Say(
        "涉及国家秘密、商业秘密、他人隐私的，请直接找主管机关。",
        "State or trade secrets and other people's privacy: turn to the authority concerned.",
    ),
    "malicious": Say(
        "反复骚扰、辱骂的电话会结束通话，情节严重的交公安机关。",
        "Calls that only harass are ended; serious ones go to the police.",
    ),
}


@get("/answers", opt={"needs": PUBLIC})
async def answers(request: _Request) -> Response[str]:
    """Search in one's own words, or a group of matters; nothing found leads to filing or calling."""
    snapshot = city.current()
    counties = {code: one.name for code, one in snapshot.jurisdictions.items()}
    asked = filters.parse("/answers", request.query_params, [
        Choice(key="q", say=Say("问题", "Question")),
        Choice(key="group", say=Say("哪类事", "About"), options=areas.groups()),
        Choice(key="county", say=Say("区县", "District"), options=counties),
    ], sorts=("by",))  # fmt: skip
    after = int(asked.after) if asked.after.isdecimal() and len(asked.after) < 7 else 0
    async with db.reading() as connection:
        tally = await knowledge_public.groups(connection, asked.get("county"))
        found = await _found(connection, asked, after)
    group = asked.get("group")
    more = asked.url(after=str(after + knowledge_public.SIZE)) if len(found) == knowledge_public.SIZE and group else ""
    return render(
        request, "knowledge/public.html", region="#r-answers", asked=asked, found=found, more=more, counties=counties,
        divisions=_divisions(tally), matter_name=areas.matter_name, area_name=areas.area_name,
    )  # fmt: skip


def _divisions(tally: dict[str, int]) -> list[tuple[Say, list[tuple[str, Say, int]]]]:
    """Groups that have answers, under the divisions of the catalogue."""
    names = areas.groups()
    found: dict[str, tuple[Say, list[tuple[str, Say, int]]]] = {}
    for one in city.current().matters.values():
        group = one.code[:4]
        if group not in tally:
            continue
        held = found.setdefault(one.code[:2], (Say(one.l1_zh, one.l1_en), []))[1]
        if (group, names[group], tally[group]) not in held:
            held.append((group, names[group], tally[group]))
    return list(found.values())


async def _found(connection: db.Connection, asked: filters.Filters, after: int) -> list[knowledge_public.Answer]:
    group, county, words = asked.get("group"), asked.get("county"), asked.get("q")
    if words:
        hits = await knowledge.search(connection, words, county=county, limit=FOUND, public=True, matters=likely(words))
        kept = [hit.id for hit in hits if hit.matter.startswith(group)]
        return await knowledge_public.those(connection, kept)
    if group:
        return await knowledge_public.of_group(connection, group, county=county, after=after)
    return []


@get("/answers/{article:uuid}", opt={"needs": PUBLIC})
async def answer(request: _Request, article: FromPath[UUID]) -> Response[str]:
    """One answer with what it is about, since when, what it rests on and when it was last looked through."""
    async with db.reading() as connection:
        one = await knowledge_public.one(connection, article)
    return render(
        request, "knowledge/public_one.html", one=one, unit=split.unit_name(one.owner),
        matter=areas.matter_name(one.matter), place=areas.area_name(one.county),
    )  # fmt: skip


@get("/service", opt={"needs": PUBLIC})
async def service(request: _Request) -> Response[str]:
    """How the hotline works, from the city's own data: ways in, what it takes and what not, and how long it takes."""
    snapshot = city.current()
    county = portal_county(request.query_params.get("county", ""))
    rules = targets.of(snapshot)
    others = list(snapshot.related_numbers.values())
    return render(
        request, "knowledge/service.html", county=county, lines=list(snapshot.open_lines.values()),
        kinds=questions.KINDS, promises={kind: promise(kind) for kind in questions.KINDS},
        urgent=promise_of("UTIL24H"), danger=promise_of("EMG2H"), involved=promise_of("CPX15"),
        area=str(snapshot.rule("voice.area")), accept=_amount(rules, "accept"),
        declines=DECLINE_REASONS, instead=INSTEAD,
        emergencies=[one for one in others if one.treatment == _EMERGENCY],
        elsewhere=[one for one in others if one.treatment == _NOT_MERGED],
        tries=int(snapshot.rule("visit.tries")),
    )  # fmt: skip


def _amount(rules: targets.Book, stage: str) -> Say:
    """How long one of the centre's own stages takes."""
    target = rules.target("STD5", stage)
    if target is None:
        return Say("按规定办理", "as the rules say")
    units = {"wd": Say("个工作日", "working day(s)"), "h": Say("个工作小时", "working hours")}
    unit = units.get(target.unit, Say("小时", "hours"))
    return Say(f"{target.amount:g} {unit.zh}", f"{target.amount:g} {unit.en}")


ROUTES = [answers, answer, service]
