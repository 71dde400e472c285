"""Nonces of signed messages that came a moment ago: one that comes again with something else is a replay.

In plain mode WeChat signs no body, so whoever saw one signed address could write their own words under it. Valkey holds
them for all processes; while it is away this process remembers its own.
"""

from __future__ import annotations

import asyncio
import hmac
import time
from collections import OrderedDict

from redis.exceptions import RedisError

from hotline import jobs, vault
from hotline.errors import Refusal, Say

LASTS = 660
"""Seconds: longer than a signature is good, before and after its timestamp together."""
KEPT = 20_000
"""How many this process remembers by itself."""
PATIENCE, PAUSE = 0.5, 5.0
"""Seconds that Valkey's answer is waited for, and in which nobody asks again after it did not come."""
AT_ONCE = 8
"""How many ask at the same time. A rush in which each opened a connection of its own was mistaken for a Valkey that
is away: for PAUSE nobody told the other processes what had been seen."""
_own: OrderedDict[bytes, bytes] = OrderedDict()
_quiet_until = 0.0
_turns: tuple[asyncio.AbstractEventLoop, asyncio.Semaphore] | None = None


async def demand_unused(nonce: str, said: str) -> None:
    """Refuse (403) a nonce that came with another message before; with the same it is one of WeChat's three tries.

    Digests only are kept, keyed: Valkey never holds what somebody wrote.
    """
    key, body = vault.index(f"wechat.nonce:{nonce}")[5:21], vault.index(f"wechat.said:{said}")[5:21]
    seen = _own.setdefault(key, body)
    if len(_own) > KEPT:
        _own.popitem(last=False)
    if seen == body:
        seen = _own[key] = await _shared(key, body) or body
    if not hmac.compare_digest(seen, body):
        raise Refusal(403, "replayed", Say("这个签名已经用过了。", "This signature was used before."))


async def _shared(key: bytes, body: bytes) -> bytes | None:
    """What another process saw under this nonce; None when nothing, or when Valkey does not say."""
    global _quiet_until  # one process, one patience
    async with _turn():
        if time.monotonic() < _quiet_until:
            return None
        try:
            async with asyncio.timeout(PATIENCE):
                valkey = await jobs.client()
                seen: bytes | None = await valkey.set(f"wechat:nonce:{key.hex()}", body, nx=True, get=True, ex=LASTS)
        except (RedisError, OSError):  # a time-out is an OSError
            _quiet_until = time.monotonic() + PAUSE
            return None
        return seen


def _turn() -> asyncio.Semaphore:
    """Where one waits for one's turn, in this loop."""
    global _turns
    loop = asyncio.get_running_loop()
    if _turns is None or _turns[0] is not loop:
        _turns = (loop, asyncio.Semaphore(AT_ONCE))
    return _turns[1]
