"""The projection computed again from the ledger: which rows a case should have, held against those it has.

Clocks are not made of events: what ``sla`` puts on the case row is told by the caller (``hotline.rebuild``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import msgspec

from cases import events, projections
from cases.events_merge import Joined, Unmerged
from cases.file import CaseFile, Entry
from cases.ledger import columns, read_row
from cases.rows import (
    AssignmentRow,
    CaseRow,
    EventRow,
    RatingRow,
    RecordRow,
    RequestRow,
    TextRow,
    VisitRow,
)
from cases.rows_site import SiteVisitRow
from hotline import db, vault
from hotline.work import Row

NOUNS: tuple[type[Row], ...] = (CaseRow, RequestRow, AssignmentRow, VisitRow, RatingRow, RecordRow, SiteVisitRow)
CAUSES = (
    "rating", "yellow", "red", "return_groundless", "card_cancelled", "rating_annulled", "withdrawal_solicited",
    "finding",
)
"""Supervision records that come from events; the others are not the projection's."""

_FIELDS = ("words", "title", "place", "point", "summary", "name", "phone", "address", "proxy_name", "about_person",
           "reply_to", "second_to")  # fmt: skip
_IDS = "SELECT case_id FROM case_event WHERE seq = 1 AND case_id > $1 ORDER BY case_id LIMIT $2"
_EVENTS = f"SELECT {columns(EventRow)} FROM case_event WHERE case_id = ANY($1) ORDER BY case_id, seq"
_TEXTS = "SELECT case_id, seq, field, value, sealed FROM case_text WHERE case_id = ANY($1) AND field = ANY($2)"
_OTHER = {"merged": "into", "joined": "child", "parted": "child", "unmerged": "parent"}
"""Kinds by which requests change their case, and the field that names the other one."""
_decoders = {kind: msgspec.json.Decoder(one, strict=False).decode for kind, one in events.KINDS.items()}

Rows = dict[tuple[str, UUID], Row]
"""Rows by table and id."""


class Difference(msgspec.Struct, frozen=True):
    """A row that is not as the ledger has it. ``have`` None: it is missing; ``want`` None: nothing made it."""

    case_id: UUID
    have: Row | None
    want: Row | None

    @property
    def names(self) -> tuple[str, ...]:
        """``table.column`` of each value that differs, or ``table (missing)``, ``table (extra)``."""
        if self.have is None or self.want is None:
            one = self.want or self.have
            return (f"{one.table if one else ''} ({'missing' if self.have is None else 'extra'})",)
        have, want = self.have, self.want
        return tuple(
            f"{have.table}.{name}" for name in have.__struct_fields__ if getattr(have, name) != getattr(want, name)
        )


async def case_ids(connection: db.Connection, after: UUID, limit: int) -> list[UUID]:
    """The next cases of the ledger in order of id."""
    return [record["case_id"] for record in await connection.fetch(_IDS, after, limit)]


async def replayed(connection: db.Connection, ids: Sequence[UUID]) -> tuple[dict[UUID, CaseFile], Rows]:
    """What the ledger makes of these cases: each as a file, and all their rows.

    Cases that requests came from or went to are replayed along with them, for requests are made by the events of one
    case and moved by those of two; their own rows are not among the answer.
    """
    wanted = set(ids)
    files, fresh = replay(await _lines(connection, ids))
    files = {case_id: file for case_id, file in files.items() if case_id in wanted}
    want: Rows = {_name(one): one for one in fresh if _case_of(one) in wanted}
    for file in files.values():
        for one in (file.case, *file.requests.values(), *file.assignments.values()):
            want[_name(one)] = one
    return files, want


async def family(connection: db.Connection, case_id: UUID) -> list[UUID]:
    """The case and all that requests ever moved between it and others, directly or through them."""
    return sorted(await _lines(connection, [case_id]))


async def _lines(connection: db.Connection, ids: Sequence[UUID]) -> dict[UUID, list[Entry]]:
    """The events of these cases and of all that they exchanged requests with, each case's in order."""
    texts: dict[tuple[UUID, int], dict[str, TextRow]] = defaultdict(dict)
    lines: dict[UUID, list[Entry]] = defaultdict(list)
    more = set(ids)
    while more:
        asked, more = list(more), set()
        for case_id, seq, field, value, sealed in await connection.fetch(_TEXTS, asked, _FIELDS):
            texts[case_id, seq][field] = TextRow(
                case_id=case_id, seq=seq, field=field, audience="", salt=None, value=value, sealed=sealed
            )
        for record in await connection.fetch(_EVENTS, asked):
            row = EventRow(**record)
            event = _decoders[row.kind](row.data)
            lines[row.case_id].append(Entry(row=row, event=event, texts=texts.get((row.case_id, row.seq), {})))
            if row.kind in _OTHER:
                more.add(getattr(event, _OTHER[row.kind]))
        more -= set(lines)
    return lines


def replay(lines: Mapping[UUID, Sequence[Entry]]) -> tuple[dict[UUID, CaseFile], list[Row]]:
    """The files that these events make, with what they made beside the cases (visits, ratings, records). Pure.

    An event that takes requests over from another case first brings that one to the event it names: so each request
    is taken as it stood then. Who takes and who gives alternate in time, so that no case waits for itself.
    """
    files: dict[UUID, CaseFile] = defaultdict(CaseFile)
    fresh: list[Row] = []
    waiting: list[tuple[UUID, int]] = [(case_id, len(entries)) for case_id, entries in lines.items()]
    done: dict[UUID, int] = defaultdict(int)
    while waiting:
        case_id, until = waiting[-1]
        entries = lines.get(case_id, ())
        while done[case_id] < min(until, len(entries)):
            entry = entries[done[case_id]]
            giver, seq = taken_from(entry)
            if giver is not None and done[giver] < seq and giver in lines:
                waiting.append((giver, seq))
                break
            if giver is not None:
                _hand_over(entry, files[giver], files[case_id])
            projections.apply(files[case_id], entry)
            done[case_id] += 1
            fresh += files[case_id].fresh
        else:
            waiting.pop()
    return files, fresh


def taken_from(entry: Entry) -> tuple[UUID | None, int]:
    """From which case this event takes requests over, and the ``seq`` of that one's event that gave them."""
    event = entry.event
    if isinstance(event, Joined):
        return event.child, event.seq
    if isinstance(event, Unmerged):
        return event.parent, event.seq
    return None, 0


def _hand_over(entry: Entry, giver: CaseFile, taker: CaseFile) -> None:
    for one in entry.event.requests:  # type: ignore[attr-defined]  # the two kinds of ``taken_from``
        taker.at_door[one] = giver.at_door.pop(one)


def _name(row: Row) -> tuple[str, UUID]:
    return row.table, row.id  # type: ignore[attr-defined] # every noun has one


async def held(connection: db.Connection, ids: Sequence[UUID], *, lock: bool = False) -> Rows:
    """The rows that the tables hold of these cases; with ``lock`` the case rows are locked first."""
    have: Rows = {}
    for noun in NOUNS:
        where = "id = ANY($1)" if noun is CaseRow else "case_id = ANY($1)"
        args: list[object] = [ids]
        if noun is RecordRow:
            where, args = f"{where} AND cause = ANY($2)", [ids, CAUSES]
        tail = " ORDER BY id FOR UPDATE" if lock and noun is CaseRow else ""
        sql = f"SELECT {columns(noun)} FROM {noun.table} WHERE {where}{tail}"
        for record in await connection.fetch(sql, *args):
            have[noun.table, record["id"]] = read_row(noun, record)
    return have


def index_addresses(want: Iterable[Row], have: Rows) -> None:
    """Give each request the blind indexes of its phone and of its other address.

    One under an older key that is still alive stays as it is.
    """
    for row in want:
        if not isinstance(row, RequestRow):
            continue
        old = have.get((row.table, row.id))
        if row.phone is not None:
            number = vault.unseal(row.phone, "case_text.phone")
            kept = old.phone_index if isinstance(old, RequestRow) else None
            row.phone_index = kept if kept in vault.phone_indexes(number) else vault.phone_index(number)
        if row.reply_to is not None:
            address = vault.unseal(row.reply_to, "case_text.reply_to")
            kept = old.reply_index if isinstance(old, RequestRow) else None
            live = vault.reply_indexes(row.reply_by, address)
            row.reply_index = kept if kept in live else live[0]


def differences(want: Rows, have: Rows) -> list[Difference]:
    """Every row that differs, is missing or is too much."""
    found = [Difference(_case_of(row), have.get(key), row) for key, row in want.items() if have.get(key) != row]
    found += [Difference(_case_of(row), row, None) for key, row in have.items() if key not in want]
    return found


def _case_of(row: Row) -> UUID:
    owner: UUID = row.id if isinstance(row, CaseRow) else row.case_id  # type: ignore[attr-defined] # every other noun has one
    return owner
