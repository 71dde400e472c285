"""Ten callers about one broken lamp: one piece of work, ten people kept whole; one taken out again, dates as they were.

Through the desk's pages, the unit's, the callers' own, with the real outbox beside; the ledger is proven and replayed.
"""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import httpx
import pytest

from cases import ledger, merging, verbs
from channels import texts
from hotline import db, rebuild, vault, verify
from hotline.work import work
from tests.builders import HANDLED, a_case, act, lead, person
from tests.web.house import get, post, signed_in

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

WORDS = "联纺路和中华大街口的路灯坏了，第{n}次打电话。"


async def call(n: int, until: str = "dispatched", **change: Any) -> tuple[str, str]:
    """Caller ``n`` with a number of their own: receipt and query code."""
    phone = f"138000001{n:02}"
    one = await a_case(until, words=WORDS.format(n=n), name=f"赵{n}", phone=phone, **change)
    return one.number, one.code


async def rows(sql: str, *args: object) -> list[Any]:
    async with db.reading() as connection:
        return [tuple(row) for row in await connection.fetch(sql, *args)]


async def merge(client: httpx.AsyncClient, into: str, *children: str, status: int = 303, **more: str) -> httpx.Response:
    """By the page with all of them abreast, as it was drawn."""
    page = await get(client, f"/merge?into={into}&numbers={' '.join(children)}")
    seq = re.search(r'name="seq" value="(\d+)"', page)
    boxes = re.findall(r'name="child" value="([^"]+)"', page) or [f"{one}~1" for one in children]
    data: dict[str, object] = {"into": into, "seq": seq[1] if seq else "1", "child": boxes, **more}
    answer = await post(client, f"/merge?numbers={' '.join(children)}", data)
    assert answer.status_code == status, answer.text
    return answer


async def part(client: httpx.AsyncClient, parent: str, child: str, reason: str = "不是同一盏灯") -> httpx.Response:
    """By the act on the page of the case that holds it."""
    page = await get(client, f"/cases/{parent}?act=unmerge&child={child}")
    seq = re.search(r'name="seq" value="(\d+)"', page)
    data = {"child": child, "reason": reason, "seq": seq[1] if seq else "", "back": ""}
    return await post(client, f"/cases/{parent}/parting", data)


async def told(name: str) -> dict[str, str]:
    """Receipt → the last text of this kind in the outbox."""
    found = await rows(
        "SELECT r.receipt_no, m.body FROM outbox_message m JOIN request r ON r.id = m.request_id WHERE m.name = $1 "
        "ORDER BY m.created_at, m.id", name
    )  # fmt: skip
    return {number: vault.unseal(body, "outbox") for number, body in found}


async def is_whole() -> None:
    """The ledger proves, and a replay gives the very rows."""
    assert not (await verify.database()).findings
    assert not (await rebuild.rebuild(check=True)).names


async def visited(client: httpx.AsyncClient, parent: str, others: list[str]) -> None:
    """Each of the nine is called back: one by the visit desk's page, the others by the verb."""
    async with signed_in(client, "callback"):  # by the visit desk's page, under the caller's own number
        assert f"r={others[0]}" in await get(client, "/visits")
        page = await get(client, f"/visits?r={others[0]}")
        seq = re.search(r'name="seq" value="(\d+)"', page)
        assert seq is not None
        word = {"was_contacted": "yes", "is_solved": "yes", "is_truthful": "yes", "grade": "basically_satisfied"}
        data = {**word, "seq": seq[1], "channel": "phone", "said": ""}
        answer = await post(client, f"/visits/{others[0]}/visit", data, page="/visits")
        assert answer.status_code == 303, answer.text
    for number in (parent, *others[1:8]):
        await act("callback", parent, lambda w, file, n=number: verbs.visit(
            w, file, file.request_no(n), was_contacted=True, is_solved=True,
            grade="satisfied" if n == parent else "basically_satisfied",
        ))  # fmt: skip


async def clocks_of(number: str) -> list[Any]:
    return await rows("SELECT id, due_at, started_at, stopped_at FROM clock WHERE case_id IN "
                      "(SELECT id FROM cases WHERE number = $1)", number)  # fmt: skip


async def nine_are_merged_and_each_page_says_so(client: httpx.AsyncClient, parent: str, others: list[str]) -> None:
    async with signed_in(client, "dispatcher"):
        await merge(client, parent, *others)
        page = await get(client, f"/cases/{parent}")
        assert "合并办理 9 件" in page
        assert all(f'id="joined-{one}"' in page for one in others)
        child = await get(client, f"/cases/{others[0]}")
        assert "已并入" in child
        assert f'href="/cases/{parent}"' in child
    assert await rows("SELECT count(*), min(state) FROM cases WHERE merged_into IS NOT NULL") == [(9, "merged")]
    assert await rows("SELECT count(*) FROM assignment a JOIN cases c ON c.id = a.case_id WHERE c.state = 'merged' "
                      "AND a.state <> 'ended'") == [(0,)]  # fmt: skip


async def each_was_told_of_the_merging(others: list[str]) -> None:
    said = await told("merged")
    assert set(said) == set(others)
    assert said[others[0]].endswith(texts.write("merged", number=others[0]))
    assert "路灯" not in said[others[0]]


async def test_ten_callers_are_merged_each_told_and_rated_and_one_comes_out_with_its_dates(
    client: httpx.AsyncClient,
) -> None:
    calls = [await call(n, "signed" if n == 0 else "dispatched") for n in range(10)]
    parent, others = calls[0][0], [number for number, _ in calls[1:]]
    before = await clocks_of(others[8])
    promised = await rows("SELECT k.due_at FROM clock k JOIN cases c ON c.id = k.case_id WHERE c.number = $1 "
                          "AND k.stage = 'finish'", others[0])  # fmt: skip
    await nine_are_merged_and_each_page_says_so(client, parent, others)
    await each_was_told_of_the_merging(others)
    watched = await rows("SELECT due_at FROM clock WHERE stage = 'answer' AND stopped_at IS NULL")
    assert len(watched) == 9
    assert promised[0] in watched
    await is_whole()

    async with signed_in(client, "dispatcher"):  # one was another lamp
        assert (await part(client, parent, others[8])).status_code == 303
    assert sorted(await clocks_of(others[8])) == sorted(before)
    assert await rows("SELECT c.state, c.lead_unit, a.state FROM cases c JOIN assignment a ON a.case_id = c.id "
                      "WHERE c.number = $1", others[8]) == [("active", "130403", "dispatched")]  # fmt: skip
    assert others[8] in (await told("parted"))[others[8]]
    await is_whole()

    await act("congtai", parent, verbs.contact, lead, way="phone")
    await act("congtai", parent, verbs.handle, lead, **HANDLED)
    await act("audit", parent, verbs.approve)
    replies = await told("replied")
    assert set(replies) == {parent, *others[:8]}  # each by their own door, the one taken out not
    await visited(client, parent, others)
    file = await act("callback", parent, verbs.close)
    assert file.case.state == "closed"
    ratings = await rows("SELECT grade, count(DISTINCT request_id) FROM rating GROUP BY 1 ORDER BY 1")
    assert ratings == [("basically_satisfied", 8), ("satisfied", 1)]  # satisfaction once a request
    assert await rows("SELECT count(*) FROM clock WHERE stage = 'finish' AND outcome IN ('met', 'late')") == [(1,)]
    await is_whole()


async def test_one_who_was_merged_follows_their_own_number_and_reads_nobody_elses_words(
    client: httpx.AsyncClient,
) -> None:
    first, _ = await call(20, "signed")
    second, code = await call(21)
    async with signed_in(client, "dispatcher"):
        await merge(client, first, second)
    found = await post(client, "/track", {"number": second, "code": code}, page="/track")
    assert found.headers["location"] == f"/track/{second}"
    page = await get(client, f"/track/{second}")
    assert "多人反映同一问题，合并办理" in page
    assert "收到您的来件" in page
    assert "丛台区人民政府" in page  # who works on it
    assert not any(word in page for word in (first, "第20次", "赵20", "并单", "工单"))
    for path, data in (("words", {"words": "现在更黑了"}), ("urge", {})):  # they go to the case that is worked on
        answer = await post(client, f"/track/{second}/{path}", data, page=f"/track/{second}")
        assert answer.status_code == 303, answer.text
    assert await rows("SELECT urge_count, request_count FROM cases WHERE number = $1", first) == [(1, 2)]
    async with signed_in(client, "dispatcher"):
        assert first in await get(client, f"/cases?q={second}")
        assert (await part(client, first, second)).status_code == 303
    assert "现在更黑了" in await get(client, f"/track/{second}")  # what they wrote meanwhile is still theirs
    await is_whole()


async def test_one_unsolved_request_among_those_merged_goes_back_alone(client: httpx.AsyncClient) -> None:
    first, _ = await call(30, "signed")
    second, _ = await call(31)
    async with signed_in(client, "dispatcher"):
        await merge(client, first, second)
    await act("congtai", first, verbs.handle, lead, **HANDLED)
    await act("audit", first, verbs.approve)
    for number, solved in ((first, True), (second, False)):
        await act("callback", first, lambda w, file, n=number, s=solved: verbs.visit(
            w, file, file.request_no(n), was_contacted=True, is_solved=s))  # fmt: skip
    file = await act("callback", first, lambda w, file: verbs.rework(
        w, file, file.request_no(second), file.lead, reason="没修好", profile="STD5"))  # fmt: skip
    assert [file.request_no(n).state for n in (first, second)] == ["visited", "open"]  # type: ignore[union-attr]
    assert [a.state for a in file.assignments.values()] == ["in_progress"]
    async with signed_in(client, "dispatcher"):
        answer = await part(client, first, second)
        assert answer.status_code == 409
        assert "已经回访过" in answer.text
    await is_whole()


async def test_what_does_not_belong_together_is_refused_with_the_reason(client: httpx.AsyncClient) -> None:
    one, _ = await call(40)
    two, _ = await call(41)
    three, _ = await call(42)
    closed = (await a_case("closed")).number
    report = (await a_case("registered", kind="report")).number
    about = (await a_case("registered", kind="complaint", about_unit="EEB")).number
    praise = (await a_case("registered", kind="praise")).number
    risky = (await a_case("registered", words="路灯还不修，我就去跳楼。")).number
    async with signed_in(client, "dispatcher", "coordination"):
        for into, child, why in (
            (one, one, "不能并入自己"), (closed, two, "已结案"), (one, closed, "已结案"), (one, report, "举报、保密件"),
            (one, about, "投诉同一单位"), (one, praise, "办理规定不同"),
            (one, risky, "班长还没看过"),
        ):  # fmt: skip
            answer = await merge(client, into, child, status=409)
            assert why in answer.text, (into, child)
        await merge(client, one, two)
        for into, child, why in (
            (two, one, "不能反过来"), (three, two, "已经并入别的件"), (three, one, "请反过来"),
            (two, three, "已经并入"),
        ):  # fmt: skip
            answer = await merge(client, into, child, status=409)
            assert why in answer.text, (into, child)
        assert (await part(client, one, three)).status_code == 409
        assert (await part(client, one, two, reason=" ")).status_code == 422
        answer = await client.get(f"/cases/{one}/merge", params={"numbers": "路灯\r\nSet-Cookie: a=b"})
        assert answer.status_code == 303, "what was typed stays in the address"
        assert answer.headers["location"].isascii()
        page = await get(client, "/merge?into=261122-99999&numbers=nonsense")
        assert "没有找到" in page
        answer = await post(client, "/merge", {"into": one, "seq": "1", "child": [f"{three}~1"]})
        assert answer.status_code == 409  # somebody acted since the page was drawn
        answer = await post(client, "/merge", {"into": one, "seq": "1"})
        assert answer.status_code == 422
    async with signed_in(client, "unit_handler", unit="130403"):
        assert (await client.get("/merge")).status_code == 403
    await is_whole()


async def test_a_unit_that_held_the_child_loses_it(client: httpx.AsyncClient) -> None:
    first = (await a_case("dispatched", matter="020201")).number
    second = (await a_case("dispatched", matter="020201", county="130402", place="邯山区")).number
    units = {row[0] for row in await rows("SELECT lead_unit FROM cases WHERE number = ANY($1)", [first, second])}
    assert units == {"130403", "130402"}
    async with signed_in(client, "dispatcher"):
        await merge(client, first, second)
    async with signed_in(client, "unit_handler", unit="130402"):
        await get(client, f"/cases/{second}", status=404)
    async with signed_in(client, "unit_handler", unit="130403"):
        page = await get(client, f"/cases/{first}")
        assert second in page
        assert f'href="/cases/{second}"' not in page


async def test_erasing_takes_what_was_merged_along_and_the_ledger_still_proves() -> None:
    first, _ = await call(50, "signed")
    second, _ = await call(51)
    await merged_by_verb(first, second)
    await act("congtai", first, verbs.handle, lead, **HANDLED)
    await act("audit", first, verbs.approve)
    for number in (first, second):
        await act("callback", first, lambda w, file, n=number: verbs.visit(
            w, file, file.request_no(n), was_contacted=True, is_solved=True))  # fmt: skip
    await act("callback", first, verbs.close)
    async with work(await person("coord")) as w:
        await verbs.erase(w, await ledger.opened(w, number=second), rule="request")
    assert await rows("SELECT state, words, phone FROM request WHERE receipt_no = ANY($1)", [first, second]) == [
        ("erased", None, None), ("erased", None, None)]  # fmt: skip
    assert await rows("SELECT count(*) FROM case_text t JOIN cases c ON c.id = t.case_id WHERE c.number = ANY($1) "
                      "AND t.erased_at IS NULL AND t.seq < c.last_seq", [first, second]) == [(0,)]  # fmt: skip
    await is_whole()


async def merged_by_verb(parent: str, child: str) -> None:
    ids: list[UUID] = [row[0] for row in await rows(
        "SELECT id FROM cases WHERE number = ANY($1) ORDER BY number = $2 DESC", [parent, child], parent)]  # fmt: skip
    async with work(await person("dispatcher")) as w:
        files = await merging.opened(w, ids)
        await merging.merge(w, files[ids[0]], files[ids[1]])


async def test_one_call_about_two_things_becomes_two_requests_of_the_same_person(client: httpx.AsyncClient) -> None:
    number = (await a_case("registered", matter="", words="路灯不亮。另外楼下烧烤冒烟。")).number
    async with signed_in(client, "dispatcher"):
        page = await get(client, f"/cases/{number}?act=split")
        seq = re.search(r'name="seq" value="(\d+)"', page)
        assert seq is not None
        data = {"seq": seq[1], "first": "路灯不亮。", "second": "楼下烧烤冒烟。", "matter": "", "back": ""}
        assert (await post(client, f"/cases/{number}/splitting", {**data, "second": ""})).status_code == 422
        assert (await post(client, f"/cases/{number}/splitting", data)).status_code == 303
        twin = (await rows("SELECT number FROM cases ORDER BY opened_at DESC, number DESC LIMIT 2"))
        second = next(one for (one,) in twin if one != number)
        assert second in await get(client, f"/cases/{number}")
        assert number in await get(client, f"/cases/{second}")
    words = await rows("SELECT words, name IS NOT NULL, phone_index FROM request WHERE receipt_no = ANY($1) "
                       "ORDER BY receipt_no", [number, second])  # fmt: skip
    assert [one[0] for one in words] == ["路灯不亮。", "楼下烧烤冒烟。"]
    assert words[0][1:] == words[1][1:]
    said = (await told("split"))[number]
    assert second in said
    assert number in said
    code = re.search(r"查询码(\d{6})", said)
    assert code is not None
    await is_whole()
