"""Several notices at once: a table pasted from a utility's plan, a notice a line; all of it or nothing."""

from __future__ import annotations

import csv
from uuid import UUID, uuid5

from litestar import Response, get, post

from cases import outage_acts
from cases.outage_rows import KINDS
from hotline.actor import Actor
from hotline.errors import Refusal, Say
from hotline.work import Work
from web import forms
from web.access import Who
from web.forms import Form
from web.outages import asks, pages
from web.outages.pages import EDIT, AnyRequest
from web.render import render, see_other
from web.trying import worked

COLUMNS = ("停什么", "性质", "开始", "预计恢复", "地点", "原因", "给坐席的话", "依据")
_NAMES = ("kind", "planned", "since", "expected", "areas", "cause", "note", "source")
_PLANNED = {"计划": "planned", "突发": "sudden", "planned": "planned", "sudden": "sudden"}
MOST = 200


@get("/outages/import", opt={"needs": EDIT})
async def blank(request: AnyRequest) -> Response[str]:
    """Where the table is pasted."""
    return _shown(request, forms.blank(asks.Several))


def _shown(request: AnyRequest, form: Form[asks.Several], status: int = 200) -> Response[str]:
    return render(
        request, "outages/import.html", region="#r-outage", status=status, form=form, columns=COLUMNS,
        focus="#r-errors" if status != 200 else "",
    )  # fmt: skip


@post("/outages/import", opt={"needs": EDIT}, status_code=200)
async def take(request: AnyRequest, actor: Who) -> Response[str]:
    """Enter them all, or say which line is wrong and why."""
    form = await forms.read(request, asks.Several)

    async def do(w: Work, given: asks.Several) -> int:
        return await _enter(w, actor, form.once_id, given.rows)

    status, n = await worked(actor, form, do)
    if n is None:
        return _shown(request, form, status)
    return see_other(request, "/outages", flash=Say(f"已登记 {n} 条。", f"{n} notices entered."))


async def _enter(w: Work, actor: Actor, once: UUID, text: str) -> int:
    lines = [row for row in csv.reader(text.splitlines(), delimiter="\t" if "\t" in text else ",") if any(row)]
    if lines and lines[0][0].strip() == COLUMNS[0]:
        del lines[0]
    if not lines or len(lines) > MOST:
        raise _refused(Say(f"表里要有 1 到 {MOST} 行。", f"The table needs 1 to {MOST} lines."))
    for n, row in enumerate(lines, 1):
        form = forms.parse(asks.Notice, _named(row, actor))
        wrong = next(iter(form.errors.items()), None)
        if wrong is not None:
            field = form.say(wrong[0])
            raise _refused(_at(n, Say(f"{field.zh}：{wrong[1].zh}", f"{field.en}: {wrong[1].en}")))
        try:
            await outage_acts.enter(w, uuid5(once, str(n)), form.good.plan())
        except Refusal as refusal:
            raise _refused(_at(n, next(iter(refusal.fields.values()), refusal.say))) from None
    return len(lines)


def _named(row: list[str], actor: Actor) -> dict[str, list[str]]:
    """A line by the form's own names; places of a line are apart by “；”."""
    cells = dict(zip(_NAMES, (cell.strip() for cell in row), strict=False))
    kinds = {say.zh: code for code, say in KINDS.items()}
    cells["kind"] = kinds.get(cells.get("kind", ""), cells.get("kind", ""))
    said = cells.get("planned", "")
    cells["planned"] = _PLANNED.get(said, said) or "planned"
    cells["areas"] = cells.get("areas", "").replace("；", "\n").replace(";", "\n")
    if cells["kind"] in asks.UNITS and actor.unit not in ("", "HOT"):
        cells["unit"] = actor.unit if not actor.roles & pages.CENTRE else ""
    return {name: [cell.replace(" ", "T", 1) if name in ("since", "expected") else cell]
            for name, cell in cells.items() if cell}  # fmt: skip


def _at(n: int, say: Say) -> Say:
    return Say(f"第 {n} 行：{say.zh}", f"Line {n}: {say.en}")


def _refused(say: Say) -> Refusal:
    return Refusal(422, "invalid", say, fields={"rows": say})


ROUTES = [blank, take]
