"""有奖找茬 through its pages: filed, reviewed by clean hands, paid once, points off once and back again."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from hotline import city, clock, db, vault
from sla import bounties, bounty_forgetting
from tests import accounts as citizens
from tests.web import house, seats
from tests.web.bounty import FINDER, OTHER, UNIT, WORDS, act, campaign, filed, one, points, state

pytestmark = pytest.mark.anyio
ACCOUNT = "邯郸银行 6230 5800 0001 2345"


async def the_finder_comes_back_and_says_whom_to_pay(
    client: httpx.AsyncClient, finding: UUID, number: str, code: str
) -> None:
    held = await one("SELECT phone FROM bounty_finding WHERE id = $1", finding)
    assert FINDER["phone"].encode() not in bytes(held["phone"])
    wrong = await house.post(client, "/bounty/track", {"number": number, "code": "000000"}, page="/bounty/track")
    assert wrong.status_code == 422
    client.cookies.delete("hl_track")
    assert (await client.get(f"/bounty/found/{number}")).status_code == 404, "without its code"
    looked = await house.post(client, "/bounty/track", {"number": number.lower(), "code": code}, page="/bounty/track")
    assert looked.headers["location"] == f"/bounty/found/{number}"
    page = f"/bounty/found/{number}"
    none = await house.post(client, f"{page}/payee", {"name": "欧阳秋实", "means": "bank"}, page=page)
    assert none.status_code == 422
    payee = {"name": "欧阳秋实", "means": "bank", "account": ACCOUNT}
    kept = await house.post(client, f"{page}/payee", payee, page=page)
    assert kept.status_code == 303
    assert "6230" not in await house.get(client, page), "it is shown back to nobody"


async def one_prepares_and_another_pays_once(
    client: httpx.AsyncClient, finding: UUID, treasurer: UUID, payer: UUID
) -> None:
    async with seats.at(client, treasurer):
        assert (await act(client, finding, "paid", receipt_no="1")).status_code == 404, "nothing was prepared"
        assert (await act(client, finding, "payment")).status_code == 303
        assert (await act(client, finding, "payment")).status_code == 409
        own = await act(client, finding, "paid", receipt_no="国库 0001")
        assert own.status_code == 409
        assert "不同的人" in own.text
    async with seats.at(client, payer):
        sheet = await client.get("/bounties/payments.csv")
        assert ACCOUNT in sheet.text
        assert ",200," in sheet.text
        both = await asyncio.gather(*(act(client, finding, "paid", receipt_no="国库 0001") for _ in range(2)))
        assert sorted(one.status_code for one in both) == [303, 409], "never twice, nor at once"
        assert (await act(client, finding, "paid", receipt_no="国库 0002")).status_code == 409
        listed = await house.get(client, "/bounties/payments")
        assert "国库 0001" in listed
        assert "欧阳" not in listed
        assert ACCOUNT not in (await client.get("/bounties/payments.csv")).text, "what is paid is on no list to be paid"


@pytest.mark.requirement("002-07")
async def test_a_finding_goes_from_its_finder_to_exactly_one_payment_of_the_configured_sum(
    client: httpx.AsyncClient,
) -> None:
    of = await campaign(client, name="第一期", points=7)
    finding, number, code = await filed(client, of)
    await the_finder_comes_back_and_says_whom_to_pay(client, finding, number, code)
    async with seats.taken(client, "auditor") as reviewer:
        assert number in await house.get(client, "/bounties")
        assert (await act(client, finding, "payment")).status_code == 403, "an auditor pays nothing"
        assert FINDER["phone"] not in await house.get(client, f"/bounties/{finding}")
        assert FINDER["phone"] in (await act(client, finding, "finder")).text
        confirmed = await act(client, finding, "review", decision="confirm", reason="属实，已要求更换")
        assert confirmed.status_code == 303, confirmed.text[-1500:]
        assert (await act(client, finding, "review", decision="confirm")).status_code == 409, "twice"
    treasurer, payer = [await seats.person("coordination", unit="GOV") for _ in range(2)]
    await one_prepares_and_another_pays_once(client, finding, treasurer, payer)
    row = await one("SELECT amount, state, receipt_no, prepared_by, paid_by, count(*) OVER () AS n FROM bounty_payment"
                    " WHERE finding_id = $1", finding)  # fmt: skip
    assert row == {
        "amount": 200, "state": "paid", "receipt_no": "国库 0001", "prepared_by": treasurer, "paid_by": payer, "n": 1,
    }  # fmt: skip
    assert reviewer not in (treasurer, payer)
    assert "200" in await house.get(client, f"/bounty/found/{number}")
    told = await one("SELECT body, address FROM outbox_message WHERE name = 'bounty_paid'")
    assert vault.unseal(told["address"], "outbox") == FINDER["phone"]
    acts = "SELECT count(*) AS n FROM act WHERE subject = $1 AND kind LIKE 'bounty%'"
    noted = await one(acts, f"bounty_finding:{number}")
    assert noted["n"] == 5, "filed, looked at, confirmed, prepared, paid"
    assert (UNIT, 7) in [(UNIT, lost) for _, lost in await points()]


@pytest.mark.requirement("002-07")
async def test_of_two_finders_the_first_gets_it_even_when_the_later_was_confirmed_first(
    client: httpx.AsyncClient,
) -> None:
    of = await campaign(client, name="第二期")
    before = await points()
    first, first_no, _ = await filed(client, of, OTHER, phone="13911110001")
    later, later_no, _ = await filed(client, of, OTHER + "真不方便。", phone="13911110002")
    async with seats.taken(client, "auditor") as reviewer:
        page = await house.get(client, f"/bounties/{later}")
        assert first_no in page, "look-alikes are proposed"
        held = await act(client, later, "review", decision="confirm")
        assert held.status_code == 409
        assert first_no in held.text
        assert (await act(client, later, "review", decision="confirm", seen="yes")).status_code == 303
        assert (await points())[len(before):] == [("bounty", 5)]
        same = await act(client, first, "review", decision="repeat", of=later_no)
        assert same.status_code == 303, same.text[-1500:]
    assert [await state(first), await state(later)] == ["confirmed", "duplicate"]
    assert (await points())[len(before):] == [("bounty", 5), ("bounty_overturned", -5), ("bounty", 5)]
    owed = await one("SELECT sum(amount) AS n FROM bounty_finding WHERE campaign_id = $1 AND state = 'confirmed'", of)
    assert owed["n"] == 200, "once for one fault"
    third, _, _ = await filed(client, of, OTHER, phone="13911110003")
    async with seats.at(client, reviewer):
        assert (await act(client, third, "review", decision="repeat", of=later_no)).status_code == 303
    assert (await one("SELECT first FROM bounty_finding WHERE id = $1", third))["first"] == first, "of the first of all"
    async with seats.taken(client, "coordination", unit="GOV"):
        assert (await act(client, third, "payment")).status_code == 409


async def test_once_the_later_finder_was_paid_the_first_is_not_paid_beside_them(client: httpx.AsyncClient) -> None:
    of = await campaign(client, name="第三期")
    first, _, _ = await filed(client, of, OTHER)
    later, later_no, _ = await filed(client, of, OTHER)
    async with seats.taken(client, "auditor") as reviewer:
        assert (await act(client, later, "review", decision="confirm", seen="yes")).status_code == 303
    async with db.atomic() as connection:
        await connection.execute(
            "INSERT INTO bounty_payment (id, finding_id, amount, payee, means, state, prepared_at, prepared_by,"
            " paid_at, paid_by, receipt_no)"
            " VALUES (gen_random_uuid(), $1, 200, 'x', 'bank', 'paid', now(), $2, now(), $3, 'r3')",
            later, reviewer, first,
        )  # fmt: skip
    async with seats.at(client, reviewer):
        refused = await act(client, first, "review", decision="repeat", of=later_no)
        assert refused.status_code == 409
        assert "不能再付一次" in refused.text
    assert [await state(first), await state(later)] == ["filed", "confirmed"]


@pytest.mark.requirement("002-08")
async def test_points_go_once_on_confirmation_and_come_back_when_the_unit_s_appeal_is_upheld(
    client: httpx.AsyncClient,
) -> None:
    of = await campaign(client, name="第四期", points=3)
    words = f"导办台中午没有人，排队的人不知道该取哪个号。我是{FINDER['name']}，电话 139-1111-2222。"
    finding, number, _ = await filed(client, of, words)
    start = await points()
    handler = await seats.person("unit_head", unit=UNIT)
    async with seats.at(client, handler):
        assert number not in await house.get(client, "/bounties"), "not before it is confirmed"
        assert (await client.get(f"/bounties/{finding}")).status_code == 404
    async with seats.taken(client, "auditor") as reviewer:
        assert (await act(client, finding, "review", decision="confirm")).status_code == 303
    assert (await points())[len(start):] == [("bounty", 3)]
    told = await one("SELECT zh FROM staff_notice WHERE kind = 'bounty_confirmed' AND unit = $1 AND zh LIKE $2",
                     UNIT, f"{number}%")  # fmt: skip
    assert "可以申诉" in told["zh"]
    async with seats.at(client, handler):
        page = await house.get(client, f"/bounties/{finding}")
        assert "导办台中午没有人" in page
        assert FINDER["name"] not in page
        assert "1111-2222" not in page
        assert FINDER["name"] not in await house.get(client, "/bounties")
        assert (await act(client, finding, "appeal", words="当日停电，有物业证明")).status_code == 303
        assert (await act(client, finding, "appeal", words="再申诉")).status_code == 409
    async with seats.at(client, reviewer):
        own = await act(client, finding, "appeal-decision", decision="uphold", reason="x")
        assert own.status_code == 409, "who confirmed it does not decide"
    async with seats.taken(client, "coordination", unit="GOV"):
        assert (await act(client, finding, "payment")).status_code == 409, "not while an appeal waits"
        upheld = await act(client, finding, "appeal-decision", decision="uphold", reason="停电属实")
        assert upheld.status_code == 303, upheld.text[-1500:]
        assert (await act(client, finding, "overturn", reason="再推翻")).status_code == 409
        assert (await act(client, finding, "payment")).status_code == 409, "nothing is owed any more"
    assert (await points())[len(start):] == [("bounty", 3), ("bounty_overturned", -3)]
    async with db.atomic() as connection:
        with pytest.raises(Exception, match="append-only"):
            await connection.execute("UPDATE unit_point SET points = 0")


async def test_what_was_paid_before_it_was_overturned_stays_on_record_and_is_recovered_only_if_decided(
    client: httpx.AsyncClient,
) -> None:
    from sla import bounty_pay

    of = await campaign(client, name="第五期")
    both = [(await filed(client, of, words))[0] for words in ("叫号屏不显示。" * 3, "取号机缺纸两天没人管。" * 3)]
    async with seats.taken(client, "auditor") as reviewer:
        for finding in both:
            assert (await act(client, finding, "review", decision="confirm", seen="yes")).status_code == 303
    for n, finding in enumerate(both):
        async with db.atomic() as connection:
            await connection.execute(
                "INSERT INTO bounty_payment (id, finding_id, amount, payee, means, state, prepared_at, prepared_by,"
                " paid_at, paid_by, receipt_no)"
                " VALUES (gen_random_uuid(), $1, 200, 'x', 'bank', 'paid', now(), $2, now(), $1, $3)",
                finding, reviewer, f"r5-{n}",
            )  # fmt: skip
    async with seats.taken(client, "coordination", unit="GOV"):
        assert (await act(client, both[0], "overturn", reason="查无此事")).status_code == 303
        assert (await act(client, both[1], "overturn", reason="伪造照片", recover="yes")).status_code == 303
    async with db.reading() as connection:
        found = [await bounty_pay.of_finding(connection, finding) for finding in both]
    assert [(p.is_overturned, p.recover_at is not None) for p in found if p and p.state == "paid"] == [
        (True, False), (True, True),
    ]  # fmt: skip
    noted = await one("SELECT count(*) AS n FROM act WHERE kind = 'bounty_recovery_decided'")
    assert noted == {"n": 1}, "the decision about money is on record"


@pytest.mark.requirement("002-09")
@pytest.mark.parametrize(("role", "unit"), [("auditor", UNIT), ("coordination", UNIT), ("auditor", "HOT")])
async def test_the_unit_concerned_cannot_confirm_nor_reject_its_own_finding(
    client: httpx.AsyncClient, role: str, unit: str
) -> None:
    of = await campaign(client, name=f"第六期 {role} {unit}")
    finding, _, _ = await filed(client, of, unit=unit)
    async with seats.taken(client, role, unit=unit):
        page = await house.get(client, f"/bounties/{finding}")
        assert "涉及您所在的单位" in page
        assert 'id="form-review"' not in page
        for decision in ({"decision": "confirm"}, {"decision": "refuse", "reason": "不属实"}):
            answer = await act(client, finding, "review", **decision)
            assert answer.status_code == 403
            assert "不能由您审查" in answer.text
        assert (await act(client, finding, "finder")).status_code == 403
    async with seats.taken(client, "unit_head", unit=unit):
        assert (await act(client, finding, "review", decision="refuse", reason="x")).status_code == 403
    assert await state(finding) == "filed"
    async with seats.taken(client, "coordination", unit="GOV"):
        refused = await act(client, finding, "review", decision="refuse", reason="已按规定办理")
        assert refused.status_code == 303
    assert await state(finding) == "refused"
    assert await one("SELECT 1 AS n FROM unit_point WHERE cause_id = $1", finding) == {}


async def test_who_filed_for_a_caller_does_not_review_it_and_reads_the_code_aloud(client: httpx.AsyncClient) -> None:
    of = await campaign(client, name="第七期")
    async with seats.taken(client, "agent", "auditor"):
        data = {"campaign": str(of), "unit": UNIT, "words": "表格样本填错了。", **FINDER}
        answer = await house.post(client, "/bounties/new", data, page="/bounties/new")
        assert answer.status_code == 200, answer.text[-1500:]
        number = re.search(r'id="number">([^<]+)<', answer.text)
        assert number
        row = await one("SELECT id, channel FROM bounty_finding WHERE number = $1", number[1])
        assert row["channel"] == "desk"
        assert (await act(client, row["id"], "review", decision="confirm")).status_code == 403
    async with seats.taken(client, "auditor"):
        assert (await act(client, row["id"], "review", decision="confirm")).status_code == 303
    async with seats.taken(client, "coordination", unit="GOV"):
        nobody = await act(client, row["id"], "payment")
        assert nobody.status_code == 422
        assert 'id="f-at_counter"' in nobody.text, "who has no web is paid at the counter"
        assert (await act(client, row["id"], "payment", at_counter="yes")).status_code == 303
        assert f",{FINDER['name']},到窗口领,," in (await client.get("/bounties/payments.csv")).text


async def test_a_verified_account_files_under_itself_and_the_public_page_names_no_finder(
    client: httpx.AsyncClient,
) -> None:
    of = await campaign(client, name="第八期")
    account = await citizens.an_account(state="verified", name="慕容寒")
    here = f"/bounty/{of}/find"
    async with citizens.signed_in(client, account):
        assert 'name="phone"' not in await house.get(client, here)
        answer = await house.post(client, here, {"unit": UNIT, "words": WORDS, "place": ""}, page=here)
        assert answer.status_code == 200
        assert "待审查" in await house.get(client, "/bounty")
    row = await one("SELECT id FROM bounty_finding WHERE account_id = $1", account.id)
    async with seats.taken(client, "auditor") as writer:
        for told in (f"请 {account.phone} 放心", "慕容寒发现告知单不对", "一次性告知单还是旧版，少写了两项材料"):
            answer = await act(client, row["id"], "review", decision="confirm", seen="yes", public_words=told)
            assert answer.status_code == 422, told
            assert "e-public_words" in answer.text
        text = "窗口告知单版本过期，已换新并核对全部窗口。"
        good = await act(client, row["id"], "review", decision="confirm", seen="yes", public_words=text)
        assert good.status_code == 303
        assert (await act(client, row["id"], "publish")).status_code == 409, "not by its writer"
    assert text not in await house.get(client, "/bounty")
    async with seats.taken(client, "auditor") as second:
        assert (await act(client, row["id"], "publish")).status_code == 303
    assert second != writer
    page = await house.get(client, "/bounty")
    assert text in page
    assert WORDS[:12] not in page
    assert "慕容" not in page


async def test_a_campaign_keeps_what_it_promised_and_takes_nothing_outside_its_days_and_units(
    client: httpx.AsyncClient,
) -> None:
    from datetime import timedelta

    today = clock.today()
    over = await campaign(client, name="往期", starts=today - timedelta(days=40), ends=today - timedelta(days=10))
    here = f"/bounty/{over}/find"
    late = await house.post(client, here, {"unit": UNIT, "words": WORDS, **FINDER}, page=here)
    assert late.status_code == 409
    assert "已经结束" in late.text
    assert WORDS in late.text, "nothing typed is lost"
    narrow = await campaign(client, name="只找一家", units=[UNIT])
    other = await house.post(client, f"/bounty/{narrow}/find", {"unit": "HOU", "words": WORDS, **FINDER},
                             page=f"/bounty/{narrow}/find")  # fmt: skip
    assert other.status_code == 422
    await filed(client, narrow, "停车场指示牌反了。")
    given = {"name": "改名", "what": "x", "starts": today, "ends": today, "amount": 100, "points": 5, "units": [UNIT]}
    async with seats.taken(client, "auditor"):
        page = f"/bounties/campaigns/{narrow}"
        less = await house.post(client, page, given, page=page)
        assert less.status_code == 409
        assert "不能再改" in less.text
        assert (await house.post(client, page, {**given, "amount": 200}, page=page)).status_code == 303
    assert city.current().rule("bounty.sum") == 200


async def test_a_look_alike_that_is_confirmed_already_is_compared_before_the_first_is_paid_beside_it(
    client: httpx.AsyncClient,
) -> None:
    of = await campaign(client, name="第九期")
    first, _, _ = await filed(client, of, OTHER, phone="13911110011")
    later, later_no, _ = await filed(client, of, OTHER, phone="13911110012")
    third, third_no, _ = await filed(client, of, OTHER, phone="13911110013")
    async with seats.taken(client, "auditor"):
        assert (await act(client, later, "review", decision="confirm", seen="yes")).status_code == 303
        blind = await act(client, first, "review", decision="confirm")
        assert blind.status_code == 409
        assert later_no in blind.text
        assert await state(first) == "filed"
        assert (await act(client, third, "review", decision="repeat", of=later_no)).status_code == 303
        chained = await act(client, third, "review", decision="repeat", of=later_no)
        assert chained.status_code in (409, 422), "a repeat repeats nothing else"
        assert (await act(client, first, "review", decision="repeat", of=third_no)).status_code == 303, "by its root"
    assert [await state(one) for one in (first, later, third)] == ["confirmed", "duplicate", "duplicate"]
    firsts = await one("SELECT array_agg(DISTINCT first) AS found FROM bounty_finding WHERE first IS NOT NULL AND"
                       " campaign_id = $1", of)  # fmt: skip
    assert firsts["found"] == [first], "no chain: all repeat the one that is paid"


async def test_a_repeat_is_no_first_of_another(client: httpx.AsyncClient) -> None:
    of = await campaign(client, name="第十期")
    (_, root_no, _), (middle, _, _), (last, last_no, _) = [
        await filed(client, of, words, phone=f"1391111002{n}")
        for n, words in enumerate(("电梯停了一周。", "电梯坏了没人修。", "扶梯口堆着杂物。"))
    ]
    async with seats.taken(client, "auditor"):
        assert (await act(client, middle, "review", decision="repeat", of=root_no)).status_code == 303
        assert (await act(client, last, "review", decision="confirm", seen="yes")).status_code == 303
        chained = await act(client, middle, "review", decision="repeat", of=last_no)
        assert chained.status_code == 409, "its award would go to one that nobody pays"
    assert await state(last) == "confirmed"
    assert await one("SELECT sum(points)::int AS n FROM unit_point WHERE cause_id = $1", last) == {"n": 5}
    async with seats.taken(client, "unit_head", unit=UNIT):
        assert (await act(client, last, "appeal", words="已清理")).status_code == 303
    async with seats.taken(client, "auditor"):
        dodged = await act(client, last, "review", decision="repeat", of=root_no)
        assert dodged.status_code == 409, "an appeal is decided, not done away with"


async def test_who_confirmed_prepares_no_payment_and_what_an_appeal_holds_is_on_no_list_to_be_paid(
    client: httpx.AsyncClient,
) -> None:
    of = await campaign(client, name="第十一期")
    finding, number, _ = await filed(client, of, "评价器没有插电，贴着停用。")
    page = f"/bounty/found/{number}"
    payee = {"name": FINDER["name"], "means": "bank", "account": "=6230 5800 7777"}
    assert (await house.post(client, f"{page}/payee", payee, page=page)).status_code == 303
    both, other = [await seats.person("coordination", unit="GOV") for _ in range(2)]
    async with seats.at(client, both):
        assert (await act(client, finding, "review", decision="confirm")).status_code == 303
        assert "不同的人" in (await act(client, finding, "payment")).text
    async with seats.at(client, other):
        assert (await act(client, finding, "payment")).status_code == 303
        assert "'=6230 5800 7777" in (await client.get("/bounties/payments.csv")).text, "no formula"
        assert (await house.post(client, f"{page}/payee", payee, page="/preferences")).status_code == 409, "too late"
    async with seats.taken(client, "unit_head", unit=UNIT):
        assert (await act(client, finding, "appeal", words="已经修好")).status_code == 303
    async with seats.at(client, other):
        assert number not in (await client.get("/bounties/payments.csv")).text
        upheld = {"decision": "uphold", "reason": "不是我们的设备", "recover": "yes"}
        assert (await act(client, finding, "appeal-decision", **upheld)).status_code == 303
    noted = await one("SELECT array_agg(kind ORDER BY seq) AS kinds FROM act WHERE subject = $1",
                      f"bounty_finding:{number}")  # fmt: skip
    assert noted["kinds"][-2:] == ["bounty_payment_stopped", "bounty_overturned"]


async def test_nobody_of_the_unit_reads_who_found_it_not_even_in_the_reason(client: httpx.AsyncClient) -> None:
    of = await campaign(client, name="第十二期")
    told = {"name": "司徒远航", "phone": "13911113333"}
    words = f"我叫司徒远航，住人民路 12 号院 3 单元 402，电话 {told['phone']}，大厅饮水机没有水。"
    finding, number, _ = await filed(client, of, words, **told)
    async with seats.taken(client, "auditor", unit=UNIT):
        for page in (f"/bounties/{finding}", "/bounties"):
            seen = await house.get(client, page)
            assert number in seen
            assert not [one for one in ("司徒", told["phone"], "402") if one in seen], page
    async with seats.taken(client, "auditor"):
        assert "司徒远航" in await house.get(client, f"/bounties/{finding}")
        reason = "司徒远航您好，情况属实，按 13911113333 联系您领奖。"
        assert (await act(client, finding, "review", decision="confirm", reason=reason)).status_code == 303
    async with seats.taken(client, "unit_head", unit=UNIT):
        seen = await house.get(client, f"/bounties/{finding}")
        assert "情况属实" in seen
        assert not [one for one in ("司徒", told["phone"], "402") if one in seen]


async def test_a_finder_is_forgotten_when_the_finding_is_long_settled_and_the_finding_stays(
    client: httpx.AsyncClient,
) -> None:
    of = await campaign(client, name="到期删除")
    settled, number, code = await filed(client, of, f"我叫{FINDER['name']}，{WORDS}")
    waiting, _, _ = await filed(client, of, OTHER)
    async with seats.taken(client, "auditor"):
        assert (await act(client, settled, "review", decision="refuse", reason="不属实")).status_code == 303
    assert await bounty_forgetting.sweep() == 0
    with clock.at(clock.now() + timedelta(days=181)):
        assert await bounty_forgetting.sweep() >= 1
        assert await bounty_forgetting.sweep() == 0
    async with db.reading() as connection:
        assert await bounties.finder(connection, settled) == bounties.Finder(name="", phone="", payee=None)
        assert (await bounties.finder(connection, waiting)).phone == FINDER["phone"]
    kept = await one("SELECT words, state FROM bounty_finding WHERE id = $1", settled)
    assert kept["state"] == "refused"
    assert FINDER["name"] not in kept["words"]
    assert "一次性告知单" in kept["words"]
    looked = await house.post(client, "/bounty/track", {"number": number, "code": code}, page="/bounty/track")
    assert (await client.get(looked.headers["location"])).status_code == 200
    async with seats.taken(client, "auditor"):
        assert "已按期删除" in (await act(client, settled, "finder")).text
