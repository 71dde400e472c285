"""The machine room's acts and files: take an alarm, back up or drill now, uptime as a table, the guide."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from hotline import acts, db, jobs, settings
from hotline.actor import Actor
from hotline.errors import Say, conflict
from hotline.machine import alarms, signals, uptime
from hotline.machine.guide import GUIDE
from web import sheets
from web.access import Who
from web.admin import planned, words
from web.render import render, see_other

AnyRequest = Request[Any, Any, Any]
NEEDS = {"needs": "operations.read"}
PLACE = "/admin/operations"


@post("/admin/operations/alarms/{alarm:uuid}/take", opt=NEEDS, status_code=200)
async def take(request: AnyRequest, actor: Who, alarm: FromPath[UUID]) -> Response[str]:
    """I have it: nobody is told again."""
    async with db.atomic() as connection:
        await alarms.acknowledge(connection, actor, alarm)
    await jobs.publish("live", "machine")
    say = Say("已由您接手，不再重复提醒；恢复后自动解除。",
        "It is yours; nobody is told again. It ends once all is well.")
    return see_other(request, PLACE, flash=say)


@post("/admin/operations/backup", opt=NEEDS, status_code=200)
async def backup(request: AnyRequest, actor: Who) -> Response[str]:
    """A backup as soon as the worker gets to it."""
    return await _ask(request, actor, "backup_now", "backup_asked")


@post("/admin/operations/drill", opt=NEEDS, status_code=200)
async def drill(request: AnyRequest, actor: Who) -> Response[str]:
    """A restore drill of the newest backup, the same way."""
    return await _ask(request, actor, "drill_now", "drill_asked")


async def _ask(request: AnyRequest, actor: Actor, job: str, kind: str) -> Response[str]:
    if not settings.current().backup_dir:
        raise conflict(
            "no_backup_dir", "还没有设置备份放在哪里：设 HOTLINE_BACKUP_DIR，再重开网页和后台。",
            "No place for backups is set: set HOTLINE_BACKUP_DIR, then restart web and worker.",
        )  # fmt: skip
    async with db.atomic() as connection:
        await acts.note(connection, actor, kind)
    await jobs.nudge(job, once=job)
    say = Say("已交给后台，做完后这里会有结果。", "The worker has it; what comes of it will stand here.")
    return see_other(request, f"{PLACE}#runs-title", flash=say)


@get("/admin/operations/uptime.csv", opt=NEEDS)
async def as_csv() -> Response[bytes]:
    """Every day, month and year: minutes up of minutes, and the share."""
    rows: list[list[str | float]] = [["part", "period", "up_minutes", "minutes", "percent"]]
    async with db.reading() as connection:
        for part in uptime.PARTS:
            days = await uptime.days(connection, part)
            spans = (*uptime.by(days, 4), *uptime.by(days, 7), *days)
            rows += [[part, one.name, one.up, one.whole, round(one.percent, 4)] for one in spans]
    return sheets.file(rows, "uptime", "csv")


@get("/admin/operations/guide", opt=NEEDS, sync_to_thread=False)
def guide(request: AnyRequest, actor: Who) -> Response[str]:
    """What to do when: a section for each thing that is watched."""
    names: dict[str, list[Say]] = {}
    for one in signals.SIGNALS.values():
        names.setdefault(one.guide, []).append(one.name)
    return render(request, "admin/guide.html", guide=GUIDE, names=names, tabs=words.tabs(actor, PLACE))


ROUTES = [take, backup, drill, as_csv, guide, *planned.ROUTES]
