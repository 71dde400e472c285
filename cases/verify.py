"""Proves the ledger: each case's chain and texts, the acts, the seals and the published roots. Pure; rows come in.

It is fed in the order of a walk and keeps what it found; ``hotline.verify`` reads the database or an exported file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from cases import chain, events, findings
from cases.findings import Finding
from cases.kinship import Kinship
from cases.leaves import Leaves
from cases.report import Report
from cases.seals import Root, SealRow
from hotline.acts import ActRow, act_hash

MOST_FINDINGS = 200
"""Beyond these only the count goes on: the first names the trouble."""
_NEAR = 500


class Head(NamedTuple):
    """What the case row says of the end of its chain."""

    id: UUID
    number: str
    last_seq: int
    last_hash: bytes


class Line(NamedTuple):
    """An event's columns as they are read; ``case_event`` in this order."""

    case_id: UUID
    seq: int
    kind: str
    version: int
    at: datetime
    actor: UUID
    actor_kind: str
    unit: str
    data: str
    prev: bytes
    hash: bytes
    log: str
    position: int | None
    salt: bytes | None


class Beside(NamedTuple):
    """A text's columns as they are read; ``case_text`` in this order."""

    case_id: UUID
    seq: int
    field: str
    salt: bytes | None
    value: str | None
    sealed: bytes | None
    erased_at: datetime | None
    erased_rule: str | None


class _Body(msgspec.Struct):
    texts: dict[str, str] = {}
    rule: str = ""
    erased: list[tuple[int, str]] = []


_body = msgspec.json.Decoder(_Body).decode


class Proof:
    """A walk: feed every case in order of id, then the acts, then each log's seals; read ``report``."""

    def __init__(
        self, sizes: Mapping[str, int], *, unseal: Callable[[bytes, str], str] | None = None, has_texts: bool = True
    ) -> None:
        self.report = Report(has_texts=has_texts, sealed=dict(sizes), unsealed=dict.fromkeys(sizes, 0))
        self._leaves = Leaves(sizes)
        self._unseal = unseal
        self._act: ActRow | None = None
        self._kinship = Kinship()

    def close(self) -> None:
        """Give back the room that the leaves took."""
        self._leaves.close()

    def case(self, head: Head | None, lines: Sequence[Line], texts: Iterable[Beside] = ()) -> None:
        """One case: its row (None when it is gone), its events by ``seq``, and the texts beside them."""
        self.report.cases += 1
        self.report.events += len(lines)
        number = head.number if head is not None else ""
        if head is None and lines:
            self.found(findings.no_case(lines[0].case_id, lines[0].seq))
        bad = self._chain(number, lines)
        if head is not None:
            self._tail(head, lines, bad)
        for line in lines:
            self._kinship.see(line, number or str(line.case_id))
            self._place(line.log, line.position, line.hash, line.at, number or str(line.case_id), line.seq)
            if line.log != events.log_of(line.kind, line.log):
                self.found(findings.wrong_log(line.case_id, number or str(line.case_id), line.seq, line.kind))
        if self.report.has_texts:
            self._texts(number, lines, texts)

    def cases_end(self) -> None:
        """After the last case: whether those that were merged or split say the same of each other."""
        for found in self._kinship.wrong():
            self.found(found)

    def _chain(self, number: str, lines: Sequence[Line]) -> set[int]:
        """Check ``seq``, ``hash`` and ``prev`` of each; the ``seq`` of those that are wrong."""
        bad: set[int] = set()
        expected, before = 1, chain.START
        for line in lines:
            name = number or str(line.case_id)
            if line.seq != expected:
                self.found(findings.deleted(line.case_id, name, expected, line.seq - 1))
                bad.update(range(expected, line.seq))
            if _hash(line) != line.hash:
                was = _place_of(line, lines)
                found = findings.edited if was is None else findings.reordered
                self.found(found(line.case_id, name, line.seq, line.kind))
                bad.add(line.seq)
            elif line.prev != before and line.seq - 1 not in bad:
                # The event holds together, so what it was chained to was replaced along with its hash.
                self.found(findings.rewritten(line.case_id, name, max(line.seq - 1, 1)))
                bad.add(line.seq - 1)
            expected, before = line.seq + 1, line.hash
        return bad

    def _tail(self, head: Head, lines: Sequence[Line], bad: set[int]) -> None:
        last = lines[-1].seq if lines else 0
        if last < head.last_seq:
            self.found(findings.cut(head.id, head.number, last + 1, head.last_seq))
        elif last > head.last_seq:
            self.found(findings.head(head.id, head.number, last))
        elif lines and lines[-1].hash != head.last_hash and last not in bad:
            self.found(findings.rewritten(head.id, head.number, last))

    def _place(self, log: str, position: int | None, digest: bytes, at: datetime, name: str, seq: int) -> None:
        if position is None:
            self.report.unsealed[log] = self.report.unsealed.get(log, 0) + 1
            oldest = self.report.oldest_unsealed
            self.report.oldest_unsealed = at if oldest is None or at < oldest else oldest
        elif not self._leaves.put(log, position, digest):
            self.found(findings.position(log, position, name, seq))

    def _texts(self, number: str, lines: Sequence[Line], texts: Iterable[Beside]) -> None:
        rows = {(text.seq, text.field): text for text in texts}
        self.report.texts += len(rows)
        erased: dict[tuple[int, str], str] = {}
        promised: list[tuple[Line, str, str]] = []
        for line in lines:
            if '"texts"' not in line.data and line.kind != "erased":
                continue
            try:
                body = _body(line.data)
            except msgspec.MsgspecError:
                continue  # the chain has named it already
            promised += [(line, field, commitment) for field, commitment in body.texts.items()]
            if line.kind == "erased":
                erased.update(dict.fromkeys(body.erased, body.rule))
        for line, field, commitment in promised:
            why = self._text(rows.pop((line.seq, field), None), commitment, erased.get((line.seq, field)))
            if why:
                self.found(findings.text(why, line.case_id, number or str(line.case_id), line.seq, field))
        for (seq, field), row in rows.items():
            self.found(findings.text("added", row.case_id, number or str(row.case_id), seq, field))

    def _text(self, row: Beside | None, commitment: str, rule: str | None) -> str:
        """What is wrong with one text: "" when it is as committed, or erased under a rule that an event names."""
        if row is None:
            return "missing"
        if row.erased_at is not None or row.salt is None:
            if rule is None or rule != row.erased_rule:
                return "erased"
            self.report.erased[rule] = self.report.erased.get(rule, 0) + 1
            return ""
        value = row.value
        if value is None and row.sealed is not None and self._unseal is not None:
            try:
                value = self._unseal(row.sealed, f"case_text.{row.field}")
            except Exception as error:  # noqa: BLE001 - whatever stands in the way of reading it, this text is named
                return "key" if getattr(error, "code", "") == "key_missing" else "altered"
        return "" if value is not None and chain.commitment(row.salt, value) == commitment else "altered"

    def opened(self, number: str, lines: Sequence[Line], texts: Iterable[tuple[int, str, bytes, str]]) -> None:
        """Some of a case's texts (seq, field, salt, value), as an export has them: each must be as committed."""
        promised = {line.seq: line.data for line in lines}
        for seq, field, salt, value in texts:
            self.report.texts += 1
            try:
                known = _body(promised.get(seq, "{}")).texts.get(field)
            except msgspec.MsgspecError:
                continue  # the chain has named it already
            if known != chain.commitment(salt, value):
                why = "altered" if known is not None else "added"
                self.found(findings.text(why, lines[0].case_id, number, seq, field))

    def act(self, row: ActRow, sealed_to: int) -> None:
        """The next act of the second log, in order of ``seq``."""
        self.report.acts += 1
        last = self._act
        expected, before = (last.seq + 1, last.hash) if last is not None else (1, chain.START)
        if row.seq != expected:
            self.found(findings.deleted(None, "act", expected, row.seq - 1))
        if _act_hash(row, row.seq) != row.hash:
            near = range(max(1, row.seq - _NEAR), row.seq + _NEAR)
            is_moved = any(_act_hash(row, seq) == row.hash for seq in near)
            self.found((findings.reordered if is_moved else findings.edited)(None, "act", row.seq, row.kind))
        elif row.seq == expected and row.prev != before:
            self.found(findings.rewritten(None, "act", max(row.seq - 1, 1)))
        self._act = row
        self._place("a", row.seq if row.seq <= sealed_to else None, row.hash, row.at, "act", row.seq)

    def acts_end(self, last_seq: int, last_hash: bytes) -> None:
        """What the head of the second log says, after its last act."""
        seq, digest = (self._act.seq, self._act.hash) if self._act is not None else (0, chain.START)
        if seq < last_seq:
            self.found(findings.cut(None, "act", seq + 1, last_seq))
        elif seq > last_seq:
            self.found(findings.head(None, "act", seq))
        elif digest != last_hash:
            self.found(findings.rewritten(None, "act", seq))

    def seals(
        self,
        log: str,
        rows: Iterable[SealRow],
        keys: Mapping[str, bytes],
        check: Callable[[bytes, bytes, bytes], bool],
        roots: Iterable[Root] = (),
    ) -> None:
        """One log's seals in order, after its leaves; ``roots`` are what was published, ``keys`` whom we trust."""
        waiting = {root.no: root for root in roots if root.log == log}
        self.report.published += len(waiting)
        no, last, before = 0, 0, chain.START
        for row in rows:
            self.report.seals += 1
            for why in self._seal(row, no, last, before, keys, check):
                self.found(findings.seal(why, log, row.no, row.first_position, row.last_position))
            root = waiting.pop(row.no, None)
            if root is not None and root.hash != row.hash.hex():
                self.found(findings.seal("published", log, row.no, row.first_position, row.last_position))
            self._leaves_of(row)
            no, last, before = row.no, row.last_position, row.hash
        for root in waiting.values():
            self.found(findings.seal("gone", log, root.no, root.first, root.last))

    def _seal(
        self,
        row: SealRow,
        no: int,
        last: int,
        before: bytes,
        keys: Mapping[str, bytes],
        check: Callable[[bytes, bytes, bytes], bool],
    ) -> Iterator[str]:
        if row.no != no + 1 or row.first_position != last + 1 or row.prev != before:
            yield "chain"
        made = chain.seal_hash(row.prev, row.log, row.no, row.first_position, row.last_position, row.root, row.at)
        if made != row.hash:
            yield "edited"
        public = keys.get(row.key_id)
        if public is None:
            yield "key"
        elif not check(public, row.signature, row.hash):
            yield "signature"

    def _leaves_of(self, row: SealRow) -> None:
        hashes = self._leaves.run(row.log, row.first_position, row.last_position)
        gone = [row.first_position + n for n, one in enumerate(hashes) if one is None]
        if gone:
            self.found(findings.missing(row.log, row.no, gone))
        elif chain.root([chain.leaf(one) for one in hashes if one is not None]) != row.root:
            self.found(findings.seal("root", row.log, row.no, row.first_position, row.last_position))

    def shown(self, digest: str, rows: Iterable[SealRow]) -> None:
        """One seal's hash in hex, as a bulletin printed it, must be among the seals."""
        self.report.published += 1
        if digest not in {row.hash.hex() for row in rows}:
            self.found(findings.unknown_root(digest))

    def found(self, found: Finding) -> None:
        """Note what is wrong: the first name the trouble, the others are counted."""
        self.report.wrong += 1
        if len(self.report.findings) < MOST_FINDINGS:
            self.report.findings.append(found)


def _hash(line: Line, seq: int | None = None, prev: bytes | None = None) -> bytes:
    return chain.event_hash(
        line.prev if prev is None else prev, line.case_id, line.seq if seq is None else seq, line.kind, line.version,
        line.at, line.actor, line.actor_kind, line.unit, line.data, line.salt,
    )  # fmt: skip


def _place_of(line: Line, lines: Sequence[Line]) -> int | None:
    """The ``seq`` at which this event's content was written, when it was moved within its case."""
    for other in lines:
        if other.seq != line.seq and (
            _hash(line, seq=other.seq) == line.hash or _hash(line, other.seq, other.prev) == other.hash
        ):
            return other.seq
    return None


def _act_hash(row: ActRow, seq: int) -> bytes:
    return act_hash(row.prev, seq, row.at, row.actor, row.actor_kind, row.kind, row.subject, row.data)
