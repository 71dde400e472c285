"""A stand-in for the provider of single sign-on: a real HTTP server that signs with real keys and can misbehave."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

CLIENT, SECRET = "hotline", "s e:cret"


class Provider:
    """What it does wrong is in ``fault``; ``claims`` go over what it would say; ``forms`` is what it was sent."""

    def __init__(self) -> None:
        self.address = ""
        self.fault = ""
        self.claims: dict[str, Any] = {}
        self.forms: list[dict[str, str]] = []
        self.key = RSAKey.generate_key(2048, parameters={"kid": "one", "alg": "RS256", "use": "sig"})
        self.shown = [self.key]
        self._codes: dict[str, dict[str, str]] = {}

    def rotate(self, *, is_shown: bool) -> None:
        """Sign with another key from now on, published or not."""
        self.key = RSAKey.generate_key(2048, parameters={"kid": "two", "alg": "RS256", "use": "sig"})
        if is_shown:
            self.shown.append(self.key)

    def agree(self, address: str) -> dict[str, str]:
        """The person signs in there: the query with which the browser comes back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert address.startswith(f"{self.address}/authorize?"), address
        assert asked["code_challenge_method"] == "S256"
        code = f"code{len(self._codes)}"
        self._codes[code] = asked
        return {"code": code, "state": asked["state"]}

    async def configuration(self, _: web.Request) -> web.Response:
        """Discovery."""
        at = self.address
        issuer = "https://elsewhere.example" if self.fault == "issuer of another" else at
        return web.json_response({
            "issuer": issuer, "authorization_endpoint": f"{at}/authorize", "token_endpoint": f"{at}/token",
            "jwks_uri": f"{at}/keys", "end_session_endpoint": f"{at}/logout",
        })  # fmt: skip

    async def keys(self, _: web.Request) -> web.Response:
        """The public keys."""
        return web.json_response(KeySet(list(self.shown)).as_dict(private=False))

    async def token(self, request: web.Request) -> web.Response:
        """A code becomes an ID token, when client, code and verifier are right."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.forms.append(form)
        if self.fault == "500":
            return web.json_response({}, status=500)
        user, _, password = base64.b64decode(request.headers["Authorization"].split()[1]).decode().partition(":")
        asked = self._codes.pop(form.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        is_right = (user, password) == (CLIENT, "s%20e%3Acret") and form.get("grant_type") == "authorization_code"
        if asked is None or not is_right or challenge.decode().rstrip("=") != asked["code_challenge"]:
            return web.json_response({"error": "invalid_grant"}, status=400)
        return web.json_response({"access_token": "x", "token_type": "Bearer", "id_token": self._signed(asked)})

    def _signed(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        claims = {
            "iss": self.address, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 300, "nonce": asked["nonce"],
            **self.claims,
        }  # fmt: skip
        if self.fault == "alg none":
            parts = ({"alg": "none"}, claims)
            return ".".join(_part(one) for one in parts) + "."
        if self.fault == "public key as secret":
            secret = OctKey.import_key(self.key.as_pem(private=False))
            return jwt.encode({"alg": "HS256", "kid": "one"}, claims, secret, algorithms=["HS256"])
        signed = jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)
        if self.fault == "changed after signing":
            head, _, mark = signed.split(".")
            return f"{head}.{_part({**claims, 'preferred_username': 'admin'})}.{mark}"
        return signed


def _part(one: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=")


@contextlib.asynccontextmanager
async def served() -> AsyncIterator[Provider]:
    """The provider on an address of this machine."""
    provider = Provider()
    app = web.Application()
    app.add_routes([
        web.get("/.well-known/openid-configuration", provider.configuration), web.get("/keys", provider.keys),
        web.post("/token", provider.token),
    ])  # fmt: skip
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    provider.address = f"http://127.0.0.1:{port}"
    try:
        yield provider
    finally:
        await runner.cleanup()
