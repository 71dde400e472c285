"""Cookies, all of one make: host-bound, SameSite=Lax, HttpOnly, Secure where the installation is on HTTPS."""

from __future__ import annotations

from http.cookies import SimpleCookie

from litestar.types import Scope

from hotline import settings

YEAR = 365 * 24 * 3600


def _full(name: str) -> str:
    return f"__Host-{name}" if settings.current().secure_cookies else name


def read(scope: Scope) -> dict[str, str]:
    """Every cookie of the request by its full name, as sent. Not through the framework, which caches the headers."""
    found: dict[str, str] = {}
    for key, value in scope["headers"]:
        if key == b"cookie":
            for pair in value.decode("latin-1").split(";"):
                name, is_pair, text = pair.strip().partition("=")
                if is_pair:
                    found.setdefault(name, text)
    return found


def get(scope: Scope, name: str) -> str:
    """The value the browser sent, or ""."""
    state = scope["state"]
    if "cookies_in" not in state:
        state["cookies_in"] = read(scope)
    return str(state["cookies_in"].get(_full(name), ""))


def put(scope: Scope, name: str, value: str, *, seconds: int | None = None) -> None:
    """Set a cookie on whatever response this request will get; ``seconds`` None is until the browser closes."""
    cookie: SimpleCookie = SimpleCookie()
    cookie[_full(name)] = value
    morsel = cookie[_full(name)]
    morsel["path"], morsel["samesite"], morsel["httponly"] = "/", "Lax", True
    if settings.current().secure_cookies:
        morsel["secure"] = True
    if seconds is not None:
        morsel["max-age"] = seconds
    scope["state"].setdefault("cookies_out", {})[name] = morsel.OutputString()
    get(scope, name)
    scope["state"]["cookies_in"][_full(name)] = value


def drop(scope: Scope, name: str) -> None:
    """Remove a cookie from the browser."""
    put(scope, name, "", seconds=0)


def out(scope: Scope) -> list[tuple[bytes, bytes]]:
    """The Set-Cookie headers that this request has gathered."""
    lines = scope.get("state", {}).get("cookies_out", {})
    return [(b"set-cookie", line.encode("latin-1")) for line in lines.values()]
