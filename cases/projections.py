"""Events become the current state: one small function a kind, pure, so that ``rebuild()`` gives the identical rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cases import events as e
from cases import (
    pauses,
    projections_audit,
    projections_care,
    projections_conference,
    projections_desk,
    projections_extend,
    projections_hands,
    projections_knowledge,
    projections_ladder,
    projections_merge,
    projections_notice,
    projections_outage,
    projections_pause,
    projections_rating,
    projections_route,
    projections_theme,
    projections_visit,
)
from cases.ending import end_case
from cases.file import CaseFile, Entry
from cases.indexing import index
from cases.moves import MOVES
from cases.projections_import import imported
from cases.projections_unit import UNIT
from cases.rows import CaseRow, RatingRow, RecordRow, RequestRow
from cases.states import ENDED


def apply(file: CaseFile, entry: Entry) -> None:
    """Bring ``file`` to the state after ``entry``. The same entries in the same order give the same file."""
    file.fresh = []
    event = entry.event
    _move(file, event)
    own = _OWN.get(event.kind)
    if own is not None:
        own(file, event, entry)
    case = file.case
    projections_care.about(file)
    pauses.settle(file)
    case.last_seq, case.last_hash = entry.row.seq, entry.row.hash
    case.is_open = case.state not in ENDED


def _move(file: CaseFile, event: e.Event) -> None:
    move = MOVES[event.kind]
    if move.part is not None and move.part_to is not None:
        part = file.assignments if move.part == "assignment" else file.requests
        part[getattr(event, move.part)].state = move.part_to
    if move.case_to is not None and file.case is not None and not _is_beside(file, event):
        file.case.state = move.case_to


def _is_beside(file: CaseFile, event: e.Event) -> bool:
    """A co-handler or a lower unit that leaves does not move the case; only the lead does."""
    leaving = event.assignment if isinstance(event, e.Recalled | e.ReturnApproved) else None
    return leaving is not None and file.assignments[leaving].role != "lead"


def _text(entry: Entry, field: str) -> str:
    row = entry.texts.get(field)
    return (row.value or "") if row is not None else ""


def _sealed(entry: Entry, field: str) -> bytes | None:
    row = entry.texts.get(field)
    return row.sealed if row is not None else None


def _registered(file: CaseFile, event: e.Registered, entry: Entry) -> None:
    file.case = CaseRow(
        id=entry.row.case_id,
        number=event.number,
        kind=event.request_kind,
        urgency=event.urgency,
        matter=event.matter,
        title=_text(entry, "title"),
        county=event.county,
        township=event.township,
        place=_text(entry, "place"),
        lat=_point(entry)[0],
        lon=_point(entry)[1],
        line=event.line,
        channel=event.channel,
        is_confidential=event.is_confidential,
        is_minor=event.is_minor,
        is_investigation=event.is_investigation,
        is_vulnerable=event.is_vulnerable,
        is_enterprise=event.requester_kind == "enterprise",
        opened_at=event.filed_at,
        origin_no=event.origin_no, origin_system=event.origin_system,
    )
    file.requests[event.request] = _requested(event, entry)
    index(file)


def _point(entry: Entry) -> tuple[float | None, float | None]:
    lat, _, lon = _text(entry, "point").partition(",")
    return (float(lat), float(lon)) if lon else (None, None)


def _requested(event: e.Registered, entry: Entry) -> RequestRow:
    return RequestRow(
        id=event.request,
        case_id=entry.row.case_id,
        receipt_no=event.number,
        code_hash=bytes.fromhex(event.code),
        kind=event.request_kind,
        channel=event.channel,
        line=event.line,
        reply_by=event.reply_by,
        requester_kind=event.requester_kind,
        words=_text(entry, "words") or None,
        name=_sealed(entry, "name"),
        phone=_sealed(entry, "phone"),
        address=_sealed(entry, "address"),
        reply_to=_sealed(entry, "reply_to"),
        second_by=event.second_by,
        second_to=_sealed(entry, "second_to"),
        organisation_code=event.organisation_code,
        proxy_name=_sealed(entry, "proxy_name"),
        about_unit=event.about_unit,
        about_person=_sealed(entry, "about_person"),
        is_anonymous=event.is_anonymous,
        filed_at=event.filed_at,
        filed_by=event.filed_by,
        origin_no=event.origin_no, origin_system=event.origin_system,
        account_id=event.account,
        portal=event.portal,
        lang=event.lang,
    )


def _accepted(file: CaseFile, event: e.Accepted, entry: Entry) -> None:
    case = file.case
    before = (case.title, case.place, case.summary)
    case.matter, case.county, case.township = event.matter, event.county, event.township
    case.urgency = projections_care.urgency_of(file, event.urgency)
    case.accepted_at, case.accepted_by = entry.row.at, entry.row.actor
    case.summary = _text(entry, "summary")
    case.title = _text(entry, "title") or case.title
    case.place = _text(entry, "place") or case.place
    if (case.title, case.place, case.summary) != before:
        index(file)


def _declined(file: CaseFile, event: e.Declined, entry: Entry) -> None:
    end_case(file, event.reason, entry)


def _transferred(file: CaseFile, event: e.Transferred, entry: Entry) -> None:
    end_case(file, "statutory_channel" if event.is_statutory else event.kind, entry)


def _answered(file: CaseFile, event: e.Answered, entry: Entry) -> None:
    end_case(file, event.kind, entry)


def _withdrawn(file: CaseFile, event: e.Withdrawn, entry: Entry) -> None:
    end_case(file, event.kind, entry)
    projections_audit.to_check(file, event.request, entry)


def _closed(file: CaseFile, event: e.Closed, entry: Entry) -> None:
    end_case(file, event.reason, entry)


def _approved(file: CaseFile, event: e.Approved, entry: Entry) -> None:
    undrawn = {one.request for one in event.draws if not one.is_drawn}
    for request in file.requests.values():
        if request.state == "open" and request.id in undrawn:
            request.state, request.exempt_by = "exempt", "sample"
        elif request.state == "open" and request.id in event.exempt:
            request.state, request.exempt_by = "exempt", "no_contact"
        elif request.state == "open":
            request.state = "awaiting_visit"


def _rated(file: CaseFile, event: e.Rated, entry: Entry) -> None:
    request = file.requests[event.request]
    request.rated_at, request.final_grade = entry.row.at, event.grade
    request.first_grade = request.first_grade or event.grade
    rating = file.ratings[event.rating] = RatingRow(
        id=event.rating,
        case_id=file.case.id,
        request_id=event.request,
        unit=event.unit,
        grade=event.grade,
        raw_grade=event.raw_grade,
        scale=event.scale,
        channel=event.channel,
        at=entry.row.at,
    )
    file.fresh += [
        rating,
        RecordRow(
            id=event.record,
            cause="rating",
            cause_id=event.rating,
            case_id=file.case.id,
            unit=event.unit,
            at=entry.row.at,
            grade=event.grade,
        ),
    ]


def _urged(file: CaseFile, event: e.Urged, entry: Entry) -> None:
    file.case.urge_count += 1
    file.requests[event.request].urged_at = entry.row.at


def _erased(file: CaseFile, event: e.Erased, entry: Entry) -> None:
    for identifier in event.requests:
        request = file.requests[identifier]
        request.state = "erased"
        request.words = request.name = request.phone = request.phone_index = request.address = None
        request.proxy_name = request.about_person = request.account_id = None
        request.reply_to = request.reply_index = request.second_to = None
    if any(one.home_id is None and one.state != "erased" for one in file.requests.values()):
        return  # only somebody's who had joined: the case keeps its own words
    file.case.title = file.case.summary = file.case.place = ""
    file.case.lat = file.case.lon = None
    index(file)


def _clustered(file: CaseFile, event: e.Clustered, entry: Entry) -> None:
    file.case.is_mass = event.size == "mass"


_OWN: dict[str, Callable[[CaseFile, Any, Entry], None]] = {
    **UNIT,
    "registered": _registered,
    "accepted": _accepted,
    "declined": _declined,
    "transferred": _transferred,
    "answered": _answered,
    "withdrawn": _withdrawn,
    "approved": _approved,
    "closed": _closed,
    "rated": _rated,
    "urged": _urged,
    "imported": imported,
    "erased": _erased,
    "clustered": _clustered,
    **projections_care.OWN,
    **projections_hands.OWN,
    **projections_conference.OWN,
    **projections_merge.OWN,
    **projections_route.OWN,
    **projections_pause.OWN,
    **projections_extend.OWN,
    **projections_ladder.OWN,
    **projections_visit.OWN,
    **projections_audit.OWN,
    **projections_rating.OWN,
    **projections_notice.OWN,
    **projections_theme.OWN,
    **projections_desk.OWN,
    **projections_knowledge.OWN,
    **projections_outage.OWN,
}
