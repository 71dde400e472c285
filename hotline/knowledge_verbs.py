"""Write an article: begin, change, submit, take back, drop. Deciding on it is ``knowledge_decisions``.

Each runs in the caller's transaction, locks the article, and notes what was done in the log of acts: ids, no words.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from hotline import acts, city, clock, db
from hotline import knowledge_checks as checks
from hotline.actor import Actor
from hotline.errors import conflict
from hotline.ids import new_id
from hotline.knowledge_rows import OPEN, VERSION_COLUMNS, Article, Version, Words, read, version_of

NEW = """
INSERT INTO article (id, owner, matter, county, key, source, state, version, created_at, created_by, changed_at)
VALUES ($1, $2, $3, $4, $5, $6, 'draft', 1, $7, $8, $7)
"""
VERSION = """
INSERT INTO article_version (article_id, version, state, wordings, answer, note, sources, matter, county, valid_from,
    valid_to, review_on, author, hands, written_at)
VALUES ($1, $2, 'draft', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $14, $13)
"""
_EDIT = """
UPDATE article_version SET wordings = $3, answer = $4, note = $5, sources = $6, matter = $7, county = $8,
    valid_from = $9, valid_to = $10, review_on = $11, author = $12, written_at = $13,
    hands = ARRAY(SELECT DISTINCT unnest(hands || $14::uuid[]))
WHERE article_id = $1 AND version = $2
"""
CHANGED = """
UPDATE article SET version = $2, matter = $3, county = $4, changed_at = $5,
    state = CASE WHEN state = 'approved' THEN state ELSE 'draft' END, retired_at = NULL, retired_by = NULL,
    retired_why = ''
WHERE id = $1
"""


async def write(
    connection: db.Connection, actor: Actor, owner: str, words: Words, *, key: str = "", source: str = ""
) -> UUID:
    """A new article of ``owner``, its first version a draft. 403 for another unit's people, 422 by field."""
    checks.demand_write(actor, owner)
    checks.known_owner(owner)
    checks.check_draft(words)
    return await put(connection, actor, owner, words, key=key, source=source)


async def put(connection: db.Connection, actor: Actor, owner: str, words: Words, *, key: str, source: str) -> UUID:
    """The rows of a new article whose words were checked."""
    article, now = new_id(), clock.now()
    await connection.execute(NEW, article, owner, words.matter, words.county, key, source, now, actor.id)
    await connection.execute(VERSION, article, 1, *values(words), *by(actor, now))
    await note(connection, actor, "written", article, 1)
    return article


async def draft(
    connection: db.Connection, actor: Actor, *, question: str, answer: str, matter: str, county: str, owner: str,
    source: str,
) -> UUID:
    """As ``hotline.knowledge.draft`` says: for another's people, so only its words are asked for, not the right."""
    if source:
        known: UUID | None = await connection.fetchval("SELECT id FROM article WHERE source = $1", source)
        if known is not None:
            return known
    checks.known_owner(owner)
    wordings = tuple(filter(None, (line.strip()[: checks.LONGEST_WORDING] for line in question.splitlines())))
    words = Words(wordings=wordings[: checks.MOST_WORDINGS], answer=answer.strip()[: checks.LONGEST_TEXT],
                  matter=matter if city.current().matter(matter) else "",
                  county=county if city.current().jurisdiction(county) else "", valid_from=clock.today())  # fmt: skip
    checks.check_draft(words)
    return await put(connection, actor, owner, words, key="", source=source)


async def edit(connection: db.Connection, actor: Actor, article: UUID, words: Words, *, seen: str = "") -> int:
    """Change the open draft, or begin a new version beside the one in force; the version's number.

    409 while a version waits for approval, or when somebody changed the article since ``seen``.
    """
    one = await read(connection, article, lock=True)
    checks.demand_write(actor, one.owner)
    checks.check_draft(words)
    checks.unchanged(one, seen)
    open_one = await opened(connection, one)
    if open_one is not None and open_one.state == "submitted":
        raise conflict("waiting", "这一版正待审定，要改请先撤回。",
                       "This version waits for approval: take it back before you change it.")  # fmt: skip
    now = clock.now()
    version = one.version + 1 if open_one is None else open_one.version
    sql = VERSION if open_one is None else _EDIT
    await connection.execute(sql, article, version, *values(words), *by(actor, now))
    await connection.execute(CHANGED, article, version, words.matter, words.county, now)
    await note(connection, actor, "written", article, version)
    return version


async def submit(connection: db.Connection, actor: Actor, article: UUID) -> None:
    """Ask for approval. 422 by field for what is missing, 409 when there is no draft."""
    one, version = await _draft_of(connection, actor, article)
    checks.check_finished(version, clock.today())
    await move(connection, one, version, "submitted")
    await note(connection, actor, "submitted", article, version.version)


async def take_back(connection: db.Connection, actor: Actor, article: UUID) -> None:
    """The submitted version is a draft again. 409 when none waits."""
    one = await read(connection, article, lock=True)
    checks.demand_write(actor, one.owner)
    version = await waiting(connection, one)
    await move(connection, one, version, "draft")
    await note(connection, actor, "taken_back", article, version.version)


async def drop(connection: db.Connection, actor: Actor, article: UUID) -> None:
    """Give the draft up. The article keeps what is in force; one that never was is retired."""
    _, version = await _draft_of(connection, actor, article)
    now = clock.now()
    await connection.execute(
        "UPDATE article_version SET state = 'dropped' WHERE article_id = $1 AND version = $2", article, version.version
    )
    await connection.execute(
        "UPDATE article SET changed_at = $2, state = CASE WHEN state = 'approved' THEN state ELSE 'retired' END,"
        " retired_at = CASE WHEN state = 'approved' THEN NULL ELSE $2 END,"
        " retired_by = CASE WHEN state = 'approved' THEN NULL ELSE $3::uuid END,"
        " retired_why = CASE WHEN state = 'approved' THEN '' ELSE '草稿作废' END WHERE id = $1",
        article, now, actor.id,
    )  # fmt: skip
    await note(connection, actor, "dropped", article, version.version)


async def opened(connection: db.Connection, article: Article) -> Version | None:
    """The version that is worked on: a draft, or one that waits."""
    sql = f"SELECT {VERSION_COLUMNS} FROM article_version WHERE article_id = $1 AND state = ANY ($2)"
    row = await connection.fetchrow(sql, article.id, list(OPEN))
    return None if row is None else version_of(row)


async def waiting(connection: db.Connection, article: Article) -> Version:
    """The version that waits for approval, else 409."""
    version = await opened(connection, article)
    if version is None or version.state != "submitted":
        raise conflict("not_waiting", "没有待审定的版本，可能刚有人处理过。",
                       "No version waits for approval; somebody may just have dealt with it.")  # fmt: skip
    return version


async def move(connection: db.Connection, article: Article, version: Version, state: str) -> None:
    """The open version and, unless something is in force, its article go to ``state``."""
    now: datetime = clock.now()
    await connection.execute(
        "UPDATE article_version SET state = $3, submitted_at = CASE WHEN $3 = 'submitted' THEN $4 ELSE submitted_at END"
        " WHERE article_id = $1 AND version = $2",
        article.id, version.version, state, now,
    )  # fmt: skip
    await connection.execute(
        "UPDATE article SET changed_at = $3, state = CASE WHEN state = 'approved' THEN state ELSE $2 END WHERE id = $1",
        article.id, state, now,
    )  # fmt: skip


async def _draft_of(connection: db.Connection, actor: Actor, article: UUID) -> tuple[Article, Version]:
    one = await read(connection, article, lock=True)
    checks.demand_write(actor, one.owner)
    version = await opened(connection, one)
    if version is None or version.state != "draft":
        raise conflict("no_draft", "没有可处理的草稿，可能刚有人提交或作废。",
                       "There is no draft; somebody may just have submitted or dropped it.")  # fmt: skip
    return one, version


def values(words: Words) -> tuple[object, ...]:
    """What a version says, as VERSION takes it."""
    return (
        list(words.wordings), words.answer, words.note, words.sources, words.matter, words.county, words.valid_from,
        words.valid_to, words.review_on,
    )  # fmt: skip


def by(actor: Actor, now: datetime) -> tuple[object, ...]:
    """Who writes and when, and whose hands those are: whom they act for too, so that neither approves it."""
    return actor.id, now, sorted(actor.persons)


async def note(connection: db.Connection, actor: Actor, what: str, article: UUID, version: int) -> None:
    """The act ``article_<what>`` in the log, with the number as people say it."""
    number = await connection.fetchval("SELECT number FROM article WHERE id = $1", article)
    data: dict[str, object] = {"number": f"K{number:05}", "version": version}
    await acts.note(connection, actor, f"article_{what}", f"article:{article}", data)
