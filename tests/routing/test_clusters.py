"""Clusters and mass requests rise by themselves, and a person settles them."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import combinations
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import likeness, merging
from hotline import clock, db, rebuild
from hotline.errors import Refusal
from hotline.work import work
from routing import cluster_acts, clusters, groups
from routing.groups import Sample
from tests import builders
from tests.engines import Place
from tests.web import house

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 20, 2, tzinfo=clock.UTC)


def sample(place: str = "和平路陵西大街口", words: str = "路灯不亮", **change: object) -> Sample:
    """One case about a street light in 丛台区."""
    given: dict[str, object] = {
        "case": uuid4(), "matter": "020201", "county": "130403", "township": "130403001", "at": NOW,
        "words": likeness.pairs(words), "roads": frozenset(likeness.roads(place)),
    }  # fmt: skip
    return Sample(**{**given, **change})  # type: ignore[arg-type]


def test_the_same_matter_at_the_same_corner_is_the_same_thing() -> None:
    assert groups.is_same(sample(), sample("和平路与陵西大街交叉口"), 200)


def test_another_street_of_the_same_subdistrict_is_another_thing() -> None:
    assert not groups.is_same(sample(words="灯坏了"), sample("人民东路联纺路口", words="晚上太黑看不见"), 200)


def test_a_street_that_only_sounds_alike_is_another_street() -> None:
    assert not groups.is_same(sample("滏西大街北段"), sample("和平路与陵西大街口"), 200)


def test_points_decide_before_words() -> None:
    here, near, far = (36.6123, 114.4912), (36.6130, 114.4918), (36.6323, 114.4912)
    assert groups.is_same(sample(point=here), sample("别处", words="灯", point=near), 200)
    assert not groups.is_same(sample(point=here), sample(point=far), 200)


def test_an_outage_is_one_thing_in_a_whole_subdistrict() -> None:
    one, other = sample("锦绣花园", "没水", is_wide=True), sample("罗城头社区", "停水了", is_wide=True)
    assert groups.is_same(one, other, 200)
    assert not groups.is_same(one, sample("罗城头社区", "停水了", is_wide=True, township="130403002"), 200)


@given(st.lists(st.sampled_from(["和平路陵西大街口", "人民东路联纺路口", "渚河路水厂路口", ""]), max_size=12))
def test_groups_share_no_case_and_do_not_depend_on_the_order(places: list[str]) -> None:
    samples = [sample(place, words=place or "灯") for place in places]
    found = groups.groups(samples, 200)
    ids = [one.case for group in found for one in group]
    assert len(ids) == len(set(ids))
    again = groups.groups(list(reversed(samples)), 200)
    assert {frozenset(one.case for one in g) for g in found} == {frozenset(one.case for one in g) for g in again}


POINTS = st.tuples(st.floats(36.60, 36.61), st.floats(114.48, 114.49))
TOWNS = st.sampled_from(["130403001", "130403002", None])


@given(st.lists(st.tuples(st.none() | POINTS, TOWNS), max_size=9))
def test_no_pair_that_is_the_same_is_left_out(places: list[tuple[tuple[float, float] | None, str | None]]) -> None:
    samples = [sample("和平路口", point=point, township=town) for point, town in places]
    together = {
        frozenset((one.case, other.case)) for g in groups.groups(samples, 200) for one in g for other in g
    }  # fmt: skip
    for one, other in combinations(samples, 2):
        assert not groups.is_same(one, other, 200) or frozenset((one.case, other.case)) in together


def contacts(*days: float, who: str = "") -> list[clusters.Contact]:
    """Requests filed so many days after NOW, each by somebody else unless ``who`` is said."""
    return [
        clusters.Contact(NOW + timedelta(days=d), who or str(n), is_request=True) for n, d in enumerate(days)
    ]


async def test_three_in_three_days_are_a_cluster_and_five_people_in_seven_a_mass_request(database: Place) -> None:
    assert clusters.tally(contacts(0, 1)).size == ""
    assert clusters.tally(contacts(0, 1, 3)).size == "cluster"
    assert clusters.tally(contacts(0, 1.5, 3.1)).size == ""
    assert clusters.tally(contacts(0, 2, 4, 6, 7)).size == "mass"
    assert clusters.tally(contacts(0, 2, 4, 6, 7.1)).size == ""
    assert clusters.tally(contacts(0, 2, 4, 6, 7, who="one")).size == "cluster"
    urged = [clusters.Contact(NOW, "", is_request=False) for _ in range(9)]
    assert clusters.tally([*contacts(0), *urged]).size == "mass"


async def lamps(n: int, first: int = 0) -> list[str]:
    """So many people about one lamp: the numbers of their cases, dispatched."""
    return [
        (await builders.a_receipt(matter="020201", phone=f"1380000{first + i:04}")).number for i in range(n)
    ]  # fmt: skip


async def test_ten_neighbours_rise_as_a_mass_request_with_a_report_and_an_order(
    database: Place, client: httpx.AsyncClient
) -> None:
    async with db.atomic() as connection:
        assert not await connection.fetchval("SELECT count(*) FROM cluster")
    numbers = await lamps(3)
    await builders.a_receipt(matter="020201", is_confidential=True, phone="13800000999")
    assert await clusters.gather() == 1
    assert await clusters.gather() == 0, "a second run finds nothing new"
    async with house.signed_in(client, "dispatcher"):
        page = await house.get(client, "/clusters")
        assert {one for one in ("路灯不亮", "同类聚集", numbers[0]) if one not in page} == set()
    numbers += await lamps(3, first=3)
    assert await clusters.gather() == 1
    async with db.reading() as connection:
        row = await connection.fetchrow("SELECT id, size, report_no, requesters, cases FROM cluster")
        orders = await connection.fetch(
            "SELECT o.rule FROM supervision_order o JOIN cases c ON c.id = o.case_id WHERE c.number = $1", numbers[0]
        )
    assert (row["size"], row["requesters"], row["cases"]) == ("mass", 6, 6)
    assert row["report_no"] == f"专报〔{clock.today().year}〕1号"
    assert [one["rule"] for one in orders] == ["mass"], "level 4: an order to the unit that leads"
    home = f"/clusters/{row['id']}"
    async with house.signed_in(client, "supervisor", name="周静"):
        assert "同类聚集" in await house.get(client, "/board")
        answer = await house.post(client, f"{home}/report", {"report": ""}, page=home)
        assert answer.status_code == 422
        answer = await house.post(client, f"{home}/report", {"report": "线路老化，建议整体更换。"}, page=home)
        assert answer.status_code == 303
        paper = await house.get(client, f"{home}/paper")
        assert "线路老化" in paper
        assert "13800000" not in paper
        assert "王小明" not in paper


async def test_a_dispatcher_merges_a_group_with_one_key_and_a_newcomer_opens_it_again(
    database: Place, client: httpx.AsyncClient
) -> None:
    async with db.reading() as connection:
        row = await connection.fetchrow("SELECT id, parent_id FROM cluster WHERE state = 'open'")
        members = [
            str(one["case_id"])
            for one in await connection.fetch("SELECT case_id FROM cluster_member WHERE cluster_id = $1", row["id"])
        ]
    home = f"/clusters/{row['id']}"
    async with house.signed_in(client, "dispatcher"):
        nothing = await house.post(client, f"{home}/merge", {}, page=home)
        assert nothing.status_code == 422
        assert "请选要并入的诉求" in nothing.text
        out = next(one for one in members if one != str(row["parent_id"]))
        assert (await house.post(client, f"{home}/removal", {"case": out}, page=home)).status_code == 303
        chosen = [one for one in members if one not in (out, str(row["parent_id"]))]
        done = await house.post(client, f"{home}/merge", {"cases": chosen, "reason": "同一根灯杆"}, page=home)
        assert done.status_code == 303, done.text[:3000]
        twice = await house.post(client, f"{home}/merge", {"cases": chosen}, page=home)
        assert twice.status_code == 409
    async with db.reading() as connection:
        assert await connection.fetchval("SELECT state FROM cluster WHERE id = $1", row["id"]) == "settled"
        assert await connection.fetchval("SELECT count(*) FROM request WHERE case_id = $1", row["parent_id"]) == 5
    await lamps(1, first=20)
    assert await clusters.gather() == 1
    async with db.reading() as connection:
        assert await connection.fetchval("SELECT state FROM cluster WHERE id = $1", row["id"]) == "open"


async def test_a_group_that_is_none_is_set_aside_with_a_reason_and_gathers_no_more(
    database: Place, client: httpx.AsyncClient
) -> None:
    async with db.reading() as connection:
        cluster = await connection.fetchval("SELECT id FROM cluster WHERE state = 'open'")
    home = f"/clusters/{cluster}"
    async with house.signed_in(client, "dispatcher"):
        blank = await house.post(client, f"{home}/dismissal", {"why": ""}, page=home)
        assert blank.status_code == 422
        done = await house.post(client, f"{home}/dismissal", {"why": "两处路口，不是一根灯杆"}, page=home)
        assert done.status_code == 303
        assert "两处路口" in await house.get(client, home)
    assert await clusters.gather() == 0
    async with house.signed_in(client, "agent"):
        assert (await client.get("/clusters")).status_code == 403


async def _ids(*numbers: str) -> list[UUID]:
    async with db.reading() as connection:
        rows = await connection.fetch("SELECT id, number FROM cases WHERE number = ANY($1)", list(numbers))
    known = {row["number"]: row["id"] for row in rows}
    return [known[one] for one in numbers]


async def _cluster_of(number: str) -> Any:
    async with db.reading() as connection:
        return await connection.fetchrow(
            "SELECT k.* FROM cluster k JOIN cluster_member m ON m.cluster_id = k.id AND m.left_at IS NULL "
            "JOIN cases c ON c.id = m.case_id WHERE c.number = $1",
            number,
        )


async def _merged(parent: str, *children: str) -> None:
    """By hand, on the page of two abreast."""
    ids = await _ids(parent, *children)
    async with work(await builders.person("dispatcher")) as w:
        files = await merging.opened(w, ids)
        for one in ids[1:]:
            await merging.merge(w, files[ids[0]], files[one])


async def drains(n: int, first: int, matter: str = "020301") -> list[str]:
    """So many people about one blocked drain of another place: nothing of it was gathered before."""
    return [
        (await builders.a_receipt(matter=matter, place="渚河路水厂路口", phone=f"1390000{first + i:04}")).number
        for i in range(n)
    ]


async def test_a_group_whose_head_went_into_another_case_is_merged_by_the_page_all_the_same(
    database: Place, client: httpx.AsyncClient
) -> None:
    numbers = await drains(11, 0)
    await clusters.gather()
    before = await _cluster_of(numbers[0])
    ids = await _ids(*numbers)
    assert (before["size"], before["parent_id"]) == ("mass", ids[0])
    other = (await builders.a_receipt(matter="020301", place="罗城头社区门口", phone="13900000900")).number
    await _merged(other, numbers[0])
    home = f"/clusters/{before['id']}"
    async with house.signed_in(client, "dispatcher"):
        chosen = [str(one) for one in ids[1:]]
        done = await house.post(client, f"{home}/merge", {"cases": chosen}, page=home)
        assert done.status_code == 303, done.text[:2000]
        assert "没有还能并入的" in await house.get(client, home)
    (kept,) = await _ids(other)
    after = await _cluster_of(numbers[0])
    assert (after["parent_id"], after["state"]) == (kept, "open"), "a mass request waits for its special report"
    async with db.reading() as connection:
        assert await connection.fetchval("SELECT count(*) FROM request WHERE case_id = $1", kept) == 12
        assert await connection.fetchval("SELECT is_mass FROM cases WHERE id = $1", kept)
    async with house.signed_in(client, "dispatcher"):
        sent = await house.post(client, f"{home}/report", {"report": "管道老旧，建议清淤。"}, page=home)
        assert sent.status_code == 303
    assert (await _cluster_of(numbers[0]))["state"] == "settled"
    await _unmerged(other, numbers[1])
    assert await _cluster_of(numbers[1]) is None, "taken out again it is another thing, and is not offered once more"
    assert (await rebuild.rebuild(check=True)).names == {}


async def _unmerged(parent: str, child: str) -> None:
    ids = await _ids(parent, child)
    async with work(await builders.person("dispatcher")) as w:
        files = await merging.opened(w, ids)
        await merging.unmerge(w, files[ids[0]], files[ids[1]], reason="不是同一处")


async def test_a_group_that_came_to_its_end_case_by_case_waits_for_nobody(database: Place) -> None:
    numbers = [
        (await builders.a_receipt(matter="020103", place="联纺路东口", phone=f"139000019{i:02}")).number
        for i in range(3)
    ]
    await clusters.gather()
    assert (await _cluster_of(numbers[0]))["state"] == "open"
    await _merged(numbers[0], *numbers[1:])
    assert await clusters.gather() == 1
    assert (await _cluster_of(numbers[0]))["state"] == "settled"
    assert await clusters.gather() == 0


async def test_five_people_joined_to_one_case_at_the_desk_are_a_mass_request(database: Place) -> None:
    numbers = [
        (await builders.a_receipt(matter="020104", place="光明北大街桥下", phone=f"139000029{i:02}")).number
        for i in range(5)
    ]
    await _merged(numbers[0], *numbers[1:])
    await clusters.gather()
    found = await _cluster_of(numbers[0])
    assert (found["size"], found["requesters"]) == ("mass", 5)


async def test_a_case_beyond_the_dispatchers_reach_is_not_merged_by_its_id(database: Place) -> None:
    numbers = await drains(3, 500, "020105")
    await clusters.gather()
    ids = await _ids(*numbers)
    found = await _cluster_of(numbers[0])
    async with db.atomic() as connection:
        await connection.execute("UPDATE cases SET county = '130402' WHERE id = $1", ids[2])
    with pytest.raises(Refusal) as refused:
        async with work(await builders.person("county")) as w:
            await cluster_acts.merge(w, found["id"], ids[1:])
    assert refused.value.status == 404
