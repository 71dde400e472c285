"""Many articles in one transaction: new ones, new versions, submitted, in force. A statement a table, no acts noted.

Whoever calls has checked the words, holds the articles' locks and notes the whole as one act, last of all.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from hotline import clock, db, knowledge_index
from hotline.actor import Actor
from hotline.ids import new_id
from hotline.knowledge_decisions import default_review
from hotline.knowledge_rows import Article, Words
from hotline.knowledge_verbs import CHANGED, NEW, VERSION, by, values

SOURCE = "import"


class Fresh(msgspec.Struct, frozen=True, kw_only=True):
    """An article to be made."""

    key: str
    owner: str
    words: Words


async def put(connection: db.Connection, actor: Actor, articles: Sequence[Fresh]) -> list[UUID]:
    """New articles, each a draft; their ids in order."""
    now = clock.now()
    made = [(new_id(), one) for one in articles]
    await connection.executemany(NEW, [
        (article, one.owner, one.words.matter, one.words.county, one.key, SOURCE, now, actor.id)
        for article, one in made
    ])  # fmt: skip
    await connection.executemany(VERSION, [(article, 1, *values(one.words), *by(actor, now)) for article, one in made])
    return [article for article, _ in made]


async def renew(connection: db.Connection, actor: Actor, changes: Sequence[tuple[Article, Words]]) -> list[UUID]:
    """A next version, a draft, of articles that have none open; their ids in order."""
    now = clock.now()
    await connection.executemany(VERSION, [
        (one.id, one.version + 1, *values(words), *by(actor, now)) for one, words in changes
    ])  # fmt: skip
    await connection.executemany(CHANGED, [
        (one.id, one.version + 1, words.matter, words.county, now) for one, words in changes
    ])  # fmt: skip
    return [one.id for one, _ in changes]


async def submit(connection: db.Connection, articles: Sequence[UUID]) -> None:
    """Their drafts wait for approval."""
    now = clock.now()
    await connection.execute(
        "UPDATE article_version SET state = 'submitted', submitted_at = $2"
        " WHERE article_id = ANY ($1) AND state = 'draft'",
        articles, now,
    )  # fmt: skip
    await connection.execute(
        "UPDATE article SET changed_at = $2, state = CASE WHEN state = 'approved' THEN state ELSE 'submitted' END"
        " WHERE id = ANY ($1)",
        articles, now,
    )  # fmt: skip


async def approve(connection: db.Connection, approver: UUID, articles: Sequence[UUID]) -> None:
    """What waits of them is in force at once, or from its first day on."""
    now, today = clock.now(), clock.today()
    await connection.execute(
        "UPDATE article_version v SET in_to = greatest(n.valid_from, $2) - 1 FROM article a JOIN article_version n"
        " ON n.article_id = a.id AND n.version = a.version"
        " WHERE a.id = v.article_id AND a.id = ANY ($1) AND v.version < a.version AND v.state = 'approved'"
        " AND (v.in_to IS NULL OR v.in_to >= greatest(n.valid_from, $2))",
        articles, today,
    )  # fmt: skip
    await connection.execute(
        "UPDATE article_version SET state = 'approved', approver = $2, decided_at = $3, in_to = valid_to,"
        " in_from = greatest(valid_from, $4) WHERE article_id = ANY ($1) AND state = 'submitted'",
        articles, approver, now, today,
    )  # fmt: skip
    await connection.execute(
        "UPDATE article a SET state = 'approved', reviewed_at = $2, reviewed_by = $3, changed_at = $2,"
        " review_on = coalesce(v.review_on, $4) FROM article_version v"
        " WHERE a.id = ANY ($1) AND v.article_id = a.id AND v.version = a.version",
        articles, now, approver, default_review(today),
    )  # fmt: skip
    await knowledge_index.reindex(connection, articles, today)
