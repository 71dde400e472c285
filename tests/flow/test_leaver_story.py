"""Story: a handler leaves in the middle of a case; access ends at once, the work goes on with both names on record."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest

from hotline import clock, db, people, vault
from tests import builders as b
from tests.conftest import shared_app
from tests.engines import Place
from tests.web import house
from tests.web.posts import UNIT, Seats
from tests.web.test_workbench import RESULT
from web.live import HUB

pytestmark = pytest.mark.anyio


@pytest.fixture
async def client(database: Place) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=shared_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver", timeout=30) as one:
        yield one


@pytest.mark.requirement("001-14")
async def test_a_leaver_in_the_middle_of_a_case_is_out_at_once_and_the_substitute_finishes_the_draft(
    client: httpx.AsyncClient,
) -> None:
    seats = Seats(client)
    for name, roles in (("林负责", ("unit_head",)), ("何承办", ("unit_handler",)), ("陶接手", ("unit_handler",)),
                        ("朱管理", ("admin",)), ("路外人", ("unit_head",))):  # fmt: skip
        await seats.add(name, *roles, unit={"朱管理": "HOT", "路外人": "CGB"}.get(name, UNIT))
    number = (await b.a_case("dispatched")).number
    answer = await house.post(seats.sit("林负责"), "/approvals", {"needs_head": "yes"}, page="/approvals")
    assert answer.status_code == 303
    ask = f"/work?case={number}&act=head_ask"
    await seats.act("何承办", number, "sign-off")
    await seats.act("何承办", number, "head-request", ask, **RESULT)
    await seats.act("林负责", number, "head-refusal", f"/approvals?case={number}", reason="写明日期")
    actor = await people.actor_of(seats.tokens["何承办"])
    assert actor is not None
    stream = HUB.stream(frozenset({"queue"}), actor.session)
    await anext(stream)
    leaver = seats.ids["何承办"]
    at = f"/people/{leaver}/leave"
    assert "在办的件：1" in await house.get(seats.sit("朱管理"), at)
    assert (await house.post(client, at, page=at)).status_code == 303
    await HUB.look()
    assert [piece async for piece in stream if b"event" in piece] == [], "the open page hears nothing more"
    answer = await seats.sit("何承办").get(f"/work?case={number}")
    assert (answer.status_code, answer.headers["location"][:8]) == (303, "/sign-in")
    assert "何承办离岗，还有 1 项没办完" in await house.get(seats.sit("林负责"), "/reminders")
    assert number not in await house.get(seats.sit("路外人"), "/left-work"), "another unit's head has nothing of it"
    page = await house.get(seats.sit("林负责"), "/left-work")
    assert "还没交" in page[page.index("何承办") :]
    key = page.partition('name="items" value="')[2].partition('"')[0]
    form = {"person": str(leaver), "items": key, "how": "chosen", "to": str(seats.ids["路外人"])}
    assert (await house.post(client, "/left-work", form, page="/left-work")).status_code == 422
    form["to"] = str(seats.ids["陶接手"])
    assert (await house.post(client, "/left-work", form, page="/left-work")).status_code == 303
    page = await house.get(seats.sit("陶接手"), "/left-work")
    assert number in page[page.index("交给我的") : page.index("</section>")]
    assert "离岗交接" in await house.get(client, "/reminders")
    page = await house.get(client, ask)
    assert RESULT["note"] in page[page.index('id="form-head_ask"') :], "the draft is there"
    await seats.act("陶接手", number, "head-request", ask, **{**RESULT, "reply": "灯杆已于 11 月 26 日换好。"})
    await seats.act("林负责", number, "head-approval", f"/approvals?case={number}")
    async with db.reading() as connection:
        done = await connection.fetchrow(
            "SELECT a.state, a.handled_by, a.hands FROM assignment a JOIN cases c ON c.id = a.case_id "
            "WHERE c.number = $1", number)  # fmt: skip
    assert done["state"] == "handled"
    assert {leaver, seats.ids["陶接手"], seats.ids["林负责"]} <= set(done["hands"])
    assert number not in await house.get(client, "/left-work"), "what is done is on no list"


async def left_open(leaver: UUID) -> str:
    """A live chat, half a note for the next shift, an export that waits, an unfinished call, a sealed case."""
    number, now = (await b.a_case("signed")).number, clock.now()
    ids = "VALUES (gen_random_uuid(), $1, $2"
    chat = "id, agent, started_at, token, once, lang, state, waiting_since, taken_at, citizen_at"
    export = "id, asked_by, asked_at, reason, audiences, has_personal, state"
    async with db.atomic() as connection:
        for sql, args in (
            (f"INSERT INTO chat ({chat}) {ids}, '\\x01', gen_random_uuid(), 'zh', 'talking', $2, $2, $2)", ()),
            (f"INSERT INTO shift_note (id, author, saved_at, day, shift, watch) {ids}, $3, 'early', $4)",
             (clock.local_day(now), vault.seal("三号坐席耳机坏了", "shift_note"))),
            (f"INSERT INTO ledger_export ({export}) {ids}, '核对', ARRAY['staff'], false, 'asked')", ()),
            (f"INSERT INTO draft (id, person, updated_at, kind, body) {ids}, 'call', '')", ()),
        ):  # fmt: skip
            await connection.execute(sql, leaver, now, *args)
        await connection.execute(
            "UPDATE assignment SET signed_by = $1 FROM cases c WHERE c.id = case_id AND c.number = $2", leaver, number
        )
        await connection.execute("UPDATE cases SET is_confidential = TRUE WHERE number = $1", number)
    return number


async def test_what_a_leaver_of_the_centre_had_goes_to_who_may_go_on_with_it_and_on_again_when_they_leave_too(
    client: httpx.AsyncClient,
) -> None:
    seats = Seats(client)
    for name, *roles in (("毛离岗", "shift_supervisor"), ("尹班长", "shift_supervisor"), ("白回访", "callback"),
                         ("汤接手", "shift_supervisor"), ("朱管理", "admin")):  # fmt: skip
        await seats.add(name, *roles, unit="HOT")
    leaver, heir = seats.ids["毛离岗"], seats.ids["汤接手"]
    number, at = await left_open(leaver), f"/people/{leaver}/leave"
    page = await house.get(seats.sit("朱管理"), at)
    for what in ("正在谈的网上对话", "没交出的交班记录", "没批的导出申请", "没登记完的来电", "在办的件"):
        assert f"{what}：1" in page, what
    await house.post(client, at, page=at)
    async with db.reading() as connection:
        chat = await connection.fetchrow("SELECT state, agent, is_urgent FROM chat WHERE token = '\\x01'")
    assert tuple(chat) == ("waiting", None, False), "whom a leaver left talking waits for another, no cry for help"
    client = seats.sit("尹班长")
    assert "毛离岗离岗，还有 4 项没办完" in await house.get(client, "/reminders")
    page = await house.get(client, "/left-work")
    assert "在办的件（保密件）" in page
    assert number not in page, "of a sealed case nothing but that there is one"
    form = {"person": leaver, "how": "all", "to": seats.ids["白回访"]}
    answer = await house.post(client, "/left-work", form, page="/left-work")
    assert answer.status_code == 422
    beyond = ("没登记完的来电", "没交出的交班记录")  # opened in one moment: whichever comes first is named
    assert any(f"这位同事的角色办不了“{what}”" in answer.text for what in beyond)
    assert (await house.post(client, "/left-work", {**form, "to": heir}, page="/left-work")).status_code == 303
    assert "毛离岗" in await house.get(client, "/shift"), "the half-written note waits for the next shift"
    page = await house.get(seats.sit("汤接手"), "/left-work")
    assert "没批的导出申请" in page[page.index("交给我的") : page.index("</section>")]
    at = f"/people/{heir}/leave"
    assert "没批的导出申请：1" in await house.get(seats.sit("朱管理"), at)
    await house.post(client, at, page=at)
    page = await house.get(seats.sit("尹班长"), "/left-work")
    assert page[page.index("没批的导出申请") :].partition("</tr>")[0].count("还没交") == 1
