"""Administration: people, and the city as data; how the installation runs; the log of acts. No case is read here."""

from __future__ import annotations

from web.admin import (
    access,
    calendar,
    calendar_hours,
    calendar_import,
    home,
    letters,
    line_figures,
    line_plan,
    lines,
    log,
    matters,
    numbers,
    operations,
    people,
    people_import,
    places,
    rules,
    unit_acts,
    units,
)

ROOMS = (
    home, people, people_import, access, units, unit_acts, matters, lines, line_plan, line_figures, numbers, calendar,
    calendar_hours, calendar_import, rules, places, operations, letters, log,
)  # fmt: skip
ROUTES = [route for room in ROOMS for route in room.ROUTES]
