"""The mapping of a legacy export: a small TOML file, documented in docs/import.md, checked against the city."""

from __future__ import annotations

import codecs
import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from cases.states import CLOSE_REASONS, GRADES, KINDS, URGENCIES
from hotline.city import CITY, City
from hotline.errors import Say, invalid

Column = str | list[str]


class Columns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which column holds what; only the number, the opening time and the words are a must. Lists are joined."""

    number: str
    opened: str
    words: Column
    target: str = ""
    closed: str = ""
    status: str = ""
    reason: str = ""
    note: Column = ""
    title: Column = ""
    place: Column = ""
    matter: str = ""
    unit: str = ""
    county: str = ""
    township: str = ""
    kind: str = ""
    urgency: str = ""
    line: str = ""
    grade: str = ""
    phone: str = ""
    name: str = ""
    address: str = ""
    source: str = ""


class Status(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which words of the status column mean open, and which closed."""

    open: list[str] = []
    closed: list[str] = []


class Defaults(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an empty cell (or a missing column) means.

    ``unknown`` names the coded columns where it also serves for a value that no map knows.
    """

    kind: str = "assistance"
    urgency: str = "normal"
    county: str = CITY
    line: str = "12345"
    matter: str = ""
    unit: str = ""
    reason: str = ""
    unknown: list[str] = []


class MapFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file as it is written. A table named as a coded column turns the old system's words into our codes."""

    system: str
    columns: Columns
    zone: str = "Asia/Shanghai"
    encoding: str = "utf-8"
    delimiter: str = ","
    sheet: str = ""
    dates: tuple[str, ...] = ("%Y-%m-%d %H:%M:%S",)
    ambiguous: str = "refuse"
    earliest: date = date(2000, 1, 1)
    joiner: str = "，"
    find_place: bool = False
    status: Status = Status()
    defaults: Defaults = Defaults()
    matter: dict[str, str] = {}
    unit: dict[str, str] = {}
    county: dict[str, str] = {}
    township: dict[str, str] = {}
    kind: dict[str, str] = {}
    urgency: dict[str, str] = {}
    line: dict[str, str] = {}
    reason: dict[str, str] = {}
    grade: dict[str, str] = {}


CODED = ("matter", "unit", "county", "township", "kind", "urgency", "line", "reason", "grade")


class Rules(msgspec.Struct, frozen=True):
    """The mapping ready for use, with the digest that tells two mappings apart."""

    file: MapFile
    zone: ZoneInfo
    digest: bytes


def load(path: Path, city: City) -> Rules:
    """Read and check a mapping. Raises the 422 refusal that names each thing to mend."""
    raw = path.read_bytes()
    try:
        file = msgspec.convert(tomllib.loads(raw.decode("utf-8-sig")), MapFile)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise invalid({path.name: Say(f"对照文件读不通：{error}", f"The mapping cannot be read: {error}")}) from None
    wrong = _wrong(file, city)
    try:
        zone = ZoneInfo(file.zone)
    except (ZoneInfoNotFoundError, ValueError):
        wrong["zone"] = Say(f"没有时区 {file.zone}。", f"There is no time zone {file.zone}.")
    if wrong:
        raise invalid(wrong, "bad_mapping")
    return Rules(file, zone, sha256(raw).digest())


def _wrong(file: MapFile, city: City) -> dict[str, Say]:
    wrong: dict[str, Say] = {}
    if not file.system.strip() or len(file.system) > 40:
        wrong["system"] = Say("请给原系统一个短名。", "Give the former system a short name.")
    try:
        codecs.lookup(file.encoding)
    except LookupError:
        wrong["encoding"] = Say(f"没有编码 {file.encoding}。", f"There is no encoding {file.encoding}.")
    if len(file.delimiter) != 1:
        wrong["delimiter"] = Say("分隔符是一个字符。", "The delimiter is one character.")
    if file.ambiguous not in {"refuse", "earlier", "later"}:
        wrong["ambiguous"] = Say("只能是 refuse、earlier 或 later。", "Must be refuse, earlier or later.")
    if not file.dates:
        wrong["dates"] = Say("请写出日期格式。", "Name the date formats.")
    if file.earliest < date(2000, 1, 1):
        wrong["earliest"] = Say(
            "受理编号只有两位年份，不早于 2000-01-01。", "Receipt numbers have two-digit years: not before 2000-01-01."
        )
    if file.columns.status and not (file.status.open and file.status.closed):
        wrong["status"] = Say(
            "请写明哪些状态是未办结、哪些是已办结。", "Say which statuses mean open and which closed."
        )
    known = checks(city)
    for name in CODED:
        codes = [*getattr(file, name).values(), getattr(file.defaults, name, "")]
        bad = sorted({code for code in codes if code and not known[name](code)})
        if bad:
            listed = "、".join(bad)
            wrong[name] = Say(f"本市没有这些代码：{listed}。", f"The city has no such codes: {listed}.")
    return wrong


def checks(city: City) -> Mapping[str, Callable[[str], bool]]:
    """For each coded column, whether a code is one of ours."""
    return {
        "matter": lambda code: city.matter(code) is not None,
        "unit": lambda code: city.unit(code) is not None,
        "county": lambda code: code == CITY or city.any_jurisdiction(code) is not None,
        "township": lambda code: city.township(code) is not None,
        "kind": KINDS.__contains__,
        "urgency": URGENCIES.__contains__,
        "line": lambda code: city.line(code) is not None,
        "reason": CLOSE_REASONS.__contains__,
        "grade": GRADES.__contains__,
    }
