"""Answers in the demo city: an outage under way with its callers, one over, one planned; gaps of the knowledge."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from cases import outage_acts, outage_areas, outage_telling, outages
from channels import acknowledge, intake
from channels.message import Decision, Inbound, Operator
from hotline import clock, db, knowledge
from hotline.actor import Actor
from hotline.work import work
from sla import gaps

_SPACE = UUID("5d6f2c1e-0000-4000-8000-0000000a7e51")
_CALLS = (
    "和平路这边从早上就没水了，什么时候来水？", "家里停水，罗城头小区 3 号楼。", "和平路北段没水，孩子要喝奶。",
    "罗城头小区整个都没水，多久能修好？",
)  # fmt: skip
_ASKED = ("请问路灯坏了归谁修，多久能修好", "医保卡丢了怎么补办")
_GAPS = (
    ("新生儿落户跨区能不能办，要哪些材料", "", "asked", 2),
    ("共享单车乱停在盲道上归谁管", "020502", "no_answer", 3),
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
    await _answered(agent, now)
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
    county, place = ("130403", "和平路") if n < 10 else ("130402", "渚河路")
    decision = Decision(outcome="answer", reply=reply, outage=outage)
    phone = f"1380000{8100 + n}"
    await _log(agent, f"demo-outage-{n}", words, decision, at, county=county, place=place, phone=phone, reply_by="sms")


async def _log(agent: Actor, own: str, words: str, decision: Decision, at: datetime, **more: str) -> None:
    """A call that the agent answered at once, at its moment; once."""
    operator = Operator(id=agent.id, name=agent.name, unit=agent.unit, roles=tuple(agent.roles))
    given = {"channel": "phone", "provider_id": own, "words": words, **more}
    message = Inbound(operator=operator, decision=decision, **given)  # type: ignore[arg-type]  # all of them texts
    with clock.at(at):
        receipt = await acknowledge.acknowledge(message)
        if not receipt.is_repeat:
            await intake.make_one(receipt.message)


async def _answered(agent: Actor, now: datetime) -> None:
    """Two calls that the knowledge answered."""
    for n, words in enumerate(_ASKED):
        async with db.reading() as connection:
            hit = next(iter(await knowledge.search(connection, words, limit=1)), None)
        if hit is not None:
            decision = Decision(outcome="answer", reply=hit.answer, article=str(hit.id), version=hit.version)
            await _log(agent, f"demo-answer-{n}", words, decision, now - timedelta(hours=3 + 20 * n), kind="enquiry")


async def _gaps(agent: Actor, now: datetime) -> None:
    for question, matter, why, times in _GAPS:
        for n in range(times):
            async with work(agent, now=now - timedelta(days=2, hours=n)) as w:
                asked = gaps.Asked(question=question, why=why, matter=matter)
                await gaps.ask(w, asked, uuid5(_SPACE, f"{question}{n}"))
