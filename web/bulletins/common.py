"""What the pages of bulletins share: who is admitted, names, addresses of files, a step done or given back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from litestar import Request, Response

from hotline import city
from hotline.actor import Actor
from hotline.errors import Say
from hotline.permissions import refused
from sla import bulletin_lists
from sla.bulletin_files import FORMATS, LANGS, File
from sla.bulletins import MAKES
from web import units
from web.render import HTML

AnyRequest = Request[Any, Any, Any]
PATH = "/bulletins"
LANG_NAMES = {"zh": Say("中文", "Chinese"), "en": Say("英文", "English")}
Do = Callable[..., Awaitable[None]]


def admit(actor: Actor) -> None:
    """The 403 of a person with whom bulletins have nothing to do."""
    if not bulletin_lists.is_reader(actor):
        raise refused(MAKES)


def unit_name(code: str) -> Say:
    """A unit by name."""
    return units.name(city.current(), code)


def recipients() -> dict[str, Say]:
    """Units that an issue may go to: departments and counties that are on, grouped by order only."""
    return {
        unit.code: unit.name for _, found in units.choices(city.current()) for unit in found if unit.tier <= 3
    }  # fmt: skip


def file_links(base: str) -> list[tuple[Say, list[tuple[Say, str]]]]:
    """Each language with its formats and their addresses."""
    return [
        (LANG_NAMES[lang], [(say, f"{base}/{lang}/{form}") for form, (_, say) in FORMATS.items() if form != "json"])
        for lang in LANGS
    ] + [(Say("数据", "Data"), [(FORMATS["json"][1], f"{base}/zh/json")])]


def sent(file: File, *, is_public: bool) -> Response[bytes]:
    """The file as a download; a header says whether it came out to the byte as when it was issued."""
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name)}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        "Cache-Control": "public, max-age=300" if is_public else "private, no-store",
        "X-Bulletin-Same": "yes" if file.is_same else "no",
    }
    return Response(file.data, media_type=file.media_type, headers=headers)


__all__ = ["HTML", "PATH", "admit", "file_links", "recipients", "sent", "unit_name"]
