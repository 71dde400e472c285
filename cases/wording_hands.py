"""Sentences of a unit's own answers: objection, handing down, reporting up, the head's approval."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cases import events_hands as h
from cases.states import RESULTS
from hotline import city, clock
from hotline.errors import Say

WAYS: dict[str, Say] = {
    "conference": Say("转会商", "to a conference"),
    "redispatch": Say("改派", "to be dispatched anew"),
}


def _unit(code: str) -> Say:
    unit = city.current().unit(code)
    return unit.name if unit else Say(code, code)


def _result(code: str) -> Say:
    return RESULTS.get(code, Say(code, code))


def _decided(event: h.ObjectionDecided) -> Say:
    if not event.is_upheld:
        return Say("异议不成立，期限照旧", "objection dismissed, the clock ran on")
    way = WAYS.get(event.way, Say("", ""))
    return Say(f"异议成立，{way.zh}", f"objection upheld, {way.en}")


def _asked(event: h.CoHandlerAsked) -> Say:
    unit = _unit(event.unit)
    if event.ask == "release":
        return Say(f"申请让 {unit.zh} 退出协办", f"asks to release the co-handler {unit.en}")
    return Say(f"申请加派 {unit.zh} 协办", f"asks for {unit.en} as a co-handler")


def _down(event: h.HandedDown) -> Say:
    unit, at = _unit(event.unit), clock.local(event.due)
    return Say(f"下派 {unit.zh}，{at:%m-%d %H:%M} 前上报", f"handed down to {unit.en}, report by {at:%d %b %H:%M}")


def _plain(zh: str, en: str) -> Callable[[Any], Say]:
    return lambda _: Say(zh, en)


STAFF: dict[str, Callable[[Any], Say]] = {
    "objected": _plain("提出异议，期限照走，等裁定", "objects; the clock runs on until it is decided"),
    "objection_decided": _decided,
    "co_handler_asked": _asked,
    "co_ask_refused": _plain("不同意主办单位对协办的申请", "the lead's ask about co-handlers is refused"),
    "co_handler_released": _plain("协办单位退出，它的期限作废", "co-handler released, its deadlines are void"),
    "handed_down": _down,
    "reported_up": lambda v: Say(f"上报：{_result(v.result).zh}", f"reported up: {_result(v.result).en}"),
    "sent_down": _plain("退回下级重办，不因此延期", "sent down again, which gives no new time"),
    "taken_back": _plain("收回下派", "taken back from the unit below"),
    "handed_back": _plain("退回上级", "handed back to the unit above"),
    "head_asked": lambda v: Say(
        f"报请负责人批准：{_result(v.result).zh}", f"submitted to the head: {_result(v.result).en}"
    ),
    "head_approved": _plain("负责人批准", "approved by the head"),
    "head_refused": _plain("负责人退回修改，期限照旧", "sent back by the head, the due date stays"),
}
REQUESTER: dict[str, Callable[[Any], Say]] = {}
