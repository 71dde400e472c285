"""An issue's files: made on demand of its frozen content, their hash kept at the first making, compared ever after."""

from __future__ import annotations

import asyncio
from hashlib import sha256
from importlib import import_module

import msgspec

from hotline import clock, db
from hotline.errors import Refusal, Say
from sla.bulletins import BulletinRow

FORMATS: dict[str, tuple[str, Say]] = {
    "pdf": ("application/pdf", Say("PDF", "PDF")),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", Say("Word", "Word")),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Say("表格", "Spreadsheet")),
    "html": ("text/html; charset=utf-8", Say("网页", "Web page")),
    "json": ("application/json", Say("JSON", "JSON")),
}
LANGS = ("zh", "en")
_KEEP = """
    INSERT INTO bulletin_file (bulletin_id, format, lang, hash, size, made_at) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (bulletin_id, format, lang) DO NOTHING
"""
_DIFFERS = """
    UPDATE bulletin_file SET differs_at = CASE WHEN $4 THEN $5::timestamptz END
    WHERE bulletin_id = $1 AND format = $2 AND lang = $3 AND (differs_at IS NOT NULL) <> $4
"""


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A file; ``is_same``: it is to the byte what it was when it was first made."""

    data: bytes
    media_type: str
    name: str
    is_same: bool


def render(row: BulletinRow, form: str, lang: str) -> bytes:
    """The bytes of one rendering: a function of the frozen content and the language, and of nothing else.

    The libraries that write these files take half a second to load: only whoever renders pays for it.
    """
    if row.frozen is None or row.hash is None:
        raise Refusal(409, "not_issued", Say("签发之后才有文件。", "There are files once it is issued."))
    if form == "json":
        return row.frozen.encode()
    module = import_module(f"sla.bulletin_{form}")
    make = module.file if form == "html" else module.made
    data: bytes = make(row.document, lang, row.hash.hex())
    return data


async def made(row: BulletinRow, form: str, lang: str) -> File:
    """The rendering, and whether it is the same as ever. 404 for another format, 409 before it is issued."""
    if form not in FORMATS or lang not in LANGS:
        raise Refusal(404, "not_found", Say("没有这种文件。", "There is no such file."))
    data = await asyncio.to_thread(render, row, form, lang)
    digest, is_same = sha256(data).digest(), True
    if form == "json":
        is_same = digest == row.hash
    else:
        async with db.atomic() as connection:
            await connection.execute(_KEEP, row.id, form, lang, digest, len(data), clock.now())
            kept = await connection.fetchval(
                "SELECT hash FROM bulletin_file WHERE bulletin_id = $1 AND format = $2 AND lang = $3",
                row.id, form, lang,
            )  # fmt: skip
            is_same = kept == digest
            await connection.execute(_DIFFERS, row.id, form, lang, not is_same, clock.now())
    name = f"{row.slug}{'' if lang == 'zh' else '-en'}.{form}"
    return File(data=data, media_type=FORMATS[form][0], name=name, is_same=is_same)


async def keep_all(row: BulletinRow) -> None:
    """Make every file in Chinese once, right after the issue, so that their hashes are of that day.

    The English ones are made when somebody first asks for them: their hash is kept then.
    """
    for form in FORMATS:
        await made(row, form, "zh")
