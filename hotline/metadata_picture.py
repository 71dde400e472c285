"""What a picture tells beside its points: Exif, XMP, IPTC, texts, thumbnails, and what hangs on behind it. Pure."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator

from PIL import ExifTags, Image

from hotline.media import GIF, JPEG, MOST_PIXELS, PNG, WEBP, sniff

_TAGS = {
    0x010F: "device", 0x0110: "device", 0xA433: "device", 0xA434: "device", 0xA431: "device", 0xA435: "device",
    0xC62F: "device", 0x927C: "device", 0x013B: "author", 0x8298: "author", 0xA430: "author", 0x9C9D: "author",
    0x0132: "time", 0x9003: "time", 0x9004: "time", 0x9C9B: "title", 0x010E: "comment", 0x9286: "comment",
    0x9C9C: "comment", 0x9C9E: "comment", 0x9C9F: "comment", 0x0131: "software", 0x013C: "device",
}  # fmt: skip
"""Exif tags that tell something, and what."""
_XMP = {
    b"exif:GPS": "position", b"dc:creator": "author", b"tiff:Artist": "author", b"tiff:Make": "device",
    b"tiff:Model": "device", b"CreateDate": "time", b"ModifyDate": "time", b"dc:title": "title",
    b"dc:description": "comment", b"CreatorTool": "software",
}  # fmt: skip
_RAW = {
    b"<x:xmpmeta": "xmp", b"http://ns.adobe.com/xap/1.0/\0": "xmp", b"XML:com.adobe.xmp": "xmp",
    b"Photoshop 3.0\0": "iptc", b"MPF\0": "hidden",
}  # fmt: skip
"""Marks in the bytes themselves: told even where the decoder passes over them."""


def told(data: bytes) -> set[str]:
    """Codes of ``metadata.NAMES``; ``unreadable`` for what cannot be decoded."""
    found = {name for mark, name in _RAW.items() if mark in data}
    if "xmp" in found:
        found |= {name for mark, name in _XMP.items() if mark in data}
    if _is_longer(data):
        found.add("hidden")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data)) as image:
                found |= set(_decoded(image))
    except Exception:  # noqa: BLE001 - a decoder raises what it likes; what cannot be looked into is not shown
        found.add("unreadable")
    return found


def _decoded(image: Image.Image) -> Iterator[str]:
    if image.width * image.height > MOST_PIXELS:
        yield "unreadable"
        return
    image.load()  # texts may stand behind the points
    exif = image.getexif()
    yield from _tags(exif)
    yield from _tags(exif.get_ifd(ExifTags.IFD.Exif))
    if exif.get_ifd(ExifTags.IFD.GPSInfo):
        yield "position"
    if exif.get_ifd(ExifTags.IFD.IFD1):
        yield "thumbnail"
    if image.info.get("comment") or getattr(image, "text", None):
        yield "comment"
    if image.info.get("xmp"):
        yield "xmp"


def _tags(tags: Image.Exif | dict[int, object]) -> Iterator[str]:
    for tag, value in tags.items():
        if tag in _TAGS and value:
            yield _TAGS[tag]


def _is_longer(data: bytes) -> bool:
    """Something hangs on behind the end of the picture (a film within a moving photo, an archive)."""
    ends = {JPEG: b"\xff\xd9", PNG: b"IEND\xae\x42\x60\x82", GIF: b";"}
    kind = sniff(data)
    if kind == WEBP:
        return len(data) > int.from_bytes(data[4:8], "little") + 8
    return kind in ends and not data.endswith(ends[str(kind)])
