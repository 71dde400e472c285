"""Alerts: every overdue stage raised one by itself. They are answered once and can never be deleted (seed 004-14)."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from hotline import db, people
from hotline.actor import Actor
from hotline.errors import Refusal, Say
from hotline.permissions import may, refused
from hotline.work import work
from sla import board, supervision
from web import forms
from web import worklists as split
from web.access import Who
from web.forms import label
from web.render import render, see_other
from web.session.paths import own_path

CLIMBED = {
    1: Say("已报分管负责人", "the deputy was told"),
    2: Say("已报主要负责人", "the head was told"),
    3: Say("已报督办部门", "the supervision office was told"),
}
"""How far an alert that nobody answered has climbed."""


class Answer(msgspec.Struct, kw_only=True):
    """The words that answer an alert."""

    answer: Annotated[
        str,
        label(
            "原因和措施",
            "Cause and what is done",
            most=1000,
            missing=Say("请写明原因和措施。", "Write the cause and what is done."),
        ),
    ]
    back: str = ""


@get("/board/alerts", opt={"needs": "signed_in"})
async def alerts(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """Open alerts, oldest first, or with ``state=answered`` the answered ones; ``alert`` opens one's form."""
    if not (may(actor, "board.read") or may(actor, "alert.answer")):
        raise refused("alert.answer")
    chosen = request.query_params.get("alert", "")
    return await _show(request, actor, chosen, forms.blank(Answer))


@post("/board/alerts/{alert:uuid}", opt={"needs": "alert.answer"}, status_code=200)
async def answer(request: Request[Any, Any, Any], actor: Who, alert: FromPath[UUID]) -> Response[str]:
    """Answer an alert within one's reach."""
    form = await forms.read(request, Answer)
    async with db.reading() as connection:
        await board.alert_of(connection, actor, alert)
    if form.is_good:
        try:
            async with work(actor) as w:
                await supervision.answer_alert(w, alert, answer=form.good.answer)
        except Refusal as refusal:
            if refusal.status != 422:
                raise
            form.take(refusal)
        else:
            said = Say("预警已答复，留痕保存。", "The alert is answered and kept.")
            return see_other(request, own_path(form.good.back) or "/board/alerts", flash=said)
    return await _show(request, actor, str(alert), form, status=422)


async def _show(
    request: Request[Any, Any, Any], actor: Actor, chosen: str, form: forms.Form[Answer], status: int = 200
) -> Response[str]:
    is_open = request.query_params.get("state", "open") != "answered"
    unit = request.query_params.get("unit", "")[:20]
    has_climbed = request.query_params.get("climbed", "") == "1"
    async with db.reading() as connection:
        found = await board.alerts(connection, actor, is_open=is_open, unit=unit, has_climbed=has_climbed)
    names = await people.names({one.answered_by for one in found if one.answered_by is not None})
    return render(
        request,
        "supervisor/alerts.html",
        region="#r-alerts",
        status=status,
        alerts=found,
        is_open=is_open,
        names=names,
        has_climbed=has_climbed,
        climbed=CLIMBED,
        chosen=chosen,
        form=form,
        unit_name=split.unit_name,
        title_of=split.title_of,
        stage_name=board.stage_name,
        may_answer=may(actor, "alert.answer"),
        may_board=may(actor, "board.read"),
        live="queue",
    )
