"""The demo city's unfinished business at the desk: a call agreed for later, with the draft that waits for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from channels import callbacks
from hotline import clock, db, unfinished
from hotline.actor import Actor

_DRAFT = UUID("01900000-0000-7000-8000-00000000d31f")
_PHONE = "13800000099"
_TYPED = {
    "words": ["家里暖气一直不热，正在找缴费单，约好稍后再打。"], "phone": [_PHONE],
    "line": ["12345"],
    "channel": ["phone"],
    "kind": ["assistance"], "urgency": ["normal"], "county": ["130403"], "outcome": ["accept"],
}  # fmt: skip


async def tell(people: Mapping[str, Actor]) -> None:
    """The agent's draft, and the task that brings it back in two hours."""
    agent, at, draft = people["agent"], clock.now() + timedelta(hours=2), _DRAFT
    async with db.reading() as connection:
        if await connection.fetchval("SELECT EXISTS (SELECT FROM callback_task WHERE draft = $1)", draft):
            return
    await unfinished.save(agent, draft, {**_TYPED, "draft": [str(draft)]})
    async with db.atomic() as connection:
        await unfinished.plan(connection, agent, draft, at)
        await callbacks.plan(connection, agent, number=_PHONE, line="12345", at=at, draft=draft)
