"""What the model may learn from: words of cases and the matter that stood in the end, stripped of names and numbers.

Reports (举报) and confidential cases teach nothing (rules.md 10), nor does a case whose matter is in doubt.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
import numpy as np

from cases.search import strip_personal
from hotline import city, clock, db
from routing.folds import twins
from routing.training import Lesson

MOST = 12_000
"""The newest cases that teach: words change, and a night is long enough for so many."""
CORRECTED = 2
"""A case that a person put right, or that came back and then went right, counts so many times."""
_HELD = 51
"""Of 256: about a fifth of all cases are held back from training for ever, by their id."""

_READ = """
SELECT c.id, c.matter, c.title, r.words, c.county, c.township, c.lead_unit, c.closed_at IS NOT NULL AS is_closed,
       EXISTS (SELECT FROM case_event e WHERE e.case_id = c.id AND e.kind = 'return_approved') AS was_returned,
       EXISTS (SELECT FROM case_event g, case_event a WHERE g.case_id = c.id AND g.kind = 'registered'
               AND a.case_id = c.id AND a.kind = 'accepted' AND a.actor_kind = 'staff'
               AND (g.data::jsonb ->> 'matter') <> (a.data::jsonb ->> 'matter'))
       OR EXISTS (SELECT FROM case_event e WHERE e.case_id = c.id AND e.kind = 'matter_corrected') AS was_corrected
FROM cases c
JOIN LATERAL (SELECT words FROM request WHERE case_id = c.id AND words <> '' AND state <> 'erased'
              ORDER BY filed_at, id LIMIT 1) r ON true
WHERE c.matter IS NOT NULL AND c.accepted_at IS NOT NULL AND c.kind <> 'report' AND NOT c.is_confidential
  AND NOT EXISTS (SELECT FROM request q WHERE q.case_id = c.id AND q.kind = 'report')
ORDER BY c.opened_at DESC, c.id LIMIT $1
"""


class School(msgspec.Struct, frozen=True):
    """Lessons to learn from, and those held back to be judged by; ``cases``: how many cases stand behind both."""

    taught: list[Lesson]
    held: list[Lesson]
    cases: int

    def fingerprint(self) -> str:
        """Of all that is in it: the same school teaches the same."""
        spelt = msgspec.msgpack.encode((self.taught, self.held))
        return hashlib.sha256(spelt).hexdigest()


async def read(connection: db.Connection) -> School:
    """The lessons of the newest cases whose matter is settled."""
    rows = await connection.fetch(_READ, 4 * MOST)
    settled = [row for row in rows if _is_settled(row)][:MOST]
    return await asyncio.to_thread(schooled, settled)  # seconds of work: the worker's other jobs go on


def _is_settled(row: Any) -> bool:
    """Closed, or put right by a person; after an upheld return only when the matter's own unit then closed it."""
    if row["was_returned"]:
        lead = city.current().lead_unit(row["matter"], row["county"], row["township"], clock.today())
        return bool(row["is_closed"]) and row["lead_unit"] == lead
    return bool(row["is_closed"] or row["was_corrected"])


def schooled(rows: Sequence[Any]) -> School:
    """Rows parted into taught and held back; what is nearly the same as a held one is not taught."""
    texts = [(strip_personal(row["title"]), strip_personal(row["words"])) for row in rows]
    groups = twins([title + text for title, text in texts])
    is_held = np.array([_is_held(row["id"]) for row in rows], bool)
    kept_away = set(groups[is_held].tolist()) if len(rows) else set()
    taught: list[Lesson] = []
    held: list[Lesson] = []
    for row, (title, text), group, back in zip(rows, texts, groups, is_held, strict=True):
        lesson = Lesson(row["matter"], title, text)
        if back:
            held.append(lesson)
        elif int(group) not in kept_away:
            taught += [lesson] * (CORRECTED if row["was_corrected"] or row["was_returned"] else 1)
    return School(taught, held, len(rows))


def _is_held(case: UUID) -> bool:
    """The same answer for the same case for ever, so that no version has learned from what judges another."""
    return hashlib.sha256(case.bytes).digest()[0] < _HELD


def labels(some: Iterable[Lesson]) -> set[str]:
    """The matters that lessons are about."""
    return {one.label for one in some}
