"""What the desk proposes while somebody types: matter, place, unit and due date, look-alikes, the caller's history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from cases import callers
from cases.callers import History
from cases.moves_merge import HOLDING
from cases.states import CASE_STATES, OPEN
from channels.meaning import kind_of
from hotline import city, clock, db, unfinished, vault
from hotline.actor import Actor
from hotline.city import City
from hotline.errors import Say
from hotline.places import Place
from routing import alike, book, catalogue, decision, facts, guess, where, witnesses
from routing.alike import Alike
from routing.witnesses import Witness
from sla import clocks, targets
from web import units
from web.desk import answers, matters
from web.desk.call import Call
from web.desk.matters import Proposal
from web.forms import Form

SHORTEST = 7
"""Digits from which on a number is looked for."""
SPOKEN_FOR = 3
"""So many proposals show the closed cases that speak for them."""


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


class Help(msgspec.Struct, frozen=True, kw_only=True):
    """Everything proposed for one form as it stands.

    ``matter`` and ``place`` are what is filled in; ``proposed`` is "matter|model" while no person has touched it.
    ``heard`` is the stretch of the words that names the place, ``kind`` the type that the words sound like.
    """

    matters: list[Proposal]
    places: list[PlaceOffer]
    preview: Preview
    matter: str
    place: str
    proposed: str = ""
    heard: str = ""
    kind: str = ""


class Like(msgspec.Struct, frozen=True, kw_only=True):
    """A look-alike as the strip shows it; ``may_join`` when one key puts this call on it."""

    case: Alike
    state: Say
    unit: Say | None
    may_join: bool


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """What stands beside the proposals and asks the database: look-alikes, closed cases by matter, answers."""

    likes: Sequence[Like] = ()
    witnesses: Mapping[str, Sequence[Witness]] = {}
    answers: answers.Answers = answers.Answers()


def offer(form: Form[Call]) -> Help:
    """The proposals for what is typed; what is sure is filled in until somebody chooses otherwise."""
    snapshot = city.current()
    chosen = form.text("matter") if not is_untouched(form) else ""
    found = matters.propose(snapshot, form.text("matter_q"), form.text("words"))
    if chosen in snapshot.matters and all(one.code != chosen for one in found):
        one = snapshot.matters[chosen]
        kept = Proposal(code=chosen, name=one.name, path=one.path, why=Say("已选", "chosen"))
        found = [kept, *found][: matters.MOST]
    sure = next((one for one in found if one.is_sure), None)
    matter = chosen if chosen in snapshot.matters else sure.code if sure else ""
    proposed = f"{sure.code}|{sure.model}" if sure and matter != chosen else ""
    places, place, heard = _places(snapshot, form)
    return Help(
        matters=found, places=places, preview=preview(snapshot, form, matter, place), matter=matter, place=place,
        proposed=proposed, heard=heard, kind=kind_of(words) if (words := form.text("words").strip()) else "",
    )  # fmt: skip


def is_untouched(form: Form[Call]) -> bool:
    """Whether the matter that the form sends is the one that was filled in by itself."""
    code, mark, _ = form.text("proposed").partition("|")
    return bool(mark) and code == form.text("matter")


def decided_by(form: Form[Call], helped: Help) -> str:
    """Who chose the matter that is about to be recorded: ``model:<version>``, or "" for the agent."""
    held = form.text("proposed") if is_untouched(form) else "" if form.text("matter") else helped.proposed
    version = held.partition("|")[2]
    return f"model:{version}" if version and version == guess.suggest(form.text("words"), most=1).model else ""


def _places(snapshot: City, form: Form[Call]) -> tuple[list[PlaceOffer], str, str]:
    if form.text("county") or form.text("township"):
        return [], "", ""
    found = where.find(f"{form.text('place')} {form.text('words')}".strip(), clock.today())
    known = Place(county=found.county, township=found.township or None, village=found.village or None)
    places = (known,) if found.is_clear else found.candidates
    offers = list({one.value: one for one in (_offered(snapshot, place) for place in places) if one}.values())
    asked = form.text("place_pick")
    chosen = asked if any(one.value == asked for one in offers) else ""
    if not chosen and asked != "none" and len(offers) == 1 and found.is_clear:
        chosen = offers[0].value
    return offers, chosen, found.heard


def _offered(snapshot: City, place: Place) -> PlaceOffer | None:
    county = snapshot.jurisdiction(place.county)
    if county is None:
        return None
    town = snapshot.township(place.township) if place.township else None
    name = Say(
        county.name_zh + (town.name_zh if town else ""), (f"{town.name_en}, " if town else "") + county.name_en
    )
    return PlaceOffer(value=f"{place.county}/{place.township or ''}", name=name)


def of_place(form: Form[Call], place: str) -> tuple[str, str]:
    """County and township for the form as it stands, ``place`` being the radio's value."""
    county, township = form.text("county"), form.text("township")
    if not county and not township and "/" in place:
        county, _, township = place.partition("/")
    if township and not county:
        known = city.current().township(township)
        county = known.county if known else ""
    return county, township


def preview(snapshot: City, form: Form[Call], matter: str, place: str) -> Preview:
    """The unit by rules and catalogue, and the handling deadline, for the form as it stands."""
    county, township = of_place(form, place)
    if unfinished.is_sealed(form.typed):
        return Preview(unit=None, reason=catalogue.REASONS["sealed"])
    if matter not in snapshot.matters:
        return Preview(
            unit=None,
            reason=Say(
                "选了事项和地点，就知道派给谁、何时到期。", "Choose matter and place to see the unit and the due date."
            ),
        )
    about = units.named(snapshot, form.text("about_unit"))
    known = facts.of_call(
        snapshot, clock.now(), words=form.text("words"), line=form.text("line") or "12345", matter=matter,
        channel=form.text("channel") or "phone", kind=form.text("kind") or "assistance",
        urgency=form.text("urgency") or "normal", county=county, township=township, about=about.code if about else "",
        requester="enterprise" if form.text("organisation_code") else "person",
        flags=[flag for flag in facts.FLAGS if form.text(f"is_{flag}")],
    )  # fmt: skip
    choice = decision.foreseen(known, book.current(), clock.today(), snapshot)
    profile = _profile(form, snapshot.matters[matter].profile)
    promise, _ = clocks.promise("finish", profile, clock.now())
    unit = units.name(snapshot, choice.unit) if choice.unit else None
    return Preview(unit=unit, reason=decision.why(choice), due=promise.due_at, profile=profile)


def _profile(form: Form[Call], of_matter: str) -> str:
    return targets.profile_for(form.text("kind") or "assistance", form.text("urgency") or "normal", of_matter)


async def beside(actor: Actor, form: Form[Call], helped: Help) -> Beside:
    """Look-alikes and the closed cases that speak for the matters, as far as this agent may see them.

    Of a report or a confidential call nothing is compared.
    """
    words = form.text("words")
    codes = list(dict.fromkeys(filter(None, (helped.matter, *(one.code for one in helped.matters)))))
    county, township = of_place(form, helped.place)
    async with db.reading() as connection:  # one connection for all that is asked
        offered = await answers.offered(form, county, township, helped.matter, codes)
        if unfinished.is_sealed(form.typed) or not words.strip():
            return Beside(answers=offered)
        asked = alike.Asked(
            words=words, place=form.text("place"), matters=codes[:3], county=county, township=township,
            phones=_phones(form.text("phone")),
        )  # fmt: skip
        found = await alike.find(connection, actor, asked)
        spoken = await witnesses.find(connection, actor, words, codes[:SPOKEN_FOR])
    return Beside(likes=[_like(one) for one in found], witnesses=spoken, answers=offered)


def _like(one: Alike) -> Like:
    unit = units.name(city.current(), one.lead_unit) if one.lead_unit else None
    may_join = one.state in HOLDING or (one.is_own and one.state in OPEN)
    return Like(case=one, state=CASE_STATES[one.state], unit=unit, may_join=may_join)


def _phones(phone: str) -> list[bytes]:
    number = vault.normal_phone(phone)
    return vault.phone_indexes(number) if len(number) >= SHORTEST else []


async def history(actor: Actor, phone: str) -> History:
    """The number's cases of a year by every door that this actor may see; reports and confidential ones are in none."""
    async with db.reading() as connection:
        return await callers.history(connection, actor, phones=_phones(phone))
