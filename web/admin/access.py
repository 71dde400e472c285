"""What a person may do from when to when: roles by date, open sessions, and leaving. Passwords: web.session.reset."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from hotline import acts, city, clock, db, people, roster
from hotline.actor import Actor
from hotline.errors import Say, conflict
from web import forms
from web.access import Who
from web.admin import changes, words
from web.admin.people import NewRole, shown
from web.forms import label
from web.render import Flash, render, see_other

LAST_ADMIN = (
    "last_admin",
    "至少要留一名管理员，请先给别人管理员角色。",
    "Somebody must remain an administrator; give the role to another person first.",
)


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
            await roster.grant(person, good.role, first=first, last=good.last, by=actor.id)
            data = {
                "roles": good.role,
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
            code = await roster.end(person, role, last=good.last)
            if code == "admin" and not await roster.others_with("admin", person):
                raise conflict(*LAST_ADMIN)
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
        n = await roster.end_sessions(person)
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
    async with db.atomic() as connection:
        if "admin" in one.roles and not await roster.others_with("admin", person):
            raise conflict(*LAST_ADMIN)
        await people.leave(person)
        await acts.note(connection, actor, "person_left", f"person:{person}", {"roles": " ".join(one.roles)})
    say = Say("已办理离开：登录、会话、角色即刻停止。", "Taken off: sign-in, sessions and roles have ended.")
    return _back(request, person, say)


async def _here(person: UUID) -> people.Listed:
    """The person, who must not have left. 404 for an unknown one, 409 for one who left."""
    one = await people.one(person)
    if not one.is_active:
        raise conflict("person_left", "这个人已经离开。", "This person has left.")
    return one


async def _leaving(request: Request[Any, Any, Any], actor: Actor, person: UUID) -> Response[str]:
    one = await _here(person)
    liaisons = (await roster.officers(one.unit))[roster.LIAISON] if one.unit else []
    unit = city.current().unit(one.unit) if one.unit else None
    orphan = unit is not None and unit.is_on and [officer.id for officer in liaisons] == [person]
    return render(
        request, "admin/person_leave.html", one=one, sessions=await roster.sessions(person), words=words,
        orphan=unit.name if orphan and unit else None, tabs=words.tabs(actor, "/people"),
    )  # fmt: skip


def _back(request: Request[Any, Any, Any], person: UUID, say: Say) -> Response[str]:
    return see_other(request, f"/people/{person}", flash=say)


ROUTES = [grant, end, end_sessions, ask_leave, leave]
