"""What a case page may show to one actor, already cut to what is theirs: absent, not hidden (domain.md 2.15)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from cases import events, events_care, ledger, scope, shares, site_visits, states, summary, wording
from cases.event import Event
from cases.file import CaseFile, Entry
from cases.rows import AssignmentRow, CaseRow, RequestRow, TextRow, VisitRow
from hotline import clock, db, people, vault
from hotline.actor import Actor
from hotline.errors import Say

PERSONAL = frozenset({"name", "phone", "address", "proxy_name", "about_person", "old_name", "old_phone"})
NOTES = frozenset({"note"})
WORDS = frozenset({"words", "place", "point", "title", "said", "no_place", "old_words", "old_place"})
"""What holds the requester's own words (a reminder's words are the centre's)."""
_AWAY = "SELECT {} FROM request WHERE home_id = $1 ORDER BY filed_at, id"


_NONE: frozenset[UUID] = frozenset()
CLAIMS = frozenset({"handled", "head_asked", "reported_up"})


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the timeline: when, who, the sentence, and the texts that this viewer may read."""

    seq: int
    kind: str
    at: datetime
    who: str
    behalf: str = ""
    """For whom they acted, if for somebody."""
    unit: str
    is_system: bool
    is_public: bool
    say: Say
    texts: Mapping[str, str]
    step: events_care.Escalated | None = None
    """Of a step on the ladder of levels: which one."""
    claim: Mapping[str, object] = {}
    """What a result says of the case, beside its texts: of what was submitted to a head or reported up."""


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """How somebody reads a case's entries. ``is_about``: of the house complained about, which reads its own only.

    ``own`` are the shares of their units, ``beside`` those whose results a lead's reply gathers; ``marks`` is what
    tells the requesters, for whoever may not know them.
    """

    actor: Actor
    is_shielded: bool
    is_about: bool
    is_unit: bool
    own: frozenset[UUID] = frozenset()
    beside: frozenset[UUID] = frozenset()
    marks: tuple[re.Pattern[str], ...] = ()


class Requester(msgspec.Struct, frozen=True, kw_only=True):
    """What this viewer may know of one request's requester; ``is_shielded`` when nothing at all."""

    request: UUID
    receipt_no: str
    state: str
    channel: str
    reply_by: str
    filed_at: datetime
    is_anonymous: bool
    is_shielded: bool
    may_reveal: bool
    name: str = ""
    phone: str = ""
    organisation_code: str = ""
    has_proxy: bool = False
    words: str = ""
    about_unit: str = ""
    has_about_person: bool = False
    visit_tries: int = 0
    first_grade: str = ""
    final_grade: str = ""
    rated_at: datetime | None = None


class CaseView(msgspec.Struct, frozen=True, kw_only=True):
    """A case as one actor may see it. ``summary`` stands for the words where the case is sealed for this viewer."""

    case: CaseRow
    seq: int
    is_shielded: bool
    reads_notes: bool
    title: str
    place: str
    words: Sequence[str]
    summary: str
    requesters: Sequence[Requester]
    assignments: Sequence[AssignmentRow]
    own: AssignmentRow | None
    lines: Sequence[Line]
    visits: Sequence[VisitRow]
    file: CaseFile


def shields(actor: Actor, case: CaseRow) -> bool:
    """Whether requester and words are absent for this viewer: units of a sealed case, third-level, complained about.

    Only the summary is theirs then, on every page, list, print, search and file (domain.md 2.15).
    """
    return scope.is_blind(actor, case.about_units, is_sealed=case.is_sealed)


def hides_place(actor: Actor, case: CaseRow) -> bool:
    """Whether the exact place is absent too; a third-level unit goes there, so it knows (domain.md 2.15)."""
    if not shields(actor, case):
        return False
    return case.is_sealed or scope.is_of_house(actor.unit, case.about_units)


async def read(connection: db.Connection, case_id: UUID) -> CaseFile:
    """The case without a lock, for looking only."""
    file = CaseFile()
    record = await connection.fetchrow(f"SELECT {ledger.columns(CaseRow)} FROM cases WHERE id = $1", case_id)
    requests = await connection.fetch(ledger.REQUESTS.format(ledger.columns(RequestRow)), case_id)
    assignments = await connection.fetch(ledger.ASSIGNMENTS.format(ledger.columns(AssignmentRow)), case_id)
    file.case = ledger.read_row(CaseRow, record)
    file.requests = {r["id"]: ledger.read_row(RequestRow, r) for r in requests}
    file.assignments = {a["id"]: ledger.read_row(AssignmentRow, a) for a in assignments}
    if file.case.merged_into is not None:
        away = await connection.fetch(_AWAY.format(ledger.columns(RequestRow)), case_id)
        file.at_door = {r["id"]: ledger.read_row(RequestRow, r) for r in away}
    return file


async def case_view(connection: db.Connection, actor: Actor, case_id: UUID) -> CaseView:
    """Everything the page of this case may show to ``actor``, in seven statements.

    ``case_id`` comes from ``queries.found``, which has asked whether the case is the actor's at all.
    """
    file = await read(connection, case_id)
    case = file.case
    file.slots, file.has_slots = await site_visits.of_case(connection, case_id), True
    entries = await ledger.entries(connection, case_id)
    visits = await connection.fetch(
        f"SELECT {ledger.columns(VisitRow)} FROM visit WHERE case_id = $1 ORDER BY at", case_id
    )
    names = await people.names({one for entry in entries if entry.row.actor_kind == "staff" for one in entry.persons})
    requests = [*file.requests.values(), *file.at_door.values()]
    shielded = shields(actor, case)
    own = shares.own(file, actor) if actor.units else None
    reader = _reader(actor, file, own, shielded=shielded)
    shown = _bare(actor, case) if shielded else case
    return CaseView(
        case=shown,
        seq=case.last_seq,
        is_shielded=shielded,
        reads_notes=scope.reads_notes(actor),
        title=shown.title,
        place=shown.place,
        words=[] if shielded else [r.words for r in requests if r.words],
        summary=case.summary,
        requesters=[_requester(actor, file, request, shielded=shielded) for request in file.requests.values()],
        assignments=list(file.assignments.values()),
        own=own,
        lines=[
            _line(entry, reader, names)
            for entry in entries
            if not (reader.is_unit and _is_centres(entry.event))
        ],
        visits=[VisitRow(**v) for v in visits],
        file=file,
    )


def _reader(actor: Actor, file: CaseFile, own: AssignmentRow | None, *, shielded: bool) -> Reader:
    """A county's own centre reads as a unit does where its own house is complained about."""
    is_about = shielded and scope.is_of_house(actor.unit, file.case.about_units)
    leads = own is not None and own.role == "lead"
    return Reader(
        actor=actor, is_shielded=shielded, is_about=is_about, is_unit=is_about or scope.is_of_unit(actor),
        own=frozenset(one.id for one in file.assignments.values() if one.unit in actor.units),
        beside=frozenset(one.id for one in file.live if one.role == "co") if leads else _NONE,
        marks=summary.marks_of([*file.requests.values(), *file.at_door.values()]) if shielded else (),
    )  # fmt: skip


def _bare(actor: Actor, case: CaseRow) -> CaseRow:
    """The case row without what tells who spoke and how; the place as far as it is this viewer's."""
    nowhere = {"place": "", "lat": None, "lon": None} if hides_place(actor, case) else {}
    title = case.title if case.is_sealed else scope.bare_title(case.kind, case.matter)
    return msgspec.structs.replace(
        case, title=title, line="", channel="", origin_no=None, origin_system=None, grams="",
        is_enterprise=False, is_vulnerable=False, **nowhere,
    )  # fmt: skip


def _requester(actor: Actor, file: CaseFile, request: RequestRow, *, shielded: bool) -> Requester:
    one = Requester(
        request=request.id,
        receipt_no=request.receipt_no,
        state=request.state,
        channel="" if shielded else request.channel,
        reply_by="" if shielded else request.reply_by,
        filed_at=request.filed_at,
        is_anonymous=request.is_anonymous and not shielded,
        is_shielded=shielded,
        may_reveal=False,
        visit_tries=request.visit_tries,
        first_grade=request.first_grade or "",
        final_grade=request.final_grade or "",
        rated_at=request.rated_at,
    )
    if shielded:
        return one
    has_personal = request.name is not None or request.phone is not None
    return msgspec.structs.replace(
        one,
        may_reveal=has_personal and may_reveal(actor, file.case),
        name=vault.mask_name(vault.unseal(request.name, "case_text.name")) if request.name else "",
        phone=vault.mask_phone(vault.unseal(request.phone, "case_text.phone")) if request.phone else "",
        organisation_code=request.organisation_code or "",
        has_proxy=request.proxy_name is not None,
        words=request.words or "",
        about_unit=request.about_unit or "",
        has_about_person=request.about_person is not None and not scope.is_of_unit(actor),
    )


def may_reveal(actor: Actor, case: CaseRow) -> bool:
    """Whether the actor may ask, with a reason, to see name and number (domain.md 2.15).

    Callback agents may; agents and a unit's handlers only when the case is not sealed.
    """
    if shields(actor, case):
        return False
    if "callback" in actor.roles:
        return True
    if actor.roles & {"agent", "shift_supervisor"} and not case.is_sealed:
        return True
    return bool(actor.roles & scope.UNIT_ROLES) and not case.is_sealed


def _is_centres(event: Event) -> bool:
    """For the centre alone: its own entries, and a supervisor's clock, which tells what was said."""
    told = getattr(event, "promises", None) or (event,)
    return event.audience == events.CENTRE or all(getattr(one, "stage", "") == "risk" for one in told)


def _line(entry: Entry, reader: Reader, names: Mapping[UUID, str]) -> Line:
    row = entry.row
    texts = {
        field: summary.without_requester(reader.marks, text.value)
        for field, text in entry.texts.items()
        if text.value and _may_read(entry, text, reader)
    }
    who = names.get(row.actor, "") if row.actor_kind == "staff" else ""
    return Line(
        seq=row.seq,
        kind=row.kind,
        at=row.at,
        who=who,
        behalf=names.get(behalf, "") if (behalf := entry.behalf) else "",
        unit=row.unit,
        is_system=row.actor_kind == "system",
        is_public=entry.event.audience == events.REQUESTER,
        say=_sentence(entry, shielded=reader.is_shielded),
        texts=texts,
        step=entry.event if isinstance(entry.event, events_care.Escalated) else None,
        claim=msgspec.structs.asdict(entry.event) if row.kind in CLAIMS else {},
    )


def _sentence(entry: Entry, *, shielded: bool) -> Say:
    """The sentence; by which door and line somebody came is theirs only who may know the requester."""
    if shielded and isinstance(entry.event, events.Registered):
        return states.KINDS[entry.event.request_kind]
    return wording.for_staff(entry.event, clock.local_day(entry.row.at))


def _is_own(entry: Entry, reader: Reader) -> bool:
    """Of the actor's units; and the result of a co-handler, which the lead's reply gathers (seed 000-12)."""
    event = entry.event
    if isinstance(event, events.Imported) or (isinstance(event, events.Handled) and event.assignment in reader.beside):
        return True
    return entry.row.unit in reader.actor.units


def _is_to(entry: Entry, reader: Reader) -> bool:
    """Whether an entry is addressed to the actor's units: to a share of theirs, or to them by name."""
    event = entry.event
    shares_named = {getattr(event, "assignment", None), getattr(event, "child", None)}
    named = {getattr(event, "unit", None), *getattr(event, "units", ())}
    return not shares_named.isdisjoint(reader.own) or not named.isdisjoint(reader.actor.units)


def _may_read(entry: Entry, text: TextRow, reader: Reader) -> bool:
    if text.field in PERSONAL or (text.audience == "centre" and reader.is_unit):
        return False
    is_own = _is_own(entry, reader)
    if text.field in NOTES and not (is_own if reader.is_unit else scope.reads_notes(reader.actor)):
        return False  # an internal note is read by its own unit, the lead beside it and the centre, by no other unit
    if reader.is_shielded and text.field in WORDS and not isinstance(entry.event, events.Reminded):
        return False
    if not reader.is_about or text.field == "summary" or text.audience == "requester":
        return True
    return is_own or _is_to(entry, reader)  # what others found out about it is not the accused's to read


def reveal(request: RequestRow, actor: Actor) -> dict[str, str]:
    """Name, number and address in the clear, for whoever ``may_reveal``; the caller has logged the reason.

    Who a complaint is about is for the centre: the unit learns the allegation, not from whom against whom.
    """
    sealed = {
        "name": request.name,
        "phone": request.phone,
        "address": request.address,
        "proxy_name": request.proxy_name,
        "about_person": None if scope.is_of_unit(actor) else request.about_person,
    }
    return {field: vault.unseal(value, f"case_text.{field}") for field, value in sealed.items() if value is not None}
