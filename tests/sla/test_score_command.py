"""`hotline score`: what cities published comes out of the presets to the decimal; a sheet that is wrong says where."""

from __future__ import annotations

import json
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from hotline.cli import hotline
from hotline.errors import Refusal

TENTH = Decimal("0.1")
FEBRUARY = """unit,group,satisfaction,on_time,signed,reply
甲,departments,66.67,66.67,80,1
乙,departments,50,100,77.27,0
丙,departments,70.59,100,100,0
"""
AUGUST = """unit,group,satisfaction,on_time,signed
甲,districts,75,100,100
乙,districts,50,100,100
丙,districts,71.43,100,100
丁,districts,50,89.82,100
戊,districts,87.5,100,100
己,districts,5/6,100,100
"""
PANJIN = """unit,completion,satisfaction,third
大洼区,98.06,99.00,100
盘山县,98.44,98.37,100
兴隆台区,97.95,98.44,100
双台子区,96.21,94.01,100
高新区,100,100,100
辽滨,99.25,97.02,100
"""


def scored(folder: Path, preset: str, text: str) -> dict[str, dict[str, Any]]:
    """The rows that the command gives, by unit."""
    sheet = folder / "figures.csv"
    sheet.write_text(text, encoding="utf-8")
    result = CliRunner().invoke(hotline, ["score", "--preset", preset, "--figures", str(sheet), "--json"])
    assert result.exit_code == 0, (result.output, result.exception)
    return {row["unit"]: row for row in json.loads(result.output)["rows"]}


def tenth(text: str) -> Decimal:
    return Decimal(text).quantize(TENTH, ROUND_HALF_UP)


def test_the_eleven_points_that_lianyungang_published_come_out(tmp_path: Path) -> None:
    february = scored(tmp_path, "lianyungang-2022-02", FEBRUARY)
    august = scored(tmp_path, "lianyungang-2022-08", AUGUST)
    published = [
        (february, "甲", "satisfaction", "12.5"), (february, "乙", "satisfaction", "12.5"),
        (february, "丙", "satisfaction", "12.8"), (august, "甲", "satisfaction", "13.5"),
        (august, "乙", "satisfaction", "12.5"), (august, "丙", "satisfaction", "12.5"),
        (august, "丁", "satisfaction", "12.5"), (august, "戊", "satisfaction", "19.75"),
        (august, "己", "satisfaction", "17.67"), (february, "甲", "on_time", "0"), (august, "丁", "on_time", "14.82"),
    ]  # fmt: skip
    assert len(published) == 11
    for sheet, unit, item, points in published:
        got = sheet[unit]["items"][item]
        assert tenth(got["points"]) == tenth(points), (unit, item, got)
    assert Fraction(august["己"]["items"]["satisfaction"]["exact"]) == Fraction(53, 3)
    assert february["甲"]["items"]["signed"]["points"] == february["乙"]["items"]["signed"]["points"] == "0.00"
    assert february["甲"]["items"]["reply"]["points"] == "9.00"


def test_the_six_rows_of_panjin_come_out(tmp_path: Path) -> None:
    rows = scored(tmp_path, "panjin", PANJIN)
    published = {
        "大洼区": "99.3", "盘山县": "99.2", "兴隆台区": "99.1", "双台子区": "97.4", "高新区": "100.0", "辽滨": "99.0",
    }  # fmt: skip
    assert {unit: row["total"] for unit, row in rows.items()} == published
    assert rows["大洼区"]["arithmetic"] == "19.612 + 29.7 + 50 = 99.312，四舍五入为 99.3"
    assert [rows[unit]["rank"] for unit in ("高新区", "大洼区", "双台子区")] == [1, 2, 6]


def test_equals_share_a_place_and_a_handful_has_none(tmp_path: Path) -> None:
    rows = scored(tmp_path, "three-rates", "单位,件数,响应率,解决率,满意率\n甲,40,9/10,90,90\n乙,30,90,90,90\n"
                  "丙,20,100,50,100\n丁,9,1/1,100,100\n戊,0,,,\n")  # fmt: skip
    assert [(row["rank"], row["tier"]) for row in rows.values()] == [
        (1, "advanced"), (1, "advanced"), (3, "rectify"), (None, None), (None, None)
    ]  # fmt: skip
    assert rows["丁"]["total"] == "100.00"
    assert rows["丁"]["items"]["response"]["interval"] == ["20.7", "100.0"]
    assert "不足 10 件" in rows["丁"]["reasons"][0]
    assert "没有派给它的诉求" in rows["戊"]["reasons"][0]


@pytest.mark.parametrize(
    ("text", "where", "why"),
    [
        ("unit,completion,satisfaction\n甲,1,2\n", "line 1, third", "missing"),
        ("unit,completion,satisfaction,third,beauty\n甲,1,2,3,4\n", "line 1, column 5", "Unknown column “beauty”"),
        ("unit,completion,satisfaction,third\n甲,1,2,3\n乙,98,abc,100\n", "line 3, satisfaction", "not a number"),
        ("unit,completion,satisfaction,third\n甲,101,2,3\n", "line 2, completion", "over 100 %"),
        ("unit,completion,satisfaction,third\n甲,-1,2,3\n", "line 2, completion", "negative"),
        ("unit,completion,satisfaction,third\n甲,1/0,2,3\n", "line 2, completion", "divides by nothing"),
        ("unit,completion,satisfaction,third\n甲,NaN,2,3\n", "line 2, completion", "not a number"),
        ("unit,completion,satisfaction,third\n甲,1,2,3\n甲,1,2,3\n", "line 3, unit", "twice"),
        ("unit,completion,satisfaction,third\n", "line 2", "no units"),
    ],
)
def test_a_sheet_that_cannot_be_read_says_in_which_line_and_column(
    tmp_path: Path, text: str, where: str, why: str
) -> None:
    sheet = tmp_path / "figures.csv"
    sheet.write_text(text, encoding="utf-8")
    result = CliRunner().invoke(hotline, ["score", "--preset", "panjin", "--figures", str(sheet)])
    assert result.exit_code == 1
    assert isinstance(result.exception, Refusal)
    assert why in result.exception.fields[where].en, result.exception.fields


def test_an_unknown_preset_is_refused_and_the_columns_of_each_can_be_asked() -> None:
    result = CliRunner().invoke(hotline, ["score", "--preset", "atlantis", "--columns"])
    assert isinstance(result.exception, Refusal)
    assert "panjin" in result.exception.say.en
    listed = CliRunner().invoke(hotline, ["score", "--list"]).output
    for name in ("handan", "lianyungang-2022-02", "panjin", "three-rates", "yulin"):
        assert name in listed
        assert "unit" in CliRunner().invoke(hotline, ["score", "--preset", name, "--columns"]).output
