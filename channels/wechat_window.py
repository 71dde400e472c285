"""How long, and how often, an official account may speak freely to a person: 48 hours, a few messages, after theirs.

What is allowed outside of it is a template message (``channels.wechat``).
"""

from __future__ import annotations

import contextlib
from datetime import timedelta

from hotline import clock, db, vault

CHANNEL = "wechat"
LASTS = timedelta(hours=48)
MARGIN = timedelta(minutes=2)
"""Our clock and WeChat's are two; what comes at the last minute goes as a template at once."""
MOST = 5
"""Customer-service messages in one window; WeChat's own count answers 45047, and then it is a template all the same."""
_IS_OPEN = """
    SELECT coalesce(bool_or(last_in_at > $2 AND sent_since < $3), false) FROM correspondent
    WHERE channel = 'wechat' AND address_index = ANY($1)
"""
_SPENT = """
    UPDATE correspondent SET sent_since = sent_since + 1 WHERE channel = 'wechat' AND address_index = ANY($1)
"""
_CLOSED = "UPDATE correspondent SET sent_since = $2 WHERE channel = 'wechat' AND address_index = ANY($1)"


async def is_open(openid: str) -> bool:
    """Whether a customer-service message may go to this person now."""
    since = clock.now() - LASTS + MARGIN
    async with db.reading() as connection:
        found: bool = await connection.fetchval(_IS_OPEN, vault.reply_indexes(CHANNEL, openid), since, MOST)
    return found


async def spent(openid: str) -> None:
    """One message of the window is used up. It went: that this cannot be noted must not send it once more."""
    with contextlib.suppress(*db.AWAY):
        async with db.borrowed() as connection:
            await connection.execute(_SPENT, vault.reply_indexes(CHANNEL, openid))


async def closed(openid: str) -> None:
    """WeChat says that the window is closed or used up: the next message need not ask again."""
    async with db.borrowed() as connection:
        await connection.execute(_CLOSED, vault.reply_indexes(CHANNEL, openid), MOST)
