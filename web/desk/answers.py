"""Answers at the right moment of the call: outages under way first, then articles; one key takes one.

What was taken is checked once more when the call is submitted and goes with it into intake, so that the answer, the
link to the outage and the count of the article are one transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from cases import outage_match, outage_words, outages
from cases.outage_match import Asked
from cases.outage_rows import Outage
from hotline import clock, db
from hotline.errors import Say
from routing import where
from web.desk import answered
from web.desk.call import Call
from web.forms import Form

TAKE = "take"
"""The name of the buttons: ``outage:<id>`` or ``article:<id>:<version>``; ``none`` takes the choice back."""


class Off(msgspec.Struct, frozen=True, kw_only=True):
    """An outage as the strip offers it."""

    id: UUID
    number: str
    title: Say
    why: Say
    say: Say
    note: str
    is_sure: bool
    is_chosen: bool


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """What is offered for one form as it stands; ``chosen`` is what was taken, by its words."""

    outages: Sequence[Off] = ()
    is_taken: bool = False


async def offered(
    form: Form[Call], county: str, township: str, matter: str, matters: Sequence[str]
) -> Answers:
    """Outages that the call is about. Nothing is offered for a report of a violation."""
    if form.text("kind") == "report":
        return Answers()
    asked = _asked(form, county, township, matter)
    chosen = answered.identified(form.text("outage"))
    if not outage_match.kinds_of(asked) and chosen is None:
        return Answers()
    async with db.reading() as connection:
        found = await outages.under_way(connection)
    now = clock.now()
    matches = outage_match.match(found, asked, now)
    shown = [_off(one.outage, one.why, form, is_sure=one.is_sure) for one in matches]
    kept = next((one for one in found if one.id == chosen and all(off.id != chosen for off in shown)), None)
    if kept is not None:
        shown.insert(0, _off(kept, Say("已选", "chosen"), form, is_sure=True))
    return Answers(outages=shown, is_taken=any(one.is_chosen for one in shown))


def _asked(form: Form[Call], county: str, township: str, matter: str) -> Asked:
    text = f"{form.text('place')} {form.text('words')}".strip()
    place = where.find(text, clock.today())
    fits = not county or county == place.county
    return Asked(
        words=text, heard=place.heard, matter=matter, county=county or place.county,
        township=township or (place.township if fits else ""), village=place.village if fits else "",
    )  # fmt: skip


def _off(one: Outage, why: Say, form: Form[Call], *, is_sure: bool) -> Off:
    return Off(
        id=one.id, number=one.number, title=outage_words.title(one), why=why, note=one.note, is_sure=is_sure,
        say=outage_words.answer(one, clock.now()), is_chosen=form.text("outage") == str(one.id),
    )  # fmt: skip


async def fill(fields: dict[str, list[str]]) -> dict[str, list[str]]:
    """The form as the button of an answer sends it: answered at once in its words, whatever outcome was chosen."""
    what, _, rest = (fields.get(TAKE) or [""])[0].partition(":")
    if not what:
        return fields
    bare = {**fields, "outage": [], "article": [], "outage_tells": []}
    if what == "outage" and (identifier := answered.identified(rest)) is not None:
        async with db.reading() as connection:
            one = next((one for one in await outages.under_way(connection) if one.id == identifier), None)
        if one is not None:
            words = outage_words.answer(one, clock.now()).zh
            return {**bare, "outcome": ["answer"], "outage": [rest], "outage_tells": ["yes"], "reply_text": [words]}
    return bare


async def refused(value: Call) -> dict[str, Say]:
    """What stands against the answer that was taken: an outage that was withdrawn. Empty when nothing."""
    if value.outcome != "answer" or not value.outage:
        return {}
    async with db.reading() as connection:
        state = await connection.fetchval("SELECT state FROM outage WHERE id = $1", answered.identified(value.outage))
    if state in ("on", "over"):  # one that ended while the call went on is told of at once
        return {}
    return {"reply_text": Say(
        "这条停供通知已经撤回，不能按它答复，请另选或受理。", "That outage notice was withdrawn: take another answer, or accept."
    )}  # fmt: skip
