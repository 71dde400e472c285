"""What a caller hears whose number is refused: why, until when, how to object; a key reaches 110, 119, 120, 122.

No agent, no queue, and never a wall before an emergency number.
"""

from __future__ import annotations

from uuid import UUID

from channels import phones, refused, transfers
from channels import voice_texts as texts
from channels.phones import Script
from hotline import clock, db
from hotline.actor import SYSTEM

KEYS = {"1": "110", "2": "119", "3": "120", "4": "122"}
"""As the sentence names them."""
_OF = "SELECT r.ground, r.until, r.decided_at FROM call c JOIN refused_number r ON r.id = c.refused WHERE c.id = $1"


async def script(call: UUID) -> Script:
    """The sentence, spoken while a key is waited for; without one the call ends."""
    async with db.reading() as connection:
        row = await connection.fetchrow(_OF, call)
    if row is None:
        return Script()
    until, day = clock.local(row["until"]), clock.local(row["decided_at"])
    say = texts.BARRED.zh.format(
        ground=refused.GROUNDS[row["ground"]].zh, until=f"{until.month}月{until.day}日{until:%H:%M}",
        day=f"{day.month}月{day.day}日",
    )  # fmt: skip
    return Script(says=(say,), then=phones.ASK, call=call, step="urgent")


async def urgent(call: UUID, key: str) -> Script:
    """The key that was pressed: to that number at once, on record as nobody's transfer. Another ends it."""
    async with db.atomic() as connection:
        row = await connection.fetchrow(_OF, call)
        if row is None or key not in KEYS:
            return Script(says=(texts.GOODBYE.zh,))
        one = await transfers.record(connection, SYSTEM, target=KEYS[key], call=call)
    return await transfers.leaving(one)
