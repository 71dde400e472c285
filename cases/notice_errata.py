"""勘误: a published text is corrected by a notice whose source is the notice; it goes the whole way of review again.

Old and new stand in the open side by side. An old text that may tell who somebody is, or that its author hides, is not
shown any more: that it was changed, when and why still is.
"""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from cases import gate, ledger, notice_sources, notices
from cases.notice_rows import HELD_BACK, FindRow, Notice, NoticeRow, ReleaseRow, VersionRow
from cases.notice_sources import HELD
from hotline import db
from hotline.errors import Say, conflict, invalid
from hotline.ids import new_id
from hotline.work import Work

FIELDS = ("wrong", "rule", "required")
OPEN = ("published", "corrected", "verified", "archived")
_DECIDED = f"""
    SELECT {", ".join(f"f.{name}" for name in FindRow.__struct_fields__)} FROM notice_find f
    JOIN notice n ON n.id = f.notice_id
    WHERE f.decision = 'keep' AND (n.id = $1 OR (n.source_kind = 'notice' AND n.source_id = $1))
"""
_RELEASES = """
    SELECT r.version, r.at, r.why, r.is_hidden, v.wrong, v.rule, v.required FROM notice_release r
    JOIN notice_version v USING (notice_id, version) WHERE r.notice_id = $1 ORDER BY r.version DESC
"""
_LOG = f"""
    SELECT n.slug, n.number, n.unit, r.at, 'corrected' AS what, r.why AS reason FROM notice_release r
    JOIN notice n ON n.id = r.notice_id WHERE r.erratum_id IS NOT NULL AND n.state <> 'withdrawn' AND NOT {HELD}
    UNION ALL
    SELECT n.slug, n.number, CASE WHEN {HELD} THEN '' ELSE n.unit END, n.withdrawn_at, 'withdrawn',
        CASE WHEN {HELD} THEN '{HELD_BACK}' ELSE n.withdrawn_reason END FROM notice n
    WHERE n.published_at IS NOT NULL AND n.withdrawn_at IS NOT NULL
    ORDER BY at DESC LIMIT $1
"""


class Piece(msgspec.Struct, frozen=True):
    """A stretch of a text beside its successor: same, gone or new."""

    kind: str
    text: str


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One version that followed another in the open: when, why, and by field what changed; [] when that is hidden."""

    version: int
    at: datetime
    why: str
    is_hidden: bool
    fields: dict[str, list[Piece]]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the public log of corrections and withdrawals."""

    slug: str
    number: str
    unit: str
    at: datetime
    what: str
    reason: str


async def draft(
    work: Work, one: Notice, *, wrong: str, rule: str, required: str, why: str, hides: bool = False
) -> NoticeRow:
    """起草勘误 of a notice in the open (locked). 409 while another is under way, 422 without a change or a reason."""
    notices.demand_state(one, *OPEN)
    if not why.strip():
        raise invalid({"why": Say("请写明为什么更正。", "Say why it is corrected.")})
    old = one.version
    if (wrong.strip(), rule.strip(), required.strip()) == (old.wrong, old.rule, old.required):
        raise invalid({"wrong": Say("文字没有改动。", "Nothing was changed in the texts.")})
    of = one.row
    source = notice_sources.Source(
        kind="notice", id=of.id, number=of.number or "", unit=of.unit, matter=of.matter, county=of.county,
        township=of.township, cases=tuple(await notice_sources.behind(work.connection, of)),
    )  # fmt: skip
    await notice_sources.check(work, source)
    row = NoticeRow(
        id=new_id(), source_kind="notice", source_id=of.id, source_number=source.number, unit=of.unit,
        matter=of.matter, county=of.county, township=of.township, author=work.actor.id, created_at=work.now,
        changed_at=work.now, why=why.strip(), hides=hides, writers=tuple(of.writers),
    )  # fmt: skip
    notices.begin(work, row, source.cases, wrong=wrong, rule=rule, required=required)
    await notices.note(work, row, "drafted", {"notice": of.slug or ""})
    return row


async def apply(work: Work, one: Notice) -> str:
    """勘误生效: its texts become the notice's next version in the open; the number stays. Returns it."""
    notices.demand_state(one, "approved")
    of = await notices.opened(work, one.row.source_id)
    notices.demand_state(of, *OPEN)
    await notice_sources.demand_publishable(work, one.row)
    await notices.demand_clear(work, one)
    await _hide_old(work, of, one.row)
    of.row.version += 1
    new = one.version
    work.add(VersionRow(
        notice_id=of.row.id, version=of.row.version, wrong=new.wrong, rule=new.rule, required=new.required,
        written_by=new.written_by, written_at=new.written_at, frozen_at=work.now,
    ))  # fmt: skip
    work.add(ReleaseRow(
        notice_id=of.row.id, version=of.row.version, at=work.now, erratum_id=one.row.id, why=one.row.why or "",
    ))  # fmt: skip
    one.row.state, one.row.applied_at = "applied", work.now
    await notices.step(work, of, "amended", {"number": of.row.slug or ""})
    await notices.step(work, one, "applied", {"number": of.row.slug or ""})
    return of.row.number or ""


async def _hide_old(work: Work, of: Notice, erratum: NoticeRow) -> None:
    """The text that stood until now is shown beside the new one, unless it tells who somebody is or shall not be."""
    what = await notice_sources.known(work.connection, erratum)
    kept = {(one["kind"], bytes(one["digest"])) for one in await work.connection.fetch(_DECIDED, of.row.id)}
    texts = {name: getattr(of.version, name) for name in FIELDS}
    tells = any((find.kind, find.digest) not in kept for find in gate.finds(texts, what))
    if erratum.hides or tells:
        row = await work.connection.fetchrow(
            f"SELECT {ledger.columns(ReleaseRow)} FROM notice_release WHERE notice_id = $1 AND version = $2 FOR UPDATE",
            of.row.id, of.row.version,
        )  # fmt: skip
        if row is None:
            raise conflict("no_release", "找不到正在公示的文字。", "The text in the open was not found.")
        release = ReleaseRow(**row)
        work.track(release)
        release.is_hidden = True


async def changes(connection: db.Connection, notice_id: UUID) -> list[Change]:
    """What changed since the publication, newest first; a text that is hidden is not compared with either neighbour."""
    rows = await connection.fetch(_RELEASES, notice_id)
    found = []
    for new, old in itertools.pairwise(rows):
        is_hidden = old["is_hidden"] or new["is_hidden"]
        fields = {} if is_hidden else {
            name: difference(old[name], new[name]) for name in FIELDS if old[name] != new[name]
        }  # fmt: skip
        found.append(
            Change(version=new["version"], at=new["at"], why=new["why"], is_hidden=is_hidden, fields=fields)
        )
    return found


def difference(old: Sequence[str], new: Sequence[str]) -> list[Piece]:
    """Two texts as one sequence of what stayed, went and came, by characters, or by the parts given. Pure."""
    pieces: list[Piece] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", "".join(old[a:b])))
            continue
        if b > a:
            pieces.append(Piece("gone", "".join(old[a:b])))
        if d > c:
            pieces.append(Piece("new", "".join(new[c:d])))
    return pieces


async def log(connection: db.Connection, limit: int = 100) -> Sequence[Entry]:
    """The public log: which notices were corrected or taken down, when and why, newest first."""
    return [Entry(**row) for row in await connection.fetch(_LOG, limit)]
