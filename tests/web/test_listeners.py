"""Separate listeners, proxies that are believed, request ids, readiness, and logs without personal data."""

from __future__ import annotations

import contextlib
import json
import logging

import asyncpg
import httpx
import msgspec
import pytest
import structlog

from channels import drafts
from hotline import app, db, logs, settings
from hotline.app import Application, create_app
from tests import builders
from tests.engines import Place
from tests.web import house
from web import proxies, sides
from web.api import requests
from web.hooks import twilio_edge

PHONE, NAME, WORDS = "13912345678", "欧阳锋利", "楼下烧烤摊油烟太大，夜里睡不着觉"


@pytest.fixture(scope="module")
def public() -> Application:
    return create_app("public")


def paths(app: Application) -> set[tuple[str, str]]:
    """Method and path of every route."""
    return {
        (method, route.path)
        for route in app.routes
        for handler in getattr(route, "route_handlers", [])
        for method in handler.http_methods
        if method != "OPTIONS"
    }


async def test_the_public_listener_serves_no_route_that_needs_a_permission_nor_a_way_in_for_staff(
    database: Place, public: Application
) -> None:
    whole = create_app("all")
    served, staff = paths(public), paths(create_app("staff"))
    transport = httpx.ASGITransport(app=public)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        for route in whole.routes:
            for handler in getattr(route, "route_handlers", []):
                if handler.opt.get("needs") != "public" or str(handler.fn.__module__).startswith("web.session."):
                    methods = handler.http_methods - {"OPTIONS"}
                    if handler.opt.get("side") == "both" or not methods:
                        continue
                    method = min(methods)
                    assert (method, route.path) not in served, route.path
                    path = route.path.replace("{", "").replace("}", "").replace(":str", "").replace(":uuid", "")
                    if method == "GET" and "GET" not in {m for m, p in served if p == route.path} and ":" not in path:
                        found = await client.get(path, headers={"accept": "application/json"})
                        assert found.status_code in (404, 405, 422), (path, found.status_code)
        for path in ("/", "/ask", "/track", "/health", "/ready", "/preferences"):
            assert (await client.get(path)).status_code in (200, 503), path
    assert {"/sign-in", "/metrics", "/live", "/admin/operations"} <= {path for _, path in staff}
    assert not {path for _, path in served} & {"/sign-in", "/metrics", "/live"}
    assert {path for _, path in paths(whole)} == {path for _, path in served | staff}


async def test_a_session_of_the_staff_is_nobody_on_the_public_listener(
    client: httpx.AsyncClient, database: Place, public: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house.signed_in(client, "agent"):
        assert (await client.get("/")).status_code == 303, "staff go to their desk"
        monkeypatch.setattr(settings, "_current", msgspec.structs.replace(settings.current(), side="public"))
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=public), base_url="http://testserver", cookies=client.cookies
        ) as outside:
            assert (await outside.get("/")).status_code == 200


def test_an_unknown_side_is_refused() -> None:
    with pytest.raises(ValueError, match="HOTLINE_SIDE"):
        sides.routes("inside", [])


def scope(peer: str, *lines: tuple[str, str]) -> dict[str, object]:
    """A request that came from ``peer`` with these header lines."""
    headers = [(name.encode(), value.encode()) for name, value in lines]
    return {"client": (peer, 5000), "scheme": "http", "headers": headers, "path": "/x", "query_string": b""}


def test_only_our_proxies_say_who_asks_and_by_which_scheme(monkeypatch: pytest.MonkeyPatch) -> None:
    one = settings.Settings(proxies="10.0.0.0/8 192.0.2.7", public_url="")
    monkeypatch.setattr(settings, "_current", one)
    said = (("x-forwarded-for", "203.0.113.9, 198.51.100.1, 10.1.1.1"), ("x-forwarded-proto", "https"), ("host", "h"))
    ours, strange, bare = scope("10.2.2.2", *said), scope("198.51.100.66", *said), scope("192.0.2.7")
    for asked in (ours, strange, bare):
        proxies.resolve(asked)
    assert (ours["client"], ours["scheme"]) == (("198.51.100.1", 0), "https")
    assert (strange["client"], strange["scheme"]) == (("198.51.100.66", 5000), "http")
    assert bare["client"] == ("192.0.2.7", 5000)
    assert twilio_edge.addresses(ours, dict(ours["headers"])) == ["https://h/x"]  # type: ignore[arg-type,call-overload]
    assert twilio_edge.addresses(strange, dict(strange["headers"])) == ["http://h/x"]  # type: ignore[arg-type,call-overload]


async def test_every_response_has_an_id_that_its_log_line_has_too_and_nobody_outside_chooses_it(
    client: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = await client.get("/ask", headers={"x-request-id": "chosen-by-me-1234"})
    request = answer.headers["x-request-id"]
    assert request != "chosen-by-me-1234"
    assert json.loads(capsys.readouterr().err.splitlines()[-1])["request"] == request


async def test_ready_says_what_is_missing_and_is_not_before_it_has_started(client: httpx.AsyncClient) -> None:
    from web.observe import READY

    READY.is_open = False
    answer = await client.get("/ready")
    assert (answer.status_code, answer.json()["status"]) == (503, "starting")
    assert answer.json()["checks"] == {"database": True, "migrations": True, "keys": True, "city": True}
    READY.is_open = True
    assert (await client.get("/ready")).json()["status"] == "ready"


async def test_a_web_process_that_starts_while_postgresql_is_away_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[float] = []

    async def connect(*, patience: float) -> None:
        tries.append(patience)
        if len(tries) < 3:
            raise db.Away("ConnectionRefusedError")

    async def at_once(_: float) -> None:
        return None

    monkeypatch.setattr(db, "connect", connect)
    monkeypatch.setattr(app.asyncio, "sleep", at_once)
    await app._connect()
    assert len(tries) == 3
    monkeypatch.setattr(app, "START_PATIENCE", -1.0)
    tries.clear()
    with pytest.raises(db.Away):
        await app._connect()


async def test_no_log_line_holds_a_number_a_name_or_words_whatever_fails(
    client: httpx.AsyncClient, database: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    logs.open_logs("test")
    form = {"words": WORDS, "name": NAME, "phone": PHONE, "kind": "complaint"}
    await house.post(client, "/ask", form, page="/ask")
    await client.post("/ask", data=form)
    await client.get(f"/track?number={PHONE}&code={NAME}")
    await client.get(f"/{PHONE}/{NAME}")
    await client.post("/sign-in", data={"login": PHONE, "password": WORDS})
    await client.request(PHONE, "/ask")
    await builders.a_receipt()

    async def broken(*_: object, **__: object) -> None:
        raise asyncpg.DataError(f"value {PHONE} of {NAME} is wrong: {WORDS}")

    monkeypatch.setattr(requests.acknowledge, "acknowledge", broken)
    assert (await client.post("/api/v1/requests", json=form)).status_code >= 400
    monkeypatch.setattr(drafts, "load", broken)
    assert (await client.get("/ask")).status_code == 500
    lib = logging.getLogger("asyncpg.pool")
    lib.error("row %s of %s", PHONE, NAME)
    lib.error("%s", {"phone": PHONE})
    lib.error(f"bound {PHONE} for {WORDS}")
    error = ValueError(f"{PHONE} {NAME} {WORDS}")
    with contextlib.suppress(ValueError):
        lib.error("it failed", exc_info=error)
        logging.getLogger("uvicorn.error").error("Exception in ASGI application\n", exc_info=error)
        logging.getLogger("hotline.worker").warning("away: %s", type(error).__qualname__)
        structlog.get_logger("web").warning("failed", kind=type(error).__qualname__)
        logs._uncaught(type(error), error, None)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) >= 12
    for line in lines:
        told = json.loads(line)
        assert told["event"]
        for secret in (PHONE, NAME, WORDS, WORDS[:6], PHONE[-8:]):
            assert secret not in line, line
    assert any(json.loads(line).get("kind") == "ValueError" for line in lines)


def test_a_library_keeps_its_own_words_and_plain_codes() -> None:
    def of(name: str, message: str, *args: object) -> str:
        return logs.said(logging.LogRecord(name, logging.INFO, "", 1, message, args, None))

    assert of("uvicorn.error", "Started server process [%d]", 4711) == "Started server process [4711]"
    assert of("arq.worker", "%s failed", "make_cases") == "make_cases failed"
    assert of("arq.worker", "%s failed", PHONE) == "… failed"
    assert of("aiosmtplib", "no box li@example.cn") == of("x", "139 1234 5678 is busy") == "(not shown)"
    assert of("cases.exports", "the sweep could not do case %s", "20261126000123") .endswith("20261126000123")
