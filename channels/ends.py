"""How a call ends, whoever hung up: one place for its row and its agent's seat."""

from __future__ import annotations

from channels import calls, seats
from channels.calls import Call
from hotline import clock, db


async def is_transferred(connection: db.Connection, call: Call) -> bool:
    """Whether the room of three is a transfer's: a shift supervisor who helps makes one, too."""
    sql = "SELECT EXISTS (SELECT FROM transfer_record WHERE call = $1 AND kind = 'three_way')"
    return bool(call.room) and bool(await connection.fetchval(sql, call.id))


async def goes_on(connection: db.Connection, call: Call) -> bool:
    """Whether somebody still speaks with the caller when the agent's leg is over."""
    sql = "SELECT EXISTS (SELECT FROM help_request WHERE call = $1 AND is_on_line AND way <> 'listening')"
    if call.settled == calls.TRANSFERRED or await is_transferred(connection, call):
        return True
    return bool(call.room) and bool(await connection.fetchval(sql, call.id))


async def finish(connection: db.Connection, call: Call, outcome: str, code: str, *, settled: str = "") -> None:
    """The call is over, in the caller's transaction: its agent wraps up, or is free again if they never spoke.

    ``code`` is the provider's word for it. The call's row must be locked; a call that ended stays as it is.
    """
    if call.state == calls.ENDED:
        return
    await connection.execute(
        "UPDATE call SET state = 'ended', ended_at = $2, outcome = $3, code = $4,"
        " settled = CASE WHEN $5 <> '' THEN $5 ELSE settled END WHERE id = $1",
        call.id, clock.now(), outcome, code[:20], settled,
    )  # fmt: skip
    if call.agent is None or call.state not in (calls.OFFERED, calls.TALKING):
        return
    if call.direction == calls.OUT:
        await seats.release(connection, call.agent, call.id)
    elif call.state == calls.TALKING:
        await seats.wrap_up(connection, call.agent, call.id)
    else:
        await seats.move(connection, call.agent, seats.READY)
