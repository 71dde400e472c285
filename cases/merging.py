"""Merge and unmerge (rules.md 3): the work becomes one, and no requester loses anything by it.

Requests move, rows and all, so that whoever looks for the case of a request finds the one that is worked on; words and
personal texts stay beside the events that brought them. A tree is never deeper than one: a case that holds others goes
into none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from cases import events as e
from cases import ledger, verbs_site
from cases.events_merge import Ended, Joined, Marks, Merged, Parted, Unmerged
from cases.file import CaseFile, Entry, Text
from cases.fitting import why_not, why_not_apart
from cases.rows import RequestRow
from hotline import files
from hotline.work import Work

_ORDER = ("normal", "urgent", "critical")
_LAST = "SELECT data FROM case_event WHERE case_id = $1 AND kind = $2 ORDER BY seq DESC LIMIT 1"
_JOINS = "SELECT kind, data FROM case_event WHERE case_id = $1 AND kind IN ('joined', 'parted') ORDER BY seq"
_OTHERS = """
    SELECT urgency, is_vulnerable, is_minor, is_investigation FROM cases WHERE merged_into = $1 AND id <> $2
"""


async def opened(work: Work, ids: Iterable[UUID]) -> dict[UUID, CaseFile]:
    """These cases, each locked, always in the order of their ids: two who merge at once never wait for each other."""
    return {one: await ledger.opened(work, case_id=one) for one in sorted(set(ids))}


async def merge(work: Work, parent: CaseFile, child: CaseFile, *, reason: str = "") -> None:
    """并单: ``child`` goes into ``parent``; both are locked (``opened``).

    Its units' shares end, its requests are the parent's, each with its receipt, query code, door, promise, visit and
    rating. Raises the 409 refusal of ``why_not``; nothing is written then.
    """
    refusal = why_not(parent, child)
    if refusal is not None:
        raise refusal
    if child.live:
        await verbs_site.let_go(work, child, verbs_site.MERGED)
    requests, before = tuple(child.requests), _marks(parent)
    gone = await ledger.append(
        work, child,
        Merged(
            into=parent.case.id, seq=parent.case.last_seq, hash=parent.case.last_hash.hex(), requests=requests,
            state=child.case.state, ended=tuple(Ended(assignment=one.id, state=one.state) for one in child.live),
        ),
        _reason(reason),
    )  # fmt: skip
    _carry(child, parent)
    await ledger.append(
        work, parent,
        Joined(
            child=child.case.id, number=child.case.number, seq=gone.row.seq, hash=gone.row.hash.hex(),
            requests=requests, marks=_highest([before, _marks(child)]), before=before, urges=child.case.urge_count,
        ),
        _reason(reason),
    )  # fmt: skip
    await files.move(work, "request", requests, parent.case.id)


async def unmerge(work: Work, parent: CaseFile, child: CaseFile, *, reason: str) -> None:
    """拆回: ``child`` is again the case that it was, its shares with their clocks and its requests too.

    Raises the 409 refusal of ``why_not_apart``, or 422 without a reason; nothing is written then.
    """
    refusal = why_not_apart(parent, child, reason)
    if refusal is not None:
        raise refusal
    await work.flush()
    then = e.decode("merged", await work.connection.fetchval(_LAST, child.case.id, "merged"))
    assert isinstance(then, Merged)  # noqa: S101 - it was asked for by its kind
    gone = await ledger.append(
        work, parent,
        Parted(
            child=child.case.id, number=child.case.number, seq=child.case.last_seq, hash=child.case.last_hash.hex(),
            requests=then.requests, marks=await _marks_without(work, parent, child), urges=child.case.urge_count,
        ),
        _reason(reason),
    )  # fmt: skip
    _carry(parent, child)
    await ledger.append(
        work, child,
        Unmerged(
            parent=parent.case.id, seq=gone.row.seq, hash=gone.row.hash.hex(), requests=then.requests,
            state=then.state, revived=then.ended,
        ),
        _reason(reason),
    )  # fmt: skip
    await files.move(work, "request", then.requests, child.case.id)


def joined_from(parent: CaseFile, child: UUID) -> list[RequestRow]:
    """The requests on ``parent`` that came with ``child``."""
    return [one for one in parent.requests.values() if one.home_id == child]


def _carry(source: CaseFile, target: CaseFile) -> None:
    """Carry the requests between the two over the doorstep."""
    target.at_door.update(source.at_door)
    source.at_door.clear()


def _reason(reason: str) -> dict[str, Text]:
    return {"reason": Text(value=reason.strip())}


def _marks(file: CaseFile) -> Marks:
    return msgspec.convert(file.case, Marks, from_attributes=True)


def _highest(marks: Sequence[Marks]) -> Marks:
    return Marks(
        urgency=max((one.urgency for one in marks), key=_ORDER.index),
        is_vulnerable=any(one.is_vulnerable for one in marks),
        is_minor=any(one.is_minor for one in marks),
        is_investigation=any(one.is_investigation for one in marks),
    )


async def _marks_without(work: Work, parent: CaseFile, child: CaseFile) -> Marks:
    """The parent's marks once ``child`` is out of it: its own from before the first joined, and those of the others.

    A mark that was put on the parent by something else meanwhile stays.
    """
    others = await work.connection.fetch(_OTHERS, parent.case.id, child.case.id)
    rest = _highest([await _own_marks(work, parent.case.id), *(Marks(**row) for row in others)])
    now, gone = _marks(parent), _marks(child)
    kept = {
        name: getattr(rest if getattr(now, name) == getattr(gone, name) else now, name)
        for name in Marks.__struct_fields__
    }
    return Marks(**kept)


async def _own_marks(work: Work, parent: UUID) -> Marks:
    """The marks that the parent had before those that it holds now began to join."""
    inside, own = 0, Marks()
    for row in await work.connection.fetch(_JOINS, parent):
        event = e.decode(row["kind"], row["data"])
        if isinstance(event, Joined):
            own = event.before if inside == 0 else own
            inside += 1
        else:
            inside -= 1
    return own


__all__ = ["Entry", "joined_from", "merge", "opened", "unmerge", "why_not", "why_not_apart"]
