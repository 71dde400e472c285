"""The supervision office's own desk: what waits, for whom, in the order of the ladder (seed 004-45)."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, get

from hotline import clock, db
from hotline.errors import Say
from sla import ladder_lists, ladder_papers
from sla.ladder_lists import Waiting
from web.access import Who
from web.ladder.shared import HOLDS, MEASURES, common
from web.render import render

SHOWN = 8


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One number, for whom it waits, and the list it leads to."""

    say: Say
    who: Say
    n: int
    url: str
    is_bad: bool = False


_OFFICE = Say("督办部门", "the office")
_UNIT = Say("承办单位", "the units")
_APPROVAL = Say("协调办公室、督办员", "coordination office, supervisors")


_FIGURES = (
    ("reviews", Say("督办回复待审核", "Answers to review"), _OFFICE, "/board/orders?state=answered"),
    ("late_orders", Say("督办单逾期", "Orders overdue"), _UNIT, "/board/orders?state=late"),
    ("drafts", Say("文书待定", "Drafts to decide"), _APPROVAL, "/ladder?state=draft#drafts"),
    ("called", Say("约谈待进行", "Interviews to hold"), _OFFICE, "/ladder/interview?state=called"),
    ("reported", Say("整改待核查", "Corrections to verify"), _OFFICE, "/ladder?state=reported#drafts"),
    ("late_papers", Say("整改、承诺逾期", "Corrections overdue"), _UNIT, "/ladder?state=late#drafts"),
    ("recorded", Say("推诿记录待处理", "Buck-passing on record"), _OFFICE, "/ladder/accountability?state=recorded"),
    ("instructions", Say("批示报告逾期", "Reports overdue"), _UNIT, "/ladder/instructions"),
    ("alerts", Say("预警逐级报到这里", "Alerts that climbed here"), _OFFICE, "/board/alerts?climbed=1"),
)
_BAD = frozenset({"late_orders", "late_papers", "instructions", "alerts"})


def figures(w: Waiting) -> list[Figure]:
    """What waits for whom."""
    return [
        Figure(say=say, who=who, n=getattr(w, name), url=url, is_bad=name in _BAD and getattr(w, name) > 0)
        for name, say, who, url in _FIGURES
    ]


@get("/ladder", opt={"needs": HOLDS})
async def overview(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """Figures that lead to lists, answers to review, papers by state (``state``: draft, reported, late)."""
    now = clock.now()
    state = request.query_params.get("state", "")
    state = state if state in ("draft", "reported", "late") else ""
    async with db.reading() as connection:
        waits = await ladder_lists.waiting(connection, now)
        answered = await ladder_lists.orders(connection, actor, now, state="answered")
        papers = await ladder_lists.papers(connection, actor, state={"": "open", "late": "open"}.get(state, state))
    if state == "late":
        papers = [one for one in papers if one.row.due_at is not None and one.row.due_at < now]
    return render(
        request,
        "ladder/overview.html",
        region="#r-list",
        figures=figures(waits),
        answered=answered[:SHOWN],
        papers=papers,
        states=ladder_papers.STATES,
        state=state,
        at=now,
        kinds=MEASURES,
        live="queue",
        **common(actor, "/ladder"),
    )


ROUTES = [overview]
