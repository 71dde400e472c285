"""What the desk proposes while somebody types: matter, place, unit and due date, and the caller's earlier cases."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from cases import scope
from cases.states import CASE_STATES, KINDS
from hotline import city, clock, db, vault
from hotline.actor import Actor
from hotline.city import City
from hotline.errors import Say
from routing import catalogue
from sla import clocks, targets
from web import units
from web.desk import matters
from web.desk.call import Call
from web.desk.matters import Proposal
from web.forms import Form

_HISTORY = """
SELECT c.number, c.title, c.state, c.kind, c.opened_at, c.is_open, c.county, count(*) OVER () AS n,
       count(*) FILTER (WHERE c.is_open) OVER () AS n_open
FROM request r JOIN cases c ON c.id = r.case_id
WHERE r.phone_index = ANY($1) AND r.filed_at > $2 AND c.kind <> 'report' AND NOT c.is_confidential AND {}
ORDER BY r.filed_at DESC LIMIT 6
"""


class PlaceOffer(msgspec.Struct, frozen=True, kw_only=True):
    """A place found in the words: value of the radio, its name."""

    value: str
    name: Say


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """Which unit it would go to and until when; ``unit`` empty when a person will decide, with the reason."""

    unit: Say | None
    reason: Say
    due: datetime | None = None
    profile: str = ""


class Earlier(msgspec.Struct, frozen=True, kw_only=True):
    """An earlier case of the same number that may be shown."""

    number: str
    title: str
    kind: Say
    state: Say
    opened_at: datetime
    is_open: bool


class Help(msgspec.Struct, frozen=True, kw_only=True):
    """Everything proposed for one form as it stands."""

    matters: list[Proposal]
    places: list[PlaceOffer]
    preview: Preview
    matter: str
    place: str


def offer(form: Form[Call]) -> Help:
    """The proposals for what is typed; what is sure is filled in until somebody chooses otherwise."""
    snapshot = city.current()
    chosen = form.text("matter")
    found = matters.propose(snapshot, form.text("matter_q"), form.text("words"))
    if chosen in snapshot.matters and all(one.code != chosen for one in found):
        one = snapshot.matters[chosen]
        kept = Proposal(code=chosen, name=one.name, path=one.path, why=Say("已选", "chosen"))
        found = [kept, *found][: matters.MOST]
    matter = chosen if chosen in snapshot.matters else next((one.code for one in found if one.is_sure), "")
    places, place = _places(snapshot, form)
    return Help(
        matters=found, places=places, preview=preview(snapshot, form, matter, place), matter=matter, place=place
    )


def _places(snapshot: City, form: Form[Call]) -> tuple[list[PlaceOffer], str]:
    if form.text("county") or form.text("township"):
        return [], ""
    place = snapshot.find_place(f"{form.text('place')} {form.text('words')}", clock.today())
    if place is None:
        return [], ""
    counties = place.candidates or (place.county,)
    offers = []
    for county in counties:
        town = snapshot.township(place.township) if place.township else None
        where = snapshot.jurisdiction(county)
        if where is not None:
            name = Say(
                where.name_zh + (town.name_zh if town else ""), (f"{town.name_en}, " if town else "") + where.name_en
            )
            offers.append(PlaceOffer(value=f"{county}/{place.township or ''}", name=name))
    asked = form.text("place_pick")
    chosen = asked if any(one.value == asked for one in offers) else ""
    if not chosen and asked != "none" and len(offers) == 1:
        chosen = offers[0].value
    return offers, chosen


def preview(snapshot: City, form: Form[Call], matter: str, place: str) -> Preview:
    """The catalogue's unit and the handling deadline for the form as it stands."""
    county, township = form.text("county"), form.text("township")
    if not county and "/" in place:
        county, _, township = place.partition("/")
    if township and not county:
        known = snapshot.township(township)
        county = known.county if known else ""
    if form.text("kind") == "report" or form.text("is_confidential"):
        return Preview(unit=None, reason=catalogue.REASONS["sealed"])
    if matter not in snapshot.matters:
        return Preview(
            unit=None,
            reason=Say(
                "选了事项和地点，就知道派给谁、何时到期。", "Choose matter and place to see the unit and the due date."
            ),
        )
    day = clock.today()
    about = units.named(snapshot, form.text("about_unit"))
    choice = catalogue.of(matter, county, township or None, day, snapshot, {about.code} if about else None)
    profile = _profile(form, snapshot.matters[matter].profile)
    promise, _ = clocks.promise("finish", profile, clock.now())
    unit = units.name(snapshot, choice.unit) if choice.unit else None
    return Preview(unit=unit, reason=catalogue.REASONS[choice.reason], due=promise.due_at, profile=profile)


def _profile(form: Form[Call], of_matter: str) -> str:
    return targets.profile_for(form.text("kind") or "assistance", form.text("urgency") or "normal", of_matter)


async def history(actor: Actor, phone: str) -> tuple[list[Earlier], int, int]:
    """The number's cases of a year that this actor may see, how many, and how many are open.

    Reports and confidential cases of anybody are in no history (rules.md 10).
    """
    number = vault.normal_phone(phone)
    if len(number) < 7:
        return [], 0, 0
    where, args = scope.condition(actor, 3)
    since = clock.on(clock.today().replace(year=clock.today().year - 1, day=1))
    async with db.reading() as connection:
        rows = await connection.fetch(_HISTORY.format(where), vault.phone_indexes(number), since, *args)
    found = [_earlier(row) for row in rows]
    return found, (rows[0]["n"] if rows else 0), (rows[0]["n_open"] if rows else 0)


def _earlier(row: Mapping[str, Any]) -> Earlier:
    return Earlier(
        number=row["number"],
        title=row["title"],
        kind=KINDS[row["kind"]],
        state=CASE_STATES[row["state"]],
        opened_at=row["opened_at"],
        is_open=row["is_open"],
    )
