"""Sentences of what is not routed plainly: risk, verify-then-handle, discipline, enterprise levels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cases import events_care as e
from cases import levels, risk
from cases.demands_care import FINDINGS
from hotline import city, clock
from hotline.errors import Say


def _unit(code: str) -> Say:
    unit = city.current().unit(code)
    return unit.name if unit else Say(code, code)


def kinds(codes: tuple[str, ...]) -> Say:
    """Kinds of risk in words."""
    found = [risk.KINDS[code] for code in codes]
    return Say("、".join(one.zh for one in found), ", ".join(one.en.lower() for one in found))


def channel(target: str) -> Say:
    """A statutory channel by name: a number that is never merged, or a body."""
    known = city.current().related_numbers.get(target)
    return Say(f"{target} {known.name_zh}", f"{target} {known.name_en}") if known else _unit(target)


def way_of(event: Any) -> Say:
    """What the requester reads of a matter that leaves through its statutory channel."""
    way = channel(event.target)
    return Say(f"这件事请走：{way.zh}", f"The way for this: {way.en}")


def _flagged(event: e.Flagged) -> Say:
    by = Say("话里有风险", "risk words") if event.source == "words" else Say("有人看出风险", "somebody sees a risk")
    what = kinds(event.kinds)
    return Say(f"标记敏感（{what.zh}）：{by.zh}，已报班长", f"flagged ({what.en}): {by.en}; the supervisor was told")


def _escalated(event: e.Escalated) -> Say:
    level, cause, unit = levels.LEVELS[event.level], levels.CAUSES[event.cause], _unit(event.unit)
    return Say(
        f"企业诉求由{level.zh}一级协调：{unit.zh}（{cause.zh}）",
        f"coordinated at the level “{level.en}”: {unit.en} ({cause.en})",
    )


def _instructed(event: e.Instructed) -> Say:
    level = levels.LEVELS.get(event.level)
    who = Say(f"{level.zh}领导批示", f"instruction by the leader of the level “{level.en}”") if level else Say(
        "领导批示交办", "a leader's instruction")  # fmt: skip
    if event.due is None:
        return who
    at, unit = clock.local(event.due), _unit(event.unit) if event.unit else Say("中心", "the centre")
    return Say(
        f"{who.zh}，{unit.zh} {at:%m-%d %H:%M} 前书面报告",
        f"{who.en}; {unit.en} reports in writing by {at:%d %b %H:%M}",
    )


def _police_told(event: e.PoliceTold) -> Say:
    zh = f"，对方编号 {event.reference}" if event.reference else ""
    en = f", their reference {event.reference}" if event.reference else ""
    return Say(f"已通报 {event.number}{zh}", f"told {event.number}{en}")


STAFF: dict[str, Callable[[Any], Say]] = {
    "about_named": lambda v: Say(f"记下被投诉单位：{_unit(v.unit).zh}", f"it is about {_unit(v.unit).en}"),
    "summarised": lambda _: Say("写了给承办单位看的转述", "wrote the summary for the units"),
    "flagged": _flagged,
    "risk_seen": lambda _: Say("班长已知晓风险", "a supervisor has taken note of the risk"),
    "flag_cleared": lambda _: Say("解除敏感标记", "risk flag cleared"),
    "police_told": _police_told,
    "verified_facts": lambda v: Say(
        f"核实：{FINDINGS[v.finding].zh}", f"verified: {FINDINGS[v.finding].en.lower()}"
    ),
    "escalated": _escalated,
    "instructed": _instructed,
}
REQUESTER: dict[str, Callable[[Any], Say]] = {}
