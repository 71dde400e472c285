"""Forged posts, headers on everything, and what never gets into a log."""

from __future__ import annotations

import asyncio
import functools
import json
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest
from litestar import Request, get, post

from hotline import app, db
from hotline.errors import Refusal, Say
from hotline.permissions import PUBLIC
from tests.web import house
from web import access, cookies, fields, routes, security
from web.access import Who


@get("/t/boom", opt={"needs": PUBLIC}, sync_to_thread=False)
def boom() -> str:
    """A mistake of ours whose message quotes a person."""
    raise RuntimeError("13800000001 王小明")


@get("/t/unique", opt={"needs": PUBLIC})
async def unique() -> str:
    """A database error whose detail quotes a row."""
    async with db.atomic() as connection:
        await connection.execute("CREATE TEMPORARY TABLE t_phone (phone text PRIMARY KEY) ON COMMIT DROP")
        for _ in range(2):
            await connection.execute("INSERT INTO t_phone VALUES ('13800000001')")
    return ""


@post("/t/words", opt={"needs": "case.handle"}, status_code=200)
async def words(request: Request[Any, Any, Any], actor: Who) -> str:
    """Echo, for those who may handle."""
    return (await fields.posted(request)).get("words", [""])[0]


@post("/t/away", opt={"needs": PUBLIC}, status_code=200)
async def away() -> str:
    """The database goes away in the middle of an act."""
    raise asyncpg.exceptions.ConnectionDoesNotExistError("connection was closed in the middle of operation")


@post("/t/late", opt={"needs": PUBLIC}, status_code=200)
async def late() -> str:
    """Somebody was faster."""
    raise Refusal(409, "changed", Say("李某 10:41 已改派。", "Li re-dispatched it at 10:41."))


@post("/t/hook", opt={"needs": PUBLIC, "is_hook": True}, status_code=200)
async def hook(actor: Who) -> str:
    """A provider's door."""
    return actor.kind


@functools.cache
def _shop() -> app.Application:
    """The application with a few more addresses that go wrong in known ways, made once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "ROUTES", [*routes.ROUTES, boom, unique, words, away, late, hook])
        return app.create_app()


@pytest.fixture
async def shop(database: object) -> AsyncIterator[httpx.AsyncClient]:
    """A visitor of it, with a browser of their own."""
    transport = httpx.ASGITransport(app=_shop())
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as one:
        yield one


@pytest.mark.parametrize(
    ("path", "status"),
    [("/", 200), ("/nothing-here", 404), ("/static/hotline.css", 200), ("/static/none.css", 404), ("/t/boom", 500),
     ("/health", 200), ("/live", 303), ("/static/../../hotline/app.py", 404), ("/static/%2e%2e/render.py", 404)],
)  # fmt: skip
async def test_every_response_carries_the_headers(shop: httpx.AsyncClient, path: str, status: int) -> None:
    answer = await shop.get(path)
    assert answer.status_code == status
    assert answer.headers["content-security-policy"] == security.CONTENT_POLICY
    assert "unsafe" not in security.CONTENT_POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert "frame-ancestors 'none'" in security.CONTENT_POLICY


async def test_pages_of_signed_in_people_are_kept_by_no_cache_not_even_failures(shop: httpx.AsyncClient) -> None:
    assert (await shop.get("/")).headers["cache-control"] == "private, no-cache"
    async with house.signed_in(shop, "admin"):
        for path in ("/preferences", "/t/boom"):
            assert (await shop.get(path)).headers["cache-control"] == "no-store", path
        assert "max-age" in (await shop.get("/static/hotline.css")).headers["cache-control"]


async def test_a_post_without_a_token_or_with_a_strangers_is_refused(shop: httpx.AsyncClient) -> None:
    async with house.signed_in(shop, "unit_handler"):
        assert (await shop.post("/t/words", data={"words": "x"})).status_code == 403
        mine = await house.token(shop, "/preferences")
        assert (await shop.post("/t/words", data={"words": "x", "_token": mine})).text == "x"
        assert (await shop.post("/t/words", data={"words": "x"}, headers={"X-CSRF-Token": mine})).text == "x"
        across = {"Sec-Fetch-Site": "cross-site"}
        assert (await shop.post("/t/words", data={"words": "x", "_token": mine}, headers=across)).status_code == 403
    async with house.signed_in(shop, "unit_handler"):
        answer = await shop.post("/t/words", data={"words": "x", "_token": mine})
        assert answer.status_code == 403, "another person's token, in the same browser"
    shop.cookies.delete(security.NONCE)
    async with house.signed_in(shop, "unit_handler"):
        assert (await shop.post("/t/words", data={"words": "x", "_token": mine})).status_code == 403, "another browser"


async def test_a_refused_post_gives_the_form_back_with_a_token_that_works(shop: httpx.AsyncClient) -> None:
    async with house.signed_in(shop, "unit_handler"):
        await shop.get("/preferences")
        answer = await shop.post("/t/words", data={"words": "写了很久的一段话 <b>", "_token": "old"})
        page = house.checked(answer)
        assert answer.status_code == 403
        assert "写了很久的一段话 &lt;b&gt;" in page
        tokens = house.re.findall(r'name="_token"[^>]*value="([0-9a-f]+)"', page)
        assert len(tokens) == 2, "sign-out and the form itself; the old one is gone"
        assert (await shop.post("/t/words", data={"words": "again", "_token": tokens[-1]})).text == "again"


async def test_an_open_form_still_fits_after_signing_in_again(shop: httpx.AsyncClient) -> None:
    _, login = await house.a_person("unit_handler")
    signing_in = {"login": login, "password": house.PASSWORD}
    await house.post(shop, "/sign-in", signing_in, page="/sign-in")
    mine = await house.token(shop, "/preferences")
    shop.cookies.delete(access.SESSION)
    answer = await shop.post("/t/words", data={"words": "内容很长很长很长", "_token": mine})
    assert answer.status_code == 401
    assert "内容很长很长很长" in house.checked(answer)
    await house.post(shop, "/sign-in", signing_in, page="/sign-in")
    assert (await shop.post("/t/words", data={"words": "ok", "_token": mine})).text == "ok"


async def test_no_session_row_is_written_for_the_anonymous(shop: httpx.AsyncClient) -> None:
    async with db.reading() as connection:
        before = await connection.fetchval("SELECT count(*) FROM session")
        for path in ("/", "/sign-in", "/preferences"):
            await shop.get(path)
        await house.post(shop, "/preferences", {"lang": "zh"})
        assert await connection.fetchval("SELECT count(*) FROM session") == before


async def test_who_lacks_the_permission_is_refused_and_told_so(shop: httpx.AsyncClient) -> None:
    async with house.signed_in(shop, "agent"):
        mine = await house.token(shop, "/preferences")
        answer = await shop.post("/t/words", data={"words": "x", "_token": mine})
    assert answer.status_code == 403
    assert "签收、首次联系" in house.checked(answer)


async def test_a_hook_needs_no_token_and_is_nobody_in_particular(shop: httpx.AsyncClient) -> None:
    async with house.signed_in(shop, "admin"):
        assert (await shop.post("/t/hook", content=b"{}")).text == "citizen"


async def test_the_database_away_is_a_503_that_gives_the_form_back(shop: httpx.AsyncClient) -> None:
    mine = await house.token(shop, "/preferences")
    answer = await shop.post("/t/away", data={"words": "内容还在这里，没有丢", "_token": mine})
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "30"
    page = house.checked(answer)
    assert "内容还在这里，没有丢" in page
    assert f">\n{mine}</textarea>" in page, "the retry carries the token that fits"
    assert "Traceback" not in page
    answer = await shop.post("/t/away", data={"_token": mine}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["hx-retarget"]) == (503, "#flash")


async def test_nobody_on_the_databases_socket_is_a_503_on_any_page_and_health_says_down(
    shop: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house.signed_in(shop, "agent"):
        with monkeypatch.context() as patch:
            patch.setattr(asyncpg.Pool, "acquire", lambda *_, **__: _Refused())
            answer = await shop.get("/preferences")
            health = await shop.get("/health")
            ready = await shop.get("/ready")
        assert answer.status_code == 503
        house.checked(answer)
        assert (health.status_code, health.json()["status"]) == (200, "down"), "it lives"
        assert (ready.status_code, ready.json()["checks"]["database"]) == (503, False)
        assert (await shop.get("/preferences")).status_code == 200, "it recovers by itself"


class _Refused:
    """What the pool gives while nobody listens on the socket."""

    def __await__(self) -> Any:
        raise ConnectionRefusedError(111, "Connection refused")

    async def __aenter__(self) -> None:
        raise ConnectionRefusedError(111, "Connection refused")

    async def __aexit__(self, *_: object) -> None:
        return None


async def test_a_conflict_keeps_its_status_and_the_words(shop: httpx.AsyncClient) -> None:
    mine = await house.token(shop, "/preferences")
    answer = await shop.post("/t/late", data={"words": "我写的一大段意见", "_token": mine})
    assert answer.status_code == 409
    assert "李某 10:41 已改派。" in answer.text
    assert "我写的一大段意见" in answer.text


async def test_a_mistake_of_ours_shows_a_number_that_is_in_the_log_and_the_log_has_no_personal_data(
    shop: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = await shop.get("/t/boom?q=13900000002")
    other = await shop.get("/t/unique")
    mine = await house.token(shop, "/preferences")
    await shop.post("/t/late", data={"words": "13700000003", "_token": mine})
    assert (answer.status_code, other.status_code) == (500, 500)
    lines = capsys.readouterr().err
    noted = [json.loads(line) for line in lines.splitlines() if line.startswith("{")]
    number = next(line["number"] for line in noted if line["event"] == "failed")
    assert number in house.checked(answer)
    assert {line.get("constraint") for line in noted} >= {"t_phone_pkey"}
    for secret in ("138000", "王小明", "139000", "137000", "/t/boom?"):
        assert secret not in lines, secret
    assert "138000" not in answer.text + other.text


async def test_a_body_over_the_limit_is_refused_in_words(shop: httpx.AsyncClient) -> None:
    answer = await shop.post("/t/late", data={"words": "字" * 200_000})
    assert answer.status_code == 413
    assert "太大" in house.checked(answer)


async def test_posted_bodies_do_not_stay_in_the_frameworks_cache(shop: httpx.AsyncClient) -> None:
    from litestar import _parsers

    _parsers.parse_url_encoded_form_data.cache_clear()
    await house.post(shop, "/sign-in", {"login": "a", "password": "b"}, page="/sign-in")
    assert _parsers.parse_url_encoded_form_data.cache_info().currsize == 0


async def test_metrics_are_for_this_machine_or_for_who_may_read_operations(shop: httpx.AsyncClient) -> None:
    answer = await shop.get("/metrics")
    assert b"hotline_request_seconds" in answer.content
    passed_on = {"X-Forwarded-For": "203.0.113.9"}
    assert (await shop.get("/metrics", headers=passed_on)).status_code == 403
    async with house.signed_in(shop, "admin"):
        assert (await shop.get("/metrics", headers=passed_on)).status_code == 200


def test_on_https_cookies_are_bound_to_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    from hotline import settings

    monkeypatch.setattr(settings, "_current", settings.Settings(secure_cookies=True))
    scope: Any = {"type": "http", "state": {}, "headers": [], "path": "/", "query_string": b"", "scheme": "http"}
    access.open_session(scope, "secret")
    line = cookies.out(scope)[0][1].decode()
    assert line.startswith("__Host-hl_session=secret;")
    assert "Secure" in line
    assert "Path=/" in line
    assert "Domain" not in line
    assert b"strict-transport-security" in dict(security._headers(scope, []))


async def test_a_stream_tells_names_only_and_ends_when_the_server_stops(database: Any) -> None:
    from hotline import jobs
    from web.live import Hub, wanted

    hub = Hub()
    async with hub.listening():
        stream = hub.stream(wanted("queue,case.1,<script>"))
        first = await anext(stream)
        for _ in range(100):
            if not hub.is_away:
                break
            await asyncio.sleep(0.02)
        assert not hub.is_away
        await jobs.publish("live", "other case.1")
        seen = first
        while b"event: case.1" not in seen:
            seen += await asyncio.wait_for(anext(stream), 5)
        assert b"other" not in seen
        assert b"script" not in seen
        hub.end()
        rest = [chunk async for chunk in stream]
        assert len(rest) <= 1


async def test_without_valkey_open_pages_are_told_to_ask_by_themselves(
    database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import msgspec

    from hotline import settings
    from web.live import Hub

    hub = Hub()
    async with hub.listening():
        for _ in range(100):
            if not hub.is_away:
                break
            await asyncio.sleep(0.02)
        stream = hub.stream(frozenset({"queue"}))
        assert b"event: back" in await anext(stream)
        monkeypatch.setattr(settings, "_current", msgspec.structs.replace(settings.current(), redis_url="redis://127.0.0.1:1"))
        hub._turn(is_away=True)
        assert b"event: away" in await asyncio.wait_for(anext(stream), 5)
