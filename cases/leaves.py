"""Where a proof keeps the leaves by position: a file of 32-byte places, so that a city's ledger needs no memory."""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import Mapping

_WIDTH = 32
_NONE = bytes(_WIDTH)


class Leaves:
    """The hashes of each log at its positions 1 to ``sizes[log]``; an empty place is 32 zero bytes."""

    def __init__(self, sizes: Mapping[str, int]) -> None:
        self._sizes = dict(sizes)
        self._maps: dict[str, mmap.mmap] = {}
        for log, size in sizes.items():
            if size > 0:
                with tempfile.TemporaryFile() as file:
                    file.truncate(size * _WIDTH)
                    self._maps[log] = mmap.mmap(file.fileno(), size * _WIDTH)

    def put(self, log: str, position: int, digest: bytes) -> bool:
        """Keep a hash; False when the place is taken or lies beyond the last seal."""
        if not 1 <= position <= self._sizes.get(log, 0) or len(digest) != _WIDTH:
            return False
        held, at = self._maps[log], (position - 1) * _WIDTH
        if held[at : at + _WIDTH] != _NONE:
            return False
        held[at : at + _WIDTH] = digest
        return True

    def run(self, log: str, first: int, last: int) -> list[bytes | None]:
        """The hashes from ``first`` to ``last``, None where nothing was put."""
        held = self._maps.get(log)
        if held is None:
            return [None] * (last - first + 1)
        body = held[(first - 1) * _WIDTH : last * _WIDTH]
        found = [body[at : at + _WIDTH] for at in range(0, len(body), _WIDTH)]
        found += [b""] * (last - first + 1 - len(found))
        return [one if one not in {_NONE, b""} else None for one in found]

    def close(self) -> None:
        """Give the files back."""
        for held in self._maps.values():
            held.close()
        self._maps = {}
