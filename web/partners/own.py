"""A partner's own requests: found by our number or by theirs, never another's (404 then, as if there were none)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cases import grades, track
from channels.partners import Partner
from hotline import db
from hotline.errors import Say, not_found
from web.partners.shapes import Named, Sentence, State

_OWN = """
    SELECT r.receipt_no, coalesce(r.origin_no, '') AS origin_no, r.state, c.lead_unit,
        c.kind = 'report' OR r.kind = 'report' OR c.is_confidential AS is_sealed
    FROM request r JOIN cases c ON c.id = r.case_id WHERE r.origin_system = $1 AND {} LIMIT 1
"""
_RAW = """
    SELECT t.raw_grade, t.scale FROM rating t JOIN request r ON r.id = t.request_id
    WHERE r.receipt_no = $1 AND t.annulled_at IS NULL
"""
_WAITING = """
    SELECT receipt_no, received_at FROM inbound_message
    WHERE channel = $1 AND state <> 'made' AND starts_with(provider_id, $2) AND {} LIMIT 1
"""


def message_id(partner: Partner, origin_no: str) -> str:
    """What makes a message of a partner unique: its own number."""
    return f"{partner.code}:no:{origin_no}"


async def by_number(connection: db.Connection, partner: Partner, number: str) -> State:
    """The state of the request with our number."""
    row = await connection.fetchrow(_OWN.format("r.receipt_no = $2"), partner.code, number)
    if row is not None:
        return await _made(connection, row)
    prefix = f"{partner.code}:"
    waiting = await connection.fetchrow(_WAITING.format("receipt_no = $3"), partner.channel, prefix, number)
    return _waiting(waiting, "")


async def by_origin(connection: db.Connection, partner: Partner, origin_no: str) -> State:
    """The state of the request with the partner's number."""
    row = await connection.fetchrow(_OWN.format("r.origin_no = $2"), partner.code, origin_no)
    if row is not None:
        return await _made(connection, row)
    one = message_id(partner, origin_no)
    return _waiting(await connection.fetchrow(_WAITING.format("provider_id = $2"), partner.channel, one), origin_no)


async def demand(connection: db.Connection, partner: Partner, number: str) -> None:
    """The 404 refusal unless the partner filed the request and there is a case of it."""
    if await connection.fetchrow(_OWN.format("r.receipt_no = $2"), partner.code, number) is None:
        raise not_found()


def _waiting(row: Mapping[str, Any] | None, origin_no: str) -> State:
    """A message that was acknowledged and is no case yet: seconds, usually."""
    if row is None:
        raise not_found()
    return State(
        number=row["receipt_no"], origin_no=origin_no, state="received", state_say=_say(track.RECEIVED),
        filed_at=row["received_at"],
    )  # fmt: skip


async def _made(connection: db.Connection, row: Mapping[str, Any]) -> State:
    one = await track.read(connection, row["receipt_no"])
    if one is None or row["state"] == "erased":
        raise not_found()
    shown = one if not row["is_sealed"] else None
    unit = Named(code=row["lead_unit"], name=_say(shown.unit)) if shown and shown.unit else None
    return State(
        number=one.number, origin_no=row["origin_no"], state=one.state, state_say=_say(one.state_say),
        filed_at=one.filed_at, unit=unit,
        due=one.due, is_late=one.is_late, reply=shown.reply if shown else "", reason=shown.reason if shown else "",
        replied_at=one.replied_at, wanted="\n".join(shown.wanted) if shown else "", wanted_by=one.wanted_by,
        grade=one.grade, grade_five=await _five(connection, one.number, one.grade), may_add_words=one.may_add,
        may_rate=one.may_rate,
    )  # fmt: skip


async def _five(connection: db.Connection, number: str, grade: str) -> str:
    """The grade as one of the national five; "" without one."""
    if not grade:
        return ""
    row = await connection.fetchrow(_RAW, number)
    raw, scale = (row["raw_grade"], row["scale"]) if row is not None else (grade, "four")
    return grades.five(grade, raw, scale)


def _say(say: Say) -> Sentence:
    return Sentence(zh=say.zh, en=say.en)
