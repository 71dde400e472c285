"""Sentences of conferences and joint site visits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from cases import wording_site
from cases.demands_conference import CAUSES
from cases.events_conference import ConferenceCalled, ConferenceDecided, LeadDueMoved
from hotline import city, clock
from hotline.errors import Say


def _unit(code: str) -> Say:
    unit = city.current().unit(code)
    return Say(unit.name_zh, unit.name_en) if unit else Say(code, code)


def _called(event: ConferenceCalled) -> Say:
    why = CAUSES.get(event.cause, Say(event.cause, event.cause))
    return Say(f"提请会商：{why.zh}，期限照旧", f"called to a conference: {why.en}; the clock runs on")


def _decided(event: ConferenceDecided) -> Say:
    lead, helpers = _unit(event.unit), [_unit(code) for code in event.co_units]
    zh = f"会商决定：{lead.zh}主办" + (f"，{'、'.join(h.zh for h in helpers)}协办" if helpers else "")
    en = f"conference decided: {lead.en} leads" + (f", with {', '.join(h.en for h in helpers)}" if helpers else "")
    kept = Say("，期限照旧", ", the clock runs on") if event.keeps is not None else Say("", "")
    return Say(f"{zh}{kept.zh}，不得再退", f"{en}{kept.en}; it cannot be returned any more")


def _day(moment: datetime) -> Say:
    at = clock.local(moment)
    return Say(f"{at.month}月{at.day}日", f"{at.day} {at:%b}")


def _time(moment: datetime) -> Say:
    at = clock.local(moment)
    return Say(f"{at:%m-%d %H:%M}", f"{at:%d %b %H:%M}")


def _moved(event: LeadDueMoved) -> Say:
    unit = _unit(event.because)
    return Say(
        f"主办期限由 {_time(event.was).zh} 移到 {_time(event.due).zh}，因为要等 {unit.zh} 协办",
        f"the lead's date moved from {_time(event.was).en} to {_time(event.due).en}, to wait for {unit.en}",
    )


STAFF: dict[str, Callable[[Any], Say]] = {
    "conference_called": _called,
    "conference_withdrawn": lambda _: Say("撤回会商", "withdrawn from the conference"),
    "conference_decided": _decided,
    "lead_due_moved": _moved,
    **wording_site.STAFF,
}
REQUESTER: dict[str, Callable[[Any], Say]] = {
    **wording_site.REQUESTER,
    "lead_due_moved": lambda v: Say(f"改到{_day(v.due).zh}前答复", f"Answer by {_day(v.due).en} instead"),
}
