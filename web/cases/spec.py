"""The shape of an act on the case page, and the usual questions of which share or request it is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from cases import events as e
from cases.rows import AssignmentRow, RequestRow
from cases.verbs_head import waits_for_head
from cases.views import CaseView
from hotline.errors import Say
from web.cases import asks
from web.cases.choices import Standing

Make = Callable[[Standing], e.Event | None]
Start = Callable[[Standing], Mapping[str, object]]


def nothing(_: Standing) -> Mapping[str, object]:
    """A form that begins empty."""
    return {}


def yes(_: CaseView) -> bool:
    """It always moves the case on."""
    return True


def no(_: CaseView) -> bool:
    """It never moves the case on."""
    return False


def anyhow(_: Standing, __: datetime) -> None:
    """Nothing but the ledger's own demands stands against it."""


class Spec(msgspec.Struct, frozen=True, kw_only=True):
    """One act. ``event`` None: it is not this person's or this case's at all; ``is_main``: it moves the case on.

    ``check`` raises what a clock has against it now, as the act itself would.
    """

    code: str
    slug: str
    say: Say
    need: str
    form: type[asks.Ask]
    event: Make
    start: Start = nothing
    check: Callable[[Standing, datetime], None] = anyhow
    key: str = ""
    is_plain: bool = False
    is_main: Callable[[CaseView], bool] = no


def act(code: str, slug: str, zh: str, en: str, need: str, form: type[asks.Ask], event: Make, **more: Any) -> Spec:
    """One row of the table."""
    return Spec(code=code, slug=slug, say=Say(zh, en), need=need, form=form, event=event, **more)


def intake(make: Callable[[CaseView], e.Event]) -> Make:
    """Only while the case is not yet accepted."""
    def event(at: Standing) -> e.Event | None:
        return make(at.view) if at.view.case.state == "registered" else None

    return event


def own(make: Callable[[AssignmentRow], e.Event]) -> Make:
    """On the share of the actor's own unit."""
    def event(at: Standing) -> e.Event | None:
        return make(at.view.own) if at.view.own is not None else None

    return event


def from_centre(make: Callable[[AssignmentRow], e.Event]) -> Make:
    """On the share that the actor's own unit has from the centre, not from a unit above."""
    return lambda at: make(at.view.own) if at.view.own is not None and at.view.own.role != "below" else None


def submitted(make: Callable[[AssignmentRow], e.Event]) -> Make:
    """The same, where what the actor submits leaves the unit at once."""
    event = from_centre(make)
    return lambda at: event(at) if at.view.own is None or not waits_for_head(at.view.own, at.actor) else None


def at_unit(make: Callable[[AssignmentRow], e.Event]) -> Make:
    """On the first share that a unit still has to finish."""
    def event(at: Standing) -> e.Event | None:
        there = at.view.file.at_units
        return make(there[0]) if there else None

    return event


def of_request(states: tuple[str, ...], make: Callable[[RequestRow], e.Event]) -> Make:
    """On the first request in one of these states, while the case is open."""
    def event(at: Standing) -> e.Event | None:
        found = [one for one in at.view.file.requests.values() if one.state in states]
        return make(found[0]) if found and at.view.case.is_open else None

    return event
