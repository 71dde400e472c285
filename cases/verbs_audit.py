"""What an audit does to a case: findings and what they upset; withdrawals checked; claims made and decided."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from cases import events_audit as a
from cases import ledger, verbs
from cases.file import CaseFile, Entry, Text
from cases.ledger import append, columns, read_row
from cases.rows import AssignmentRow, RatingRow, RequestRow
from cases.states import RATEABLE
from cases.states_audit import TO_CHECK
from hotline import db
from hotline.errors import conflict
from hotline.ids import new_id
from hotline.work import Work

_GRADED = """
    SELECT count(*) FROM visit WHERE request_id = $1 AND grade IS NOT NULL AND at > coalesce(
        (SELECT max(at) FROM rating WHERE request_id = $1 AND annulled_at IS NOT NULL), '-infinity')
"""
"""Visits with a grade since the last that was annulled."""
_RATINGS = f"SELECT {columns(RatingRow)} FROM rating WHERE case_id = $1 ORDER BY at, id"


async def load_ratings(work: Work, file: CaseFile) -> dict[UUID, RatingRow]:
    """The ratings of the case, annulled ones too, tracked for change; read once a transaction."""
    if not file.has_ratings:
        for key, row in (await ratings_of(work.connection, file.case.id)).items():
            if key not in file.ratings:
                file.ratings[key] = row
                work.track(row)
        file.has_ratings = True
    return file.ratings


async def ratings_of(connection: db.Connection, case_id: UUID) -> dict[UUID, RatingRow]:
    """The ratings of a case by id, annulled ones too, for reading only."""
    return {row["id"]: read_row(RatingRow, row) for row in await connection.fetch(_RATINGS, case_id)}


async def found(
    work: Work, file: CaseFile, *, finding: UUID, number: str, what: str, source: str, words: str, unit: str = ""
) -> Entry:
    """A finding stands in the case's ledger; a unit's own in its supervision record too."""
    event = a.AuditFound(
        finding=finding, number=number, what=what, source=source, unit=unit, record=new_id() if unit else None
    )
    return await append(work, file, event, {"words": Text(value=words, audience="centre")})


async def lift(work: Work, file: CaseFile, *, finding: UUID, number: str, reason: str) -> Entry:
    """申诉成立."""
    event = a.FindingLifted(finding=finding, number=number)
    return await append(work, file, event, {"reason": Text(value=reason, audience="centre")})


async def annul(
    work: Work, file: CaseFile, request: RequestRow, *, reason: str, finding: UUID | None = None,
    since: datetime | None = None,
) -> Entry | None:  # fmt: skip
    """评价作废: the request's standing rating counts nowhere. None when there is none.

    ``since``: when the visit was made that is found fault with; 409 for a rating older than that, which is another's.
    """
    ratings = await load_ratings(work, file)
    row = next((one for one in ratings.values() if one.request_id == request.id and one.annulled_at is None), None)
    if row is None:
        return None
    if since is not None and row.at < since:
        raise conflict(
            "rating_earlier",
            "这条评价早于这次回访，是诉求人上一次给的，不因这次回访作废。",
            "This rating is older than the visit: it was given before, and stands whatever the visit was worth.",
        )
    graded = await work.connection.fetchval(_GRADED, request.id)
    event = a.RatingAnnulled(
        rating=row.id, request=request.id, reason=reason, finding=finding, record=new_id(), unit=row.unit,
        first_grade=request.first_grade, final_grade=request.final_grade, keeps_first=graded > 1,
    )  # fmt: skip
    return await append(work, file, event)


async def restore(work: Work, file: CaseFile, *, finding: UUID) -> Entry | None:
    """评价恢复: what this finding annulled stands again. None when it annulled none, or another grade came or will."""
    if file.case.state not in RATEABLE:
        return None
    await load_ratings(work, file)
    past = await ledger.entries(work.connection, file.case.id)
    was = next(
        (one.event for one in past if isinstance(one.event, a.RatingAnnulled) and one.event.finding == finding), None
    )
    if was is None or file.requests[was.request].rated_at is not None:
        return None
    event = a.RatingRestored(
        rating=was.rating, request=was.request, first_grade=was.first_grade, final_grade=was.final_grade
    )
    return await append(work, file, event)


async def wish_withdrawal(
    work: Work, file: CaseFile, request: RequestRow, *, words: str = "", told_by: str = "requester"
) -> Entry:
    """要求撤单 of what a unit has: noted for the check, and nothing else moves."""
    if file.case.lead_unit is None:
        raise conflict(
            "no_unit", "还没有单位在办，直接撤单即可。", "No unit has it yet; it can be withdrawn at once."
        )
    event = a.WithdrawalWished(request=request.id, unit=file.case.lead_unit, told_by=told_by)
    return await append(work, file, event, {"words": Text(value=words, audience="centre", request=request.id)})


async def check_withdrawal(
    work: Work,
    file: CaseFile,
    request: RequestRow,
    *,
    verdict: str,
    is_solved: bool | None = None,
    by_unit: str | None = None,
    ledger: str | None = None,
    said: str = "",
) -> Entry:
    """撤单核查: ``free`` lets it go, ``kept`` and ``unreached`` keep a wish from moving anything.

    A withdrawal done before a unit had it that was not of free will is taken up again.
    """
    if verdict == "unreached" and request.withdraw_state == TO_CHECK:
        by_unit = None
    event = a.WithdrawalChecked(
        request=request.id, verdict=verdict, is_solved=is_solved, by_unit=by_unit,
        ledger=ledger if verdict == "kept" else None, record=new_id() if by_unit else None,
    )  # fmt: skip
    return await append(work, file, event, {"said": Text(value=said, audience="centre")})


async def strike(work: Work, file: CaseFile, request: RequestRow, *, reason: str) -> Entry:
    """销账."""
    return await append(
        work, file, a.WithdrawalStruck(request=request.id), {"reason": Text(value=reason, audience="centre")}
    )


async def claim(
    work: Work, file: CaseFile, share: AssignmentRow, *, claim: str, reason: str, basis: str
) -> Entry:
    """申请认定. Whether there is still time: ``sla.claims.check_time``."""
    event = a.Claimed(assignment=share.id, claim=claim)
    return await append(work, file, event, {"reason": Text(value=reason), "basis": Text(value=basis)})


async def decide_claim(
    work: Work, file: CaseFile, share: AssignmentRow, *, is_upheld: bool, reason: str, reply: str = ""
) -> None:
    """认定. Upheld for the lead, the case is closed with that reason unless it must be visited all the same."""
    event = a.ClaimDecided(assignment=share.id, claim=share.claim or "", is_upheld=is_upheld)
    texts = {"reason": Text(value=reason)}
    if is_upheld:
        texts["reply"] = Text(value=reply, audience="requester")
    was_open = file.case.is_open
    await append(work, file, event, texts)
    if is_upheld and was_open and share.role == "lead" and not file.unsettled:
        await verbs.close(work, file, reason=event.claim)


async def reverse_claim(work: Work, file: CaseFile, share: AssignmentRow, *, reason: str) -> Entry:
    """申诉后撤销认定: it counts again; a case that was closed for it is for ``verbs_visit.reopen``."""
    event = a.ClaimReversed(assignment=share.id, claim=share.claim or "")
    return await append(work, file, event, {"reason": Text(value=reason)})
