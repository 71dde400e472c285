"""What the tests of administration share: who sits there, what a form holds, what was noted, a case's row."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator
from uuid import UUID

import httpx

from hotline import acts, db
from tests.web import house
from web import access


@contextlib.asynccontextmanager
async def instead(client: httpx.AsyncClient, *roles: str, unit: str = "HOT", county: str = "") -> AsyncIterator[UUID]:
    """For a while somebody else sits at ``client``; then whoever sat there before."""
    before = client.cookies.get(access.SESSION)
    async with house.signed_in(client, *roles, unit=unit, jurisdiction=county) as who:
        yield who
    if before:
        client.cookies.set(access.SESSION, before, domain="testserver.local")


def field(page: str, name: str) -> str:
    """What the page's input or hidden field holds."""
    found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', page)
    assert found, (name, page[:2000])
    return found[1]


async def noted(subject: str) -> list[acts.ActRow]:
    """What was done to a record, newest first."""
    async with db.reading() as connection:
        return await acts.recent(connection, subject=subject)


async def row(number: str) -> dict[str, object]:
    """The case's row."""
    async with db.reading() as connection:
        return dict(await connection.fetchrow("SELECT * FROM cases WHERE number = $1", number))
