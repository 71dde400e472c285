"""Stories of what is not routed plainly: about a bureau, risk words, verifying first, three levels, discipline."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
import msgspec
import pytest

from cases import verbs, verbs_care
from channels import reading
from channels.twilio_signature import signature
from hotline import city, db, people, rebuild, settings, worker
from routing import leaders
from sla import levels
from tests import builders as b
from tests.web import house
from web import access

pytestmark = pytest.mark.anyio
SAID = "环保局执法科的刘刚收了化工厂的东西不管夜间排烟，我叫宋玉兰，住滏东小区三号楼，电话13912340001。"
SECRETS = ("刘刚", "宋玉兰", "滏东小区", "13912340001", "139****0001", "收了化工厂")
ALLEGATION = "反映对某化工厂夜间排烟投诉处理不力。"


async def case_of(number: str) -> Any:
    async with db.reading() as connection:
        return await connection.fetchrow("SELECT * FROM cases WHERE number = $1", number)


async def post(client: httpx.AsyncClient, case: str, slug: str, /, **given: object) -> httpx.Response:
    return await house.post(client, f"/cases/{case}/{slug}", given, page=f"/cases/{case}")


@pytest.mark.requirement("004-09")
async def test_a_complaint_about_the_environment_bureau_is_not_sent_to_it_alone_and_it_cannot_see_who_complained(
    client: httpx.AsyncClient,
) -> None:
    receipt = await b.a_receipt(
        kind="complaint", words=SAID, about_unit="EEB", about_person="刘刚", name="宋玉兰", phone="13912340001",
        address="滏东小区三号楼", place="丛台区滏东小区三号楼后面",
    )  # fmt: skip
    number = receipt.number
    matter = next(m.code for m in city.current().matters.values() if m.lead_unit == "EEB")
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        accepted = await post(client, number, "acceptance", matter=matter, no_place="多处", title="夜间排烟")
        assert accepted.status_code == 303, accepted.text[:3000]
        assert (await case_of(number))["state"] == "accepted"
        alone = await post(client, number, "dispatch", unit="EEB")
        assert alone.status_code == 409
        assert "不能派给被投诉的单位" in alone.text
        assert (await post(client, number, "dispatch", unit="SUP")).status_code == 303
        unwritten = await post(client, number, "co-handlers", unit="EEB")
        assert unwritten.status_code == 422
        assert "写转述" in unwritten.text
        telling = await post(client, number, "summary", summary="宋玉兰说排烟没人管。")
        assert telling.status_code == 422
        assert (await post(client, number, "summary", summary=ALLEGATION)).status_code == 303
        assert (await post(client, number, "co-handlers", unit="EEB", reason="说明情况")).status_code == 303
        assert (await post(client, number, "recall", assignment=await _lead(number), reason="x")).status_code == 303
        assert (await post(client, number, "dispatch", unit="EEB")).status_code == 409
        assert (await post(client, number, "dispatch", unit="SUP")).status_code == 303
    async with house.signed_in(client, "unit_handler", "unit_head", unit="EEB"):
        paths = (
            f"/cases/{number}", f"/cases/{number}/print", f"/work?case={number}", "/work", "/cases",
            f"/cases?q={number}", f"/cases/{number}?lines=people", "/board", "/board/promises?unit=EEB",
        )  # fmt: skip
        pages = {path: await house.get(client, path) for path in paths}
        for path, page in pages.items():
            assert not [secret for secret in SECRETS if secret in page], path
        assert ALLEGATION in pages[f"/cases/{number}"]
        assert number in pages[f"/cases?q={number}"]
        assert number not in await house.get(client, "/cases?q=排烟没人管")
        assert number not in await house.get(client, "/cases?q=化工厂")
        assert (await client.get("/cases/" + number + "?act=recall")).status_code == 200
        call = await post(client, number, "call", request="", own_phone="")
        assert call.status_code == 303
        assert "被投诉单位不能联系投诉人" in (await client.get(f"/cases/{number}")).text
    async with house.signed_in(client, "unit_handler", unit="SUP"):
        assert "化工厂" in await house.get(client, f"/cases/{number}")  # another lead reads what was said


async def _lead(number: str) -> str:
    async with db.reading() as connection:
        return str(
            await connection.fetchval(
                "SELECT a.id FROM assignment a JOIN cases c ON c.id = a.case_id WHERE c.number = $1 "
                "AND a.role = 'lead' AND a.state NOT IN ('recalled', 'ended')",
                number,
            )
        )


async def test_whom_it_is_about_is_written_down_later_and_neither_it_nor_those_below_it_may_lead(
    client: httpx.AsyncClient,
) -> None:
    number = (await b.a_receipt(words="区里不给办，找谁都不管。")).number
    township = next(one.code for one in city.current().units.values() if one.parent == "130403")
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        request = str(await _request(number))
        named = await post(client, number, "complained-about", request=request, unit="130403", person="何某")
        assert named.status_code == 303, named.text[:2000]
        assert list((await case_of(number))["about_units"]) == ["130403"]
        assert (await post(client, number, "acceptance", matter="020201", county="130403")).status_code == 303
        assert (await case_of(number))["state"] == "accepted"
        for unit in ("130403", township):
            assert (await post(client, number, "dispatch", unit=unit)).status_code in (409, 422)
    async with house.signed_in(client, "county_office", unit="130403", jurisdiction="130403"):
        page = await house.get(client, f"/cases/{number}")
        assert "找谁都不管" not in page
        assert "何某" not in page


async def _request(number: str) -> Any:
    async with db.reading() as connection:
        return await connection.fetchval("SELECT id FROM request WHERE receipt_no = $1", number)


async def test_risk_words_in_a_text_message_stand_on_the_supervisors_board_at_once_and_until_cleared(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = settings.current()
    public, token = "https://hotline.example.gov.cn", "test-token"
    settings.use(msgspec.structs.replace(before, twilio_account="AC1", twilio_token=token, public_url=public))
    monkeypatch.setattr("hotline.jobs.nudge_soon", lambda _: None)
    sent = {
        "MessageSid": "SM90", "SmsSid": "SM90", "AccountSid": "AC1", "From": "+8613699990001", "To": "+8631012345",
        "Body": "丛台区和平路工地欠薪三个月，再不给钱我就从塔吊上跳楼！", "NumMedia": "0", "NumSegments": "1",
    }  # fmt: skip
    signed = signature(token, f"{public}/hooks/twilio/sms", [(k.encode(), v.encode()) for k, v in sent.items()])
    async with house.signed_in(client, "shift_supervisor", unit="HOT"):
        have = (await house.get(client, "/board")).partition("/care/strip?have=")[2].partition('"')[0]
        unchanged = await client.get(f"/care/strip?have={have}", headers={"HX-Request": "true"})
        assert unchanged.status_code == 204
        answer = await client.post(
            "/hooks/twilio/sms", content=urlencode(sent).encode(),
            headers={"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signed},
        )  # fmt: skip
        assert answer.status_code == 200
        await reading.read_all()
        settings.use(before)
        strip = await house.htmx(client, f"/care/strip?have={have}")
        assert 'role="alert"' in strip
        assert "轻生" in strip
        assert "待您看" in await house.htmx(client, "/care/bell")
        assert "跳楼" in strip
        async with db.reading() as connection:
            number = await connection.fetchval(
                "SELECT c.number FROM cases c JOIN case_text t ON t.case_id = c.id AND t.field = 'risk' "
                "WHERE t.value = '跳楼' AND c.channel = 'sms'"
            )
        case = await case_of(number)
        assert (list(case["risk"]), case["urgency"], case["next_stage"]) == (["self_harm"], "urgent", "risk")
        page = await house.get(client, f"/cases/{number}")
        assert "还没人看" in page
        assert (await post(client, number, "risk-seen", reason="已联系辖区派出所")).status_code == 303
        assert (await post(client, number, "police", number="110", reference="P-7", reason="")).status_code == 303
        assert (await post(client, number, "risk-clearance", reason="")).status_code == 422
        assert "已知晓" in await house.get(client, "/care/risks")
        assert (await post(client, number, "risk-clearance", reason="民警已劝下，情绪稳定。")).status_code == 303
        assert number not in await house.get(client, "/care/risks")
        assert "已通报 110" in await house.get(client, f"/cases/{number}")
    await b.act("agent", number, verbs.add_words, b.request, words="我们几十个人明天去堵路。")
    assert list((await case_of(number))["risk"]) == ["crowd"]


async def test_risk_words_during_a_call_reach_the_board_before_there_is_a_case_and_the_flag_stays_on_it(
    client: httpx.AsyncClient,
) -> None:
    draft = "0199aaaa-0000-7000-8000-000000000001"
    async with house.signed_in(client, "agent", unit="HOT"):
        given = {"draft": draft, "words": "她说不想活了，<b>要跳楼</b>", "channel": "phone"}
        strip = await house.post(client, "/desk/risk", given, page="/desk", is_htmx=True)
        assert "班长已收到" in strip.text
        assert 'role="alert"' in strip.text
        heard = {**given, "risk_words": "不想活跳楼"}
        again = await house.post(client, "/desk/risk", heard, page="/desk", is_htmx=True)
        assert 'role="alert"' not in again.text  # said aloud once
        for typed, is_told in ((given, True), (heard, False)):  # it comes with the proposals while it is news
            along = await house.post(client, "/desk/proposals", typed, page="/desk", is_htmx=True)
            assert ('id="r-risk" hx-swap-oob' in along.text) is is_told
        sale = {"draft": draft, "words": "商场跳楼价甩卖，扰民"}
        harmless = await house.post(client, "/desk/risk", sale, page="/desk", is_htmx=True)
        assert "班长" not in harmless.text
        async with house.signed_in(client, "shift_supervisor", unit="HOT"):
            assert "通话中" in await house.get(client, "/board")
        given |= {"phone": "13700000009", "matter": "020201", "county": "130403", "outcome": "accept", "line": "12345",
                  "kind": "assistance", "urgency": "normal"}  # fmt: skip
    async with house.signed_in(client, "agent", unit="HOT"):
        other = {**given, "draft": "0199aaaa-0000-7000-8000-000000000002"}
        done = await house.post(client, "/desk", other, page="/desk")
        assert done.status_code == 303, done.text[:3000]
        number = done.headers["location"].rpartition("/")[2]
    case = await case_of(number)
    assert (list(case["risk"]), case["state"], case["urgency"]) == (["self_harm"], "active", "urgent")


@pytest.mark.requirement("003-02")
async def test_a_government_service_matter_is_verified_before_it_is_handled_and_counted_apart(
    client: httpx.AsyncClient,
) -> None:
    number = (await b.a_receipt(words="窗口要我补了三次材料。", matter="170104")).number
    assert (await case_of(number))["lead_unit"] == "HOT"
    async with house.signed_in(client, "unit_handler", unit="HOT"):
        assert (await post(client, number, "sign-off")).status_code == 303
        claim = {
            "result": "resolved", "note": "已核对办件记录。", "reply": "已更正，抱歉让您多跑。",
            "is_substantiated": "yes", "has_contacted": "yes", "is_solved": "yes",
        }  # fmt: skip
        early = await post(client, number, "result", **claim)
        assert early.status_code == 409
        assert "先核实" in early.text
        assert (await post(client, number, "verification", finding="true", said="")).status_code == 422
        found = await post(client, number, "verification", finding="true", said="办件系统有三次补正。")
        assert found.status_code == 303
        assert (await post(client, number, "result", **claim)).status_code == 303
    async with db.reading() as connection:
        met = await connection.fetchval("SELECT outcome FROM clock k JOIN cases c ON c.id = k.case_id "
                                        "WHERE c.number = $1 AND k.stage = 'verify'", number)  # fmt: skip
    assert met == "met"
    async with house.signed_in(client, "supervisor", unit="SUP"):
        page = await house.get(client, "/care/verification?by=matter")
        row = page.partition('id="row-170104"')[2].partition("</tr>")[0]
        assert re.findall(r'<td class="n">(\d+)</td>', row)[:4] == ["1", "1", "1", "0"]
        assert 'href="/cases?unit=HOT' in await house.get(client, "/care/verification")
        assert "还没有政务服务类" in await house.get(client, "/care/verification?period=2024-01")


@pytest.mark.requirement("001-04")
async def test_an_enterprise_case_climbs_three_levels_each_with_its_limit_and_its_named_leader(
    client: httpx.AsyncClient,
) -> None:
    snapshot = city.current()
    township = next(one for one in snapshot.townships.values() if one.county == "130403" and one.code in snapshot.units)
    logins = {unit: await house.a_person("level_leader", unit=unit) for unit in (township.code, "130403", "GOV")}
    async with house.signed_in(client, "admin", unit="HOT"):
        assert "还缺" in await house.get(client, "/care/leaders")
        for unit, name in ((township.code, "镇长甲"), ("130403", "区长乙"), ("GOV", "市长丙")):
            given = {"name": name, "title": "分管领导", "person": str(logins[unit][0])}
            named = await house.post(client, f"/care/leaders/{unit}", given, page="/care/leaders")
            assert named.status_code == 303, named.text[:2000]
        assert (await house.post(client, "/care/leaders/EEB", given, page="/care/leaders")).status_code == 404
    receipt = await b.a_receipt(
        words="开发区断头路半年不通，货车进不来。", matter="020201", organisation_code="91130400MA0000000X",
        township=township.code, place="",
    )  # fmt: skip
    number = receipt.number
    assert await at_level(number) == ("township", logins[township.code][0])
    due = await running(number, "level_township")
    assert await levels.climb_due(leaders.climb, due - timedelta(minutes=1)) == 0
    assert await levels.climb_due(leaders.climb, due) == 1
    assert await levels.climb_due(leaders.climb, due) == 0  # safe twice
    assert await at_level(number) == ("district", logins["130403"][0])
    async with house.signed_in(client, "unit_handler", unit="130403", jurisdiction="130403"):
        assert (await post(client, number, "sign-off")).status_code == 303
        assert (await post(client, number, "next-level", reason="")).status_code == 422
        assert (await post(client, number, "next-level", reason="涉及两区，区里定不了。")).status_code == 303
        assert (await post(client, number, "next-level", reason="再上")).status_code in (409, 422)
    assert await at_level(number) == ("city", logins["GOV"][0])
    async with as_login(client, logins["GOV"][1]):
        assert number in await house.get(client, "/care/levels")
        assert (await post(client, number, "instruction", instruction="长" * 1001)).status_code == 422
        assert (await post(client, number, "instruction", instruction="月底前通车，由区政府牵头。")).status_code == 303
        page = await house.get(client, f"/cases/{number}")
    ladder = page.partition('id="h-ladder"')[2].partition("</section>")[0]
    for words in ("镇长甲", "区长乙", "市长丙", "到期没解决", "区里定不了", "月底前通车"):
        assert words in ladder, words
    async with as_login(client, logins[township.code][1]):
        assert number not in await house.get(client, "/care/levels")
        assert (await client.get(f"/cases/{number}")).status_code == 404
    assert dict(await worker.sweep_once())["climb_levels"] == 0


@contextlib.asynccontextmanager
async def as_login(client: httpx.AsyncClient, login: str) -> AsyncIterator[None]:
    token, _ = await people.sign_in(login, house.PASSWORD, "127.0.0.1")
    client.cookies.set(access.SESSION, token, domain="testserver.local")
    yield
    client.cookies.delete(access.SESSION)


async def at_level(number: str) -> tuple[str, Any]:
    case = await case_of(number)
    return case["level"], case["leader"]


async def running(number: str, stage: str) -> datetime:
    async with db.reading() as connection:
        due: datetime = await connection.fetchval(
            "SELECT due_at FROM clock k JOIN cases c ON c.id = k.case_id WHERE c.number = $1 AND k.stage = $2 "
            "AND k.stopped_at IS NULL",
            number, stage,
        )  # fmt: skip
    return due


async def test_corruption_leaves_through_the_discipline_channel_and_the_requester_is_told_the_way(
    client: httpx.AsyncClient,
) -> None:
    number = (await b.a_receipt(kind="complaint", words="村干部受贿，侵吞补偿款。")).number
    async with house.signed_in(client, "agent", unit="HOT"):
        page = await house.get(client, f"/cases/{number}")
        assert "12388" in page  # the likely act, because of the words
        unknown = await post(client, number, "statutory-channel", target="EEB", reply="去找他们。")
        assert unknown.status_code == 422
        told = city.current().related_numbers["12388"].say_zh
        answer = await post(client, number, "statutory-channel", target="PET", reference="XF-1", reply=told)
        assert answer.status_code == 303, answer.text[:2000]
        assert "信访局" in await house.get(client, "/transfers?target=PET")
    case = await case_of(number)
    assert (case["state"], case["close_reason"], case["lead_unit"]) == ("transferred", "statutory_channel", None)
    async with db.reading() as connection:
        reply = await connection.fetchval(
            "SELECT value FROM case_text WHERE case_id = $1 AND field = 'reply'", case["id"]
        )
    assert "信访局" in reply  # the other channel's sentence gave way to the one that fits
    assert (await rebuild.rebuild(check=True)).different == 0  # of all these stories, the ledger makes the same rows


async def test_risk_words_in_a_rating_or_at_a_visit_reach_the_supervisor_though_the_case_is_closed(
    database: object,
) -> None:
    closed = (await b.a_case("closed")).number
    await b.act("agent", closed, verbs.rate, b.request, grade="dissatisfied", words="没解决，我不想活了。")
    asked = (await b.a_case("callback")).number
    await b.act("callback", asked, verbs.visit, b.request, was_contacted=True, is_solved=False, said="再不办就去堵路。")
    for number, risk, state in ((closed, ["self_harm"], "closed"), (asked, ["crowd"], "callback")):
        case = await case_of(number)
        assert (list(case["risk"]), case["state"]) == (risk, state)
        assert (await running(number, "risk")) is not None
    await b.act("shift", closed, verbs_care.clear_flag, reason="已联系上，无事。")
    assert list((await case_of(closed))["risk"]) == []
    assert await running(closed, "risk") is None
    assert (await rebuild.rebuild(check=True)).different == 0
