"""The administrator's first screen: what needs attention, then the way to everything."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, get

from hotline import acts, city, clock, db, roster
from hotline.actor import Actor
from hotline.errors import Say
from hotline.permissions import may
from routing import book, rulebook
from routing.rules import FAULTS
from web.access import Who
from web.admin import sentences, state, words
from web.render import render


class Task(msgspec.Struct, frozen=True):
    """Something that wants doing, and where it is done."""

    level: str
    say: Say
    url: str


@get("/admin", opt={"needs": "city.edit"})
async def index(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """What needs attention today, how large the city's data are, and what was changed last."""
    snapshot = city.current()
    async with db.reading() as connection:
        numbers = await connection.fetchrow(
            """SELECT (SELECT count(*) FROM person WHERE is_active) AS people,
                (SELECT count(*) FROM inbound_message WHERE state = 'parked')
                    + (SELECT count(*) FROM arrival WHERE state = 'parked') AS parked,
                (SELECT count(*) FROM outbox_message WHERE state = 'failed' AND address IS NOT NULL) AS failed,
                (SELECT count(*) FROM calendar_change WHERE done_at IS NULL) AS moving"""
        )
        recent = await sentences.told(await acts.recent(connection, limit=60))
    units = list(snapshot.units.values())
    figures = [
        ("/people", Say("在岗人员", "People"), numbers["people"]),
        ("/admin/units?on=on", Say("启用的单位", "Units in use"), sum(one.is_on for one in units)),
        ("/admin/matters", Say("事项", "Matters"), len(snapshot.matters)),
        ("/admin/catalogue", Say("派单目录行", "Catalogue lines"), sum(1 for _ in book.current().on(clock.today()))),
        ("/admin/lines", Say("线路", "Lines"), len(snapshot.lines)),
        ("/admin/rules", Say("规则", "Rules"), len(snapshot.rules)),
        ("/admin/jurisdictions", Say("县（市、区）", "Counties"), len(snapshot.jurisdictions)),
    ]
    return render(
        request, "admin/home.html", tasks=await _tasks(actor, numbers), figures=figures,
        history=[one for one in recent if not one.kind.startswith("signed_")][:12], tabs=words.tabs(actor, "/admin"),
    )  # fmt: skip


async def _tasks(actor: Actor, numbers: Any) -> list[Task]:
    snapshot, today = city.current(), clock.today()
    tasks: list[Task] = []
    if may(actor, "operations.read"):
        tasks += [
            Task(one.level, Say(f"{one.name.zh}：{one.say.zh}", f"{one.name.en}: {one.say.en}"), "/admin/operations")
            for one in await state.lights()
            if one.level != "good"
        ]
        tasks += [
            Task("warn", Say(
                f"没有接通{door.name.zh}服务商，{door.figures.queued} 条消息在排队。",
                f"No {door.name.en} carrier is set up; {door.figures.queued} messages are queued.",
            ), "/admin/operations")
            for door in await state.doors()
            if door.figures.queued and not door.has_sender
        ]  # fmt: skip
    if numbers["parked"]:
        n = numbers["parked"]
        say = Say(f"{n} 条来件搁置，没有变成案件。", f"{n} messages are parked and did not become cases.")
        tasks.append(Task("bad", say, "/admin/operations"))
    tasks += await _failed_rules(actor)
    if numbers["failed"]:
        n = numbers["failed"]
        say = Say(f"{n} 条消息没发出。", f"{n} messages could not be sent.")
        tasks.append(Task("warn", say, "/admin/operations/letters"))
    with_liaison = await roster.units_with(roster.LIAISON)
    bare = sum(one.is_on and one.code not in with_liaison for one in snapshot.units.values())
    if bare:
        say = Say(f"{bare} 个启用的单位还没有联络员。", f"{bare} units in use have no liaison.")
        tasks.append(Task("warn", say, "/admin/units?on=bare"))
    through = snapshot.calendar.announced_through
    if (through - today).days < 60:
        next_year = through.year + 1
        say = Say(
            f"{next_year} 年的放假安排还没录全，期限是暂定的。",
            f"The holidays of {next_year} are not complete; due dates are provisional.",
        )
        tasks.append(Task("warn", say, f"/admin/calendar?year={next_year}"))
    order = {"bad": 0, "warn": 1}
    return sorted(tasks, key=lambda one: order.get(one.level, 2))


async def _failed_rules(actor: Actor) -> list[Task]:
    """Dispatch rules that erred and were switched off: somebody has to mend them."""
    if not may(actor, "routing.edit"):
        return []
    async with db.reading() as connection:
        found = await rulebook.faulty(connection)
    return [
        Task("bad", Say(
            f"派单规则 {number} 出错，{since} 起停用：{FAULTS[code].zh}。",
            f"Dispatch rule {number} failed and is off since {since}: {FAULTS[code].en}.",
        ), f"/rules/{number}")
        for number, code, since in found
    ]  # fmt: skip


ROUTES = [index]
