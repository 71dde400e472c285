"""Long texts that a gateway hands on in parts: joined once all are here, or once waiting makes no sense."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from channels import arrivals
from channels.heard import Heard
from channels.rows import ArrivalRow
from hotline.work import Work

PATIENCE = timedelta(minutes=2)
LOOK_AGAIN = timedelta(seconds=5)
_COLUMNS = ", ".join(ArrivalRow.__struct_fields__)
_OTHERS = f"SELECT {_COLUMNS} FROM arrival WHERE state = 'new' AND sender = $1 AND id <> $2 FOR UPDATE"


async def joined(w: Work, row: ArrivalRow, first: Heard) -> Heard | None:
    """The whole text under ``row``; None while a part is missing that may still come: the row waits a little.

    A part that never comes leaves a mark in the text, so that whoever reads it knows.
    """
    part = first.part
    if part is None:
        return first
    found = {part.number: (row, first)}
    for record in await w.connection.fetch(_OTHERS, row.sender, row.id):
        other = ArrivalRow(**record)
        one = arrivals.heard_of(other)
        if one.channel == first.channel and one.part and one.part.reference == part.reference:
            found.setdefault(one.part.number, (other, one))
    oldest = min(other.received_at for other, _ in found.values())
    if len(found) < part.total and w.now - oldest < PATIENCE:
        row.next_at = w.now + LOOK_AGAIN
        return None
    beside = [other for other, _ in found.values() if other is not row]
    for other in beside:
        w.track(other)
    w.kept.setdefault("parts", {})[row.id] = beside
    texts = [found[n][1].words if n in found else "（缺一段）" for n in range(1, part.total + 1)]
    media = tuple(medium for _, one in sorted(found.items()) for medium in one[1].media)
    return msgspec.structs.replace(first, words="".join(texts), media=media, part=None)


def settle(w: Work, row: ArrivalRow) -> None:
    """The other parts of a text that was read end as it did."""
    for other in w.kept.get("parts", {}).get(row.id, ()):
        other.state, other.body, other.next_at, other.error = row.state, row.body, None, None
        other.outcome, other.case_id = row.outcome, row.case_id
