"""`hotline due`: the golden vectors of the published 2026 calendar on the command line, whatever the host thinks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner

from hotline.cli import hotline
from tests.vectors import OFFICIAL_2026
from tests.zones import host_in

WHO = {1: ("CON1", "finish"), 3: ("NOTICE3", "finish"), 5: ("STD5", "finish")}


def asked(*options: str) -> Any:
    return CliRunner().invoke(hotline, ["due", "--shipped", *options])


def answer(*options: str) -> dict[str, Any]:
    result = asked("--json", *options)
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.output)
    return found


@pytest.fixture(params=["Asia/Shanghai", "America/New_York"])
def host(request: pytest.FixtureRequest) -> Iterator[str]:
    """The host's own zone, which is not the city's business."""
    with host_in(request.param):
        yield request.param


@pytest.mark.parametrize(("start", "n", "due"), OFFICIAL_2026)
def test_the_golden_vectors_come_out_of_the_command(host: str, start: str, n: int, due: str) -> None:
    profile, stage = WHO[n]
    for begins in (f"{start}T10:00+08:00", f"{start}T02:00Z"):
        found = answer("--profile", profile, "--stage", stage, "--from", begins)
        assert found["due"] == f"{due}T18:00:00+08:00", host
        assert found["provisional"] is False
        assert found["explanation"].startswith("为何 ")


def test_the_answer_explains_itself_in_a_sentence() -> None:
    found = answer("--profile", "std5", "--from", "2026-02-13T10:00+08:00")
    assert found["explanation"] == (
        "为何 2月27日（周五）18:00？ 档案 STD5：办结 5 个工作日 "
        "次日起数，当日不算；跳过 2月15–23日（春节）；2月14日补班，算 1 天；无暂停、无延期；按档案第 1 版。"
    )
    said = asked("--profile", "STD5", "--from", "2026-02-13T10:00+08:00", "--lang", "en").output
    assert "skips 15–23 Feb (Spring Festival)" in said
    assert "By the calendar and profiles shipped" in said
    assert answer("--profile", "STD5", "--from", "2026-12-30T10:00+08:00")["provisional"] is True
    minutes = answer("--profile", "EMG2H", "--stage", "sign_off", "--from", "2026-02-16T23:50+08:00")
    assert minutes["due"] == "2026-02-17T00:05:00+08:00"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--profile", "STD6", "--from", "2026-02-13T10:00+08:00"), "没有“STD6”这个档案"),
        (("--profile", "NOTICE3", "--stage", "first_contact", "--from", "2026-02-13T10:00+08:00"), "NOTICE3 没有"),
        (("--profile", "STD5", "--from", "13.2.2026"), "带时区"),
        (("--profile", "STD5", "--from", "2026-02-13T10:00"), "带时区"),
        (("--profile", "STD5", "--from", "1850-02-13T10:00+08:00"), "1900 至 2199"),
        (("--profile", "STD5", "--from", "2199-12-31T10:00+08:00"), "1900 至 2199"),
        (("--profile", "STD5"), "--from"),
    ],
)
def test_bad_input_is_a_sentence_and_exit_code_2(options: tuple[str, ...], sentence: str) -> None:
    result = asked(*options)
    assert result.exit_code == 2
    assert sentence in result.output
    assert "Traceback" not in result.output


def test_another_zone_and_another_clock_of_the_host_change_nothing() -> None:
    line = [sys.executable, "-m", "hotline", "due", "--shipped", "--json", "--profile", "STD5", "--from"]
    strange = {**os.environ, "TZ": "America/New_York", "HOTLINE_TIME_SHIFT": "-40000000"}
    said = subprocess.run(
        [*line, "2026-02-13T10:00+08:00"], env=strange, capture_output=True, text=True, check=True, timeout=60
    )
    assert json.loads(said.stdout)["due"] == "2026-02-27T18:00:00+08:00"
