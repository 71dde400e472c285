"""Attachments: refused or cleaned by ``hotline.media``, kept outside the web root, one row each.

A file is on disk before its row is written; a transaction that fails leaves a stray file, which ``sweep`` removes.
Who may open one is asked above: by ``audience`` and by the case.
"""

from __future__ import annotations

import asyncio
import os
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import ClassVar
from uuid import UUID

from hotline import clock, db, media, settings
from hotline.actor import Actor
from hotline.errors import Refusal, Say, invalid, not_found
from hotline.ids import new_id
from hotline.work import Row, Work


class Attachment(Row, kw_only=True):
    """One kept file. ``audience`` is requester, staff or centre; ``size`` and ``sha256`` are of what lies on disk."""

    table: ClassVar[str] = "attachment"

    id: UUID
    subject_kind: str
    subject_id: UUID
    case_id: UUID | None
    name: str
    media_type: str
    size: int
    sha256: bytes
    has_metadata: bool
    audience: str
    created_at: datetime
    created_by: UUID


_COLUMNS = ", ".join(Attachment.__struct_fields__)
_PLACES = ", ".join(f"${n}" for n in range(1, len(Attachment.__struct_fields__) + 1))
_INSERT = f"INSERT INTO attachment ({_COLUMNS}) VALUES ({_PLACES})"
_ONE = f"SELECT {_COLUMNS} FROM attachment WHERE id = $1"
_OF = f"""SELECT {_COLUMNS} FROM attachment WHERE subject_kind = $1 AND subject_id = ANY($2)
ORDER BY created_at, id"""
_OF_CASE = f"SELECT {_COLUMNS} FROM attachment WHERE case_id = $1 ORDER BY created_at, id"
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\u200b-\u200f\u202a-\u202e\u2066-\u2069]')
_STRAY_AFTER = timedelta(days=1)


def look(data: bytes, filename: str) -> media.Clean:
    """Check and clean an upload without keeping it: what a form does before it begins its transaction.

    Raises the 422 refusal, which names the file, when it is too big, empty, damaged, disguised or of no known kind.
    """
    name = tidy_name(filename)
    limit = settings.current().upload_limit
    if len(data) > limit:
        zh = f"“{name}”太大（{len(data) / 1048576:.1f} MB），最大 {limit / 1048576:.0f} MB。"
        en = f"“{name}” is too big ({len(data) / 1048576:.1f} MB); the limit is {limit / 1048576:.0f} MB."
        raise invalid({"files": Say(zh, en)}, "file_too_big")
    try:
        return media.clean(data, name)
    except media.Unfit as unfit:
        raise _refused(name, unfit) from None


async def keep(
    connection: db.Connection,
    data: bytes | media.Clean,
    filename: str,
    *,
    subject: tuple[str, UUID],
    audience: str,
    actor: Actor,
    case_id: UUID | None = None,
) -> Attachment:
    """Clean (unless ``look`` did), store and note one file of ``subject`` (kind, id) in the caller's transaction."""
    cleaned = await asyncio.to_thread(look, data, filename) if isinstance(data, bytes) else data
    kept = Attachment(
        id=new_id(), subject_kind=subject[0], subject_id=subject[1], case_id=case_id,
        name=media.named(tidy_name(filename), cleaned.media_type), media_type=cleaned.media_type,
        size=len(cleaned.data), sha256=sha256(cleaned.data).digest(), has_metadata=cleaned.has_metadata,
        audience=audience, created_at=clock.now(), created_by=actor.id,
    )  # fmt: skip
    await asyncio.to_thread(_store, path_of(kept.id), cleaned.data)
    await connection.execute(_INSERT, *(getattr(kept, column) for column in Attachment.__struct_fields__))
    return kept


async def found(connection: db.Connection, attachment_id: UUID) -> Attachment:
    """The attachment, or the 404 refusal."""
    row = await connection.fetchrow(_ONE, attachment_id)
    if row is None:
        raise not_found()
    return Attachment(**row)


async def of(connection: db.Connection, kind: str, ids: Sequence[UUID]) -> list[Attachment]:
    """The attachments of some subjects of one kind, oldest first."""
    return [Attachment(**row) for row in await connection.fetch(_OF, kind, list(ids))]


async def of_case(connection: db.Connection, case_id: UUID) -> list[Attachment]:
    """All attachments of a case, whoever brought them, oldest first."""
    return [Attachment(**row) for row in await connection.fetch(_OF_CASE, case_id)]


async def move(work: Work, kind: str, ids: Sequence[UUID], case_id: UUID) -> None:
    """Put the attachments of these subjects on another case: whoever handles it now sees them there."""
    await work.connection.execute(
        "UPDATE attachment SET case_id = $3 WHERE subject_kind = $1 AND subject_id = ANY($2)", kind, list(ids), case_id
    )


async def forget(work: Work, case_id: UUID) -> int:
    """Erase the files of a case: the rows with the transaction, the bytes once it is committed; how many."""
    rows = await work.connection.fetch("DELETE FROM attachment WHERE case_id = $1 RETURNING id", case_id)

    async def unlink() -> None:
        for row in rows:
            path_of(row["id"]).unlink(missing_ok=True)

    work.after(unlink)
    return len(rows)


def open_path(attachment: Attachment) -> Path:
    """Where the file lies. Raises a refusal when it is not there: the row without its file is a loss to report."""
    path = path_of(attachment.id)
    if not path.is_file():
        zh = f"“{attachment.name}”的文件不见了，请报告管理员。"
        en = f"The file “{attachment.name}” is gone; tell an administrator."
        raise Refusal(500, "file_lost", Say(zh, en))
    return path


def is_whole(attachment: Attachment) -> bool:
    """Whether the file on disk is still byte for byte what was kept."""
    path = path_of(attachment.id)
    return path.is_file() and sha256(path.read_bytes()).digest() == attachment.sha256


async def sweep(connection: db.Connection) -> int:
    """Remove files older than a day that no row speaks of; how many there were."""
    edge = (clock.now() - _STRAY_AFTER).timestamp()
    root = settings.current().files_dir
    old = [path for path in root.glob("??/??/*") if path.stat().st_mtime < edge]
    ids = {path: _id_of(path) for path in old}
    asked = [one for one in ids.values() if one is not None]
    known = {row["id"] for row in await connection.fetch("SELECT id FROM attachment WHERE id = ANY($1)", asked)}
    strays = [path for path, one in ids.items() if one not in known]
    for path in strays:
        path.unlink(missing_ok=True)
    return len(strays)


def path_of(attachment_id: UUID) -> Path:
    """``files_dir/aa/bb/<uuid>``; the last digits spread evenly, the first ones are the time."""
    name = str(attachment_id)
    return settings.current().files_dir / name[-2:] / name[-4:-2] / name


def tidy_name(filename: str) -> str:
    """The bare, printable name of an upload: no folders, no control or direction characters, 120 characters at most."""
    bare = unicodedata.normalize("NFC", filename).replace("\\", "/").rsplit("/", 1)[-1]
    bare = _UNSAFE.sub("", bare).strip(" .")
    stem, dot, ending = bare.rpartition(".")
    if not dot or len(ending) > 10:
        return bare[:120] or "file"
    return f"{stem[: 119 - len(ending)] or 'file'}.{ending}"


def _id_of(path: Path) -> UUID | None:
    try:
        return UUID(path.name)
    except ValueError:
        return None


def _store(path: Path, data: bytes) -> None:
    """Write durably: the bytes, then the names that lead to them."""
    root = settings.current().files_dir
    for folder in (root, path.parent.parent, path.parent):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:  # noqa: PTH123 - its mode from the first byte
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    for folder in (path.parent, path.parent.parent, root):
        entry = os.open(folder, os.O_RDONLY)
        os.fsync(entry)
        os.close(entry)


def _refused(name: str, unfit: media.Unfit) -> Refusal:
    whys = {
        "file_empty": Say(f"“{name}”是空的。", f"“{name}” is empty."),
        "file_damaged": Say(
            f"“{name}”打不开，可能已损坏，请重新保存后再传。", f"“{name}” cannot be read; save it again and retry."
        ),
        "file_disguised": Say(
            f"“{name}”的内容与后缀不符（实际是 {unfit.what}），不能上传。",
            f"“{name}” is not what its name says (it is {unfit.what}) and was refused.",
        ),
        "file_unknown": Say(
            f"“{name}”不是可以上传的类型（{unfit.what}）。可传：图片、PDF、录音、MP4。",
            f"“{name}” is of a kind we do not take ({unfit.what}). We take pictures, PDF, sound and MP4.",
        ),
        "file_huge": Say(
            f"“{name}”的图像尺寸过大，请缩小后再传。", f"The picture “{name}” has too many pixels; make it smaller."
        ),
    }
    return invalid({"files": whys[unfit.code]}, unfit.code)
