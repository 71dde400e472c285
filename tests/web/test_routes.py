"""A walk over all routes: each declares a permission that exists, and the anonymous get no page that needs one."""

from __future__ import annotations

import re
from uuid import uuid4

import httpx
import pytest
from litestar import Router, delete, get, post

from hotline import app
from hotline.permissions import PERMISSIONS, PUBLIC
from tests.conftest import shared_app
from web import guards, rooms, routes

_VALUES = {"uuid": str(uuid4()), "int": "1", "str": "x", "path": "x", "date": "2026-11-27"}


def _every() -> list[tuple[str, str, str, dict[str, object]]]:
    return [
        (method, route.path, str(handler.opt.get("needs")), dict(handler.opt))
        for route in shared_app().routes
        for handler in getattr(route, "route_handlers", [])
        for method in sorted(handler.http_methods)
        if method != "OPTIONS"
    ]


def _address(path: str) -> str:
    return re.sub(r"\{\w+:(\w+)\}", lambda found: _VALUES[found[1]], path)


def test_every_route_declares_a_permission_that_exists() -> None:
    assert len(_every()) > 10
    assert app.undeclared_routes(shared_app()) == []
    for method, path, need, _ in _every():
        assert need in PERMISSIONS or need in (PUBLIC, "signed_in"), (method, path, need)


@pytest.mark.parametrize("opt", [{}, {"needs": "case.unheard_of"}])
def test_an_application_with_an_undeclared_route_does_not_start(
    opt: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    @get("/t/open", opt=opt, sync_to_thread=False)
    def handler() -> str:
        return ""

    monkeypatch.setattr(app, "ROUTES", [*routes.ROUTES, handler])
    with pytest.raises(RuntimeError, match="GET /t/open"):
        app.create_app()


def test_a_quick_router_keeps_every_handler_of_a_path_however_often_the_path_comes() -> None:
    @get(["/t/one", "/t/two"], sync_to_thread=False)
    def shown() -> str:
        return ""

    @post("/t/one", sync_to_thread=False)
    def posted() -> str:
        return ""

    @delete("/t/one", status_code=200, sync_to_thread=False)
    def gone() -> str:
        return ""

    handlers = [shown, posted, gone]
    made = [kind("/", route_handlers=handlers).route_handler_method_map for kind in (rooms.Quick, Router)]
    quick, plain = ({path: sorted(map(str, found)) for path, found in one.items()} for one in made)
    assert quick == plain
    assert quick["/t/one"] == ["DELETE", "GET", "OPTIONS", "POST"]


async def test_the_anonymous_get_no_protected_page_and_change_nothing(client: httpx.AsyncClient) -> None:
    protected = [(m, p) for m, p, need, opt in _every() if need != PUBLIC and not opt.get(guards.IS_HOOK)]
    assert protected
    for method, path in protected:
        answer = await client.request(method, _address(path))
        if method == "GET":
            assert answer.status_code == 303, (path, answer.status_code)
            assert answer.headers["location"].startswith("/sign-in?next=%2F"), path
        else:
            assert answer.status_code == 401, (method, path, answer.status_code)


async def test_htmx_without_a_session_is_sent_to_sign_in_and_back_to_its_page(client: httpx.AsyncClient) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/cases?q=%E8%B7%AF"}
    answer = await client.get("/live", headers=headers)
    assert answer.headers["hx-redirect"] == "/sign-in?next=%2Fcases%3Fq%3D%25E8%25B7%25AF"
    assert answer.text == ""


async def test_no_public_route_takes_a_post_without_a_token_unless_it_is_a_hook(client: httpx.AsyncClient) -> None:
    posts = [p for m, p, need, opt in _every() if m == "POST" and need == PUBLIC and not opt.get(guards.IS_HOOK)]
    assert "/sign-in" in posts
    for path in posts:
        answer = await client.post(_address(path), data={"x": "y"})
        assert answer.status_code == 403, (path, answer.status_code)
