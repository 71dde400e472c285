"""WeChat's envelope: AES-256-CBC over 16 random bytes, a length, the message and the app's id; signed with SHA-1."""

from __future__ import annotations

import base64
import hashlib
import os
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BLOCK = 32
"""PKCS#7, but to 32 bytes rather than to the cipher's 16."""


class EnvelopeError(Exception):
    """An envelope that cannot be opened, or is another app's."""


class Envelope:
    """Seals and opens for one app. ``aes_key`` is the EncodingAESKey, 43 characters."""

    def __init__(self, aes_key: str, app: str) -> None:
        self._key = base64.b64decode(aes_key + "=")
        self._app = app.encode()

    def _cipher(self) -> Cipher[modes.CBC]:
        return Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16]))

    def seal(self, message: str, random: bytes | None = None) -> str:
        """The message as base64; ``random`` are the 16 bytes before it."""
        body = message.encode()
        plain = (random or os.urandom(16)) + struct.pack(">I", len(body)) + body + self._app
        pad = _BLOCK - len(plain) % _BLOCK
        sealer = self._cipher().encryptor()
        return base64.b64encode(sealer.update(plain + bytes([pad]) * pad) + sealer.finalize()).decode()

    def open(self, sealed: str) -> str:
        """The message inside. Raises EnvelopeError."""
        try:
            opener = self._cipher().decryptor()
            plain = opener.update(base64.b64decode(sealed, validate=True)) + opener.finalize()
            plain = plain[: -plain[-1]]
            length = struct.unpack(">I", plain[16:20])[0]
            body, app = plain[20 : 20 + length], plain[20 + length :]
        except (ValueError, IndexError, struct.error) as error:
            raise EnvelopeError(str(error)) from None
        if app != self._app:
            raise EnvelopeError("another app's")
        return body.decode()


def signature(*parts: str) -> str:
    """SHA-1 of the parts, sorted and joined: of token, time and nonce, and of the envelope where there is one."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()
