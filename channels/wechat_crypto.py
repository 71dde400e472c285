"""How an official account signs and encrypts what it exchanges with us. Pure; formats: domain.md 6.1.

The signature is SHA-1 because the provider chose it; nothing of ours rests on it alone (see ``web.hooks.wechat``).
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import struct
from functools import lru_cache
from hashlib import sha1

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from hotline.errors import Refusal, Say

BLOCK = 32
"""Bytes that the plain text is padded to: twice the cipher's own block."""
_RANDOM, _LENGTH = 16, 4
_SHORTEST_BOX = 2 * BLOCK
"""Random bytes, length and an account's id never fit into less."""


def signature(*parts: str) -> str:
    """SHA-1 in hexadecimal over the parts, sorted and put together: token, timestamp, nonce and what is signed."""
    return sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def is_signed(given: str, *parts: str) -> bool:
    """Whether ``given`` is the signature of these parts, compared in constant time."""
    return hmac.compare_digest(given.encode(), signature(*parts).encode())


@lru_cache(maxsize=4)
def key_of(aes_key: str) -> bytes:
    """The 32 bytes that an EncodingAESKey of 43 characters stands for. Raises ValueError when it is none."""
    try:
        key = base64.b64decode(aes_key + "=", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(aes_key) != 43 or len(key) != BLOCK:
        msg = "an EncodingAESKey has 43 characters of A-Z, a-z, 0-9"
        raise ValueError(msg)
    return key


def encrypt(message: str, *, aes_key: str, app: str, random: bytes = b"") -> str:
    """The ``Encrypt`` value of ``message`` (base64). ``random``: 16 bytes, given by tests only."""
    body = message.encode()
    head = (random or os.urandom(_RANDOM)) + struct.pack(">I", len(body))
    plain = head + body + app.encode()
    missing = BLOCK - len(plain) % BLOCK
    pen = _cipher(aes_key).encryptor()
    return base64.b64encode(pen.update(plain + bytes([missing]) * missing) + pen.finalize()).decode()


def decrypt(box: str, *, aes_key: str, app: str) -> str:
    """What an ``Encrypt`` value says. Raises a 403 refusal for another account's, a 400 for what is no such value."""
    try:
        sealed = base64.b64decode(box, validate=True)
    except (binascii.Error, ValueError):
        raise _unreadable() from None
    if len(sealed) < _SHORTEST_BOX or len(sealed) % 16:
        raise _unreadable()
    eye = _cipher(aes_key).decryptor()
    body, sender = _opened(eye.update(sealed) + eye.finalize())
    if not hmac.compare_digest(sender, app.encode()):
        say = Say("这条消息是发给另一个公众号的。", "This message is for another official account.")
        raise Refusal(403, "wrong_app", say)
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise _unreadable() from None


def _cipher(aes_key: str) -> Cipher[modes.CBC]:
    key = key_of(aes_key)
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))


def _opened(plain: bytes) -> tuple[bytes, bytes]:
    """Message and account id. One answer for whatever is wrong with it: who probes learns nothing from it."""
    padding = plain[-1]
    if not 1 <= padding <= BLOCK or plain[-padding:] != bytes([padding]) * padding:
        raise _unreadable()
    rest = plain[_RANDOM:-padding]
    if len(rest) < _LENGTH:
        raise _unreadable()
    (length,) = struct.unpack(">I", rest[:_LENGTH])
    if length > len(rest) - _LENGTH:
        raise _unreadable()
    end = _LENGTH + length
    return rest[_LENGTH:end], rest[end:]


def _unreadable() -> Refusal:
    return Refusal(400, "unreadable", Say("这条加密消息读不了。", "This encrypted message cannot be read."))
