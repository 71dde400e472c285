"""The log of acts as sentences: filtered by kind, by person and by what it was done to; keyset by number."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get

from hotline import acts, db, people
from hotline.errors import Say
from web import filters
from web.access import Who
from web.admin import sentences, words
from web.render import render

PAGE = 50
_NOBODY = UUID(int=0)


@get("/admin/acts", opt={"needs": "act.read"})
async def index(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """Acts, newest first."""
    asked = filters.parse("/admin/acts", request.query_params, (
        filters.Choice(key="kind", say=Say("做了什么", "What"), options=sentences.KINDS),
        filters.Choice(key="who", say=Say("登录名", "Login")),
        filters.Choice(key="on", say=Say("对象", "Subject")),
    ), sorts=("new",))  # fmt: skip
    before = int(asked.after) if asked.after.isascii() and asked.after.isdigit() and len(asked.after) < 18 else None
    async with db.reading() as connection:
        found = await acts.recent(
            connection, before=before, limit=PAGE + 1, kind=asked.get("kind") or None,
            actor=await _person(connection, asked.get("who")), subject=asked.get("on") or None,
        )  # fmt: skip
    more = asked.url(after=str(found[PAGE - 1].seq)) if len(found) > PAGE else ""
    told = await sentences.told(found[:PAGE])
    return render(
        request, "admin/acts.html", region="#r-list", found=told, filters=asked, older=more,
        kinds=sentences.KINDS, tabs=words.tabs(actor, "/admin/acts"),
    )  # fmt: skip


async def _person(connection: db.Connection, login: str) -> UUID | None:
    """The person whose acts are asked for; nobody's when the login is unknown, everybody's without one."""
    if not login:
        return None
    found: UUID | None = await connection.fetchval("SELECT id FROM person WHERE login = $1", login.strip().lower())
    if found is None:
        named = [one for one in await people.search(login, limit=2) if one.name == login]
        found = named[0].id if len(named) == 1 else None
    return found or _NOBODY


ROUTES = [index]
