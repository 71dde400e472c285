"""Evidence of a correction: files that nobody outside sees before two persons have looked at each.

The first says that a picture shows no face, plate, door number or document, the second that this is so. Neither is who
sent it. What cannot be shown is kept back with a reason: it still proves the correction to the centre.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from cases import ledger, notices
from cases.notice_rows import FileRow, Notice
from cases.notice_sources import HELD
from hotline import db
from hotline.errors import Say, conflict, invalid, not_found
from hotline.work import Work

STATES: dict[str, Say] = {
    "new": Say("待查看", "To be looked at"),
    "clean": Say("待复核", "To be checked"),
    "checked": Say("可公开", "May be shown"),
    "kept_back": Say("不公开", "Not shown"),
    "dropped": Say("随退回作废", "Sent back"),
}
_OF = f"SELECT {ledger.columns(FileRow)} FROM notice_file WHERE notice_id = $1 ORDER BY position"


async def of(connection: db.Connection, notice_id: UUID) -> list[FileRow]:
    """All files of a notice's corrections, in the order in which they came."""
    return [FileRow(**one) for one in await connection.fetch(_OF, notice_id)]


async def add(work: Work, one: Notice, attachments: Sequence[tuple[UUID, str]]) -> None:
    """Files (id, media type) that come with a report of the correction; kept already, cleaned of their metadata."""
    last = len(await of(work.connection, one.row.id))
    for n, (attachment, media_type) in enumerate(attachments, last + 1):
        work.add(FileRow(
            id=attachment, notice_id=one.row.id, position=n, media_type=media_type, added_by=work.actor.id,
            added_at=work.now,
        ))  # fmt: skip


async def look(work: Work, one: Notice, file_id: UUID, *, is_clean: bool, reason: str = "") -> FileRow:
    """The first person has looked: it shows nobody, or it is kept back with a reason (422 without one)."""
    notices.demand_state(one, "corrected")
    row = await _opened(work, one, file_id)
    if row.state not in {"new", "clean"}:
        raise conflict("file_decided", "这个文件已经定了。", "This file has been decided.")
    if not is_clean and not reason.strip():
        raise invalid({"reason": Say("不公开要写理由。", "Say why it is not shown.")})
    row.state, row.reason = ("clean" if is_clean else "kept_back"), reason.strip()
    row.looked_by, row.looked_at = work.actor.id, work.now
    await notices.step(work, one, "file_looked_at", {"file": str(file_id), "state": row.state})
    return row


async def check(work: Work, one: Notice, file_id: UUID, *, agrees: bool, reason: str = "") -> FileRow:
    """The second person agrees, and it may be shown; or it is kept back. 409 for whoever looked first."""
    notices.demand_state(one, "corrected")
    row = await _opened(work, one, file_id)
    if row.state != "clean":
        raise conflict("file_not_clean", "这个文件还没有人先看过。", "Nobody has looked at this file first.")
    if row.looked_by == work.actor.id:
        raise conflict(
            "two_persons", "查看和复核要两个人分别来做。", "Looking and checking must be done by two persons."
        )
    if not agrees and not reason.strip():
        raise invalid({"reason": Say("不公开要写理由。", "Say why it is not shown.")})
    row.state, row.reason = ("checked" if agrees else "kept_back"), reason.strip()
    row.checked_by, row.checked_at = work.actor.id, work.now
    await notices.step(work, one, "file_checked", {"file": str(file_id), "state": row.state})
    return row


async def demand_looked_at(work: Work, one: Notice) -> None:
    """409 while a file waits for the first or the second look."""
    left = sum(row.state in {"new", "clean"} for row in await of(work.connection, one.row.id))
    if left:
        raise conflict(
            "evidence_undecided", f"还有 {left} 个文件没有看完：先由一人查看，再由另一人复核。",
            f"{left} files are not decided: one person looks at each, another checks.",
        )  # fmt: skip


async def drop(work: Work, one: Notice) -> None:
    """The correction was refused: its evidence goes with it."""
    for row in await of(work.connection, one.row.id):
        if row.state != "dropped":
            work.track(row)
            row.state = "dropped"


async def shown(connection: db.Connection, notice_id: UUID) -> list[FileRow]:
    """What anybody may see of a notice whose correction is verified."""
    return [row for row in await of(connection, notice_id) if row.state == "checked"]


async def public(connection: db.Connection, slug: str, position: int) -> UUID:
    """The attachment at ``position`` of a public notice. 404 unless it is verified, shown, and the file checked."""
    found: UUID | None = await connection.fetchval(
        "SELECT f.id FROM notice_file f JOIN notice n ON n.id = f.notice_id WHERE n.slug = $1 AND f.position = $2 "
        f"AND n.state IN ('verified', 'archived') AND f.state = 'checked' AND NOT {HELD}",
        slug, position,
    )  # fmt: skip
    if found is None:
        raise not_found()
    return found


async def _opened(work: Work, one: Notice, file_id: UUID) -> FileRow:
    row = next((row for row in await of(work.connection, one.row.id) if row.id == file_id), None)
    if row is None:
        raise not_found()
    notices.demand_apart(work.actor, one.row)
    if row.added_by == work.actor.id:
        raise conflict(
            "own_file", "自己传的文件由别人来看。", "Somebody else looks at the files that one sent oneself."
        )
    work.track(row)
    return row
