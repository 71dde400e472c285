"""Passwords and session tokens of whoever signs in, staff or citizens: one way to hash, to compare and to make them."""

from __future__ import annotations

import hashlib
import secrets

from anyio import CapacityLimiter, to_thread
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from hotline import weak
from hotline.errors import Say

LEAST_PASSWORD, MOST_PASSWORD = weak.LEAST, weak.MOST

_hasher = PasswordHash((Argon2Hasher(),))
_nobody = ""
_hashing: CapacityLimiter | None = None


def new_token() -> str:
    """What a browser keeps of a session; the table holds its ``digest`` only."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    """SHA-256 of a token: a copy of the table signs nobody in."""
    return hashlib.sha256(token.encode()).digest()


def too_weak(password: str, login: str = "", name: str = "") -> Say | None:
    """What is wrong with a new password of whoever has this login and name, None when nothing is."""
    return weak.fault(password, login, name)


async def hashed(password: str) -> str:
    """The argon2id hash of a password, in a thread."""
    return await to_thread.run_sync(_hasher.hash, password, limiter=_limiter())


async def is_right(password: str, known: str) -> bool:
    """Whether the password fits the hash; an empty hash (nobody's) never does, and costs as much."""
    against = known or await _nobodys_hash()
    return await to_thread.run_sync(_hasher.verify, password, against, limiter=_limiter()) and bool(known)


def _limiter() -> CapacityLimiter:
    global _hashing  # argon2 takes 64 MiB and a core each time: two at once, the rest wait their turn
    if _hashing is None:
        _hashing = CapacityLimiter(2)
    return _hashing


async def _nobodys_hash() -> str:
    global _nobody  # an unknown login must cost as much as a known one
    if not _nobody:
        _nobody = await hashed(secrets.token_urlsafe(16))
    return _nobody
