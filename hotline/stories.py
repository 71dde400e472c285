"""The demo city's cases: invented stories told through the house's own doors and verbs, at moments in the past."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from cases import ledger, outside, verbs
from cases.file import CaseFile
from channels import acknowledge, intake
from channels.message import Decision, Inbound, Operator
from hotline import (
    city,
    clock,
    db,
    stories_answers,
    stories_bulletins,
    stories_chats,
    stories_desk,
    stories_hot,
    stories_knowledge,
    stories_notices,
    stories_scores,
    stories_shift,
)
from hotline.actor import CITIZEN, Actor
from hotline.places import DATA
from hotline.work import Work, work
from sla import bounties, bounty_review, clocks, needs_info, suspension, sweep

_SPACE = UUID("5d6f2c1e-0000-4000-8000-00000000d370")
_STEPS = ("signed", "contacted", "handled", "approved", "visited", "closed", "rated")
_UNTIL: dict[str, int] = {
    "dispatched": 0, "returned": 1, "signed": 1, "needs_info": 1, "contacted": 2, "suspended": 2, "handled": 3,
    "callback": 4, "rework": 5, "closed": 6,
    "rated": 7,
}  # fmt: skip
"""How many of the steps a story of this stage takes."""


async def tell() -> int:
    """Tell every story of the seed file that the database does not know yet; returns how many were told."""
    people = await _people()
    now = clock.now()
    with (DATA / "demo_cases.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    for n, line in enumerate(lines):
        await _story(n, line, people, now)
    for days in (7, 5, 3, 2, 1, 0):
        await sweep.sweep(now - timedelta(days=days))
    await stories_notices.tell(people)
    await stories_hot.tell(people, now)
    await stories_scores.tell(people)
    await _bounty(people, now)
    await _counters(people["coord"])
    await stories_bulletins.tell(people)
    await stories_knowledge.tell(people)
    await stories_shift.tell(people, now)
    await stories_desk.tell(people)
    await stories_chats.tell(people["agent"], now)
    await stories_answers.tell(people, now)
    return len(lines)


async def _bounty(people: dict[str, Actor], now: datetime) -> None:
    """A campaign that runs, with one finding confirmed and shown, and one that waits."""
    rule, began = city.current().rule, clock.local_day(now - timedelta(days=6))
    plan = bounties.Plan(
        name="营商环境有奖找茬", what="政务服务中的差错、过时的公示、打不通的电话、让人白跑的规定。", starts=began,
        ends=began + timedelta(days=int(rule("bounty.days")) - 1), amount=int(rule("bounty.sum")),
        points=int(rule("bounty.points")),
    )  # fmt: skip
    async with work(people["audit"], now=now - timedelta(days=6)) as w:
        of = (await bounties.start(w, uuid5(_SPACE, "bounty"), plan)).id
    filed = []
    for n, (unit, place, words) in enumerate(_FINDINGS, 1):
        filing = bounties.Filing(
            campaign=of, unit=unit, place=place, words=words, name=f"演示{n}号", phone=f"1380000090{n}"
        )
        async with work(CITIZEN, now=now - timedelta(days=5 - n)) as w:
            filed.append(await bounties.file(w, uuid5(_SPACE, f"finding-{n}"), filing, f"20260{n}"))
    async with work(people["audit"], now=now - timedelta(days=3)) as w:
        await bounty_review.confirm(w, filed[0].id, reason="属实，已换新。", public_words=_SHOWN, tell=_silent)
    async with work(people["coord"], now=now - timedelta(days=2)) as w:
        await bounty_review.publish(w, filed[0].id)


async def _counters(actor: Actor) -> None:
    """What a service hall's counters were given this month and last, in the national five grades."""
    today = clock.today()
    rows = [
        f"HD{n:04},{('CGB', 'HOU', 'EDU', 'HRS')[n % 4]},{n % 6 + 1} 号窗口,{today - timedelta(days=n % 40)},"
        f"{_FIVE[n * n % 17 % len(_FIVE)]}"
        for n in range(96)
    ]
    data = ("编号,单位,窗口,日期,评价\n" + "\n".join(rows)).encode()
    async with work(actor) as w:
        given = outside.Given(data=data, name="演示.csv", kind="counter", source="市政务服务大厅（演示）", scale="five")
        await outside.take_in(w, given)


async def _silent(*_: object, **__: object) -> None:
    """Nobody is told anything of an invented story."""


_FINDINGS = (
    ("CGB", "户外广告窗口", "窗口摆的一次性告知单还是去年的版本，少列了一样材料，来了才知道要再跑一趟。"),
    ("HOU", "官网办事指南", "办事指南上的咨询电话打过去一直没人接，上班时间试了三次。"),
)
_SHOWN = "户外广告审批的告知材料版本过期，已更换并核对全部窗口。"
_FIVE = ("非常满意", "非常满意", "满意", "满意", "非常满意", "基本满意", "满意", "不满意")


async def _people() -> dict[str, Actor]:
    async with db.reading() as connection:
        rows = await connection.fetch(
            "SELECT p.id, p.login, p.name, p.unit, p.jurisdiction, "
            "ARRAY(SELECT role FROM role_grant WHERE person_id = p.id) AS roles FROM person p"
        )
    return {
        r["login"]: Actor(
            id=r["id"], kind="staff", name=r["name"], login=r["login"], roles=frozenset(r["roles"]), unit=r["unit"],
            units=city.current().subtree(r["unit"]), jurisdiction=r["jurisdiction"],
        )
        for r in rows
    }  # fmt: skip


def _message(n: int, line: dict[str, str], agent: Actor) -> Inbound:
    is_desk = line["channel"] == "phone" and line["stage"] != "registered"
    outcome = {"answered": "answer", "declined": "decline", "transferred": "transfer"}.get(line["stage"], "accept")
    place = city.current().find_place(line["place"]) if line["place"] else None
    decision = Decision(
        outcome=outcome, matter=line["matter"], reply=line["reply"], reason="statutory_channel", channel="上诉",
        target="119", no_place="" if line["county"] else "诉求人说不清",
    )  # fmt: skip
    return Inbound(
        channel=line["channel"], provider_id=f"demo-{n}", words=line["words"], kind=line["kind"], line=line["line"],
        place=line["place"], county=line["county"] or (place.county if place else ""), matter=line["matter"],
        urgency=line["urgency"], name=line["name"], phone=line["phone"], reply_by="sms" if line["phone"] else "none",
        operator=Operator(id=agent.id, name=agent.name, unit=agent.unit, roles=tuple(agent.roles)) if is_desk else None,
        decision=decision if is_desk else None,
    )  # fmt: skip


async def _story(n: int, line: dict[str, str], people: dict[str, Actor], now: datetime) -> None:
    hours = float(line["hours"])
    began = now - timedelta(hours=hours)
    with clock.at(began):
        receipt = await acknowledge.acknowledge(_message(n, line, people["agent" if n % 2 else "agent2"]))
        if receipt.is_repeat or not await intake.make_one(receipt.message):
            return
    steps = _UNTIL.get(line["stage"])
    if steps is None:
        return
    gap = timedelta(hours=hours / (len(_STEPS) + 2))
    teller = _Teller(receipt.number, line, people)
    await teller.accept_if_waiting(began + gap / 8)
    for count, step in enumerate(_STEPS[:steps], 1):
        if line["stage"] == "rework" and step == "visited":
            await teller.rework(began + gap * count)
        else:
            await teller.do(step, began + gap * count)
    last = {"returned": teller.ask_return, "needs_info": teller.ask_info, "suspended": teller.suspend}
    if line["stage"] in last:
        await last[line["stage"]](began + gap * max(steps, 1))


_BY_UNIT = frozenset({"signed", "contacted", "handled"})


class _Teller:
    """Takes one case through its steps, each by whom it belongs to."""

    def __init__(self, number: str, line: dict[str, str], people: dict[str, Actor]) -> None:
        self.number, self.line, self.people = number, line, people

    async def accept_if_waiting(self, at: datetime) -> None:
        """Cases that no desk decided are accepted now, and dispatched by hand when the catalogue had no answer."""
        async with work(self.people["agent"], now=at) as w:
            file = await ledger.opened(w, number=self.number)
            if file.case.state == "registered":
                await verbs.accept(w, file, matter=self.line["matter"], county=self.line["county"] or "city",
                                   no_place="诉求人说不清")  # fmt: skip
        async with work(self.people["dispatcher"], now=at) as w:
            file = await ledger.opened(w, number=self.number)
            if file.case.state == "accepted":
                await verbs.dispatch(w, file, unit="CGB", profile=clocks.profile_of(file), reason="由市级承办")

    def handler(self, unit: str) -> Actor:
        """Whoever of the unit there is; a county without a demo person gets one for the story."""
        found = next((p for p in self.people.values() if p.unit == unit and "unit_handler" in p.roles), None)
        name = city.current().unit(unit)
        return found or Actor(
            id=uuid5(_SPACE, unit), kind="staff", name="经办人", roles=frozenset({"unit_handler"}), unit=unit,
            units=(unit,), jurisdiction=name.jurisdiction or "" if name else "",
        )  # fmt: skip

    def centre(self, login: str, file: CaseFile) -> Actor:
        """Who audits and calls back: the coordination office where the hotline's own bureau handled the case."""
        return self.people["coord" if file.lead and file.lead.unit == "HOT" else login]

    async def do(self, step: str, at: datetime) -> None:
        """One step of the story at its moment."""
        async with work(CITIZEN, now=at) as w:
            file = await ledger.opened(w, number=self.number)
            if step in _BY_UNIT:
                await self._by_units(w, file, step)
                return
            tellers: dict[str, tuple[Actor, Callable[[], Any]]] = {
                "approved": (self.centre("audit", file), lambda: verbs.approve(w, file)),
                "visited": (self.centre("callback", file), lambda: verbs.visit(
                    w, file, file.first_request, was_contacted=True, is_solved=True,
                    grade=self.line["grade"] if self.line["stage"] == "closed" else None,
                    cause="conditions" if self.line["grade"] == "dissatisfied" else None)),
                "closed": (self.centre("callback", file), lambda: verbs.close(w, file)),
                "rated": (CITIZEN, lambda: verbs.rate(w, file, file.first_request, grade=self.line["grade"])),
            }  # fmt: skip
            w.actor, tell = tellers[step]
            await tell()

    async def _by_units(self, w: Work, file: CaseFile, step: str) -> None:
        """Each unit that has it, those beside the lead first: the lead's end waits for theirs."""
        for share in sorted(file.at_units, key=lambda one: one.role == "lead"):
            w.actor = self.handler(share.unit)
            if step == "signed":
                await verbs.sign(w, file, share)
            elif step == "contacted":
                await verbs.contact(w, file, share, way="phone")
            else:
                await verbs.handle(w, file, share, **self._result())

    def _result(self) -> dict[str, Any]:
        kind = self.line["kind"]
        result = {"suggestion": "suggestion_adopted", "praise": "praise_forwarded"}.get(kind, "resolved")
        reply = self.line["reply"] or "已到现场核实并处理，后续将加强巡查。"
        return {
            "result": result, "note": f"现场核实属实，安排班组处理。{reply}", "reply": reply, "is_substantiated": True,
            "has_contacted": True, "is_solved": True,
        }  # fmt: skip

    async def rework(self, at: datetime) -> None:
        """The visit that finds nothing solved."""
        async with work(self.people["callback"], now=at) as w:
            file = await ledger.opened(w, number=self.number)
            request, lead = file.first_request, file.lead
            await verbs.visit(w, file, request, was_contacted=True, is_solved=False, grade="dissatisfied",
                              cause="unsolved", said="装了净化器但没有开，油烟还是老样子。")  # fmt: skip
            await verbs.rework(w, file, request, lead, reason="诉求人说没有解决", profile=clocks.profile_of(file))  # type: ignore[arg-type]

    async def ask_info(self, at: datetime) -> None:
        """The unit that lacks something asks for it, once."""
        async with work(CITIZEN, now=at) as w:
            file = await ledger.opened(w, number=self.number)
            w.actor = self.handler(file.lead.unit if file.lead else "")
            await needs_info.ask(w, file, file.first_request, wanted=self.line["reply"].replace("；", "\n"),
                                 share=file.lead)  # fmt: skip

    async def suspend(self, at: datetime) -> None:
        """What cannot be done now goes on the plan, by the city's approval."""
        review = clock.local_day(clock.now()) + timedelta(days=45)
        async with work(CITIZEN, now=at) as w:
            file = await ledger.opened(w, number=self.number)
            w.actor = self.handler(file.lead.unit if file.lead else "")
            await suspension.ask(w, file, file.lead, reason="须纳入年度改造计划，本季度无施工窗口。",  # type: ignore[arg-type]
                                 plan=self.line["reply"], review=review)  # fmt: skip
            w.actor = self.people["coord"]
            await suspension.approve(w, file, file.lead, reason="同意，按计划推进，到期复核。")  # type: ignore[arg-type]

    async def ask_return(self, at: datetime) -> None:
        """The unit that says it is not theirs."""
        async with work(CITIZEN, now=at) as w:
            file = await ledger.opened(w, number=self.number)
            w.actor = self.handler(file.lead.unit if file.lead else "")
            basis = "该路段养护权属在市交通局，见路产登记表。"
            await verbs.ask_return(w, file, file.lead, ground="ownership", basis=basis, suggested="TRA")  # type: ignore[arg-type]
