"""Operations and the case page through HTTP: doors and dead letters, what was sent and how it stands."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest

from channels import outbox, spool
from channels.carrier import Never, Outgoing
from hotline import acts, clock, db, settings, vault
from hotline.ids import new_id
from tests import builders as b
from tests.channels import senders
from tests.channels.senders import Provider, deliver, held, put
from tests.web import house

pytestmark = pytest.mark.anyio
PAGE = "/admin/operations"
LETTERS = "/admin/operations/letters"
SECRETS = ("13800000001", "王小明", b.WORDS[:6], "灯头")


@pytest.fixture(autouse=True)
async def noon(database: object) -> AsyncIterator[None]:
    """An empty outbox without dead letters at noon."""
    with clock.at(clock.on(clock.today(), 12)):
        await senders.empty()
        async with db.atomic() as connection:
            await connection.execute("UPDATE outbox_message SET state = 'dropped' WHERE state = 'failed'")
        yield


@pytest.fixture
async def admin(client: httpx.AsyncClient) -> AsyncIterator[UUID]:
    """``client`` is an administrator's browser."""
    async with house.signed_in(client, "admin", unit="HOT", name="朱辉") as who:
        yield who


def refused(_: Outgoing) -> None:
    """What a provider says of a number that does not exist."""
    raise Never("21211")


def down(_: Outgoing) -> None:
    """What a provider that is away looks like."""
    raise ConnectionError


async def test_without_dead_letters_the_page_says_so(client: httpx.AsyncClient, admin: UUID) -> None:
    assert "没有，该发的都发出去了。" in await house.get(client, LETTERS)
    assert "None: everything that was due has gone." in await house.get(client, f"{LETTERS}?lang=en")
    await house.get(client, "/admin?lang=zh")


async def test_dead_letters_are_listed_by_door_with_their_code_and_sent_again_one_or_all(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    receipt = await b.a_receipt(matter="020201")
    mail = await put("email", "a@b.cn")
    await put("sms", "13800000001")
    await deliver("sms", Provider(refused))
    await deliver("email", Provider(refused))
    operations = await house.get(client, PAGE)
    assert "3 条没发出，去处理" in operations
    page = await house.get(client, LETTERS)
    assert page.count('<tr id="row-') == 3
    assert "已受理、何时答复" in page
    assert receipt.number in page
    assert page.count("21211") == 3
    for secret in SECRETS:
        assert secret not in page + operations, secret
    assert (await house.get(client, f"{LETTERS}?door=email")).count('<tr id="row-') == 1
    assert (await house.post(client, f"{LETTERS}/{mail}/again")).status_code == 303
    assert (await house.post(client, f"{LETTERS}/{mail}/again")).status_code == 409
    assert (await held(mail)).state == "queued"
    assert (await house.post(client, f"{LETTERS}/doors/sms/again")).status_code == 303
    assert (await house.post(client, f"{LETTERS}/doors/sms/again")).status_code == 409
    assert (await house.post(client, f"{LETTERS}/doors/nothing/again")).status_code == 409
    provider = Provider()
    assert await deliver("sms", provider) == 2
    async with db.reading() as connection:
        one, all_of = [await acts.recent(connection, kind=kind) for kind in ("letter_again", "letters_again")]
    assert [(one.actor, one.subject) for one in (*one, *all_of)] == [(admin, f"message:{mail}"), (admin, "door:sms")]
    async with house.signed_in(client, "supervisor", unit="HOT"):
        assert "重发一个渠道的消息 短信：2 条" in await house.get(client, "/admin/acts?kind=letters_again")


async def test_only_who_sees_operations_sees_dead_letters_and_sends_them_again(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "supervisor", unit="HOT"):
        assert (await client.get(LETTERS)).status_code == 403
        assert (await house.post(client, f"{LETTERS}/doors/sms/again")).status_code == 403
        assert (await house.post(client, f"{LETTERS}/{uuid4()}/again")).status_code == 403
        assert (await house.post(client, f"{PAGE}/arrivals/{uuid4()}/again")).status_code == 403


async def test_many_dead_letters_come_fifty_at_a_time(client: httpx.AsyncClient, admin: UUID) -> None:
    for _ in range(53):
        await put()
    async with db.atomic() as connection:
        await connection.execute("UPDATE outbox_message SET state = 'failed', error = 'x' WHERE state = 'queued'")
    page = await house.get(client, LETTERS)
    assert page.count('<tr id="row-') == 50
    older = re.search(r'id="older" href="([^"]+)"', page)
    assert older
    assert (await house.get(client, older[1].replace("&amp;", "&"))).count('<tr id="row-') == 3
    assert (await house.get(client, f"{LETTERS}?after=nonsense")).count('<tr id="row-') == 50


async def test_a_door_whose_provider_is_down_says_so_and_since_when_and_the_others_are_open(
    client: httpx.AsyncClient, admin: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "SENDERS", {"sms": Provider(down), "email": Provider()})
    for _ in range(6):
        await put()
    await put("email", "a@b.cn")
    await outbox.deliver_due()
    page = await house.get(client, PAGE)
    rows = dict(re.findall(r"<tr><td>(短信|微信|邮件)[^<]*</td><td>(.*?)</td>", page))
    assert "暂停" in rows["短信"]
    assert "没接通" in rows["微信"]
    assert "通" in rows["邮件"]
    assert "没接通" not in rows["邮件"]
    assert "短信服务商连续失败" in page
    assert "连不上" in page
    english = await house.get(client, f"{PAGE}?lang=en")
    assert "SMS failed several times in a row; it rests until" in english
    await house.get(client, "/admin?lang=zh")
    metrics = (await client.get("/metrics")).text
    assert 'hotline_outbox_queued{door="sms"} 6.0' in metrics
    assert 'hotline_outbox_paused{door="sms"} 1.0' in metrics
    assert 'hotline_outbox_paused{door="email"} 0.0' in metrics


async def test_what_waits_for_the_end_of_the_quiet_hours_is_not_late(client: httpx.AsyncClient, admin: UUID) -> None:
    with clock.at(clock.on(clock.today(), 23)):
        await put("sms", is_waking=True)
    with clock.at(clock.on(clock.today(), 23, 30)):
        metrics = (await client.get("/metrics")).text
    assert 'hotline_outbox_queued{door="sms"} 1.0' in metrics
    assert 'hotline_outbox_oldest_seconds{door="sms"} 0.0' in metrics


async def test_a_providers_message_that_could_not_be_read_is_listed_and_tried_again_by_hand(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    one = new_id()
    async with db.atomic() as connection:
        await connection.execute(
            "INSERT INTO arrival (id, channel, provider_id, sender, received_at, state, tries, error, body) "
            "VALUES ($1, 'wechat', $2, $3, $4, 'parked', 3, 'KeyError', $5)",
            one, str(one), vault.reply_index("wechat", "o1"), clock.now(), vault.seal(b.WORDS, "arrival"),
        )  # fmt: skip
    page = await house.get(client, PAGE)
    assert f'action="/admin/operations/arrivals/{one}/again"' in page
    assert b.WORDS[:6] not in page
    assert "1 条来件搁置" in await house.get(client, "/admin")
    assert (await house.post(client, f"{PAGE}/arrivals/{one}/again")).status_code == 303
    assert (await house.post(client, f"{PAGE}/arrivals/{one}/again")).status_code == 409
    async with db.reading() as connection:
        row = await connection.fetchrow("SELECT state, tries, error FROM arrival WHERE id = $1", one)
        assert [(act.kind, act.actor) for act in await acts.recent(connection, subject=f"arrival:{one}")] == [
            ("arrival_again", admin)
        ]
    assert tuple(row) == ("new", 0, None)


async def test_messages_in_the_spool_are_counted_and_an_empty_one_is_well(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    assert "空的，来信都已入库" in await house.get(client, PAGE)
    await spool.keep("nobody's", b"x")
    folder: Path = settings.current().spool_dir
    try:
        assert "1 条待入库" in await house.get(client, PAGE)
        (folder / spool.DAMAGED).write_bytes(b"torn\n")
        assert "1 条读不出" in await house.get(client, PAGE)
    finally:
        for path in folder.glob("*.spool"):
            path.unlink()


@pytest.mark.requirement("000-01")
async def test_every_message_stands_on_the_timeline_with_door_state_and_for_the_centre_its_words(
    client: httpx.AsyncClient,
) -> None:
    receipt = await b.a_case("callback", second_by="email", second_to="wang@example.cn")
    provider = Provider()
    await deliver("sms", provider)
    sms = next(one for one in provider.got if one.name == "replied")
    async with db.atomic() as connection:
        await outbox.status(connection, "sms", f"P{sms.id}", "delivered", clock.now())
    await deliver("email", Provider(refused))
    path = f"/cases/{receipt.number}?lines=messages"
    async with house.signed_in(client, "callback", unit="HOT"):
        page = await house.get(client, path)
        whole = await house.get(client, f"/cases/{receipt.number}")
    for said in ("短信“已有答复”已送达（", "邮件“已有答复”没发出（试了 1 次）", "短信“已受理、何时答复”已发出"):
        assert said in page, said
        assert said in whole, said
    assert "路灯已修好并试亮" in page
    assert receipt.code not in page + whole, "the query code is the requester's alone"
    assert "查询码******" in page
    async with house.signed_in(client, "unit_handler", unit="130403", jurisdiction="130403"):
        page = await house.get(client, path) + await house.get(client, f"/cases/{receipt.number}")
    assert "“已有答复”" not in page
    assert "查询码" not in page


async def test_whoever_wants_no_messages_is_named_on_the_timeline_as_such(client: httpx.AsyncClient) -> None:
    receipt = await b.a_receipt(matter="020201", phone="13800000777")
    async with db.atomic() as connection:
        from channels import silence

        await silence.hush(connection, "sms", "13800000777", clock.now())
    await deliver("sms", Provider())
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        page = await house.get(client, f"/cases/{receipt.number}?lines=messages")
    assert "没发（对方不再接收这个渠道的消息）" in page
