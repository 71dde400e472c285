"""What the holder of an account has filed: each request with its state, and whether its answer has been read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from cases import track
from cases.register import short_title
from hotline import clock, db

PAGE = 20
_LIST = f"""
    SELECT r.id, r.receipt_no, r.kind, r.words, r.filed_at, c.is_confidential, s.read_at
    FROM request r JOIN cases c ON c.id = r.case_id LEFT JOIN request_reading s ON s.request_id = r.id
    WHERE r.account_id = $1 AND (r.filed_at, r.id) < ($2, $3)
    ORDER BY r.filed_at DESC, r.id DESC LIMIT {PAGE + 1}
"""
_READ = """
    INSERT INTO request_reading (request_id, read_at)
    SELECT id, $3 FROM request WHERE account_id = $1 AND receipt_no = $2
    ON CONFLICT (request_id) DO UPDATE SET read_at = $3 RETURNING request_id
"""


class Mine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the list; ``title`` is "" where it should stand on no screen: reports and confidential ones."""

    id: UUID
    title: str
    read_at: datetime | None
    track: track.Track

    @property
    def has_news(self) -> bool:
        """An answer that its page has not shown yet."""
        at = self.track.replied_at
        return at is not None and (self.read_at is None or self.read_at < at)


async def filed(connection: db.Connection, account: UUID, after: tuple[datetime, UUID]) -> Sequence[Mine]:
    """The account's requests, the last first, PAGE + 1 of them before the cursor ``after``."""
    found = []
    for row in await connection.fetch(_LIST, account, *after):
        one = await track.read(connection, row["receipt_no"])
        if one is not None:
            is_open = row["kind"] != "report" and not row["is_confidential"]
            title = short_title(row["words"]) if row["words"] and is_open else ""
            found.append(Mine(id=row["id"], title=title, read_at=row["read_at"], track=one))
    return found


async def opened(connection: db.Connection, account: UUID, number: str) -> bool:
    """Whether the receipt is the account's own; if so, its page is being read now."""
    return await connection.fetchval(_READ, account, number, clock.now()) is not None
