"""Notices of findings and clusters; subscribing by a word; and what makes no source."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from channels import notice_news
from channels.heard import Heard
from channels.meaning import FOLLOW, UNFOLLOW, meaning
from channels.notice_subscriptions import follow
from channels.rows import ArrivalRow, CorrespondentRow
from channels.turn import Turn
from hotline import clock, db, vault
from hotline.actor import SYSTEM
from hotline.work import work
from tests import builders as b
from tests.web import house
from tests.web.noticing import TEXTS, act, go_public, signed_in

pytestmark = pytest.mark.anyio


async def case_id(number: str) -> UUID:
    """The case of a receipt."""
    async with db.reading() as connection:
        found: UUID = await connection.fetchval("SELECT case_id FROM request WHERE receipt_no = $1", number)
    return found


async def a_finding(**change: object) -> UUID:
    """A late finding against the unit, without a case unless one is given."""
    given = {
        "id": uuid4(), "number": f"问题〔2026〕{uuid4().hex[:6]}号", "source": "mystery", "unit": "130403",
        "what": "no_answer", "words": "窗口没有人接待。", "found_at": clock.now() - timedelta(days=30),
        "found_by": uuid4(), "state": "open", "due_at": clock.now() - timedelta(days=10), **change,
    }  # fmt: skip
    async with db.atomic() as connection:
        places = ", ".join(f"${n}" for n in range(1, len(given) + 1))
        await connection.execute(f"INSERT INTO finding ({', '.join(given)}) VALUES ({places})", *given.values())
    return UUID(str(given["id"]))


async def a_mass(*cases: UUID) -> UUID:
    """A mass request of these cases; the first is its head."""
    now, cluster = clock.now(), uuid4()
    async with db.atomic() as connection:
        await connection.execute(
            "INSERT INTO cluster (id, matter, county, place, size, state, parent_id, risen_at, mass_at, first_at,"
            " last_at, cases, requesters, contacts, report_no)"
            " VALUES ($1, '020201', '130403', '', 'mass', 'open', $2, $3, $3, $3, $3, $4, 5, 10, $5)",
            cluster, cases[0], now, len(cases), f"专报{cluster.hex[:6]}",
        )  # fmt: skip
        for one in cases:
            await connection.execute(
                "INSERT INTO cluster_member (cluster_id, case_id, since) VALUES ($1, $2, $3)", cluster, one, now
            )
    return cluster


async def test_a_finding_without_a_case_takes_a_matter_and_goes_public(client: httpx.AsyncClient) -> None:
    finding = await a_finding()
    start = f"/notices/drafts/new?finding={finding}"
    async with signed_in(client, "publisher"):
        assert start in await house.get(client, "/notices/drafts")
        assert start in await house.get(client, f"/inspections/findings/{finding}")
        lacks = await house.post(client, "/notices/drafts", {**TEXTS, "finding": str(finding)}, page=start)
        assert lacks.status_code == 422
        assert TEXTS["rule"] in lacks.text
        typed = {**TEXTS, "finding": str(finding), "matter": "王小明家的路灯"}
        lacks = await house.post(client, "/notices/drafts", typed, page=start)
        assert lacks.status_code == 422, "the matter stands in the open: no free words"
        assert 'name="matter"' in lacks.text
        given = {**TEXTS, "finding": str(finding), "matter": "020201"}
        made = await house.post(client, "/notices/drafts", given, page=start)
        assert made.status_code == 303, made.text[:1500]
    await go_public(client, str(made.headers["location"]))
    async with signed_in(client, "publisher"):
        again = await client.get(start)
        assert again.status_code == 409


async def test_a_finding_about_a_person_or_one_that_is_appealed_makes_no_notice(client: httpx.AsyncClient) -> None:
    person = await a_finding(unit="", person=uuid4())
    appealed = await a_finding(appeal="不属实。", appealed_at=clock.now(), appealed_by=uuid4())
    async with signed_in(client, "publisher"):
        for finding, words in ((person, "针对个人"), (appealed, "申诉")):
            shown = await client.get(f"/notices/drafts/new?finding={finding}")
            assert shown.status_code == 409
            assert words in shown.text
        assert (await client.get("/notices/drafts/new?finding=nothing")).status_code == 404
        assert (await client.get("/notices/drafts/new")).status_code == 404


@pytest.mark.requirement("000-26")
async def test_a_cluster_compares_with_every_case_also_one_that_joins_later(client: httpx.AsyncClient) -> None:
    first, second = await b.a_case("closed"), await b.a_case("closed", name="贺兰香", phone="13811112222")
    cluster = await a_mass(await case_id(first.number), await case_id(second.number))
    start = f"/notices/drafts/new?cluster={cluster}"
    given = {**TEXTS, "wrong": "贺兰香（1381111 2222）等人反映的路灯没有修好。", "cluster": str(cluster)}
    async with signed_in(client, "publisher"):
        made = await house.post(client, "/notices/drafts", given, page=start)
        page = str(made.headers["location"])
        assert "贺兰香" in await house.get(client, page)
    stopped = await act(client, "publisher", f"{page}/review")
    assert stopped.status_code == 409
    third = await b.a_case("closed", name="端木青")
    async with db.atomic() as connection:
        await connection.execute(
            "INSERT INTO cluster_member (cluster_id, case_id, since) VALUES ($1, $2, now())",
            cluster, await case_id(third.number),
        )  # fmt: skip
    await act(client, "publisher", page, {**TEXTS, "wrong": "端木青等人反映的路灯没有修好。"})
    assert (await act(client, "publisher", f"{page}/review")).status_code == 409
    await act(client, "publisher", page, TEXTS)
    await go_public(client, page)
    async with db.reading() as connection:
        noticed = await connection.fetchval(
            "SELECT count(*) FROM case_event e JOIN notice_case k USING (case_id) WHERE k.notice_id = $1 "
            "AND e.kind = 'noticed'",
            UUID(page.rpartition("/")[2]),
        )
    assert noticed == 3


async def test_one_shielded_case_in_a_cluster_forbids_the_notice(client: httpx.AsyncClient) -> None:
    first, second = await b.a_case("closed"), await b.a_case("closed")
    cluster = await a_mass(await case_id(first.number), await case_id(second.number))
    async with db.atomic() as connection:
        await connection.execute("UPDATE cases SET is_minor = TRUE WHERE number = $1", second.number)
    async with signed_in(client, "publisher"):
        shown = await client.get(f"/notices/drafts/new?cluster={cluster}")
    assert shown.status_code == 409
    assert "不能公示" in shown.text


async def test_the_search_reads_what_is_public_and_nothing_else(client: httpx.AsyncClient) -> None:
    finding = await a_finding()
    given = {**TEXTS, "wrong": "鹅卵石路面 100% 没有修整。", "finding": str(finding), "matter": "020201"}
    async with signed_in(client, "publisher"):
        made = await house.post(
            client, "/notices/drafts", given, page=f"/notices/drafts/new?finding={finding}"
        )
    page = str(made.headers["location"])
    assert "没有符合条件的" in await house.get(client, "/notices?words=鹅卵石")
    await go_public(client, page)
    await act(client, "unit", f"{page}/correction", {"text": "紫罗兰已经栽上。"})
    for words, is_there in (("鹅卵石 100%", True), ("紫罗兰", False), ("鹅卵石 100_", False)):
        shown = await house.get(client, f"/notices?words={words}")
        assert ("/notices/2026-" in shown) == is_there, words
    feed = (await client.get("/notices/feed.xml?unit=130403")).text
    assert "鹅卵石" in feed
    assert "鹅卵石" not in (await client.get("/notices/feed.xml?unit=CGB")).text


async def test_by_sms_one_word_follows_and_another_ends_it(client: httpx.AsyncClient) -> None:
    assert meaning("订阅公示").act == FOLLOW
    assert meaning("退订公示").act == UNFOLLOW
    assert meaning("我想订阅公示栏的报纸").act not in (FOLLOW, UNFOLLOW)
    assert client
    for wants, left in ((True, 1), (True, 1), (False, 0)):
        async with work(SYSTEM) as w:
            said = Heard(channel="sms", provider_id="x", sender="+8613800009999", at=w.now)
            row = ArrivalRow(id=uuid4(), channel="sms", provider_id="x", sender=b"", received_at=w.now)
            who = CorrespondentRow(channel="sms", address_index=b"", address=b"", changed_at=w.now)
            await follow(Turn(w, row, said, who), wants=wants)
        async with db.reading() as connection:
            rows = await connection.fetch("SELECT address FROM notice_subscription WHERE channel = 'sms'")
        assert len(rows) == left
        if left:
            assert vault.unseal(rows[0]["address"], "notice_subscription") == "13800009999"
            await notice_news.tell()
