"""Messages from a file go through the web form's intake: each once, each a case with a number and a running clock."""

from __future__ import annotations

import gzip
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hotline import db, feeding
from tests.engines import Place

pytestmark = pytest.mark.anyio

PLACES = ("丛台区人民东路", "复兴区百家村", "武安市中山大街", "")
TROUBLES = ("路灯连着三天不亮", "小区门口积水没人管", "公交车站牌倒了", "楼下烧烤摊油烟太大", "自来水发黄")


def a_file(folder: Path, messages: list[dict[str, Any]], name: str = "messages.jsonl") -> Path:
    lines = b"\n".join(msgspec.json.encode(one) for one in messages) + b"\n"
    path = folder / name
    path.write_bytes(gzip.compress(lines) if name.endswith(".gz") else lines)
    return path


def messages(count: int, first: int = 0) -> list[dict[str, Any]]:
    return [
        {
            "id": n,
            "title": "",
            "text": f"{PLACES[n % 4]}{TROUBLES[n % 5]}，第{n}次反映。",
            "place": PLACES[n % 4],
            "label": "passed over",
        }
        for n in range(first, first + count)
    ]


async def test_each_message_becomes_one_case_with_a_number_and_a_running_clock(database: Place, tmp_path: Path) -> None:
    outcome = await feeding.feed(a_file(tmp_path, messages(150), "m.jsonl.gz"), source="first")
    assert (outcome.new, outcome.repeated, outcome.made, outcome.refused) == (150, 0, 150, [])
    assert len(set(outcome.numbers)) == 150
    assert sum((await feeding.states(outcome.numbers)).values()) == 150
    running = await db.pool().fetchval(
        "SELECT count(DISTINCT k.case_id) FROM clock k JOIN request r ON r.case_id = k.case_id "
        "WHERE r.receipt_no = ANY($1) AND k.stopped_at IS NULL", outcome.numbers,
    )  # fmt: skip
    assert running == 150


async def test_feeding_again_changes_nothing_and_another_source_is_another_message(
    database: Place, tmp_path: Path
) -> None:
    file = a_file(tmp_path, messages(20))
    first = await feeding.feed(file, source="a")
    again = await feeding.feed(file, source="a")
    other = await feeding.feed(file, source="b")
    assert (again.new, again.repeated, again.made) == (0, 20, 0)
    assert again.numbers == first.numbers
    assert other.new == 20


async def test_broken_lines_are_told_and_the_rest_goes_on(database: Place, tmp_path: Path) -> None:
    good = messages(2, first=900)
    file = a_file(tmp_path, [good[0], {"id": "x"}, {"text": "没有编号"}, {"id": 7, "text": "长" * 10_001}, good[1]])
    with file.open("ab") as out:
        out.write(b'{"id": 8, "text": "\xff\xfe"}\n\nnot json\n')
    outcome = await feeding.feed(file, source="broken")
    assert (outcome.read, outcome.new) == (7, 2)
    assert [(one.line, one.code) for one in outcome.refused] == [
        (2, "invalid"), (3, "bad_line"), (4, "invalid"), (6, "bad_line"), (8, "bad_line"),
    ]  # fmt: skip


async def test_the_rate_is_kept(database: Place, tmp_path: Path) -> None:
    began = time.monotonic()
    await feeding.feed(a_file(tmp_path, messages(64, first=2000)), rate=80, source="slow")
    assert time.monotonic() - began >= 0.75
