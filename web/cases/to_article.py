"""写成知识: the answer that a unit gave to an enquiry is offered to it as a draft article, with one act."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, post
from litestar.params import FromPath

from cases import ledger
from cases.events_knowledge import ArticleDrafted
from cases.search import strip_personal
from cases.views import CaseView
from hotline import db, knowledge
from hotline.actor import Actor
from hotline.errors import Say, conflict, not_found
from hotline.permissions import may
from hotline.work import work
from sla.gaps import EDITOR
from web.access import Who
from web.cases_access import opened_for, view_for
from web.render import see_other

STATES = frozenset({"callback", "closed", "archived"})
_REPLY = """
    SELECT t.value FROM case_text t JOIN case_event e USING (case_id, seq)
    WHERE t.case_id = $1 AND t.field = 'reply' AND t.audience = 'requester' AND t.value <> '' AND e.kind = 'handled'
    ORDER BY seq DESC LIMIT 1
"""


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """What the case page offers: nothing, the act, or the way to the article that was made of it."""

    is_offered: bool = False
    article: str = ""


async def offer(connection: db.Connection, view: CaseView, actor: Actor) -> Offer:
    """For the unit that answered an open enquiry, and for the knowledge editor. Once a case."""
    case = view.case
    if case.kind != "enquiry" or case.is_sealed or view.is_shielded or case.state not in STATES or not case.lead_unit:
        return Offer()
    is_own = may(actor, "knowledge.write") and case.lead_unit in actor.units
    if not (is_own or may(actor, EDITOR)):
        return Offer()
    made = await _made(connection, case.number)
    return Offer(article=str(made)) if made is not None else Offer(is_offered=True)


async def _made(connection: db.Connection, number: str) -> UUID | None:
    article: UUID | None = await connection.fetchval("SELECT id FROM article WHERE source = $1", f"case:{number}")
    return article


@post("/cases/{number:str}/article", opt={"needs": "knowledge.read"}, status_code=200)
async def make(request: Request[Any, Any, Any], actor: Who, number: FromPath[str]) -> Response[str]:
    """Question and answer without names, owned by the unit that answered; on to the article to finish it."""
    view = await view_for(actor, number)
    async with db.reading() as connection:
        what = await offer(connection, view, actor)
        reply = await connection.fetchval(_REPLY, view.case.id) or ""
    if what.article:
        return see_other(request, f"/knowledge/{what.article}")
    if not what.is_offered:
        raise not_found()
    unit = view.case.lead_unit or ""
    if not reply:
        raise conflict("no_reply", "这件还没有给市民的答复。", "It has no answer to the requester yet.")
    question = strip_personal(view.words[0] if view.words else view.title)
    county = "" if view.case.county == "city" else view.case.county
    async with work(actor) as w:
        file = await opened_for(w, number)
        if (made := await _made(w.connection, view.case.number)) is not None:  # the second of two clicks
            return see_other(request, f"/knowledge/{made}")
        article = await knowledge.draft(
            w.connection, actor, question=question, answer=strip_personal(reply), matter=view.case.matter or "",
            county=county, owner=unit, source=f"case:{view.case.number}",
        )  # fmt: skip
        await ledger.append(w, file, ArticleDrafted(article=article, unit=unit))
    said = Say("已写成草稿，改好后送审。", "It is a draft now; finish and submit it.")
    return see_other(request, f"/knowledge/{article}", flash=said)


ROUTES = [make]
