"""Dead letters: messages that no door could send, and how they are sent once more. Their words are not here."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from channels import letters
from hotline import acts, db, jobs
from hotline.errors import Say, conflict
from web import filters
from web.access import Who
from web.admin import state, words
from web.cases.messages import MESSAGES
from web.render import render, see_other

PATH = "/admin/operations/letters"
PAGE = 50
_Request = Request[Any, Any, Any]


@get(PATH, opt={"needs": "operations.read"})
async def index(request: _Request, actor: Who) -> Response[str]:
    """Dead letters, newest first; ``door`` and ``after`` in the address."""
    asked = filters.parse(
        PATH, request.query_params, (filters.Choice(key="door", say=Say("渠道", "Door"), options=state.DOORS),),
        sorts=("new",),
    )  # fmt: skip
    door = asked.get("door")
    async with db.reading() as connection:
        found = await letters.dead(connection, door, before=_cursor(asked.after), limit=PAGE + 1)
        counts = await letters.counts(connection)
    older = asked.url(after=str(found[PAGE - 1].id)) if len(found) > PAGE else ""
    return render(
        request, "admin/letters.html", region="#r-list", found=found[:PAGE], counts=counts, filters=asked, older=older,
        door=door, options={**({door: 0} if door else {}), **counts}, door_names=state.DOORS, kinds=MESSAGES,
        failures=state.FAILURES,
        tabs=words.tabs(actor, "/admin/operations"),
    )  # fmt: skip


def _cursor(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@post(PATH + "/{letter:uuid}/again", opt={"needs": "operations.read"}, status_code=200)
async def again(request: _Request, actor: Who, letter: FromPath[UUID]) -> Response[str]:
    """Send one once more."""
    async with db.atomic() as connection:
        if not await letters.again(connection, letter):
            raise conflict("not_dead", "这条消息已经在重发了。", "This message is on its way again already.")
        await acts.note(connection, actor, "letter_again", f"message:{letter}")
    return await _sent_on(request, 1)


@post(PATH + "/doors/{door:str}/again", opt={"needs": "operations.read"}, status_code=200)
async def all_again(request: _Request, actor: Who, door: FromPath[str]) -> Response[str]:
    """Send all of one door once more."""
    async with db.atomic() as connection:
        found = await letters.again(connection, channel=door)
        if not found:
            raise conflict("none_dead", "这个渠道没有要重发的消息。", "This door has nothing to send once more.")
        await acts.note(connection, actor, "letters_again", f"door:{door}", {"count": len(found)})
    return await _sent_on(request, len(found))


async def _sent_on(request: _Request, n: int) -> Response[str]:
    await jobs.nudge("send_messages")
    return see_other(request, PATH, flash=Say(
        f"{n} 条已放回队列；会打扰人的，静默时段过后再发。",
        f"{n} put back into the queue; what would wake somebody waits for the end of the quiet hours.",
    ))  # fmt: skip


ROUTES = [index, again, all_again]
