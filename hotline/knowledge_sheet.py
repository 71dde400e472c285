"""Articles as a sheet: CSV, XLSX or JSON read into lines, each good or refused with its reason; and written again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from hotline import city, clock, tables_in
from hotline import knowledge_checks as checks
from hotline.errors import Say
from hotline.knowledge_rows import Article, Version, Words
from hotline.tables_in import wrong

MOST_ROWS, MOST_BYTES = 30_000, 20_000_000
COLUMNS: dict[str, tuple[Say, frozenset[str]]] = {
    "key": (Say("编号", "key"), frozenset({"编号", "知识编号", "key", "id"})),
    "owner": (Say("归口单位", "unit"), frozenset({"归口单位", "单位", "owner", "unit"})),
    "matter": (Say("事项", "matter"), frozenset({"事项", "事项编码", "matter"})),
    "county": (Say("适用地方", "place"), frozenset({"适用地方", "县区", "区县", "county", "place"})),
    "wordings": (Say("问法", "wordings"), frozenset({"问法", "问题", "wordings", "question"})),
    "answer": (Say("答复", "answer"), frozenset({"答复", "给市民的答复", "answer"})),
    "note": (Say("坐席提示", "note"), frozenset({"坐席提示", "提示", "note"})),
    "sources": (Say("依据", "sources"), frozenset({"依据", "来源", "sources"})),
    "valid_from": (Say("起始日", "valid_from"), frozenset({"起始日", "生效日期", "valid_from"})),
    "valid_to": (Say("截止日", "valid_to"), frozenset({"截止日", "失效日期", "valid_to"})),
    "review_on": (Say("复核日期", "review_on"), frozenset({"复核日期", "review_on"})),
}
"""What a column may be called. Wordings stand apart by |, sources by line breaks or ；."""
NEEDED = ("owner", "matter", "wordings", "answer", "sources")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T].*)?")
_UNPRINTED = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_DATES = ("valid_from", "valid_to", "review_on")
_WHOLE = frozenset({"", "全市", "city", "whole city", "the whole city"})


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One article of the sheet; ``key`` is its id there, else ``spare``, which is made of unit and question."""

    row: int
    key: str
    spare: str
    owner: str
    words: Words


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """Why a line is refused: the column and what is wrong with it."""

    row: int
    column: Say
    say: Say
    value: str = ""


def read(data: bytes, name: str) -> tuple[list[Line], list[Fault], int]:
    """Good lines, faults, and how many lines there were. 422 beside ``sheet`` for a file that is none."""
    if len(data) > MOST_BYTES:
        raise wrong(Say("文件超过 20 MB，请分开导入。", "The file is over 20 MB; split it."))
    given = _json(data) if name.lower().endswith(".json") else _table(data, name)
    if not given:
        raise wrong(Say("文件里没有知识。", "There are no articles in the file."))
    if len(given) > MOST_ROWS:
        raise wrong(Say(f"一次最多 {MOST_ROWS} 行，请分开导入。", f"At most {MOST_ROWS} rows; split the file."))
    names = _names()
    good: list[Line] = []
    faults: list[Fault] = []
    seen: dict[str, int] = {}
    for row, fields in given:
        line, found = _line(row, fields, names)
        if line is not None and line.key in seen:
            found = [fault(row, "key", Say(f"与第 {seen[line.key]} 行是同一条。",
                                            f"The same article as in line {seen[line.key]}."))]  # fmt: skip
        if line is None or found:
            faults += found
        else:
            seen[line.key] = row
            good.append(line)
    return good, faults, len(given)


def _table(data: bytes, name: str) -> list[tuple[int, dict[str, str]]]:
    rows = list(tables_in.rows(data, name))
    if not rows:
        return []
    places: dict[str, int] = {}
    for at, cell in enumerate(rows[0][1]):
        head = tables_in.plain(cell).lower()
        places |= {code: at for code, (_, names) in COLUMNS.items() if head in names and code not in places}
    missing = [COLUMNS[code][0] for code in NEEDED if code not in places]
    if missing:
        zh, en = "、".join(one.zh for one in missing), ", ".join(one.en for one in missing)
        raise wrong(Say(f"缺这些列：{zh}。第一行写列名。", f"Columns are missing: {en}. The first line names them."))
    return [(n, {code: _cell(row, at) for code, at in places.items()}) for n, row in rows[1:]]


def _cell(row: Sequence[object], at: int) -> str:
    """Line breaks stay: answers and sources have them. A mark put before what looks like a formula is taken off."""
    cell = row[at] if at < len(row) else ""
    if not isinstance(cell, str):
        return tables_in.plain(cell)
    text = _clean(cell)
    return text[1:] if text.startswith(("'=", "'+", "'-", "'@")) else text


def _clean(text: str) -> str:
    """Without what no text column takes."""
    return _UNPRINTED.sub("", text.replace("\r\n", "\n")).strip()


def _json(data: bytes) -> list[tuple[int, dict[str, str]]]:
    try:
        found = msgspec.json.decode(data, type=list[dict[str, Any]])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise wrong(Say("JSON 读不出：要一个由对象组成的列表。", "Not the JSON expected: a list of objects.")) from None
    join = {"wordings": "|", "sources": "\n"}
    return [
        (n, {code: _clean(join.get(code, " ").join(map(str, value)) if isinstance(value, list) else str(value or ""))
             for code, value in one.items() if code in COLUMNS})
        for n, one in enumerate(found, 1)
    ]  # fmt: skip


def _names() -> dict[str, dict[str, str]]:
    """Codes by name, for units, matters and counties; names that two have are nobody's."""
    snapshot = city.current()
    return {
        "owner": _unique((one.name_zh, code) for code, one in snapshot.units.items()),
        "matter": _unique((one.l3_zh, code) for code, one in snapshot.matters.items()),
        "county": _unique((one.name_zh, code) for code, one in snapshot.jurisdictions.items()),
    }


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    known: dict[str, str] = {}
    twice: set[str] = set()
    for name, code in pairs:
        if name in known:
            twice.add(name)
        known[name] = code
    return {name: code for name, code in known.items() if name not in twice}


def _line(
    row: int, fields: Mapping[str, str], names: Mapping[str, Mapping[str, str]]
) -> tuple[Line | None, list[Fault]]:
    faults: list[Fault] = []
    days: dict[str, date | None] = {}
    for code in _DATES:
        days[code], is_bad = _day(fields.get(code, ""))
        if is_bad:
            faults.append(fault(row, code, Say("日期读不懂，写成 2026-11-26 这样。", "Not a date such as 2026-11-26."),
                                 fields[code]))  # fmt: skip
    owner = names["owner"].get(fields.get("owner", ""), fields.get("owner", ""))
    if city.current().unit(owner) is None:
        faults.append(fault(row, "owner", Say("没有这个单位，写单位代码或全称。", "No such unit: its code or name."),
                             owner))  # fmt: skip
    county = fields.get("county", "")
    words = Words(
        wordings=tuple(filter(None, (one.strip() for one in re.split(r"[|｜\n]", fields.get("wordings", ""))))),
        answer=fields.get("answer", ""), note=fields.get("note", ""),
        sources="\n".join(filter(None, (one.strip() for one in re.split("[；\n]", fields.get("sources", ""))))),
        matter=names["matter"].get(fields.get("matter", ""), fields.get("matter", "")),
        county="" if county.lower() in _WHOLE else names["county"].get(county, county),
        valid_from=days["valid_from"] or clock.today(), valid_to=days["valid_to"], review_on=days["review_on"],
    )  # fmt: skip
    if words.wordings:
        found = checks.faults(words) | checks.missing(words, clock.today())
    else:
        found = {"wordings": Say("没有写问法。", "The question is missing.")}
    faults += [fault(row, code, say, str(fields.get(code, ""))) for code, say in found.items()]
    if faults:
        return None, faults
    spare = _made_key(owner, words)
    key = fields.get("key", "").strip()[:60] or spare
    return Line(row=row, key=key, spare=spare, owner=owner, words=words), []


def _day(text: str) -> tuple[date | None, bool]:
    if not text:
        return None, False
    match = _DAY.fullmatch(text)
    try:
        return (date(*(int(part) for part in match.groups())), False) if match else (None, True)
    except ValueError:
        return None, True


def _made_key(owner: str, words: Words) -> str:
    digest = hashlib.sha256(f"{owner}\n{words.matter}\n{words.county}\n{words.question}".encode())
    return f"q-{digest.hexdigest()[:16]}"


def fault(row: int, code: str, say: Say, value: str = "") -> Fault:
    """What is wrong with a line, beside the column ``code``."""
    return Fault(row=row, column=COLUMNS[code][0], say=say, value=value[:40])


def heads() -> list[str]:
    """The first line of an export."""
    return [say.zh for say, _ in COLUMNS.values()]


def cells(article: Article, version: Version) -> list[str]:
    """An article as a line of an export, which an import reads again: a review that is past is no date to come."""
    review = article.review_on or version.review_on
    return [
        article.key or article.name, article.owner, version.matter, version.county, "|".join(version.wordings),
        version.answer, version.note, version.sources, str(version.valid_from), str(version.valid_to or ""),
        str(review if review and review > clock.today() else ""),
    ]  # fmt: skip


def record(article: Article, version: Version) -> dict[str, object]:
    """An article as an object of a JSON export."""
    plain = dict(zip(COLUMNS, cells(article, version), strict=True))
    lists = {"wordings": list(version.wordings), "sources": version.sources.splitlines()}
    return {**plain, **lists, "state": article.state, "version": version.version}
