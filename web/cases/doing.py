"""How every act on a case is done: read its form, open the case under a lock, do it, or give the form back filled."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Request, Response

from cases import shares
from cases.file import CaseFile
from cases.rows import AssignmentRow, RequestRow
from hotline import city
from hotline.actor import Actor
from hotline.errors import Refusal, Say, invalid, not_found
from hotline.work import Work, work
from web import forms
from web.cases import acts, choices
from web.cases.page import shown
from web.cases_access import opened_for
from web.render import see_other
from web.session.paths import own_path

AnyRequest = Request[Any, Any, Any]
Do = Callable[[Work, CaseFile, Any], Awaitable[object]]
First = Callable[[Work, Any], Awaitable[object]]


async def nothing_first(work: Work, given: Any) -> None:
    """Most acts touch one case, and lock it when they open it."""


async def done(
    request: AnyRequest, actor: Actor, number: str, code: str, do: Do, said: Say | Callable[[], Say], *,
    first: First = nothing_first,
) -> Response[str]:
    """Do the act ``code`` and go back to where its form says; 422 and 409 give the page with the form as typed.

    An act on more than one case locks them all ``first``, in the one order that nobody waits for another in.
    """
    spec = acts.spec_of(code)
    assert spec is not None, code  # noqa: S101 - a handler names an act of the table
    form = await forms.read(request, spec.form)
    if not form.is_good:
        return await shown(request, actor, number, code, form=form)
    try:
        async with work(actor) as w:
            await first(w, form.good)
            file = await opened_for(w, number, form.good.seq)
            await do(w, file, form.good)
    except Refusal as refusal:
        if refusal.status not in (409, 422):
            raise
        return await shown(request, actor, number, code, form=form, refusal=refusal)
    return see_other(request, own_path(form.good.back) or f"/cases/{number}", flash=said() if callable(said) else said)


def own(file: CaseFile, actor: Actor) -> AssignmentRow:
    """The actor's unit's live share of the case; 404 when it has none."""
    found = shares.own(file, actor)
    if found is None:
        raise not_found()
    return found


def assignment(file: CaseFile, identifier: Any) -> AssignmentRow:
    """The assignment that the form names; 422 for one that is not of this case."""
    found = file.assignments.get(identifier)
    if found is None:
        raise invalid({"assignment": Say("请选一个单位。", "Choose a unit.")})
    return found


def request_of(file: CaseFile, identifier: Any) -> RequestRow:
    """The request that the form names; 422 for one that is not of this case."""
    found = file.requests.get(identifier)
    if found is None:
        raise invalid({"request": Say("请选一个诉求。", "Choose a request.")})
    return found


def check_unit(actor: Actor, unit: str) -> None:
    """A unit that exists; a county office gives work to its own county's units only."""
    if unit and unit not in city.current().units:
        raise invalid({"unit": Say("请从列表里选单位。", "Choose a unit from the list.")})
    under = choices.under_of(actor)
    if unit and under and unit not in under:
        raise invalid(
            {
                "unit": Say(
                    "县区只能派给本县区的单位，其他请转市中心派。",
                    "A county dispatches within its county; ask the city centre for others.",
                )
            }
        )
