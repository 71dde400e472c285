"""Providers inside this process: they note what they get and fail as they are told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from uuid import UUID, uuid4

from channels import outbox, ways
from channels.carrier import Facts, Outgoing
from channels.rows import OutboxRow
from hotline import clock, db
from hotline.actor import SYSTEM
from hotline.work import work


class Provider:
    """Takes messages; ``fails`` may raise for one, ``seconds`` is how long each takes, ``gate`` what all wait for."""

    def __init__(
        self,
        fails: Callable[[Outgoing], None] = lambda _: None,
        seconds: float = 0.0,
        gate: asyncio.Event | None = None,
    ) -> None:
        self.gate = gate
        self.got: list[Outgoing] = []
        self.fails = fails
        self.seconds = seconds
        self.asked = 0

    async def __call__(self, message: Outgoing) -> str:
        """As a door's ``send``."""
        self.asked += 1
        if self.gate:
            await self.gate.wait()
        if self.seconds:
            await asyncio.sleep(self.seconds)
        self.fails(message)
        self.got.append(message)
        return f"P{message.id}"


async def put(channel: str = "sms", address: str = "13800000001", *, text: str = "x", is_waking: bool = False) -> UUID:
    """One message of no case in the outbox, due now."""
    async with work(SYSTEM) as w:
        one = ways.row(
            key=f"test:{uuid4()}", name="help", channel=channel, address=address, text=text,
            facts=Facts(), now=w.now, is_waking=is_waking,
        )  # fmt: skip
        w.add(one)
    return one.id


async def held(message: UUID) -> OutboxRow:
    """The message as it stands."""
    columns = ", ".join(OutboxRow.__struct_fields__)
    async with db.reading() as connection:
        return OutboxRow(**await connection.fetchrow(f"SELECT {columns} FROM outbox_message WHERE id = $1", message))


async def attempts(message: UUID) -> list[tuple[str, str]]:
    """Outcome and code of each try, oldest first."""
    async with db.reading() as connection:
        found = await connection.fetch(
            "SELECT outcome, code FROM attempt WHERE message_id = $1 ORDER BY at, id", message
        )
    return [(one["outcome"], one["code"]) for one in found]


async def empty() -> None:
    """Nothing waits and no door has a history."""
    async with db.atomic() as connection:
        await connection.execute("UPDATE outbox_message SET state = 'dropped', next_at = NULL WHERE state = 'queued'")
        await connection.execute("DELETE FROM door")
        await connection.execute("DELETE FROM correspondent")


async def deliver(channel: str, provider: Provider) -> int:
    """A run of the outbox with this provider alone."""
    before = dict(outbox.SENDERS)
    outbox.SENDERS.clear()
    outbox.SENDERS[channel] = provider
    try:
        return await outbox.deliver_due()
    finally:
        outbox.SENDERS.clear()
        outbox.SENDERS.update(before)


__all__ = ["Provider", "attempts", "clock", "deliver", "empty", "held", "put"]
