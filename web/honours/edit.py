"""The honour list behind the scenes: who may be put forward, what waits for a second person, taking down."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from hotline import db, people
from hotline.actor import Actor
from hotline.errors import Refusal, Say
from hotline.permissions import SIGNED_IN, may, refused
from hotline.work import Work
from sla import honours, scores_period, scores_presets
from sla.honours import Candidate
from sla.scores_period import Period
from web import forms
from web import worklists as split
from web.access import Who
from web.forms import Form
from web.honours import asks
from web.render import render, see_other
from web.scores import common
from web.scores.common import AnyRequest
from web.trying import worked

NEEDS = {"needs": "bulletin.make"}
ANY = ("bulletin.make", "score.freeze")
"""Any of these opens the page: who puts forward, and who approves."""
PATH = "/honours/edit"


def _period(request: AnyRequest) -> Period:
    """The month that the address asks for; else the last that is over."""
    found = scores_period.read(request.query_params.get("period", ""))
    return found or common.periods()[1]


@get(PATH, opt={"needs": SIGNED_IN})
async def page(request: AnyRequest, actor: Who) -> Response[str]:
    """Candidates of a period, what waits, and the list."""
    if not any(may(actor, need) for need in ANY):
        raise refused(ANY[0])
    return await _shown(request, actor)


async def _shown(
    request: AnyRequest, actor: Actor, *, form: Form[Any] | None = None, status: int = 200
) -> Response[str]:
    period = _period(request)
    async with db.reading() as connection:
        found = await honours.candidates(connection, scores_presets.OWN, period)
        waiting, shown = await honours.waiting(connection), await honours.shown(connection)
    names = await people.names({one.proposed_by for one in waiting})
    propose = form if form is not None and form.kind is asks.Propose else forms.blank(asks.Propose)
    return render(
        request, "honours/edit.html", region="#r-honours", status=status, period=period, periods=common.periods(),
        candidates=found, waiting=waiting, shown=shown, kinds=honours.KINDS, unit_name=split.unit_name, names=names,
        propose=propose, form=form, tabs=common.tabs(actor, "honours"), may_approve=may(actor, "score.freeze"),
        may_propose=may(actor, "bulletin.make"),
        choices={one.key: Say(f"{split.unit_name(one.unit).zh}：{one.why.zh}",
                              f"{split.unit_name(one.unit).en}: {one.why.en}") for one in found},
        period_of=scores_period.read, focus="#r-errors" if status != 200 else "",
    )  # fmt: skip


@post(PATH, opt=NEEDS, status_code=200)
async def propose(request: AnyRequest, actor: Who) -> Response[str]:
    """提名."""
    form = await forms.read(request, asks.Propose)
    period = _period(request)

    async def do(w: Work, given: asks.Propose) -> UUID:
        found = await honours.candidates(w.connection, scores_presets.OWN, period)
        one: Candidate | None = next((one for one in found if one.key == given.candidate), None)
        if one is None:
            say = Say("请从列出的单位里选。", "Choose one of those listed.")
            raise Refusal(422, "invalid", say, fields={"candidate": say})
        return await honours.propose(w, one, sentence_zh=given.sentence_zh, sentence_en=given.sentence_en)

    status, done = await worked(actor, form, do)
    if done is None:
        return await _shown(request, actor, form=form, status=status)
    return see_other(request, f"{PATH}?period={period.text}",
                     flash=Say("已提名，由另一位同事同意后公开。", "Put forward; public once somebody else approves."))


@post("/honours/{honour:uuid}/approve", opt={"needs": "score.freeze"}, status_code=200)
async def approve(request: AnyRequest, actor: Who, honour: FromPath[UUID]) -> Response[str]:
    """同意."""
    form = await forms.read(request, asks.Nothing)

    async def do(w: Work, _: asks.Nothing) -> honours.Honour:
        return await honours.approve(w, honour)

    status, done = await worked(actor, form, do)
    if done is None:
        return await _shown(request, actor, form=form, status=status)
    return see_other(request, PATH, flash=Say("已上光荣榜。", "It is on the honour list."))


@post("/honours/{honour:uuid}/withdraw", opt={"needs": "score.freeze"}, status_code=200)
async def withdraw(request: AnyRequest, actor: Who, honour: FromPath[UUID]) -> Response[str]:
    """撤下."""
    form = await forms.read(request, asks.Withdraw)

    async def do(w: Work, given: asks.Withdraw) -> bool:
        await honours.withdraw(w, honour, reason=given.reason)
        return True

    status, done = await worked(actor, form, do)
    if done is None:
        return await _shown(request, actor, form=form, status=status)
    return see_other(request, PATH, flash=Say("已撤下。", "Taken down."))


ROUTES = [page, propose, approve, withdraw]
