"""What routes cases, as data: one immutable snapshot in memory of the catalogue's lines, beside ``hotline.city``.

Its version row moves with every change, whoever makes it; each process reads it anew within seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import msgspec

from hotline import db
from routing import rulebook, rules

PLACE = "PLACE"
"""A line's lead: the government of the place where it happened, of the county or (tier 4) of the township."""
MATTER = "MATTER"
"""A line's lead: the unit that leads the matter."""
EVERY = ""
"""Every matter, every place, every kind of requester."""
REQUESTERS = ("person", "enterprise")

Key = tuple[str, str, str]
"""Matter, place and kind of requester: what a line is about. On one day a key has at most one line."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the dispatch catalogue from a day to a day (``valid_to`` is the last, None until further notice)."""

    id: int
    matter: str
    place: str
    requester: str
    lead: str
    co_handlers: tuple[str, ...] = ()
    tier: int = 3
    route: str
    valid_from: date
    valid_to: date | None = None
    edition: int = 0
    source: str = "edit"
    source_id: str = ""
    basis: str = ""

    @property
    def key(self) -> Key:
        """What the line is about."""
        return (self.matter, self.place, self.requester)

    def is_on(self, day: date) -> bool:
        """Whether it is in force on that day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class Book:
    """The lines as they were read at one version. Nothing in it changes; finding a line is at most 24 lookups."""

    def __init__(self, lines: Iterable[Line] = (), version: int = 0, own: Iterable[rules.Rule] = ()) -> None:
        self.version = version
        self.rules = tuple(own)
        """Every dispatch rule in its order, whatever its state."""
        self.lines = tuple(sorted(lines, key=lambda one: (one.key, one.valid_from)))
        self._by_id = {one.id: one for one in self.lines}
        self._by_key: dict[Key, list[Line]] = {}
        for one in self.lines:
            self._by_key.setdefault(one.key, []).append(one)

    def by_id(self, line: int) -> Line | None:
        """The line with this id, of whatever day; None for one that was withdrawn."""
        return self._by_id.get(line)

    def versions(self, key: Key) -> tuple[Line, ...]:
        """Every line there ever was, is or will be for a key, the earliest first."""
        return tuple(self._by_key.get(key, ()))

    def on(self, day: date) -> Iterator[Line]:
        """The lines in force on a day, by key."""
        return (one for one in self.lines if one.is_on(day))

    def rules_on(self, day: date) -> list[rules.Rule]:
        """The dispatch rules in force on a day, in their order."""
        return rules.in_force(self.rules, day)

    def find(self, matter: str, places: Iterable[str], requester: str, day: date) -> Line | None:
        """The most specific line for a matter at the first of ``places`` (township, county) that has one; else None.

        The place weighs most, then the matter (leaf, group, division, every), then the kind of requester. No two
        lines can be equally specific, for on one day a key has one line.
        """
        if not self.lines:
            return None
        for place in (*places, EVERY):
            for length in (6, 4, 2, 0):
                for kind in (requester, EVERY):
                    for one in self._by_key.get((matter[:length], place, kind), ()):
                        if one.is_on(day):
                            return one
        return None


_COLUMNS = (
    "id", "matter", "place", "requester", "lead", "co_handlers", "tier", "route", "valid_from", "valid_to", "edition",
)  # fmt: skip
_LINES = f"""
SELECT {', '.join(f'l.{name}' for name in _COLUMNS)}, e.source, e.source_id, e.basis
FROM catalogue_line l JOIN catalogue_edition e ON e.id = l.edition WHERE NOT l.is_withdrawn
"""
_VERSION = "SELECT version FROM routing_version"

_current: Book | None = None


def current() -> Book:
    """The snapshot of this process. RuntimeError before the first ``load()``."""
    if _current is None:
        msg = "the catalogue is not loaded: call routing.book.load() first"
        raise RuntimeError(msg)
    return _current


async def load() -> Book:
    """Read everything that routes and make it this process's snapshot."""
    global _current  # one process, one book
    async with db.reading() as connection:
        _current = await read(connection)
    return _current


async def read(connection: db.Connection) -> Book:
    """What stands in the database now, or in this transaction. Read again while somebody changes it."""
    version = await connection.fetchval(_VERSION)
    while True:
        rows = await connection.fetch(_LINES)
        own = await rulebook.read(connection)
        after = await connection.fetchval(_VERSION)
        if after == version:
            return Book((Line(**{**row, "co_handlers": tuple(row["co_handlers"])}) for row in rows), version, own)
        version = after


async def refresh() -> Book:
    """The snapshot, read anew if anything changed since; else one tiny query."""
    async with db.reading() as connection:
        version = await connection.fetchval(_VERSION)
    if _current is None or version != _current.version:
        return await load()
    return _current


def use(book: Book | None) -> None:
    """Stand a snapshot in place (tests and trial runs do; None takes it away)."""
    global _current
    _current = book
