"""How Twilio signs what it sends: HMAC over the address and the form; SHA-256 with a shared key where one is chosen."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable

import msgspec

SIGNATURE = "X-Twilio-Signature"
SETTINGS = "X-Twilio-Webhooks-Signature-Settings"
IDEMPOTENCY = "I-Twilio-Idempotency-Token"


class Signer(msgspec.Struct, frozen=True):
    """Signs with the account's token, or with a shared key and its id (then SHA-256, and a header says so)."""

    secret: str
    key_id: str = ""

    def headers(self, url: str, form: Iterable[tuple[str, str]] = ()) -> dict[str, str]:
        """The headers of a request to ``url`` with this form."""
        if not self.key_id:
            return {SIGNATURE: self.signature(url, form)}
        told = f"key={self.key_id},algorithm=HMAC_SHA256"
        return {SIGNATURE: self.signature(url, form, "sha256"), SETTINGS: told}

    def signature(self, url: str, form: Iterable[tuple[str, str]] = (), algorithm: str = "sha1") -> str:
        """Base64 of the HMAC over the address and each parameter's name and value, sorted by name."""
        text = url.partition("#")[0] + "".join(name + value for name, value in sorted(set(form)))
        return base64.b64encode(hmac.new(self.secret.encode(), text.encode(), algorithm).digest()).decode()


def with_body_hash(url: str, body: bytes) -> str:
    """The address that a JSON body is signed by: its SHA-256 stands in the query."""
    return f"{url}{'&' if '?' in url else '?'}bodySHA256={hashlib.sha256(body).hexdigest()}"
