"""When a person of the staff may be sent a message that is not critical: not in quiet hours, not on rest days.

The city's hours are the rule ``remind.quiet``; a person may wish for more quiet around them, never over office hours.
Lateness counts from the permitted moment (rules.md 6).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from channels import hours, standing
from hotline import city, clock
from hotline.city_nouns import Day

QUIET, REST_DAYS = "remind.quiet", "remind.rest_days"
LONGEST = 40
"""Rest days in a row that are believed in; no holiday is as long."""


def permitted(moment: datetime, wish: str = "", unit: str = "", at_work: str = "") -> datetime:
    """The moment, or the next one at which neither the city's quiet hours nor the person's lie, on a working day.

    A working day of the county in which the person's ``unit`` works; within ``at_work``, the unit's own hours, unless
    they lie wholly in the quiet ones.
    """
    asked = moment
    own = _county_days(unit)
    kept = (str(city.current().rule(QUIET)), wish, "-".join(reversed(at_work.split("-"))))
    edges = [one for text in kept if (one := hours.read(text)) is not None]
    for _ in range(LONGEST):
        later = max((_after(moment, *one) for one in edges), default=moment)
        if later == moment and not _rests(clock.local_day(moment), own):
            return moment
        moment = later if later > moment else clock.on(clock.local_day(moment) + timedelta(days=1))
    return permitted(asked, wish, unit) if at_work else moment


def _after(moment: datetime, begin: time, end: time) -> datetime:
    """The end of the quiet hours that the moment lies in, else the moment."""
    at, day = clock.local(moment).time(), clock.local_day(moment)
    is_quiet = begin <= at < end if begin < end else at >= begin or at < end
    if not is_quiet:
        return moment
    return clock.on(day + timedelta(days=1 if begin > end and at >= begin else 0), end.hour, end.minute)


def _county_days(unit: str) -> Mapping[date, Day]:
    """The days on which the unit's county differs from the city."""
    local = city.current().calendar.local
    place = next((one.jurisdiction for one in standing.upwards(unit) if one.jurisdiction), "") if local else ""
    return local[place].days if place in local else {}


def _rests(day: date, own: Mapping[date, Day]) -> bool:
    """Whether nobody is to be written to on this day: it is a rest day, and the city leaves people alone on those."""
    if str(city.current().rule(REST_DAYS)) != "yes":
        return False
    special = own.get(day) or city.current().calendar.days.get(day)
    return not special.is_working if special is not None else day.weekday() > 4


def is_modest(wish: str) -> bool:
    """Whether a person's wish leaves office hours alone: quiet that begins at 17:00 at the earliest, over by 09:00."""
    edges = hours.read(wish)
    if edges is None:
        return wish == ""
    begin, end = edges
    return (begin >= time(17) or begin < time(9)) and end <= time(9) and not time(9) < begin < time(17)
