"""The steps of a paper as posts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, post
from litestar.params import FromPath

from channels import reminders_ladder
from hotline import db
from hotline.errors import not_found
from hotline.permissions import SIGNED_IN
from hotline.work import Work
from sla import ladder_lists
from web import forms
from web.access import Who
from web.ladder.paper_acts import acts_of, step_of
from web.ladder.papers import shown
from web.ladder.shared import HOLDS, AnyRequest, demand, done

TOLD = {"approve": "approved", "call": "called", "decide": "decided", "verify": "sent_back"}
"""What the unit's head hears of a step of a paper about no case."""


@post("/ladder/papers/{paper:uuid}/{code:str}", opt={"needs": SIGNED_IN}, status_code=200)
async def take(request: AnyRequest, actor: Who, paper: FromPath[UUID], code: FromPath[str]) -> Response[str]:
    """Take one step; 404 for a paper that is not theirs to see, 403 for a step that is not theirs to take."""
    step = step_of(code)
    if step is None:
        raise not_found()
    async with db.reading() as connection:
        row = (await ladder_lists.paper_of(connection, actor, paper)).row
    if step not in acts_of(row, actor):
        demand(actor, *(("notice.reply",) if step.is_units else ()), HOLDS)
    form = await forms.read(request, step.form)

    async def do(w: Work, given: Any) -> object:
        after = await step.do(w, row.number, given)
        if after.case_id is None and after.ended_at is None:
            await reminders_ladder.paper(w, unit=after.unit, number=after.number, step=TOLD.get(code, ""))
        return after

    return await done(
        request,
        actor,
        form,
        do,
        to=f"/ladder/papers/{paper}",
        said=step.said,
        again=lambda status: shown(request, actor, paper, act=code, form=form, status=status),
    )


ROUTES = [take]
