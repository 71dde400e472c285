"""What an outage does on the cases that it answers: linked and unlinked, told that it is over, said to be going on."""

from __future__ import annotations

from uuid import UUID

from cases import outages
from cases.events_outage import OutageLinked, OutageOver, OutageStill, OutageUnlinked
from cases.file import CaseFile, Entry, Text
from cases.ledger import append
from cases.moves_outage import KNOWN
from cases.outage_rows import LinkRow, Outage
from cases.rows import RequestRow
from hotline.errors import Refusal, conflict, not_found
from hotline.work import Work

_LINKED = "SELECT TRUE FROM outage_link WHERE outage_id = $1 AND request_id = $2"
_LINKED_ALL = "SELECT request_id FROM outage_link WHERE outage_id = $1 AND request_id = ANY($2)"
_HELD = "SELECT told_round FROM outage_link WHERE outage_id = $1 AND request_id = $2 FOR UPDATE"
_UNLINK = "DELETE FROM outage_link WHERE outage_id = $1 AND request_id = $2"
_LAST = """
    SELECT outage_id FROM outage_link WHERE request_id = $1 AND told_round > 0 AND still_at IS NULL
    ORDER BY told_at DESC LIMIT 1 FOR UPDATE
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
        raise _linked_already()
    work.add(
        LinkRow(outage_id=outage, request_id=request.id, case_id=file.case.id, at=work.now, wants_news=wants_news)
    )
    event = OutageLinked(
        outage=outage, number=one.number, supply=one.kind, request=request.id, wants_news=wants_news
    )
    return await append(work, file, event)


async def link_all(work: Work, file: CaseFile, *, outage: UUID) -> None:
    """The same for every requester of a case who is not linked yet and still hears of it. 409 when nobody is left."""
    rows = await work.connection.fetch(_LINKED_ALL, outage, list(file.requests))
    linked = {row["request_id"] for row in rows}
    left = [one for one in file.requests.values() if one.state in KNOWN and one.id not in linked]
    if not left:
        raise _linked_already()
    for request in left:
        await link(work, file, request, outage=outage)


def _linked_already() -> Refusal:
    return conflict("outage_linked", "已经关联这条停供通知。", "It is linked with that outage already.")


async def unlink_all(work: Work, file: CaseFile, *, outage: UUID) -> None:
    """取消关联, of all requesters of a case whom it may be of: it was another matter.

    404 when none is linked, 409 once they were told that it is over.
    """
    one, known, undone = await outages.one(work.connection, outage), False, False
    for request in file.requests.values():
        row = await work.connection.fetchrow(_HELD, outage, request.id)
        known = known or row is not None
        if row is None or request.state not in KNOWN or (not one.is_on and row["told_round"] == one.round):
            continue
        await work.connection.execute(_UNLINK, outage, request.id)
        event = OutageUnlinked(outage=outage, number=one.number, supply=one.kind, request=request.id)
        await append(work, file, event)
        undone = True
    if not known:
        raise not_found()
    if not undone:
        raise conflict("outage_told", "已经告知过诉求人，不能再取消关联。", "They were told already; it stays linked.")


async def tell(work: Work, file: CaseFile, request: RequestRow, one: Outage) -> Entry:
    """恢复 (or withdrawn): said to one requester. Whether it was said before is the caller's to know."""
    event = OutageOver(
        outage=one.id, number=one.number, supply=one.kind, request=request.id, round=one.round,
        is_wrong=one.state == "withdrawn",
    )  # fmt: skip
    words = Text(value=one.over_words, audience="requester", request=request.id)
    return await append(work, file, event, {"words": words})


async def still(work: Work, file: CaseFile, request: RequestRow, *, channel: str) -> Outage:
    """还没恢复: the requester says so, once after each time that they were told. 404 when they were told of none."""
    row = await work.connection.fetchrow(_LAST, request.id)
    if row is None:
        raise not_found()
    one = await outages.one(work.connection, row["outage_id"])
    await work.connection.execute(_STILL, one.id, request.id, work.now)
    event = OutageStill(outage=one.id, number=one.number, supply=one.kind, request=request.id, channel=channel)
    await append(work, file, event)
    return one
