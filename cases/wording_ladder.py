"""Sentences of the ladder's answered acts: cards by hand, orders to their end, papers about a unit, instructions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cases import events_ladder as e
from cases.states import STEPS
from hotline import city, clock
from hotline.errors import Say

MEASURES: dict[str, Say] = {
    "bulletin": Say("通报", "bulletin"),
    "interview": Say("约谈", "interview"),
    "accountability": Say("问责", "accountability"),
}
PAPER_STEPS: dict[str, Say] = {
    "drafted": Say("拟出", "drafted"),
    "taken_effect": Say("生效", "took effect"),
    "recorded": Say("自动记录", "recorded by itself"),
    "approved": Say("批准发出", "approved and issued"),
    "exposed": Say("以公示曝光", "exposed by a public notice"),
    "called": Say("发出约谈通知", "called"),
    "held": Say("谈话完毕，写下承诺", "held, with its undertaking"),
    "reported": Say("单位报来整改情况", "the unit reported"),
    "reminded": Say("提醒承诺快到期", "reminded of the undertaking"),
    "overdue": Say("到期没有完成", "not done by its date"),
    "sent_back": Say("核查不合格，退回", "found wanting, sent back"),
    "done": Say("核查完成", "verified as done"),
    "decided": Say("作出问责决定", "decided"),
    "handed": Say("移交纪检监察机关", "handed to the discipline body"),
    "dropped": Say("不予采用", "dropped"),
}
CAUSES: dict[str, Say] = {
    "withdrawn": Say("撤回", "withdrawn"),
    "case_closed": Say("案件由督办部门结案", "the supervision office closed the case"),
}
TO: dict[str, Say] = {
    "deputy": Say("分管负责人", "the deputy in charge"),
    "head": Say("主要负责人", "the head"),
    "office": Say("督办部门", "the supervision office"),
}


def _unit(code: str) -> Say:
    unit = city.current().unit(code) if code else None
    return unit.name if unit else Say(code or "中心", code or "the centre")


def names(codes: Sequence[str]) -> Say:
    """Units by name, as a list in a sentence."""
    found = [_unit(code) for code in codes]
    return Say("、".join(one.zh for one in found), ", ".join(one.en for one in found))


def joined(bodies: Sequence[str]) -> Say:
    """Who supervises jointly, as the tail of a sentence; nothing for nobody."""
    who = names(bodies)
    return Say(f"；联合督办：{who.zh}", f"; jointly with {who.en}") if bodies else Say("", "")


def _carded(event: e.Carded) -> Say:
    step, unit = STEPS[event.level], _unit(event.unit)
    return Say(f"{step.zh}：{unit.zh}，扣 {event.points} 分", f"{step.en}: {unit.en}, {event.points} points")


def _card_cancelled(event: e.CardCancelled) -> Say:
    step, unit = STEPS[event.level], _unit(event.unit)
    return Say(
        f"取消{step.zh}：{unit.zh}，退还 {event.points} 分",
        f"{step.en} of {unit.en} cancelled, {event.points} points given back",
    )


def _order_reviewed(event: e.OrderReviewed) -> Say:
    if event.outcome == "accepted":
        return Say(f"{event.number} 的回复审核通过，督办办结", f"the answer to {event.number} is accepted; it is ended")
    at = clock.local(event.due) if event.due else None
    zh, en = (f"，{at:%m-%d %H:%M} 前重新回复", f", to be answered anew by {at:%d %b %H:%M}") if at else ("", "")
    return Say(f"{event.number} 的回复不合格，退回{zh}", f"the answer to {event.number} is sent back{en}")


def _order_ended(event: e.OrderEnded) -> Say:
    cause = CAUSES[event.cause]
    return Say(f"{event.number} 结束：{cause.zh}", f"{event.number} is ended: {cause.en}")


def _measured(event: e.Measured) -> Say:
    what, unit = MEASURES[event.measure], _unit(event.unit)
    return Say(f"{event.number} {what.zh}：{unit.zh}", f"{event.number}, {what.en}: {unit.en}")


def _stepped(event: e.MeasureStepped) -> Say:
    step = PAPER_STEPS[event.step]
    return Say(f"{event.number} {step.zh}", f"{event.number}: {step.en}")


def _escalated(event: e.AlertEscalated) -> Say:
    to = TO[event.to]
    return Say(f"预警没人答复，报{to.zh}", f"the alert was not answered: told {to.en}")


STAFF: dict[str, Callable[[Any], Say]] = {
    "carded": _carded,
    "card_cancelled": _card_cancelled,
    "order_reviewed": _order_reviewed,
    "order_ended": _order_ended,
    "order_joined": lambda v: Say(
        f"{v.number} 转为联合督办：{names(v.bodies).zh}", f"{v.number} is supervised jointly: {names(v.bodies).en}"
    ),
    "alert_escalated": _escalated,
    "measured": _measured,
    "measure_stepped": _stepped,
    "instruction_reported": lambda _: Say("书面报告批示办理情况", "reported in writing on the instruction"),
}
REQUESTER: dict[str, Callable[[Any], Say]] = {}
