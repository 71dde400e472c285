"""The dispatch catalogue: which unit leads a matter at a place on a day, and why."""

from __future__ import annotations

from datetime import date

import pytest

from hotline import db
from routing import book

pytestmark = pytest.mark.anyio


@pytest.mark.usefixtures("database")
async def test_every_process_reads_the_catalogue_anew_when_a_line_was_written() -> None:
    before = await book.refresh()
    assert await book.refresh() is before
    await db.pool().execute(
        "WITH e AS (INSERT INTO catalogue_edition (source, from_day, author, at)"
        " VALUES ('edit', '2026-01-01', gen_random_uuid(), now()) RETURNING id)"
        " INSERT INTO catalogue_line (matter, place, requester, lead, route, valid_from, edition)"
        " SELECT '020201', '', '', 'CGB', 'FUNC', '2026-01-01', id FROM e"
    )
    after = await book.refresh()
    assert after is not before
    found = after.find("020201", ("130403",), "person", date(2026, 2, 1))
    assert found is not None and found.lead == "CGB"
    assert after.find("020201", ("130403",), "person", date(2025, 12, 31)) is None
