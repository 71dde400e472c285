"""Asking for a new version, and going back to an earlier one."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, post
from litestar.params import FromPath

from hotline import acts, db, jobs
from hotline.errors import Say
from routing import models, retraining
from web import forms
from web.access import Who
from web.admin import changes
from web.models import pages
from web.render import see_other


@post("/models/training", opt={"needs": "routing.edit"}, status_code=200)
async def train(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """Ask for a new version; the worker trains it. Asked for twice it is one."""
    async with db.atomic() as connection:
        version = await retraining.ask(connection, actor)
        await acts.note(connection, actor, "model_asked", f"model:{version}")
    await jobs.nudge("train_model", once="train_model")
    said = Say("已安排训练，几分钟后在这里看结果。", "Training is arranged; see the outcome here in a few minutes.")
    return see_other(request, pages.PATH, flash=said)


@post("/models/{name:str}/service", opt={"needs": "routing.edit"}, status_code=200)
async def put_back(request: Request[Any, Any, Any], actor: Who, name: FromPath[str]) -> Response[str]:
    """Put an earlier version back in service, with a reason."""
    form = await forms.read(request, pages.Back)

    async def keep(good: pages.Back) -> None:
        async with db.atomic() as connection:
            await models.put_live(connection, name, actor, good.reason)

    status = await changes.tried(form, keep)
    if status != 200:
        return await pages.version(request, actor, name, form, status=status)
    await models.refresh()
    said = Say("已换回这个版本，各处几秒内生效。", "This version is back in service everywhere within seconds.")
    return see_other(request, f"{pages.PATH}/{name}", flash=said)


ROUTES = [train, put_back]
