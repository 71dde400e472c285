"""An article as the answer of a call: whether it may answer today, what it answered, and the count of that."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

import msgspec

from cases.events import Answered
from cases.file import CaseFile, Entry
from hotline import clock, db
from hotline.work import ORDER, Row, Work

ORDER += ["article_use"]
_IN_FORCE = """
    SELECT v.article_id AS id, v.version, v.wordings[1] AS question, v.answer, v.note, v.sources, i.owner, i.county,
        i.review_on
    FROM article_index i JOIN article_version v USING (article_id, version)
    WHERE i.article_id = ANY($1) AND i.in_from <= $2 AND (i.in_to IS NULL OR i.in_to >= $2) AND i.review_on >= $2
"""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """An article in force and not past its review date, whole, as an agent needs it."""

    id: UUID
    version: int
    question: str
    answer: str
    note: str
    sources: str
    owner: str
    county: str
    review_on: date


class UseRow(Row, kw_only=True):
    """A call that an article answered ("answered with this")."""

    table: ClassVar[str] = "article_use"
    identity: ClassVar[tuple[str, ...]] = ("case_id",)
    is_final: ClassVar[bool] = True

    case_id: UUID
    article_id: UUID
    version: int
    at: datetime
    person_id: UUID


async def in_force(connection: db.Connection, articles: list[UUID]) -> dict[UUID, Answer]:
    """Those of the articles that may answer today, by id; an expired one is not among them."""
    rows = await connection.fetch(_IN_FORCE, articles, clock.today())
    return {row["id"]: Answer(**row) for row in rows}


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a call was answered with: the article in the version of that day."""

    article_id: UUID
    version: int
    number: int


async def told(connection: db.Connection, case: UUID) -> Told | None:
    """The article that answered the case at first contact, if one did."""
    row = await connection.fetchrow(
        "SELECT u.article_id, u.version, a.number FROM article_use u JOIN article a ON a.id = u.article_id"
        " WHERE u.case_id = $1",
        case,
    )  # fmt: skip
    return None if row is None else Told(**row)


async def on_answered(work: Work, file: CaseFile, entry: Entry) -> None:
    """Count it, by article, version and day; own words count nothing."""
    event = entry.event
    if isinstance(event, Answered) and event.article and event.article_version:
        work.add(UseRow(
            case_id=file.case.id, article_id=UUID(event.article), version=event.article_version, at=entry.row.at,
            person_id=entry.row.actor,
        ))  # fmt: skip
