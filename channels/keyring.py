"""Who calls with a key, known without asking PostgreSQL each time, and how often: it stays while that is away."""

from __future__ import annotations

import asyncio
import re
import time

import msgspec

from channels import partners
from channels.partners import Key, Partner
from hotline import clock, db
from hotline.errors import Refusal, Say, too_many

FRESH = 5.0
"""Seconds that a key is believed without a look: an ended key stops working within so many."""
STALE = 24 * 3600.0
"""Seconds that a key seen before is believed while PostgreSQL is away."""
PATIENCE = 2.0
"""Seconds that a look may take."""
MOST = 10_000
"""Prefixes remembered, unknown ones not among them."""
_TOKEN = re.compile(r"hl_([0-9a-f]{8})_[A-Za-z0-9_-]{32}")


class Caller(msgspec.Struct, frozen=True):
    """The key that was shown and the partner whose it is."""

    key: Key
    partner: Partner


class _Seen(msgspec.Struct):
    """``at``: when it was last read from the database, ``asked``: when that was last tried."""

    caller: Caller
    at: float
    asked: float
    minute: int = 0
    calls: int = 0


_seen: dict[str, _Seen] = {}

NO_KEY = Refusal(
    401, "no_key",
    Say("请带上有效期内的密钥（Authorization: Bearer …）。", "Send a key that is in force (Authorization: Bearer …)."),
)  # fmt: skip


async def known(token: str, scope: str) -> Caller:
    """Whose key this is, if it is in force and opens ``scope``.

    Raises 401 (no such key), 403 (not for this), 429 (too often this minute, counted in each web process), or what
    a database that is away raises for a key never seen here.
    """
    match = _TOKEN.fullmatch(token)
    if match is None:
        raise _no_key()
    seen = await _look(match[1])
    if seen is None or not seen.caller.key.fits(token) or not seen.caller.partner.is_on:
        raise _no_key()
    if scope not in seen.caller.key.scopes:
        named = partners.SCOPES[scope]
        raise Refusal(403, "scope", Say(f"这把密钥不能用来{named.zh}。", f"This key may not: {named.en.lower()}."))
    _count(seen)
    return seen.caller


def _no_key() -> Refusal:
    return Refusal(NO_KEY.status, NO_KEY.code, NO_KEY.say)


async def _look(prefix: str) -> _Seen | None:
    seen, now = _seen.get(prefix), time.monotonic()
    if seen is not None and now - seen.asked < FRESH:
        return seen
    try:
        async with asyncio.timeout(PATIENCE), db.reading() as connection:
            pair = await partners.by_prefix(connection, prefix)
            if pair is not None and pair[0].ended_at is None:
                await partners.used(connection, pair[0].id, clock.now())
    except db.AWAY:
        if seen is None or now - seen.at > STALE:
            raise
        seen.asked = time.monotonic()
        return seen
    if pair is None:
        _seen.pop(prefix, None)
        return None
    if len(_seen) > MOST:
        _seen.clear()
    before = _seen.get(prefix) or _Seen(Caller(*pair), now, now)
    before.caller, before.at, before.asked = Caller(*pair), now, now
    _seen[prefix] = before
    return before


def _count(seen: _Seen) -> None:
    minute = int(time.monotonic() // 60)
    if seen.minute != minute:
        seen.minute, seen.calls = minute, 0
    seen.calls += 1
    most = seen.caller.partner.per_minute
    if seen.calls > most:
        zh, en = f"这把密钥每分钟最多 {most} 次，请稍后再来。", f"At most {most} calls a minute with this key; wait."
        raise too_many(zh, en)


def forget() -> None:
    """Believe nothing any more: after a change in this process, so that it counts at once."""
    for one in _seen.values():
        one.asked = -STALE
