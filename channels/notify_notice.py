"""Those whose case is behind a notice hear that it was put right, and that they may rate the correction."""

from __future__ import annotations

from uuid import UUID

from cases import ledger
from cases.notice_rows import NoticeRow
from cases.notice_sources import behind
from channels import ways
from channels.notify import say_day, send
from hotline.work import Work


async def on_verified(work: Work, row: NoticeRow) -> None:
    """One message to each requester of each case behind the notice, by the doors that they chose; never twice."""
    told: set[UUID] = set()
    for case in await behind(work.connection, row):
        file = await ledger.opened(work, case_id=case)
        if file.case.merged_into is not None:  # its requests wait in the case that it went into
            file = await ledger.opened(work, case_id=file.case.merged_into)
        for request in file.requests.values():
            is_concerned = case in (file.case.id, request.home_id)
            if is_concerned and request.id not in told and request.state not in {"withdrawn", "erased"}:
                told.add(request.id)
                due, where = say_day(row.rate_until).in_(request.lang), ways.where(request.lang)
                send(work, file, request, "notice_rate", key=f"notice_rate:{row.id}", due=due, where=where)
