"""Answers at the right moment of the call: outages under way first, then articles; one key takes one.

What was taken is checked once more when the call is submitted and goes with it into intake, so that the answer, the
link to the outage and the count of the article are one transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from cases import outage_match, outage_words, outages
from cases.knowledge import Answer, in_force
from cases.outage_match import Asked
from cases.outage_rows import Outage
from hotline import areas, city, clock, db, knowledge
from hotline.errors import Say
from hotline.knowledge_rows import sources_of
from routing import where
from web import units
from web.desk import answered
from web.desk.call import Call
from web.forms import Form

LEAST, SHORTEST, MOST = 6, 2, 3
"""Characters from which on a gap may be told, and from which on is looked; articles that are shown."""
_EXPIRED = Say(
    "这篇知识过了复核日期，或刚刚改了，不能再用它答复：请重新选，或点“不用这篇”用自己的话答复。",
    "That article has expired or was just changed: choose anew, or take it away and answer in your own words.",
)
_WITHDRAWN = Say(
    "这条停供通知已经撤回，不能按它答复，请另选或受理。",
    "That outage notice was withdrawn: take another answer, or accept.",
)
_REPORT = Say(
    "举报件不能按停供通知答复：请点“不用这条”，或改类型。",
    "A report of a violation is not answered with an outage: take it away, or change the type.",
)
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


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """An article as the strip offers it."""

    one: Answer
    owner: Say
    place: Say | None
    """The only county where it holds; None for the whole city."""
    sources: Sequence[str]
    is_chosen: bool

    @property
    def value(self) -> str:
        """Which article in which version, as the form sends it."""
        return f"{self.one.id}:{self.one.version}"


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """What is offered for one form as it stands: outages before articles."""

    outages: Sequence[Off] = ()
    articles: Sequence[Known] = ()
    is_asked: bool = False
    """Enough was said to look for an answer: a gap may be told when none is there."""


async def offered(
    form: Form[Call], county: str, township: str, matter: str, matters: Sequence[str]
) -> Answers:
    """Outages that the call is about, then the best articles. Nothing is offered for a report of a violation."""
    words = form.text("words").strip()
    if form.text("kind") == "report":
        return Answers()
    async with db.reading() as connection:
        return Answers(
            outages=await _outages(connection, form, county, township, matter),
            articles=await _articles(connection, form, county, matters), is_asked=len(words) >= LEAST,
        )  # fmt: skip


async def _articles(
    connection: db.Connection, form: Form[Call], county: str, matters: Sequence[str]
) -> list[Known]:
    """The best for what is typed, and first the one that was taken, as long as it may answer."""
    words = form.text("words").strip()
    hits = []
    if len(words) >= SHORTEST:
        hits = await knowledge.search(
            connection, words, matter=form.text("matter"), matters=matters, county=county, limit=MOST
        )
    chosen, _ = answered.article_of(form.text("article"))
    ids = list(dict.fromkeys(filter(None, (chosen, *(hit.id for hit in hits)))))
    found = await in_force(connection, ids) if ids else {}
    return [_known(found[one], chosen) for one in ids if one in found]


def _known(one: Answer, chosen: UUID | None) -> Known:
    sources = [source.title for source in sources_of(one.sources)]
    return Known(
        one=one, owner=units.name(city.current(), one.owner), sources=sources, is_chosen=one.id == chosen,
        place=areas.area_name(one.county) if one.county else None,
    )  # fmt: skip


async def _outages(
    connection: db.Connection, form: Form[Call], county: str, township: str, matter: str
) -> list[Off]:
    chosen = answered.identified(form.text("outage"))
    text = f"{form.text('place')} {form.text('words')}".strip()
    if not outage_match.kinds_of(Asked(words=text, matter=matter)) and chosen is None:
        return []  # as of most calls: the place, which is dear to find, is not looked for again
    asked = _asked(text, county, township, matter)
    found = await outages.under_way(connection)
    now = clock.now()
    matches = outage_match.match(found, asked, now)
    shown = [_off(one.outage, one.why, form, is_sure=one.is_sure) for one in matches]
    kept = next((one for one in found if one.id == chosen and all(off.id != chosen for off in shown)), None)
    if kept is not None:
        shown.insert(0, _off(kept, Say("已选", "chosen"), form, is_sure=True))
    return shown


def _asked(text: str, county: str, township: str, matter: str) -> Asked:
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
    identifier, _ = answered.article_of(rest)
    if what == "article" and identifier is not None:
        async with db.reading() as connection:
            known = (await in_force(connection, [identifier])).get(identifier)
        if known is not None:
            taken = f"{known.id}:{known.version}"
            return {**bare, "outcome": ["answer"], "article": [taken], "reply_text": [known.answer]}
    return bare


async def refused(value: Call) -> dict[str, Say]:
    """What stands against the answer that was taken: an outage that was withdrawn, an article that has expired."""
    if value.outcome != "answer" or not (value.outage or value.article):
        return {}
    if value.outage and value.kind == "report":
        return {"reply_text": _REPORT}
    async with db.reading() as connection:
        if value.article:
            identifier, version = answered.article_of(value.article)
            known = (await in_force(connection, [identifier])).get(identifier) if identifier else None
            return {} if known is not None and known.version == version else {"reply_text": _EXPIRED}
        state = await connection.fetchval("SELECT state FROM outage WHERE id = $1", answered.identified(value.outage))
    if state in ("on", "over"):  # one that ended while the call went on is told of at once
        return {}
    return {"reply_text": _WITHDRAWN}
