"""同一停供: outages under way that a case is about, and the one act that answers and links it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, post
from litestar.params import FromPath

from cases import outage_match, outage_words, outages, verbs, verbs_outage
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
from web.forms import label
from web.render import Flash, see_other
from web.session.paths import own_path
from web.trying import worked

NEEDS = "case.accept"
_LINKED = "SELECT outage_id FROM outage_link WHERE case_id = $1"


class Same(msgspec.Struct, frozen=True, kw_only=True):
    """One outage as the card offers it: the id, its title, why, and what the requester would be told."""

    id: UUID
    number: str
    title: Say
    why: Say
    say: Say
    is_sure: bool


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
    linked = {row["outage_id"] for row in await connection.fetch(_LINKED, case.id)}
    found = outage_match.match(await outages.under_way(connection), asked, clock.now())
    return [
        Same(
            id=one.outage.id, number=one.outage.number, title=outage_words.title(one.outage), why=one.why,
            say=outage_words.answer(one.outage, clock.now()), is_sure=one.is_sure,
        )
        for one in found if one.outage.id not in linked
    ]  # fmt: skip


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
            lang = next((request.lang for request in file.requests.values()), "zh")
            await verbs.answer(w, file, reply=outage_words.answer(one, w.now).in_(lang))
        for own in list(file.requests.values()):
            await verbs_outage.link(w, file, own, outage=given.outage)
        return is_answer

    status, answered = await worked(actor, form, do)
    back = own_path(form.text("back")) or f"/cases/{number}"
    if status != 200:
        say = next(iter(form.errors.values()), Say("没有关联上，请再看一次。", "It was not linked; look again."))
        return see_other(request, f"/cases/{number}", flash=Flash(say, "error"))
    said = Say("已按停供通知答复，恢复后告知。", "Answered with the outage; told when it is over.")
    later = Say("已关联停供通知，恢复后告知。", "Linked with the outage; told when it is over.")
    return see_other(request, back, flash=said if answered else later)


ROUTES = [link]
