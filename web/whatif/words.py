"""A scenario and its result in sentences: what was changed, by which model, what came out."""

from __future__ import annotations

from hotline import city
from hotline.errors import Say
from sla import explain, targets
from sla.replay_queue import ORDERS, Staff
from sla.replay_scenario import Scenario
from sla.targets import Target
from web import units

STATES = {
    "waiting": Say("等着做", "Waiting"), "running": Say("正在推演", "Running"), "done": Say("已做完", "Done"),
    "failed": Say("没做成", "Failed"),
}  # fmt: skip
LOOKS = {"done": "good", "failed": "danger"}
CENTRE = Say("中心", "The centre")
MODEL_PROMISES = Say(
    "只看时限：每件仍在当时办完的那一刻办完；期限按改后的档案和日历，从原来的起点重算，暂停和延期照旧。"
    "不改的档案、不分昼夜的时限、人定的日期都照旧。",
    "Promises only: each case ends when it really did; its date is reckoned anew from its own start by the changed "
    "profile and calendar, with the pauses and extensions it had. What is not changed, what runs around the clock and "
    "dates set by hand stay.",
)
MODEL_QUEUE = Say(
    "改了人手的单位按排队算：案件照当时的时刻到来；每件要办多久由当时的办结推出（按“那时的人手”，一人一次办一件，"
    "从到来或有人空出来起，到办结止，只算上班时间）；再由改后的人手按日历办一遍。填“每个工作日办几件”时，"
    "每件同样长。没办结的不知要办多久，不进推演的队。",
    "Where hands are changed the unit is a queue: cases come when they did; how long each takes follows from its real "
    "end (with the hands then, each on one case at a time, from its arrival or a hand coming free, working time); "
    "then the changed hands work through them by the calendar. With cases a working day each takes the same. Cases "
    "not finished are of unknown length and stand aside.",
)
BY_WEEK = Say(
    "时限按开始的那一周计；积压是周日夜里还没办完的件数，其中过了期限的另列。",
    "A promise counts in the week in which it began; the queue is what is open at the week's end, overdue apart.",
)


def unit_name(code: str) -> Say:
    """A unit's name; the centre's own promises stand under no unit."""
    return units.name(city.current(), code) if code else CENTRE


def stage_name(stage: str) -> Say:
    """What a stage is called."""
    return targets.STAGES[stage]


def amount(target: Target) -> Say:
    """A target in words."""
    return explain.amount_of(target.amount, target.unit)


def changes(one: Scenario) -> list[Say]:
    """What the scenario changes, a sentence each; one that says so when it changes nothing."""
    found = [_profile(code, stages) for code, stages in one.profiles.items()]
    if one.hours:
        found.append(Say(f"工作时间改为 {one.hours}", f"Working hours {one.hours}"))
    for days, zh, en in ((one.rest_days, "改为放假", "rest days"), (one.work_days, "改为上班", "working days")):
        if days:
            listed = "、".join(map(str, days))
            found.append(Say(f"{zh}：{listed}", f"{len(days)} more {en}: {', '.join(map(str, days))}"))
    found += [_staff(unit, staff) for unit, staff in one.staff.items()]
    if one.staff:
        found.append(Say(f"次序：{ORDERS[one.order].zh}", f"Order: {ORDERS[one.order].en.lower()}"))
    return found or [Say("什么也没改，用来核对推演与当时相符", "Nothing changed: a replay gives what really was")]


def _profile(code: str, stages: dict[str, Target]) -> Say:
    book = targets.of(city.current())
    zh, en = [], []
    for stage, target in stages.items():
        was, name, now = book.target(code, stage), targets.STAGES[stage], amount(target)
        if was == target:
            continue
        before = amount(was) if was is not None else Say("无", "none")
        zh.append(f"{name.zh} {before.zh} → {now.zh}")
        en.append(f"{name.en} {before.en} → {now.en}")
    if not zh:
        return Say(f"{code} 与现在一样", f"{code} as it is today")
    return Say(f"{code}：{'，'.join(zh)}", f"{code}: {', '.join(en)}")


def _staff(unit: str, staff: Staff) -> Say:
    name = Say("各单位", "All units") if unit == "*" else unit_name(unit)
    if staff.capacity is not None:
        n = f"{staff.capacity:g}"
        return Say(f"{name.zh}：每个工作日办 {n} 件", f"{name.en}: {n} cases a working day")
    return Say(f"{name.zh}：人手 {staff.now} → {staff.handlers}", f"{name.en}: hands {staff.now} → {staff.handlers}")
