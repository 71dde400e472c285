"""Partners in administration: added, given keys and a web hook, tested, replayed; every step a logged act."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from channels import keyring, outbox, partners, webhooks
from hotline import acts, clock, db, people
from tests.engines import Place
from tests.partnering import a_partner
from tests.web import house
from web import access

pytestmark = pytest.mark.anyio
PATH = "/admin/partners"


@pytest.fixture(scope="module")
async def administrator(database: Place) -> str:
    """The session of one administrator of this module."""
    _, login = await house.a_person("admin", unit="HOT", name="朱辉")
    token, _ = await people.sign_in(login, house.PASSWORD, "127.0.0.1")
    return token


@pytest.fixture
async def admin(client: httpx.AsyncClient, administrator: str) -> AsyncIterator[httpx.AsyncClient]:
    """The administrator's browser; the city's other doors are shut."""
    client.cookies.set(access.SESSION, administrator, domain="testserver.local")
    before = dict(outbox.SENDERS)
    yield client
    outbox.SENDERS.clear()
    outbox.SENDERS.update(before)


def version(page: str) -> str:
    """What the record's form carries."""
    found = re.search(r'name="version" value="([0-9a-f]+)"', page)
    assert found
    return found[1]


async def saved(client: httpx.AsyncClient, code: str, **change: Any) -> httpx.Response:
    """The record's form sent with these values changed."""
    page = await house.get(client, f"{PATH}/{code}")
    given = {
        "name_zh": "河北省平台", "name_en": "Hebei platform", "per_minute": "600", "is_on": "yes", "hook_url": "",
        "hook_events": ["closed"], "version": version(page), **change,
    }  # fmt: skip
    data = {name: value for name, value in given.items() if value is not None}
    return await house.post(client, f"{PATH}/{code}", data, page=f"{PATH}/{code}")


async def noted(code: str) -> list[str]:
    """The kinds of acts on a partner, newest first."""
    async with db.reading() as connection:
        return [one.kind for one in await acts.recent(connection, subject=f"partner:{code}")]


async def test_without_any_partner_the_page_says_what_to_do(admin: httpx.AsyncClient) -> None:
    if await db.pool().fetchval("SELECT count(*) FROM partner") == 0:
        assert "还没有对接单位" in await house.get(admin, PATH)


async def test_a_partner_is_added_given_a_key_once_and_loses_it(admin: httpx.AsyncClient) -> None:
    answer = await house.post(
        admin, f"{PATH}/new", {"code": "hebei", "name_zh": "河北省平台", "name_en": "Hebei", "channel": "province"}
    )
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PATH}/hebei")
    assert "还没有密钥" in await house.get(admin, f"{PATH}/hebei")
    made = await house.post(admin, f"{PATH}/hebei/keys", {"scopes": ["file", "read"]}, page=f"{PATH}/hebei")
    token = re.search(r"hl_[0-9a-f]{8}_[A-Za-z0-9_-]{32}", made.text)
    assert made.status_code == 200
    assert made.headers["cache-control"] == "no-store"
    assert token
    assert token[0] not in await house.get(admin, f"{PATH}/hebei")
    assert (await keyring.known(token[0], "read")).partner.code == "hebei"
    async with db.reading() as connection:
        key = (await partners.keys_of(connection, "hebei"))[0]
    await house.get(admin, f"{PATH}/hebei/keys/{key.id}/end")
    ended = await house.post(admin, f"{PATH}/hebei/keys/{key.id}/end", page=f"{PATH}/hebei")
    assert ended.status_code == 303
    with pytest.raises(Exception, match="no_key"):
        await keyring.known(token[0], "read")
    again = await house.post(admin, f"{PATH}/hebei/keys/{key.id}/end", page=f"{PATH}/hebei")
    assert again.status_code == 409
    assert await noted("hebei") == ["partner_key_ended", "partner_key_made", "partner_added"]
    log = await house.get(admin, "/admin/acts")
    assert "停用密钥" in log
    assert token[0] not in log


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"code": "Upper"}, "code"), ({"code": ""}, "code"), ({"channel": "phone"}, "channel"),
        ({"name_zh": ""}, "name_zh"),
    ],
)  # fmt: skip
async def test_a_form_with_a_mistake_comes_back_filled_in(
    admin: httpx.AsyncClient, given: dict[str, str], field: str
) -> None:
    data = {"code": "fine", "name_zh": "某平台", "name_en": "Some", "channel": "grid", **given}
    answer = await house.post(admin, f"{PATH}/new", data)
    assert answer.status_code == 422
    assert f'id="e-{field}"' in answer.text
    assert "Some" in answer.text


async def test_the_same_code_twice_is_refused(admin: httpx.AsyncClient) -> None:
    data = {"code": "twice", "name_zh": "某平台", "name_en": "Some", "channel": "grid"}
    codes = [(await house.post(admin, f"{PATH}/new", data)).status_code for _ in range(2)]
    assert codes == [303, 409]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"hook_url": "http://example.cn/x"}, "hook_url"), ({"hook_url": "https://10.1.2.3/x"}, "hook_url"),
        ({"hook_url": "ftp://example.cn"}, "hook_url"),
        ({"hook_url": "https://169.254.169.254/", "is_intranet": "yes"}, "hook_url"),
        ({"hook_url": "https://u:p@example.cn/"}, "hook_url"), ({"hook_url": "https://[::1"}, "hook_url"),
        ({"is_hook_on": "yes"}, "hook_url"), ({"per_minute": "0"}, "per_minute"),
        ({"hook_url": "https://example.cn/x", "is_hook_on": "yes", "hook_events": []}, "hook_events"),
        ({"hook_events": ["everything"]}, "hook_events"),
    ],
    ids=str,
)  # fmt: skip
async def test_an_address_that_may_not_be_used_is_refused_in_words(
    admin: httpx.AsyncClient, change: dict[str, Any], field: str
) -> None:
    if not await db.pool().fetchval("SELECT count(*) FROM partner WHERE code = 'picky'"):
        await a_partner("picky")
    answer = await saved(admin, "picky", **change)
    assert answer.status_code == 422
    assert f'id="e-{field}"' in answer.text


async def test_the_first_web_hook_shows_its_secret_once_and_a_renewed_one_too(admin: httpx.AsyncClient) -> None:
    await a_partner("hooked")
    first = await saved(admin, "hooked", hook_url="https://example.cn/hook?word=x", is_hook_on="yes")
    secret = re.search(r"whsec_[A-Za-z0-9+/=]{32}", first.text)
    assert secret
    assert "whsec_" not in await house.get(admin, f"{PATH}/hooked")
    second = await house.post(admin, f"{PATH}/hooked/secret", page=f"{PATH}/hooked")
    renewed = re.search(r"whsec_[A-Za-z0-9+/=]{32}", second.text)
    assert renewed
    assert renewed[0] != secret[0]
    assert await noted("hooked") == ["partner_secret_made", "partner_changed"]
    assert "word=x" not in await house.get(admin, "/admin/acts")  # the log of acts is for ever
    stale = await saved(admin, "hooked", version="0" * 16)
    assert stale.status_code == 409


async def test_the_test_message_goes_out_and_stands_in_the_log(admin: httpx.AsyncClient) -> None:
    await a_partner("tested")
    off = await house.post(admin, f"{PATH}/tested/ping", page=f"{PATH}/tested")
    assert off.status_code == 409
    assert "还没有发过" in await house.get(admin, f"{PATH}/tested/log")
    # Nobody listens there: the first try fails, and the log says how.
    await saved(admin, "tested", hook_url="http://127.0.0.1:9/", is_hook_on="yes", is_intranet="yes")
    sent = await house.post(admin, f"{PATH}/tested/ping", page=f"{PATH}/tested")
    assert (sent.status_code, sent.headers["location"]) == (303, f"{PATH}/tested/log")
    outbox.SENDERS["webhook"] = webhooks.send
    await outbox.deliver_due()
    page = await house.get(admin, f"{PATH}/tested/log")
    assert "连不上" in page
    assert "稍后再试" in page
    assert "没有符合条件的" in await house.get(admin, f"{PATH}/tested/log?state=sent")
    assert "测试" in await house.htmx(admin, f"{PATH}/tested/log?event=ping", "r-list")


async def test_a_message_is_replayed_from_the_log_but_not_while_it_waits(admin: httpx.AsyncClient) -> None:
    await a_partner("replayed", hook="http://127.0.0.1:9/")
    await house.post(admin, f"{PATH}/replayed/ping", page=f"{PATH}/replayed")
    message: UUID = await db.pool().fetchval("SELECT id FROM outbox_message WHERE key LIKE 'hook:replayed:%'")
    here = f"{PATH}/replayed/log/{message}/again"
    waiting = await house.post(admin, here, page=f"{PATH}/replayed/log")
    assert waiting.status_code == 409
    await db.pool().execute("UPDATE outbox_message SET state = 'sent', next_at = NULL WHERE id = $1", message)
    assert (await house.post(admin, here.replace("replayed", "tested"), page=PATH)).status_code in {404, 409}
    again = await house.post(admin, here, page=f"{PATH}/replayed/log")
    assert again.status_code == 303
    row = await db.pool().fetchrow("SELECT state, next_at FROM outbox_message WHERE id = $1", message)
    assert row["state"] == "queued"
    assert row["next_at"] <= clock.now()
    assert "人工重发" in await house.get(admin, f"{PATH}/replayed/log")
    assert "partner_replayed" in await noted("replayed")


async def test_the_log_turns_its_pages(admin: httpx.AsyncClient) -> None:
    await a_partner("many", hook="http://127.0.0.1:9/")
    from hotline.actor import SYSTEM
    from hotline.work import work

    for n in range(52):
        async with work(SYSTEM, now=clock.now() - timedelta(minutes=n)) as w:
            webhooks.ping(w, await partners.found(w.connection, "many"))
    first = await house.get(admin, f"{PATH}/many/log")
    older = re.search(r'id="older" href="([^"]+)"', first)
    assert older
    second = await house.get(admin, older[1].replace("&amp;", "&"))
    rows = [set(re.findall(r'id="row-([0-9a-f-]{36})"', page)) for page in (first, second)]
    assert [len(one) for one in rows] == [50, 2]
    assert not rows[0] & rows[1]


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_every_page_is_there_in_both_languages(admin: httpx.AsyncClient, lang: str) -> None:
    for path in (PATH, f"{PATH}/new", f"{PATH}/hooked", f"{PATH}/many/log", "/api/v1/docs"):
        page = await house.get(admin, f"{path}?lang={lang}")
        assert f'lang="{"en" if lang == "en" else "zh-CN"}"' in page


async def test_whoever_may_not_keep_partners_sees_none_of_it(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "agent", unit="HOT"):
        for path in (PATH, f"{PATH}/new", f"{PATH}/hooked", f"{PATH}/hooked/log"):
            assert (await client.get(path)).status_code == 403


async def test_an_unknown_partner_is_not_there(admin: httpx.AsyncClient) -> None:
    for path in (f"{PATH}/nobody", f"{PATH}/nobody/log"):
        assert (await admin.get(path)).status_code == 404
