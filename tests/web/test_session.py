"""Signing in and out, the first screen, the preferences of a browser, the time chips."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from hotline import acts, clock, db
from tests.web import house
from web import access
from web.session.paths import own_path


async def test_one_signs_in_comes_back_to_where_one_wanted_to_go_and_signs_out(client: httpx.AsyncClient) -> None:
    person, login = await house.a_person("admin")
    answer = await house.post(
        client, "/sign-in", {"login": login, "password": house.PASSWORD, "next": "/preferences?x=1"}, page="/sign-in"
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/preferences?x=1")
    cookie = next(line for line in answer.headers.get_list("set-cookie") if line.startswith(access.SESSION))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    page = await house.get(client, "/preferences")
    assert "王小明" in page
    token = client.cookies[access.SESSION]
    answer = await house.post(client, "/sign-out", page="/preferences")
    assert answer.status_code == 303
    client.cookies.set(access.SESSION, token, domain="testserver.local")
    assert "王小明" not in await house.get(client, "/preferences"), "the old token still signs in"
    async with db.reading() as connection:
        found = await acts.recent(connection, subject=f"person:{person}")
    assert [act.kind for act in found] == ["signed_out", "signed_in"]


async def test_signing_in_gives_a_new_token_and_never_keeps_one_the_client_chose(client: httpx.AsyncClient) -> None:
    _, login = await house.a_person("admin")
    client.cookies.set(access.SESSION, "chosen-by-an-attacker", domain="testserver.local")
    await house.post(client, "/sign-in", {"login": login, "password": house.PASSWORD}, page="/sign-in")
    assert "chosen-by-an-attacker" not in {cookie.value for cookie in client.cookies.jar}


async def test_a_wrong_password_comes_back_as_a_form_with_the_login_and_without_the_password(
    client: httpx.AsyncClient,
) -> None:
    answer = await house.post(client, "/sign-in", {"login": "somebody", "password": "wr0ng-secret"}, page="/sign-in")
    assert answer.status_code == 422
    assert 'value="somebody"' in answer.text
    assert "wr0ng-secret" not in answer.text
    assert 'href="#f-login"' in answer.text, "the summary leads to the field"
    assert access.SESSION not in client.cookies


async def test_the_sixth_wrong_password_has_to_wait(client: httpx.AsyncClient) -> None:
    found = [
        (await house.post(client, "/sign-in", {"login": "guessed", "password": "x" * 12}, page="/sign-in")).status_code
        for _ in range(6)
    ]
    assert found == [422] * 5 + [429]


async def test_under_htmx_the_form_alone_comes_back_and_the_summary_gets_the_cursor(client: httpx.AsyncClient) -> None:
    answer = await house.post(client, "/sign-in", {"login": ""}, page="/sign-in", is_htmx=True)
    assert answer.status_code == 422
    assert answer.text.startswith('<div id="r-sign-in"')
    assert answer.headers["hx-trigger-after-settle"] == '{"putFocus":"#r-errors"}'
    assert "<title>错误：登录" in answer.text


@pytest.mark.parametrize(
    "path", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x", "", "/a\nb", "a"]
)
def test_nobody_is_sent_to_another_site(path: str) -> None:
    assert own_path(path) == ""


async def test_the_first_page_is_the_citizens_or_the_roles(client: httpx.AsyncClient) -> None:
    assert "12345" in await house.get(client, "/")
    async with house.signed_in(client, "unit_handler", unit="CGB"):
        answer = await client.get("/")
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/")


async def test_language_type_and_contrast_follow_the_address_and_stay_in_the_browser(client: httpx.AsyncClient) -> None:
    page = await house.get(client, "/?lang=en&size=large&contrast=high")
    assert '<html lang="en" data-size="large" data-contrast="high"' in page
    assert '<html lang="en" data-size="large" data-contrast="high"' in await house.get(client, "/sign-in")
    await house.post(client, "/preferences", {"lang": "zh", "size": "huge", "contrast": "normal"})
    assert '<html lang="zh-CN" data-size="large" data-contrast="normal"' in await house.get(client, "/sign-in")


async def test_preferences_go_back_to_the_page_they_came_from_with_a_word(client: httpx.AsyncClient) -> None:
    answer = await house.post(client, "/preferences", {"lang": "en", "back": "/sign-in"})
    assert answer.headers["location"] == "/sign-in"
    assert "Your choice is kept." in await house.get(client, "/sign-in")
    assert "Your choice is kept." not in await house.get(client, "/sign-in"), "it is said once"


async def test_time_chips_are_renewed_without_a_query_and_nonsense_is_left_out(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "admin"):
        answer = await client.get("/time-left?c=wd.1.2.0.0,nonsense,%3Cscript%3E", headers={"HX-Request": "true"})
    assert answer.text.count("data-code") == 1
    assert "left-late-long" in answer.text
    assert "script" not in answer.text


async def test_what_a_page_fetches_by_itself_does_not_keep_the_session_awake(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "admin") as person, db.reading() as connection:
        sql = "SELECT last_seen_at FROM session WHERE person_id = $1"
        before = await connection.fetchval(sql, person)
        with clock.at(before + timedelta(minutes=30)):
            await client.get("/time-left?c=wd.1.2.0.0")
            assert await connection.fetchval(sql, person) == before
            await client.get("/preferences")
            assert await connection.fetchval(sql, person) == before + timedelta(minutes=30)
