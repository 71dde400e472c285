"""What an upload really is, told from its bytes, and the same without what it tells of its maker. Pure.

Pictures are decoded and written anew; sound, film and PDF keep their bytes but for the parts that hold metadata.
"""

from __future__ import annotations

import io
import re
import struct
import warnings
from collections.abc import Iterator

import filetype
import msgspec
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

MOST_PIXELS = 60_000_000
JPEG, PNG, WEBP, GIF, PDF = "image/jpeg", "image/png", "image/webp", "image/gif", "application/pdf"
MP3, AMR, WAV, M4A, MP4 = "audio/mpeg", "audio/amr", "audio/wav", "audio/mp4", "video/mp4"
ENDINGS = {
    JPEG: ("jpg", "jpeg", "jfif"), PNG: ("png",), WEBP: ("webp",), GIF: ("gif",), PDF: ("pdf",),
    MP3: ("mp3",), AMR: ("amr", "awb"), WAV: ("wav",), M4A: ("m4a",), MP4: ("mp4", "m4v", "mov"),
}  # fmt: skip
"""Kinds that are taken, each with its usual ending first."""


class Unfit(Exception):  # noqa: N818 - a verdict on a file
    """The upload cannot be taken: ``code`` says why, ``what`` is what it really is."""

    def __init__(self, code: str, what: str = "") -> None:
        super().__init__(f"{code} {what}".strip())
        self.code = code
        self.what = what


class Clean(msgspec.Struct, frozen=True, kw_only=True):
    """An upload ready to keep. ``has_metadata``: some may be left that we cannot take out."""

    data: bytes
    media_type: str
    has_metadata: bool = False


_MARKS = {
    b"\xff\xd8\xff": JPEG, b"\x89PNG\r\n\x1a\n": PNG, b"GIF87a": GIF, b"GIF89a": GIF,
    b"%PDF-": PDF, b"#!AMR": AMR, b"ID3": MP3,
}  # fmt: skip
_BRANDS = frozenset(
    (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"qt  ", b"dash", b"3gp4")
) | {b"3gp5", b"3gp6", b"MSNV"}


def sniff(data: bytes) -> str | None:
    """The media type that the bytes themselves show, one of ``ENDINGS``, else None."""
    head = data[:16]
    if head[:4] == b"RIFF":
        return {b"WEBP": WEBP, b"WAVE": WAV}.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _film(head[8:12])
    for mark, kind in _MARKS.items():
        if head.startswith(mark):
            return kind
    return MP3 if _mp3_frame(data, 0) else None


def _film(brand: bytes) -> str | None:
    if brand in {b"M4A ", b"M4B "}:
        return M4A
    return MP4 if brand in _BRANDS else None


def _mp3_frame(data: bytes, at: int) -> bool:
    """A layer III frame header whose version, bit rate and sample rate exist."""
    if len(data) < at + 4 or data[at] != 0xFF or data[at + 1] & 0xE6 != 0xE2:
        return False
    return data[at + 1] & 0x18 != 0x08 and data[at + 2] & 0xF0 not in {0xF0, 0x00} and data[at + 2] & 0x0C != 0x0C


def clean(data: bytes, name: str) -> Clean:
    """``data`` checked against its ``name`` and cleaned. Raises Unfit: empty, unknown, disguised, damaged or huge.

    A picture named as another kind of picture is only misnamed; anything else under a false ending is refused.
    """
    if not data:
        raise Unfit("file_empty")
    kind = sniff(data)
    ending = _ending(name)
    promised = next((k for k, endings in ENDINGS.items() if ending in endings), None)
    if kind is None:
        raise Unfit("file_disguised" if promised else "file_unknown", _what(data, ending))
    if ending and (promised is None or _family(promised) != _family(kind)):
        raise Unfit("file_disguised", kind)
    try:
        return _CLEANERS[_family(kind)](data, kind)
    except (struct.error, IndexError, ValueError) as broken:
        raise Unfit("file_damaged", kind) from broken


def named(name: str, media_type: str) -> str:
    """``name`` with an ending that tells the truth."""
    endings = ENDINGS.get(media_type) or (media_type.rpartition("/")[2],)
    if _ending(name) in endings:
        return name
    stem = name.rsplit(".", 1)[0] if _ending(name) else name
    return f"{stem}.{endings[0]}"


def _ending(name: str) -> str:
    _, dot, ending = name.rpartition(".")
    return ending.lower() if dot and len(ending) <= 10 else ""


def _family(kind: str) -> str:
    if kind in {M4A, MP4}:
        return "boxes"
    return "image" if kind.startswith("image/") else kind


def _what(data: bytes, ending: str) -> str:
    guessed = filetype.guess(data)
    return guessed.mime if guessed is not None else (f".{ending}" if ending else "?")


def _picture(data: bytes, kind: str) -> Clean:
    """The picture's points and nothing else; the way it was held is turned into the points."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=[kind.split("/")[1].upper()]) as image:
                if image.width * image.height * getattr(image, "n_frames", 1) > MOST_PIXELS:
                    raise Unfit("file_huge", kind)
                moves = kind in {GIF, WEBP}
                frames = [_bare(frame) for frame in ImageSequence.Iterator(image)] if moves else [_bare(image)]
                loop = {"loop": image.info["loop"]} if "loop" in image.info else {}
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Unfit("file_huge", kind) from None
    except (UnidentifiedImageError, OSError, SyntaxError, EOFError) as broken:
        raise Unfit("file_damaged", kind) from broken
    out = io.BytesIO()
    more: dict[str, object] = {JPEG: {"quality": 90}, WEBP: {"quality": 88}}.get(kind, {})  # type: ignore[assignment]
    if len(frames) > 1:
        more |= {"save_all": True, "append_images": frames[1:], **loop}
        more["duration"] = [frame.info.get("duration", 100) for frame in frames]
    frames[0].save(out, kind.split("/")[1].upper(), **more)
    return Clean(data=out.getvalue(), media_type=kind)


def _bare(frame: Image.Image) -> Image.Image:
    upright = ImageOps.exif_transpose(frame).copy()
    upright.info = {key: frame.info[key] for key in ("duration", "transparency") if key in frame.info}
    upright.getexif().clear()
    return upright


_PDF_KEYS = rb"/(?:Author|Creator|Producer|Subject|Keywords|CreationDate|ModDate|Company)\s*"
_PDF_KEY = re.compile(_PDF_KEYS + rb"[(<]")
_PDF_INFO = re.compile(_PDF_KEYS + rb"(\((?:[^()\\]|\\.)*\)|<[0-9A-Fa-f\s]*>)", re.DOTALL)
_PDF_XMP = re.compile(rb"<x:xmpmeta.*?</x:xmpmeta>", re.DOTALL)


def _pdf(data: bytes, kind: str) -> Clean:
    """Blank the plain /Info strings and XMP in place, so that no offset moves; packed ones cannot be reached."""
    if b"%%EOF" not in data[-2048:]:
        raise Unfit("file_damaged", kind)
    if b"/Encrypt" in data:
        return Clean(data=data, media_type=kind, has_metadata=True)
    out = bytearray(data)
    for match in _PDF_INFO.finditer(data):
        first, last = match.span(1)
        out[first + 1 : last - 1] = b" " * (last - first - 2)
    packets = list(_PDF_XMP.finditer(data))
    for match in packets:
        out[match.start() : match.end()] = b" " * (match.end() - match.start())
    is_left = len(_PDF_KEY.findall(data)) > len(_PDF_INFO.findall(data))
    is_packed = b"/ObjStm" in data or (b"/XML" in data and not packets)
    return Clean(data=bytes(out), media_type=kind, has_metadata=is_left or is_packed)


def _mp3(data: bytes, kind: str) -> Clean:
    start = 0
    while data[start : start + 3] == b"ID3":
        a, b, c, d = data[start + 6 : start + 10]
        start += 10 + (a << 21 | b << 14 | c << 7 | d) + (10 if data[start + 5] & 0x10 else 0)
    while start < len(data) and data[start] == 0:
        start += 1
    end = len(data) - 128 if data[-128:-125] == b"TAG" else len(data)
    if not _mp3_frame(data, start):
        raise Unfit("file_damaged", kind)
    return Clean(data=data[start:end], media_type=kind, has_metadata=b"APETAGEX" in data[-4096:])


def _wav(data: bytes, kind: str) -> Clean:
    """Only the chunks that sound: fmt, fact and data."""
    parts, at = [], 12
    while at + 8 <= len(data):
        name, size = data[at : at + 4], struct.unpack("<I", data[at + 4 : at + 8])[0]
        if name in {b"fmt ", b"fact", b"data"}:
            body = data[at + 8 : at + 8 + size]
            parts.append(name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2))
        at += 8 + size + size % 2
    if not any(part.startswith(b"data") for part in parts):
        raise Unfit("file_damaged", kind)
    body = b"".join(parts)
    return Clean(data=b"RIFF" + struct.pack("<I", len(body) + 4) + b"WAVE" + body, media_type=kind)


def _boxes(data: bytes, kind: str) -> Clean:
    """Film and its sound (ISO 14496-12): boxes of user data, tags and place become free space of the same length."""
    out = bytearray(data)
    seen = set()
    for name, start, body, end in _walk(data, 0, len(data)):
        seen.add(name)
        if name in {b"udta", b"meta", b"uuid"}:
            out[start + 4 : start + 8] = b"free"
            out[body:end] = bytes(end - body)
        elif name in {b"mvhd", b"tkhd", b"mdhd"}:
            width = 16 if data[body] == 1 else 8
            out[body + 4 : body + 4 + width] = bytes(width)  # when it was taken
    if not {b"moov", b"mdat"} <= seen and b"moof" not in seen:
        raise Unfit("file_damaged", kind)
    return Clean(data=bytes(out), media_type=kind)


def _walk(data: bytes, at: int, limit: int) -> Iterator[tuple[bytes, int, int, int]]:
    """(name, start, start of body, end) of every box, going into those that hold tracks."""
    while at + 8 <= limit:
        size, name = struct.unpack(">I4s", data[at : at + 8])
        body = at + 8
        if size == 1:
            size, body = struct.unpack(">Q", data[at + 8 : at + 16])[0], at + 16
        end = limit if size == 0 else at + size
        if end > limit or end <= body - 1:
            msg = "a box beyond its parent"
            raise ValueError(msg)
        yield name, at, body, end
        if name in {b"moov", b"trak", b"mdia", b"moof", b"traf"}:
            yield from _walk(data, body, end)
        at = end


def _as_is(data: bytes, kind: str) -> Clean:
    return Clean(data=data, media_type=kind)


_CLEANERS = {"image": _picture, "boxes": _boxes, PDF: _pdf, MP3: _mp3, WAV: _wav, AMR: _as_is}
