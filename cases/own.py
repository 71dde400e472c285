"""Which entries of the ledger are one requester's own story, also where their request went into another case."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from cases import events as e
from cases import ledger
from cases.events_merge import Joined, Unmerged
from cases.file import CaseFile, Entry
from cases.rows import RequestRow
from hotline import db


class Own(msgspec.Struct, frozen=True, kw_only=True):
    """``story`` is what happened to the request; ``answers`` are the entries that its answer and date rest on.

    The same while it is on its own case. On another's the story begins at home and goes on there from the merge; the
    answer may be one that the unit wrote before.
    """

    story: Sequence[Entry]
    answers: Sequence[Entry]


def is_for(entry: Entry, request: RequestRow) -> bool:
    """Whether the entry is this requester's to know: public, and about them or about nobody in particular."""
    if entry.event.audience != e.REQUESTER and not isinstance(entry.event, e.Handled):
        return False
    return getattr(entry.event, "request", request.id) == request.id


async def entries(connection: db.Connection, file: CaseFile, request: RequestRow) -> Own:
    """The requester's own entries, oldest first. ``file`` is the case that holds the request now."""
    all_here = await ledger.entries(connection, file.case.id)
    here = [one for one in all_here if is_for(one, request)]
    if request.home_id is None:
        away = [one for entry in here for one in await _away(connection, entry, request)]
        story = sorted([*here, *away], key=lambda one: one.row.at) if away else here
        return Own(story=story, answers=here)
    at_home = [one for one in await ledger.entries(connection, request.home_id) if is_for(one, request)]
    since = max(one.row.seq for one in all_here if _is_joining(one, request))
    return Own(
        story=[*at_home, *(one for one in here if one.row.seq > since)],
        answers=[one for one in here if one.row.seq > since or not isinstance(one.event, e.Approved)],
    )


async def _away(connection: db.Connection, entry: Entry, request: RequestRow) -> list[Entry]:
    """What they themselves said on the case that held them before this entry took them home: words, reminders."""
    event = entry.event
    if not isinstance(event, Unmerged):
        return []
    there = [one for one in await ledger.entries(connection, event.parent) if one.row.seq <= event.seq]
    since = max(one.row.seq for one in there if _is_joining(one, request))
    return [one for one in there if one.row.seq > since and getattr(one.event, "request", None) == request.id]


def _is_joining(entry: Entry, request: RequestRow) -> bool:
    return isinstance(entry.event, Joined) and request.id in entry.event.requests
