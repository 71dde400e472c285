"""Single sign-on by OpenID Connect: the code flow with PKCE, against the provider that the settings name.

Nothing of an ID token counts before its signature (by a key of the provider's, never ``none`` nor a shared secret),
issuer, audience, times and nonce are right. Roles are never taken from it: what one may do is decided here.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from typing import Any

import msgspec
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import Token

from hotline import clock, oidc_provider, settings, vault
from hotline.errors import Refusal

ALGORITHMS = ("RS256", "PS256", "ES256", "RS384", "RS512", "ES384", "ES512", "EdDSA", "Ed25519")
PATIENCE = 600
"""Seconds in which somebody must come back from the provider."""
_LEEWAY = 60
"""Seconds by which the clocks may differ."""
_CONTEXT = "oidc.asked"
_STRONG = frozenset({"mfa", "otp", "hwk", "swk", "sc", "fpt", "face"})
"""Values of ``amr`` (RFC 8176) by which a provider says that more than a password was shown."""
_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{1,63}")
"""Whole and in ASCII: the Kelvin sign is a k in small letters, and a name cut off may be somebody else's."""


class NotTaken(Exception):  # noqa: N818 - a refusal to believe, in the logs by its code
    """What came back is not believed; ``code`` says why, for the log and the operator."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Asked(msgspec.Struct, frozen=True):
    """What this browser asked with: it lies sealed in its cookie until it comes back."""

    state: str
    nonce: str
    verifier: str
    onward: str
    until: int


class Known(msgspec.Struct, frozen=True):
    """Whom the provider vouches for: the login, and whether a second factor was shown there."""

    login: str
    is_strong: bool


async def ask(back: str, onward: str) -> tuple[str, str]:
    """The provider's address to send the browser to, and what to keep in its cookie. Raises ``oidc_provider.Away``."""
    found = await oidc_provider.discovered()
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    query = {
        "response_type": "code", "client_id": settings.current().oidc_client, "redirect_uri": back,
        "scope": "openid profile", "state": state, "nonce": nonce, "code_challenge": challenge,
        "code_challenge_method": "S256",
    }  # fmt: skip
    asked = Asked(state, nonce, verifier, onward, int(clock.now().timestamp()) + PATIENCE)
    sealed = vault.seal(msgspec.json.encode(asked).decode(), _CONTEXT)
    return oidc_provider.with_query(found.authorization_endpoint, query), sealed.hex()


def remembered(cookie: str, state: str) -> Asked:
    """What this browser had asked with. Raises NotTaken when it had not, long ago, or with another state."""
    try:
        asked = msgspec.json.decode(vault.unseal(bytes.fromhex(cookie), _CONTEXT), type=Asked)
    except (ValueError, Refusal, msgspec.MsgspecError):
        raise NotTaken("no_question") from None
    if clock.now().timestamp() > asked.until:
        raise NotTaken("too_late")
    if not hmac.compare_digest(asked.state.encode(), state.encode()):
        raise NotTaken("state")
    return asked


async def answered(asked: Asked, code: str, back: str) -> Known:
    """Exchange the code and believe the ID token, or raise NotTaken with the reason, or Away."""
    if not code:
        raise NotTaken("denied")
    answer = await oidc_provider.exchange(
        {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": asked.verifier}
    )
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise NotTaken("no_id_token")
    return believed(await _read(token), asked.nonce)


async def _read(token: str) -> dict[str, Any]:
    """The claims of a token that a key of the provider's has signed; a key unknown so far is looked for once."""
    for is_fresh in (False, True):
        held = await oidc_provider.keys(is_fresh=is_fresh)
        try:
            return _decoded(token, held).claims
        except InvalidKeyIdError:
            continue
        except (JoseError, ValueError):
            raise NotTaken("signature") from None
    raise NotTaken("key")


def _decoded(token: str, held: KeySet) -> Token:
    return jwt.decode(token, held, algorithms=ALGORITHMS)


def believed(claims: dict[str, Any], nonce: str) -> Known:
    """Issuer, audience, times and nonce are looked at; then the login. Raises NotTaken with what is wrong."""
    one = settings.current()
    now = int(clock.now().timestamp())
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    checks = {
        "iss": claims.get("iss") == one.oidc_issuer,
        "aud": one.oidc_client in audiences and (len(audiences) == 1 or claims.get("azp") == one.oidc_client),
        "azp": claims.get("azp", one.oidc_client) == one.oidc_client,
        "exp": _number(claims.get("exp")) > now - _LEEWAY,
        "iat": 0 < _number(claims.get("iat")) <= now + _LEEWAY,
        "nbf": _number(claims.get("nbf", 0)) <= now + _LEEWAY,
        "nonce": hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()),
    }
    if wrong := next((name for name, is_right in checks.items() if not is_right), ""):
        raise NotTaken(wrong)
    login = claims.get(one.oidc_claim)
    if not isinstance(login, str) or not login.strip():
        raise NotTaken("claim")
    if one.oidc_claim == "email" and claims.get("email_verified") is not True:
        raise NotTaken("email_verified")  # at many providers everybody writes what they like there
    amr = claims.get("amr")
    is_strong = isinstance(amr, list) and bool(_STRONG & {one for one in amr if isinstance(one, str)})
    return Known(_folded(login.strip()), is_strong)


def _folded(login: str) -> str:
    """As logins are spelt here; what can be none of ours stays as it is, and fits nobody."""
    return login.lower() if _LOGIN.fullmatch(login) else login


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


async def farewell(after: str) -> str:
    """The provider's address to sign out there too, "" when it has none. Raises ``oidc_provider.Away``."""
    found = await oidc_provider.discovered()
    if not found.end_session_endpoint:
        return ""
    query = {"client_id": settings.current().oidc_client, "post_logout_redirect_uri": after}
    return oidc_provider.with_query(found.end_session_endpoint, query)
