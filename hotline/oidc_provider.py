"""The provider of single sign-on over HTTP: its configuration and keys, kept for a while, and the exchange of a code.

Every request has a time limit and a largest answer, follows no redirect, and goes to https (or to this machine).
"""

from __future__ import annotations

import base64
import time
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import aiohttp
import msgspec
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from hotline import settings

log = structlog.get_logger("oidc")
LIMIT = aiohttp.ClientTimeout(total=5)
KEPT = 3600.0
"""Seconds for which configuration and keys are kept; a key unknown so far is looked for sooner."""
_AGAIN = 10.0
"""Seconds between two searches for a key that is not known: forged tokens must not make us a flood."""
_MOST = 200_000


class Away(Exception):  # noqa: N818 - like PostgreSQL's
    """The provider cannot be reached, is slow, or answers what no provider answers; ``code`` says which."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Configuration(msgspec.Struct, frozen=True):
    """What the provider says of itself (OpenID Connect Discovery 1.0)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str = ""
    token_endpoint_auth_methods_supported: list[str] = []


class _Kept(msgspec.Struct):
    issuer: str = ""
    found: Configuration | None = None
    found_at: float = 0.0
    keys: KeySet | None = None
    keys_at: float = 0.0


_kept = _Kept()


def forget() -> None:
    """Know nothing of the provider any more: after a change of settings, and in tests."""
    global _kept  # one process, one provider
    _kept = _Kept()


async def discovered() -> Configuration:
    """The provider's configuration, kept for KEPT seconds. Raises Away."""
    issuer = settings.current().oidc_issuer
    if _kept.issuer != issuer:
        forget()
        _kept.issuer = issuer
    if _kept.found is None or time.monotonic() - _kept.found_at > KEPT:
        body = await _call("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        try:
            found = msgspec.json.decode(body, type=Configuration)
        except msgspec.MsgspecError:
            raise Away("configuration") from None
        ends = (found.authorization_endpoint, found.token_endpoint, found.jwks_uri, found.end_session_endpoint)
        if found.issuer != issuer or not all(_is_safe(end) for end in ends if end):
            raise Away("configuration")
        _kept.found, _kept.found_at = found, time.monotonic()
    return _kept.found


async def keys(*, is_fresh: bool = False) -> KeySet:
    """The keys with which the provider signs; ``is_fresh``: ask again, but not more often than every _AGAIN seconds."""
    age = time.monotonic() - _kept.keys_at
    if _kept.keys is None or age > (_AGAIN if is_fresh else KEPT):
        body = await _call("GET", (await discovered()).jwks_uri)
        try:
            _kept.keys = KeySet.import_key_set(msgspec.json.decode(body))
        except (msgspec.MsgspecError, JoseError, ValueError, TypeError, KeyError):
            raise Away("keys") from None
        _kept.keys_at = time.monotonic()
    return _kept.keys


async def exchange(form: dict[str, str]) -> dict[str, Any]:
    """The token endpoint's answer to a code. Raises Away when there is none, also when it refuses the code."""
    one, found = settings.current(), await discovered()
    headers, methods = {}, found.token_endpoint_auth_methods_supported
    if not one.oidc_secret or (methods and "client_secret_basic" not in methods):
        form = {**form, "client_id": one.oidc_client} | ({"client_secret": one.oidc_secret} if one.oidc_secret else {})
    else:
        pair = f"{quote(one.oidc_client, safe='')}:{quote(one.oidc_secret, safe='')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    body = await _call("POST", found.token_endpoint, data=form, headers=headers)
    try:
        answer = msgspec.json.decode(body)
    except msgspec.MsgspecError:
        raise Away("token") from None
    return answer if isinstance(answer, dict) else {}


def with_query(address: str, query: dict[str, str]) -> str:
    """The address with this query added to whatever it has."""
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(query)}"


def _is_safe(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1"))


async def _call(method: str, address: str, **given: Any) -> bytes:
    if not _is_safe(address):
        raise Away("address")
    try:
        async with (
            aiohttp.ClientSession(timeout=LIMIT) as session,
            session.request(method, address, allow_redirects=False, **given) as answer,
        ):
            body = await answer.content.read(_MOST)
            while len(body) < _MOST and (more := await answer.content.read(_MOST - len(body))):
                body += more
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        log.warning("oidc_away", kind=type(error).__qualname__)
        raise Away("unreachable") from None
    if answer.status != 200:
        log.warning("oidc_away", status=answer.status)
        raise Away(f"http_{answer.status}")
    return body
