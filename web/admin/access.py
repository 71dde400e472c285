"""What a person may do from when to when: roles by date, open sessions, and leaving. Passwords: web.session.reset."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from channels import left_handing, left_work, partners
from hotline import acts, clock, db, people, roster, sessions
from hotline.actor import Actor
from hotline.errors import Refusal, Say, conflict
from hotline.work import work
from web import forms
from web.access import Who
from web.admin import changes, words
from web.admin.people import NewRole, shown
from web.forms import label
from web.render import Flash, render, see_other


class Ending(msgspec.Struct):
    """When a role ends; no day means at once."""

    last: Annotated[date | None, label("最后一天", "Last day")] = None


@post("/people/{person:uuid}/roles", opt={"needs": "people.edit", "is_grave": True}, status_code=200)
async def grant(request: Request[Any, Any, Any], actor: Who, person: FromPath[UUID]) -> Response[str]:
    """Give a role from a day on."""
    form = await forms.read(request, NewRole)

    async def give(good: NewRole) -> None:
        first = good.first or clock.today()
        async with db.atomic() as connection:
            await roster.grant(
                person, good.role, first=first, last=good.last, by=actor.id, unit=good.at_unit,
                jurisdiction=good.at_county,
            )  # fmt: skip
            data = {
                "roles": good.role,
                **({"unit": good.at_unit} if good.at_unit else {}),
                "on": first.isoformat(),
                **({"until": good.last.isoformat()} if good.last else {}),
            }
            await acts.note(connection, actor, "role_granted", f"person:{person}", data)

    status = await changes.tried(form, give)
    if status == 200:
        return _back(request, person, Say("已授予角色。", "The role is granted."))
    return await shown(request, actor, person, status=status, role=form)


@post("/people/{person:uuid}/roles/{role:uuid}/end", opt={"needs": "people.edit", "is_grave": True}, status_code=200)
async def end(
    request: Request[Any, Any, Any], actor: Who, person: FromPath[UUID], role: FromPath[UUID]
) -> Response[str]:
    """End a role at once, or with a day."""
    form = await forms.read(request, Ending)

    async def take(good: Ending) -> None:
        async with db.atomic() as connection:
            await roster.keep_an_admin(connection, person, grant_id=role, last=good.last)
            await roster.keep_a_liaison(connection, person, grant_id=role, last=good.last)
            code = await roster.end(person, role, last=good.last)
            data = {"roles": code, **({"until": good.last.isoformat()} if good.last else {})}
            await acts.note(connection, actor, "role_ended", f"person:{person}", data)

    status = await changes.tried(form, take)
    if status == 200:
        return _back(request, person, Say("已收回，即刻生效。", "The role is ended."))
    say = next(iter(form.errors.values()))
    return see_other(request, f"/people/{person}", flash=Flash(say, "error"))


@post("/people/{person:uuid}/sessions/end", opt={"needs": "people.edit"}, status_code=200)
async def end_sessions(request: Request[Any, Any, Any], actor: Who, person: FromPath[UUID]) -> Response[str]:
    """Sign the person out everywhere; they may sign in again."""
    await people.one(person)
    async with db.atomic() as connection:
        n = await sessions.end_others(connection, person, None)
        await acts.note(connection, actor, "sessions_ended", f"person:{person}", {"count": n})
    return _back(request, person, Say(f"已退出 {n} 处登录。", f"{n} sessions ended."))


@get("/people/{person:uuid}/leave", opt={"needs": "people.edit"})
async def ask_leave(request: Request[Any, Any, Any], actor: Who, person: FromPath[UUID]) -> Response[str]:
    """What it means when this person leaves, and the question."""
    return await _leaving(request, actor, person)


@post("/people/{person:uuid}/leave", opt={"needs": "people.edit"}, status_code=200)
async def leave(request: Request[Any, Any, Any], actor: Who, person: FromPath[UUID]) -> Response[str]:
    """The person left: no sign-in, no session, no role from this moment on."""
    if person == actor.id:
        say = Say("不能给自己办离开，请另一名管理员来办。", "You cannot take yourself off; ask another administrator.")
        return see_other(request, f"/people/{person}", flash=Flash(say, "error"))
    one = await _here(person)
    try:
        n = await _take_off(actor, one)
    except Refusal as refusal:
        if refusal.status != 409:
            raise
        return see_other(request, f"/people/{person}/leave", flash=Flash(refusal.say, "error"))
    say = Say("已办理离开：登录、会话、角色即刻停止。", "Taken off: sign-in, sessions and roles have ended.")
    if n:
        say = Say(f"{say.zh}{n} 项没办完的在“离岗交接”。", f"{say.en} {n} open things are on the list to be handed on.")
    return _back(request, person, say)


@post("/people/{person:uuid}/back", opt={"needs": "people.edit", "is_grave": True}, status_code=200)
async def take_back(request: Request[Any, Any, Any], actor: Who, person: FromPath[UUID]) -> Response[str]:
    """Somebody who left is here again."""
    await people.one(person)
    try:
        async with db.atomic() as connection:
            await people.come_back(person)
            await acts.note(connection, actor, "person_back", f"person:{person}")
    except Refusal as refusal:
        if refusal.status != 409:
            raise
        return see_other(request, f"/people/{person}", flash=Flash(refusal.say, "error"))
    return _back(request, person, Say("已恢复在岗，请给角色、开纸条。", "Taken back; now give roles and a slip."))


async def _take_off(actor: Actor, one: people.Listed) -> int:
    """End it all; how many things stayed open. 409 for the last administrator and the last liaison of a unit in use."""
    async with work(actor) as w:
        await roster.keep_an_admin(w.connection, one.id)
        await roster.keep_a_liaison(w.connection, one.id)
        await left_handing.release(w, one.id)
        open_work = await left_work.in_hands(w.connection, one.id)
        await people.leave(one.id)
        if open_work:
            await left_handing.tell_heads(w, one.id, one.name, one.unit, one.roles, len(open_work))
        data = {"roles": " ".join(one.roles), "count": len(open_work)}
        await acts.note(w, actor, "person_left", f"person:{one.id}", data)
    return len(open_work)


async def _here(person: UUID) -> people.Listed:
    """The person, who must not have left. 404 for an unknown one, 409 for one who left."""
    one = await people.one(person)
    if not one.is_active:
        raise conflict("person_left", "这个人已经离开。", "This person has left.")
    return one


async def _leaving(request: Request[Any, Any, Any], actor: Actor, person: UUID) -> Response[str]:
    one = await _here(person)
    async with db.atomic() as connection:
        open_work = await left_work.in_hands(connection, person)
        keys = await partners.keys_by(connection, person)
        orphan = None
        try:
            await roster.keep_an_admin(connection, person)
            await roster.keep_a_liaison(connection, person)
        except Refusal as refusal:
            orphan = refusal.say
    kinds = {kind.say: n for code, kind in left_work.KINDS.items()
             if (n := sum(item.kind == code for item in open_work))}  # fmt: skip
    return render(
        request, "admin/person_leave.html", one=one, sessions=await sessions.count(person), words=words,
        orphan=orphan, open_work=kinds, keys=keys, tabs=words.tabs(actor, "/people"),
    )  # fmt: skip


def _back(request: Request[Any, Any, Any], person: UUID, say: Say) -> Response[str]:
    return see_other(request, f"/people/{person}", flash=say)


ROUTES = [grant, end, end_sessions, ask_leave, leave, take_back]
