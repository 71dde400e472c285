"""Online cases taken up by the system: the model is sure of the matter, the place is clear, and a unit answers for it.

A job after registration, safe twice: each case is weighed once, which stands in its ledger, whatever came of it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date
from uuid import UUID

import msgspec

from cases import accused, verbs
from cases.events_route import Guessed, Weighed
from cases.file import CaseFile, Entry
from cases.ledger import append, opened
from hotline import city, clock, db, jobs
from hotline.actor import SYSTEM
from hotline.city import City
from hotline.errors import Refusal, plain
from hotline.work import Work, work
from routing import book, guess, where
from routing.book import Book
from routing.decision import would
from routing.guess import Suggestion

log = logging.getLogger(__name__)

JOB = "accept_online"
BATCH = 100
CITYWIDE = frozenset({"FUNC", "UTIL"})
"""Routes of matters that the same unit leads wherever it happened."""
NO_PLACE = "网上来件没写清地点，这类事项由市级单位统一办理"
"""Stands as the reason for a case without a place that needs none: internal, in the language of the city's files."""
_WAITING = """
    SELECT c.id FROM cases c JOIN request r ON r.case_id = c.id
    WHERE c.state = 'registered' AND NOT c.is_weighed AND c.is_open AND c.channel <> 'import' AND r.filed_by IS NULL
    ORDER BY c.opened_at LIMIT $1
"""
_FOLLOWED = """
    SELECT EXISTS (SELECT FROM cases c WHERE c.is_open AND c.id <> $3 AND c.kind <> 'report' AND NOT c.is_confidential
        AND (c.matter = $4 OR c.matter IS NULL) AND c.id IN (
            SELECT case_id FROM request WHERE phone_index = ANY($1::bytea[])
            UNION ALL SELECT case_id FROM request WHERE account_id = ANY($2::uuid[])))
"""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """``reason`` "" means: accept it with this matter and place. Else a code of ``cases.wording_route.LEFT``."""

    reason: str
    matter: str = ""
    county: str = ""
    township: str = ""


def is_on() -> bool:
    """Whether the city lets the system accept online cases (rule accept.automatic)."""
    return bool(int(city.current().rule("accept.automatic")))


async def on_registered(one: Work, file: CaseFile, _: Entry) -> None:
    """A reaction: what came in online is weighed in a moment, in a transaction of its own."""
    if is_on() and file.first_request.filed_by is None and file.case.channel != "import":
        async def later() -> None:
            jobs.nudge_soon(JOB)

        one.after(later)


async def accept_waiting() -> int:
    """Weigh every online case that nobody weighed yet; how many were accepted. Without a model nothing happens."""
    if not is_on() or guess.current() is None:
        return 0
    accepted, seen = 0, set[UUID]()
    while True:
        async with db.reading() as connection:
            found = [row["id"] for row in await connection.fetch(_WAITING, BATCH)]
        fresh = [one for one in found if one not in seen]
        if not fresh:
            return accepted
        for one in fresh:
            seen.add(one)
            accepted += await _tried(one)


async def _tried(case_id: UUID) -> bool:
    try:
        return await weigh(case_id)
    except db.AWAY:
        raise
    except Exception as error:  # noqa: BLE001 - one case's trouble is not its neighbours'; it stays with the agents
        log.error("case %s could not be weighed\n%s", case_id, plain(error))  # noqa: TRY400
        return False


async def weigh(case_id: UUID) -> bool:
    """Ask the model about one case and accept it if it may; whether it was. Twice is once."""
    async with work(SYSTEM) as one:
        file = await opened(one, case_id=case_id)
        if file.case.state != "registered" or file.case.is_weighed:
            return False
        suggestion = guess.suggest(words_of(file))
        found = judge(file, suggestion, book.current(), clock.local_day(one.now), city.current())
        if not found.reason and await _is_followed(one, file, found.matter):
            found = Verdict(reason="look_alike")
        if found.reason:
            await append(one, file, _event(suggestion, found.reason))
            return False
        return await _accept(one, file, suggestion, found)


async def _is_followed(one: Work, file: CaseFile, matter: str) -> bool:
    """Whether a requester has another open case of this matter, or of none yet: a person joins them or keeps both."""
    numbers = [r.phone_index for r in file.requests.values() if r.phone_index is not None]
    accounts = [r.account_id for r in file.requests.values() if r.account_id is not None]
    return bool((numbers or accounts) and await one.connection.fetchval(
        _FOLLOWED, numbers, accounts, file.case.id, matter
    ))  # fmt: skip


async def _accept(one: Work, file: CaseFile, suggestion: Suggestion, found: Verdict) -> bool:
    """Accept, which routes; refused, the case stays as it was and its record says so."""
    mark = one.mark(file.case.id, [file.case, *file.requests.values()])
    try:
        await append(one, file, _event(suggestion, ""))
        await verbs.accept(
            one, file, matter=found.matter, county=found.county, township=found.township or None,
            urgency=file.case.urgency, decided_by=f"model:{suggestion.model}",
            no_place=NO_PLACE if found.county == city.CITY else None,
        )  # fmt: skip
    except Refusal as refusal:
        log.warning("accepting %s by itself was refused: %s", file.case.number, refusal.code)
        one.rewind(mark)
        file.assignments = {}
        await append(one, file, _event(suggestion, "refused"))
        return False
    return True


def _event(suggestion: Suggestion, reason: str) -> Weighed:
    ranked = tuple(Guessed(one.matter, round(one.probability * 100)) for one in suggestion.ranked)
    return Weighed(model=suggestion.model, guesses=ranked, reason=reason)


def words_of(file: CaseFile) -> str:
    """What the classifier reads of a case: the requesters' words. Nothing of a sealed one."""
    if file.case.is_sealed:
        return ""
    return "\n".join(one.words for one in file.requests.values() if one.words)


def judge(file: CaseFile, suggestion: Suggestion, kept: Book, day: date, snapshot: City) -> Verdict:
    """Whether the system may take the case up by itself, and with what. Pure; the weightiest reason first."""
    for reason, stands in _OBSTACLES:
        if stands(file):
            return Verdict(reason=reason)
    if not suggestion.is_sure or not suggestion.ranked:
        return Verdict(reason="unsure")
    matter = snapshot.matter(suggestion.ranked[0].matter, day)
    if matter is None:
        return Verdict(reason="unsure")
    county, township = _place(file, day)
    if county == city.CITY and matter.route not in CITYWIDE:
        return Verdict(reason="no_place")
    decision = would(file, matter.code, kept, day, snapshot, county=county, township=township)
    if decision.unit is None:
        return Verdict(reason="by_hand" if decision.basis.startswith("rule") else "no_unit")
    return Verdict(reason="", matter=matter.code, county=county, township=township)


def _place(file: CaseFile, day: date) -> tuple[str, str]:
    """The place as it was given, else as the words name it without doubt."""
    case = file.case
    if case.county != city.CITY:
        return case.county, case.township or ""
    found = where.find(words_of(file), day)
    return (found.county, found.township) if found.is_clear and found.county else (city.CITY, "")


def _is_about(file: CaseFile) -> bool:
    """A body or person is named in the fields for it, or the words read so."""
    named = any(one.about_unit or one.about_person for one in file.requests.values())
    return named or accused.is_said(words_of(file), file.case.kind)


_OBSTACLES: tuple[tuple[str, Callable[[CaseFile], bool]], ...] = (
    ("report", lambda file: file.case.is_sealed),
    ("about_unit", _is_about),
    ("protected", lambda file: file.case.is_minor or file.case.is_investigation),
    ("risk", lambda file: bool(file.case.risk)),
    ("urgent", lambda file: file.case.urgency != "normal"),
    ("enquiry", lambda file: file.case.kind == "enquiry"),
)
"""What a person must see first, whatever the model thinks of it."""
