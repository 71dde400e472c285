"""Exports of the whole ledger: asked with a reason, decided by somebody else, made by the worker, gone after some days.

More than fifty rows leave the house only when a second person agrees (domain.md 2.15); every fetching is in the log of
acts. The file lies sealed in the data folder, never plain.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import ClassVar
from uuid import UUID

from cases import exporting
from hotline import acts, city, clock, db, sealed_file, settings
from hotline.actor import SYSTEM, Actor
from hotline.errors import Refusal, Say, conflict, invalid, not_found, plain
from hotline.permissions import demand, may, refused
from hotline.work import Row, Work, work

log = logging.getLogger(__name__)
NEED = "ledger.export"
PERSONAL = ("requester.reveal", "report.read")
"""Needed besides for what is decrypted: it holds names, and the words of reports and confidential cases."""
LEASE = timedelta(hours=4)
"""A worker that died in the middle is waited for so long."""
PAGE = 30
STATES: dict[str, Say] = {
    "asked": Say("待批准", "To be approved"),
    "refused": Say("未批准", "Refused"),
    "withdrawn": Say("已撤回", "Withdrawn"),
    "approved": Say("排队中", "Waiting"),
    "running": Say("生成中", "Being made"),
    "ready": Say("可下载", "Ready"),
    "failed": Say("没有做成", "Failed"),
    "expired": Say("已到期删除", "Expired"),
}


class ExportRow(Row, kw_only=True):
    """One export. ``sha256`` and ``size`` are of the archive as it is downloaded."""

    table: ClassVar[str] = "ledger_export"

    id: UUID
    asked_at: datetime
    asked_by: UUID
    reason: str
    audiences: tuple[str, ...]
    has_personal: bool
    state: str = "asked"
    decided_at: datetime | None = None
    decided_by: UUID | None = None
    answer: str | None = None
    claimed_until: datetime | None = None
    finished_at: datetime | None = None
    cases: int | None = None
    size: int | None = None
    sha256: str | None = None
    expires_at: datetime | None = None
    downloads: int = 0


COLUMNS = ", ".join(ExportRow.__struct_fields__)
_CLAIM = f"""
    UPDATE ledger_export SET state = 'running', claimed_until = $2 WHERE id = (
        SELECT id FROM ledger_export WHERE state = 'approved' OR (state = 'running' AND claimed_until < $1)
        ORDER BY asked_at FOR UPDATE SKIP LOCKED LIMIT 1)
    RETURNING {COLUMNS}
"""
_OLD = f"SELECT {COLUMNS} FROM ledger_export WHERE state = 'ready' AND expires_at <= $1 FOR UPDATE SKIP LOCKED"


async def ask(work: Work, identifier: UUID, *, reason: str, audiences: tuple[str, ...], has_personal: bool) -> bool:
    """Ask for one. False when this form was sent before; 403 without the permissions, 422 without a reason."""
    demand(work.actor, NEED)
    if has_personal:
        for permission in PERSONAL:
            demand(work.actor, permission)
    if not reason.strip():
        raise invalid({"reason": Say("请写明用途和依据。", "Say what it is for and on what basis.")})
    if await work.connection.fetchval("SELECT TRUE FROM ledger_export WHERE id = $1", identifier):
        return False
    row = ExportRow(
        id=identifier, asked_at=work.now, asked_by=work.actor.id, reason=reason.strip(),
        audiences=tuple(one for one in exporting.AUDIENCES if one in audiences), has_personal=has_personal,
    )  # fmt: skip
    work.add(row)
    await _noted(work, "ledger_export_asked", row)
    return True


async def opened(work: Work, identifier: UUID) -> ExportRow:
    """The row, locked and tracked. 404 when there is none."""
    found = await work.connection.fetchrow(f"SELECT {COLUMNS} FROM ledger_export WHERE id = $1 FOR UPDATE", identifier)
    if found is None:
        raise not_found()
    work.waited()
    row = _row(found)
    work.track(row)
    return row


async def decide(work: Work, row: ExportRow, *, is_approved: bool, answer: str = "") -> None:
    """Approve or refuse it; never one's own. 409 when it was decided already, 422 for a refusal without a reason."""
    demand(work.actor, NEED)
    if row.asked_by == work.actor.id:
        raise refused(NEED)
    _is_asked(row)
    if not is_approved and not answer.strip():
        raise invalid({"answer": Say("不批准要写明理由。", "A refusal gives its reason.")})
    row.state = "approved" if is_approved else "refused"
    row.decided_at, row.decided_by, row.answer = work.now, work.actor.id, answer.strip() or None
    await _noted(work, f"ledger_export_{row.state}", row)


async def withdraw(work: Work, row: ExportRow) -> None:
    """Take it back while nobody has decided."""
    if row.asked_by != work.actor.id:
        raise refused(NEED)
    _is_asked(row)
    row.state = "withdrawn"
    await _noted(work, "ledger_export_withdrawn", row)


def _is_asked(row: ExportRow) -> None:
    if row.state != "asked":
        raise conflict("decided", "这份申请已有结果，请看最新状态。", "This was decided already; look at its state.")


async def _noted(work: Work, kind: str, row: ExportRow) -> None:
    await work.flush()
    data = {"audiences": list(row.audiences), "personal": row.has_personal}
    await acts.note(work, work.actor, kind, f"ledger_export:{row.id}", data)


def may_fetch(actor: Actor, row: ExportRow) -> bool:
    """Whether this person may have the file: who asked for it or approved it; decrypted, with that permission too."""
    is_theirs = actor.id in {row.asked_by, row.decided_by} and may(actor, NEED)
    return is_theirs and (not row.has_personal or may_decrypt(actor))


def may_decrypt(actor: Actor) -> bool:
    """Whether this person may ask for what is decrypted, and fetch it."""
    return all(may(actor, permission) for permission in PERSONAL)


async def fetched(actor: Actor, identifier: UUID) -> tuple[ExportRow, Iterator[bytes]]:
    """The archive for somebody who may have it; noted before the first byte. 403, 404, or 410 once it is gone."""
    async with work(actor) as w:
        row = await opened(w, identifier)
        if not may_fetch(actor, row):
            raise refused(NEED)
        if row.state != "ready" or (row.expires_at is not None and row.expires_at <= w.now):
            raise Refusal(410, "expired", Say("文件不在了：没有做成或已到期删除，需要请重新申请。",
                                              "The file is gone: ask again if it is still needed."))  # fmt: skip
        row.downloads += 1
        await _noted(w, "ledger_export_downloaded", row)
    return row, sealed_file.read(path_of(row.id), _name(row.id))


def path_of(identifier: UUID) -> Path:
    """Where the sealed file lies."""
    return settings.current().data_dir / "exports" / f"{identifier}.sealed"


def _name(identifier: UUID) -> str:
    return f"ledger_export.{identifier}"


async def make_asked() -> int:
    """Make those that were approved, oldest first, and remove what has expired; how many acts. Safe twice."""
    done = await _expire()
    while True:
        async with db.atomic() as connection:
            now = clock.now()
            record = await connection.fetchrow(_CLAIM, now, now + LEASE)
        if record is None:
            return done
        await _make(_row(record))
        done += 1


async def _make(row: ExportRow) -> None:
    choice = exporting.Choice(audiences=row.audiences, has_personal=row.has_personal)
    try:
        with sealed_file.Writer(path_of(row.id), _name(row.id)) as sealed:
            out = _Hashed(sealed)
            manifest = await exporting.write(out, choice)  # type: ignore[arg-type] # as much of a file as a zip needs
    except db.AWAY:
        raise  # the claim runs out, and the next worker makes it
    except Exception as error:  # noqa: BLE001 - whatever it is, the one who asked must hear of it
        log.error("export %s failed: %s", row.id, plain(error))  # noqa: TRY400 - its text may quote a row
        await _end(row.id, "failed")
        return
    days = timedelta(days=float(city.current().rule("export.keep_days")))
    await _end(row.id, "ready", cases=manifest.files["cases.jsonl"].lines, size=out.size, sha256=out.digest,
               expires_at=clock.now() + days)  # fmt: skip


class _Hashed:
    """Counts and hashes what a zip writes on its way to the sealed file."""

    def __init__(self, out: sealed_file.Writer) -> None:
        self._out, self._hash = out, sha256()

    def write(self, data: bytes) -> int:
        self._hash.update(data)
        return self._out.write(data)

    def flush(self) -> None:
        self._out.flush()

    @property
    def size(self) -> int:
        return self._out.size

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()


async def _end(identifier: UUID, state: str, **values: object) -> None:
    async with work(SYSTEM) as w:
        row = await opened(w, identifier)
        if row.state == "running":
            row.state, row.finished_at, row.claimed_until = state, w.now, None
            for name, value in values.items():
                setattr(row, name, value)
            await _noted(w, f"ledger_export_{state}", row)


async def _expire() -> int:
    async with work(SYSTEM) as w:
        rows = [_row(one) for one in await w.connection.fetch(_OLD, w.now)]
        for row in rows:
            w.track(row)
            path_of(row.id).unlink(missing_ok=True)
            row.state = "expired"
            await _noted(w, "ledger_export_expired", row)
    return len(rows)


async def listed(connection: db.Connection, before: datetime | None = None) -> list[ExportRow]:
    """Newest first, older than ``before``; one more than PAGE when there are."""
    sql = f"SELECT {COLUMNS} FROM ledger_export WHERE $1::timestamptz IS NULL OR asked_at < $1"
    return [_row(one) for one in await connection.fetch(f"{sql} ORDER BY asked_at DESC LIMIT {PAGE + 1}", before)]


async def one(connection: db.Connection, identifier: UUID) -> ExportRow:
    """One export, or the 404 refusal."""
    found = await connection.fetchrow(f"SELECT {COLUMNS} FROM ledger_export WHERE id = $1", identifier)
    if found is None:
        raise not_found()
    return _row(found)


def _row(record: object) -> ExportRow:
    values = dict(record)  # type: ignore[call-overload]
    return ExportRow(**{**values, "audiences": tuple(values["audiences"])})
