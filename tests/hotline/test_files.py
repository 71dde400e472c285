"""Attachments: what is refused by name, what is cleaned, and where it lies."""

from __future__ import annotations

import io
import os
import stat
import struct
import wave
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from hotline import clock, db, files, media, settings
from hotline.actor import SYSTEM
from hotline.errors import Refusal
from hotline.ids import new_id
from tests.engines import Place

pytestmark = pytest.mark.anyio
SUBJECT = ("request", new_id())


def picture(kind: str = "JPEG", size: tuple[int, int] = (40, 20), **more: Any) -> bytes:
    """A picture, red on its left half."""
    image = Image.new("RGB", size, "white")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


def exif(orientation: int = 1) -> Image.Exif:
    """What a phone writes: its make, its owner, where it stood."""
    made = Image.Exif()
    made[0x010F], made[0x013B], made[0x0112] = "SecretPhone", "王小明", orientation
    made.get_ifd(0x8825).update({1: "N", 2: (36.0, 37.0, 12.0)})
    return made


def is_red(image: Image.Image, x: int, y: int) -> bool:
    red, _green, blue = image.convert("RGB").crop((x, y, x + 1, y + 1)).tobytes()
    return red > 200 and blue < 60


def film(*inner: bytes) -> bytes:
    """A film of nothing, with these boxes within its moov."""
    return box(b"ftyp", b"isom\0\0\0\0isom") + box(b"moov", b"".join(inner)) + box(b"mdat", b"\x11" * 8)


def box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body) + 8, name) + body


def sound() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as made:
        made.setnchannels(1)
        made.setsampwidth(2)
        made.setframerate(8000)
        made.writeframes(b"\1\2" * 80)
    return out.getvalue()


def mp3() -> bytes:
    return b"\xff\xfb\x90\x00" + bytes(413)


def pdf(author: bytes = b"(Wang Xiaoming)") -> bytes:
    info = b"1 0 obj<</Author " + author + b"/Producer (Word)>>endobj\n"
    return b"%PDF-1.4\n" + info + b"trailer<</Info 1 0 R>>\nstartxref\n9\n%%EOF\n"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_picture_keeps_its_points_and_loses_what_it_tells(kind: str) -> None:
    more: dict[str, Any] = {} if kind == "GIF" else {"exif": exif()}
    if kind == "PNG":
        info = PngImagePlugin.PngInfo()
        info.add_text("Author", "SecretPhone")
        more["pnginfo"] = info
    if kind in {"JPEG", "GIF"}:
        more["comment"] = b"SecretPhone"
    data = picture(kind, **more)
    assert b"SecretPhone" in data
    kept = media.clean(data, f"a.{kind.lower()}")
    assert b"SecretPhone" not in kept.data
    image = Image.open(io.BytesIO(kept.data))
    assert (image.format, image.size, dict(image.getexif())) == (kind, (40, 20), {})
    assert is_red(image, 5, 5)
    assert not kept.has_metadata


def test_a_picture_taken_sideways_is_kept_upright() -> None:
    kept = media.clean(picture(exif=exif(orientation=6)), "a.jpg")
    image = Image.open(io.BytesIO(kept.data))
    assert image.size == (20, 40)
    assert is_red(image, 10, 5)


def test_a_moving_picture_keeps_moving() -> None:
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "green", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=120, loop=0)
    image = Image.open(io.BytesIO(media.clean(out.getvalue(), "a.gif").data))
    assert getattr(image, "n_frames", 1) == 3
    assert image.info["duration"] == 120


def test_what_hides_behind_a_picture_is_not_kept() -> None:
    kept = media.clean(picture() + b"<script>alert(1)</script>PK\x03\x04", "a.jpg")
    assert b"script" not in kept.data


def test_sound_and_film_lose_their_tags() -> None:
    tagged = b"ID3\x04\0\0\0\0\0\x0bSecretPhone" + mp3() + b"TAG" + b"SecretPhone".ljust(125)
    assert media.clean(tagged, "a.mp3").data == mp3()
    riff = sound()
    named = riff + b"LIST" + struct.pack("<I", 12) + b"SecretPhone\0"
    assert media.clean(named, "a.wav").data == riff
    made = box(b"mvhd", bytes(4) + b"\1\2\3\4\5\6\7\x08")
    shot = film(made, box(b"udta", b"SecretPhone"), box(b"trak", box(b"meta", b"SecretPhone")))
    kept = media.clean(shot, "a.mp4")
    assert b"SecretPhone" not in kept.data
    assert b"\1\2\3\4" not in kept.data
    assert len(kept.data) == len(shot)
    assert kept.data.endswith(b"\x11" * 8)


def test_a_pdf_loses_its_author_without_moving_a_byte_and_says_when_it_cannot() -> None:
    kept = media.clean(pdf(), "a.pdf")
    assert b"Wang" not in kept.data
    assert len(kept.data) == len(pdf())
    assert not kept.has_metadata
    assert media.clean(pdf() + b"/Type/ObjStm %%EOF", "a.pdf").has_metadata
    assert media.clean(pdf(b"(Wang (the second) Xiaoming)"), "a.pdf").has_metadata


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "空.jpg", "file_empty"),
        (b"MZ\x90\0" + bytes(200), "照片.jpg", "file_disguised"),
        (b"<html><script>", "照片.png", "file_disguised"),
        (picture("PNG"), "账单.pdf", "file_disguised"),
        (picture(), "照片.exe", "file_disguised"),
        (pdf(), "照片.jpg", "file_disguised"),
        (b"PK\x03\x04" + bytes(60), "材料.zip", "file_unknown"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "图.svg", "file_unknown"),
        (picture()[:200], "照片.jpg", "file_damaged"),
        (b"%PDF-1.7 cut off", "合同.pdf", "file_damaged"),
        (film()[:-4], "录像.mp4", "file_damaged"),
        (b"ID3\x04\0\0\0\0\0\x02xxno sound", "录音.mp3", "file_damaged"),
        (b"RIFF\x04\0\0\0WAVE", "录音.wav", "file_damaged"),
        (b"ID3", "录音.mp3", "file_damaged"),
    ],
)
def test_what_cannot_be_taken_is_refused_by_name_and_reason(data: bytes, name: str, code: str) -> None:
    with pytest.raises(Refusal) as refusal:
        files.look(data, name)
    assert (refusal.value.status, refusal.value.code) == (422, code)
    assert name in refusal.value.fields["files"].zh
    assert name in refusal.value.fields["files"].en


def test_an_oversized_upload_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "_current", settings.Settings(upload_limit=100))
    with pytest.raises(Refusal) as refusal:
        files.look(picture(), "大图.jpg")
    assert refusal.value.code == "file_too_big"
    assert "大图.jpg" in refusal.value.fields["files"].zh


def test_a_bomb_of_a_picture_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "MOST_PIXELS", 500)
    with pytest.raises(Refusal) as refusal:
        files.look(picture("PNG"), "炸弹.png")
    assert refusal.value.code == "file_huge"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("..\\..\\etc/passwd", "passwd"),
        ("C:\\照片\\路灯 1.jpg", "路灯 1.jpg"),
        ("a\u202egpj.exe\n", "agpj.exe"),
        ("", "file"),
        ("字" * 300 + ".jpeg", "字" * 115 + ".jpeg"),
    ],
)
def test_a_name_is_only_a_name(given: str, kept: str) -> None:
    assert files.tidy_name(given) == kept


def test_a_misnamed_picture_gets_the_ending_it_deserves() -> None:
    assert media.clean(picture("PNG"), "a.jpg").media_type == "image/png"
    assert media.named("a.jpg", "image/png") == "a.png"
    assert media.named("照片", "image/png") == "照片.png"


async def test_a_kept_file_lies_outside_the_web_root_for_its_owner_alone(database: Place) -> None:
    async with db.atomic() as connection:
        kept = await files.keep(connection, picture(), "路灯.jpg", subject=SUBJECT, audience="staff", actor=SYSTEM)
        assert await files.found(connection, kept.id) == kept
        assert await files.of(connection, "request", [SUBJECT[1]]) == [kept]
    path = files.open_path(kept)
    assert path.is_relative_to(database.settings.data_dir / "files")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert path.suffix == ""
    assert files.is_whole(kept)
    path.write_bytes(b"other")
    assert not files.is_whole(kept)
    path.unlink()
    with pytest.raises(Refusal, match="file_lost"):
        files.open_path(kept)


async def test_a_transaction_that_fails_leaves_only_a_stray_that_the_sweep_removes(database: Place) -> None:
    subject = ("request", new_id())
    with pytest.raises(RuntimeError):  # noqa: PT012 - the transaction is what is undone
        async with db.atomic() as connection:
            lost = await files.keep(connection, picture(), "a.jpg", subject=subject, audience="staff", actor=SYSTEM)
            raise RuntimeError
    async with db.atomic() as connection:
        kept = await files.keep(connection, picture(), "b.jpg", subject=subject, audience="staff", actor=SYSTEM)
        assert await files.sweep(connection) == 0
        old = (clock.now() - timedelta(days=2)).timestamp()
        for one in (lost, kept):
            os.utime(files.path_of(one.id), (old, old))
        assert await files.sweep(connection) == 1
    assert not Path(files.path_of(lost.id)).exists()
    assert files.open_path(kept)
