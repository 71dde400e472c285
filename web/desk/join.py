"""并入 at the desk: this call goes onto a case that is there already, with one key or by its number."""

from __future__ import annotations

from uuid import UUID

import msgspec

from cases import merging, queries, states, views
from cases.file import CaseFile
from channels import joining
from channels.message import Inbound
from channels.message import Receipt as Acknowledged
from hotline import clock, db
from hotline.actor import Actor
from hotline.errors import Refusal, Say, invalid, not_found
from web.desk.call import Call, imagined

_WANTED = Say(
    "还没选并入哪一件：在“相似”里按 Alt+J，或在这里写它的编号。",
    "Choose the case: press Alt+J at a look-alike, or write its number here.",
)
_UNKNOWN = Say("没有找到这个编号，请核对。", "No case of that number; check it.")
_BECAME = """
    SELECT m.case_id, EXISTS (SELECT FROM request r WHERE r.receipt_no = m.receipt_no) AS is_request
    FROM inbound_message m WHERE m.id = $1
"""


class Followed(msgspec.Struct, frozen=True, kw_only=True):
    """The requester's own case that the words went on: its number, their receipt of it, whether it was reminded."""

    case: str
    receipt: str
    is_reminded: bool


def pressed(fields: dict[str, list[str]]) -> dict[str, list[str]]:
    """The form as the button of a look-alike sends it: joined to that case, whatever outcome was chosen."""
    number = (fields.get("join_now") or [""])[0]
    return {**fields, "outcome": ["join"], "join": [number]} if number else fields


async def check(actor: Actor, call: Call, told: Inbound) -> str:
    """The number of the case that the call goes onto.

    Raises 422 for a number that is none of the actor's, 409 with the reason when the two cannot go together.
    """
    if not call.join.strip():
        raise invalid({"join": _WANTED})
    async with db.reading() as connection:
        found = await queries.found(connection, actor, call.join.strip())
        parent = await _standing(connection, found) if found is not None else None
    if parent is None:
        raise invalid({"join": _UNKNOWN})
    is_own = joining.own_request(parent, told) is not None and not parent.case.is_sealed
    if not (is_own and parent.case.state in states.OPEN):
        refusal = merging.why_not(parent, imagined(call, clock.now()))
        if refusal is not None:
            raise Refusal(refusal.status, refusal.code, refusal.say, fields={"join": refusal.say})
    return parent.case.number


async def _standing(connection: db.Connection, case_id: UUID) -> CaseFile:
    """The case, or the one that it was merged into."""
    file = await views.read(connection, case_id)
    into = file.case.merged_into
    return await views.read(connection, into) if into is not None else file


async def followed(receipt: Acknowledged, told: Inbound) -> Followed | None:
    """The case that a message went onto as further words; None when it became a request of its own."""
    async with db.reading() as connection:
        row = await connection.fetchrow(_BECAME, receipt.message)
        if row is None or row["case_id"] is None or row["is_request"]:
            return None
        file = await views.read(connection, row["case_id"])
    own = joining.own_request(file, told)
    return _followed(file, own.receipt_no) if own is not None else None


async def shown(actor: Actor, number: str) -> Followed:
    """The page of one that was followed up, by the requester's own receipt; 404 beyond what the actor may see."""
    async with db.reading() as connection:
        found = await queries.found(connection, actor, number)
        if found is None:
            raise not_found()
        return _followed(await views.read(connection, found), number)


def _followed(file: CaseFile, receipt: str) -> Followed:
    request = file.request_no(receipt)
    is_reminded = request is not None and request.urged_at is not None
    return Followed(case=file.case.number, receipt=receipt, is_reminded=is_reminded)
