"""Forged posts are refused here, and every response gets its security headers here, files and failures included.

The token is HMAC(key, nonce cookie + person): it needs no session write for the anonymous, fits neither another
browser nor another person, and still fits a form that was open while its writer had to sign in again. Its end is the
post at which the form was drawn: what was written at one post is not signed at another by mistake.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable
from typing import Any

from litestar import Request
from litestar.types import Message, Scope, Send

from hotline import settings
from hotline.actor import Actor
from hotline.errors import Refusal, Say
from web import access, cookies, fields, navigation

NONCE = "hl_form"
FIELD, HEADER = "_token", "x-csrf-token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_key = secrets.token_bytes(32)

CONTENT_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "media-src 'self'; object-src 'none'; frame-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_ALWAYS = {
    b"content-security-policy": CONTENT_POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"same-origin",
    b"permissions-policy": b"camera=(), microphone=(), geolocation=(self), payment=(), usb=()",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
}
_HSTS = b"max-age=31536000; includeSubDomains"


def use_key(key: bytes) -> None:
    """The key of tokens and flash cookies: the same in every process of an installation."""
    global _key  # one process, one key
    _key = key


def sign(purpose: str, text: str) -> str:
    """A keyed digest of ``text`` for one purpose, in hexadecimal."""
    return hmac.new(_key, f"{purpose}\0{text}".encode(), "sha256").hexdigest()


def form_token(scope: Scope) -> str:
    """The token to put into a form; gives the browser its nonce cookie when it has none."""
    nonce = cookies.get(scope, NONCE)
    if len(nonce) != 32 or not nonce.isalnum():
        nonce = secrets.token_hex(16)
        cookies.put(scope, NONCE, nonce)
    return _token(scope, nonce)


_END = 16
"""Letters at a token's end that name the post."""


def _token(scope: Scope, nonce: str) -> str:
    actor = access.known_actor(scope)
    return token_of(nonce, str(actor.id) if actor.is_staff else "", actor.post)


def token_of(nonce: str, person: str, post: str = "") -> str:
    """The token of a browser's nonce, a person ("" anybody) and the post at which they sit ("" their own)."""
    return sign("form", f"{nonce}{person}")[:-_END] + sign("post", post)[:_END]


async def check_token(request: Request[Any, Any, Any], *, at_any_post: bool = False) -> None:
    """Refuse (403) a post that does not come from a form of ours in this browser, or was drawn at another post.

    ``at_any_post`` for what is the person's own wherever they sit.
    """
    given = request.headers.get(HEADER, "")
    if request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none"):
        nonce = cookies.get(request.scope, NONCE)
        given = given or (await fields.posted(request)).get(FIELD, [""])[0]
        wanted = _token(request.scope, nonce) if nonce else ""
        if wanted and hmac.compare_digest(given[:-_END].encode(), wanted[:-_END].encode()):
            if not at_any_post and given[-_END:] != wanted[-_END:]:
                raise _elsewhere(access.known_actor(request.scope))
            return
    raise Refusal(
        403,
        "stale_form",
        Say("这一页放得太久了，内容还在，请再提交一次。", "This page is too old. Your words are kept; send it again."),
    )


def _elsewhere(actor: Actor) -> Refusal:
    """A second window sat down at another post, or the post was over: whoever sends it says as whom."""
    where = navigation.post_name(actor)
    zh = f"代{actor.behalf_name}（{where.zh}）" if actor.behalf else f"的岗位是{where.zh}"
    en = f"for {actor.behalf_name} ({where.en})" if actor.behalf else f"at {where.en}"
    return Refusal(403, "other_post", Say(
        f"这一页是在另一个岗位打开的，您现在{zh}。内容还在：确认以现在的岗位办，就再提交一次；不是，先换回原来的岗位。",
        f"This page was opened at another post; you now sit {en}. Your words are kept: send them again if you mean it "
        "so, or change back to the other post first.",
    ))  # fmt: skip


def secured(scope: Scope, send: Send) -> Send:
    """Wrap ``send``: the headers and the gathered cookies go onto whatever response starts."""

    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*_headers(scope, message.get("headers", ())), *cookies.out(scope)]
        await send(message)

    return wrapped


def _headers(scope: Scope, given: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    kept = [(key, value) for key, value in given if key.lower() not in _ALWAYS]
    names = {key.lower() for key, _ in kept}
    kept.extend(_ALWAYS.items())
    if settings.current().secure_cookies or scope.get("scheme") == "https":
        kept.append((b"strict-transport-security", _HSTS))
    if is_static(scope):
        fresh = b"public, max-age=31536000, immutable" if b"v=" in scope["query_string"] else b"public, max-age=300"
        return [*((k, v) for k, v in kept if k.lower() != b"cache-control"), (b"cache-control", fresh)]
    if access.known_actor(scope).is_staff or access.known_account(scope) is not None:
        return [*((k, v) for k, v in kept if k.lower() != b"cache-control"), (b"cache-control", b"no-store")]
    if b"cache-control" not in names:
        # A public page carries this browser's form token: nobody between may keep it for another.
        kept.append((b"cache-control", b"private, no-cache"))
    return kept


def is_static(scope: Scope) -> bool:
    """Whether the request is for a file of ours that is the same for everybody."""
    return scope["path"].startswith("/static/")
