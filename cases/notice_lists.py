"""Notices as they are read: the public's list and page (what was published, nothing of how), and the staff's lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from cases import gate, ledger, notice_sources, notices, scope
from cases.notice_files import of as all_files
from cases.notice_rows import HELD_BACK, PUBLIC, FileRow, FindRow, NoticeRow, VersionRow
from cases.notice_sources import HELD
from cases.states import UNIT_STAGES
from hotline import clock, db
from hotline.actor import Actor
from hotline.errors import Say, invalid, not_found
from hotline.permissions import may

PAGE = 20
_MOST_WORDS = 8
_PUBLIC = f"""
    SELECT n.id, n.slug, n.number, n.state, n.unit, n.matter, n.county, n.township, n.published_at, n.due_at,
        n.changed_at, n.corrected_at, n.verified_at, n.archived_at, n.withdrawn_at, n.withdrawn_reason,
        n.rate_until, v.wrong, v.rule, v.required, {HELD} AS is_held,
        CASE WHEN n.verified_at IS NOT NULL THEN n.correction END AS correction,
        CASE WHEN n.verified_at IS NOT NULL THEN n.verification END AS verification
    FROM notice n JOIN notice_version v ON v.notice_id = n.id AND v.version = n.version
    WHERE n.published_at IS NOT NULL
"""
_TEXTS = """lower(concat_ws(' ', n.number, v.wrong, v.rule, v.required,
    CASE WHEN n.verified_at IS NOT NULL THEN concat_ws(' ', n.correction, n.verification) END))"""
"""What a search of the public looks through: what stands in the open, and nothing else."""
LATE = "late"
"""Not a state: published and not corrected in time."""
_MAY = ("notice.draft", "notice.approve", "notice.clear", "notice.verify")
"""Permissions of the centre's side: whoever has one sees every notice; a unit sees its own once it was sent."""


class PublicNotice(msgspec.Struct, frozen=True, kw_only=True):
    """What anybody may read. A withdrawn one has no texts: a tombstone with number, dates and reason.

    One that ``is_held`` (a case behind it is shielded now) says nothing but its number and day, not even why.
    """

    id: UUID
    slug: str
    number: str
    state: str
    unit: str
    matter: str
    county: str
    township: str | None
    published_at: datetime
    due_at: datetime
    changed_at: datetime
    corrected_at: datetime | None
    verified_at: datetime | None
    archived_at: datetime | None
    withdrawn_at: datetime | None
    withdrawn_reason: str | None
    wrong: str
    rule: str
    required: str
    correction: str | None
    verification: str | None
    rate_until: datetime | None
    is_held: bool

    @property
    def is_late(self) -> bool:
        """Not corrected, and its time is over."""
        return self.state == "published" and not self.is_held and self.due_at < clock.now()


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One page of public notices; ``after`` is the cursor of the next, "" at the end."""

    rows: Sequence[PublicNotice]
    after: str


class Behind(msgspec.Struct, frozen=True, kw_only=True):
    """A case behind a notice, for the centre."""

    number: str


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """A notice as staff see it; finds only where its texts may still be changed."""

    row: NoticeRow
    version: VersionRow
    versions: Sequence[VersionRow]
    decided: Sequence[FindRow]
    finds: Sequence[gate.Found]
    open_finds: frozenset[int]
    case_number: str
    sources: Sequence[Behind]
    files: Sequence[FileRow]
    errata: Sequence[NoticeRow]
    before: VersionRow | None
    is_held: bool


def _tombstone(record: dict[str, object]) -> PublicNotice:
    if record["state"] == "withdrawn" or record["is_held"]:
        record |= {"wrong": "", "rule": "", "required": "", "correction": None, "verification": None}
    if record["is_held"]:
        record |= dict.fromkeys(("corrected_at", "verified_at", "archived_at", "rate_until"))
        record["withdrawn_reason"] = HELD_BACK if record["state"] == "withdrawn" else None
    return PublicNotice(**record)  # type: ignore[arg-type]


async def public_page(
    connection: db.Connection, *, county: str = "", unit: str = "", state: str = "", words: str = "", after: str = "",
    size: int = PAGE, with_held: bool = False,
) -> Page:  # fmt: skip
    """Notices in the open, newest first, by keyset; ``words`` must all stand in its texts. 422 for a broken cursor.

    What is held stands in no list: a filter or a search would tell what its page does not. Only the feed has it, so
    that readers who keep a copy write over it.
    """
    parts: list[str] = ["TRUE" if with_held else f"NOT {HELD}"]
    args: list[object] = []

    def arg(value: object) -> str:
        args.append(value)
        return f"${len(args)}"

    if county:
        parts.append(f"n.county = {arg(county)}")
    if unit:
        parts.append(f"n.unit = {arg(unit)}")
    if state == LATE:
        parts.append(f"n.state = 'published' AND n.due_at < {arg(clock.now())}")
    elif state in PUBLIC or not words:
        parts.append(f"n.state = {arg(state)}" if state in PUBLIC else "n.state <> 'archived'")
    parts += [f"n.state <> 'withdrawn' AND position({arg(word)} IN {_TEXTS}) > 0" for word in _asked(words)]
    if after:
        moment, last = _cursor(after)
        parts.append(f"(n.published_at, n.id) < ({arg(moment)}, {arg(last)})")
    sql = f"{_PUBLIC} AND {' AND '.join(parts)} ORDER BY n.published_at DESC, n.id DESC LIMIT {size + 1}"
    rows = [_tombstone(dict(record)) for record in await connection.fetch(sql, *args)]
    shown = rows[:size]
    return Page(rows=shown, after=f"{shown[-1].published_at.isoformat()}~{shown[-1].id}" if rows[size:] else "")


def _asked(words: str) -> list[str]:
    return [word.lower() for word in words.split()][:_MOST_WORDS]


async def public_one(connection: db.Connection, slug: str) -> PublicNotice:
    """The public page of ``2026-3``, a tombstone too; the 404 refusal otherwise."""
    record = await connection.fetchrow(f"{_PUBLIC} AND n.slug = $1", slug)
    if record is None:
        raise not_found()
    return _tombstone(dict(record))


def _cursor(text: str) -> tuple[datetime, UUID]:
    moment, _, last = text.partition("~")
    try:
        return datetime.fromisoformat(moment.replace(" ", "+")), UUID(last)
    except ValueError:
        raise invalid(
            {"after": Say("翻页地址不完整，请回到第一页。", "That page address is broken; go back to the first page.")}
        ) from None


def is_centre(actor: Actor) -> bool:
    """Whether the actor works on notices at the centre's side."""
    return any(may(actor, one) for one in _MAY)


def _scope(actor: Actor, first: int) -> tuple[str, list[object]]:
    if is_centre(actor):
        return "TRUE", []
    if may(actor, "notice.reply") and actor.units:
        return (
            (
                f"(n.unit = ANY(${first}::text[]) AND n.state <> 'draft'"
                " AND (n.published_at IS NOT NULL OR n.state <> 'withdrawn'))"
            ),
            [list(actor.units)],
        )
    return "FALSE", []


async def mine(connection: db.Connection, actor: Actor, state: str = "", limit: int = 100) -> list[NoticeRow]:
    """The notices that this person works on, longest waiting first; ended ones only when asked for by state."""
    where, args = _scope(actor, 1)
    if state:
        args.append(state)
        where += f" AND n.state = ${len(args)}"
    else:
        where += " AND n.state NOT IN ('archived', 'withdrawn', 'applied')"
    sql = f"SELECT {_columns('n')} FROM notice n WHERE {where} ORDER BY n.changed_at, n.id LIMIT {limit}"
    return [NoticeRow(**record) for record in await connection.fetch(sql, *args)]


async def counts(connection: db.Connection, actor: Actor) -> dict[str, int]:
    """How many of the person's notices are in each state."""
    where, args = _scope(actor, 1)
    rows = await connection.fetch(f"SELECT n.state, count(*) AS n FROM notice n WHERE {where} GROUP BY n.state", *args)
    return {row["state"]: row["n"] for row in rows}


def _columns(alias: str) -> str:
    return ", ".join(f"{alias}.{name}" for name in NoticeRow.__struct_fields__)


async def one(connection: db.Connection, actor: Actor, notice_id: UUID) -> Work:
    """The notice as this person may see it; the 404 refusal when it does not exist or is not theirs."""
    where, args = _scope(actor, 2)
    record = await connection.fetchrow(
        f"SELECT {_columns('n')} FROM notice n WHERE n.id = $1 AND {where}", notice_id, *args
    )
    if record is None:
        raise not_found()
    row = NoticeRow(**record)
    version, decided = await notices.parts(connection, row)
    versions = await connection.fetch(
        f"SELECT {ledger.columns(VersionRow)} FROM notice_version WHERE notice_id = $1 ORDER BY version DESC", row.id
    )
    finds: list[gate.Found] = []
    left: frozenset[int] = frozenset()
    if is_centre(actor) and row.state in {"draft", "in_review", "approved", "corrected"}:
        held = notices.Notice(row, version, decided)
        finds = gate.finds(held.texts, await notice_sources.known(connection, row))
        kept = {(find.kind, find.digest) for find in decided if find.decision == "keep"}
        left = frozenset(n for n, find in enumerate(finds, 1) if (find.kind, find.digest) not in kept)
    sources = await _sources(connection, row) if is_centre(actor) else []
    return Work(
        row=row, version=version, versions=[VersionRow(**v) for v in versions] if is_centre(actor) else [version],
        decided=decided if is_centre(actor) else [], finds=finds, open_finds=left,
        case_number=row.source_number if is_centre(actor) else "", sources=sources,
        files=await all_files(connection, row.id), errata=await _errata(connection, row),
        before=await _before(connection, row),
        is_held=is_centre(actor) and await notice_sources.is_held(connection, row.id),
    )  # fmt: skip


async def _sources(connection: db.Connection, row: NoticeRow) -> list[Behind]:
    rows = await connection.fetch(
        "SELECT c.number FROM notice_case k JOIN cases c ON c.id = k.case_id WHERE k.notice_id = $1 "
        "ORDER BY c.number LIMIT 50",
        row.id,
    )
    return [Behind(**one) for one in rows]


async def _before(connection: db.Connection, row: NoticeRow) -> VersionRow | None:
    """The text in the open that an erratum is to replace, or has replaced."""
    if not row.is_erratum:
        return None
    found = await connection.fetchrow(
        f"SELECT {', '.join(f'v.{name}' for name in VersionRow.__struct_fields__)} FROM notice_version v "
        "JOIN notice n ON n.id = v.notice_id AND v.version = coalesce((SELECT r.version - 1 FROM notice_release r "
        "WHERE r.erratum_id = $2), n.version) WHERE n.id = $1",
        row.source_id,
        row.id,
    )
    return VersionRow(**found) if found is not None else None


async def _errata(connection: db.Connection, row: NoticeRow) -> list[NoticeRow]:
    """The errata of a notice that are not applied or discarded."""
    rows = await connection.fetch(
        f"SELECT {_columns('n')} FROM notice n WHERE n.source_kind = 'notice' AND n.source_id = $1"
        " AND n.state NOT IN ('withdrawn', 'applied')",
        row.id,
    )
    return [NoticeRow(**one) for one in rows]


async def candidates(
    connection: db.Connection, actor: Actor, now: datetime, limit: int = 30
) -> list[dict[str, object]]:
    """Cases a notice could be drawn from: overdue, or closed under supervision; never shielded ones. Worst first."""
    where, args = scope.condition(actor, 3)
    rows = await connection.fetch(
        f"""SELECT c.number, c.title, c.matter, c.county, c.township, c.lead_unit, c.supervision, c.next_due,
            c.closed_at, c.is_open
        FROM cases c WHERE {where} AND c.kind <> 'report'
        AND NOT (c.is_confidential OR c.is_minor OR c.is_investigation)
        AND c.lead_unit IS NOT NULL AND c.matter IS NOT NULL
        AND ((c.is_open AND c.next_due < $1 AND c.next_stage = ANY($2)) OR (c.is_open AND c.supervision >= 3)
            OR (c.state = 'closed' AND c.supervision >= 2))
        AND NOT EXISTS (SELECT FROM notice n WHERE n.source_kind = 'case' AND n.source_id = c.id
            AND n.state <> 'withdrawn')
        ORDER BY c.supervision DESC, c.due_key LIMIT {limit}""",
        now, list(UNIT_STAGES), *args,
    )  # fmt: skip
    return [dict(row) for row in rows]
