"""Many cases opened at once for one transaction: those that nobody holds, in a few round trips."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from cases.file import CaseFile
from cases.ledger import columns, read_row
from cases.rows import AssignmentRow, CaseRow, RequestRow
from hotline.work import Work

_CASES = f"SELECT {columns(CaseRow)} FROM cases WHERE id = ANY($1::uuid[]) FOR UPDATE SKIP LOCKED"
_REQUESTS = f"SELECT {columns(RequestRow)} FROM request WHERE case_id = ANY($1::uuid[]) ORDER BY filed_at, id"
_ASSIGNMENTS = f"""
    SELECT {columns(AssignmentRow)} FROM assignment WHERE case_id = ANY($1::uuid[]) ORDER BY dispatched_at, id
"""


async def opened_free(work: Work, cases: Sequence[UUID]) -> list[CaseFile]:
    """Those of these cases that no other transaction holds, locked, in the order asked for; nothing is waited for.

    ``ledger.opened`` knows them from then on.
    """
    records = await work.connection.fetch(_CASES, list(cases))
    work.waited()
    files: dict[UUID, CaseFile] = {}
    for record in records:
        file = files[record["id"]] = CaseFile()
        file.case = read_row(CaseRow, record)
    ids = list(files)
    requests = await work.connection.fetch(_REQUESTS, ids)
    assignments = await work.connection.fetch(_ASSIGNMENTS, ids)
    for record in requests:
        files[record["case_id"]].requests[record["id"]] = read_row(RequestRow, record)
    for record in assignments:
        files[record["case_id"]].assignments[record["id"]] = read_row(AssignmentRow, record)
    kept: dict[UUID, CaseFile] = work.kept.setdefault("cases", {})
    for file in files.values():
        for row in (file.case, *file.requests.values(), *file.assignments.values()):
            work.track(row)
        kept[file.case.id] = file
    return [files[one] for one in cases if one in files]
