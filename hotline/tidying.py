"""What ran out is removed, once an hour."""

from __future__ import annotations

from typing import Any

from channels import drafts, outcomes, tapes
from hotline import accounts, db, files, sessions, tries, unfinished


async def tidy(_: dict[str, Any]) -> None:
    """Sessions, tries, unfinished calls, receipts, registrations and strange reports that ran out; stray files."""
    await sessions.sweep()
    await tries.sweep()
    await unfinished.sweep()
    async with db.atomic() as connection:
        await accounts.sweep(connection)
        await drafts.sweep(connection)
        await outcomes.sweep(connection)
        await files.sweep(connection)
        await tapes.sweep(connection)
