"""The files of a month's open data: CSV, JSON, a spreadsheet, and the data package that describes them. Pure.

The description follows the Data Package standard (frictionless); columns and their values are listed here once.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256

import msgspec

from cases import states
from cases.wording import CHANNELS
from hotline import xlsx
from hotline.canon import moment
from hotline.errors import Say
from sla.anonymity import ALL, STEPS, WITHHELD, Row
from sla.opendata_rows import BANDS, MORE, OPEN

Names = Mapping[str, Mapping[str, tuple[str, str]]]
"""By column (county, township, matter): a code's names in Chinese and English."""
LICENCES = {"CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/"}
STEP_SAYS: dict[str, Say] = {
    "day": Say("日、街道、具体事项、渠道、类型", "day, subdistrict, matter, door, kind"),
    "week": Say("周代替日", "week instead of day"),
    "month": Say("月代替周", "month instead of week"),
    "county": Say("区县代替街道", "district instead of subdistrict"),
    "group": Say("事项小类代替具体事项", "group of matters instead of matter"),
    "division": Say("事项大类代替小类", "division instead of group"),
    "door": Say("不分渠道", "no door"),
    "kind": Say("不分类型", "no kind"),
    "city": Say("不分区县", "no district"),
}
_BANDS = [*(name for _, name in BANDS), MORE, OPEN]
_ANY = {ALL: Say("不分", "not told")}
VALUES: dict[str, dict[str, Say]] = {
    "detail": STEP_SAYS,
    "door": {**CHANNELS, **_ANY},
    "kind": {**{code: say for code, say in states.KINDS.items() if code != "report"}, **_ANY},
    "first_answer_days": {one: Say(f"{one} 天", f"{one} days") for one in _BANDS[:-1]}
    | {OPEN: Say("还没有", "not yet")},
    "finish_days": {one: Say(f"{one} 天", f"{one} days") for one in _BANDS[:-1]}
    | {OPEN: Say("未办结", "not finished")},
    "on_time": {
        "yes": Say("按时", "on time"), "no": Say("超时", "late"),
        OPEN: Say("未办结或没有时限", "unfinished, or no date"),
        "excluded": Say("按规定不计", "not counted, by rule"),
    },
    "grade": {
        **states.GRADES, "unrated": Say("未评价", "Not rated"),
        WITHHELD: Say("同类里不满意的多，不公布", "withheld: most in this class were dissatisfied"),
    },
}  # fmt: skip
"""The values of the columns that have a fixed list."""
COLUMNS: dict[str, Say] = {
    "month": Say("诉求提出的月份", "month of filing"),
    "period": Say("提出的日、周（ISO 8601）或月", "day, week (ISO 8601) or month of filing"),
    "detail": Say("这一行公布到多细", "how fine this row is"),
    "county": Say("区县代码，* 为不分", "district code, * not told"),
    "county_name": Say("区县", "district"),
    "township": Say("乡镇、街道代码，* 为不分，空为不详", "subdistrict code, * not told, empty unknown"),
    "township_name": Say("乡镇、街道", "subdistrict"),
    "matter": Say("事项代码：6 位具体事项，4 位小类，2 位大类", "code: 6 digits matter, 4 group, 2 division"),
    "matter_name": Say("事项", "matter"),
    "door": Say("渠道", "door"),
    "kind": Say("诉求类型", "kind of request"),
    "first_answer_days": Say("到首次联系或答复的自然日", "calendar days to first contact or answer"),
    "finish_days": Say("到办结的自然日", "calendar days until closed"),
    "on_time": Say("是否按承诺时限办理", "whether it was handled by its date"),
    "grade": Say("评价", "rating"),
}


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What the package says of itself; ``report`` is how anonymity was reached."""

    month: str
    version: int
    made_at: datetime
    k: int
    licence: str
    report: Mapping[str, object]


def made(rows: Sequence[Row], names: Names, about: About) -> dict[str, bytes]:
    """The files by name. The same rows, names and facts give the same bytes."""
    records = [_record(row, names, about.month) for row in rows]
    stem = f"requests-{about.month}"
    found = {
        f"{stem}.csv": _csv(records),
        f"{stem}.json": msgspec.json.encode([dict(zip(COLUMNS, one, strict=True)) for one in records]) + b"\n",
        f"{stem}.xlsx": _workbook(records, about),
    }
    found["datapackage.json"] = _package(found, about)
    return found


def _record(row: Row, names: Names, month: str) -> list[str]:
    one = row.shown
    return [
        month, one.period, row.step, one.county, _name(names, "county", one.county), one.township,
        _name(names, "township", one.township), one.matter, _name(names, "matter", one.matter), one.door, one.kind,
        row.first_answer, row.finish, row.on_time, row.grade,
    ]  # fmt: skip


def _name(names: Names, column: str, code: str) -> str:
    return names.get(column, {}).get(code, ("", ""))[0]


def _csv(records: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(records)
    return out.getvalue().encode()


def _workbook(records: Iterable[Sequence[str]], about: About) -> bytes:
    codes = [[column, code, say.zh, say.en] for column, values in VALUES.items() for code, say in values.items()]
    return xlsx.workbook([
        (about.month, [list(COLUMNS), *records]),
        ("columns", [["column", "说明", "meaning"], *([name, say.zh, say.en] for name, say in COLUMNS.items())]),
        ("values", [["column", "value", "含义", "meaning"], *codes]),
        ("about", [["licence", about.licence], ["version", about.version], ["made", moment(about.made_at)],
                   ["k", about.k], *([name, str(value)] for name, value in about.report.items())]),
    ])  # fmt: skip


def fields() -> list[dict[str, object]]:
    """The columns as a Table Schema has them."""
    found = []
    for name, say in COLUMNS.items():
        field: dict[str, object] = {"name": name, "type": "string", "title": say.zh, "description": say.en}
        if name in VALUES:
            field["constraints"] = {"required": True, "enum": list(VALUES[name])}
            field["hotline:values"] = {code: [one.zh, one.en] for code, one in VALUES[name].items()}
        found.append(field)
    return found


_MEDIA = {
    "csv": "text/csv", "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip


def media_type(name: str) -> str:
    """The media type of a file of the package."""
    kind = _MEDIA[name.rpartition(".")[2]]
    return f"{kind}; charset=utf-8" if name.endswith((".csv", ".json")) else kind


def _package(files: Mapping[str, bytes], about: About) -> bytes:
    resources = [
        {
            "name": name.replace(".", "-"), "path": name, "format": name.rpartition(".")[2],
            "mediatype": _MEDIA[name.rpartition(".")[2]], "encoding": "utf-8", "bytes": len(data),
            "hash": f"sha256:{sha256(data).hexdigest()}",
            **({"profile": "tabular-data-resource", "schema": {"fields": fields(), "missingValues": [""]}}
               if name.endswith(".csv") else {}),
        }
        for name, data in files.items()
    ]  # fmt: skip
    package = {
        "profile": "tabular-data-package", "name": f"hotline-requests-{about.month}", "version": f"{about.version}.0.0",
        "title": f"12345 热线诉求 {about.month} / Requests to the 12345 hotline, {about.month}",
        "created": moment(about.made_at),
        "licenses": [{"name": about.licence, "path": LICENCES.get(about.licence, "")}],
        "resources": resources,
        "hotline:anonymity": {"k": about.k, "over": ["period", "township", "matter", "door", "kind"],
                              "steps": [step.name for step in STEPS], **about.report},
    }  # fmt: skip
    return msgspec.json.format(msgspec.json.encode(package), indent=1) + b"\n"
