"""Whether a request really comes from Twilio. Pure: secrets, address and body are given.

The signature covers the address as Twilio called it and every parameter that came, known to us or not. Parameters are
bytes here: what is no UTF-8 is still signed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import parse_qs, urlsplit

import msgspec

SHA1, SHA256 = "HMAC_SHA1", "HMAC_SHA256"
_DIGESTS = {SHA1: "sha1", SHA256: "sha256"}
_PORTS = {"https": 443, "http": 80}

Pairs = Sequence[tuple[bytes, bytes]]


class Secrets(msgspec.Struct, frozen=True, kw_only=True):
    """What signatures are made with: the account's tokens (two while one is being exchanged), and shared keys by id."""

    tokens: tuple[str, ...] = ()
    keys: Mapping[str, str] = {}


def secrets_of(token: str, second: str, signing_keys: str) -> Secrets:
    """The secrets as settings write them; ``signing_keys`` are ``id:secret`` pairs by spaces."""
    pairs = [pair.partition(":") for pair in signing_keys.split()]
    keys = {one: secret for one, _, secret in pairs if secret}
    return Secrets(tokens=tuple(filter(None, (token, second))), keys=keys)


def signature(secret: str, url: str, pairs: Pairs, algorithm: str = SHA1) -> str:
    """Base64 of the HMAC over the address and each parameter's name and value, sorted, equal ones once."""
    signed = url.encode() + b"".join(name + value for name, value in sorted(set(pairs)))
    return base64.b64encode(hmac.digest(secret.encode(), signed, _DIGESTS[algorithm])).decode()


def is_signed(url: str, pairs: Pairs | None, body: bytes, given: str, settings: str, secrets: Secrets) -> bool:
    """Whether ``given`` is the signature of this request under one of our secrets.

    ``pairs`` are the form's parameters; None for a body that is no form (JSON), whose digest stands in the address.
    ``settings`` is the header that names key and algorithm; without it, SHA-1 and a token. An unknown algorithm or key
    is no signature.
    """
    named = _named(settings)
    algorithm = named.get("algorithm", SHA1).upper()
    if algorithm not in _DIGESTS or not _is_address(url):
        return False
    if pairs is None and not _is_body(url, body):
        return False
    found = [
        hmac.compare_digest(signature(secret, spelt, pairs or (), algorithm).encode(), given.encode())
        for secret in _choice(algorithm, named.get("key", ""), secrets)
        for spelt in spellings(url)
    ]
    return any(found)


def spellings(url: str) -> tuple[str, str]:
    """The address without and with its port: which of them is signed is not the same everywhere."""
    parts = urlsplit(url)
    start = len(parts.scheme) + 3
    host, rest = url[start : start + len(parts.netloc)], url[start + len(parts.netloc) :]
    bare = host.rpartition(":")[0] if parts.port else host
    port = parts.port or _PORTS.get(parts.scheme, 443)
    return f"{parts.scheme}://{bare}{rest}", f"{parts.scheme}://{bare}:{port}{rest}"


def _is_address(url: str) -> bool:
    """Whether it has a host and a port that there can be: a Host line says what its sender likes."""
    try:
        return urlsplit(url).port != -1
    except ValueError:
        return False


def _choice(algorithm: str, key: str, secrets: Secrets) -> Iterable[str]:
    """Tokens sign by SHA-1, shared keys by SHA-256: neither is ever tried as the other."""
    if algorithm == SHA1:
        return secrets.tokens
    if key:
        return [secrets.keys[key]] if key in secrets.keys else []
    return secrets.keys.values()


def _named(settings: str) -> dict[str, str]:
    parts = (part.partition("=") for part in settings.split(","))
    return {name.strip(): value.strip() for name, _, value in parts if value.strip()}


def _is_body(url: str, body: bytes) -> bool:
    digest = parse_qs(urlsplit(url).query).get("bodySHA256", [""])[0]
    return hmac.compare_digest(hashlib.sha256(body).hexdigest().encode(), digest.encode())
