"""Words of a requester: further words on the request they follow, the place asked for, or a request of its own.

Pictures, voices and positions go with the words they come with or follow; alone they wait for words.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import msgspec

from cases import likeness, states, track, verbs
from cases.search import strip_personal
from channels import emergency, intake, media, places, twilio
from channels.acknowledge import LONGEST
from channels.heard import Medium
from channels.meaning import Meant, bare, is_new, kind_of
from channels.message import Inbound
from channels.places import Where
from channels.turn import Own, Turn
from hotline import vault
from hotline.errors import Refusal
from hotline.masks import is_phone

AGAIN = timedelta(minutes=10)
"""The same words once more within this time are impatience, whatever they begin with."""
PLACELESS = frozenset({"enquiry", "suggestion", "praise"})
"""Kinds that need no place: nobody is asked for one."""
_THREAD = """
    SELECT case_id FROM outbox_message WHERE channel = $1 AND provider_id = ANY($2) AND case_id IS NOT NULL
    UNION SELECT case_id FROM arrival WHERE channel = $1 AND provider_id = ANY($2) AND case_id IS NOT NULL
"""
_GRAMS = "SELECT id, grams FROM cases WHERE id = ANY($1::uuid[])"
PICTURES: Mapping[str, str] = {"image": "照片", "audio": "语音", "voice": "语音", "video": "视频", "shortvideo": "视频"}


async def take(turn: Turn, said: Meant) -> str:
    """The words go where they belong: to the request they name, else to the one they follow, else to a new one.

    Somebody who comes back after days about an open one of theirs reminds us of it. A cry for help follows nothing:
    it is handed over at once, and never waits in an open case.
    """
    if emergency.marked(turn.heard.words):
        return await _ask_anew(turn)
    own = await _named(turn, said) or follows(turn)
    if own is not None:
        return await _add(turn, own)
    again = await _again(turn)
    if again is not None:
        return await _add(turn, again, reminds=True)
    return await _ask_anew(turn)


async def take_without_words(turn: Turn, _: Meant) -> str:
    """A picture, voice or position alone: on the request it follows; else it waits, and words are asked for."""
    heard = turn.heard
    if not heard.media and heard.position is None:
        return "ignored"
    own = follows(turn)
    if own is not None:
        return await _add(turn, own)
    turn.talk.media = (*_held(turn), *heard.media)[-twilio.MOST_MEDIA :]
    turn.talk.position = heard.position or turn.talk.position
    turn.talk.held_at = turn.row.received_at
    turn.tell("words_wanted")
    return "asked"


def follows(turn: Turn) -> Own | None:
    """The open request that a message without a number follows: asked about, talked about lately, or the one recent.

    Somebody who says that it is another matter begins a new one, unless it is word for word what they just wrote.
    """
    words = turn.heard.words
    if is_new(words) and not _is_said_again(turn):
        return None
    talked = turn.own(turn.talk.number)
    asked = _asked(turn)
    if asked is not None:
        return asked
    if talked is not None and talked.is_open and turn.is_recent(turn.talk.at):
        return talked
    recent = [
        one for one in turn.theirs
        if one.is_open and one.channel == turn.heard.channel and turn.is_recent(one.filed_at)
    ]  # fmt: skip
    return recent[0] if len(recent) == 1 else None


def _asked(turn: Turn) -> Own | None:
    """The one request about which we asked them something and wait, unless they have talked of another since."""
    asked = [one for one in turn.theirs if one.is_open and one.info_until is not None and one.info_asked_at is not None]
    if len(asked) != 1:
        return None
    one, at = asked[0], turn.talk.at
    is_elsewhere = turn.talk.number not in ("", one.number) and turn.is_recent(at)
    return None if is_elsewhere and at is not None and at > one.info_asked_at else one  # type: ignore[operator]


async def _again(turn: Turn) -> Own | None:
    """Their open request that the words are about though the conversation was over; none of several, none sealed."""
    theirs = [one for one in turn.theirs if one.is_open and not one.is_sealed]
    if not theirs or is_new(turn.heard.words) or kind_of(turn.heard.words) == "report":  # 举报 seals a case of its own
        return None
    rows = await turn.work.connection.fetch(_GRAMS, [one.case_id for one in theirs])
    words = strip_personal(turn.heard.words)
    same = {row["id"] for row in rows if likeness.is_same_thing(words, row["grams"])}
    found = [one for one in theirs if one.case_id in same]
    return found[0] if len({one.case_id for one in found}) == 1 else None


def _is_said_again(turn: Turn) -> bool:
    at = turn.talk.said_at
    return at is not None and turn.row.received_at - at <= AGAIN and turn.talk.said == _digest(turn.heard.words)


def _digest(words: str) -> str:
    return vault.index(f"talk:{bare(words)}").hex()


async def _named(turn: Turn, said: Meant) -> Own | None:
    """The open request that the message quotes, by its number or as an answer to a message of ours (e-mail)."""
    if said.number:
        own = turn.own(said.number)
        return own if own is not None and own.is_open else None
    if turn.heard.thread:
        found = await turn.work.connection.fetch(_THREAD, turn.heard.channel, list(turn.heard.thread))
        cases = {record["case_id"] for record in found}
        return next((one for one in turn.theirs if one.case_id in cases and one.is_open), None)
    return None


async def _add(turn: Turn, own: Own, *, reminds: bool = False) -> str:
    """Further words; the first that tell where, after we asked, are marked as the place. ``reminds``: and an urging."""
    file, request = await track.opened(turn.work, own.number)
    words = _written(turn)
    if turn.talk.wants_place == own.number and (turn.heard.position is not None or places.named(turn.heard.words)):
        words = f"位置：{words}"
        turn.talk.wants_place = ""
    await verbs.add_words(turn.work, file, request, words=words, channel=turn.heard.channel)
    if reminds and track.may_urge(request, turn.work.now):
        await verbs.urge(turn.work, file, request, channel=turn.heard.channel)
    media.keep(turn.work, turn.heard.channel, (*_held(turn), *turn.heard.media), request)
    _forget_held(turn)
    turn.about(own.number, own.case_id)
    if turn.heard.channel not in {request.reply_by, request.second_by}:  # else the flow acknowledges it
        turn.tell("words_received", own, number=own.number)
    return "words"


async def _ask_anew(turn: Turn) -> str:
    """A request of its own; where no place is found in it, we ask."""
    heard, talk = turn.heard, turn.talk
    position = heard.position or (talk.position if _has_held(turn) else None)
    where = places.where(heard.words, position, heard.channel)
    file = await intake.make_here(turn.work, _inbound(turn, where), turn.row.received_at)
    request = file.first_request
    rest = heard.words.strip()[LONGEST:]
    if rest:
        await verbs.add_words(turn.work, file, request, words=rest, channel=heard.channel)
    media.keep(turn.work, heard.channel, (*_held(turn), *heard.media), request)
    _forget_held(turn)
    talk.said, talk.said_at = _digest(heard.words), turn.row.received_at
    turn.about(request.receipt_no, file.case.id)
    talk.wants_place = ""
    if not where.is_known and request.kind not in PLACELESS and file.case.state in states.OPEN:
        talk.wants_place = request.receipt_no
        turn.tell("place_wanted")
    return "request"


async def take_up(turn: Turn, **known: Any) -> str:
    """A request of its own of which we know more than the message says: ``known`` are fields of ``Inbound``."""
    told = msgspec.structs.replace(_inbound(turn, Where()), **known)
    file = await intake.make_here(turn.work, told, turn.row.received_at)
    turn.about(file.first_request.receipt_no, file.case.id)
    return "request"


def _inbound(turn: Turn, where: Where) -> Inbound:
    heard = turn.heard
    is_text = heard.channel == "sms"
    may_answer = is_phone(heard.sender) if is_text else True
    return Inbound(
        channel=heard.channel, provider_id=heard.provider_id, words=heard.words.strip()[:LONGEST],
        title=heard.subject.strip()[:200], kind=kind_of(f"{heard.subject} {heard.words}"), line=_line(heard.to),
        place=where.place, point=where.point, county=where.county, township=where.township,
        phone=heard.sender if is_text and may_answer else "",
        reply_by=heard.channel if may_answer else "none", reply_to="" if is_text else heard.sender,
        filed_at=turn.row.received_at, lang=turn.who.lang,
    )  # fmt: skip


def _line(to: str) -> str:
    """The line that was written to; the hotline's own where the address is no number of a line."""
    try:
        return twilio.line_of(to) if to else "12345"
    except Refusal:
        return "12345"


def _written(turn: Turn) -> str:
    """What stands in the case: the words, what a device says of the place, and what is attached."""
    heard = turn.heard
    names = dict.fromkeys(PICTURES.get(one.kind, "附件") for one in heard.media)
    parts = [
        heard.words.strip(), places.shown(heard.position, heard.channel) if heard.position is not None else "",
        "".join(f"（{name}）" for name in names) if not heard.words.strip() else "",
    ]  # fmt: skip
    return " ".join(filter(None, parts))


def _has_held(turn: Turn) -> bool:
    return turn.is_recent(turn.talk.held_at)


def _held(turn: Turn) -> tuple[Medium, ...]:
    return turn.talk.media if _has_held(turn) else ()


def _forget_held(turn: Turn) -> None:
    turn.talk.media, turn.talk.position, turn.talk.held_at = (), None, None
