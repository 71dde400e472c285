"""A large file kept encrypted: written and read a megabyte at a time, so that neither disk nor memory holds it plain.

Each block is sealed by ``hotline.vault`` under a context of name, number and whether it is the last: none can be
moved, left out or cut off. On disk: the length of a block in four bytes, then the block.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from hotline import vault
from hotline.errors import Refusal, Say

BLOCK = 1 << 20


class Writer:
    """A file object to write to. Whole only after a ``with`` that did not raise; else nothing is left."""

    def __init__(self, path: Path, name: str) -> None:
        self._path, self._name = path, name
        self._held, self._no = bytearray(), 0
        self.size = 0

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._draft = self._path.with_name(self._path.name + ".part")
        self._file = os.fdopen(os.open(self._draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
        return self

    def write(self, data: bytes) -> int:
        """Take some bytes."""
        self._held += data
        self.size += len(data)
        while len(self._held) > BLOCK:
            self._put(bytes(self._held[:BLOCK]), is_last=False)
            del self._held[:BLOCK]
        return len(data)

    def flush(self) -> None:
        """Nothing: blocks are of one size."""

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        try:
            if kind is None:
                self._put(bytes(self._held), is_last=True)
                self._file.flush()
                os.fsync(self._file.fileno())
        finally:
            self._file.close()
            if kind is None:
                self._draft.replace(self._path)
            else:
                self._draft.unlink(missing_ok=True)

    def _put(self, data: bytes, *, is_last: bool) -> None:
        sealed = vault.seal(base64.b64encode(data).decode(), _context(self._name, self._no, is_last=is_last))
        self._file.write(len(sealed).to_bytes(4, "big") + sealed)
        self._no += 1


def _context(name: str, no: int, *, is_last: bool) -> str:
    return f"{name}.{no}{'.end' if is_last else ''}"


def read(path: Path, name: str) -> Iterator[bytes]:
    """The file again, block by block. Raises KeyMissing, or the refusal "unreadable" for what was changed or cut."""
    with path.open("rb") as file:
        head, no = file.read(4), 0
        while head:
            sealed = file.read(int.from_bytes(head, "big"))
            head = file.read(4)
            yield base64.b64decode(vault.unseal(sealed, _context(name, no, is_last=not head)))
            no += 1
        if no == 0:
            raise Refusal(500, "unreadable", Say("文件是空的。", "The file is empty."))
