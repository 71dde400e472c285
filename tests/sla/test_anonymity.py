"""Open data over random months: behind every published class there are k people, whatever the month looks like."""

from __future__ import annotations

import json
import random
import zlib
from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from uuid import UUID

import msgspec
import pytest

from sla import opendata, opendata_files
from sla.anonymity import ALL, STEPS, WITHHELD, Case, Row, anonymous, people, without

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
GRADES = ("satisfied", "basically_satisfied", "neutral", "dissatisfied", "unrated")


def a_month(seed: int) -> list[Case]:
    """A month of some size and crookedness; some people ask often, some are unknown."""
    chance = random.Random(seed)  # noqa: S311 - drawn again the same
    size, towns, matters = chance.choice([0, 3, 40, 400, 1500]), chance.randint(1, 40), chance.randint(1, 60)
    regulars = chance.randint(1, max(1, size))
    return [
        Case(
            f"case-{n}", date(2026, 10, min(31, 1 + int(chance.expovariate(0.1)))), f"1304{chance.randint(2, 5):02}",
            f"130402{int(chance.triangular(0, towns, 0)):03}" if chance.random() < 0.8 else "",
            f"{chance.randint(1, 4):02}{chance.randint(1, 3):02}{int(chance.triangular(1, matters, 1)):02}",
            chance.choice(["phone", "phone", "phone", "web", "sms"]), chance.choice(["assistance", "complaint"]),
            "0", "2-3", "yes", chance.choices(GRADES, [5, 2, 1, chance.randint(0, 9), 4])[0],
            chance.randint(0, regulars),
        )
        for n in range(size)
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(60))
def test_every_published_class_has_k_people_and_nothing_is_lost_or_made_up(seed: int) -> None:
    cases, k = a_month(seed), 2 + seed % 5
    result = anonymous(cases, k, 50)
    assert all(people(group) >= k for group in result.classes.values())
    rows = Counter(row.shown for row in result.rows)
    assert rows == {shown: len(group) for shown, group in result.classes.items()}
    assert min(rows.values(), default=k) >= k
    assert len(result.rows) + result.suppressed == len(cases)
    assert sum(result.by_step.values()) == len(result.rows)


@pytest.mark.parametrize("seed", range(0, 60, 5))
def test_cases_that_look_alike_stay_together_and_only_what_must_be_is_made_coarse(seed: int) -> None:
    cases, k = a_month(seed), 5
    result = anonymous(cases, k, 50)
    shown = {case.id: one for one, group in result.classes.items() for case in group}
    alike = defaultdict(set)
    for case in cases:
        alike[STEPS[0].of(case)].add(shown.get(case.id))
    assert all(len(found) == 1 for found in alike.values())
    for fine, found in alike.items():
        one = next(iter(found))
        group = [case for case in cases if STEPS[0].of(case) == fine]
        assert (one == fine) == (people(group) >= k)


def one_case(name: str, grade: str, who: int) -> Case:
    """A case like all others of its kind."""
    return Case(name, date(2026, 10, 1), "130402", "", "010101", "web", "complaint", "0", "0", "yes", grade, who)


def test_somebody_who_asks_ten_times_is_one_person_and_all_unknown_are_one() -> None:
    often = [one_case(f"o{n}", "unrated", 7) for n in range(10)]
    unknown = [one_case(f"u{n}", "unrated", 0) for n in range(10)]
    assert anonymous([*often, *unknown], 3, 50).rows == []
    assert len(anonymous([*often, *unknown], 2, 50).rows) == 20


def test_where_most_were_dissatisfied_no_grade_is_told() -> None:
    def of(grades: list[str]) -> set[str]:
        cases = [one_case(f"{n}", one, n + 1) for n, one in enumerate(grades)]
        return {row.grade for row in anonymous(cases, 5, 50).rows}

    assert of(["dissatisfied"] * 3 + ["satisfied"] * 2) == {WITHHELD}
    assert of(["dissatisfied"] * 2 + ["satisfied"] * 3) == {"dissatisfied", "satisfied"}
    often = [one_case(f"o{n}", "satisfied", 1) for n in range(20)]
    others = [one_case(f"d{n}", "dissatisfied", n + 2) for n in range(4)]
    assert {row.grade for row in anonymous([*often, *others], 5, 50).rows} == {WITHHELD}, "one of five is satisfied"


def test_how_few_were_left_out_is_told_in_no_file() -> None:
    row = opendata.ReleaseRow(
        id=UUID(int=1), month=date(2026, 10, 1), version=1, made_at=NOON, made_by=UUID(int=2), k=5, harsh_share=50,
        licence="CC-BY-4.0", frozen=b"", frozen_hash="", report="{}",
    )  # fmt: skip
    for few, told in ((0, 0), (3, "<5"), (7, 7)):
        cases = [one_case(f"c{n}", "unrated", n + 1) for n in range(5)]
        alone = [one_case(f"a{n}", "unrated", 0) for n in range(few)]
        far = [msgspec.structs.replace(one, matter=f"{n + 20}0101") for n, one in enumerate(alone)]
        row.frozen = zlib.compress(msgspec.json.encode(opendata.Frozen([*cases, *far], {})))
        package = json.loads(opendata.files_of(row)["datapackage.json"])
        assert package["hotline:anonymity"]["suppressed"] == told


@pytest.mark.parametrize("seed", range(0, 60, 6))
def test_another_version_loses_whole_classes_so_that_the_difference_names_nobody(seed: int) -> None:
    cases = a_month(seed)
    before = anonymous(cases, 5, 50)
    gone = frozenset(case.id for case in random.Random(seed).sample(cases, min(3, len(cases))))  # noqa: S311 - the same
    after = without(cases, gone, 5, 50)
    lost = {case.id for case in cases} - {case.id for case in after}
    assert gone <= lost
    for group in before.classes.values():
        kept = [case for case in group if case.id not in lost]
        assert kept in ([], group)


def test_the_same_rows_give_the_same_files_and_every_value_is_in_the_schema() -> None:
    result = anonymous(a_month(3), 5, 50)
    about = opendata_files.About(month="2026-10", version=1, made_at=NOON, k=5, licence="CC-BY-4.0", report={})
    names = {"county": {ALL: ("不分", "not told")}}
    one = opendata_files.made(result.rows, names, about)
    assert one == opendata_files.made(list(result.rows), names, about)
    assert set(one) == {f"requests-2026-10.{kind}" for kind in ("csv", "json", "xlsx")} | {"datapackage.json"}
    columns = {column: set(values) for column, values in opendata_files.VALUES.items()}
    for row in result.rows:
        assert _values(row) <= columns["door"] | columns["kind"] | columns["grade"] | columns["on_time"]


def _values(row: Row) -> set[str]:
    return {row.shown.door, row.shown.kind, row.grade, row.on_time}


