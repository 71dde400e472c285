"""Which promise applies and when it is due: the clock profiles of domain practice and the stages of rules.md 6. Pure.

The numbers here are the defaults; those that the city began with stand in its rules as ``clock.<profile or
stage>.<stage>`` and are laid over them by ``book``; what it decided since are versions, laid over both by ``of``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from hotline.errors import Say
from sla.calendar import Calendar

if TYPE_CHECKING:
    from hotline.city import City


class Target(msgspec.Struct, frozen=True):
    """So much time: ``wd`` working days, ``h`` working hours, or ``clock`` hours around the clock."""

    amount: float
    unit: str


class Extension(msgspec.Struct, frozen=True):
    """The one extension a profile allows: at most this much; ``by`` is who decides: centre, city, or statute.

    ``needs_proof``: a file must go with the ask.
    """

    most: Target
    by: str = "centre"
    needs_proof: bool = False


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """A set of promises. ``extension`` None: not to be extended; ``law``: the statute it rests on, by its code."""

    code: str
    name: Say
    stages: dict[str, Target]
    extension: Extension | None = None
    law: str = ""


class Promise(msgspec.Struct, frozen=True, kw_only=True):
    """One stage's promise as reckoned on the day it began. All moments are UTC."""

    stage: str
    profile: str
    start: datetime
    due_at: datetime
    provisional: bool
    unit: str
    amount: float


STAGES: dict[str, Say] = {
    "accept": Say("受理", "accept"),
    "dispatch": Say("派单", "dispatch"),
    "sign_off": Say("签收", "acknowledge"),
    "first_contact": Say("首次联系", "first contact"),
    "feedback": Say("反馈", "first feedback"),
    "admit": Say("决定是否受理", "decide whether to take it up"),
    "finish": Say("办结", "finish"),
    "report_up": Say("上报", "report up"),
    "answer": Say("按告知的日期答复", "answer by the date told"),
    "audit": Say("审核", "audit"),
    "visit": Say("回访", "make the return visit"),
    "order_reply": Say("督办回复", "answer the order"),
    "instruction_report": Say("批示报告", "report on the instruction"),
    "correction": Say("纠正", "correct"),
    "verify": Say("核实", "verify the facts"),
    "risk": Say("班长看风险", "look at the risk"),
    "level_township": Say("乡镇协调", "coordinate in the township"),
    "level_district": Say("县区协调", "coordinate in the district"),
    "level_city": Say("市领导协调", "coordinate as the city"),
    "request_accept": Say("数据申请受理", "accept the data request"),
    "request_review": Say("数据申请审核", "review the data request"),
    "request_supply": Say("数据提供", "supply the data"),
}
UNIT_STAGES = ("sign_off", "first_contact", "feedback", "admit", "finish")
"""Stages that a profile sets and an assignment owns."""


def _wd(n: float) -> Target:
    return Target(n, "wd")


def _h(n: float) -> Target:
    return Target(n, "h")


def _clock(n: float) -> Target:
    return Target(n, "clock")


COMMON: dict[str, Target] = {
    "accept": _h(2),
    "dispatch": _h(4),
    "audit": _wd(1),
    "visit": _wd(1),
    "order_reply": _wd(3),
    "instruction_report": _wd(3),
    "correction": _wd(10),
    "verify": _wd(2),
    "risk": _clock(0.25),
    "level_township": _wd(3),
    "level_district": _wd(5),
    "level_city": _wd(10),
    "request_accept": _wd(3),
    "request_review": _wd(3),
    "request_supply": _wd(10),
}
"""Stages that are the same whatever the profile, unless the profile names them (rules.md 6)."""


def _profile(
    code: str, zh: str, en: str, stages: dict[str, Target], extension: Extension | None = None, law: str = ""
) -> Profile:
    return Profile(code=code, name=Say(zh, en), stages=stages, extension=extension, law=law)


_DAY = {"first_contact": _wd(1), "sign_off": _wd(1)}
PROFILES: dict[str, Profile] = {
    one.code: one
    for one in (
        _profile("EMG2H", "特急", "Emergency",
                 {"accept": _clock(0.25), "first_contact": _clock(0.5), "sign_off": _clock(0.25),
                  "feedback": _clock(2), "finish": _clock(24)}),
        _profile("UTIL24H", "公用事业、限时件", "Utilities and time-critical",
                 {"first_contact": _clock(2), "sign_off": _clock(0.5), "finish": _clock(24)}, Extension(_clock(24))),
        _profile("CON1", "咨询", "Enquiry", {"sign_off": _h(4), "finish": _wd(1)}, Extension(_wd(2))),
        _profile("STD5", "一般", "Standard", {**_DAY, "finish": _wd(5)}, Extension(_wd(10))),
        _profile("CPX15", "复杂", "Complex", {**_DAY, "finish": _wd(15)},
                 Extension(_wd(15), "city", needs_proof=True)),
        _profile("RPT15", "举报", "Report of a violation",
                 {"sign_off": _wd(1), "finish": _wd(15)}, Extension(_wd(15))),
        _profile("MKT7_45", "消费调解", "Consumer mediation",
                 {**_DAY, "admit": _wd(7), "finish": _wd(45)},
                 Extension(_wd(45), "statute", needs_proof=True), "MEDIATION"),
        _profile("LAW60", "法定程序", "Statutory procedure", {**_DAY, "finish": _wd(60)}, Extension(_wd(30)), "LABOUR"),
        _profile("NOTICE3", "表扬", "Praise", {"sign_off": _wd(1), "finish": _wd(3)}),
    )
}
"""The default profile table (domain research 2.6); each number is the city's to set."""

ALL = "ALL"
"""Under this name the common stages are versioned."""
BY_KIND = {"enquiry": "CON1", "report": "RPT15", "praise": "NOTICE3", "suggestion": "STD5"}
"""Kinds whose clock does not depend on the matter."""


class Book(msgspec.Struct, frozen=True):
    """The profiles and common stages as one city has set them; ``versions``: which of each, 1 where it is not named."""

    profiles: dict[str, Profile]
    common: dict[str, Target]
    versions: dict[str, int] = {}

    def target(self, profile: str, stage: str) -> Target | None:
        """What the profile (or the city for all) gives for the stage; None when nothing is promised."""
        return self.profiles[profile].stages.get(stage) or self.common.get(stage)

    def version(self, profile: str, stage: str) -> int:
        """The version of the profile, or of the common stages, that gives the stage its time."""
        return self.versions.get(profile if stage in self.profiles[profile].stages else ALL, 1)

    def stages(self, profile: str) -> tuple[str, ...]:
        """The stages of an assignment that this profile promises, in the order of UNIT_STAGES."""
        return tuple(stage for stage in UNIT_STAGES if stage in self.profiles[profile].stages)


DEFAULTS = Book(PROFILES, COMMON)


def book(clocks: Mapping[str, tuple[float, str]]) -> Book:
    """The defaults with the city's numbers over them: ``{"STD5.finish": (5, "wd"), "audit": (1, "wd")}``.

    Units: wd, h, clock, and minutes (around the clock). ``<profile>.extension`` sets the most it may be extended by.
    """
    profiles, common = dict(PROFILES), dict(COMMON)
    for key, (amount, unit) in clocks.items():
        target = Target(amount / 60, "clock") if unit == "minutes" else Target(amount, unit)
        code, _, stage = key.partition(".")
        if not stage:
            common[code] = target
            continue
        old = profiles[code]
        if stage == "extension":
            extension = msgspec.structs.replace(old.extension or Extension(target), most=target)
            profiles[code] = msgspec.structs.replace(old, extension=extension)
        else:
            profiles[code] = msgspec.structs.replace(old, stages={**old.stages, stage: target})
    return Book(profiles, common)


@lru_cache(maxsize=2)
def of(city: City) -> Book:
    """The book of a city snapshot as its day has it, made once a snapshot."""
    from sla import profiles  # noqa: PLC0415 - it reads contents in the words of this module

    return profiles.laid_over(begun_with(city), city.promises, city.day)


def begun_with(city: City) -> Book:
    """What the city began with: version 1 of each profile."""
    return book({
        key.removeprefix("clock."): (float(rule.value), rule.unit)
        for key, rule in city.rules.items()
        if key.startswith("clock.")
    })


def profile_for(kind: str, urgency: str, matter_profile: str | None) -> str:
    """Which profile a case gets: critical beats the kind, the kind beats the matter, STD5 when nothing is known."""
    if urgency == "critical":
        return "EMG2H"
    return BY_KIND.get(kind) or matter_profile or "STD5"


def under_law(city: City, profile: str, stage: str, law: str | None) -> Target | None:
    """What is promised for the stage, or what the statute ``law`` gives to finish instead; None when nothing is."""
    one = city.statutes.get(law or "")
    if one is not None and stage == "finish" and one.profile == profile and one.amount and one.unit:
        return Target(one.amount, one.unit)
    return of(city).target(profile, stage)


def due(calendar: Calendar, profile: str, stage: str, start: datetime, rules: Book = DEFAULTS) -> Promise:
    """The promise for ``stage`` beginning at ``start``. KeyError when nothing is promised there."""
    target = rules.target(profile, stage)
    if target is None:
        raise KeyError((profile, stage))
    return promised(calendar, profile, stage, start, target)


def promised(calendar: Calendar, profile: str, stage: str, start: datetime, target: Target) -> Promise:
    """The promise of so much time from ``start``."""
    at, provisional = _ends(calendar, start, target)
    return Promise(
        stage=stage, profile=profile, start=start.astimezone(UTC), due_at=at, provisional=provisional,
        unit=target.unit, amount=target.amount,
    )


def warn_at(calendar: Calendar, promise: Promise) -> datetime:
    """When yellow begins: the later of one working day before due and 75 % elapsed (rules.md 7). Red begins at due.

    Elapsed is working time for wd and h promises, clock time for those around the clock.
    """
    start, end = promise.start, promise.due_at
    if promise.unit == "clock":
        elapsed = start + (end - start) * 3 / 4
    else:
        elapsed = calendar.add_working_time(start, calendar.working_time(start, end) * 3 / 4)
    return max(elapsed, min(end, calendar.day_before(end)))


def ends(calendar: Calendar, start: datetime, unit: str, amount: float) -> tuple[datetime, bool]:
    """When so much time from ``start`` is over, and whether that is provisional: a running promise reckoned anew."""
    return _ends(calendar, start, Target(amount, unit))


def after_pause(
    calendar: Calendar, due_at: datetime, unit: str, paused_from: datetime, paused_to: datetime
) -> datetime:
    """The due date after a pause: wd gains the working days whose close fell inside it, the others its length.

    A pause that begins at or after the due moment undoes no lateness: the date stays.
    """
    if paused_from >= due_at or paused_to <= paused_from:
        return due_at
    if unit == "wd":
        closed = calendar.closes_between(paused_from, paused_to)
        return calendar.add_working_days(due_at, closed).at if closed else due_at
    if unit == "h":
        return calendar.add_working_time(due_at, calendar.working_time(paused_from, paused_to))
    return due_at + (paused_to - paused_from)


def extended(calendar: Calendar, due_at: datetime, unit: str, amount: float) -> datetime:
    """The due date after an extension of ``amount``, counted from the old due date (rules.md 6)."""
    return _ends(calendar, due_at, Target(amount, unit))[0]


def _ends(calendar: Calendar, start: datetime, target: Target) -> tuple[datetime, bool]:
    if target.unit == "wd":
        reckoned = calendar.add_working_days(start, int(target.amount))
        return reckoned.at, reckoned.provisional
    if target.unit == "h":
        at = calendar.add_working_hours(start, target.amount)
        return at, calendar.is_provisional(start, at)
    return start.astimezone(UTC) + timedelta(hours=target.amount), False
