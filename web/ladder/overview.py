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


def figures(w: Waiting) -> list[Figure]:
    """What waits for whom."""
    return [
        Figure(
            say=Say("督办回复待审核", "Answers to review"), who=_OFFICE, n=w.reviews, url="/board/orders?state=answered"
        ),
        Figure(
            say=Say("督办单逾期", "Orders overdue"),
            who=_UNIT,
            n=w.late_orders,
            url="/board/orders?state=late",
            is_bad=w.late_orders > 0,
        ),
        Figure(say=Say("文书待定", "Drafts to decide"), who=_APPROVAL, n=w.drafts, url="/ladder?state=draft#drafts"),
        Figure(
            say=Say("约谈待进行", "Interviews to hold"), who=_OFFICE, n=w.called, url="/ladder/interview?state=called"
        ),
        Figure(
            say=Say("整改待核查", "Corrections to verify"),
            who=_OFFICE,
            n=w.reported,
            url="/ladder?state=reported#drafts",
        ),
        Figure(
            say=Say("整改、承诺逾期", "Corrections overdue"),
            who=_UNIT,
            n=w.late_papers,
            url="/ladder?state=late#drafts",
            is_bad=w.late_papers > 0,
        ),
        Figure(
            say=Say("推诿记录待处理", "Buck-passing on record"),
            who=_OFFICE,
            n=w.recorded,
            url="/ladder/accountability?state=recorded",
        ),
        Figure(
            say=Say("批示报告逾期", "Reports overdue"),
            who=_UNIT,
            n=w.instructions,
            url="/ladder/instructions",
            is_bad=w.instructions > 0,
        ),
        Figure(
            say=Say("预警逐级报到这里", "Alerts that climbed here"),
            who=_OFFICE,
            n=w.alerts,
            url="/board/alerts?climbed=1",
            is_bad=w.alerts > 0,
        ),
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
