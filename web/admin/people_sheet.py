"""A sheet of people, line by line: what is wrong beside each line, else what it would do. Twice the same: nothing.

A login's first line is its person; further lines of the same login give roles in another unit. Roles that a sheet does
not name stay: taking away is done by hand, with its date.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

import msgspec

from hotline import city, clock, db, reach, role_pairs
from hotline.errors import Refusal, Say
from hotline.masks import normal_phone
from hotline.roles import ROLES
from routing.sheets import Grid, day_of
from web.forms import EMAIL

COLUMNS = {
    "login": "登录名", "name": "姓名", "unit": "单位", "jurisdiction": "县区", "roles": "角色", "phone": "手机",
    "mail": "邮箱", "from": "第一天", "to": "最后一天",
}  # fmt: skip
NEEDED = ("login", "name", "unit", "roles")
MOST = 500
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")
_ROLES = {say.zh: code for code, (say, _) in ROLES.items()} | {code: code for code in ROLES}


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """One line as it reads; days are None where it names none."""

    line: int
    login: str
    name: str
    unit: str = ""
    jurisdiction: str = ""
    roles: tuple[str, ...] = ()
    phone: str = ""
    mail: str = ""
    first: date | None = None
    last: date | None = None
    has_county: bool = True
    """Whether the sheet has the column at all: without it everybody's county stays."""
    was_new: bool = False
    """Whether the preview was of somebody new: a second click finds them entered, and still owes the slip."""


class Known(msgspec.Struct, kw_only=True):
    """A person as far as the sheet got: what stands, then what earlier lines make of it."""

    id: UUID | None
    name: str
    unit: str
    jurisdiction: str
    is_active: bool = True
    version: int = 1
    held: set[tuple[str, str, str]]
    has_phone: bool = False
    has_mail: bool = False
    is_seen: bool = False


class Line(msgspec.Struct, kw_only=True):
    """A line of the preview: what is wrong with it, or what it does; nothing of either when all stands already."""

    given: Given
    faults: list[Say]
    is_new: bool = False
    moves: bool = False
    grants: list[tuple[str, str, str]] = []
    phone: str = ""
    mail: str = ""
    changes: list[Say] = []

    @property
    def does_nothing(self) -> bool:
        """Whether everything stands as the line says."""
        return not (self.is_new or self.moves or self.grants or self.phone or self.mail)


def read(grid: Grid) -> list[tuple[Given, list[Say]]]:
    """The lines with what is wrong with them by themselves. 422 for more than MOST."""
    if len(grid.rows) > MOST:
        say = Say(f"一次最多 {MOST} 行，请分开。", f"At most {MOST} rows; split the sheet.")
        raise Refusal(422, "too_long", say, fields={"sheet": say})
    return [_given(number, cells) for number, cells in grid.rows]


def _given(number: int, cells: Mapping[str, str]) -> tuple[Given, list[Say]]:
    wrong: list[Say] = []
    days: dict[str, date | None] = {"from": None, "to": None}
    for key in days:
        try:
            days[key] = day_of(cells.get(key, ""))
        except ValueError:
            wrong.append(Say(f"{COLUMNS[key]}写成 2026-11-05。", f"Write “{key}” as 2026-11-05."))
    if cells.get("phone", "") and not normal_phone(cells["phone"]):
        wrong.append(Say("手机号不对。", "This is no mobile number."))
    words = [one for one in re.split(r"[\s,，、;；|]+", cells.get("roles", "")) if one]
    if unknown := [one for one in words if one not in _ROLES]:
        wrong.append(Say(f"没有这种角色：{'、'.join(unknown)}。", f"No such role: {', '.join(unknown)}."))
    one = Given(
        line=number, login=cells.get("login", "").lower(), name=cells.get("name", ""),
        unit=_unit(cells.get("unit", "")), jurisdiction=_county(cells.get("jurisdiction", "")),
        roles=tuple(dict.fromkeys(_ROLES[one] for one in words if one in _ROLES)),
        phone=normal_phone(cells.get("phone", "")), mail=cells.get("mail", ""), first=days["from"], last=days["to"],
        has_county="jurisdiction" in cells,
    )  # fmt: skip
    return one, wrong + list(_faults(one))


def _unit(text: str) -> str:
    """The code of a unit that is named by its code or its Chinese name; what is neither, or of two, as it stands."""
    known = _units_named(text)
    return known[0] if len(known) == 1 and text not in city.current().units else text


def _units_named(text: str) -> list[str]:
    return [code for code, one in city.current().units.items() if one.name_zh == text]


def _county(text: str) -> str:
    named = {one.name_zh: code for code, one in city.current().jurisdictions.items()}
    return text if text in city.current().jurisdictions else named.get(text, text)


def _faults(one: Given) -> Sequence[Say]:
    snapshot, wrong = city.current(), []
    if not _LOGIN.fullmatch(one.login):
        wrong.append(Say("登录名用小写字母、数字和 . _ @ -，2 到 64 位。", "Login: 2 to 64 letters, digits or . _ @ -"))
    if not 0 < len(one.name) <= 60:
        wrong.append(Say("还没写姓名（60 字以内）。", "Enter a name of at most 60 characters."))
    if one.unit and one.unit not in snapshot.units and (codes := _units_named(one.unit)):
        listed = "、".join(codes)
        wrong.append(Say(
            f"有 {len(codes)} 个单位叫{one.unit}，请写代码：{listed}。",
            f"{len(codes)} units are called {one.unit}: write the code ({', '.join(codes)}).",
        ))  # fmt: skip
    elif one.unit and one.unit not in snapshot.units:
        wrong.append(Say(f"没有这个单位：{one.unit[:40]}。", f"No such unit: {one.unit[:40]}."))
    if one.jurisdiction and one.jurisdiction not in snapshot.jurisdictions:
        wrong.append(Say(f"没有这个县区：{one.jurisdiction[:40]}。", f"No such county: {one.jurisdiction[:40]}."))
    if one.phone and not 8 <= len(one.phone.lstrip("+")) <= 15:
        wrong.append(Say("手机号不对。", "This is no mobile number."))
    if one.mail and not re.fullmatch(EMAIL, one.mail):
        wrong.append(Say("邮箱地址不对。", "This is no e-mail address."))
    if one.last is not None and one.last < max(clock.today(), one.first or clock.today()):
        wrong.append(Say("最后一天早于第一天或今天。", "The last day is before the first, or past."))
    return wrong


_PEOPLE = """
    SELECT p.id, p.login, p.name, p.unit, p.jurisdiction, p.is_active, p.version,
        ARRAY(SELECT g.role || '|' || g.unit || '|' || g.jurisdiction FROM role_grant g
            WHERE g.person_id = p.id AND (g.valid_to IS NULL OR g.valid_to >= $2)) AS held
    FROM person p WHERE p.login = ANY($1)
"""


async def planned(connection: db.Connection, lines: Sequence[tuple[Given, list[Say]]]) -> list[Line]:
    """What each line would do to who is there."""
    known = await _known(connection, sorted({one.login for one, _ in lines}))
    return [_line(one, list(wrong), known) for one, wrong in lines]


async def _known(connection: db.Connection, logins: Sequence[str]) -> dict[str, Known]:
    found: dict[str, Known] = {}
    for row in await connection.fetch(_PEOPLE, list(logins), clock.today()):
        own = await reach.of(connection, row["id"])
        held = set()
        for role, unit, county in (line.split("|") for line in row["held"]):
            held.add(_at(role, unit, county, row["unit"], row["jurisdiction"]))
        found[row["login"]] = Known(
            id=row["id"], name=row["name"], unit=row["unit"], jurisdiction=row["jurisdiction"], held=held,
            is_active=row["is_active"], version=row["version"], has_phone=bool(own.sms), has_mail=bool(own.email),
        )  # fmt: skip
    return found


def _at(role: str, unit: str, county: str, own_unit: str, own_county: str) -> tuple[str, str, str]:
    """Role, unit and county of a grant, "" where they are the person's own."""
    return role, "" if unit == own_unit else unit, "" if county == own_county else county


def _line(given: Given, wrong: list[Say], known: dict[str, Known]) -> Line:
    line = Line(given=given, faults=wrong)
    one = known.get(given.login)
    if one is not None and not one.is_active:
        wrong.append(Say("这个登录名的人已经离开，请换一个。", "Whoever had this login left; choose another."))
    if wrong:
        return line
    if one is None:
        one = known[given.login] = Known(
            id=None, name=given.name, unit=given.unit, jurisdiction=given.jurisdiction, held=set()
        )
        line.is_new = True
        line.given = msgspec.structs.replace(given, was_new=True)
        line.changes.append(Say("新增", "new"))
    first_of_login, one.is_seen = not one.is_seen, True
    if first_of_login and not given.has_county:
        given = line.given = msgspec.structs.replace(line.given, jurisdiction=one.jurisdiction)
    if first_of_login:
        _record(line, one)
    elif one.name != given.name:
        wrong.append(Say("同一登录名的姓名不一样。", "The same login has two names."))
    _roles(line, one)
    return line


def _record(line: Line, one: Known) -> None:
    """The person's own line: name, unit, county, number and address."""
    given = line.given
    if (one.name, one.unit, one.jurisdiction) != (given.name, given.unit, given.jurisdiction):
        line.moves = True
        unit, old = city.current().units.get(given.unit), city.current().units.get(one.unit)
        if unit is not old:
            line.changes.append(Say(
                f"单位 {old.name_zh if old else '—'} → {unit.name_zh if unit else '—'}",
                f"unit {old.name_en if old else '—'} → {unit.name_en if unit else '—'}"))  # fmt: skip
        if one.name != given.name:
            line.changes.append(Say(f"姓名 {one.name} → {given.name}", f"name {one.name} → {given.name}"))
        if one.jurisdiction != given.jurisdiction:
            line.changes.append(Say("改县区", "another county"))
        one.name, one.unit, one.jurisdiction = given.name, given.unit, given.jurisdiction
    if given.phone and not one.has_phone:
        line.phone, one.has_phone = given.phone, True
        line.changes.append(Say("填手机（本人核实后启用）", "mobile number, used once proven"))
    if given.mail and not one.has_mail:
        line.mail, one.has_mail = given.mail, True
        line.changes.append(Say("填邮箱（本人核实后启用）", "e-mail, used once proven"))


def _roles(line: Line, one: Known) -> None:
    given = line.given
    for role in given.roles:
        at = _at(role, given.unit, given.jurisdiction, one.unit, one.jurisdiction)
        if at in one.held:
            continue
        one.held.add(at)
        line.grants.append(at)
        name = ROLES[role][0]
        line.changes.append(Say(f"授予{name.zh}", f"grants {name.en}"))
    if line.grants and (pair := role_pairs.clash(role for role, _, _ in one.held)) is not None:
        line.faults.append(pair.say())
