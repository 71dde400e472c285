"""Take a sheet of articles in, all of it or its good lines, and give them out. The same sheet twice adds nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from uuid import UUID

import msgspec

from hotline import acts, clock, db, knowledge_index
from hotline import knowledge_checks as checks
from hotline import knowledge_verbs as verbs
from hotline.actor import Actor
from hotline.errors import Say
from hotline.knowledge_decisions import default_review
from hotline.knowledge_rows import COLUMNS, VERSION_COLUMNS, Article, Version, Words, version_of
from hotline.knowledge_sheet import COLUMNS as SHEET
from hotline.knowledge_sheet import Fault, Line
from hotline.permissions import may

_NUMBER = re.compile(r"K(\d{1,9})")


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a sheet: lines read, articles made, changed by a new version, known already; and what is refused."""

    read: int
    made: int = 0
    changed: int = 0
    known: int = 0
    faults: Sequence[Fault] = ()


async def take_in(
    connection: db.Connection, actor: Actor, lines: Sequence[Line], faults: Sequence[Fault], read: int, *,
    good_only: bool = False, approver: UUID | None = None,
) -> Outcome:  # fmt: skip
    """Put the lines in, submitted for approval; nothing at all when one is refused, unless ``good_only``.

    ``approver`` is the person who approved the sheet elsewhere: then they are in force at once (a command only).
    """
    refused = [*faults, *await _others(connection, actor, lines)]
    rows = {one.row for one in refused}
    kept = [line for line in lines if line.row not in rows]
    if refused and not good_only:
        return Outcome(read=read, faults=refused)
    known = await _known(connection, [line.key for line in kept])
    made = changed = same = 0
    fresh: list[UUID] = []
    for line in kept:
        before = known.get(line.key)
        if before is None:
            fresh.append(await _make(connection, actor, line))
            made += 1
        elif _same(before[1], line.words) or before[1].state == "submitted":
            same += 1
        else:
            await verbs.edit(connection, actor, before[0].id, line.words)
            await verbs.submit(connection, actor, before[0].id)
            fresh.append(before[0].id)
            changed += 1
    if approver is not None and fresh:
        await _approve(connection, approver, fresh)
    if made or changed:
        await acts.note(connection, actor, "articles_imported", "", {"count": made + changed})
    return Outcome(read=read, made=made, changed=changed, known=same, faults=refused)


async def _others(connection: db.Connection, actor: Actor, lines: Sequence[Line]) -> list[Fault]:
    """Lines for units, or of articles, that are not the actor's to write."""
    known = await _known(connection, [line.key for line in lines])
    owners = {line.row: known[line.key][0].owner if line.key in known else line.owner for line in lines}
    say = Say("不是本单位的知识。", "Another unit's article.")
    return [
        Fault(row=line.row, column=SHEET["owner"][0], say=say, value=owners[line.row])
        for line in lines if not checks.may_write(actor, owners[line.row])
    ]  # fmt: skip


async def _make(connection: db.Connection, actor: Actor, line: Line) -> UUID:
    key = "" if _NUMBER.fullmatch(line.key) else line.key
    one = await verbs.put(connection, actor, line.owner, line.words, key=key, source="import")
    await verbs.submit(connection, actor, one)
    return one


async def _known(connection: db.Connection, keys: Sequence[str]) -> dict[str, tuple[Article, Version]]:
    """The articles that the sheet's keys name, ours (K00012) or its own, each with its newest version."""
    numbers = {int(match[1]): key for key in keys if (match := _NUMBER.fullmatch(key))}
    rows = await connection.fetch(
        f"SELECT {COLUMNS} FROM article WHERE (key <> '' AND key = ANY ($1)) OR number = ANY ($2)",
        list(keys), list(numbers),
    )  # fmt: skip
    articles = {row["id"]: Article(**row) for row in rows}
    newest = await connection.fetch(
        f"SELECT DISTINCT ON (article_id) {VERSION_COLUMNS} FROM article_version WHERE article_id = ANY ($1)"
        " ORDER BY article_id, version DESC",
        list(articles),
    )  # fmt: skip
    wanted = set(keys)
    found = {}
    for row in newest:
        one = articles[row["article_id"]]
        found[one.key if one.key in wanted else numbers.get(one.number, one.key)] = (one, version_of(row))
    return found


def _same(version: Version, words: Words) -> bool:
    """Whether a line says what is kept; when it was to be reviewed is no content."""
    names = ("wordings", "answer", "note", "sources", "matter", "county", "valid_to")
    return all(getattr(version, name) == getattr(words, name) for name in names)


async def _approve(connection: db.Connection, approver: UUID, articles: Sequence[UUID]) -> None:
    """All in force at once: one statement a table, for thousands."""
    now, today = clock.now(), clock.today()
    ids = list(articles)
    await connection.execute(
        "UPDATE article_version v SET in_to = $2::date - 1 FROM article a WHERE a.id = v.article_id AND a.id = ANY ($1)"
        " AND v.version < a.version AND v.state = 'approved' AND (v.in_to IS NULL OR v.in_to >= $2)",
        ids, today,
    )  # fmt: skip
    await connection.execute(
        "UPDATE article_version SET state = 'approved', approver = $2, decided_at = $3, in_to = valid_to,"
        " in_from = greatest(valid_from, $4) WHERE article_id = ANY ($1) AND state = 'submitted'",
        ids, approver, now, today,
    )  # fmt: skip
    await connection.execute(
        "UPDATE article a SET state = 'approved', reviewed_at = $2, reviewed_by = $3, changed_at = $2,"
        " review_on = coalesce(v.review_on, $4) FROM article_version v"
        " WHERE a.id = ANY ($1) AND v.article_id = a.id AND v.version = a.version",
        ids, now, approver, default_review(today),
    )  # fmt: skip
    await knowledge_index.reindex(connection, ids, today)


async def given_out(connection: db.Connection, actor: Actor) -> list[tuple[Article, Version]]:
    """The actor's articles with their newest versions, by number; noted as an export. Retired ones stay at home."""
    where, args = ("TRUE", []) if may(actor, checks.APPROVE) else ("owner = ANY ($1)", [list(actor.units)])
    rows = await connection.fetch(f"SELECT {COLUMNS} FROM article WHERE state <> 'retired' AND {where} ORDER BY number",
                                  *args)  # fmt: skip
    articles = [Article(**row) for row in rows]
    newest = await connection.fetch(
        f"SELECT DISTINCT ON (article_id) {VERSION_COLUMNS} FROM article_version WHERE article_id = ANY ($1)"
        " ORDER BY article_id, version DESC",
        [one.id for one in articles],
    )  # fmt: skip
    versions = {row["article_id"]: version_of(row) for row in newest}
    if articles:
        await acts.note(connection, actor, "articles_exported", "", {"count": len(articles)})
    return [(one, versions[one.id]) for one in articles]
