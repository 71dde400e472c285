"""An article of the knowledge and its versions, as they are read; and what a version says. No rules here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from hotline import db
from hotline.errors import Say, not_found

STATES: dict[str, Say] = {
    "draft": Say("草稿", "Draft"),
    "submitted": Say("待审定", "Waiting for approval"),
    "approved": Say("已审定", "Approved"),
    "retired": Say("已下架", "Retired"),
}
VERSION_STATES: dict[str, Say] = STATES | {
    "sent_back": Say("退回修改", "Sent back"),
    "dropped": Say("已作废", "Dropped"),
}
OPEN = ("draft", "submitted")
"""States of a version that is still being worked on: an article has at most one."""


class Source(msgspec.Struct, frozen=True):
    """A law or document that an answer rests on, with its number and where it can be read."""

    title: str
    number: str = ""
    link: str = ""

    @property
    def line(self) -> str:
        """As it is kept and typed: parts by bars."""
        return f"{self.title} | {self.number} | {self.link}".rstrip(" |")


def sources_of(text: str) -> list[Source]:
    """One source a line: title | number | link. Empty lines and parts may be left out."""
    lines = (line.replace("｜", "|").split("|") for line in text.splitlines() if line.strip(" |｜"))
    return [Source(*[part.strip() for part in parts][:3]) for parts in lines]


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """What a version of an article says, to whom it applies and from when. ``county`` "" is the whole city."""

    wordings: tuple[str, ...]
    answer: str
    note: str = ""
    sources: str = ""
    matter: str = ""
    county: str = ""
    valid_from: date
    valid_to: date | None = None
    review_on: date | None = None

    @property
    def question(self) -> str:
        """The first wording: the article's title."""
        return self.wordings[0]


class Version(Words, frozen=True, kw_only=True):
    """One version with who wrote it and who decided on it; ``in_from`` is its first day in force."""

    article_id: UUID
    version: int
    state: str
    author: UUID
    hands: tuple[UUID, ...]
    written_at: datetime
    submitted_at: datetime | None
    approver: UUID | None
    decided_at: datetime | None
    reason: str
    in_from: date | None
    in_to: date | None

    def is_in_force(self, day: date) -> bool:
        """Whether it is the answer on that day."""
        return self.in_from is not None and self.in_from <= day and (self.in_to is None or day <= self.in_to)

    def was_told(self, day: date) -> bool:
        """Whether it may have answered somebody by that day: one overtaken on its first day answered for hours."""
        return self.in_from is not None and self.in_from <= day


class Article(msgspec.Struct, frozen=True, kw_only=True):
    """An article: whose it is, what of, how it stands. ``matter`` and ``county`` are those of its last version."""

    id: UUID
    number: int
    owner: str
    matter: str
    county: str
    key: str
    source: str
    state: str
    version: int
    review_on: date | None
    reviewed_at: datetime | None
    reviewed_by: UUID | None
    created_at: datetime
    created_by: UUID
    changed_at: datetime
    retired_at: datetime | None
    retired_by: UUID | None
    retired_why: str

    @property
    def name(self) -> str:
        """The number as people say it: K00012."""
        return f"K{self.number:05}"

    def is_stale(self, day: date) -> bool:
        """Past its review date: flagged, offered to nobody."""
        return self.state == "approved" and self.review_on is not None and self.review_on < day


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody looked an article through and found it right until a day."""

    article_id: UUID
    at: datetime
    by: UUID
    review_on: date
    note: str


COLUMNS = ", ".join(Article.__struct_fields__)
VERSION_COLUMNS = ", ".join(Version.__struct_fields__)


async def read(connection: db.Connection, article: UUID, *, lock: bool = False) -> Article:
    """The article; locked for the transaction when asked. 404 when there is none."""
    sql = f"SELECT {COLUMNS} FROM article WHERE id = $1{' FOR UPDATE' if lock else ''}"
    row = await connection.fetchrow(sql, article)
    if row is None:
        raise not_found()
    return Article(**row)


async def versions(connection: db.Connection, article: UUID) -> list[Version]:
    """Its versions, the newest first."""
    sql = f"SELECT {VERSION_COLUMNS} FROM article_version WHERE article_id = $1 ORDER BY version DESC"
    return [version_of(row) for row in await connection.fetch(sql, article)]


async def reviews(connection: db.Connection, article: UUID) -> list[Review]:
    """Who looked it through, the latest first."""
    sql = "SELECT article_id, at, by, review_on, note FROM article_review WHERE article_id = $1 ORDER BY at DESC"
    return [Review(**row) for row in await connection.fetch(sql, article)]


def version_of(row: Mapping[str, Any]) -> Version:
    """A version from its row."""
    return Version(**{**row, "wordings": tuple(row["wordings"]), "hands": tuple(row["hands"])})
