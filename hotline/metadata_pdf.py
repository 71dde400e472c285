"""What a PDF tells beside its pages, in the open and in its packed objects, and the same with that blanked. Pure.

Bytes are overwritten in place, so that no offset moves; what is packed or encrypted is only told, never mended.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

_KEYS = {
    b"Author": "author", b"Company": "author", b"Creator": "software", b"Producer": "software", b"Subject": "title",
    b"Keywords": "title", b"CreationDate": "time", b"ModDate": "time",
}  # fmt: skip
_STRING = rb"\((?:[^()\\]|\\.)*\)|<[0-9A-Fa-f\s]*>"
_KEY = re.compile(rb"/(" + b"|".join(_KEYS) + rb")(?![A-Za-z])\s*(" + _STRING + rb")?", re.DOTALL)
_TITLE = re.compile(rb"/Title\s*(" + _STRING + rb")?", re.DOTALL)
_INFO = re.compile(rb"/Info\s+(\d+)\s+(\d+)\s+R")
_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_NOTES = re.compile(
    rb"/Subtype\s*/(?:Text|FreeText|Highlight|Underline|StrikeOut|Squiggly|Popup|Ink|Stamp|Caret|Sound|FileAttachment)\b"
)
_NEEDED = frozenset({0xE0, 0xE2, 0xEE})
"""Segments of a picture that its colours need (JFIF, profile, Adobe); the other application ones and comments tell."""
_MOST = 32 * 1024 * 1024
"""Bytes that are unpacked for looking; a file that holds more counts as not looked through."""


def told(data: bytes) -> set[str]:
    """Codes of ``metadata.NAMES``; ``sealed`` for what is encrypted or packed in a way that cannot be looked into."""
    if b"%%EOF" not in data[-2048:]:
        return {"unreadable"}
    if b"/Encrypt" in data:
        return {"sealed"}
    found: set[str] = set()
    seen = [data]
    room = _MOST
    for head, body in _streams(data):
        if b"/ObjStm" in head or b"/XML" in head:
            text = _unpacked(head, body, room)
            if text is None:
                found.add("sealed")
                continue
            room -= len(text)
            seen.append(text)
    for text in seen:
        found |= set(_in(text))
    return found | set(_info(data))


def blanked(data: bytes) -> bytes:
    """Every string of the /Info objects, and the Exif, XMP and IPTC of pictures within, overwritten with blanks."""
    out = bytearray(data)
    for first, last in _info_objects(data):
        for match in re.finditer(_STRING, data[first:last], re.DOTALL):
            start, end = first + match.start() + 1, first + match.end() - 1
            out[start:end] = b" " * (end - start)
    for start, end in _segments(data):
        out[start - 3] = 0xFE  # a JPEG comment
        out[start:end] = b" " * (end - start)
    return bytes(out)


def _in(text: bytes) -> Iterator[str]:
    for match in _KEY.finditer(text):
        if _says(match[2]):
            yield _KEYS[match[1]]
    if b"<x:xmpmeta" in text or b"<rdf:RDF" in text:
        yield "xmp"
    if b"/EmbeddedFile" in text:
        yield "attachments"
    if _NOTES.search(text):
        yield "annotations"
    if any(text[start:end].strip() for start, end in _segments(text)):
        yield "pictures"


def _segments(data: bytes) -> Iterator[tuple[int, int]]:
    """Where the bodies of the telling segments of the JPEG pictures lie."""
    for picture in re.finditer(rb"\xff\xd8(?=\xff)", data):
        at = picture.end()
        while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:  # 0xDA: the points begin
            end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
            if data[at + 1] == 0xFE or (data[at + 1] & 0xF0 == 0xE0 and data[at + 1] not in _NEEDED):
                yield at + 4, min(end, len(data))
            at = end


def _info(data: bytes) -> Iterator[str]:
    """A title in the /Info object: elsewhere a title is a bookmark's, which is on show anyway."""
    objects = _info_objects(data)
    if _INFO.search(data) and not objects:
        yield "sealed"  # it lies packed
    for first, last in objects:
        if any(_says(match[1]) for match in _TITLE.finditer(data, first, last)):
            yield "title"


def _info_objects(data: bytes) -> list[tuple[int, int]]:
    places: list[tuple[int, int]] = []
    for number, generation in set(_INFO.findall(data)):
        begin = re.compile(rb"(?<!\d)" + number + rb"\s+" + generation + rb"\s+obj\b")
        for match in begin.finditer(data):
            end = data.find(b"endobj", match.end())
            places.append((match.end(), len(data) if end < 0 else end))
    return places


def _says(value: bytes | None) -> bool:
    """Whether a string (with its brackets) has anything in it; None is one that cannot be told where it ends."""
    return value is None or bool(value[1:-1].strip())


def _streams(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(dictionary, body) of every stream."""
    for match in _STREAM.finditer(data):
        head = data[max(0, match.start() - 2000) : match.start()].rpartition(b"obj")[2]
        end = data.find(b"endstream", match.end())
        yield head, data[match.end() : len(data) if end < 0 else end]


def _unpacked(head: bytes, body: bytes, room: int) -> bytes | None:
    if b"/Filter" not in head:
        return body
    if b"/FlateDecode" not in head or b"/Predictor" in head or head.count(b"Decode") > 1:
        return None
    packer = zlib.decompressobj()
    try:
        text = packer.decompress(body, max(1, room))
    except zlib.error:
        return None
    return None if packer.unconsumed_tail else text
