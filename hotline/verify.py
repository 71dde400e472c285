"""`hotline verify`: walks the ledger in the database, or an exported file against a published root, and tells.

The rules are in ``cases.verify``; here is where the rows come from. Reads under one snapshot and writes nothing.
"""

from __future__ import annotations

import contextlib
import gzip
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO

import msgspec

from cases import ledgerfile, seals, walk
from cases.archive import Archive
from cases.report import Report, told
from cases.seals import SealRow
from cases.verify import Head, Line, Proof
from hotline import place, vault


async def database(roots: Path | None = None) -> Report:
    """Prove the ledger in the database against ``roots`` (this installation's own published file by default)."""
    own = roots if roots is not None else seals.roots_path()
    async with walk.snapshot() as connection:
        proof = Proof(await walk.sizes(connection), unseal=vault.unseal)
        with contextlib.closing(proof):
            async for batch in walk.batches(connection):
                for head, lines, texts in batch.cases:
                    proof.case(head, lines, texts)
            proof.cases_end()
            sealed_to = proof.report.sealed["a"]
            async for row in walk.acts_of(connection):
                proof.act(row, sealed_to)
            proof.acts_end(*await walk.acts_end(connection))
            published = list(seals.published(own))
            keys = _trusted(vault.public_keys(), published)
            for log in seals.LOGS:
                rows = [row async for row in walk.seals_of(connection, log)]
                proof.seals(log, rows, keys, vault.check_signature, published)
    return proof.report


async def export(target: Path) -> int:
    """Write the ledger without texts to ``target`` (gzipped when it ends in .gz); how many lines.

    The file is made beside it and moved there when it is whole.
    """
    draft = target.with_name(target.name + ".part")
    count = 0
    async with walk.snapshot() as connection:
        with _open(draft, "wb") as out:
            async for line in walk.lines(connection):
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
    with contextlib.ExitStack() as stack:
        archive = stack.enter_context(contextlib.closing(Archive(source))) if zipfile.is_zipfile(source) else None
        lines = archive.lines() if archive is not None else _read(source)
        first = next(lines, None)
        if not isinstance(first, ledgerfile.HeadLine) or first.format not in ledgerfile.READ:
            msg = f"{source.name} is not an exported ledger"
            raise ValueError(msg)
        keys = {root.key: bytes.fromhex(root.public) for root in published}
        if not published:
            keys = {key: bytes.fromhex(public) for key, public in first.keys.items()}
        sizes = {log: first.positions.get(log, 0) for log in seals.LOGS}
        proof = stack.enter_context(contextlib.closing(Proof(sizes, has_texts=False)))
        for found in archive.wrong() if archive is not None else ():
            proof.found(found)
        rows = _walk(proof, lines, archive)
        proof.cases_end()
        for log in seals.LOGS:
            proof.seals(log, [s for s in rows if s.log == log], keys, vault.check_signature, published)
        if digest:
            proof.shown(digest, rows)
        return proof.report


def _walk(proof: Proof, lines: Iterator[ledgerfile.AnyLine], archive: Archive | None) -> list[SealRow]:
    """Feed a file's cases and acts to the proof, with the texts of an archive; its seals."""
    found: list[SealRow] = []
    sealed_to = proof.report.sealed["a"]
    head: Head | None = None
    events: list[Line] = []
    for line in lines:
        if isinstance(line, ledgerfile.EventLine):
            if (events and events[0].case_id != line.case) or (head is not None and head.id != line.case):
                _give(proof, head, events, archive)
                head, events = None, []
            events.append(ledgerfile.event(line))
            continue
        _give(proof, head, events, archive)
        head, events = None, []
        if isinstance(line, ledgerfile.CaseLine):
            head = ledgerfile.head(line)
        elif isinstance(line, ledgerfile.ActLine):
            proof.act(ledgerfile.act(line), sealed_to)
        elif isinstance(line, ledgerfile.ActsEnd):
            proof.acts_end(line.last_seq, bytes.fromhex(line.last_hash))
        elif isinstance(line, ledgerfile.SealLine):
            found.append(seals.seal_of(line))
    _give(proof, head, events, archive)
    return found


def _give(proof: Proof, head: Head | None, events: list[Line], archive: Archive | None) -> None:
    if head is not None or events:
        proof.case(head, events)
    if archive is not None and events:
        number = head.number if head is not None else str(events[0].case_id)
        proof.opened(number, events, archive.texts(events[0].case_id))


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
