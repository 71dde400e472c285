"""The ledger: lock the case, check the move, chain the event, project it, react. Every change of a case passes here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import TypeVar, get_origin
from uuid import UUID

import msgspec

from cases import chain, events, projections
from cases.demands import Ask, check
from cases.events_remind import QUIET
from cases.file import BEHALF, CaseFile, Entry, Text
from cases.rows import AssignmentRow, CaseRow, EventRow, RequestRow, TextRow
from hotline import db, reactions, vault
from hotline.errors import conflict, not_found
from hotline.ids import new_id
from hotline.work import Row, Work

R = TypeVar("R", bound=Row)

_CASE = """
    SELECT {}, (SELECT at FROM case_event e WHERE e.case_id = cases.id AND e.seq = cases.last_seq) AS last_at
    FROM cases WHERE {} FOR UPDATE
"""
_ALL = "SELECT {} FROM {} WHERE case_id = ANY($1::uuid[]) ORDER BY {}, id"
REQUESTS = "SELECT {} FROM request WHERE case_id = $1 ORDER BY filed_at, id"
ASSIGNMENTS = "SELECT {} FROM assignment WHERE case_id = $1 ORDER BY dispatched_at, id"


def columns(row: type[Row]) -> str:
    """The row's columns for a SELECT."""
    return ", ".join(row.__struct_fields__)


def read_row(kind: type[R], record: Mapping[str, object]) -> R:
    """A record of the database as a row; arrays become tuples, so that changes are new values."""
    values = dict(record)
    for name in _arrays(kind):
        if isinstance(value := values.get(name), list):
            values[name] = tuple(value)
    return kind(**values)


@cache
def _arrays(kind: type[Row]) -> tuple[str, ...]:
    """The row's fields that are arrays in the database."""
    return tuple(one.name for one in msgspec.structs.fields(kind) if get_origin(one.type) is tuple)


async def opened(work: Work, *, number: str = "", case_id: UUID | None = None) -> CaseFile:
    """The case, locked for this transaction, with its requests and assignments; the same object when asked twice.

    Raises the 404 refusal for a number (case or receipt) that does not exist.
    """
    kept: dict[UUID, CaseFile] = work.kept.setdefault("cases", {})
    if case_id in kept:
        return kept[case_id]
    where, what = ("id = $1", case_id) if case_id is not None else ("number = $1", number)
    record = await work.connection.fetchrow(_CASE.format(columns(CaseRow), where), what)
    if record is None and number:
        parent = "id = (SELECT case_id FROM request WHERE receipt_no = $1)"
        record = await work.connection.fetchrow(_CASE.format(columns(CaseRow), parent), number)
    if record is None:
        raise not_found()
    work.waited()
    if record["id"] in kept:
        return kept[record["id"]]
    file = CaseFile()
    file.case = _case(work, record)
    requests = await work.connection.fetch(REQUESTS.format(columns(RequestRow)), file.case.id)
    assignments = await work.connection.fetch(ASSIGNMENTS.format(columns(AssignmentRow)), file.case.id)
    file.requests = {r["id"]: read_row(RequestRow, r) for r in requests}
    file.assignments = {a["id"]: read_row(AssignmentRow, a) for a in assignments}
    for row in (file.case, *file.requests.values(), *file.assignments.values()):
        work.track(row)
    kept[file.case.id] = file
    return file


async def opened_all(work: Work, case_ids: Sequence[UUID]) -> list[CaseFile]:
    """These cases, locked for this transaction, in three statements; those that somebody holds are left out."""
    where = "id = ANY($1::uuid[]) ORDER BY id"
    records = await work.connection.fetch(f"{_CASE.format(columns(CaseRow), where)} SKIP LOCKED", list(case_ids))
    work.waited()
    files: dict[UUID, CaseFile] = {}
    for record in records:
        file = files[record["id"]] = CaseFile()
        file.case = _case(work, record)
        work.track(file.case)
    for record in await work.connection.fetch(_ALL.format(columns(RequestRow), "request", "filed_at"), list(files)):
        one = files[record["case_id"]].requests[record["id"]] = read_row(RequestRow, record)
        work.track(one)
    sql = _ALL.format(columns(AssignmentRow), "assignment", "dispatched_at")
    for record in await work.connection.fetch(sql, list(files)):
        share = files[record["case_id"]].assignments[record["id"]] = read_row(AssignmentRow, record)
        work.track(share)
    work.kept.setdefault("cases", {}).update(files)
    return list(files.values())


def _case(work: Work, record: Mapping[str, object]) -> CaseRow:
    """The case's row; no event of this work will be before its last one."""
    values = dict(record)
    last_at = values.pop("last_at")
    work.not_before(last_at if isinstance(last_at, datetime) else None)
    return read_row(CaseRow, values)


async def opened_for(work: Work, receipt_no: str) -> CaseFile:
    """The case that works on this receipt, locked: another than the one of that number, once it was merged.

    Raises the 404 refusal for a receipt that does not exist.
    """
    where = "SELECT case_id FROM request WHERE receipt_no = $1"
    while True:
        case_id = await work.connection.fetchval(where, receipt_no)
        if case_id is None:
            return await opened(work, number=receipt_no)
        file = await opened(work, case_id=case_id)
        if file.request_no(receipt_no) is not None:
            return file
        await work.flush()  # it changed its case, while we waited for the lock or in this very transaction


def unchanged(file: CaseFile, seq: int | None) -> None:
    """Refuse with 409 when somebody acted on the case since the page with ``seq`` was drawn."""
    if seq is not None and seq != file.case.last_seq:
        raise conflict(
            "changed_meanwhile",
            "您看的这一页之后，已有人处理过这件事。您写的还在下面，请看过变化再提交。",
            "Somebody acted on this case after you opened it. What you wrote is kept below; look at the change first.",
        )


async def past_reminders(work: Work, file: CaseFile, seq: int | None) -> int | None:
    """``seq`` of a page moved over reminders that were given after it was drawn: they change nothing on the case."""
    if seq is None or seq >= file.case.last_seq:
        return seq
    kinds = await work.connection.fetch(
        "SELECT kind FROM case_event WHERE case_id = $1 AND seq > $2 ORDER BY seq LIMIT 20", file.case.id, seq
    )
    return file.case.last_seq if kinds and all(one["kind"] in QUIET for one in kinds) else seq


async def append(work: Work, file: CaseFile, event: events.Event, texts: Mapping[str, Text] | None = None) -> Entry:
    """Write ``event`` by ``work.actor`` at ``work.now``, with its texts, and run the reactions to its kind.

    Raises the refusals of ``cases.demands.check``; nothing is written then.
    """
    texts = texts or {}
    check(Ask(file=file, event=event, texts=texts, actor=work.actor, now=work.now))
    entry = chained(work, file, event, texts)
    known = _identities(file)
    projections.apply(file, entry)
    _keep(work, file, entry, known)
    await reactions.react(event.kind, work, file, entry)
    return entry


def chained(work: Work, file: CaseFile, event: events.Event, texts: Mapping[str, Text]) -> Entry:
    """The event as the next line of the case's chain, by ``work.actor`` now; nothing is checked or written."""
    case_id = new_id() if file.is_blank else file.case.id
    seq = 1 if file.is_blank else file.case.last_seq + 1
    prev = chain.START if file.is_blank else file.case.last_hash
    rows: dict[str, TextRow] = {}
    data = events.encode(event)
    commitments: dict[str, str] = {}
    for field, text in texts.items():
        if text.value:
            rows[field] = _text_row(case_id, seq, field, text)
            commitments[field] = chain.commitment(rows[field].salt or b"", text.value)
    if commitments:
        data["texts"] = commitments
    actor = work.actor
    if actor.behalf is not None:
        data[BEHALF] = str(actor.behalf)
    body = chain.canonical(data)
    log = events.log_of(event.kind)
    salt = chain.new_salt()
    row = EventRow(
        case_id=case_id,
        seq=seq,
        kind=event.kind,
        version=event.version,
        at=work.now,
        actor=actor.id,
        actor_kind=actor.kind,
        unit=actor.unit,
        data=body,
        prev=prev,
        log=log,
        salt=salt,
        hash=chain.event_hash(
            prev, case_id, seq, event.kind, event.version, work.now, actor.id, actor.kind, actor.unit, body, salt
        ),
    )
    return Entry(row=row, event=event, texts=rows)


def _text_row(case_id: UUID, seq: int, field: str, text: Text) -> TextRow:
    row = TextRow(
        case_id=case_id, seq=seq, field=field, audience=text.audience, salt=chain.new_salt(), request_id=text.request
    )
    if text.sealed:
        row.sealed = vault.seal(text.value, f"case_text.{field}")
    else:
        row.value = text.value
    return row


def _identities(file: CaseFile) -> set[int]:
    rows = (file.case, *file.requests.values(), *file.assignments.values(), *file.at_door.values())
    return {id(row) for row in rows}


def _keep(work: Work, file: CaseFile, entry: Entry, known: set[int]) -> None:
    work.add(entry.row)
    for text in entry.texts.values():
        work.add(text)
    for row in (file.case, *file.requests.values(), *file.assignments.values()):
        if id(row) not in known:
            work.add(row)
    for row in file.fresh:
        work.add(row)
    work.kept.setdefault("cases", {})[file.case.id] = file


async def entries(connection: db.Connection, case_id: UUID) -> Sequence[Entry]:
    """The case's events in order, decoded, with their texts."""
    rows = await connection.fetch(
        f"SELECT {columns(EventRow)} FROM case_event WHERE case_id = $1 ORDER BY seq",
        case_id,
    )
    texts = await connection.fetch(f"SELECT {columns(TextRow)} FROM case_text WHERE case_id = $1", case_id)
    beside: dict[int, dict[str, TextRow]] = {}
    for record in texts:
        beside.setdefault(record["seq"], {})[record["field"]] = read_row(TextRow, record)
    return [
        Entry(
            row=(one := read_row(EventRow, r)), event=events.decode(one.kind, one.data), texts=beside.get(one.seq, {})
        )
        for r in rows
    ]
