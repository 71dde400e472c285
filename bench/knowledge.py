"""Search of the knowledge over twenty thousand articles: how long it takes, and whether the right one is found.

    python -m bench.knowledge [--articles 20000] [--rounds 400]

The articles are invented: every matter for the whole city and for every county, each asked about in six ways, so that
dozens compete for every question. The questions (knowledge_questions.csv) were written in citizens' words before the
search was tuned. An answer counts when matter, place and what is asked about it are right.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import msgspec

from bench import common
from hotline import city, clock, db, ids, knowledge, knowledge_index
from hotline.actor import SYSTEM_ID
from hotline.embedded import Engines
from routing import guess, models

QUESTIONS = Path(__file__).parent / "knowledge_questions.csv"
LATER = Path(__file__).parent / "knowledge_questions_later.csv"
"""Written after the search stood, by somebody else, and never tuned for: what the hundred no longer tell."""
WORDS = Path(__file__).parents[1] / "hotline" / "data" / "matter_words.csv"
GOAL_MS, GOAL_SHARE = 30.0, 0.85
CHUNK = 2000
ASPECTS = {
    "time": (("多长时间能处理好", "几天能有结果", "办理时限是多少"),
             "{unit}接到后当日受理，一般{n}个工作日内办结并回复；情况复杂的可以延长，延长前会告知您。"),
    "who": (("由哪个部门负责", "归哪里管", "应该找谁反映"),
            "由{unit}负责，您可以直接向它的服务窗口反映，也可以拨打 12345 由热线转交；门口挂有第{n}号公示牌。"),
    "how": (("怎么办理", "怎么反映和投诉", "流程是什么"),
            "请说清时间、地点和经过，有照片的一并提供。{unit}核实后分{n}步处理，每一步都会短信告知您。"),
    "fee": (("收费标准是多少", "要不要交钱", "需要多少费用"),
            "按公示的标准收取，第{n}档，{unit}不另收其他费用；符合减免条件的可以免交，请向窗口出示证明。"),
    "docs": (("需要带什么材料", "要准备哪些证件", "提交什么手续"),
             "请带本人身份证件和能说明情况的证明，共{n}份；材料不全的，{unit}会一次告知您还缺什么。"),
    "late": (("到期没人答复怎么催", "超期了还没处理怎么办", "一直没回复找谁"),
             "满{n}个工作日没有答复的，请报编号，由 12345 催办{unit}；再逾期的转督查。"),
}  # fmt: skip


class Question(msgspec.Struct, frozen=True):
    """What somebody says, where the agent has put them already, and which article answers it."""

    words: str
    given: str
    matter: str
    aspect: str
    county: str


def questions(file: Path = QUESTIONS) -> list[Question]:
    """The hundred, as they were written, or those of another file."""
    with file.open(encoding="utf-8", newline="") as opened:
        return [Question(**row) for row in csv.DictReader(opened)]


def articles(count: int) -> Iterator[tuple[str, str, str, str, list[str], str]]:
    """Key, owner, matter, county, wordings, answer of each: the whole city's first, so that none is left out."""
    rng, snapshot = random.Random(12345), city.current()
    with WORDS.open(encoding="utf-8", newline="") as file:
        phrases = {row["code"]: [one for one in row["words"].split("|") if len(one) <= 16] for row in csv.DictReader(file)}
    made = 0
    for county in ("", *snapshot.jurisdictions):
        place = snapshot.jurisdictions[county].name_zh if county else ""
        for code, matter in snapshot.matters.items():
            unit = snapshot.units[snapshot.lead_unit(code, county or None) or "HOT"]
            for aspect, (asked, answer) in ASPECTS.items():
                if made == count:
                    return
                made += 1
                first, second = rng.sample(phrases[code], 2)
                wordings = [f"{place}{matter.l3_zh}{asked[0]}", f"{first}{asked[1]}", f"{place}{second}{asked[2]}"]
                text = f"{place}{matter.l3_zh}：" + answer.format(unit=unit.name_zh, n=rng.randint(2, 20))
                yield f"{code}.{aspect}.{county}", unit.code, code, county, wordings, text


async def fill(count: int) -> dict[str, str]:
    """Put them in, approved and in force; their keys by their ids."""
    today, now = clock.today(), clock.now()
    review = today + timedelta(days=300)
    keys: dict[str, str] = {}
    made = list(articles(count))
    for start in range(0, len(made), CHUNK):
        chunk = [(ids.new_id(), *one) for one in made[start : start + CHUNK]]
        keys |= {str(one[0]): one[1] for one in chunk}
        async with db.atomic() as connection:
            await connection.copy_records_to_table(
                "article", columns=("id", "owner", "matter", "county", "key", "source", "state", "version", "review_on",
                                    "created_at", "created_by", "changed_at", "retired_why"),
                records=[(i, owner, matter, county, key, "bench", "approved", 1, review, now, SYSTEM_ID, now, "")
                         for i, key, owner, matter, county, _, _ in chunk],
            )  # fmt: skip
            await connection.copy_records_to_table(
                "article_version",
                columns=("article_id", "version", "state", "wordings", "answer", "note", "sources", "matter", "county",
                         "valid_from", "author", "hands", "written_at", "submitted_at", "approver", "decided_at",
                         "reason", "in_from"),
                records=[_version(i, matter, county, wordings, answer, today)
                         for i, _, _, matter, county, wordings, answer in chunk],
            )  # fmt: skip
            await knowledge_index.reindex(connection, [one[0] for one in chunk], today)
    async with db.borrowed() as connection:
        await connection.execute("ANALYZE article, article_version, article_index, article_gram")
    return keys


def _version(article: object, matter: str, county: str, wordings: list[str], answer: str, day: date) -> tuple[object, ...]:
    now, other = clock.now(), ids.new_id()
    return (article, 1, "approved", wordings, answer, "内部提示：核对地址。", "《示例规定》 | 〔2026〕1 号", matter, county, day,
            SYSTEM_ID, [SYSTEM_ID], now, now, other, now, "", day)  # fmt: skip


async def _known() -> dict[str, str]:
    async with db.reading() as connection:
        return {str(row["id"]): row["key"] for row in await connection.fetch("SELECT id, key FROM article")}


async def asked(one: Question, *, is_guessing: bool) -> list[str]:
    """The ids that the search offers, the model's proposals passed in or not."""
    codes = [known.matter for known in guess.suggest(one.words).ranked[:3]] if is_guessing else []
    async with db.reading() as connection:
        hits = await knowledge.search(connection, one.words, county=one.given, matters=codes)
    return [str(hit.id) for hit in hits]


async def quality(
    keys: dict[str, str], *, is_guessing: bool, is_telling: bool = False, file: Path = QUESTIONS
) -> tuple[int, int, int]:
    """How many have the right article first, among the first three; and how many at least the right matter there."""
    first = three = matter = 0
    for one in questions(file):
        found = [keys[hit] for hit in await asked(one, is_guessing=is_guessing)]
        right = f"{one.matter}.{one.aspect}.{one.county}"
        first += found[:1] == [right]
        three += right in found[:3]
        matter += any(key.startswith(one.matter) for key in found[:3])
        if is_telling and right not in found[:3]:
            print("missed", is_guessing, one.words, right, found[:3], flush=True)
    return first, three, matter


async def speed(rounds: int) -> list[float]:
    """Milliseconds of each search as the desk asks: the model's guess is not counted, the query and ranking are."""
    times: list[float] = []
    known = [(one, [hit.matter for hit in guess.suggest(one.words).ranked[:3]]) for one in questions()]
    for n in range(rounds + 20):
        one, codes = known[n % len(known)]
        async with db.reading() as connection:
            began = time.perf_counter()
            await knowledge.search(connection, one.words, county=one.given, matters=codes)
            times.append(1000 * (time.perf_counter() - began))
    return times[20:]


async def main(pair: Engines) -> None:
    """Fill, ask, note."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=400)
    parser.add_argument("--keep", action="store_true", help="ask what an earlier run left in BENCH_FOLDER")
    given = parser.parse_args()
    here = common.settings_of(pair, "knowledge") if given.keep else await common.prepare(pair, "knowledge")
    async with common.house(here):
        lap = common.Lap()
        keys = await _known() if given.keep else await fill(given.articles)
        print(f"{len(keys):,} articles in {lap.seconds:.0f} s", flush=True)
        await models.load()
        is_telling = bool(os.environ.get("BENCH_TELL"))
        plain, guessed, later_plain, later_guessed = [
            await quality(keys, is_guessing=is_guessing, is_telling=is_telling, file=file)
            for file in (QUESTIONS, LATER) for is_guessing in (False, True)
        ]  # fmt: skip
        times = await speed(given.rounds)
    total = len(questions())
    p50, p95 = (common.quantile(times, q) for q in (0.5, 0.95))
    common.note("Search of the knowledge", [
        f"{len(keys):,} articles, {total} questions written before tuning; right matter, place and aspect:",
        "                              first   first three   right matter among three",
        f"words alone                   {plain[0]:>5} {plain[1]:>13} {plain[2]:>14}",
        f"with the model's proposals    {guessed[0]:>5} {guessed[1]:>13} {guessed[2]:>14}",
        f"{len(questions(LATER))} written later, never tuned for: {later_plain[1]} among the first three by words alone, "
        f"{later_guessed[1]} with the model's",
        f"first three: {guessed[1] / total:.0%} (goal {GOAL_SHARE:.0%})",
        f"{given.rounds} searches: p50 {p50:.1f} ms, p95 {p95:.1f} ms (goal {GOAL_MS:.0f})",
    ])  # fmt: skip


if __name__ == "__main__":
    common.run(main)
