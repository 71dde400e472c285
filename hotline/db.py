"""The one pool and the one way into a transaction. The only module that knows how Piccolo holds a connection."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from contextvars import ContextVar
from typing import TYPE_CHECKING, TypeAlias

import asyncpg
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction

from hotline import settings

if TYPE_CHECKING:
    from types import TracebackType

Connection: TypeAlias = asyncpg.Connection
AWAY = (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.CannotConnectNowError, TimeoutError)
"""What it looks like when PostgreSQL is away: the edge answers 503, a job leaves the work for the next sweep."""


class _Engine(PostgresEngine):
    """Piccolo asks a server for its version when an engine is made; ours has no address yet, and doctor asks later."""

    async def check_version(self) -> None:
        return None

    async def prep_database(self) -> None:
        return None


ENGINE = _Engine(config={}, extensions=())
statements: ContextVar[list[str] | None] = ContextVar("statements", default=None)
"""Set to a list by tests and benches: every SQL statement of this context is noted in it."""


class _SafeTransaction(PostgresTransaction):
    """Piccolo's own leaks its connection when COMMIT or ROLLBACK fails; this one gives it back first."""

    __slots__ = ()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if self._parent:
            return False
        try:
            if kind is not None:
                if not self._rolled_back:
                    await self.rollback()  # type: ignore[no-untyped-call]  # Piccolo
            elif not self._committed and not self._rolled_back:
                await self.commit()  # type: ignore[no-untyped-call]  # Piccolo
        finally:
            self.engine.current_transaction.reset(self.context)
            if self.engine.pool:
                await self.engine.pool.release(self.connection)
            else:
                await self.connection.close()
        return False


def _note(record: object) -> None:
    seen = statements.get()
    if seen is not None:
        seen.append(str(getattr(record, "query", "")))


async def _prepare(connection: asyncpg.Connection) -> None:
    connection.add_query_logger(_note)


async def _keep(_: asyncpg.Connection) -> None:
    """Nothing to put back when a connection returns; the driver's own reset costs a round trip each time.

    We set no session variables, listen to nothing and take locks within transactions only.
    """


async def connect(url: str = "", *, size: int = 0) -> None:
    """Open the pool of this process on ``url`` (the settings' database by default)."""
    config = settings.current()
    await disconnect()
    ENGINE.config = {"dsn": url or config.database_url}
    await ENGINE.start_connection_pool(
        min_size=1,
        max_size=size or config.pool_size,
        init=_prepare,
        reset=_keep,
        command_timeout=60,
        max_inactive_connection_lifetime=300,
    )


async def disconnect() -> None:
    """Close the pool, if there is one."""
    if ENGINE.pool is not None:
        await ENGINE.close_connection_pool()


@contextlib.asynccontextmanager
async def reading() -> AsyncIterator[Connection]:
    """A connection for reading: the transaction's own inside ``atomic()``, else one of the pool."""
    current = ENGINE.current_transaction.get()
    if current is not None:
        yield current.connection
        return
    async with pool().acquire() as connection:
        yield connection


@contextlib.asynccontextmanager
async def atomic() -> AsyncIterator[Connection]:
    """A transaction outside, a savepoint inside one; Piccolo's queries run in it too.

    Never start tasks inside it: one connection serves one statement at a time.
    """
    current = ENGINE.current_transaction.get()
    if current is not None:
        async with current.connection.transaction():
            yield current.connection
        return
    async with _SafeTransaction(ENGINE) as transaction:
        yield transaction.connection


def pool() -> asyncpg.Pool:
    """The pool; an error when ``connect()`` was not called."""
    if ENGINE.pool is None:
        msg = "the database pool is not open: call hotline.db.connect() first"
        raise RuntimeError(msg)
    return ENGINE.pool
