"""What the ladder's pages share: who may, the tabs, names, the forms' units, a step done or given back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Request, Response

from cases.states import STEPS
from hotline import city
from hotline.actor import Actor
from hotline.city import Unit
from hotline.errors import Say
from hotline.permissions import may, refused
from hotline.work import Work
from sla import ladder_rules
from web import units
from web.forms import Form
from web.render import see_other
from web.trying import worked
from web.worklists import title_of, unit_name

HOLDS, GIVES, READS = "ladder.hold", "case.supervise", "board.read"
MEASURES = {
    "bulletin": Say("通报", "Bulletins"),
    "interview": Say("约谈", "Interviews"),
    "accountability": Say("问责", "Accountability"),
}
_TRIGGER_OF = {"overdue_order": "overdue", "buck_passing": "return_groundless"}
"""Rules whose code is not their trigger's."""
AnyRequest = Request[Any, Any, Any]


def demand(actor: Actor, *needs: str) -> None:
    """The 403 of a person who holds none of these permissions."""
    if not any(may(actor, need) for need in needs):
        raise refused(needs[0])


def tabs(actor: Actor, at: str) -> list[tuple[str, Say, bool]]:
    """The ladder's pages that are this person's: address, name, whether it is the one shown."""
    holds = may(actor, HOLDS)
    heads = bool(actor.roles & {"unit_head", "unit_deputy"})
    pages = [
        ("/ladder", Say("督办台", "The office"), holds),
        ("/board/orders", Say("督办单", "Orders"), may(actor, READS)),
        ("/ladder/bulletin", MEASURES["bulletin"], holds or heads),
        ("/ladder/interview", MEASURES["interview"], holds or heads),
        ("/ladder/accountability", MEASURES["accountability"], holds or heads),
        ("/ladder/instructions", Say("领导批示", "Instructions"), True),
        ("/ladder/rules", Say("规则表", "Rule table"), True),
    ]
    return [(path, say, path == at) for path, say, is_theirs in pages if is_theirs]


def rule_name(code: str) -> Say:
    """A rule as people call it, by what triggers it; its code where the city has one of its own."""
    trigger = "by_hand" if code.endswith("_by_hand") else _TRIGGER_OF.get(code, code)
    return ladder_rules.TRIGGERS.get(trigger, Say(code, code))


def common(actor: Actor, at: str) -> dict[str, Any]:
    """What every page of the ladder is rendered with."""
    return {
        "tabs": tabs(actor, at),
        "unit_name": unit_name,
        "title_of": title_of,
        "measures": MEASURES,
        "step_names": STEPS,
        "all_measures": ladder_rules.MEASURES,
        "subjects": ladder_rules.SUBJECTS,
        "issuers": ladder_rules.ISSUERS,
        "triggers": ladder_rules.TRIGGERS,
        "rule_name": rule_name,
        "holds": may(actor, HOLDS),
    }


def bodies() -> list[tuple[str, Say]]:
    """Oversight bodies of the city, to be ticked for joint supervision."""
    return [(one.code, one.name) for one in city.current().units.values() if one.kind == "oversight"]


def offered() -> list[tuple[Say, list[Unit]]]:
    """Every unit under its heading."""
    return units.choices(city.current())


Do = Callable[[Work, Any], Awaitable[object]]
"""A step as it is done, with the form's value."""


async def done(
    request: AnyRequest,
    actor: Actor,
    form: Form[Any],
    do: Do,
    *,
    to: str,
    said: Say,
    again: Callable[[int], Awaitable[Response[str]]],
) -> Response[str]:
    """Do a step and go ``to``; a refusal gives the page ``again`` with its form as typed (422 or 409)."""
    status, _ = await worked(actor, form, do)
    return see_other(request, to, flash=said) if status == 200 else await again(status)
