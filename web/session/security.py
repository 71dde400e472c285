"""Sign-in and security: one's own password, second factor and sessions; a person's sessions for administrators."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from hotline import acts, db, factors, people, posts, sessions
from hotline.errors import Say
from hotline.permissions import SIGNED_IN
from web import access
from web.access import Who
from web.render import render, see_other
from web.session import devices


@get("/security", opt={"needs": SIGNED_IN})
async def page(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """How one signs in, and where one is signed in now."""
    async with db.reading() as connection:
        found = await sessions.of(connection, actor.id)
        factor = await factors.of(connection, actor.id)
        roles = await posts.roles_of(connection, actor.id)
        set_at = await connection.fetchval(
            "SELECT password_set_at FROM person WHERE id = $1 AND password_hash <> ''", actor.id
        )
    return render(
        request, "session/security.html", sessions=found, factor=factor, set_at=set_at, named=devices.named,
        ways=devices.HOW, is_required=factors.is_required(roles),
    )  # fmt: skip


@post("/security/sessions/{session:uuid}/end", opt={"needs": SIGNED_IN}, status_code=200)
async def end(request: Request[Any, Any, Any], actor: Who, session: FromPath[UUID]) -> Response[str]:
    """End one of one's own sessions; this one too."""
    async with db.atomic() as connection:
        await sessions.end(connection, actor.id, session)
        await acts.note(connection, actor, "session_ended", f"person:{actor.id}")
    if session == actor.session:
        access.close_session(request.scope)
        return see_other(request, "/sign-in", flash=Say("已退出。", "You are signed out."))
    return see_other(request, "/security", flash=Say("已退出那一处。", "That session has ended."))


@post("/security/sessions/end", opt={"needs": SIGNED_IN}, status_code=200)
async def end_others(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """Sign out everywhere else."""
    async with db.atomic() as connection:
        n = await sessions.end_others(connection, actor.id, actor.session)
        await acts.note(connection, actor, "sessions_ended", f"person:{actor.id}", {"count": n})
    return see_other(request, "/security", flash=Say(f"已退出别处 {n} 处登录。", f"{n} other sessions ended."))


@get("/people/{person:uuid}/sessions", opt={"needs": "people.edit"})
async def of_person(request: Request[Any, Any, Any], person: FromPath[UUID]) -> Response[str]:
    """Where a person is signed in, for administrators."""
    one = await people.one(person)
    async with db.reading() as connection:
        found = await sessions.of(connection, person)
        factor = await factors.of(connection, person)
    return render(
        request, "session/person_sessions.html", one=one, sessions=found, factor=factor, named=devices.named,
        ways=devices.HOW,
    )  # fmt: skip


@post("/people/{person:uuid}/sessions/{session:uuid}/end", opt={"needs": "people.edit"}, status_code=200)
async def end_of_person(
    request: Request[Any, Any, Any], actor: Who, person: FromPath[UUID], session: FromPath[UUID]
) -> Response[str]:
    """An administrator ends one session of a person."""
    async with db.atomic() as connection:
        await sessions.end(connection, person, session)
        await acts.note(connection, actor, "session_ended", f"person:{person}")
    say = Say("已退出那一处，即刻生效。", "That session has ended, at once.")
    return see_other(request, f"/people/{person}/sessions", flash=say)


ROUTES = [page, end, end_others, of_person, end_of_person]
