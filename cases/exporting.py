"""The whole ledger as one archive in the exchange format (docs/exchange.md): streamed, never whole in memory.

A zip of JSON lines with a manifest: ``ledger.jsonl`` is what ``hotline verify --from`` proves, ``texts.jsonl`` the
words of the audiences that were chosen, ``cases.jsonl`` the present state, ``roots.jsonl`` what was published.
"""

from __future__ import annotations

import asyncio
import zipfile
from collections.abc import AsyncIterator, Iterable, Mapping
from hashlib import sha256
from typing import IO, Any

import msgspec

import hotline
from cases import chain, ledgerfile, roots, seals, walk
from cases.ledger import columns
from cases.rows import CaseRow, TextRow
from cases.seals import SealRow
from hotline import clock, db, vault

FORMAT = "hotline.export.1"
AUDIENCES = ("requester", "staff", "centre")
_MANY = 500
_NO_STATE = frozenset({
    "title", "summary", "place", "grams", "point", "accepted_by", "next_due", "next_stage", "next_warn",
})  # fmt: skip
"""Columns of a case that are words, a person, or a work list's: not in ``cases.jsonl``."""
STATE = tuple(name for name in CaseRow.__struct_fields__ if name not in _NO_STATE)
_TEXTS = f"""
    SELECT {", ".join(f"t.{name}" for name in columns(TextRow).split(", "))},
        c.kind = 'report' OR c.is_confidential AS is_sealed
    FROM case_text t JOIN cases c ON c.id = t.case_id
    WHERE t.audience = ANY($1::text[]) AND (t.case_id, t.seq, t.field) > ($2, $3, $4)
    ORDER BY t.case_id, t.seq, t.field LIMIT {_MANY}
"""
_CASES = f"SELECT {', '.join(STATE)} FROM cases WHERE id > $1 ORDER BY id LIMIT {_MANY}"
README = """热线账本导出包。格式说明：docs/exchange.md；验证：hotline verify --from 本文件 --root roots.jsonl
An export of the hotline's ledger. The format is described in docs/exchange.md; prove it with
hotline verify --from THIS.zip --root roots.jsonl (the roots as published, best fetched from elsewhere).
"""


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What goes in: the texts of these audiences, and whether what is sealed is decrypted."""

    audiences: tuple[str, ...] = ("requester",)
    has_personal: bool = False


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One file of the archive: how many lines, how many bytes, SHA-256 in hex."""

    lines: int
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What is in the archive."""

    format: str
    made_at: str
    made_by: str
    ledger_format: int
    audiences: tuple[str, ...]
    has_personal: bool
    files: dict[str, Member]


async def write(out: IO[bytes], choice: Choice) -> Manifest:
    """Write the archive to ``out`` (which need not seek), under one snapshot. Memory does not grow with the ledger."""
    files: dict[str, Member] = {}
    made_at = clock.now()
    async with walk.snapshot() as connection:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=3, allowZip64=True) as archive:
            archive.writestr("README.txt", README)
            for name, source in (
                ("ledger.jsonl", _ledger(connection)), ("cases.jsonl", _cases(connection)),
                ("texts.jsonl", _texts(connection, choice)), ("roots.jsonl", _roots(connection)),
            ):  # fmt: skip
                files[name] = await _member(archive, name, source)
            manifest = Manifest(
                format=FORMAT, made_at=chain.moment(made_at), made_by=f"hotline {hotline.__version__}",
                ledger_format=ledgerfile.FORMAT, audiences=choice.audiences, has_personal=choice.has_personal,
                files=files,
            )  # fmt: skip
            archive.writestr("manifest.json", msgspec.json.format(msgspec.json.encode(manifest), indent=1))
    return manifest


async def _member(archive: zipfile.ZipFile, name: str, source: AsyncIterator[list[bytes]]) -> Member:
    digest, lines, size = sha256(), 0, 0
    with archive.open(name, "w", force_zip64=True) as out:
        async for some in source:
            data = b"".join(line + b"\n" for line in some)
            digest.update(data)
            lines, size = lines + len(some), size + len(data)
            await asyncio.to_thread(out.write, data)
    return Member(lines=lines, size=size, sha256=digest.hexdigest())


async def _ledger(connection: db.Connection) -> AsyncIterator[list[bytes]]:
    some: list[bytes] = []
    async for line in walk.lines(connection):
        some.append(ledgerfile.encode(line))
        if len(some) >= _MANY:
            yield some
            some = []
    yield some


async def _cases(connection: db.Connection) -> AsyncIterator[list[bytes]]:
    after = walk.FIRST_ID
    while rows := await connection.fetch(_CASES, after):
        yield [msgspec.json.encode({name: _plain(row[name]) for name in STATE}) for row in rows]
        after = rows[-1]["id"]


def _plain(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else value


async def _texts(connection: db.Connection, choice: Choice) -> AsyncIterator[list[bytes]]:
    after: tuple[Any, int, str] = (walk.FIRST_ID, 0, "")
    while rows := await connection.fetch(_TEXTS, list(choice.audiences), *after):
        yield [msgspec.json.encode(_text(row, choice)) for row in rows]
        after = rows[-1]["case_id"], rows[-1]["seq"], rows[-1]["field"]


def _text(row: Mapping[str, Any], choice: Choice) -> dict[str, object]:
    """One text: its value with the salt that opens the event's commitment, or why it is not here."""
    line: dict[str, object] = {
        "case": row["case_id"], "seq": row["seq"], "field": row["field"], "audience": row["audience"],
        "request": row["request_id"],
    }  # fmt: skip
    if row["erased_at"] is not None:
        return {**line, "erased": row["erased_rule"]}
    if not choice.has_personal and (row["sealed"] is not None or row["is_sealed"]):
        return {**line, "withheld": "personal" if row["sealed"] is not None else "sealed_case"}
    sealed = row["sealed"]
    value = row["value"] if sealed is None else vault.unseal(sealed, f"case_text.{row['field']}")
    return {**line, "value": value, "salt": row["salt"].hex()}


async def _roots(connection: db.Connection) -> AsyncIterator[list[bytes]]:
    keys = vault.public_keys()
    for log in seals.LOGS:
        some: list[SealRow] = []
        async for row in walk.seals_of(connection, log):
            some.append(row)
            if len(some) >= _MANY:
                yield _told(some, keys)
                some = []
        yield _told(some, keys)


def _told(some: Iterable[SealRow], keys: dict[str, bytes]) -> list[bytes]:
    return [msgspec.json.encode(roots.shown(one, keys)) for one in some]
