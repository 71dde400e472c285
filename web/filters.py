"""Filters in the address of a list: read, shown as words that can be taken away, carried along by links. Pure.

A list declares its ``Choice``s; whatever else the address says, or a value that is not offered, is ignored.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlencode

import msgspec

from hotline import clock
from hotline.errors import Say

MOST_TEXT = 200


def moment_in(text: str) -> datetime | None:
    """The moment in an address, in UTC; None where there is none, or none with a zone and within the years."""
    with contextlib.suppress(ValueError, OverflowError):
        return clock.utc(datetime.fromisoformat(text))
    return None


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One filter: its key in the address, its label and the values offered; no ``options`` means free text."""

    key: str
    say: Say
    options: Mapping[str, Say] | None = None


class Word(msgspec.Struct, frozen=True):
    """An applied filter as a word, and the address without it."""

    say: Say
    url: str


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What the address asks for. ``after`` is the keyset cursor, opaque to the page; ``sort`` one of those offered."""

    path: str
    choices: tuple[Choice, ...]
    values: dict[str, str]
    sort: str
    sorts: tuple[str, ...]
    after: str

    def get(self, key: str) -> str:
        """The value asked for, or ""."""
        return self.values.get(key, "")

    @property
    def is_any(self) -> bool:
        """Whether anything is filtered."""
        return bool(self.values)

    def url(self, **changes: str) -> str:
        """The address with these filters changed ("" takes one away); starts from the first page."""
        merged = {**self.values, **({"sort": self.sort} if self.sort != self.sorts[0] else {}), **changes}
        query = urlencode([(key, value) for key, value in merged.items() if value])
        return f"{self.path}?{query}" if query else self.path

    def words(self) -> list[Word]:
        """Each applied filter as a word with the address that takes it away."""
        asked = [choice for choice in self.choices if choice.key in self.values]
        return [Word(_word(choice, self.values[choice.key]), self.url(**{choice.key: ""})) for choice in asked]


def parse(
    path: str, query: Mapping[str, str], choices: Sequence[Choice], *, sorts: tuple[str, ...] = ("due",)
) -> Filters:
    """Read ``query`` (``request.query_params``) against what the list offers; the first of ``sorts`` is the default."""
    values: dict[str, str] = {}
    for choice in choices:
        given = str(query.get(choice.key, "")).replace("\x00", "").strip()[:MOST_TEXT]
        if given and (choice.options is None or given in choice.options):
            values[choice.key] = given
    sort = str(query.get("sort", ""))
    return Filters(
        path=path,
        choices=tuple(choices),
        values=values,
        sort=sort if sort in sorts else sorts[0],
        sorts=sorts,
        after=str(query.get("after", "")).replace("\x00", "")[:MOST_TEXT],
    )


def _word(choice: Choice, value: str) -> Say:
    if choice.options is not None:
        named = choice.options[value]
        return Say(f"{choice.say.zh}：{named.zh}", f"{choice.say.en}: {named.en}")
    return Say(f"{choice.say.zh}：{value}", f"{choice.say.en}: {value}")
