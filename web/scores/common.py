"""What every page of the scores shares: whose scores one may see, periods and formulas to choose, tabs."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from litestar import Request

from hotline import city, clock, db
from hotline.actor import Actor
from hotline.errors import Say, not_found
from hotline.permissions import may
from sla import scores_frozen, scores_live, scores_period, scores_presets
from sla.scores_period import Period
from sla.scores_sheet import Sheet

AnyRequest = Request[Any, Any, Any]
NEEDS = {"needs": "score.appeal"}
MONTHS = 13
TABS = (
    ("sheet", "/scores", Say("考核", "Scores"), ("score.appeal",)),
    ("appeals", "/scores/appeals", Say("申诉", "Appeals"), ("score.appeal",)),
    ("formulas", "/scores/formulas", Say("办法", "Formulas"), ("score.appeal",)),
    ("records", "/board/records", Say("单位记录", "Unit records"), ("board.read",)),
    ("honours", "/honours/edit", Say("光荣榜", "Honour list"), ("score.freeze", "bulletin.make")),
)


def tabs(actor: Actor, here: str) -> list[tuple[Say, str, bool]]:
    """The tabs that this person may open: words, address, whether it is this one."""
    return [(say, path, code == here) for code, path, say, needs in TABS if any(may(actor, one) for one in needs)]


def is_centre(actor: Actor) -> bool:
    """Whoever edits or publishes scores sees those of all units before they are published."""
    return may(actor, "score.freeze") or may(actor, "score.edit")


def own_unit(actor: Actor) -> str:
    """The unit that the actor is scored with."""
    return scores_live.root_of(actor.unit) if actor.unit else ""


def may_see(actor: Actor, sheet: Sheet, unit: str) -> bool:
    """A published score is everybody's of the house; before that it is the centre's and the unit's own."""
    return sheet.is_frozen or is_centre(actor) or own_unit(actor) == unit


def preset_of(request: AnyRequest) -> str:
    """The formula that the address asks for; the city's own otherwise."""
    asked = request.query_params.get("preset", "")
    return asked if asked in scores_presets.names() else scores_presets.OWN


def known_preset(text: str) -> str:
    """A preset of the address; 404 for none."""
    if text not in scores_presets.names():
        raise not_found()
    return text


def known_period(text: str) -> Period:
    """A period of the address; 404 for none, and for what has not begun."""
    found = scores_period.read(text)
    if found is None or found.first > clock.today():
        raise not_found()
    return found


def path(preset: str, period: str, *more: str) -> str:
    """The address of a sheet, of a unit in it, of an item of that."""
    return "/".join(["/scores", preset, period, *(quote(one, safe="") for one in more)])


async def sheet_of(connection: db.Connection, preset: str, period: Period) -> Sheet:
    """The published sheet, else the one of the present."""
    found = await scores_frozen.frozen(connection, preset, period.text)
    return found or await scores_frozen.live(connection, preset, period)


def periods() -> list[Period]:
    """What may be chosen: the last months, quarters and years, this month first."""
    found = [scores_period.of(clock.today(), "month")]
    while len(found) < MONTHS:
        found.append(found[-1].before())
    for kind, n in (("quarter", 4), ("year", 2)):
        one = scores_period.of(clock.today(), kind)
        for _ in range(n):
            found.append(one)
            one = one.before()
    return found


def presets() -> dict[str, Say]:
    """The formulas there are, by code."""
    return {name: scores_presets.preset(name).name for name in scores_presets.names()}


def houses(unit: str) -> tuple[str, ...]:
    """A unit and all that stand below it."""
    return city.current().subtree(unit)
