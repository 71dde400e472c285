"""The privacy gate of a notice: what in its texts tells who somebody is, against all that the case itself holds.

Names and numbers of the case are unsealed in memory, compared, and forgotten. Whatever cannot be read stops the notice.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import msgspec

from cases import redaction
from hotline import db, vault
from hotline.errors import conflict

QUOTE, KNOWN = "quote", "known"
"""Kinds beside those of ``redaction``: copied words, and a number or address that the case holds."""
QUOTED = 12
"""So many consecutive characters of the requester's words make a quotation (domain.md 2.11)."""
ADDRESS = 6
"""So many consecutive characters of an address that the case holds are a find."""
_DIGITS = str.maketrans("０１２３４５６７８９零〇一二三四五六七八九", "012345678900123456789")
_WORDS = """
    SELECT field, value, sealed, erased_at FROM case_text WHERE case_id = $1
    AND (sealed IS NOT NULL OR erased_at IS NOT NULL OR field IN ('words', 'said', 'place'))
"""
_HAN_NAME = re.compile(r"[\u4e00-\u9fff]{3,4}")
_TITLES = frozenset(
    ["先生", "女士", "小姐", "太太", "同志", "师傅", "老师", "大爷", "大妈", "阿姨", "经理", "主任", "老板"]
)
_PHONES = frozenset({"phone", "organisation_code"})
_ADDRESSES = frozenset({"address"})


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

    Raises when a value cannot be unsealed, and 409 when values were erased: what cannot be compared is not published.
    """
    held: dict[str, list[str]] = {"name": [], "phone": [], "address": [], "words": []}
    for row in await connection.fetch(_WORDS, case_id):
        field = row["field"]
        if row["erased_at"] is not None:
            raise conflict(
                "erased", "这件事的个人信息已按规定删除，无法核对，不能公示。",
                "The personal data of this case was erased, so nothing can be checked, and nothing is published.",
            )  # fmt: skip
        value = vault.unseal(row["sealed"], f"case_text.{field}") if row["sealed"] is not None else row["value"]
        group = "phone" if field in _PHONES else "address" if field in _ADDRESSES else field
        held["words" if row["sealed"] is None else group if group in held else "name"].append(value)
    return Known(
        names=tuple(held["name"]),
        numbers=tuple(held["phone"]),
        addresses=tuple(held["address"]),
        words=tuple(held["words"]),
    )


def finds(texts: Mapping[str, str], what: Known) -> list[Found]:
    """Every find in the fields of a notice, in the order of ``texts``; quotations beside what they overlap. Pure."""
    found: list[Found] = []
    for field, text in texts.items():
        spans = {(one.start, one.end, one.kind) for one in redaction.finds(text, _names(what.names))}
        spans |= {(start, end, KNOWN) for start, end in _numbers(text, what.numbers)}
        spans |= {(start, end, KNOWN) for start, end in runs(text, what.addresses, ADDRESS)}
        spans |= {(start, end, QUOTE) for start, end in runs(text, what.words, QUOTED)}
        found += [
            Found(field, start, end, kind, text[start:end], digest_of(kind, text[start:end]))
            for start, end, kind in sorted(spans)
            if kind != KNOWN or not _is_within(start, end, spans)
        ]
    return found


def digest_of(kind: str, text: str) -> bytes:
    """A keyed hash by which a decision is found again without keeping what it was about."""
    return vault.index(f"notice.find:{kind}:{text}")


def redacted(text: str, one: Found) -> str:
    """``text`` with this find replaced by its mark; a quotation leaves an ellipsis."""
    if one.kind == QUOTE:
        return f"{text[: one.start]}……{text[one.end :]}"
    return redaction.redact(text, [redaction.Find(one.start, one.end, one.kind, one.text)])


def _names(names: Iterable[str]) -> list[str]:
    """The names as they are, in their parts where several were written together, and without the family name."""
    parts = [part for name in names for part in re.split(r"[\s、，,;；/（）()]+", name)]
    given = [part[-2:] for part in parts if _HAN_NAME.fullmatch(part) and part[-2:] not in _TITLES]
    return [name for name in dict.fromkeys([*names, *parts, *given]) if len(name) > 1]


def _is_within(start: int, end: int, spans: set[tuple[int, int, str]]) -> bool:
    return any(kind not in {KNOWN, QUOTE} and a <= start and end <= b for a, b, kind in spans)


def _numbers(text: str, numbers: Sequence[str]) -> list[tuple[int, int]]:
    """Where the known numbers stand, in whatever digits and with whatever between them."""
    plain = text.translate(_DIGITS)
    found: list[tuple[int, int]] = []
    for number in numbers:
        digits = [c for c in number if c.isalnum()]
        if len(digits) >= 5:
            between = r"[\s\-－—–_.·,，/]{0,3}"
            found += [m.span() for m in re.finditer(between.join(map(re.escape, digits)), plain, re.IGNORECASE)]
    return found


def runs(text: str, sources: Iterable[str], least: int) -> list[tuple[int, int]]:
    """Stretches of ``text`` that hold ``least`` or more consecutive characters of a source.

    Blanks, punctuation, width and case do not count, so that a comma more does not hide a quotation.
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


def _plain(text: str) -> tuple[str, list[int]]:
    """Letters, digits and characters only, folded; and where in ``text`` each stood."""
    kept: list[str] = []
    places: list[int] = []
    for n, letter in enumerate(text):
        for one in unicodedata.normalize("NFKC", letter).lower():
            if one.isalnum():
                kept.append(one)
                places.append(n)
    return "".join(kept), places
