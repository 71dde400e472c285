"""The minutes of a conference (会商纪要): made from its rows, without requester, names and numbers cut out; their hash.

Of a sealed case they say its number and who leads, no matter, place or question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import msgspec

from cases.search import strip_personal
from hotline import city, clock, db
from hotline.errors import Say
from routing.conferences import Conference, Item, Meeting

_CASES = "SELECT id, number, matter, county, township, kind, is_confidential FROM cases WHERE id = ANY($1::uuid[])"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One case in the minutes."""

    item: Item
    number: str
    what: Say
    question: str
    positions: Sequence[tuple[Say, str]]
    decision: str
    lead: Say | None
    helpers: Sequence[Say]
    is_sealed: bool


class Minutes(msgspec.Struct, frozen=True, kw_only=True):
    """The minutes of one conference: what a page, a print and a text file say alike."""

    conference: Conference
    present: Sequence[tuple[Say, str]]
    absent: Sequence[Say]
    entries: Sequence[Entry]


async def read(connection: db.Connection, meeting: Meeting) -> Minutes:
    """The minutes of the meeting, or of as much of it as ``meeting`` holds; units are called as on its day."""
    rows = await connection.fetch(_CASES, [one.case_id for one in meeting.items])
    cases = {row["id"]: row for row in rows}
    day = clock.local_day(meeting.conference.starts_at)
    snapshot = city.current()

    def name(code: str) -> Say:
        unit = snapshot.unit(code, day) or snapshot.unit(code)
        return Say(unit.name_zh, unit.name_en) if unit else Say(code, code)

    def entry(item: Item) -> Entry:
        case = cases[item.case_id]
        is_sealed = case["kind"] == "report" or case["is_confidential"]
        return Entry(
            item=item, number=case["number"], what=_what(case, snapshot, is_sealed=is_sealed),
            question="" if is_sealed else strip_personal(item.question),
            positions=[] if is_sealed else [
                (name(one.unit), strip_personal(one.words)) for one in meeting.positions.get(item.id, ()) if one.words
            ],
            decision="" if is_sealed else strip_personal(item.decision),
            lead=name(item.lead_unit) if item.lead_unit else None, helpers=[name(code) for code in item.co_units],
            is_sealed=is_sealed,
        )  # fmt: skip

    return Minutes(
        conference=meeting.conference,
        present=[(name(one.unit), one.person) for one in meeting.participants if one.is_present],
        absent=[name(one.unit) for one in meeting.participants if one.is_present is False],
        entries=[entry(one) for one in meeting.items],
    )


def _what(case: Mapping[str, Any], snapshot: city.City, *, is_sealed: bool) -> Say:
    if is_sealed:
        return Say("举报、保密件", "Sealed case")
    matter = snapshot.matter(case["matter"]) if case["matter"] else None
    county = snapshot.any_jurisdiction(case["county"]) if case["county"] != city.CITY else None
    township = snapshot.township(case["township"]) if case["township"] else None
    places = [one.name for one in (county, township) if one is not None]
    what = matter.name if matter else Say("未定事项", "no matter yet")
    zh = "".join(one.zh for one in places)
    en = ", ".join(one.en for one in reversed(places))
    return Say(f"{zh}{what.zh}", f"{what.en}{f', {en}' if en else ''}")


def title(conference: Conference) -> Say:
    """What stands above the minutes."""
    return Say(
        f"疑难诉求会商纪要〔{conference.year}〕{conference.n} 号", f"Minutes of case conference {conference.number}"
    )


def paragraphs(minutes: Minutes, lang: str = "zh") -> list[str]:
    """The minutes as paragraphs under their title, one text for page, print and file."""
    is_en = lang == "en"
    one = minutes.conference
    at = clock.local(one.starts_at)
    when = f"{at:%d %b %Y, %H:%M}" if is_en else f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}"
    here = [f"{unit.in_(lang)}{f'（{who}）' if who and not is_en else (f' ({who})' if who else '')}"
            for unit, who in minutes.present]  # fmt: skip
    joined = ", " if is_en else "、"
    out = [
        f"{'When' if is_en else '时间'}{_c(lang)}{when}", f"{'Where' if is_en else '地点'}{_c(lang)}{one.place}",
        f"{'Chair' if is_en else '主持'}{_c(lang)}{one.chair}",
        f"{'Present' if is_en else '到会'}{_c(lang)}{joined.join(here) or ('—')}",
    ]  # fmt: skip
    if minutes.absent:
        out.append(f"{'Absent' if is_en else '缺席'}{_c(lang)}{joined.join(unit.in_(lang) for unit in minutes.absent)}")
    for n, entry in enumerate(minutes.entries, 1):
        out += _of_item(n, entry, lang, joined)
    return out


def _of_item(n: int, entry: Entry, lang: str, joined: str) -> list[str]:
    is_en = lang == "en"
    out = [f"{n}. {entry.number} {entry.what.in_(lang)}" if is_en else f"{n}．{entry.number} {entry.what.zh}"]
    if entry.question:
        out.append(f"{'Question' if is_en else '争议'}{_c(lang)}{entry.question}")
    out += [f"{unit.in_(lang)}{_c(lang)}{words}" for unit, words in entry.positions]
    if entry.item.state == "open":
        return [*out, "Still to be discussed." if is_en else "待议。"]
    if entry.lead is None:
        out.append("Left to the next conference." if is_en else "本次未作决定，留待下次会商。")
        return out
    helpers = joined.join(one.in_(lang) for one in entry.helpers)
    if is_en:
        out.append(f"Decided: {entry.lead.en} leads{f', with {helpers}' if helpers else ''}. It may not be returned.")
    else:
        out.append(f"决定：由{entry.lead.zh}主办{f'，{helpers}协办' if helpers else ''}，不得再退。")
    if entry.decision:
        out.append(entry.decision)
    if entry.item.wants_precedent:  # so decided there; one made afterwards does not change the minutes
        out.append("The decision is a precedent for like cases." if is_en else "本决定列为同类诉求的派单先例。")
    return out


def _c(lang: str) -> str:
    return ": " if lang == "en" else "："


def text(minutes: Minutes, lang: str = "zh") -> str:
    """The minutes as a plain text."""
    return "\n".join([title(minutes.conference).in_(lang), "", *paragraphs(minutes, lang)]) + "\n"


def digest(minutes: Minutes) -> bytes:
    """SHA-256 of the Chinese text: what is noted when the conference is held."""
    return sha256(text(minutes).encode()).digest()
