"""Operations: what an administrator looks at when something is slow or does not arrive."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from channels import intake, letters, parked
from hotline import acts, city, db, jobs, settings
from hotline.errors import Say, conflict
from hotline.machine import signals
from web import machine
from web.access import Who
from web.admin import alarms, state, words
from web.render import render, see_other


@get("/admin/operations", opt={"needs": "operations.read"})
async def index(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """Engines, doors, waiting messages, sweeps, seals."""
    lights, doors = await state.lights(), await state.doors()
    async with db.reading() as connection:
        waiting = await intake.waiting(connection)
        numbers = await connection.fetchrow(
            "SELECT count(*) FILTER (WHERE state = 'new') AS new, count(*) FILTER (WHERE state = 'parked') AS parked "
            "FROM inbound_message WHERE state IN ('new', 'parked')"
        )
        arrivals, dead = await parked.arrivals(connection), await letters.counts(connection)
        sweeps, seals = await state.sweeps(connection), await state.seals(connection)
        board = await machine.board(connection)
    return render(
        request, "admin/operations.html", region="#r-operations", lights=lights, doors=doors, shut=_shut(doors),
        standin=settings.current().standin,
        waiting=waiting, arrivals=arrivals, dead=sum(dead.values()), numbers=numbers, failures=state.FAILURES,
        sweeps=sweeps, seals=seals, logs=state.LOGS, sweep_names=state.SWEEPS,
        door_names=state.DOORS, is_bad=any(one.level == "bad" for one in lights),
        tabs=words.tabs(actor, "/admin/operations"), live="machine", board=board, name_of=machine.name_of,
        words_of=signals.words, signal_of=signals.of, backup_dir=settings.current().backup_dir,
        backup_hour=city.current().rule("backup.hour"),
    )  # fmt: skip


def _shut(doors: list[state.Door]) -> Say | None:
    """Which doors have nobody to send by, and what that means."""
    names = [one.name for one in doors if not one.has_sender]
    zh, en = "、".join(one.zh for one in names), ", ".join(one.en for one in names)
    if not names:
        return None
    return Say(
        f"没有接通{zh}服务商：消息留在队里，一条不少，接通后自动发出。",
        f"No carrier is set up for {en}. Messages stay queued, none is lost, and go out once there is one.",
    )


@post("/admin/operations/inbound/{receipt_no:str}/again", opt={"needs": "operations.read"}, status_code=200)
async def again(request: Request[Any, Any, Any], actor: Who, receipt_no: FromPath[str]) -> Response[str]:
    """Try a parked message anew."""
    async with db.atomic() as connection:
        if not await intake.again(connection, receipt_no):
            raise conflict("not_parked", "这条来件已经在处理了。", "This message is being worked on already.")
        await acts.note(connection, actor, "inbound_again", f"inbound:{receipt_no}")
    await jobs.nudge("make_cases")
    return _back(request)


@post("/admin/operations/arrivals/{arrival:uuid}/again", opt={"needs": "operations.read"}, status_code=200)
async def read_again(request: Request[Any, Any, Any], actor: Who, arrival: FromPath[UUID]) -> Response[str]:
    """Try to read a provider's message anew."""
    async with db.atomic() as connection:
        if not await parked.again(connection, arrival):
            raise conflict("not_parked", "这条来信已经在处理了。", "This message is being worked on already.")
        await acts.note(connection, actor, "arrival_again", f"arrival:{arrival}")
    await jobs.nudge("read_arrivals")
    return _back(request)


def _back(request: Request[Any, Any, Any]) -> Response[str]:
    return see_other(
        request, "/admin/operations", flash=Say("已放回，几秒内再试。", "Put back; it is tried within seconds.")
    )


ROUTES = [index, again, read_again, *alarms.ROUTES]
