"""同一停供: outages under way that a case is about, the one act that answers and links it, and the one that unlinks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, post
from litestar.params import FromPath

from cases import outage_match, outage_words, outages, verbs, verbs_outage
from cases.moves_outage import KNOWN
from cases.outage_match import Asked
from cases.views import CaseView
from hotline import clock, db
from hotline.actor import Actor
from hotline.errors import Say, not_found
from hotline.permissions import may
from hotline.work import Work
from routing import where
from web import forms
from web.access import Who
from web.cases_access import opened_for
from web.forms import Form, label
from web.render import Flash, see_other
from web.session.paths import own_path
from web.trying import worked

NEEDS = "case.accept"
_LINKED = """
    SELECT l.outage_id AS id, bool_or(o.state = 'on' OR l.told_round < o.round) AS may_undo,
        count(*) >= (SELECT count(*) FROM request WHERE case_id = $1 AND state = ANY($2)) AS is_whole
    FROM outage_link l JOIN request r ON r.id = l.request_id JOIN outage o ON o.id = l.outage_id
    WHERE r.case_id = $1 GROUP BY l.outage_id
"""


class Same(msgspec.Struct, frozen=True, kw_only=True):
    """One outage as the card offers it: the id, its title, why, and what the requester would be told."""

    id: UUID
    number: str
    title: Say
    why: Say
    say: Say
    is_sure: bool


class Linked(msgspec.Struct, frozen=True, kw_only=True):
    """One that it is linked with; ``may_undo``: not all of its requesters were told yet."""

    id: UUID
    number: str
    title: Say
    may_undo: bool


class Link(msgspec.Struct, kw_only=True):
    """关联."""

    outage: Annotated[UUID, label("停供通知", "Outage")]
    seq: int | None = None
    back: Annotated[str, label("回到", "Back to", most=300)] = ""


async def of(connection: db.Connection, view: CaseView, actor: Actor) -> Sequence[Same]:
    """What the case may be about, the surest first; nothing for who may not answer, for reports and sealed ones."""
    case = view.case
    if not (may(actor, NEEDS) and case.is_open) or view.is_shielded or case.is_sealed or not view.words:
        return ()
    text = f"{view.place} {view.words[0]}".strip()
    place = where.find(text, clock.today())
    county = "" if case.county == "city" else case.county
    asked = Asked(
        words=text, heard=place.heard, matter=case.matter or "", county=county or place.county,
        township=case.township or (place.township if county in ("", place.county) else ""), village=place.village,
    )  # fmt: skip
    if not outage_match.kinds_of(asked):
        return ()
    linked = {row["id"] for row in await connection.fetch(_LINKED, case.id, list(KNOWN)) if row["is_whole"]}
    found = outage_match.match(await outages.under_way(connection), asked, clock.now())
    return [
        Same(
            id=one.outage.id, number=one.outage.number, title=outage_words.title(one.outage), why=one.why,
            say=outage_words.answer(one.outage, clock.now()), is_sure=one.is_sure,
        )
        for one in found if one.outage.id not in linked
    ]  # fmt: skip


async def linked(connection: db.Connection, view: CaseView, actor: Actor) -> Sequence[Linked]:
    """What the case is linked with, for whoever may see what its requesters said."""
    if view.is_shielded:
        return ()
    rows = await connection.fetch(_LINKED, view.case.id, list(KNOWN))
    found = [(await outages.one(connection, row["id"]), row["may_undo"]) for row in rows]
    return [
        Linked(id=one.id, number=one.number, title=outage_words.title(one), may_undo=undo and may(actor, NEEDS))
        for one, undo in found
    ]


@post("/cases/{number:str}/outage", opt={"needs": NEEDS}, status_code=200)
async def link(request: Request[Any, Any, Any], actor: Who, number: FromPath[str]) -> Response[str]:
    """Answer it with the outage while nobody has accepted it; later it is linked, and its requesters are told."""
    form = await forms.read(request, Link)
    if form.value is None:
        raise not_found()

    async def do(w: Work, given: Link) -> bool:
        file = await opened_for(w, number, given.seq)
        is_answer = file.case.state == "registered"
        if is_answer:
            one = await outages.one(w.connection, given.outage)
            says = outage_words.answer(one, w.now) if one.is_on else outage_words.over(one)
            await verbs.answer(w, file, reply=says.in_(file.first_request.lang))
        await verbs_outage.link_all(w, file, outage=given.outage)
        return is_answer

    status, answered = await worked(actor, form, do)
    back = own_path(form.text("back")) or f"/cases/{number}"
    if status != 200:
        return _not_done(request, number, form)
    said = Say("已按停供通知答复，恢复后告知。", "Answered with the outage; told when it is over.")
    later = Say("已关联停供通知，恢复后告知。", "Linked with the outage; told when it is over.")
    return see_other(request, back, flash=said if answered else later)


def _not_done(request: Request[Any, Any, Any], number: str, form: Form[Link]) -> Response[str]:
    say = next(iter(form.errors.values()), Say("没有改成，请再看一次。", "Nothing was changed; look again."))
    return see_other(request, f"/cases/{number}", flash=Flash(say, "error"))


@post("/cases/{number:str}/outage/undo", opt={"needs": NEEDS}, status_code=200)
async def unlink(request: Request[Any, Any, Any], actor: Who, number: FromPath[str]) -> Response[str]:
    """取消关联: it was another matter; its requesters are not told of the outage's end."""
    form = await forms.read(request, Link)
    if form.value is None:
        raise not_found()

    async def do(w: Work, given: Link) -> bool:
        await verbs_outage.unlink_all(w, await opened_for(w, number, given.seq), outage=given.outage)
        return True

    status, _ = await worked(actor, form, do)
    if status != 200:
        return _not_done(request, number, form)
    said = Say(
        "已取消关联，恢复时不会告知。答复还在，要办的请另登记。",
        "Unlinked: they are not told of its end. The answer stands; log what has to be done.",
    )
    return see_other(request, f"/cases/{number}", flash=said)


ROUTES = [link, unlink]
