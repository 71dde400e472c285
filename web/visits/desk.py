"""What the screen of return visits shows: the list, the chosen request, and only after saving what the unit claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response

from cases import visit_hours, visits
from cases.states_visit import CAUSES, EXEMPT_BY
from hotline import city, clock, db
from hotline.actor import Actor
from hotline.errors import Say
from sla import workbench
from web import forms
from web import worklists as split
from web.render import Flash, render
from web.visits import asks, tabs
from web.visits.chosen import Chosen, choose

EMPTY: dict[str, Say] = {
    "now": Say("现在没有要回访的，审核通过的会来到这里。", "Nobody to call now; audited cases come here."),
    "later": Say("没有约定以后再打的。", "No calls are planned for later."),
    "asked": Say(
        "没有在等短信、微信评价的；三次打不通的会来到这里。",
        "Nobody is being asked by message; whoever three calls did not reach comes here.",
    ),
    "close": Say("没有等着结案的。", "Nothing waits to be closed."),
    "sampled": Say("没有按抽样免访、等着结案的。", "Nothing that was not drawn waits to be closed."),
}


WORDS: dict[str, Any] = {
    "grade_choices": asks.GRADE_CHOICES,
    "outcomes": asks.OUTCOMES,
    "channels": asks.CHANNELS,
    "cause_groups": asks.CAUSE_GROUPS,
    "causes": CAUSES,
    "exempt_by": EXEMPT_BY,
    "part_of_day": visit_hours.part_of_day,
    "day_parts": visit_hours.DAY_PARTS,
}
"""What the screen's templates call things."""


async def show(
    request: Request[Any, Any, Any],
    actor: Actor,
    receipt: str,
    band: str,
    *,
    status: int = 200,
    form: forms.Form[Any] | None = None,
    flash: Say | None = None,
) -> Response[str]:
    """The screen with ``receipt`` chosen ("" the first of the band), with a ``form`` that came back and why."""
    band = band if band in visits.bands(actor) else "now"
    async with db.reading() as connection:
        above = await tabs.shown(connection, actor, band)
        items = await visits.listed(connection, actor, band)
        running = await workbench.nearest(connection, [item.id for item in items])
    is_chosen = bool(receipt)
    receipt = receipt or next((one.receipt_no for one in items if one.claimed_by in {None, actor.id}), "")
    chosen = await choose(actor, receipt) if receipt else None
    lines = _lines(items, running, actor, band, receipt)
    return render(
        request,
        "visits/index.html",
        region="#r-visits",
        status=status,
        band=band,
        lines=lines,
        around=split.around(lines, receipt),
        is_chosen=is_chosen,
        chosen=chosen,
        empty=EMPTY[band],
        next_url=split.following(lines, receipt, f"/visits?band={band}"),
        tries=int(city.current().rule("visit.tries")),
        planned={item.receipt_no: item.next_at for item in items if item.next_at},
        flash=Flash(flash, "error") if flash else None,
        **WORDS,
        **above,
        **split.requester_of(chosen.view if chosen else None),
        **_forms(chosen, form),
        counts={"visits": above["tallies"]["now"]},
        live="queue",
    )


def _lines(
    items: Sequence[visits.Call], running: Mapping[UUID, workbench.Running], actor: Actor, band: str, receipt: str
) -> list[split.Line]:
    """The list's lines; what a colleague is about to call, and what hour somebody wished for, is marked."""
    marked = {one.receipt_no: _marks(one, actor) for one in items}
    found = split.lines(items, running, actor, f"/visits?band={band}&r=", receipt)
    return [msgspec.structs.replace(one, marks=[*marked[one.key], *one.marks]) for one in found]


def _marks(call: visits.Call, actor: Actor) -> list[tuple[Say, str]]:
    marks: list[tuple[Say, str]] = []
    if call.claimed_by is not None:
        is_mine, name = call.claimed_by == actor.id, call.claimer
        marks.append((Say("您已认领", "Yours") if is_mine else Say(f"{name} 在打", f"{name} is calling"), ""))
    if call.asked_until is not None:
        at = clock.local(call.asked_until)
        marks.append((Say(f"等到 {at:%m-%d %H:%M}", f"Until {at:%m-%d %H:%M}"), ""))
    if call.next_at is not None and call.asked_until is None:
        at = clock.local(call.next_at)
        marks.append((Say(f"约 {at:%m-%d %H:%M}", f"At {at:%m-%d %H:%M}"), ""))
    elif call.wish:
        part = visit_hours.DAY_PARTS[call.wish][0]
        marks.append((Say(f"想{part.zh}接", f"Wants the {part.en}"), ""))
    if call.tries and call.asked_until is None:
        marks.append((Say(f"打过 {call.tries} 次", f"Tried {call.tries}×"), ""))
    return marks


def _forms(chosen: Chosen | None, form: forms.Form[Any] | None) -> dict[str, Any]:
    seq = {"seq": chosen.view.seq if chosen else ""}
    hours = chosen.next_hours if chosen else ()
    wish = chosen.request.wish if chosen else ""
    blanks: dict[str, forms.Form[Any]] = {
        "visit_form": forms.blank(asks.Visit, {**seq, "channel": "phone"}),
        "missed_form": forms.blank(
            asks.Missed, {**seq, "outcome": "unreached", "next_at": hours[0] if hours else None}
        ),
        "cause_form": forms.blank(asks.Cause, seq),
        "rework_form": forms.blank(asks.Rework, seq),
        "close_form": forms.blank(asks.Close, seq),
        "wish_form": forms.blank(asks.Wish, {**seq, "part": wish}),
    }
    for name, blank in blanks.items():
        if form is not None and form.kind is blank.kind:
            blanks[name] = form
    return blanks
