"""Those whose case is behind a notice hear that it was put right, and that they may rate the correction."""

from __future__ import annotations

from cases import ledger
from cases.notice_rows import NoticeRow
from cases.notice_sources import behind
from channels import ways
from channels.notify import say_day, send
from hotline.work import Work


async def on_verified(work: Work, row: NoticeRow) -> None:
    """One message to each requester of each case behind the notice, by the doors that they chose; never twice."""
    for case in await behind(work.connection, row):
        file = await ledger.opened(work, case_id=case)
        for request in file.requests.values():
            if request.state not in {"withdrawn", "erased"}:
                due, where = say_day(row.rate_until).in_(request.lang), ways.where(request.lang)
                send(work, file, request, "notice_rate", key=f"notice_rate:{row.id}", due=due, where=where)
