"""What a new installation starts with: the city's reference data, and for a demo its people."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import asyncpg
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from hotline import clock, db, ids
from hotline.city import load
from hotline.demo_people import PASSWORD, PEOPLE, DemoPerson
from hotline.places import DATA

_Read = Callable[[str], Any]


def _text(value: str) -> str | None:
    return value or None


def _day(value: str) -> date | None:
    return date.fromisoformat(value) if value else None


def _list(value: str) -> list[str]:
    return value.split("|") if value else []


def _number(value: str) -> Decimal | None:
    return Decimal(value) if value else None


def _flag(value: str) -> bool:
    return value == "1"


_COLUMNS: Mapping[str, _Read] = {
    "valid_from": _day, "valid_to": _day, "day": _day, "is_on": _flag, "is_working": _flag, "tier": int,
    "aliases": _list, "clues": _list, "parent": _text, "jurisdiction": _text, "successor": _text, "unit": _text,
    "level": int, "points": int, "amount": _number,
}  # fmt: skip
"""How a cell of the seed files is read; every other column is text as it stands."""

VERSIONED = {
    "jurisdiction": "jurisdictions.csv", "township": "townships.csv", "unit": "units.csv", "matter": "matters.csv",
    "line": "lines.csv", "related_number": "related_numbers.csv",
}  # fmt: skip
"""Loaded only into an empty table: what the city changed since is the city's."""

TOPPED_UP = {
    "calendar_day": ("calendar.csv", "day"), "rule": ("rules.csv", "key"), "ladder_rule": ("ladder.csv", "code"),
}  # fmt: skip
"""Rows whose key is missing are added, so that a new release brings its new rules and days; none is overwritten."""


def rows(file: str) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """The columns and records of a seed file, ready for COPY."""
    with (DATA / file).open(encoding="utf-8", newline="") as text:
        reader = csv.reader(text)
        columns = tuple(next(reader))
        reads = [_COLUMNS.get(column, str) for column in columns]
        return columns, [tuple(read(cell) for read, cell in zip(reads, row, strict=True)) for row in reader]


async def reference() -> None:
    """Load the city's reference data; safe twice and from two processes. Then the snapshot of this process is fresh."""
    async with db.atomic() as connection:
        await connection.execute("SELECT version FROM city_version FOR UPDATE")
        for table, file in VERSIONED.items():
            if not await connection.fetchval(f"SELECT EXISTS (SELECT FROM {table})"):
                columns, records = rows(file)
                await connection.copy_records_to_table(table, records=records, columns=columns)
        for table, (file, key) in TOPPED_UP.items():
            await _top_up(connection, table, file, key)
        await _tell(connection)
    await load()


async def _tell(connection: asyncpg.Connection) -> None:
    """Related numbers of an older installation learn what the agent says; what the city wrote stays."""
    if not await connection.fetchval("SELECT EXISTS (SELECT FROM related_number WHERE say_zh = '')"):
        return  # each statement would count as a change of the city
    columns, records = rows(VERSIONED["related_number"])
    told = [dict(zip(columns, record, strict=True)) for record in records]
    await connection.executemany(
        "UPDATE related_number SET say_zh = $2, say_en = $3, clues = $4 WHERE number = $1 AND say_zh = ''",
        [(one["number"], one["say_zh"], one["say_en"], one["clues"]) for one in told],
    )


async def _top_up(connection: asyncpg.Connection, table: str, file: str, key: str) -> None:
    columns, records = rows(file)
    at = columns.index(key)
    known = {row[key] for row in await connection.fetch(f"SELECT {key} FROM {table}")}
    missing = [record for record in records if record[at] not in known]
    if missing:
        await connection.copy_records_to_table(table, records=missing, columns=columns)


STREET = "130403001"
"""The subdistrict of the demo that takes cases; below it stand the VILLAGES."""
VILLAGES = (
    ("130403001001", "北城社区居民委员会", "Beicheng Community Committee"),
    ("130403001002", "学步桥社区居民委员会", "Xuebuqiao Community Committee"),
)


LEADERS = (
    (STREET, "township", "何畅", "街道办事处主任", ""),
    ("130403", "district", "许明远", "副区长", "congtai_lead"),
    ("GOV", "city", "高志远", "副市长", "mayor"),
)
"""Who coordinates enterprises' requests in the demo: unit, level, name, title, login."""


async def demo() -> None:
    """Reference data and the demo's people; safe twice.

    The parameters are OWASP's least: a password that is printed on the terminal needs no more.
    """
    await reference()
    await _deepen()
    async with db.reading() as connection:
        known = {row["login"] for row in await connection.fetch("SELECT login FROM person")}
    missing = [one for one in PEOPLE if one.login not in known]
    hasher = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19_456, parallelism=1),))
    hashed = await asyncio.to_thread(hasher.hash, PASSWORD)  # one salt for all: everybody can read the password
    await _enter([(one, hashed) for one in missing])
    await _lead()
    await _stand_in()


DESKS = (("CGB", "cgb_deputy", "08:30-17:30"), ("130403", "congtai_deputy", ""))
"""Substitute and hours of units of the demo."""
ACTING, ELSEWHERE = ("congtai_head", "congtai_deputy"), ("congtai_deputy", "unit_liaison", STREET)
"""Who is acted for and by whom; who has a role in another unit, which, and where."""


async def _stand_in() -> None:
    """Substitutes, somebody who acts for the head, and a person with two posts; done once."""
    today = clock.today()
    async with db.atomic() as connection:
        if await connection.fetchval("SELECT EXISTS (SELECT FROM unit_desk)"):
            return
        who = "(SELECT id FROM person WHERE login = ${})".format
        await connection.executemany(
            "INSERT INTO unit_desk (unit, substitute_id, hours, changed_at, changed_by) "
            f"VALUES ($1, {who(2)}, $3, $4, {who(2)})",
            [(*one, clock.now()) for one in DESKS],
        )
        await connection.execute(
            "INSERT INTO delegation (id, person_id, delegate_id, first_day, last_day, made_at, made_by) "
            f"VALUES ($3, {who(1)}, {who(2)}, $4, $5, $6, {who(1)})",
            *ACTING, ids.new_id(), today, today + timedelta(days=29), clock.now(),
        )  # fmt: skip
        await connection.execute(
            f"INSERT INTO role_grant (id, person_id, role, unit, valid_from) VALUES ($4, {who(1)}, $2, $3, $5)",
            *ELSEWHERE, ids.new_id(), today,
        )  # fmt: skip


async def _lead() -> None:
    """The demo's leaders, one a level; done once."""
    async with db.atomic() as connection:
        if await connection.fetchval("SELECT EXISTS (SELECT FROM level_leader)"):
            return
        await connection.executemany(
            "INSERT INTO level_leader (id, unit, level, name, title, person, valid_from) "
            "VALUES ($1, $2, $3, $4, $5, (SELECT id FROM person WHERE login = $6), $7)",
            [(ids.new_id(), *one, clock.today()) for one in LEADERS],
        )


async def _deepen() -> None:
    """The demo's tree down to the fifth tier: a subdistrict in use with two communities below it. Done once."""
    async with db.atomic() as connection:
        if await connection.fetchval("SELECT EXISTS (SELECT FROM unit WHERE tier = 5)"):
            return
        await connection.execute("UPDATE unit SET is_on = TRUE WHERE code = $1 AND valid_to IS NULL", STREET)
        await connection.executemany(
            "INSERT INTO unit (code, name_zh, name_en, kind, tier, parent, jurisdiction, is_on, valid_from) "
            "VALUES ($1, $2, $3, 'village', 5, $4, '130403', TRUE, '1949-10-01')",
            [(*one, STREET) for one in VILLAGES],
        )
    await load()


async def _enter(newcomers: list[tuple[DemoPerson, str]]) -> None:
    """Not by ``people.add``: the demo's password is shorter than it allows, and one transaction does for all."""
    persons = [(ids.new_id(), clock.now(), one, hashed) for one, hashed in newcomers]
    async with db.atomic() as connection:
        await connection.executemany(
            "INSERT INTO person (id, login, name, password_hash, unit, jurisdiction, created_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7)",
            [(id_, one.login, one.name, hashed, one.unit, one.jurisdiction, at) for id_, at, one, hashed in persons],
        )
        await connection.executemany(
            "INSERT INTO role_grant (id, person_id, role, valid_from) VALUES ($1, $2, $3, $4)",
            [
                (ids.new_id(), id_, role, clock.local_day(at))
                for id_, at, one, _ in persons
                for role in one.role.split()
            ],
        )
