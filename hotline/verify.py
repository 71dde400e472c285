"""`hotline verify`: walks the ledger in the database, or an exported file against a published root, and tells.

The rules are in ``cases.verify``; here is where the rows come from. Reads under one snapshot and writes nothing.
"""

from __future__ import annotations

import contextlib
import gzip
import itertools
import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO
from uuid import UUID

import msgspec

from cases import chain, ledgerfile, seals
from cases.report import Report, told
from cases.seals import SealRow
from cases.verify import Beside, Head, Line, Proof
from hotline import acts, clock, db, place, vault

_CASES_AT_ONCE = 400
_ROWS_AT_ONCE = 5000
_LAST_ID = UUID(int=(1 << 128) - 1)

_HEADS = "SELECT id, number, last_seq, last_hash FROM cases WHERE id > $1 ORDER BY id LIMIT $2"
_EVENTS = f"SELECT {', '.join(Line._fields)} FROM case_event WHERE case_id > $1 AND case_id <= $2 ORDER BY case_id, seq"
_TEXTS = f"SELECT {', '.join(Beside._fields)} FROM case_text WHERE case_id > $1 AND case_id <= $2 ORDER BY case_id"
_ACTS = f"SELECT {acts.COLUMNS} FROM act WHERE seq > $1 ORDER BY seq LIMIT $2"
_SEALS = f"SELECT {seals.SEAL_COLUMNS} FROM ledger_seal WHERE log = $1 AND no > $2 ORDER BY no LIMIT $3"
_SIZES = "SELECT log, max(last_position) AS last FROM ledger_seal GROUP BY log"


class Batch(msgspec.Struct, frozen=True):
    """Some cases in order of id: the row (None when it is gone), the events, the texts."""

    cases: list[tuple[Head | None, list[Line], list[Beside]]]


async def database(roots: Path | None = None) -> Report:
    """Prove the ledger in the database against ``roots`` (this installation's own published file by default)."""
    own = roots if roots is not None else seals.roots_path()
    async with _snapshot() as connection:
        proof = Proof(await _sizes(connection), unseal=vault.unseal)
        with contextlib.closing(proof):
            async for batch in _batches(connection):
                for head, lines, texts in batch.cases:
                    proof.case(head, lines, texts)
            proof.cases_end()
            sealed_to = proof.report.sealed["a"]
            async for row in _acts(connection):
                proof.act(row, sealed_to)
            proof.acts_end(*await _acts_end(connection))
            published = list(seals.published(own))
            keys = _trusted(vault.public_keys(), published)
            for log in seals.LOGS:
                rows = [row async for row in _seals(connection, log)]
                proof.seals(log, rows, keys, vault.check_signature, published)
    return proof.report


async def export(target: Path) -> int:
    """Write the ledger without texts to ``target`` (gzipped when it ends in .gz); how many lines.

    The file is made beside it and moved there when it is whole.
    """
    draft = target.with_name(target.name + ".part")
    count = 0
    async with _snapshot() as connection:
        with _open(draft, "wb") as out:
            async for line in _lines(connection):
                out.write(ledgerfile.encode(line) + b"\n")
                count += 1
    draft.replace(target)
    return count


def file(source: Path, roots: Path | str | None = None) -> Report:
    """Prove an exported file against what was published: a file of roots, or one seal's hash from a bulletin.

    No database and no keys. With a file only signatures by the keys that it names count. Raises ValueError with the
    line that is broken, OSError for a file that is not there.
    """
    digest = roots.lower() if isinstance(roots, str) else ""
    published = list(seals.published(roots)) if isinstance(roots, Path) else []
    lines = _read(source)
    first = next(lines, None)
    if not isinstance(first, ledgerfile.HeadLine) or first.format != ledgerfile.FORMAT:
        msg = f"{source.name} is not an exported ledger"
        raise ValueError(msg)
    keys = {root.key: bytes.fromhex(root.public) for root in published}
    if not published:
        keys = {key: bytes.fromhex(public) for key, public in first.keys.items()}
    sizes = {log: first.positions.get(log, 0) for log in seals.LOGS}
    with contextlib.closing(Proof(sizes, has_texts=False)) as proof:
        found = _walk(proof, lines)
        proof.cases_end()
        for log in seals.LOGS:
            proof.seals(log, [s for s in found if s.log == log], keys, vault.check_signature, published)
        if digest:
            proof.shown(digest, found)
        return proof.report


def _walk(proof: Proof, lines: Iterator[ledgerfile.AnyLine]) -> list[SealRow]:
    """Feed a file's cases and acts to the proof; its seals."""
    found: list[SealRow] = []
    sealed_to = proof.report.sealed["a"]
    head: Head | None = None
    events: list[Line] = []
    for line in lines:
        if isinstance(line, ledgerfile.EventLine):
            if (events and events[0].case_id != line.case) or (head is not None and head.id != line.case):
                _give(proof, head, events)
                head, events = None, []
            events.append(ledgerfile.event(line))
            continue
        _give(proof, head, events)
        head, events = None, []
        if isinstance(line, ledgerfile.CaseLine):
            head = ledgerfile.head(line)
        elif isinstance(line, ledgerfile.ActLine):
            proof.act(ledgerfile.act(line), sealed_to)
        elif isinstance(line, ledgerfile.ActsEnd):
            proof.acts_end(line.last_seq, bytes.fromhex(line.last_hash))
        elif isinstance(line, ledgerfile.SealLine):
            found.append(seals.seal_of(line))
    _give(proof, head, events)
    return found


def _give(proof: Proof, head: Head | None, events: list[Line]) -> None:
    if head is not None or events:
        proof.case(head, events)


@contextlib.asynccontextmanager
async def _snapshot() -> AsyncIterator[db.Connection]:
    """One moment of the database for the whole walk, whatever is appended meanwhile."""
    async with db.reading() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        yield connection


async def _sizes(connection: db.Connection) -> dict[str, int]:
    found = {row["log"]: row["last"] for row in await connection.fetch(_SIZES)}
    return {log: found.get(log, 0) for log in seals.LOGS}


async def _batches(connection: db.Connection, *, with_texts: bool = True) -> AsyncIterator[Batch]:
    """All cases in order of id, and events whose case is gone where it would stand."""
    after = UUID(int=0)
    while True:
        heads = [Head(*row) for row in await connection.fetch(_HEADS, after, _CASES_AT_ONCE)]
        is_last = len(heads) < _CASES_AT_ONCE
        until = _LAST_ID if is_last else heads[-1].id
        lines = map(Line._make, await connection.fetch(_EVENTS, after, until))
        texts = map(Beside._make, await connection.fetch(_TEXTS, after, until) if with_texts else ())
        events = {case: list(group) for case, group in itertools.groupby(lines, key=lambda line: line.case_id)}
        beside = {case: list(group) for case, group in itertools.groupby(texts, key=lambda text: text.case_id)}
        rows = {head.id: head for head in heads}
        ids = sorted(rows.keys() | events.keys() | beside.keys())
        yield Batch([(rows.get(one), events.get(one, []), beside.get(one, [])) for one in ids])
        if is_last:
            return
        after = until


async def _acts(connection: db.Connection) -> AsyncIterator[acts.ActRow]:
    after = 0
    while rows := await connection.fetch(_ACTS, after, _ROWS_AT_ONCE):
        for row in rows:
            yield acts.ActRow(**row)
        after = rows[-1]["seq"]


async def _acts_end(connection: db.Connection) -> tuple[int, bytes]:
    row = await connection.fetchrow("SELECT last_seq, last_hash FROM act_head")
    return (row["last_seq"], row["last_hash"]) if row is not None else (0, chain.START)


async def _seals(connection: db.Connection, log: str) -> AsyncIterator[SealRow]:
    after = 0
    while rows := await connection.fetch(_SEALS, log, after, _ROWS_AT_ONCE):
        for row in rows:
            yield SealRow(**row)
        after = rows[-1]["no"]


async def _lines(connection: db.Connection) -> AsyncIterator[ledgerfile.AnyLine]:
    """The ledger as the lines of an export."""
    keys = {key: public.hex() for key, public in vault.public_keys().items()}
    yield ledgerfile.HeadLine(
        format=ledgerfile.FORMAT, made_at=chain.moment(clock.now()), positions=await _sizes(connection), keys=keys
    )
    async for batch in _batches(connection, with_texts=False):
        for head, lines, _ in batch.cases:
            if head is not None:
                yield ledgerfile.case_line(head)
            for line in lines:
                yield ledgerfile.event_line(line)
    async for row in _acts(connection):
        yield ledgerfile.act_line(row)
    last_seq, last_hash = await _acts_end(connection)
    yield ledgerfile.ActsEnd(last_seq=last_seq, last_hash=last_hash.hex())
    for log in seals.LOGS:
        async for seal in _seals(connection, log):
            yield ledgerfile.SealLine(**msgspec.structs.asdict(seals.root_of(seal)))


def _trusted(own: Mapping[str, bytes], published: Iterable[seals.Root]) -> dict[str, bytes]:
    """Our own keys, and retired ones that a published line still shows."""
    shown = {root.key: bytes.fromhex(root.public) for root in published}
    return shown | dict(own)


def _open(path: Path, mode: str) -> IO[bytes]:
    """A file, packed when its name (or that of the finished file) ends in .gz."""
    if ".gz" in path.suffixes:
        return gzip.open(path, mode, compresslevel=3)  # type: ignore[return-value]
    return path.open(mode)


def _read(source: Path) -> Iterator[ledgerfile.AnyLine]:
    with _open(source, "rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield ledgerfile.decode(line)
            except msgspec.MsgspecError as broken:
                msg = f"{source.name}, line {number}: {broken}"
                raise ValueError(msg) from broken


def command(
    data: Path | None,
    source: Path | None,
    root: str | None,
    echo: Callable[[str], object],
    *,
    target: Path | None = None,
    as_json: bool = False,
) -> int:
    """The command line's verify: the database of ``data``, or the exported file ``source``; 0 when all is whole.

    ``root`` is a file of published roots or a seal's hash in hex; ``target`` is where to export to instead.
    """
    if target is not None:
        count = place.run(data, lambda: export(target))
        echo(f"{target}: {count}")
        return 0
    known = None if root is None else _root(root)
    if source is not None:
        report = file(source, known)
    else:
        report = place.run(data, lambda: database(known if isinstance(known, Path) else None))
    if as_json:
        echo(msgspec.json.format(msgspec.json.encode(report), indent=1).decode())
    else:
        for say in told(report, has_roots=source is None or root is not None):
            echo(f"{say.zh} / {say.en}")
    return 0 if report.is_clean else 1


def _root(given: str) -> Path | str:
    """A seal's hash as it stands, anything else as the name of a file that must be there."""
    if re.fullmatch("[0-9a-fA-F]{64}", given):
        return given
    path = Path(given)
    if not path.is_file():
        raise FileNotFoundError(given)
    return path
