"""What is done at a conference: agenda, positions, roll, decisions, its end. A refused form comes back filled."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from litestar import Request, Response, post
from litestar.params import FromPath

from cases import ledger
from cases.file import CaseFile
from hotline import city
from hotline.actor import Actor
from hotline.errors import Refusal, Say, invalid, not_found
from hotline.work import Work, work
from routing import conference, conferences
from routing.conferences import HOLD, Item, Participant
from sla import clocks
from web import fields, forms
from web.access import Who
from web.cases_access import opened_for
from web.conferences import asks
from web.conferences.shown import shown
from web.render import see_other

AnyRequest = Request[Any, Any, Any]
F = TypeVar("F", bound=msgspec.Struct)


async def _done(
    request: AnyRequest, actor: Actor, identifier: UUID, item: UUID | None, name: str, kind: type[F],
    do: Callable[[Work, F], Awaitable[object]], said: Say,
) -> Response[str]:  # fmt: skip
    """Read the form ``name``, do it, go back to the meeting; 422 and 409 give the meeting with the form as typed."""
    form = await forms.read(request, kind)
    if not form.is_good:
        return await shown(request, actor, identifier, item, name=name, form=form)
    try:
        async with work(actor) as w:
            await do(w, form.good)
    except Refusal as refusal:
        if refusal.status not in (409, 422):
            raise
        return await shown(request, actor, identifier, item, name=name, form=form, refusal=refusal)
    place = f"/conferences/{identifier}" + (f"?item={item}" if item is not None else "")
    return see_other(request, place, flash=said)


async def _case_of(w: Work, identifier: UUID, item: UUID, seq: int | None = None) -> tuple[Item, CaseFile]:
    """The item with its case, locked, for somebody who may see that case; 404 otherwise."""
    number = await w.connection.fetchval(
        "SELECT c.number FROM conference_item i JOIN cases c ON c.id = i.case_id "
        "WHERE i.id = $1 AND i.conference_id = $2",
        item, identifier,
    )  # fmt: skip
    if number is None:
        raise not_found()
    file = await opened_for(w, number)
    ledger.unchanged(file, await ledger.past_reminders(w, file, seq))
    return (await conferences.meeting(w.connection, identifier)).item(item), file


@post("/conferences/{identifier:uuid}", opt={"needs": HOLD}, status_code=200)
async def change(request: AnyRequest, actor: Who, identifier: FromPath[UUID]) -> Response[str]:
    """Another time, place or chair."""

    async def do(w: Work, given: asks.Plan) -> object:
        return await conference.change(w, identifier, starts=given.starts, place=given.place, chair=given.chair)

    return await _done(request, actor, identifier, None, "plan", asks.Plan, do, Say("已改。", "Changed."))


@post("/conferences/{identifier:uuid}/cancel", opt={"needs": HOLD}, status_code=200)
async def cancel(request: AnyRequest, actor: Who, identifier: FromPath[UUID]) -> Response[str]:
    """取消会商."""

    async def do(w: Work, given: asks.Cancel) -> object:
        return await conference.cancel(w, identifier, reason=given.reason)

    said = Say("已取消，议程上的件等下一次会商。", "Cancelled; its cases wait for the next conference.")
    return await _done(request, actor, identifier, None, "cancel", asks.Cancel, do, said)


@post("/conferences/{identifier:uuid}/items", opt={"needs": HOLD}, status_code=200)
async def add(request: AnyRequest, actor: Who, identifier: FromPath[UUID]) -> Response[str]:
    """列入议程; a candidate is called to the conference by it."""

    async def do(w: Work, given: asks.AddCase) -> object:
        try:
            file = await opened_for(w, given.number.strip())
        except Refusal as refusal:
            raise invalid({"number": refusal.say}) from None
        return await conference.add_case(w, identifier, file, question=given.question, cause=given.cause or "unclear")

    said = Say("已列入议程。", "It is on the agenda.")
    return await _done(request, actor, identifier, None, "add", asks.AddCase, do, said)


@post("/conferences/{identifier:uuid}/items/{item:uuid}", opt={"needs": HOLD}, status_code=200)
async def edit(request: AnyRequest, actor: Who, identifier: FromPath[UUID], item: FromPath[UUID]) -> Response[str]:
    """The question in dispute and whom it concerns."""

    async def do(w: Work, given: asks.EditItem) -> None:
        await conference.edit_item(w, identifier, item, question=given.question, units=given.units)

    return await _done(request, actor, identifier, item, "item", asks.EditItem, do, Say("已改。", "Changed."))


@post("/conferences/{identifier:uuid}/items/{item:uuid}/drop", opt={"needs": HOLD}, status_code=200)
async def drop(request: AnyRequest, actor: Who, identifier: FromPath[UUID], item: FromPath[UUID]) -> Response[str]:
    """移出议程: the case waits for another conference."""

    async def do(w: Work, _: asks.Drop) -> None:
        await conference.drop_item(w, identifier, item)

    said = Say("已移出议程，等下一次会商。", "Off the agenda; it waits for the next conference.")
    return await _done(request, actor, identifier, item, "drop", asks.Drop, do, said)


@post("/conferences/{identifier:uuid}/items/{item:uuid}/position", opt={"needs": "case.handle"}, status_code=200)
async def position(request: AnyRequest, actor: Who, identifier: FromPath[UUID], item: FromPath[UUID]) -> Response[str]:
    """A unit concerned writes its position."""

    async def do(w: Work, given: asks.Position) -> None:
        whole = await conferences.meeting_for(w.connection, actor, identifier)
        asked = [unit for unit in whole.item(item).units if unit in actor.units]
        unit = given.unit if given.unit in asked else next(iter(asked), "")
        await conference.take_position(w, identifier, item, unit=unit, words=given.words)

    said = Say("意见已记下，会前可以再改。", "Your position is recorded; it may be changed until the conference.")
    return await _done(request, actor, identifier, item, "position", asks.Position, do, said)


@post("/conferences/{identifier:uuid}/roll", opt={"needs": HOLD}, status_code=200)
async def roll(request: AnyRequest, actor: Who, identifier: FromPath[UUID]) -> Response[str]:
    """到会: ticked units were there, the others were not; ``person-<unit>`` says who came."""
    posted = await fields.posted(request)

    async def do(w: Work, given: asks.Roll) -> None:
        whole = await conferences.meeting(w.connection, identifier)
        codes = dict.fromkeys([*(one.unit for one in whole.participants), *given.more])
        rows = [
            Participant(
                unit=code, person=next(iter(posted.get(f"person-{code}", ())), ""),
                is_present=code in given.present if code not in given.more else None,
            )
            for code in codes
        ]  # fmt: skip
        await conference.call_roll(w, identifier, rows)

    return await _done(request, actor, identifier, None, "roll", asks.Roll, do, Say("已记录。", "Recorded."))


@post("/conferences/{identifier:uuid}/items/{item:uuid}/decision", opt={"needs": HOLD}, status_code=200)
async def decide(request: AnyRequest, actor: Who, identifier: FromPath[UUID], item: FromPath[UUID]) -> Response[str]:
    """决定: binding on dispatch, in force at once."""

    async def do(w: Work, given: asks.Decide) -> None:
        for code in (given.unit, *given.co_units):
            if code not in city.current().units:
                raise invalid({"unit": Say("请从列表里选单位。", "Choose a unit from the list.")})
        one, file = await _case_of(w, identifier, item, given.seq)
        await conference.decide(
            w, identifier, one, file, unit=given.unit, co_units=given.co_units, words=given.decision,
            profile=clocks.profile_of(file), precedent=given.precedent,
        )  # fmt: skip

    said = Say("决定已生效，不得再退。", "The decision is in force and cannot be returned.")
    return await _done(request, actor, identifier, item, "decision", asks.Decide, do, said)


@post("/conferences/{identifier:uuid}/items/{item:uuid}/precedent", opt={"needs": HOLD}, status_code=200)
async def precedent(
    request: AnyRequest, actor: Who, identifier: FromPath[UUID], item: FromPath[UUID]
) -> Response[str]:
    """列为先例, also after the conference."""

    async def do(w: Work, given: asks.Precedent) -> object:
        _, file = await _case_of(w, identifier, item)
        return await conference.make_precedent(w, identifier, item, file, scope=given.precedent)

    said = Say("已列为先例，今天起同类诉求照此派单。", "A precedent from today: like cases are dispatched by it.")
    return await _done(request, actor, identifier, item, "precedent", asks.Precedent, do, said)


@post("/conferences/{identifier:uuid}/held", opt={"needs": HOLD}, status_code=200)
async def held(request: AnyRequest, actor: Who, identifier: FromPath[UUID]) -> Response[str]:
    """会议结束: the minutes are fixed."""

    async def do(w: Work, _: asks.Held) -> object:
        return await conference.hold(w, identifier)

    said = Say("会商结束，纪要已定稿。", "The conference is over; its minutes are fixed.")
    return await _done(request, actor, identifier, None, "held", asks.Held, do, said)


ROUTES = [change, cancel, add, edit, drop, position, roll, decide, precedent, held]
