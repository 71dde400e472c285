"""The calendar as reference data: read from its tables, and the verbs that change a county's days and anybody's hours.

The past stays: due dates were reckoned by it (rules.md 9). What a change moves is ``sla.recompute``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from hotline import db
from hotline.city_nouns import CalendarDays, Day, LocalDays
from hotline.errors import Say

Record = Mapping[str, Any]


def read_calendar(
    days: Iterable[Record], local: Iterable[Record], hours: Iterable[Record], known_from: date, known_to: date
) -> CalendarDays:
    """The calendar of a snapshot; ``hours`` in the order in which they begin."""
    turns: dict[str, list[tuple[date, str]]] = {}
    for row in hours:
        turns.setdefault(row["jurisdiction"], []).append((row["valid_from"], row["hours"]))
    own: dict[str, dict[date, Day]] = {code: {} for code in turns if code}
    for row in local:
        own.setdefault(row["jurisdiction"], {})[row["day"]] = day_of(row)
    return CalendarDays(
        {row["day"]: day_of(row) for row in days}, known_from, known_to, tuple(turns.get("", ())),
        {code: LocalDays(found, tuple(turns.get(code, ()))) for code, found in own.items()},
    )  # fmt: skip


def day_of(row: Record) -> Day:
    """A row of a table of days."""
    return Day(row["is_working"], Say(row["name_zh"], row["name_en"]))


async def days_between(
    connection: db.Connection, jurisdiction: str, first: date, last: date
) -> Sequence[Record]:
    """The special days of the city ("") or of a county, in order."""
    table, where = ("local_day", "jurisdiction = $3") if jurisdiction else ("calendar_day", "$3 = ''")
    rows: Sequence[Record] = await connection.fetch(
        f"SELECT day, is_working, name_zh, name_en FROM {table} WHERE day BETWEEN $1 AND $2 AND {where} ORDER BY day",
        first, last, jurisdiction,
    )  # fmt: skip
    return rows


async def set_local_day(connection: db.Connection, jurisdiction: str, day: date, what: Day | None) -> None:
    """Give a county a day of its own; None: it has the city's again."""
    await connection.execute("DELETE FROM local_day WHERE jurisdiction = $1 AND day = $2", jurisdiction, day)
    if what is not None:
        await connection.execute(
            "INSERT INTO local_day (jurisdiction, day, is_working, name_zh, name_en) VALUES ($1, $2, $3, $4, $5)",
            jurisdiction, day, what.is_working, what.name.zh, what.name.en,
        )  # fmt: skip


async def set_hours(connection: db.Connection, jurisdiction: str, valid_from: date, hours: str) -> None:
    """The hours of a working day from a day on, of the city ("") or of a county ("" as hours: the city's again)."""
    await connection.execute(
        "INSERT INTO working_hours (jurisdiction, valid_from, hours) VALUES ($1, $2, $3) "
        "ON CONFLICT (jurisdiction, valid_from) DO UPDATE SET hours = excluded.hours",
        jurisdiction, valid_from, hours,
    )  # fmt: skip


async def drop_hours(connection: db.Connection, jurisdiction: str, valid_from: date) -> None:
    """Take back hours that have not begun."""
    await connection.execute(
        "DELETE FROM working_hours WHERE jurisdiction = $1 AND valid_from = $2", jurisdiction, valid_from
    )


async def replace_year(connection: db.Connection, year: int, since: date, days: Mapping[date, Day]) -> None:
    """Put a year's arrangement in force from ``since`` on: what the table had of it goes."""
    await connection.execute(
        "DELETE FROM calendar_day WHERE day BETWEEN $1 AND $2", max(since, date(year, 1, 1)), date(year, 12, 31)
    )
    records = [(day, what.is_working, what.name.zh, what.name.en) for day, what in days.items() if day >= since]
    await connection.copy_records_to_table(
        "calendar_day", records=records, columns=("day", "is_working", "name_zh", "name_en")
    )
