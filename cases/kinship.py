"""Two chains that vouch for each other: an event that took requests over names the other case's event, and its hash."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from cases import findings
from cases.findings import Finding

if TYPE_CHECKING:
    from cases.verify import Line

GIVEN = frozenset({"merged", "parted", "split_off"})
TAKEN = frozenset({"joined", "unmerged", "split_from"})


class _Named(msgspec.Struct):
    """The other case under whichever name the kind gives it, and the place in its chain."""

    seq: int
    hash: str
    child: UUID | None = None
    parent: UUID | None = None
    case: UUID | None = None

    @property
    def key(self) -> tuple[UUID | None, int]:
        return self.child or self.parent or self.case, self.seq


_named = msgspec.json.Decoder(_Named).decode


class Kinship:
    """Fed with every event of a walk; it keeps those of merges and splits only."""

    def __init__(self) -> None:
        self._given: dict[tuple[UUID | None, int], bytes] = {}
        self._taken: list[tuple[_Named, UUID, str, int]] = []

    def see(self, line: Line, number: str) -> None:
        """Note an event of a merge or a split; others are passed over."""
        if line.kind in GIVEN:
            self._given[line.case_id, line.seq] = line.hash
        elif line.kind in TAKEN:
            try:
                self._taken.append((_named(line.data), line.case_id, number, line.seq))
            except msgspec.MsgspecError:
                return  # the chain has named it already

    def wrong(self) -> Iterator[Finding]:
        """Whatever one case says of the other that the other does not say itself. After every case was seen."""
        for named, case_id, number, seq in self._taken:
            there = self._given.get(named.key)
            if there is None or there.hex() != named.hash:
                yield findings.kin(case_id, number, seq)
