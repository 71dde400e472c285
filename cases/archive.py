"""Reading an export again, to prove it: the manifest's hashes, the ledger's lines, and the texts case by case."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import msgspec

from cases import findings, ledgerfile
from cases.exporting import Manifest
from cases.findings import Finding

_CHUNK = 1 << 20


class TextLine(msgspec.Struct, frozen=True):
    """A line of ``texts.jsonl`` as far as a proof reads it."""

    case: UUID
    seq: int
    field: str
    value: str | None = None
    salt: str | None = None


_text = msgspec.json.Decoder(TextLine).decode


class Archive:
    """An opened export. Raises ValueError for what is none."""

    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path)
        try:
            self.manifest = msgspec.json.decode(self._zip.read("manifest.json"), type=Manifest)
        except (KeyError, msgspec.MsgspecError) as broken:
            msg = f"{path.name}: no manifest of an export: {broken}"
            raise ValueError(msg) from broken
        self._texts = map(_text, self._lines("texts.jsonl"))
        self._waiting = next(self._texts, None)

    def close(self) -> None:
        """Close the file."""
        self._zip.close()

    def wrong(self) -> Iterator[Finding]:
        """The files that are not what the manifest says."""
        held = set(self._zip.namelist())
        for name, member in self.manifest.files.items():
            if name not in held or self._digest(name) != (member.size, member.sha256):
                yield findings.member(name)

    def _digest(self, name: str) -> tuple[int, str]:
        digest, size = sha256(), 0
        try:
            with self._zip.open(name) as file:
                while data := file.read(_CHUNK):
                    digest.update(data)
                    size += len(data)
        except zipfile.BadZipFile:
            return -1, ""
        return size, digest.hexdigest()

    def lines(self) -> Iterator[ledgerfile.AnyLine]:
        """The ledger's lines. Raises ValueError with the one that is broken."""
        for number, line in enumerate(self._lines("ledger.jsonl"), 1):
            try:
                yield ledgerfile.decode(line)
            except msgspec.MsgspecError as broken:
                msg = f"ledger.jsonl, line {number}: {broken}"
                raise ValueError(msg) from broken

    def _lines(self, name: str) -> Iterator[bytes]:
        with self._zip.open(name) as file:
            yield from file

    def texts(self, case_id: UUID) -> list[tuple[int, str, bytes, str]]:
        """The opened texts of a case: seq, field, salt, value. Cases are asked for in order of id, as in the ledger."""
        found = []
        while self._waiting is not None and self._waiting.case.bytes <= case_id.bytes:
            one = self._waiting
            if one.case == case_id and one.value is not None and one.salt is not None:
                found.append((one.seq, one.field, bytes.fromhex(one.salt), one.value))
            self._waiting = next(self._texts, None)
        return found
