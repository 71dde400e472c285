"""Whatever went wrong becomes a page, or a sentence in ``#flash`` for htmx; what was typed comes along.

Logs get the kind of failure and where in the code, never its message: messages quote rows.
"""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec
import structlog
from litestar import Response
from litestar.exceptions import HTTPException
from redis.exceptions import RedisError

from hotline import db, logs
from hotline.errors import Refusal, Say, not_found, unavailable
from web import access, security
from web.guards import SignInFirst
from web.render import HTML, AnyRequest, Flash, is_fragment, render

log = structlog.get_logger("web")

_AWAY = (*db.AWAY, RedisError)
SAY = {
    400: Say("这个请求读不懂，请回上一页再试。", "The request could not be read. Go back and try again."),
    405: Say("这个地址不能这样用，请从页面上的按钮进入。", "This address is not used like this; start from a page."),
    413: Say("内容太大了，请把文件分开或缩小再交。", "That is too large. Send fewer or smaller files."),
}
_SECRET = ("password", "secret")
_SECRETS = frozenset({"old"})  # the form of an account


def is_away(error: BaseException) -> bool:
    """Whether the error says that PostgreSQL or Valkey cannot be reached just now: worth another try."""
    return isinstance(error, _AWAY)


def sign_in_first(request: AnyRequest, _: SignInFirst) -> Response[str]:
    """Send an anonymous person to the sign-in page, and back afterwards. What htmx was posting stays in its page."""
    if request.method == "GET":
        target = _current_path(request) if is_fragment(request) else _own_path(request)
        address = f"/sign-in?{urlencode({'next': target})}"
        if is_fragment(request):
            away = {"HX-Redirect": address, "Vary": "HX-Request"}
            return Response("", status_code=200, media_type=HTML, headers=away)
        return Response("", status_code=303, media_type=HTML, headers={"Location": address})
    say = Say(
        "登录已到期，内容还在。请在新窗口登录，再回来提交。",
        "You are signed out. What you wrote is kept: sign in in a new window, then send it again.",
    )
    return _answer(request, 401, "signed_out", say, kept=_kept(request))


def refused(request: AnyRequest, error: Refusal) -> Response[str]:
    """A refusal in its own words and with its own status."""
    return _answer(request, error.status, error.code, error.say, fields=error.fields, kept=_kept(request))


def http_failed(request: AnyRequest, error: HTTPException) -> Response[str]:
    """A failure of HTTP itself: no such address, wrong method, too large. A wrong path value is a 404 too."""
    status = error.status_code
    if status == 500:
        return failed(request, error)
    if status == 404 or (status == 400 and request.method == "GET"):
        return refused(request, not_found())
    return _answer(request, status, f"http_{status}", SAY.get(status, SAY[400]), kept=_kept(request))


def unstorable(request: AnyRequest, _: Exception) -> Response[str]:
    """An address or a value with a character that nothing of ours can have: no such page, or a request unread."""
    if request.method == "GET":
        return refused(request, not_found())
    return _answer(request, 400, "http_400", SAY[400], kept=_kept(request))


def failed(request: AnyRequest, error: Exception) -> Response[str]:
    """503 when something we stand on is away; else our own mistake: a page with a number that is also in the log."""
    number = secrets.token_hex(4)
    known = {
        "kind": type(error).__qualname__,
        "sqlstate": getattr(error, "sqlstate", None),
        "constraint": getattr(error, "constraint_name", None),
        "route": request.scope.get("path_template", ""),
        "where": logs.where(error),
    }
    if is_away(error):
        log.warning("away", **known)
        refusal = unavailable()
        return _answer(request, 503, refusal.code, refusal.say, kept=_kept(request))
    log.error("failed", number=number, **known)
    say = Say(
        f"抱歉，这里出错了，已记下编号 {number}。内容还在，请再试一次。",
        f"Sorry, something went wrong on our side. It is noted as {number}. What you wrote is kept; try again.",
    )
    return _answer(request, 500, "failed", say, kept=_kept(request))


HANDLERS: dict[Any, Any] = {
    SignInFirst: sign_in_first,
    Refusal: refused,
    HTTPException: http_failed,
    **dict.fromkeys(db.UNSTORABLE, unstorable),
    Exception: failed,
}


def _answer(
    request: AnyRequest,
    status: int,
    code: str,
    say: Say,
    *,
    fields: dict[str, Say] | None = None,
    kept: dict[str, list[str]] | None = None,
) -> Response[str]:
    headers = {"Retry-After": "30"} if status == 503 else {}
    if code in ("stale_form", "other_post"):  # the page, or htmx's, gets a new token for the next try
        (kept or {}).pop(security.FIELD, None)
        if is_fragment(request):
            headers["HX-Trigger"] = msgspec.json.encode({"newToken": security.form_token(request.scope)}).decode()
    if wants_json(request):
        body = {"error": code, "say": say._asdict(), "fields": {k: v._asdict() for k, v in (fields or {}).items()}}
        return Response(body, status_code=status, headers=headers)  # type: ignore[arg-type] # JSON for machines
    layout = "layouts/staff.html" if access.known_actor(request.scope).is_staff else "layouts/public.html"
    if is_fragment(request):
        # Where it lands is settled by the page's htmx configuration and by these two: never over what was typed.
        headers |= {"HX-Retarget": "#flash", "HX-Reswap": "innerHTML"}
        return render(
            request, "errors/failure.html", region="#r-failure", status=status, headers=headers,
            code=code, shown=Flash(say, "error"), fields=fields or {}, kept={}, layout=layout,
        )  # fmt: skip
    return render(
        request, "errors/failure.html", status=status, headers=headers,
        code=code, shown=Flash(say, "error"), fields=fields or {}, kept=kept or {}, layout=layout,
    )  # fmt: skip


def wants_json(request: AnyRequest) -> bool:
    """Machines (hooks, the open interface, health) ask for JSON or send it; to partners nothing else is said."""
    if request.scope["path"].startswith("/api/v1/"):
        return True
    accept = request.headers.get("accept", "")
    return "text/html" not in accept and ("json" in accept or "json" in request.headers.get("content-type", ""))


def _kept(request: AnyRequest) -> dict[str, list[str]]:
    """What the form held as far as it was read, without secrets and files. The old token stays good for a retry."""
    posted = request.scope.get("state", {}).get("posted", {})
    return {
        name: values
        for name, values in posted.items()
        if name not in _SECRETS and not any(word in name.lower() for word in _SECRET)
    }


def _own_path(request: AnyRequest) -> str:
    query = request.scope["query_string"].decode("latin-1")
    return f"{request.url.path}?{query}" if query else request.url.path


def _current_path(request: AnyRequest) -> str:
    shown = urlsplit(request.headers.get("hx-current-url", ""))
    return f"{shown.path or '/'}?{shown.query}" if shown.query else shown.path or "/"
