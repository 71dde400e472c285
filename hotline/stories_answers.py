"""Answers in the demo city: an outage under way with its callers, one over, one planned; gaps of the knowledge."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from cases import outage_acts, outage_areas, outage_telling, outages
from channels import acknowledge, intake
from channels.message import Decision, Inbound, Operator
from hotline import clock
from hotline.actor import Actor
from hotline.work import work
from sla import gaps

_SPACE = UUID("5d6f2c1e-0000-4000-8000-0000000a7e51")
_CALLS = (
    "和平路这边从早上就没水了，什么时候来水？", "家里停水，罗城头小区 3 号楼。", "和平路北段没水，孩子要喝奶。",
    "罗城头小区整个都没水，多久能修好？",
)  # fmt: skip
_GAPS = (
    ("新生儿落户跨区能不能办，要哪些材料", "", "asked", 2),
    ("共享单车乱停在盲道上归谁管", "020201", "no_answer", 3),
)  # fmt: skip


async def tell(people: dict[str, Actor], now: datetime) -> None:
    """What a newcomer looks for in /outages, /outages/now and /knowledge/gaps."""
    shift, agent = people["shift"], people["agent"]
    water = await _outage(shift, "water", now - timedelta(hours=3), now + timedelta(hours=4),
                          "丛台区 和平路、罗城头小区", "主管道爆裂抢修", "罗城头小区北门有送水车。")  # fmt: skip
    power = await _outage(shift, "power", now - timedelta(hours=9), now - timedelta(hours=2),
                          "邯山区 渚河路、农林路", "变压器故障抢修", "")  # fmt: skip
    await _outage(shift, "heat", now + timedelta(hours=20), now + timedelta(hours=30),
                  "复兴区 铁西大街", "换热站检修", "")  # fmt: skip
    for n, words in enumerate(_CALLS):
        await _call(agent, water, n, words, "和平路停水，正在抢修。", now - timedelta(minutes=150 - 20 * n))
    for n in range(2):
        await _call(agent, power, 10 + n, "渚河路停电了。", "渚河路停电，正在抢修。", now - timedelta(hours=8 - n))
    async with work(shift, now=now - timedelta(hours=2)) as w:
        one = await outages.one(w.connection, power)
        if one.is_on:
            await outage_acts.end(w, power, at=now - timedelta(hours=2), words="已送电，个别用户请合上表前开关。")
    await outage_telling.deliver(power)
    await _gaps(agent, now)


async def _outage(
    actor: Actor, kind: str, since: datetime, expected: datetime, areas: str, cause: str, note: str
) -> UUID:
    places, _ = outage_areas.read(areas)
    units = {"water": "WSU", "power": "PWR", "heat": "HTG"}
    plan = outage_acts.Plan(
        kind=kind, is_planned=since > clock.now(), unit=units[kind], since=since, expected=expected,
        areas=tuple(places), cause=cause, note=note, source="责任单位来电通知",
    )  # fmt: skip
    begun = min(since, clock.now() - timedelta(hours=1)) + timedelta(minutes=10)
    async with work(actor, now=begun) as w:
        return (await outage_acts.enter(w, uuid5(_SPACE, kind), plan)).id


async def _call(agent: Actor, outage: UUID, n: int, words: str, reply: str, at: datetime) -> None:
    message = Inbound(
        channel="phone", provider_id=f"demo-outage-{n}", words=words, county="130403" if n < 10 else "130402",
        place="和平路" if n < 10 else "渚河路", phone=f"1380000{8100 + n}", name="", reply_by="sms",
        operator=Operator(id=agent.id, name=agent.name, unit=agent.unit, roles=tuple(agent.roles)),
        decision=Decision(outcome="answer", reply=reply, outage=outage),
    )  # fmt: skip
    with clock.at(at):
        receipt = await acknowledge.acknowledge(message)
        if not receipt.is_repeat:
            await intake.make_one(receipt.message)


async def _gaps(agent: Actor, now: datetime) -> None:
    for question, matter, why, times in _GAPS:
        for n in range(times):
            async with work(agent, now=now - timedelta(days=2, hours=n)) as w:
                asked = gaps.Asked(question=question, why=why, matter=matter)
                await gaps.ask(w, asked, uuid5(_SPACE, f"{question}{n}"))
