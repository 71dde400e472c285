"""The nouns of the city as the snapshot holds them: unit, county, township, matter, line, number, day and rule."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from hotline import line_hours
from hotline.errors import Say


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """A body that can be given work. Tiers: 1 province, 2 city, 3 department or county, 4 township, 5 village.

    ``needs_head``: its replies wait for its head before they leave, and its head hands cases down.
    """

    code: str
    name_zh: str
    name_en: str
    kind: str
    tier: int
    parent: str | None
    jurisdiction: str | None
    is_on: bool
    valid_from: date
    valid_to: date | None
    successor: str | None
    needs_head: bool = False

    @property
    def name(self) -> Say:
        """The full name in both languages."""
        return Say(self.name_zh, self.name_en)


class Jurisdiction(msgspec.Struct, frozen=True, kw_only=True):
    """A county, district, county-level city or functional zone. No successor and ended: its townships tell."""

    code: str
    name_zh: str
    name_en: str
    kind: str
    aliases: tuple[str, ...]
    valid_from: date
    valid_to: date | None
    successor: str | None

    @property
    def name(self) -> Say:
        """The name in both languages."""
        return Say(self.name_zh, self.name_en)


class Township(msgspec.Struct, frozen=True, kw_only=True):
    """A town, township or subdistrict. ``county`` governs it; ``stat_county`` is where the statistics put it."""

    code: str
    name_zh: str
    name_en: str
    county: str
    stat_county: str
    valid_from: date
    valid_to: date | None

    @property
    def name(self) -> Say:
        """The name in both languages."""
        return Say(self.name_zh, self.name_en)


class Matter(msgspec.Struct, frozen=True, kw_only=True):
    """A leaf of the catalogue (事项): who leads, by which route (TERR, FUNC, UTIL), under which clock profile."""

    code: str
    l1_zh: str
    l2_zh: str
    l3_zh: str
    l1_en: str
    l2_en: str
    l3_en: str
    lead_unit: str
    route: str
    profile: str
    valid_from: date
    valid_to: date | None

    @property
    def name(self) -> Say:
        """The leaf's name in both languages."""
        return Say(self.l3_zh, self.l3_en)

    @property
    def path(self) -> Say:
        """All three levels in both languages."""
        return Say(f"{self.l1_zh} › {self.l2_zh} › {self.l3_zh}", f"{self.l1_en} › {self.l2_en} › {self.l3_en}")


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A telephone number that leads into the one queue. ``aliases`` are numbers it had before."""

    number: str
    name_zh: str
    name_en: str
    unit: str
    mode: str
    phase: str
    aliases: tuple[str, ...]
    greeting_zh: str
    greeting_en: str
    valid_from: date
    valid_to: date | None
    hours: str = line_hours.ALWAYS
    farewell_zh: str = ""
    farewell_en: str = ""

    @property
    def name(self) -> Say:
        """The name in both languages."""
        return Say(self.name_zh, self.name_en)

    @property
    def greeting(self) -> Say:
        """What the agent opens with."""
        return Say(self.greeting_zh, self.greeting_en)

    @property
    def opening(self) -> Say:
        """The opening hours in words."""
        return line_hours.say(self.hours)

    @property
    def farewell(self) -> Say:
        """What callers hear once the number is retired: the city's words, else ours."""
        return Say(
            self.farewell_zh or f"您好，{self.number} 已停止服务，请拨打 12345，24 小时有人接听。",
            self.farewell_en or f"{self.number} is no longer in service. Please call 12345, at any hour.",
        )

    @property
    def closed(self) -> Say:
        """What callers hear outside the opening hours."""
        return Say(
            f"您好，{self.name_zh}的服务时间是{self.opening.zh}。现在请拨打 12345。",
            f"{self.name_en} answers {self.opening.en}. Please call 12345 now.",
        )

    def is_open(self, at: datetime, calendar: CalendarDays) -> bool:
        """Whether somebody answers on it at this moment: it is neither planned nor retired, and within its hours."""
        return self.phase in {"trial", "live"} and line_hours.is_open(self.hours, at, calendar.days)

    @property
    def state(self) -> str:
        """``planned``, ``dual`` (both numbers live), ``merged``, ``connected`` (handed on), or ``retired`` (001-03)."""
        return line_state(self.phase, self.mode)


def line_state(phase: str, mode: str) -> str:
    """The state of a line that people speak of, from its phase and the way in which it is joined."""
    if phase in ("planned", "retired"):
        return phase
    if mode.startswith("DUAL"):
        return "dual"
    return "merged" if mode in ("HOST", "MERGED", "MERGED_SEATS") else "connected"


class RelatedNumber(msgspec.Struct, frozen=True, kw_only=True):
    """A number that is none of ours: emergencies, partners, and what the hotline does not take."""

    number: str
    name_zh: str
    name_en: str
    unit: str | None
    treatment: str
    say_zh: str = ""
    say_en: str = ""
    clues: tuple[str, ...] = ()

    @property
    def name(self) -> Say:
        """The name in both languages."""
        return Say(self.name_zh, self.name_en)

    @property
    def say(self) -> Say:
        """What the agent tells the caller."""
        return Say(
            self.say_zh or f"这件事由 {self.number} {self.name_zh}受理，请拨打 {self.number}。",
            self.say_en or f"This is for {self.number}, {self.name_en}. Please call {self.number}.",
        )


class Day(msgspec.Struct, frozen=True):
    """A day that differs from Monday to Friday: a holiday, or a make-up day on which the city works."""

    is_working: bool
    name: Say


class LocalDays(msgspec.Struct, frozen=True):
    """What one county has otherwise than the city: its days, and its hours from a day on ("": the city's again)."""

    days: dict[date, Day]
    hours: tuple[tuple[date, str], ...] = ()


class CalendarDays(msgspec.Struct, frozen=True):
    """The days that differ, the span of dates for which they are all known, and the hours that came after the first.

    ``local`` holds the counties that differ from the city, by code.
    """

    days: dict[date, Day]
    announced_from: date
    announced_through: date
    hours: tuple[tuple[date, str], ...] = ()
    local: dict[str, LocalDays] = {}


class Rule(msgspec.Struct, frozen=True):
    """One of the city's own numbers: the default of this product until the city sets it."""

    key: str
    value: str | int | float
    unit: str
    note: Say
    source: str


class PromiseVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a clock profile that the city set, in force from a day on; ``sla.profiles`` reads its content."""

    profile: str
    version: int
    effective_from: date
    content: str
    note: str
    by: UUID
    at: datetime


class Statute(msgspec.Struct, frozen=True, kw_only=True):
    """A law that gives its own time: the profile it asks for, and what it gives to finish where that differs."""

    code: str
    name_zh: str
    name_en: str
    cite_zh: str
    cite_en: str
    profile: str
    amount: float | None = None
    unit: str | None = None
    is_on: bool = True

    @property
    def name(self) -> Say:
        """Its name in both languages."""
        return Say(self.name_zh, self.name_en)

    @property
    def citation(self) -> Say:
        """Which article of which law says so."""
        return Say(self.cite_zh, self.cite_en)
