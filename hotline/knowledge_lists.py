"""Lists of articles for the staff: what each may read, by state, unit, matter and words, with counts. Their SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec

from hotline import city, clock, db
from hotline import knowledge_checks as checks
from hotline.actor import Actor
from hotline.errors import Say, not_found
from hotline.knowledge_rows import COLUMNS, Article, Version, read, versions
from hotline.permissions import may

SIZE = 50
KINDS: dict[str, Say] = {
    "force": Say("可用", "In use"),
    "submitted": Say("待审定", "To approve"),
    "draft": Say("草稿、退回", "Drafts, sent back"),
    "due": Say("将到复核期", "Review due"),
    "stale": Say("过了复核期", "Past review"),
    "look": Say("须看一看", "To be looked at"),
    "coming": Say("未到起始日", "Not yet in force"),
    "retired": Say("已下架", "Retired"),
}
"""The lists, in the order of their tabs. Who only reads has the first."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """An article in a list, as the reader may know it.

    Title, matter and place are those of its newest version for who writes it, of the version in force for everybody
    else. ``open_state`` is that of the version which is worked on.
    """

    article: Article
    question: str
    open_state: str
    in_force: int | None


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Which list: a kind of KINDS, "" for all; ``matter`` is how its code begins; ``words`` a number or part of it."""

    kind: str = ""
    unit: str = ""
    matter: str = ""
    county: str = ""
    words: str = ""
    after: int = 0


_OFFERED_NOW = """FROM article_index i WHERE i.in_from <= $1
    AND (i.in_to IS NULL OR i.in_to >= $1) AND i.review_on >= $1"""
_NOW = f"{_OFFERED_NOW} AND i.article_id = a.id"
_IN_FORCE, _IS_OFFERED = f"(SELECT max(i.version) {_NOW})", f"EXISTS (SELECT {_NOW})"
_OPEN = """(SELECT v.state FROM article_version v WHERE v.article_id = a.id
    AND (v.state IN ('draft', 'submitted') OR (v.state = 'sent_back' AND v.version = a.version)))"""
_NEWEST = "JOIN article_version w ON w.article_id = a.id AND w.version = a.version"
_LINES = f"""
SELECT {', '.join(f'a.{one.strip()}' for one in COLUMNS.split(','))}, w.wordings[1] AS question,
    coalesce({_OPEN}, '') AS open_state, {_IN_FORCE} AS in_force
FROM article a {_NEWEST} WHERE a.id = ANY ($2)
"""
_WHERE = {
    "force": f"a.id IN (SELECT i.article_id {_OFFERED_NOW})",
    "submitted": "a.id IN (SELECT v.article_id FROM article_version v WHERE v.state = 'submitted')",
    "draft": "a.state <> 'retired' AND (a.id, a.version) IN"
             " (SELECT v.article_id, v.version FROM article_version v WHERE v.state IN ('draft', 'sent_back'))",
    "due": "a.state = 'approved' AND a.review_on >= $1 AND a.review_on <= $2",
    "stale": "a.state = 'approved' AND a.review_on < $1",
    "look": "a.state <> 'retired' AND a.id = ANY ($3)",
    "coming": "a.state = 'approved' AND a.id IN (SELECT i.article_id FROM article_index i WHERE i.in_from > $1)",
    "retired": "a.state = 'retired'",
}
"""Each reads its table once, not once an article: all of them are counted for every list."""
_CHANGED = """
SELECT a.id, u.code AS unit_code, m.code AS matter_code, a.owner, a.matter, a.county, o.id IS NOT NULL AS is_over
FROM article a
LEFT JOIN (
    SELECT b.id FROM article b WHERE b.state = 'approved' AND NOT EXISTS (
        SELECT FROM article_index i WHERE i.article_id = b.id AND (i.in_to IS NULL OR i.in_to >= $6))
) o ON o.id = a.id
LEFT JOIN unnest($1::text[], $2::date[]) AS u (code, since) ON u.code = a.owner
LEFT JOIN unnest($3::text[], $4::date[]) AS m (code, since) ON m.code = a.matter
WHERE a.state <> 'retired' AND (
    o.id IS NOT NULL OR u.code IS NULL OR u.since > coalesce(a.reviewed_at, a.created_at)::date
    OR (a.matter <> '' AND (m.code IS NULL OR m.since > coalesce(a.reviewed_at, a.created_at)::date))
    OR (a.county <> '' AND a.county <> ALL ($5)))
"""


async def to_look_at(connection: db.Connection) -> dict[UUID, Say]:
    """Articles whose unit, matter or county is gone, or stands otherwise since they were last reviewed; and why.

    Those too whose last day has passed without a next version: they are approved and answer nobody.
    """
    snapshot = city.current()
    units = {code: one.valid_from for code, one in snapshot.units.items()}
    matters = {code: one.valid_from for code, one in snapshot.matters.items()}
    rows = await connection.fetch(
        _CHANGED, list(units), list(units.values()), list(matters), list(matters.values()),
        list(snapshot.jurisdictions), clock.today(),
    )  # fmt: skip
    return {row["id"]: _why(row) for row in rows}


def _why(row: Mapping[str, Any]) -> Say:
    snapshot = city.current()
    if row["is_over"]:
        return Say("截止日已过，没有新的一版，请写新版或下架", "Its last day has passed: write a new one or retire it")
    if row["unit_code"] is None:
        heir = snapshot.heir(row["owner"])
        unit = snapshot.unit(heir) if heir else None
        if unit is None:
            return Say("归口单位已撤，没有后继", "Its unit is gone and has no successor")
        return Say(f"归口单位已撤并，职责归{unit.name_zh}", f"Its unit is gone; {unit.name_en} follows it")
    if row["matter"] and row["matter_code"] is None:
        return Say("事项已停用", "Its matter is retired")
    if row["county"] and snapshot.jurisdiction(row["county"]) is None:
        return Say("适用的县区已撤并", "Its county is no more")
    return Say("归口单位或事项改过，请核对", "Its unit or matter was changed: check it")


def scope(actor: Actor, first: int) -> tuple[str, list[object]]:
    """SQL over ``article a`` for what the actor may read; its arguments are numbered from ``first``.

    Editors read all, writers what is in force and their own units', everybody else what is in force.
    """
    if may(actor, checks.APPROVE):
        return "TRUE", []
    if may(actor, checks.WRITE):
        return f"({_IS_OFFERED} OR a.owner = ANY (${first}))", [list(actor.units)]
    return _IS_OFFERED, []


def _own(actor: Actor) -> str:
    """SQL: whether the actor writes the article. $4 of ``_condition``."""
    return "TRUE" if may(actor, checks.APPROVE) else "a.owner = ANY ($4)" if may(actor, checks.WRITE) else "FALSE"


def _of_kind(kind: str, own: str) -> str:
    """What is in use is everybody's; every other list is work, and one's own."""
    return _WHERE[kind] if kind == "force" else f"({_WHERE[kind]} AND {own})"


_SAID = f"""(CASE WHEN {{own}} THEN w.wordings::text ILIKE '%' || ${{n}} || '%'
    ELSE EXISTS (SELECT {_NOW} AND i.wordings::text ILIKE '%' || ${{n}} || '%') END
    OR 'K' || lpad(a.number::text, 5, '0') ILIKE ${{n}} || '%')"""
"""Words of the title as the reader has it: nobody finds an article by what only its unit's draft says."""


def _condition(actor: Actor, looked: Sequence[UUID], asked: Asked) -> tuple[str, list[object]]:
    today = clock.today()
    args: list[object] = [today, today + timedelta(days=int(city.current().rule("knowledge.review_warn_days"))),
                          list(looked)]  # fmt: skip
    parts, more = scope(actor, 4)
    args += more
    own = _own(actor)
    wheres = ["$1::date IS NOT NULL AND $2::date IS NOT NULL AND $3::uuid[] IS NOT NULL", parts]
    if asked.kind:
        wheres.append(_of_kind(asked.kind, own))
    for sql, value in (
        ("a.owner = ANY (${})", list(city.current().subtree(asked.unit)) if asked.unit else None),
        ("a.matter LIKE ${} || '%'", asked.matter or None), ("a.county = ${}", asked.county or None),
        (_SAID, asked.words.replace("\\", "").replace("%", "").replace("_", "") or None),
    ):  # fmt: skip
        if value is not None:
            args.append(value)
            wheres.append(sql.format(len(args), n=len(args), own=own))
    return " AND ".join(wheres), args


async def listed(
    connection: db.Connection, actor: Actor, asked: Asked, *, looked: Sequence[UUID] = (), size: int = SIZE
) -> list[Line]:
    """The list's lines; the most urgent review first, the others by what changed last."""
    where, args = _condition(actor, looked, asked)
    order = "a.review_on, a.number" if asked.kind in ("due", "stale") else "a.changed_at DESC, a.number DESC"
    sql = (
        f"SELECT a.id FROM article a {_NEWEST if asked.words else ''} WHERE {where} ORDER BY {order}"
        f" LIMIT {size} OFFSET ${len(args) + 1}"
    )
    return await _lines(connection, actor, [row["id"] for row in await connection.fetch(sql, *args, asked.after)])


async def those(connection: db.Connection, actor: Actor, articles: Sequence[UUID]) -> list[Line]:
    """These articles, in their order, as far as the actor may read them."""
    where, args = _condition(actor, (), Asked())
    sql = f"SELECT a.id FROM article a WHERE {where} AND a.id = ANY (${len(args) + 1})"
    readable = {row["id"] for row in await connection.fetch(sql, *args, list(articles))}
    return await _lines(connection, actor, [one for one in articles if one in readable])


async def counts(connection: db.Connection, actor: Actor, looked: Sequence[UUID]) -> dict[str, int]:
    """How many each list has for the actor."""
    where, args = _condition(actor, looked, Asked())
    own = _own(actor)
    columns = ", ".join(f'count(*) FILTER (WHERE {_of_kind(kind, own)}) AS "{kind}"' for kind in _WHERE)
    row = await connection.fetchrow(f"SELECT {columns} FROM article a WHERE {where}", *args)
    return dict(row)


async def found(
    connection: db.Connection, actor: Actor, article: UUID, *, is_named: bool = False
) -> tuple[Article, list[Version]]:
    """The article with the versions that the actor may read: who only reads has the one in force. Else a 404.

    ``is_named``: a version is asked for by its number. Whoever checks what a citizen was told then reads what was in
    force once, also of an article that is retired or past its review.
    """
    one = await read(connection, article)
    every = await versions(connection, article)
    if checks.may_write(actor, one.owner):
        return one, every
    today: date = clock.today()
    is_offered = one.state == "approved" and not one.is_stale(today)
    read_by_all = [v for v in every if (v.is_in_force(today) and is_offered) or (is_named and v.was_told(today))]
    if not read_by_all:
        raise not_found()
    return one, read_by_all


_OFFERED = f"""
SELECT a.id, i.wordings[1] AS question, i.matter, i.county
FROM unnest($2::uuid[]) AS a (id), LATERAL (SELECT * {_NOW}) i
"""


async def _lines(connection: db.Connection, actor: Actor, articles: Sequence[UUID]) -> list[Line]:
    """The lines of these articles, in their order."""
    if not articles:
        return []
    rows = {row["id"]: row for row in await connection.fetch(_LINES, clock.today(), articles)}
    lines = [_line_of(rows[one]) for one in articles if one in rows]
    others = [line.article.id for line in lines if not checks.may_write(actor, line.article.owner)]
    offered = {row["id"]: row for row in await connection.fetch(_OFFERED, clock.today(), others)} if others else {}
    return [_as_offered(line, offered[line.article.id]) if line.article.id in offered else line for line in lines]


def _as_offered(line: Line, row: Mapping[str, Any]) -> Line:
    article = msgspec.structs.replace(line.article, matter=row["matter"], county=row["county"])
    return msgspec.structs.replace(line, article=article, question=row["question"], open_state="")


def _line_of(row: Mapping[str, Any]) -> Line:
    fields = {name: row[name] for name in Article.__struct_fields__}
    return Line(article=Article(**fields), question=row["question"], open_state=row["open_state"],
                in_force=row["in_force"])  # fmt: skip
