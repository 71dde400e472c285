"""What is due after pauses and extensions: vectors for both units, and thousands of random histories against an oracle.

The oracle knows no calendar arithmetic: it marks every minute of most of a year as worked or not, every close of a
working day, and counts. What it counts by sums is itself held against a walk from minute to minute.
"""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right
from datetime import date, datetime, timedelta
from itertools import accumulate

import msgspec
import pytest

from hotline import clock, seeds
from hotline.city_nouns import Day
from hotline.errors import Say
from sla import history
from sla.calendar import Calendar
from sla.history import Act, Extension, Pause

_COLUMNS, _ROWS = seeds.rows("calendar.csv")
CITY = Calendar({day: Day(works, Say(zh, en)) for day, works, zh, en in _ROWS})
FIRST = date(2026, 3, 2)
DAYS, DAY = 300, 1440
MINUTE = timedelta(minutes=1)
MIDNIGHT = clock.on(FIRST)


def at(text: str) -> datetime:
    """A moment of 2026 in the city: ``02-13 10:00``."""
    return datetime.fromisoformat(f"2026-{text.replace(' ', 'T')}:00+08:00")


def pause(begins: str, ends: str) -> Pause:
    return Pause(begins=at(begins), ends=at(ends), cause="needs_info")


def more(amount: float, unit: str) -> Extension:
    return Extension(amount=amount, unit=unit)


@pytest.mark.parametrize(
    ("start", "unit", "amount", "acts", "due"),
    [
        ("02-13 10:00", "wd", 5, [], "02-27 18:00"),
        ("02-13 10:00", "wd", 5, [pause("02-24 09:00", "02-26 09:00")], "03-02 18:00"),
        ("02-13 10:00", "wd", 5, [pause("02-16 09:00", "02-23 20:00")], "02-27 18:00"),
        ("02-13 10:00", "wd", 5, [pause("02-24 18:00", "02-25 17:59")], "02-27 18:00"),
        ("02-13 10:00", "wd", 5, [pause("02-24 17:59", "02-24 18:00")], "02-28 18:00"),
        ("02-13 10:00", "wd", 5, [more(3, "wd")], "03-03 18:00"),
        ("02-13 10:00", "wd", 5, [pause("02-24 09:00", "02-26 09:00"), more(3, "wd")], "03-05 18:00"),
        ("02-13 10:00", "wd", 5, [more(3, "wd"), pause("03-02 09:00", "03-04 09:00")], "03-05 18:00"),
        ("02-13 10:00", "wd", 5, [pause("02-27 18:00", "03-20 09:00")], "02-27 18:00"),
        ("02-13 10:00", "wd", 5, [Pause(begins=at("02-24 09:00"))], "02-27 18:00"),
        ("02-13 16:00", "h", 4, [], "02-14 11:00"),
        ("02-13 16:00", "h", 4, [pause("02-13 17:00", "02-14 10:00")], "02-14 14:30"),
        ("02-13 16:00", "h", 4, [pause("02-13 18:00", "02-14 09:00")], "02-14 11:00"),
        ("02-13 16:00", "h", 4, [pause("02-14 10:30", "02-24 10:00"), more(2, "h")], "02-24 14:00"),
        ("02-13 16:00", "h", 4, [more(8, "h"), pause("02-14 15:00", "02-24 10:00")], "02-24 17:00"),
        ("02-13 16:00", "clock", 24, [pause("02-13 20:00", "02-14 08:00"), more(24, "clock")], "02-16 04:00"),
    ],
)  # fmt: skip
def test_vectors_of_both_units_with_pauses_and_extensions(
    start: str, unit: str, amount: float, acts: list[Act], due: str
) -> None:
    assert history.reckon(CITY, at(start), unit, amount, acts) == (at(due), False)
    kept = history.read(history.written(acts))
    assert history.reckon(CITY, at(start), unit, amount, kept) == (at(due), False), "and so after the database"


class Oracle:
    """Most of a year of minutes from ``FIRST``: which are worked, which end a working day, which days are announced."""

    def __init__(self, works: list[bool], hours: list[tuple[int, int]], announced: int) -> None:
        self.bits, self.announced = bytearray(DAYS * DAY), announced
        self.closes = []
        for n, is_working in enumerate(works):
            if is_working:
                for opens, shuts in hours:
                    self.bits[n * DAY + opens : n * DAY + shuts] = b"\1" * (shuts - opens)
                self.closes.append(n * DAY + hours[-1][1])
        self.worked = [0, *accumulate(self.bits)]

    def ends(self, start: int, unit: str, amount: float) -> int:
        """The minute at which so much from ``start`` is over."""
        if unit == "clock":
            return start + round(amount * 60)
        if unit == "h":
            need = round(amount * 60)
            return bisect_left(self.worked, self.worked[start] + need) if need else start
        return self.closes[bisect_left(self.closes, (start // DAY + 1) * DAY) + int(amount) - 1]

    def paused(self, due: int, unit: str, begins: int, ends: int) -> int:
        """The due minute after a pause."""
        if begins >= due:
            return due
        if unit == "clock":
            return due + ends - begins
        if unit == "h":
            return self.ends(due, "h", (self.worked[ends] - self.worked[begins]) / 60)
        held = bisect_right(self.closes, ends) - bisect_right(self.closes, begins)
        return self.ends(due, "wd", held) if held else due

    def walk(self, start: int, unit: str, amount: float, begins: int, ends: int) -> int:
        """The same of one pause inside the promise, with no sum at all: minute by minute, standing while it stands."""
        shuts, left, minute = set(self.closes), amount if unit == "wd" else round(amount * 60), start
        if unit == "wd":  # the day it starts on is not counted; what closes while it stands is owed again
            left += sum(begins < one <= ends for one in shuts)
        while left:
            minute += 1
            if unit == "wd":
                left -= minute // DAY > start // DAY and minute in shuts
            elif not begins <= minute - 1 < ends:
                left -= 1 if unit == "clock" else self.bits[minute - 1]
        return minute

    def is_open(self, first: int, last: int) -> bool:
        """Whether the days between reach beyond what is announced."""
        return first // DAY < 0 or last // DAY > self.announced


def moment(minute: int) -> datetime:
    return MIDNIGHT + minute * MINUTE


def a_city(luck: random.Random) -> tuple[Calendar, Oracle]:
    """Holidays and make-up days thrown at random, one to three working intervals a day, a year announced in part."""
    days = {}
    for n in luck.sample(range(DAYS), luck.randrange(40)):
        days[FIRST + timedelta(n)] = Day(luck.random() < 0.4, Say("节", "holiday"))
    hours: list[tuple[int, int]] = []
    while sum(shuts - opens for opens, shuts in hours) < 150:
        edges = sorted(luck.sample(range(0, DAY, 5), 2 * luck.randint(1, 3)))
        hours = list(zip(edges[::2], edges[1::2], strict=True))
    announced = luck.choice((DAYS, luck.randrange(20, DAYS)))
    spoken = tuple((a / 60, b / 60) for a, b in hours)
    city = Calendar(days, spoken, (FIRST, FIRST + timedelta(announced)))
    dates = [FIRST + timedelta(n) for n in range(DAYS)]
    works = [days[one].is_working if one in days else one.weekday() < 5 for one in dates]
    return city, Oracle(works, hours, announced)


def a_promise(luck: random.Random) -> tuple[int, str, float]:
    """Start, unit and amount."""
    unit = luck.choice(("wd", "wd", "h", "clock"))
    amount = float(luck.randint(1, 12)) if unit == "wd" else luck.choice((0.25, 0.5, 2, 4, luck.randrange(1, 25)))
    return luck.randrange(20 * DAY), unit, amount


def some_acts(luck: random.Random, start: int, unit: str) -> list[tuple[str, int, int, float, str]]:
    """Pauses and extensions in order, the last pause sometimes still open (its end is 0)."""
    now, acts = start + luck.randrange(3 * DAY), []
    for _ in range(luck.randrange(5)):
        if luck.random() < 0.65:
            begins = now + luck.choice((0, luck.randrange(2 * DAY)))
            ends = begins + luck.choice((1, luck.randrange(1, DAY), luck.randrange(1, 8 * DAY)))
            acts.append(("pause", begins, ends, 0.0, ""))
            now = ends
        else:
            own = luck.choice((unit, unit, "wd", "h", "clock"))
            acts.append(("more", now, 0, float(luck.randint(1, 5)), own))
    if luck.random() < 0.1:
        acts.append(("pause", now, 0, 0.0, ""))
    return acts


def by_oracle(
    oracle: Oracle, start: int, unit: str, amount: float, acts: list[tuple[str, int, int, float, str]]
) -> tuple[int, bool]:
    """Due minute, and whether it is provisional."""
    due = oracle.ends(start, unit, amount)
    provisional = unit != "clock" and oracle.is_open(start, due)
    for what, begins, ends, length, own in acts:
        if what == "more":
            due, old = oracle.ends(due, own, length), due
            provisional = provisional or (own != "clock" and oracle.is_open(old, due))
        elif ends:
            due = oracle.paused(due, unit, begins, ends)
    return due, provisional or (unit != "clock" and oracle.is_open(start, due))


def test_ten_thousand_random_clock_histories_are_due_when_the_minutes_say() -> None:
    luck, tried = random.Random(20261126), 0  # noqa: S311 - seeded, so that a failure comes back
    while tried < 10_500:
        city, oracle = a_city(luck)
        for _ in range(300):
            start, unit, amount = a_promise(luck)
            acts = some_acts(luck, start, unit)
            kept = [
                Extension(amount=length, unit=own) if what == "more"
                else Pause(begins=moment(begins), ends=moment(ends) if ends else None)
                for what, begins, ends, length, own in acts
            ]  # fmt: skip
            due, provisional = by_oracle(oracle, start, unit, amount, acts)
            assert history.reckon(city, moment(start), unit, amount, kept) == (moment(due), provisional), (
                moment(start), unit, amount, kept,
            )  # fmt: skip
            tried += 1


def test_what_the_oracle_adds_up_is_what_a_walk_from_minute_to_minute_meets() -> None:
    luck = random.Random(5)  # noqa: S311 - seeded
    for _ in range(6):
        _, oracle = a_city(luck)
        for _ in range(12):
            start, unit, amount = a_promise(luck)
            due = oracle.ends(start, unit, amount)
            assert oracle.walk(start, unit, amount, 0, 0) == due
            begins = luck.randrange(start, due)
            ends = begins + luck.randrange(1, 4 * DAY)
            assert oracle.walk(start, unit, amount, begins, ends) == oracle.paused(due, unit, begins, ends)


def test_another_zone_or_another_order_of_words_changes_no_date() -> None:
    """Moments are moments: the host's zone and how a history was written down have no effect."""
    acts: list[Act] = [pause("02-24 09:00", "02-26 09:00"), more(3, "wd")]
    abroad = [msgspec.structs.replace(acts[0], begins=at("02-24 09:00").astimezone(tz=None)), acts[1]]
    assert history.reckon(CITY, at("02-13 10:00"), "wd", 5, abroad) == history.reckon(
        CITY, at("02-13 10:00"), "wd", 5, acts
    )
