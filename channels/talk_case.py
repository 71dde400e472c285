"""What requesters do to a case of theirs in a conversation: rate it, ask how it stands, urge it."""

from __future__ import annotations

from datetime import timedelta

from cases import states, track, verbs
from cases.file import CaseFile
from cases.rows import RequestRow
from cases.track import Track
from channels import receipts, talk_words, texts, ways
from channels.meaning import WORDS, Meant
from channels.notify import say_day
from channels.turn import Own, Turn
from hotline import city, tries
from hotline.errors import Refusal

REPLY = 200
"""Characters of a reply in a message; the whole is read on the tracking page."""
_SEALED = "SELECT kind = 'report' OR is_confidential FROM cases WHERE id = $1"


async def rate(turn: Turn, said: Meant) -> str:
    """A grade, once, within the window of the request that ended last; one too late or twice is answered kindly."""
    if said.number and said.code and turn.own(said.number) is None:
        return await _rate_shown(turn, said)
    ended = [
        one for one in turn.theirs
        if said.number in {"", one.number} and (
            one.is_asked(turn.row.received_at)
            or (one.has_ended and _ended_at(one) <= turn.row.received_at.timestamp())
        )
    ]  # fmt: skip
    late = _late(turn, said)
    if late is not None and all(_ended_at(one) < _ended_at(late) for one in ended):
        turn.about(late.number, late.case_id)
        turn.tell("rate_closed", late, number=late.number)
        return "rating"
    for own in sorted(ended, key=_ended_at, reverse=True):
        file, request = await track.opened(turn.work, own.number)
        if track.may_rate(file, request, turn.row.received_at):
            await _grade(turn, said, file, request)
            turn.about(own.number, own.case_id)
            turn.tell("rated", own, number=own.number, grade=states.GRADES[said.grade].in_(turn.who.lang))
            return "rating"
    if talk_words.follows(turn) is not None or not ended:
        return await talk_words.take(turn, Meant(act=WORDS, number=said.number, code=said.code))
    last = max(ended, key=_ended_at)
    turn.about(last.number, last.case_id)
    turn.tell("rated_before" if last.rated_at else "rate_closed", last, number=last.number)
    return "rating"


def _late(turn: Turn, said: Meant) -> Own | None:
    """The one whose question a grade answers too late: it is neither further words nor a new matter, nor another's."""
    late = [one for one in turn.theirs if said.number in {"", one.number} and one.is_late(turn.row.received_at)]
    return max(late, key=_ended_at, default=None)


async def _grade(turn: Turn, said: Meant, file: CaseFile, request: RequestRow) -> None:
    await verbs.rate(
        turn.work, file, request, grade=said.grade, words=said.words, channel=turn.heard.channel, raw=said.raw
    )


async def _rate_shown(turn: Turn, said: Meant) -> str:
    """A grade from another address: number and code are enough (rules.md 8)."""
    if not await _is_shown(turn, said):
        return "rating"
    if await track.read(turn.work.connection, said.number) is None:
        return _not_yet(turn, said.number, "rating")
    file, request = await track.opened(turn.work, said.number)
    if track.may_rate(file, request, turn.row.received_at):
        await _grade(turn, said, file, request)
        turn.tell("rated", number=said.number, grade=states.GRADES[said.grade].in_(turn.who.lang))
    elif file.case.state in states.OPEN:
        return await query(turn, said)
    else:
        turn.tell("rated_before" if request.rated_at else "rate_closed", number=said.number)
    return "rating"


def _not_yet(turn: Turn, number: str, outcome: str) -> str:
    """It is acknowledged, and not a case yet: all that can be said of it is that we have it."""
    turn.tell("progress_sealed", number=number, state=track.RECEIVED.in_(turn.who.lang))
    return outcome


def _ended_at(own: Own) -> float:
    if own.asked_until is not None and own.closed_at is None:
        days = float(city.current().rule("visit.rating_days"))
        return (own.asked_until - timedelta(days=days)).timestamp()
    return (own.closed_at or own.filed_at).timestamp()


async def query(turn: Turn, said: Meant) -> str:
    """How it stands: theirs by its number or the one last talked about, anybody's by number and code."""
    own = turn.own(said.number) if said.number else _current(turn)
    if own is None and not said.number:
        turn.tell("help")
        return "query"
    number = own.number if own is not None else said.number
    if own is None and not await _is_shown(turn, said):
        return "query"
    found = await track.read(turn.work.connection, number)
    if found is None:
        return _not_yet(turn, number, "query")
    if own is not None:
        turn.about(number, own.case_id)
    is_sealed = own.is_sealed if own is not None else await turn.work.connection.fetchval(_SEALED, found.case_id)
    _tell_progress(turn, found, own, is_sealed=is_sealed)
    return "query"


def _current(turn: Turn) -> Own | None:
    """The request that the conversation is about, else their newest."""
    return turn.own(turn.talk.number) or next(iter(turn.theirs), None)


async def _is_shown(turn: Turn, said: Meant) -> bool:
    """Whether the code is right; counted before it is looked at, as on the web, and a wrong one tells nothing."""
    rule = city.current().rule
    limit, minutes = int(rule("lookup.tries")), int(rule("lookup.pause_minutes"))
    pause, address = timedelta(minutes=minutes), f"{turn.heard.channel}:{turn.heard.sender}"
    try:
        await tries.count("lookup.address", address, limit=limit, pause=pause)
        await tries.count("lookup.number", said.number, limit=limit, pause=pause)
    except Refusal:
        turn.tell("locked", minutes=str(minutes))
        return False
    if await receipts.shown(turn.work.connection, said.number, said.code) is None:
        turn.tell("wrong_code", tries=str(limit), minutes=str(minutes))
        return False
    await tries.forget("lookup.number", said.number)
    await tries.give_back("lookup.address", address)
    return True


def _tell_progress(turn: Turn, found: Track, own: Own | None, *, is_sealed: bool) -> None:
    """State, unit, due date and reply; no subject, so that a lent phone tells nobody what it is about."""
    lang = turn.who.lang
    state = found.state_say.in_(lang)
    if is_sealed:
        turn.tell("progress_sealed", own, number=found.number, state=state)
    elif found.reply:
        reply, where = texts.cut(found.reply, REPLY), ways.where(lang)
        turn.tell("progress_done", own, number=found.number, state=state, reply=reply, where=where)
    elif found.due is None:
        turn.tell("progress_sealed", own, number=found.number, state=state)
    elif found.unit is None:
        turn.tell("progress_early", own, number=found.number, state=state, due=say_day(found.due).in_(lang))
    else:
        turn.tell(
            "progress", own, number=found.number, state=state, due=say_day(found.due).in_(lang),
            unit=texts.cut(found.unit.in_(lang), texts.UNIT[lang]),
        )  # fmt: skip


async def urge(turn: Turn, said: Meant) -> str:
    """催办: what they ask about is named again to whoever has it, once in a day; more often is answered the same."""
    own = turn.own(said.number) if said.number else _open(turn)
    if own is None:
        if said.number and said.code and not await _is_shown(turn, said):
            return "urge"
        if not (said.number and said.code):
            turn.tell("help")
            return "urge"
    number = own.number if own is not None else said.number
    if own is None and await track.read(turn.work.connection, number) is None:
        return _not_yet(turn, number, "urge")
    file, request = await track.opened(turn.work, number)
    if file.case.state not in states.OPEN:
        return await query(turn, said)
    is_told = turn.heard.channel in {request.reply_by, request.second_by}  # the flow acknowledges it
    try:
        await verbs.urge(turn.work, file, request, channel=turn.heard.channel)
    except Refusal as refusal:
        if refusal.code != "urged":
            raise
        is_told = False
    if own is not None:
        turn.about(number, own.case_id)
    if not is_told:
        found = await track.read(turn.work.connection, number)
        due = say_day(found.due if found is not None else None).in_(turn.who.lang)
        turn.tell("urged", own, number=number, due=due)
    return "urge"


def _open(turn: Turn) -> Own | None:
    one = turn.own(turn.talk.number)
    if one is not None and one.is_open:
        return one
    return next((own for own in turn.theirs if own.is_open), None)
