"""Recordings: fetched from the provider, kept sealed here, deleted there, forgotten here when the rules say so.

A sealed file outside the web root each; playing one is a logged act (``web/floor/recordings.py``).
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import msgspec

from cases.file import CaseFile, Entry
from channels import calls, phones, spool
from channels.carrier import Never, NotSentError
from hotline import city, clock, db, settings, vault
from hotline.errors import Refusal, Say, not_found
from hotline.ids import new_id
from hotline.work import Work

WANTED, KEPT, DELETED, FORGOTTEN = "wanted", "kept", "deleted_at_provider", "forgotten"
KIND = "tape_made"
"""How the news of a recording waits in the spool while PostgreSQL is away."""
_COLUMNS = "r.id, r.call, r.provider_id, r.state, r.seconds, r.size, r.made_at, r.kept_until, r.is_at_provider, r.tries"
_DUE = f"""
SELECT {_COLUMNS} FROM recording r WHERE is_at_provider AND next_at <= $1 ORDER BY next_at LIMIT 20
"""
"""No last try: what is said in a recording stays abroad until it is deleted there (every six hours in the end)."""
_CLAIM = """
UPDATE recording SET tries = least(tries + 1, 1000),
    next_at = $2::timestamptz + make_interval(secs => 60 * least(360, 2 ^ tries))
WHERE id = $1 AND is_at_provider AND next_at <= $2 RETURNING state
"""
_OLD = "SELECT id FROM recording WHERE state <> 'forgotten' AND kept_until < $1 LIMIT 500 FOR UPDATE SKIP LOCKED"
_OF_CASE = "SELECT r.id FROM recording r JOIN call c ON c.id = r.call WHERE c.case_id = $1 AND r.state <> 'forgotten'"
_FORGET = "UPDATE recording SET state = 'forgotten', size = 0 WHERE id = ANY($1)"


class Tape(msgspec.Struct, frozen=True, kw_only=True):
    """One recording. It can be played while its state is kept or deleted_at_provider."""

    id: UUID
    call: UUID
    provider_id: str
    state: str
    seconds: int
    size: int
    made_at: datetime
    kept_until: datetime
    is_at_provider: bool
    tries: int

    @property
    def is_here(self) -> bool:
        """Whether its sound lies here."""
        return self.state in (KEPT, DELETED)


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider told of a recording, for the spool."""

    call: UUID
    provider_id: str
    seconds: int


async def made_while_away(payload: bytes, at: datetime) -> None:
    """A recording that was told of while PostgreSQL was away. Safe twice; of a call that nobody knows, nothing."""
    one = msgspec.json.decode(payload, type=Made)
    with clock.at(at), contextlib.suppress(Refusal):
        await made(one.call, one.provider_id, one.seconds)


spool.HANDLERS[KIND] = made_while_away


async def made(call_id: UUID, provider_id: str, seconds: int) -> bool:
    """The provider has a recording of this call: it is wanted. False when it was told before."""
    now = clock.now()
    years = int(city.current().rule("recording.years"))
    until = now + timedelta(days=366 * years)
    async with db.atomic() as connection:
        await calls.found(connection, call_id)
        done = await connection.execute(
            "INSERT INTO recording (id, call, provider_id, seconds, made_at, kept_until, next_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $5) ON CONFLICT (provider_id) DO NOTHING",
            new_id(), call_id, provider_id, max(0, seconds), now, until,
        )  # fmt: skip
    return str(done).endswith(" 1")


async def fetch_all() -> int:
    """Fetch what is wanted and delete at the provider what is kept or forgotten here; how many were done."""
    carrier = phones.current()
    if carrier is None:
        return 0
    async with db.reading() as connection:
        due = [Tape(**row) for row in await connection.fetch(_DUE, clock.now())]
    done = 0
    for tape in due:
        async with db.atomic() as connection:
            state = await connection.fetchval(_CLAIM, tape.id, clock.now())
        if state is not None:
            done += await _move(carrier, tape, state)
    return done


async def _move(carrier: phones.Phones, tape: Tape, state: str) -> bool:
    is_fetching = state == WANTED
    try:
        if is_fetching:
            data = await carrier.fetch(tape.provider_id)
            await _keep(tape, data)
            is_fetching = False
        await carrier.delete(tape.provider_id)
    except NotSentError as error:
        is_gone = isinstance(error, Never) and is_fetching
        async with db.atomic() as connection:
            await connection.execute(
                "UPDATE recording SET error = $2, is_at_provider = is_at_provider AND NOT $3 WHERE id = $1",
                tape.id, (error.code or type(error).__name__)[:60], is_gone,
            )  # fmt: skip
        return False
    async with db.atomic() as connection:
        await connection.execute(
            "UPDATE recording SET is_at_provider = false, error = NULL,"
            " state = CASE WHEN state = 'kept' THEN 'deleted_at_provider' ELSE state END WHERE id = $1", tape.id,
        )  # fmt: skip
    return True


async def _keep(tape: Tape, data: bytes) -> None:
    """On disk before the row says so; one that was forgotten meanwhile is not kept."""
    await asyncio.to_thread(_write, path_of(tape.id), vault.seal(base64.b64encode(data).decode(), _context(tape.id)))
    async with db.atomic() as connection:
        done = await connection.execute(
            "UPDATE recording SET state = 'kept', size = $2 WHERE id = $1 AND state = 'wanted'", tape.id, len(data)
        )
    if not done.endswith(" 1"):
        path_of(tape.id).unlink(missing_ok=True)


def _context(tape: UUID) -> str:
    return f"recording:{tape}"


def path_of(tape: UUID) -> Path:
    """``files_dir/recordings/aa/<uuid>``: inside what a backup packs, outside what ``files.sweep`` looks through."""
    return settings.current().files_dir / "recordings" / str(tape)[-2:] / str(tape)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:  # noqa: PTH123 - its mode from the first byte
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)
    entry = os.open(path.parent, os.O_RDONLY)
    os.fsync(entry)
    os.close(entry)


async def behind(connection: db.Connection) -> int:
    """Recordings that are still at the provider after some tries: the floor page says so."""
    return int(await connection.fetchval("SELECT count(*) FROM recording WHERE is_at_provider AND tries > 2"))


async def found(connection: db.Connection, tape: UUID) -> Tape:
    """The recording, or the 404 refusal."""
    row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM recording r WHERE id = $1", tape)
    if row is None:
        raise not_found()
    return Tape(**row)


async def of_case(connection: db.Connection, case_id: UUID) -> list[Tape]:
    """The recordings of a case's calls, oldest first."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM recording r JOIN call c ON c.id = r.call WHERE c.case_id = $1 ORDER BY r.made_at",
        case_id,
    )
    return [Tape(**row) for row in rows]


async def sound(tape: Tape) -> bytes:
    """The sound as the provider gave it. 404 for one that is not here yet or not any more."""
    path = path_of(tape.id)
    if not tape.is_here:
        raise not_found()
    try:
        sealed = await asyncio.to_thread(path.read_bytes)
    except FileNotFoundError:
        say = Say("录音文件不见了，请报告管理员。", "The recording's file is gone; tell an administrator.")
        raise Refusal(500, "file_lost", say) from None
    return base64.b64decode(vault.unseal(sealed, _context(tape.id)))


async def sweep(connection: db.Connection) -> int:
    """Forget what is older than the rule, and the callers' numbers with it; how many recordings."""
    now = clock.now()
    ids = [row["id"] for row in await connection.fetch(_OLD, now)]
    await connection.execute(_FORGET, ids)
    for one in ids:
        path_of(one).unlink(missing_ok=True)
    edge = now - timedelta(days=366 * int(city.current().rule("recording.years")))
    await connection.execute(
        "UPDATE call SET caller = NULL, caller_index = NULL WHERE started_at < $1 AND caller IS NOT NULL", edge
    )
    await connection.execute(
        "UPDATE callback_task SET number = NULL, number_index = ''"
        " WHERE ended_at < $1 AND (number IS NOT NULL OR number_index <> '')", edge,
    )
    return len(ids)


async def on_erased(work: Work, file: CaseFile, _: Entry) -> None:
    """What was said and from which number goes with the case; the files once that is committed (rules.md 5)."""
    connection, case_id = work.connection, file.case.id
    ids = [row["id"] for row in await connection.fetch(_OF_CASE, case_id)]
    await connection.execute(_FORGET, ids)
    await connection.execute(
        "UPDATE callback_task SET number = NULL, number_index = ''"
        " WHERE call IN (SELECT id FROM call WHERE case_id = $1) AND state IN ('done', 'given_up')", case_id,
    )  # fmt: skip
    await connection.execute("UPDATE call SET caller = NULL, caller_index = NULL WHERE case_id = $1", case_id)

    async def unlink() -> None:
        for one in ids:
            path_of(one).unlink(missing_ok=True)

    work.after(unlink)
