"""A unit's side: the steps of themes and the tasks that are its own, nearest due first; and the files of both."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath

from hotline import clock, db, files
from hotline.actor import Actor
from hotline.errors import not_found
from hotline.permissions import SIGNED_IN, may, refused
from sla import proactive, theme_lists, theme_steps, themes
from web import worklists as split
from web.access import Who
from web.cases import attachments
from web.hot import common
from web.hot.common import AnyRequest
from web.render import render


@get("/hot/own", opt={"needs": SIGNED_IN})
async def own(request: AnyRequest, actor: Who) -> Response[str]:
    """What this person's unit has to do before people complain."""
    if not (may(actor, "case.handle") or may(actor, "case.approve")):
        raise refused("case.handle")
    async with db.reading() as connection:
        steps = await theme_lists.own_steps(connection, actor.units)
        led = await theme_lists.led(connection, actor.units)
        tasks = await proactive.listed(connection, units=actor.units)
    return render(
        request, "hot/own.html", steps=steps, led=led, tasks=tasks, at=clock.now(), unit_name=split.unit_name,
        states=proactive.STATES,
    )  # fmt: skip


@get("/hot/files/{file_id:uuid}", opt={"needs": SIGNED_IN})
async def download(actor: Who, file_id: FromPath[UUID]) -> Response[Any]:
    """A file of a theme or task, for whoever may open that; 404 otherwise."""
    async with db.reading() as connection:
        one = await files.found(connection, file_id)
        if not await _may_open(connection, actor, one.subject_kind, one.subject_id):
            raise not_found()
    return attachments.given(one)


async def _may_open(connection: db.Connection, actor: Actor, kind: str, subject: UUID) -> bool:
    if kind == "task":
        return proactive.may_see(actor, await proactive.found(connection, subject))
    if kind != "theme":
        return False
    one = await themes.found(connection, subject)
    units = [one.unit, *(step.unit for step in await theme_steps.steps(connection, subject))]
    return common.sees(actor) or themes.is_handled_by(actor, units)


ROUTES = [own, download]
