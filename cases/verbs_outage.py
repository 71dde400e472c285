"""What an outage does on the cases that it answers: linked, told that it is over, said to be going on."""

from __future__ import annotations

from uuid import UUID

from cases import outages
from cases.events_outage import OutageLinked, OutageOver, OutageStill
from cases.file import CaseFile, Entry, Text
from cases.ledger import append
from cases.outage_rows import LinkRow, Outage
from cases.rows import RequestRow
from hotline.errors import conflict, not_found
from hotline.work import Work

_LINKED = "SELECT TRUE FROM outage_link WHERE outage_id = $1 AND request_id = $2"
_LAST = """
    SELECT l.outage_id, l.told_round FROM outage_link l JOIN outage o ON o.id = l.outage_id
    WHERE l.request_id = $1 AND l.told_round > 0 ORDER BY l.told_at DESC LIMIT 1 FOR UPDATE OF l
"""
_STILL = "UPDATE outage_link SET still_at = $3 WHERE outage_id = $1 AND request_id = $2"


async def link(work: Work, file: CaseFile, request: RequestRow, *, outage: UUID, wants_news: bool = True) -> Entry:
    """同一停供: this requester's is the outage. 409 for a withdrawn notice and for one that is linked already.

    One that ended while the call was logged is linked all the same: the requester is told at once.
    """
    one = await outages.one(work.connection, outage)
    if one.state == "withdrawn":
        raise conflict(
            "outage_withdrawn", "这条停供通知已经撤回，请照常受理。", "That notice was withdrawn; take it up."
        )
    if await work.connection.fetchval(_LINKED, outage, request.id):
        raise conflict("outage_linked", "已经关联这条停供通知。", "It is linked with that outage already.")
    work.add(
        LinkRow(outage_id=outage, request_id=request.id, case_id=file.case.id, at=work.now, wants_news=wants_news)
    )
    event = OutageLinked(
        outage=outage, number=one.number, supply=one.kind, request=request.id, wants_news=wants_news
    )
    return await append(work, file, event)


async def tell(work: Work, file: CaseFile, request: RequestRow, one: Outage) -> Entry:
    """恢复 (or withdrawn): said to one requester. Whether it was said before is the caller's to know."""
    event = OutageOver(
        outage=one.id, number=one.number, supply=one.kind, request=request.id, round=one.round,
        is_wrong=one.state == "withdrawn",
    )  # fmt: skip
    words = Text(value=one.over_words, audience="requester", request=request.id)
    return await append(work, file, event, {"words": words})


async def still(work: Work, file: CaseFile, request: RequestRow, *, channel: str) -> Outage:
    """还没恢复: the requester says so after they were told. 404 when they were told of none."""
    row = await work.connection.fetchrow(_LAST, request.id)
    if row is None:
        raise not_found()
    one = await outages.one(work.connection, row["outage_id"])
    await work.connection.execute(_STILL, one.id, request.id, work.now)
    event = OutageStill(outage=one.id, number=one.number, supply=one.kind, request=request.id, channel=channel)
    await append(work, file, event)
    return one
