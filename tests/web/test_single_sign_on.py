"""Single sign-on against a provider that signs with real keys, and everything that it may get wrong."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec
import pytest

from hotline import clock, db, oidc_provider, people, settings
from hotline.errors import Refusal
from tests import oidc_provider as standin
from tests.web import house
from tests.web.administration import noted
from web import access


@pytest.fixture(scope="module")
async def running(database: object) -> AsyncIterator[standin.Provider]:
    async with standin.served() as one:
        yield one


@pytest.fixture
def provider(running: standin.Provider) -> standin.Provider:
    """The provider in good health, and ours pointed at it."""
    _use(running)
    running.fault, running.claims = "", {}
    running.shown, running.key = running.shown[:1], running.shown[0]
    oidc_provider.forget()
    return running


@pytest.fixture(autouse=True)
def _settings_after(database: object) -> AsyncIterator[None]:  # type: ignore[misc]
    before = settings.current()
    yield
    settings.use(before)


def _use(provider: standin.Provider, **more: object) -> None:
    given = {"oidc_issuer": provider.address, "oidc_client": standin.CLIENT, "oidc_secret": standin.SECRET, **more}
    settings.use(msgspec.structs.replace(settings.current(), **given))


async def _asked(client: httpx.AsyncClient, onward: str = "") -> str:
    answer = await client.get(f"/sign-in/sso?next={onward}")
    assert answer.status_code == 303
    return str(answer.headers["location"])


async def _waits(login: str) -> int:
    with pytest.raises(Refusal) as refused:
        await people.proven(login, house.PASSWORD, "127.0.0.1", is_way_in=False)
    return refused.value.status


async def _came(client: httpx.AsyncClient, provider: standin.Provider, onward: str = "", **more: str) -> httpx.Response:
    back = provider.agree(await _asked(client, onward))
    return await client.get("/sign-in/sso/back", params={**back, **more})


async def test_a_known_person_comes_in_by_the_provider_and_signs_out_there_too(
    client: httpx.AsyncClient, provider: standin.Provider
) -> None:
    person, login = await house.a_person("dispatcher")
    provider.claims = {"preferred_username": login.upper(), "roles": ["admin"]}
    answer = await _came(client, provider, "/preferences")
    assert (answer.status_code, answer.headers["location"]) == (303, "/preferences")
    actor = await people.actor_of(client.cookies[access.SESSION])
    assert actor is not None
    known = "SELECT address FROM person_place WHERE person_id = $1"
    async with db.reading() as connection:
        assert await connection.fetchval(known, person) == "127.0.0.1", "theirs on the day the provider is away, too"
    assert (actor.id, actor.how, actor.roles) == (person, "oidc", {"dispatcher"}), "roles are never the provider's"
    assert (await noted(f"person:{person}"))[0].details == {"how": "oidc"}
    assert 'id="to-password"' in await house.get(client, "/security")
    async with db.atomic() as connection:
        await connection.execute("UPDATE person SET password_hash = '' WHERE id = $1", person)
    assert 'id="to-password"' not in await house.get(client, "/security"), "there is none to be changed"
    answer = await house.post(client, "/sign-out")
    page = await house.get(client, answer.headers["location"])
    assert "/sign-in/sso/out" in page
    away = (await client.get("/sign-in/sso/out")).headers["location"]
    assert away.startswith(f"{provider.address}/logout?")
    assert parse_qs(urlsplit(away).query)["post_logout_redirect_uri"] == ["http://testserver/sign-in"]


@pytest.mark.parametrize(("fault", "claims"), [
    ("", {"nonce": "another"}), ("", {"aud": "another"}), ("", {"aud": ["hotline", "another"]}),
    ("", {"azp": "another"}), ("", {"iss": "https://elsewhere.example"}), ("", {"exp": 1}), ("", {"exp": "soon"}),
    ("", {"iat": 4102444800}), ("", {"nbf": 4102444800}), ("", {"preferred_username": ["admin"]}),
    ("alg none", {}), ("public key as secret", {}), ("changed after signing", {}), ("issuer of another", {}),
    ("500", {}), ("", {"preferred_username": " "}),
])  # fmt: skip
async def test_a_token_with_anything_wrong_in_it_opens_nothing(
    client: httpx.AsyncClient, provider: standin.Provider, fault: str, claims: dict[str, object]
) -> None:
    provider.claims = {"preferred_username": "admin", **claims}
    if fault == "issuer of another":
        provider.fault = fault
        assert (await _asked(client)).startswith("/sign-in"), "not even asked"
        return
    provider.fault = fault
    answer = await _came(client, provider)
    assert answer.headers["location"].startswith("/sign-in")
    assert access.SESSION not in client.cookies
    assert "flash-error" in await house.get(client, answer.headers["location"])


async def test_an_answer_to_a_question_that_this_browser_did_not_ask_is_not_taken(
    client: httpx.AsyncClient, provider: standin.Provider
) -> None:
    _, login = await house.a_person("agent")
    provider.claims = {"preferred_username": login}
    back = provider.agree(await _asked(client))
    foreign = {**back, "state": "another"}
    assert (await client.get("/sign-in/sso/back", params=foreign)).headers["location"] == "/sign-in"
    assert (await client.get("/sign-in/sso/back", params=back)).headers["location"] == "/sign-in", "asked once, gone"
    back = provider.agree(await _asked(client))
    with clock.at(clock.now() + timedelta(minutes=11)):
        assert (await client.get("/sign-in/sso/back", params=back)).headers["location"] == "/sign-in"
    back = provider.agree(await _asked(client))
    answer = await client.get("/sign-in/sso/back", params={**back, "code": "made up"})
    assert "没有完成" in await house.get(client, answer.headers["location"]), "the provider is there: it says no"
    assert access.SESSION not in client.cookies
    assert len(provider.forms[-1]["code_verifier"]) >= 43


async def test_a_key_that_was_exchanged_is_found_and_one_that_nobody_publishes_is_not(
    client: httpx.AsyncClient, provider: standin.Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oidc_provider, "_AGAIN", 0.0)
    _, login = await house.a_person("agent")
    provider.claims = {"preferred_username": login}
    await oidc_provider.keys()
    provider.rotate(is_shown=False)
    assert (await _came(client, provider)).headers["location"] == "/sign-in"
    provider.shown.append(provider.key)
    await _came(client, provider)
    assert access.SESSION in client.cookies


async def test_whom_the_centre_does_not_know_or_who_left_reads_whom_to_ask(
    client: httpx.AsyncClient, provider: standin.Provider
) -> None:
    person, login = await house.a_person("agent")
    await people.leave(person)
    for name in ("a.stranger", login):
        provider.claims = {"preferred_username": name}
        page = await _came(client, provider)
        assert page.status_code == 403
        assert "这里没有您的账号" in house.checked(page)
        assert name in page.text
    assert access.SESSION not in client.cookies
    assert (await noted(f"person:{person}"))[0].kind == "sign_in_refused"


async def test_a_name_that_only_looks_like_a_login_here_is_nobodys(
    client: httpx.AsyncClient, provider: standin.Provider
) -> None:
    long, kim = "k" * 64, "kim.seok"
    for login in (long, kim):
        await people.add(login, "王小明", house.PASSWORD, roles=("admin",))
    for name in (f"{long}k", "\u212aim.seok", "kim.seok\x00"):
        provider.claims = {"preferred_username": name}
        page = await _came(client, provider)
        assert page.status_code in (403, 404), name
        assert access.SESSION not in client.cookies


async def test_an_e_mail_address_counts_as_login_only_where_the_provider_has_verified_it(
    client: httpx.AsyncClient, provider: standin.Provider
) -> None:
    await people.add("chief@example.com", "王小明", house.PASSWORD, roles=("admin",))
    _use(provider, oidc_claim="email")
    for verified in ({}, {"email_verified": False}, {"email_verified": "true"}):
        provider.claims = {"email": "chief@example.com", **verified}
        assert (await _came(client, provider)).headers["location"] == "/sign-in"
    provider.claims = {"email": "Chief@Example.com", "email_verified": True}
    await _came(client, provider)
    assert access.SESSION in client.cookies


async def test_when_the_provider_is_slow_or_gone_there_is_a_sentence_and_the_form(
    client: httpx.AsyncClient, provider: standin.Provider
) -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(5)
        writer.close()

    slow = await asyncio.start_server(hang, "127.0.0.1", 0)
    limit, oidc_provider.LIMIT = oidc_provider.LIMIT, oidc_provider.aiohttp.ClientTimeout(total=0.2)
    try:
        for address in (f"http://127.0.0.1:{slow.sockets[0].getsockname()[1]}", "http://127.0.0.1:1", "http://a.b"):
            settings.use(msgspec.structs.replace(settings.current(), oidc_issuer=address, oidc_only=True))
            assert 'name="password"' not in await house.get(client, "/sign-in")
            where = await _asked(client)
            page = await house.get(client, where)
            assert "统一认证暂时连不上" in page
            assert 'name="password"' in page
    finally:
        oidc_provider.LIMIT = limit
        slow.close()


async def test_where_the_provider_is_the_only_way_in_a_password_is_for_named_administrators(
    client: httpx.AsyncClient, provider: standin.Provider
) -> None:
    _, agent = await house.a_person("agent")
    person, admin = await house.a_person("admin")
    _use(provider, oidc_only=True, break_glass=f"{admin} {agent}")
    _, plain = await house.a_person("admin")
    pages = {}
    for login, password, status in (
        (admin, "wrong password", 422), (plain, house.PASSWORD, 422), (plain, "wrong password", 422),
        (agent, house.PASSWORD, 422), ("nobody.here", "x", 422), (admin, house.PASSWORD, 303),
    ):  # fmt: skip
        form = {"login": login, "password": password}
        answer = await house.post(client, "/sign-in", form, page="/sign-in?local=")
        assert answer.status_code == status, login
        pages[re.sub(r"[0-9a-f]{64}", "…", answer.text).replace(login, "L")] = login
    assert len(pages) == 2, "whose password would be good shows nowhere"
    found = [await _waits(plain) for _ in range(4)]
    assert found == [422, 422, 422, 429], "and is counted for everybody"
    assert [one.kind for one in await noted(f"person:{person}")] == ["break_glass", "signed_in"]


async def test_a_second_factor_shown_there_counts_and_one_that_was_not_is_asked_here(
    client: httpx.AsyncClient, provider: standin.Provider
) -> None:
    person, login = await house.a_person("agent")
    async with db.atomic() as connection:
        await connection.execute("INSERT INTO person_factor VALUES ($1, 'x', now(), now(), 0)", person)
    provider.claims = {"preferred_username": login, "amr": ["pwd"]}
    assert (await _came(client, provider)).headers["location"] == "/sign-in/factor"
    assert access.SESSION not in client.cookies
    provider.claims["amr"] = ["pwd", "otp"]
    await _came(client, provider)
    assert access.SESSION in client.cookies
