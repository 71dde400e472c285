"""What a file tells beside what it shows: named, taken out before anybody sees it, or refused."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from hotline import metadata
from hotline.errors import Refusal
from tests.hotline.test_files import exif, film, is_red, mp3, pdf, picture, sound

pytestmark = pytest.mark.anyio
XMP = b"<x:xmpmeta><rdf:RDF><dc:creator>SecretName</dc:creator><exif:GPSLatitude>36</exif:GPSLatitude></x:xmpmeta>"
KINDS = ["JPEG", "PNG", "WEBP", "GIF"]


def telling(kind: str) -> bytes:
    """A picture that tells all that its kind can hold."""
    made = exif(orientation=6)
    made[0x0132], made[0x9286], made[0x0131] = "2026:03:01 08:00:00", "SecretName", "SecretSoft"
    more: dict[str, Any] = {} if kind == "GIF" else {"exif": made, "xmp": XMP}
    if kind in {"JPEG", "GIF"}:
        more["comment"] = b"SecretName"
    if kind == "PNG":
        info = PngImagePlugin.PngInfo()
        info.add_text("Author", "SecretName")
        info.add_itxt("XML:com.adobe.xmp", XMP.decode())
        more = {"exif": made, "pnginfo": info}
    return picture(kind, **more)


async def refused(data: bytes, kind: str) -> str:
    with pytest.raises(Refusal) as caught:
        await metadata.clean(data, kind)
    assert caught.value.status == 422
    assert caught.value.fields["files"].zh
    return caught.value.code


@pytest.mark.parametrize("kind", KINDS)
async def test_a_picture_is_named_by_all_it_tells_and_tells_nothing_once_cleaned(kind: str) -> None:
    data = telling(kind)
    told = set(metadata.found(data))
    assert told >= ({"comment"} if kind == "GIF" else {"position", "author", "device", "time", "xmp", "software"})
    kept = await metadata.clean(data, f"image/{kind.lower()}")
    assert metadata.found(kept) == []
    assert b"Secret" not in kept
    image = Image.open(io.BytesIO(kept))
    assert image.size == ((40, 20) if kind == "GIF" else (20, 40)), "it is upright now"
    assert is_red(image, 5, 5)


async def test_a_thumbnail_and_what_hangs_on_behind_are_found_and_gone() -> None:
    first = struct.pack("<HHHI4sI", 1, 0x010F, 2, 3, b"No\0\0", 26)  # its end points at the directory of the thumbnail
    small = struct.pack("<HHHIII", 1, 0x0103, 3, 1, 6, 0)
    data = picture(exif=b"Exif\0\0II*\0\x08\0\0\0" + first + small)
    assert "thumbnail" in metadata.found(data)
    assert metadata.found(picture() + film())[-1] == "hidden"
    assert metadata.found(await metadata.clean(data, "jpg")) == []
    assert metadata.found(await metadata.clean(picture() + film(), "jpg")) == []


async def test_a_pdf_loses_author_title_dates_markup_and_its_pictures_data() -> None:
    shot = b"3 0 obj<</Filter/DCTDecode>>stream\n" + telling("JPEG") + b"\nendstream endobj\n"
    notes = b"2 0 obj<</Type/Metadata/Subtype/XML/Length 9>>stream\n" + XMP + b"\nendstream endobj\n"
    info = b"(SecretName)/Title(SecretTitle)/CreationDate(D:20260301)/Custom<FEFF738B>"
    data = pdf(info).replace(b"trailer", shot + notes + b"trailer")
    assert {"author", "title", "time", "software", "xmp", "pictures"} <= set(metadata.found(data))
    kept = await metadata.clean(data, "application/pdf")
    assert metadata.found(kept) == []
    assert len(kept) == len(data)
    assert b"Secret" not in kept
    assert b"738B" not in kept


def packed(inner: bytes, head: bytes = b"/Type/ObjStm") -> bytes:
    body = zlib.compress(inner)
    return b"4 0 obj<<" + head + b"/Filter/FlateDecode>>stream\n" + body + b"\nendstream endobj\ntrailer"


@pytest.mark.parametrize(
    ("extra", "what"),
    [
        (packed(b"<</Author(SecretName)>>"), "author"),
        (packed(XMP, b"/Type/Metadata/Subtype/XML"), "xmp"),
        (packed(b"<</Author()>>").replace(b"FlateDecode", b"LZWDecode"), "sealed"),
        (b"<</Subtype/FreeText/T(SecretName)>>trailer", "annotations"),
        (b"<</Type/EmbeddedFile>>trailer", "attachments"),
        (b"<</Author 9 0 R>>trailer", "author"),
        (b"trailer<</Encrypt 7 0 R>>trailer", "sealed"),
    ],
)
async def test_a_pdf_that_cannot_be_made_silent_is_refused_by_name(extra: bytes, what: str) -> None:
    data = pdf().replace(b"trailer", extra)
    assert what in metadata.found(data)
    assert await refused(data, "pdf") == "metadata_left"


async def test_packed_objects_without_a_name_in_them_pass() -> None:
    data = pdf().replace(b"trailer", packed(b"<</Type/Catalog>>"))
    assert metadata.found(await metadata.clean(data, "pdf")) == []


@pytest.mark.parametrize(
    ("data", "kind"), [(mp3(), "mp3"), (sound(), "audio/wav"), (film(), "video/mp4"), (b"x", "docx")]
)
async def test_sound_film_and_other_kinds_are_not_public_evidence(data: bytes, kind: str) -> None:
    assert await refused(data, kind) == "file_not_public"
    assert metadata.found(data) in (["voice"], ["unreadable"])


@pytest.mark.parametrize(
    ("data", "kind", "code"),
    [
        (b"", "jpg", "file_empty"),
        (pdf(), "jpg", "file_disguised"),
        (picture()[:200], "jpg", "file_damaged"),
        (b"%PDF-1.4 cut off", "pdf", "file_damaged"),
    ],
)
async def test_what_cannot_be_read_is_refused(data: bytes, kind: str, code: str) -> None:
    assert await refused(data, kind) == code


@given(st.binary(max_size=300), st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"%PDF-"]))
def test_looking_never_raises_and_never_calls_rubbish_silent(rest: bytes, head: bytes) -> None:
    assert set(metadata.found(head + rest)) <= set(metadata.NAMES)
    assert metadata.found(head + rest)
