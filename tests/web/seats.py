"""Staff at the browser of a test without the cost of a password: a person and an open session as rows."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import httpx

from hotline import clock, credentials, db, ids
from web import access

_numbers = itertools.count(1)


async def person(*roles: str, unit: str = "HOT", name: str = "王小明") -> UUID:
    """A fresh person of these roles who cannot sign in by password."""
    found = ids.new_id()
    async with db.atomic() as connection:
        await connection.execute(
            "INSERT INTO person (id, login, name, password_hash, unit, jurisdiction, lang, created_at)"
            " VALUES ($1, $2, $3, '', $4, '', 'zh', $5)",
            found, f"seat{next(_numbers)}", name, unit, clock.now(),
        )  # fmt: skip
        await connection.executemany(
            "INSERT INTO role_grant (id, person_id, role, valid_from) VALUES ($1, $2, $3, $4)",
            [(ids.new_id(), found, role, clock.today()) for role in roles],
        )
    return found


@contextlib.asynccontextmanager
async def at(client: httpx.AsyncClient, who: UUID) -> AsyncIterator[UUID]:
    """``client`` is this person's browser for a while."""
    token, now = credentials.new_token(), clock.now()
    async with db.atomic() as connection:
        await connection.execute(
            "INSERT INTO session (token_hash, id, person_id, created_at, last_seen_at, expires_at)"
            " VALUES ($1, $2, $3, $4, $4, $5)",
            credentials.digest(token), ids.new_id(), who, now, now + timedelta(hours=8),
        )  # fmt: skip
    client.cookies.set(access.SESSION, token, domain="testserver.local")
    try:
        yield who
    finally:
        client.cookies.delete(access.SESSION)


@contextlib.asynccontextmanager
async def taken(
    client: httpx.AsyncClient, *roles: str, unit: str = "HOT", name: str = "王小明"
) -> AsyncIterator[UUID]:
    """``client`` is the browser of a fresh person of these roles."""
    async with at(client, await person(*roles, unit=unit, name=name)) as who:
        yield who
