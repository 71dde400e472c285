"""What a file tells beside what it shows (place, author, device, time), and the same file without it, for publishing.

Pictures are written anew and PDF is blanked in place by ``hotline.media``; here the result is looked at once more, and
whatever still tells something is refused. Sound and film are refused whole: a voice or a face cannot be cut out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from hotline import media, metadata_pdf, metadata_picture
from hotline.errors import Refusal, Say, invalid

NAMES: dict[str, Say] = {
    "position": Say("拍摄位置（GPS）", "Where it was taken (GPS)"),
    "author": Say("作者", "Author"),
    "device": Say("设备型号", "Device"),
    "time": Say("时间", "Time"),
    "thumbnail": Say("缩略图", "Thumbnail"),
    "comment": Say("备注文字", "Comment"),
    "title": Say("标题", "Title"),
    "software": Say("软件", "Software"),
    "xmp": Say("XMP 信息", "XMP data"),
    "iptc": Say("图片说明（IPTC）", "Caption (IPTC)"),
    "pictures": Say("文件内图片的拍摄信息", "Data of the pictures within"),
    "annotations": Say("批注", "Annotations"),
    "attachments": Say("内嵌附件", "Embedded files"),
    "hidden": Say("图片之后藏着的内容", "Something hidden behind the picture"),
    "sealed": Say("加密或无法检查的内容", "Parts that are encrypted or cannot be checked"),
    "unreadable": Say("打不开的文件", "A file that cannot be read"),
    "voice": Say("人的声音或样子", "Somebody's voice or face"),
}
"""Every word that ``found`` gives, for people."""

_PUBLIC = {kind: media.ENDINGS[kind][0] for kind in (media.JPEG, media.PNG, media.WEBP, media.GIF, media.PDF)}


def found(data: bytes) -> list[str]:
    """What the file tells beside what it shows: keys of ``NAMES``, in their order; never raises."""
    kind = media.sniff(data)
    if kind == media.PDF:
        told = metadata_pdf.told(data)
    elif kind in _PUBLIC:
        told = metadata_picture.told(data)
    else:
        told = {"unreadable"} if kind is None else {"voice"}
    return [name for name in NAMES if name in told]


async def clean(data: bytes, kind: str) -> bytes:
    """``data`` without what ``found`` names, fit to be shown to anybody; ``kind`` is its media type or its ending.

    Raises the 422 refusal: ``file_not_public`` for sound, film and other kinds, ``metadata_left`` when something cannot
    be taken out, and the codes of ``media.Unfit`` for a damaged, disguised or huge file.
    """
    return await asyncio.to_thread(_cleaned, data, kind.lower().lstrip("."))


def named(codes: Iterable[str]) -> Say:
    """The names of some of ``NAMES`` in one list each."""
    told = [NAMES[code] for code in codes]
    return Say("、".join(one.zh for one in told), ", ".join(one.en[0].lower() + one.en[1:] for one in told))


def _cleaned(data: bytes, kind: str) -> bytes:
    is_kind = kind in _PUBLIC or any(kind in media.ENDINGS[one] for one in _PUBLIC)
    if not is_kind:
        raise _not_public()
    ending = _PUBLIC.get(kind, kind)
    try:
        bare = media.clean(data, f"x.{ending}")
    except media.Unfit as unfit:
        raise _unfit(unfit) from None
    out = metadata_pdf.blanked(bare.data) if bare.media_type == media.PDF else bare.data
    left = found(out)
    if left:
        say = named(left)
        zh = f"这份文件里还有去不掉的信息：{say.zh}。请截图成图片，或另存为不带这些信息的 PDF 再传。"
        en = f"This file still holds what cannot be taken out: {say.en}. Upload a picture of it, or a clean PDF."
        raise invalid({"files": Say(zh, en)}, "metadata_left")
    return out


def _not_public() -> Refusal:
    zh = "公开的佐证只收图片（JPG、PNG、WebP、GIF）和 PDF；录音和录像里有人的声音和样子，不能公开。"
    en = (
        "Public evidence is a picture (JPG, PNG, WebP, GIF) or a PDF; "
        "sound and film hold somebody's voice or face and cannot be shown."
    )
    return invalid({"files": Say(zh, en)}, "file_not_public")


def _unfit(unfit: media.Unfit) -> Refusal:
    says = {
        "file_empty": Say("文件是空的。", "The file is empty."),
        "file_huge": Say("图像尺寸过大，请缩小后再传。", "The picture has too many pixels; make it smaller."),
        "file_damaged": Say("文件打不开，请重新保存后再传。", "The file cannot be read; save it again and retry."),
    }
    other = Say("文件的内容与后缀不符，不能公开。", "The file is not what its name says and was refused.")
    return invalid({"files": says.get(unfit.code, other)}, unfit.code)
