"""Asking for a run."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, post

from hotline import acts, db, jobs
from hotline.errors import Refusal, Say
from sla import whatif
from web import forms
from web.access import Who
from web.render import see_other
from web.whatif import asks, pages

_FIELDS = {"calendar": "rest_days", "staff": "staff_unit"}
"""Where the form shows a scenario's fault."""


@post(pages.PATH, opt={"needs": "promise.simulate"}, status_code=200)
async def ask(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """Check what was filled in, keep it, and let the worker replay it."""
    form = await forms.read(request, asks.Try)
    if not form.is_good:
        return pages.shown_form(request, form, status=422)
    try:
        one, run = await asks.scenario(form), form.once_id
        async with db.atomic() as connection:
            if await whatif.ask(connection, actor, one, form.good.title, run):
                await acts.note(connection, actor, "whatif_asked", f"whatif:{run}")
    except Refusal as refusal:
        if refusal.status != 422:
            raise
        found = refusal.fields or {"": refusal.say}
        form.errors.update({_FIELDS.get(name, name): say for name, say in found.items()})
        return pages.shown_form(request, form, status=422)
    await jobs.nudge("run_whatif", once="run_whatif")
    said = Say("已开始推演，结果出来就在这里。", "The run has begun; its result will stand here.")
    return see_other(request, f"{pages.PATH}/{run}", flash=said)


ROUTES = [ask]
