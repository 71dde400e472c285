"""An answer at first contact: in the agent's words, from an article, or from an outage that is under way.

What matches an outage beyond doubt may be answered without a person, where the city's rule says so (off by default).
"""

from __future__ import annotations

from cases import accused, outage_areas, outage_match, outage_words, outages, verbs, verbs_outage
from cases.file import CaseFile
from cases.outage_match import Asked, Match
from channels.message import Decision, Inbound
from hotline import city, clock, db
from hotline.work import Work

RULE = "outage.auto_answer"
_PLAIN = frozenset({"assistance", "enquiry"})


async def answer(w: Work, file: CaseFile, decision: Decision) -> None:
    """直接答复 with what it came from: the article in its version is counted, the outage linked."""
    request = file.first_request
    await verbs.answer(
        w, file, reply=decision.reply, article=decision.article or None, version=decision.version or None
    )
    if decision.outage is not None:
        await verbs_outage.link(w, file, request, outage=decision.outage, wants_news=decision.tells)


def asked_of(message: Inbound) -> Asked:
    """What a message says of kind and place, in its words and in what its sender chose."""
    text = f"{message.place} {message.words}".strip()
    place = outage_areas.place_of(city.current(), text)
    known = place if place is not None and not place.candidates and message.county in ("", place.county) else None
    return Asked(
        words=text, matter=message.matter, county=message.county or (known.county if known else ""),
        township=message.township or (known.township if known else None) or "",
        village=(known.village if known else None) or "",
    )  # fmt: skip


async def matches(connection: db.Connection, message: Inbound) -> list[Match]:
    """The outages under way that a message is about."""
    asked = asked_of(message)
    if not outage_match.kinds_of(asked):
        return []
    return outage_match.match(await outages.under_way(connection), asked, clock.now())


async def automatic(connection: db.Connection, message: Inbound) -> Decision | None:
    """The answer of the one outage that a message is surely about; None where a person has to look.

    Never of a report, a confidential or a flagged one, nor where somebody is complained about.
    """
    if not int(city.current().rule(RULE)) or message.operator is not None or message.kind not in _PLAIN:
        return None
    flagged = message.is_confidential or message.is_minor or message.is_investigation or message.is_vulnerable
    about = message.about_unit or message.about_person or accused.is_said(message.words, message.kind)
    if flagged or about or "没有恢复" in message.words:
        return None
    found = [one for one in await matches(connection, message) if one.is_sure]
    if len(found) != 1:
        return None
    one = found[0].outage
    reply = outage_words.answer(one, clock.now()).in_(message.lang)
    return Decision(outcome="answer", reply=reply, outage=one.id)
