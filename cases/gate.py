"""The privacy gate of a notice: what in its texts tells who somebody is, against all that the case itself holds.

Names and numbers of the case are unsealed in memory, compared, and forgotten. Whatever cannot be read stops the notice.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import msgspec

from cases import redaction
from cases.name_words import DOUBLE, TITLES
from cases.numbers import values
from cases.spelling import Letters, Spelt, letters, plain
from hotline import db, vault
from hotline.errors import Refusal, Say, conflict, invalid

QUOTE, KNOWN = "quote", "known"
"""Kinds beside those of ``redaction``: copied words, and a number or address that the case holds."""
QUOTED = 12
"""So many consecutive characters of the requester's words make a quotation (domain.md 2.11)."""
ADDRESS = 6
"""So many consecutive characters of an address that the case holds are a find."""
LONGEST = 20_000
"""Characters of one field: more is refused, never cut, so that nothing stands beyond what was looked at."""
_SHORTEST_NUMBER = 5
_TEXTS = """
    WITH RECURSIVE held AS (
        SELECT id FROM cases WHERE id = $1
        UNION SELECT c.id FROM cases c JOIN held h ON c.merged_into = h.id
    )
    SELECT field, value, sealed, erased_at FROM case_text
    WHERE case_id IN (SELECT id FROM held) AND (sealed IS NOT NULL OR erased_at IS NOT NULL OR value <> '')
"""
"""Of the case and of all that was merged into it: their requesters are its requesters."""
_CODES = "SELECT DISTINCT organisation_code FROM request WHERE case_id = $1 AND organisation_code <> ''"
_QUOTABLE = frozenset({"words", "said", "place"})
_NUMBERS = frozenset({"phone", "organisation_code", "reply_to", "second_to"})
_ADDRESSES = frozenset({"address"})
_IN_TEXTS = redaction.ALL_KINDS - {redaction.NAME, redaction.DOOR}
_HAN_NAME = re.compile(rf"(?:{DOUBLE}|[\u4e00-\u9fff])(?P<given>[\u4e00-\u9fff]{{2,3}})")
_TITLED = re.compile(rf"(?:{TITLES})$")
_APART = re.compile(r"[\s、，,;；/（）()·•・]+")


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What a case knows of its people: names, numbers, addresses, and the words they used."""

    names: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


class Found(msgspec.Struct, frozen=True, order=True):
    """One find: ``text[start:end]`` of ``field``; ``digest`` is a keyed hash of kind and stretch."""

    field: str
    start: int
    end: int
    kind: str
    text: str
    digest: bytes


async def known(connection: db.Connection, case_id: UUID) -> Known:
    """Everything personal that the case holds, in the clear, for this comparison only.

    What its texts themselves name (third parties in the words, in notes and replies) is known too. Raises when a value
    cannot be unsealed, and 409 when values were erased: what cannot be compared is not published.
    """
    held: dict[str, list[str]] = {"names": [], "numbers": [], "addresses": [], "words": []}
    for row in await connection.fetch(_TEXTS, case_id):
        if row["erased_at"] is not None:
            raise conflict(
                "erased", "这件事的个人信息已按规定删除，无法核对，不能公示。",
                "The personal data of this case was erased, so nothing can be checked, and nothing is published.",
            )  # fmt: skip
        field = row["field"]
        if row["sealed"] is None:
            _mine(held, field, row["value"])
        else:
            held[_group(field)].append(vault.unseal(row["sealed"], f"case_text.{field}"))
    held["numbers"] += [row["organisation_code"] for row in await connection.fetch(_CODES, case_id)]
    return Known(**{name: tuple(dict.fromkeys(values)) for name, values in held.items()})


def _group(field: str) -> str:
    """Where a sealed value belongs; whatever is not known otherwise is compared as a name, letter by letter."""
    return "numbers" if field in _NUMBERS else "addresses" if field in _ADDRESSES else "names"


def _mine(held: dict[str, list[str]], field: str, text: str) -> None:
    """Take a text of the case in: its words against quotation, and whomever it names."""
    if field in _QUOTABLE:
        held["words"].append(text)
    for one in redaction.finds(text):
        if one.kind == redaction.NAME and len(one.text) > 1:
            held["names"].append(one.text)
        elif one.kind in _IN_TEXTS:
            held["numbers"].append(one.text)


def finds(texts: Mapping[str, str], what: Known) -> list[Found]:
    """Every find in the fields of a notice, in the order of ``texts``; quotations beside what they overlap. Pure.

    422 ``too_long`` for a field of more than ``LONGEST`` characters, 409 ``gate_failed`` when a rule itself fails.
    """
    for text in texts.values():
        if len(text) > LONGEST:
            zh = f"文字太长（{len(text)} 字，最多 {LONGEST} 字），无法逐处核对，请分开写。"
            en = f"The text is too long to be checked ({len(text)} characters, {LONGEST} at most); write it in parts."
            raise invalid({"text": Say(zh, en)}, "too_long")
    try:
        return [one for field, text in texts.items() for one in _in_field(field, text, what)]
    except Refusal:
        raise
    except Exception:  # noqa: BLE001 - whatever fails here, nothing goes out unseen; its words may hold the text
        raise conflict(
            "gate_failed", "核对没有做完，所以不能公示。请告诉管理员。",
            "The check did not finish, so nothing is published. Tell an administrator.",
        ) from None  # fmt: skip


def _in_field(field: str, text: str, what: Known) -> list[Found]:
    spans = {(one.start, one.end, one.kind) for one in redaction.finds(text, _names(what.names))}
    spans |= {(start, end, KNOWN) for start, end in _numbers(text, what.numbers)}
    spans |= {(start, end, KNOWN) for start, end in runs(text, what.addresses, ADDRESS)}
    spans |= {(start, end, QUOTE) for start, end in runs(text, what.words, QUOTED)}
    return [
        Found(field, start, end, kind, text[start:end], digest_of(kind, text[start:end]))
        for start, end, kind in sorted(spans)
        if kind != KNOWN or not _is_within(start, end, spans)
    ]


def digest_of(kind: str, text: str) -> bytes:
    """A keyed hash by which a decision is found again without keeping what it was about."""
    return vault.index(f"notice.find:{kind}:{text}")


def redacted(text: str, one: Found) -> str:
    """``text`` with this find replaced by its mark; a quotation leaves an ellipsis."""
    if one.kind == QUOTE:
        return f"{text[: one.start]}……{text[one.end :]}"
    return redaction.redact(text, [redaction.Find(one.start, one.end, one.kind, one.text)])


def _names(names: Iterable[str]) -> list[str]:
    """The names as they are, in their parts where several were written together, and the given names alone."""
    parts = [part for name in names for part in _APART.split(plain(name))]
    bare = [_TITLED.sub("", part) for part in parts]
    given = [match["given"] for part in bare if (match := _HAN_NAME.fullmatch(part))]
    return [name for name in dict.fromkeys([*names, *parts, *bare, *given]) if len(name) > 1]


def _is_within(start: int, end: int, spans: set[tuple[int, int, str]]) -> bool:
    return any(kind not in {KNOWN, QUOTE} and a <= start and end <= b for a, b, kind in spans)


def _numbers(text: str, numbers: Sequence[str]) -> list[tuple[int, int]]:
    """Where the known numbers stand, in whatever digits and with whatever between them."""
    spelt = Spelt(text)
    held = Letters(values(spelt.plain))
    wanted = {letters(values(plain(number))) for number in numbers}
    return [
        spelt.span(*place) for number in wanted if len(number) >= _SHORTEST_NUMBER for place in held.places(number)
    ]


def runs(text: str, sources: Iterable[str], least: int) -> list[tuple[int, int]]:
    """Stretches of ``text`` that hold ``least`` or more consecutive characters of a source.

    Blanks, punctuation, width, case and traditional forms do not count, so that a comma more does not hide a quotation.
    """
    plain, places = _plain(text)
    grams = {
        one[n : n + least] for source in sources for one in [_plain(source)[0]] for n in range(len(one) - least + 1)
    }
    found: list[list[int]] = []
    for n in range(len(plain) - least + 1):
        if plain[n : n + least] in grams:
            start, end = places[n], places[n + least - 1] + 1
            if found and start < found[-1][1]:
                found[-1][1] = end
            else:
                found.append([start, end])
    return [(start, end) for start, end in found]


@functools.lru_cache(8192)
def _folded(letter: str) -> str:
    """What of one character counts; single characters tell nothing, so they may be remembered."""
    return "".join(one for one in plain(unicodedata.normalize("NFKC", letter)).lower() if one.isalnum())


def _plain(text: str) -> tuple[str, list[int]]:
    """Letters, digits and characters only, folded; and where in ``text`` each stood."""
    kept: list[str] = []
    places: list[int] = []
    for n, letter in enumerate(text):
        for one in _folded(letter):
            kept.append(one)
            places.append(n)
    return "".join(kept), places
