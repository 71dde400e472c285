"""What a timed act is: a name, the question what is due, and the act. ``sla/timetable`` lists them all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from cases.file import CaseFile
from hotline.work import Work


class Due(msgspec.Struct, frozen=True):
    """One act that is due: which, on which case, about what (a clock, an order, an interview …), since when."""

    act: str
    case_id: UUID
    subject: UUID
    due_at: datetime


Act = Callable[[Work, CaseFile, Due], Awaitable[int]]
"""Does it on the opened, locked case, at ``work.now``, and returns 1; 0 when it is not due after all.

The sweep writes the row of ``act_done`` (unique by act, subject and ``due_at``) in the same transaction when it was 1.
What an act returns 0 for must not come up in its query again in the same state.
"""

Ahead = Callable[[Work, Sequence[tuple[CaseFile, Due]]], Awaitable[None]]
"""Lays ready what the acts of one batch will take, so that they need not fetch it one by one or hold it for long."""


class Timed(msgspec.Struct, frozen=True):
    """A kind of timed act.

    ``due`` is SQL that gives ``case_id, subject, due_at`` of what is due by ``$1`` (timestamptz) and not done yet, the
    oldest first, at most ``$2`` (integer), on no case of ``$3`` (uuid[]). It leans on a partial index over what is
    still to be done, so that its cost follows what is due. Nothing is due twice for one subject and moment.
    """

    name: str
    due: str
    act: Act
    fell_due: str = ""
    """For the proof: SQL over the period from ``$1`` to before ``$2`` that gives ``case_id, subject, due_at, is_over``
    of all that fell due in it, never worked out from ``act_done``; ``is_over``: it was taken back before it was done.
    Without one it is asked of ``act_due``, where the database keeps every moment that was set."""
    event: str = ""
    """The kind of event that it leaves in the ledger, with the subject as ``clock``, for the proof to count."""
    ahead: Ahead | None = None
