"""Take a sheet of articles in, all of it or its good lines, and give them out. The same sheet twice adds nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from hotline import acts, db, knowledge_many
from hotline import knowledge_checks as checks
from hotline.actor import Actor
from hotline.errors import Say
from hotline.knowledge_many import Fresh
from hotline.knowledge_rows import COLUMNS, OPEN, VERSION_COLUMNS, Article, Version, Words, version_of
from hotline.knowledge_sheet import Fault, Line, fault
from hotline.permissions import may

_NUMBER = re.compile(r"K(\d{1,9})")
_NEWEST = f"""
SELECT DISTINCT ON (article_id) {VERSION_COLUMNS} FROM article_version WHERE article_id = ANY ($1)
ORDER BY article_id, state = 'dropped', version DESC
"""
Known = Mapping[int, tuple[Article, Version]]
"""The article that a line names, with its newest version that was not given up, by the line's row."""


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
    One sheet at a time; the log of acts, for which everybody else waits, is written last and once.
    """
    await connection.execute("SELECT pg_advisory_xact_lock(hashtext('articles_imported'))")
    known = await _known(connection, lines)
    refused = [*faults, *_others(actor, lines, known), *_twice(lines, known), *_busy(lines, known)]
    if refused and not good_only:
        return Outcome(read=read, faults=refused)
    rows = {one.row for one in refused}
    kept = [line for line in lines if line.row not in rows]
    fresh = [Fresh(key=_own_key(line), owner=line.owner, words=line.words) for line in kept if line.row not in known]
    changed = [
        (known[line.row][0], line.words) for line in kept
        if line.row in known and not _same(known[line.row][1], line.words)
    ]  # fmt: skip
    ids = [
        *await knowledge_many.put(connection, actor, fresh), *await knowledge_many.renew(connection, actor, changed)
    ]  # fmt: skip
    if ids:
        await knowledge_many.submit(connection, ids)
        if approver is not None:
            await knowledge_many.approve(connection, approver, ids)
        await acts.note(connection, actor, "articles_imported", "", {"count": len(ids)})
    same = len(kept) - len(fresh) - len(changed)
    return Outcome(read=read, made=len(fresh), changed=len(changed), known=same, faults=refused)


def _others(actor: Actor, lines: Sequence[Line], known: Known) -> list[Fault]:
    """Lines for units, or of articles, that are not the actor's to write."""
    say = Say("不是本单位的知识。", "Another unit's article.")
    owners = {line.row: known[line.row][0].owner if line.row in known else line.owner for line in lines}
    return [fault(row, "owner", say, owner) for row, owner in owners.items() if not checks.may_write(actor, owner)]


def _twice(lines: Sequence[Line], known: Known) -> list[Fault]:
    """Lines that name one article in two ways: by its number and by its key, or by their question."""
    first: dict[object, int] = {}
    found = []
    for line in lines:
        which = known[line.row][0].id if line.row in known else _own_key(line)
        row = first.setdefault(which, line.row)
        if row != line.row:
            say = Say(f"与第 {row} 行是同一条。", f"The same article as in line {row}.")
            found.append(fault(line.row, "key", say, line.key))
    return found


def _busy(lines: Sequence[Line], known: Known) -> list[Fault]:
    """Lines that would change what somebody is writing, or what waits for approval: their work is not overwritten."""
    says = {
        "draft": Say("有人正在改这一条，草稿还没送审；请先送审或作废，再导入。",
                     "Somebody is writing at this article: submit or drop the draft, then import."),
        "submitted": Say("这一条正待审定；请先审定或撤回，再导入。",
                         "This article waits for approval: decide or take it back, then import."),
    }  # fmt: skip
    found = []
    for line in lines:
        version = known[line.row][1] if line.row in known else None
        if version is not None and version.state in OPEN and not _same(version, line.words):
            found.append(fault(line.row, "key", says[version.state], line.key))
    return found


def _own_key(line: Line) -> str:
    """A number of ours that names no article here came from another house: the line goes by its question."""
    return line.spare if _NUMBER.fullmatch(line.key) else line.key


async def _known(connection: db.Connection, lines: Sequence[Line]) -> Known:
    """The articles that the lines name, by a key of the sheet's or by our number (K00012). Locked in one order."""
    numbers = {line.row: int(match[1]) for line in lines if (match := _NUMBER.fullmatch(line.key))}
    rows = await connection.fetch(
        f"SELECT {COLUMNS} FROM article WHERE (key <> '' AND key = ANY ($1)) OR number = ANY ($2)"
        " ORDER BY id FOR UPDATE",
        list({_own_key(line) for line in lines}), list(set(numbers.values())),
    )  # fmt: skip
    articles = [Article(**row) for row in rows]
    newest = await connection.fetch(_NEWEST, [one.id for one in articles])
    versions = {row["article_id"]: version_of(row) for row in newest}
    by_key = {one.key: one for one in articles if one.key}
    by_number = {one.number: one for one in articles}
    found = {}
    for line in lines:
        one = by_key.get(_own_key(line)) or by_number.get(numbers.get(line.row, 0))
        if one is not None:
            found[line.row] = (one, versions[one.id])
    return found


def _same(version: Version, words: Words) -> bool:
    """Whether a line says what is kept; when it was to be reviewed is no content."""
    names = ("wordings", "answer", "note", "sources", "matter", "county", "valid_to")
    return all(getattr(version, name) == getattr(words, name) for name in names)


async def given_out(connection: db.Connection, actor: Actor) -> list[tuple[Article, Version]]:
    """The actor's articles with their newest versions, by number; noted as an export. Retired ones stay at home."""
    where, args = ("TRUE", []) if may(actor, checks.APPROVE) else ("owner = ANY ($1)", [list(actor.units)])
    rows = await connection.fetch(f"SELECT {COLUMNS} FROM article WHERE state <> 'retired' AND {where} ORDER BY number",
                                  *args)  # fmt: skip
    articles = [Article(**row) for row in rows]
    newest = await connection.fetch(_NEWEST, [one.id for one in articles])
    versions = {row["article_id"]: version_of(row) for row in newest}
    if articles:
        await acts.note(connection, actor, "articles_exported", "", {"count": len(articles)})
    return [(one, versions[one.id]) for one in articles]
