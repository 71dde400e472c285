"""Running a shift through HTTP: help that comes, hand-over that nobody loses, numbers that are refused for a time."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from channels import barred, helping, phones, ringing, shift, shift_due, staffing, voice
from hotline import clock, db
from hotline.actor import Actor
from hotline.errors import Refusal
from tests.engines import Place
from tests.phones import AWAY, FakePhones
from tests.web import house, seats

CITIZEN = "13800000061"


@pytest.fixture(autouse=True)
async def carrier(database: Place) -> AsyncIterator[FakePhones]:
    """A carrier made of memory."""
    one = FakePhones()
    phones.use(one)
    yield one
    phones.use(None)


async def value(sql: str, *args: object) -> object:
    """One value of the database."""
    async with db.reading() as connection:
        return await connection.fetchval(sql, *args)


async def arrive(number: str = CITIZEN) -> phones.Script:
    """Somebody dials 12345."""
    return await voice.arrived(voice.Arriving(provider_id=f"CA{uuid4().hex}", caller=number, dialled="12345"))


async def talk(client: httpx.AsyncClient, number: str = CITIZEN) -> UUID:
    """Who is at the browser is ready and speaks with somebody."""
    await house.post(client, "/seat/ready", {"phone": "8001"})
    call = (await arrive(number)).call
    assert call is not None
    await voice.waiting(call)
    await ringing.ring()
    await voice.picked_up(call, str(await value("SELECT leg FROM call WHERE id = $1", call)))
    return call


async def hang_up(client: httpx.AsyncClient, settled: str = "nuisance") -> None:
    """The talk is over and settled, the agent off."""
    await house.post(client, "/seat/over")
    await house.post(client, "/seat/outcome", {"settled": settled})
    await house.post(client, "/seat/offline")


def pressed_by_another(carrier: FakePhones, one: UUID) -> Callable[..., Awaitable[None]]:
    """The carrier's redirect, in whose midst another supervisor presses the same button."""
    redirect = carrier.redirect

    async def moved(provider_id: str, step: str, call: UUID, *, more: str = "") -> None:
        other = Actor(id=await seats.person("shift_supervisor"), kind="staff")
        with pytest.raises(Refusal, match="answered"):
            await helping.answer(other, one, helping.OVER)
        await redirect(provider_id, step, call, more=more)

    return moved


async def test_an_agent_asks_for_help_and_the_supervisor_joins_the_talk(
    client: httpx.AsyncClient, carrier: FakePhones
) -> None:
    agent, supervisor = await seats.person("agent", name="李静"), await seats.person("shift_supervisor", name="张班长")
    async with seats.at(client, agent):
        call = await talk(client)
        await house.post(client, "/seat/help", {"reason": "upset"})
        await house.post(client, "/seat/help")  # pressed twice: one request, and its reason stays
        assert "班长已收到" in await house.get(client, "/seat")
        assert (await house.post(client, "/seat/help", {"reason": "nonsense"})).status_code == 422
    async with seats.at(client, supervisor):
        await house.post(client, "/seat/phone", {"phone": "8009"})
        assert "李静 来电人情绪激动" in await house.htmx(client, "/floor/help")
        page = await house.get(client, "/floor")
        one = re.search(r"help-([0-9a-f-]{36})", page)
        assert one, page
        carrier.fails = AWAY
        await house.post(client, f"/floor/help/{one[1]}", {"way": "joined"})
        assert "到座席旁" in await house.get(client, "/floor"), "the carrier is away: the request still stands"
        carrier.fails = None
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(carrier, "redirect", pressed_by_another(carrier, UUID(one[1])))
            await house.post(client, f"/floor/help/{one[1]}", {"way": "joined"})
        assert len(carrier.dialled) == 2, "the agent's telephone and one supervisor's"
        assert carrier.redirected[-1][1:3] == ("room", call)
        assert carrier.last[:3] == ("8009", "help", call)
        assert "张班长 加入通话" in await house.get(client, "/floor")
    row = "SELECT extract(epoch FROM answered_at - asked_at) FROM help_request WHERE id = $1"
    assert float(str(await value(row, UUID(one[1])))) > 0, "time to help is measured"
    script = await helping.joined(call, UUID(one[1]), "LEG8009", is_muted=False)
    assert script.target == f"room-{call}"
    async with seats.at(client, agent):
        await house.post(client, "/seat/over")
    assert carrier.hung_up.count(str(await value("SELECT provider_id FROM call WHERE id = $1", call))) == 0
    assert await value("SELECT outcome FROM call WHERE id = $1", call) == "answered", "help is no transfer"
    await helping.told(UUID(one[1]))
    assert carrier.hung_up[-1] == await value("SELECT provider_id FROM call WHERE id = $1", call), "nobody is left"


async def test_long_talks_are_marked_and_the_supervisor_of_another_house_sees_no_floor(
    client: httpx.AsyncClient,
) -> None:
    async with seats.taken(client, "agent", name="赵小雨"):
        await talk(client)
        async with db.atomic() as connection:
            await connection.execute("UPDATE seat SET since = since - interval '16 minutes' WHERE state = 'talking'")
        assert (await client.get("/floor")).status_code == 403
        assert (await client.get("/shift")).status_code == 403
    async with seats.taken(client, "shift_supervisor"):
        for page in (await house.get(client, "/floor"), await house.htmx(client, "/floor", "r-floor")):
            assert "赵小雨" in page
            assert 'class="is-long"' in page
        assert "Erlang C" in await house.htmx(client, "/floor/staffing")
    async with db.atomic() as connection:
        await connection.execute("UPDATE seat SET state = 'offline', call = NULL")


async def test_a_shift_hands_over_and_nobodys_note_is_lost(client: httpx.AsyncClient) -> None:
    first = await seats.person("shift_supervisor", name="早班长")
    second = await seats.person("shift_supervisor", name="中班长")
    async with seats.at(client, second):
        assert "没有待接的班" in await house.get(client, "/shift")
        assert "还没有交接记录" in await house.get(client, "/shift/notes")
    async with seats.at(client, first):
        said = {"items": "光明街停水，20:00 前问供水公司\n二号话机有杂音", "watch": "夜里有雨"}
        await house.post(client, "/shift/draft", said)
        assert "光明街停水" in await house.get(client, "/shift"), "the draft is there after a reload"
        assert (await house.post(client, "/shift/handover", {})).status_code == 422
        long = {"items": "长" * 301, "watch": "夜里有雨"}
        answer = await house.post(client, "/shift/handover", long)
        assert answer.status_code == 422
        assert "长长长" in answer.text, "what was typed is in the form"
        assert (await house.post(client, "/shift/handover", said)).status_code == 303
        assert "您写的，由下一班接" in await house.get(client, "/shift")
    async with seats.at(client, second):
        page = await house.get(client, "/shift")
        note = re.search(r"/shift/notes/([0-9a-f-]{36})/take", page)
        item = re.search(r"/items/([0-9a-f-]{36})/done", page)
        assert note
        assert item
        await house.post(client, f"/shift/notes/{note[1]}/take")
        await house.post(client, f"/shift/items/{item[1]}/done", {"back": "/shift"})
        page = await house.get(client, f"/shift/notes/{note[1]}")
        assert "中班长" in page
        assert "夜里有雨" in page
        assert "待回拨" in page, "the figures of the moment are in the note"
        carried = re.findall(r'id="carry-([0-9a-f-]{36})"', await house.get(client, "/shift"))
        assert len(carried) == 1
        await house.post(client, "/shift/handover", {"carried": carried[0], "watch": ""})
    async with seats.at(client, first):
        page = await house.get(client, "/shift")
        assert "二号话机有杂音" in page
        assert "已转 1 班" in page
        assert f"note-{note[1]}" not in page, "what was taken over waits no more"
        await house.post(client, f"/shift/notes/{note[1]}/take")
        assert "交班人不能自己接班" in await house.get(client, "/shift")


async def test_the_figures_of_a_shift_lead_nobody_to_a_page_that_is_not_theirs(client: httpx.AsyncClient) -> None:
    for role, leads in (("shift_supervisor", True), ("coordination", False)):
        async with seats.taken(client, role):
            page = await house.get(client, "/shift")
            assert "待回拨" in page
            assert ('href="/callbacks"><strong>' in page) is leads


async def test_an_item_that_two_carry_on_at_once_goes_one_way() -> None:
    author, *takers = [Actor(id=await seats.person("shift_supervisor"), kind="staff") for _ in range(3)]

    async def write(actor: Actor, text: str, *carried: UUID) -> None:
        async with db.atomic() as connection:
            await shift.write(connection, actor, text=text, watch="", carried=carried, facts={})

    await write(author, "两人同时转的")
    async with db.reading() as connection:
        (item,) = [one for one in await shift.open_items(connection) if one.words == "两人同时转的"]
    await asyncio.gather(*(write(one, "", item.id) for one in takers))
    async with db.reading() as connection:
        assert [one.carried for one in await shift.open_items(connection) if one.words == item.words] == [1]


async def propose(client: httpx.AsyncClient, agent: UUID, number: str) -> str:
    """An agent was called three times in vain and proposes; the address of the proposal."""
    async with seats.at(client, agent):
        for _ in range(2):
            await talk(client, number)
            await hang_up(client)
        call = await talk(client, number)
        page = await house.get(client, f"/refused/new?call={call}")
        assert number not in page
        calls = re.findall(r'name="calls" value="([0-9a-f-]{36})"', page)
        assert len(calls) == 3
        given = {"call": str(call), "ground": "repeated", "words": "反复打来唱歌，劝导三次不听。", "calls": calls[:1]}
        answer = await house.post(client, "/refused/new", given)
        assert answer.status_code == 422
        assert "至少选 3 通" in answer.text
        assert "先劝导" in answer.text
        whole = {**given, "calls": calls, "is_persuaded": "yes"}
        answers = await asyncio.gather(*(house.post(client, "/refused/new", whole) for _ in range(2)))
        assert sorted(one.status_code for one in answers) == [303, 409], "pressed twice at once: one proposal"
        await hang_up(client)
    last = await value("SELECT id FROM refused_number WHERE state = 'proposed' ORDER BY proposed_at DESC LIMIT 1")
    return f"/shift/refused/{last}"  # others may wait from the tests before


async def broken(*_: object) -> None:
    """What is killed in the middle."""
    raise RuntimeError


def a_week() -> dict[str, str]:
    """Refused for seven days, looked at after three."""
    on = clock.today() + timedelta(days=3)
    return {"decision": "refuse", "days": "7", "review_on": str(on), "reason": "属实。"}


async def test_a_number_is_refused_by_another_for_a_time_and_never_walled_off_from_an_emergency(
    client: httpx.AsyncClient,
) -> None:
    agent = await seats.person("agent", "shift_supervisor")
    path = await propose(client, agent, "13800000071")
    assert (await arrive("13800000071")).call is not None, "until it is decided calls come in"
    decision = a_week()
    async with seats.at(client, agent):
        answer = await house.post(client, f"{path}/decision", decision)
        assert answer.status_code == 409
        assert "提出人不能自己决定" in answer.text
    supervisor, other = await seats.person("shift_supervisor"), await seats.person("shift_supervisor")
    async with seats.at(client, supervisor):
        answer = await house.post(client, f"{path}/decision", {**decision, "days": "31"})
        assert answer.status_code == 422
        assert "1 到 30 天" in answer.text
        assert (await house.post(client, f"{path}/decision", decision)).status_code == 303
        assert "138****0071" in await house.get(client, "/shift/refused")
    said = await arrive("13800000071")
    assert "反复拨打" in said.says[0]
    assert "12345 窗口" in said.says[0]
    assert said.call is not None
    script = await barred.urgent(said.call, "3")
    assert (script.then, script.target) == (phones.NUMBER, "120")
    assert await value("SELECT count(*) FROM transfer_record WHERE call = $1 AND agent IS NULL", said.call) == 1
    assert (await arrive("13800000062")).then == phones.QUEUE, "everybody else is put through"
    async with seats.at(client, agent):
        objection = {"phone": "+86 138 0000 0071", "way": "counter", "words": "是孩子乱拨的。"}
        assert (await house.post(client, "/refused/objection", objection)).status_code == 303
        strange = {**objection, "phone": "13900000000"}
        assert (await house.post(client, "/refused/objection", strange)).status_code == 409
    async with seats.at(client, supervisor):
        extended = await house.post(client, f"{path}/extension", {"reason": "到期后还会打。"})
        verdict = {"outcome": "upheld", "reason": "已说明情况。"}
        assert (await house.post(client, f"{path}/objection", verdict)).status_code == 409, "not by who decided it"
        review = {"review_on": str(clock.today() + timedelta(days=5))}
        assert (await house.post(client, f"{path}/review", review)).status_code == 409, "nor is it theirs to review"
    async with seats.at(client, agent):
        assert (await house.post(client, f"{path}/objection", verdict)).status_code == 409, "nor by who proposed it"
    async with seats.at(client, other):
        assert (await house.post(client, f"{path}/review", review)).status_code == 303
        assert "是孩子乱拨的" in await house.get(client, path)
        with pytest.MonkeyPatch.context() as patch, contextlib.suppress(RuntimeError):
            patch.setattr("channels.refused.end", broken)
            await house.post(client, f"{path}/objection", verdict)
        assert await value("SELECT count(*) FROM refused_appeal WHERE outcome = ''") == 1, "killed half-way: undone"
        assert (await house.post(client, f"{path}/objection", verdict)).status_code == 303
        assert "意见成立" in await house.get(client, path)
        answer = await house.post(client, f"{extended.headers['location']}/decision", decision)
        assert answer.status_code == 409
        assert "已提前解除，不能续期" in answer.text
        declined = {"decision": "decline", "reason": "已解除。"}
        await house.post(client, f"{extended.headers['location']}/decision", declined)
    assert (await arrive("13800000071")).then == phones.QUEUE, "an objection that is right lifts it"


async def test_a_refusal_ends_by_itself_and_goes_on_only_by_a_new_decision(client: httpx.AsyncClient) -> None:
    path = await propose(client, await seats.person("agent"), "13800000072")
    first, second = await seats.person("shift_supervisor"), await seats.person("shift_supervisor")
    decision = a_week()
    async with seats.at(client, first):
        await house.post(client, f"{path}/decision", decision)
        extended = await house.post(client, f"{path}/extension", {"reason": "期间又打了十次。"})
        assert (await house.post(client, f"{path}/extension", {"reason": "再提一次。"})).status_code == 409
    with clock.at(clock.now() + timedelta(days=4)):
        await shift_due.sweep()
        assert await value("SELECT count(*) FROM unheard WHERE kind = 'refusal_review'") == 0
        assert int(str(await value("SELECT count(*) FROM staff_notice WHERE kind = 'refusal_review'"))) > 0
    async with seats.at(client, second):
        new = extended.headers["location"]
        assert (await house.post(client, f"{new}/decision", {**decision, "days": "30"})).status_code == 303
        assert "到期解除" in await house.get(client, path)
        assert (await arrive("13800000072")).then == phones.ASK
        objection = {"phone": "13800000072", "way": "letter", "words": "换了机主。"}
        await house.post(client, "/refused/objection", objection)
    with clock.at(clock.now() + timedelta(days=31)):
        assert await shift_due.sweep() > 0
        assert (await arrive("13800000072")).then == phones.QUEUE
    async with seats.taken(client, "shift_supervisor"):
        assert "138****0072" in (await house.get(client, "/shift/refused")).partition("h-past")[0]
        verdict = {"outcome": "dismissed", "reason": "期满已解除。"}
        assert 'id="verdict"' in await house.get(client, new), "over or not, who objected is owed an answer"
        assert (await house.post(client, f"{new}/objection", verdict)).status_code == 303
        assert await value("SELECT state FROM refused_number WHERE id = $1", UUID(new.rpartition("/")[2])) == "ended"
    kinds = "SELECT array_agg(kind ORDER BY seq) FROM act WHERE subject = $1"
    subject = f"refused:{new.rpartition('/')[2]}"
    assert await value(kinds, subject) == [
        "refusal_extended", "refusal_made", "refusal_objected", "refusal_ended", "refusal_objection_dismissed",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("calls", "seconds", "seats_needed"), [(0, 240, 0), (100, 180, 8), (600, 240, 46), (1, 60, 1)]
)
def test_needed_seats_are_those_of_erlang(calls: float, seconds: float, seats_needed: int) -> None:
    assert staffing.needed(calls, seconds, within=15, share=0.8) == seats_needed
    assert staffing.waits(5, 5) == 1
    assert staffing.waits(10, 14) == pytest.approx(0.1741, abs=5e-4), "as the tables of Erlang C have it"
