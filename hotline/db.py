"""The one pool and the one way into a transaction. The only module that knows how Piccolo holds a connection."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction

from hotline import settings

if TYPE_CHECKING:
    from types import TracebackType

Connection: TypeAlias = asyncpg.Connection
PATIENCE = 5.0
"""Seconds to wait for a connection, free or new: a page that says 503 is better than one that never comes."""
WEB_PATIENCE = 5.0
"""Seconds that a page waits for one statement. The worker and the commands have work that takes longer."""
WORK_PATIENCE = 60.0


class Away(ConnectionError):  # noqa: N818 - it is a state of the house
    """PostgreSQL cannot be reached, stopped answering, or hung up in the middle."""


AWAY = (
    ConnectionError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.exceptions.OperatorInterventionError,
    asyncpg.exceptions.InsufficientResourcesError,
    asyncpg.exceptions.TransactionRollbackError,
)
"""What it looks like when PostgreSQL is away, going down, full, or lets another go first: the edge answers 503, a job
leaves the work for the next sweep and blames no message for it.

No plain OSError (a missing template or file is our own mistake) and no InterfaceError: ``_watched`` tells them apart.
"""
UNSTORABLE = (asyncpg.CharacterNotInRepertoireError, asyncpg.UntranslatableCharacterError)
"""What it looks like when somebody asks for a text that no database can hold, such as one with a NUL."""
_LOST = (ConnectionError, TimeoutError, asyncpg.PostgresConnectionError, asyncpg.AdminShutdownError)
"""After these nothing can be said on the connection any more."""


class _Engine(PostgresEngine):
    """Piccolo asks a server for its version when an engine is made; ours has no address yet, and doctor asks later."""

    async def check_version(self) -> None:
        return None

    async def prep_database(self) -> None:
        return None

    async def _run_in_pool(self, query: str, args: Sequence[Any] | None = None) -> Any:
        async with reading() as connection:
            return await connection.fetch(query, *(args or ()))


ENGINE = _Engine(config={}, extensions=())
statements: ContextVar[list[str] | None] = ContextVar("statements", default=None)
"""Set to a list by tests and benches: every SQL statement of this context is noted in it."""

_held: ContextVar[tuple[asyncio.Task[Any] | None, Connection] | None] = ContextVar("held", default=None)


class _SafeTransaction(PostgresTransaction):
    """Piccolo's own leaks its connection when BEGIN, COMMIT or ROLLBACK fails; this one gives it back first."""

    __slots__ = ()

    async def __aenter__(self) -> PostgresTransaction:
        if self._parent is not None:
            return self._parent
        self.connection = await _take()
        try:
            with _watched(self.connection):
                self.transaction = self.connection.transaction()
                await self.begin()  # type: ignore[no-untyped-call]  # Piccolo
        except BaseException:
            await pool().release(self.connection)
            raise
        self.context = self.engine.current_transaction.set(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if self._parent:
            return False
        try:
            with _watched(self.connection):
                if error is not None and (isinstance(error, _LOST) or _is_gone(self.connection)):
                    raise error  # nothing can be rolled back there
                if kind is not None:
                    if not self._rolled_back:
                        await self.rollback()  # type: ignore[no-untyped-call]  # Piccolo
                elif not self._committed and not self._rolled_back:
                    await self.commit()  # type: ignore[no-untyped-call]  # Piccolo
        finally:
            self.engine.current_transaction.reset(self.context)
            await pool().release(self.connection)
        return False


async def _take() -> Connection:
    """A connection of the pool within PATIENCE. Raises Away."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await pool().acquire()
    except Away:
        raise
    except AWAY as error:
        raise Away(type(error).__name__) from error


async def _reach(*args: Any, **given: Any) -> Connection:
    """How the pool connects. A host that cannot be found or reached is a plain OSError: only here it means away."""
    try:
        return await asyncpg.connect(*args, timeout=PATIENCE, **given)
    except OSError as error:
        raise Away(type(error).__name__) from error


def _is_gone(connection: Connection) -> bool:
    """Whether a connection that nobody gave back is closed: the server hung up."""
    try:
        return bool(connection.is_closed())
    except asyncpg.InterfaceError:  # asyncpg took it back into the pool by itself
        return True


@contextlib.contextmanager
def _watched(connection: Connection) -> Iterator[None]:
    """Drop the connection when its server is away: a ROLLBACK sent after it would only wait as long again."""
    try:
        yield
    except _LOST:
        if not _is_gone(connection):
            connection.terminate()
        raise
    except asyncpg.InterfaceError as error:
        if _is_gone(connection):
            raise Away(type(error).__name__) from error
        raise


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


async def connect(
    url: str = "", *, size: int = 0, patience: float = WORK_PATIENCE, is_lasting: bool = True
) -> None:
    """Open the pool of this process on ``url`` (the settings' database by default). Raises Away.

    A statement may take ``patience`` seconds; then its connection is dropped and the caller hears TimeoutError.
    Not ``is_lasting``: a commit does not wait for the disk, and a power cut may take the last ones (invented data).
    """
    config = settings.current()
    await disconnect()
    ENGINE.config = {"dsn": url or config.database_url}
    await ENGINE.start_connection_pool(
        min_size=1,
        max_size=size or config.pool_size,
        init=_prepare,
        reset=_keep,
        connect=_reach,
        command_timeout=patience,
        max_inactive_connection_lifetime=300,
        **({} if is_lasting else {"server_settings": {"synchronous_commit": "off"}}),
    )


async def disconnect() -> None:
    """Close the pool, if there is one."""
    if ENGINE.pool is not None:
        await ENGINE.close_connection_pool()


@contextlib.asynccontextmanager
async def reading() -> AsyncIterator[Connection]:
    """A connection for reading: the transaction's own inside ``atomic()``, the one this task holds, else the pool's."""
    current = ENGINE.current_transaction.get()
    if current is not None:
        yield current.connection
        return
    mine = _mine()
    if mine is not None:
        yield mine
        return
    async with borrowed() as connection:
        before = _held.set((asyncio.current_task(), connection))
        try:
            yield connection
        finally:
            _held.reset(before)


@contextlib.asynccontextmanager
async def borrowed() -> AsyncIterator[Connection]:
    """A connection of the pool apart from whatever the caller holds. Raises Away when there is none in time."""
    one = pool()
    connection = await _take()
    try:
        with _watched(connection):
            yield connection
    finally:
        await one.release(connection)


def _mine() -> Connection | None:
    """What this very task holds already: a second one for the same reader could starve the pool."""
    held = _held.get()
    if held is None or held[0] is not asyncio.current_task() or _is_gone(held[1]):
        return None
    return held[1]


@contextlib.asynccontextmanager
async def atomic() -> AsyncIterator[Connection]:
    """A transaction outside, a savepoint inside one; Piccolo's queries run in it too.

    Never start tasks inside it: one connection serves one statement at a time.
    """
    current = ENGINE.current_transaction.get()
    if current is not None:
        async with current.connection.transaction():
            with _watched(current.connection):
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
