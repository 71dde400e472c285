"""The page of `hotline simulate`: telephone, texts and a chat to try every door from, and the faults."""

from __future__ import annotations

import asyncio
import csv
import functools
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlencode

import jinja2
import msgspec

from hotline import clock
from hotline.simulate import playing
from hotline.simulate.asking import Answered, Ask, Table
from hotline.simulate.standin import StandIn
from hotline.simulate.views import View, described

_HERE = Path(__file__).parent
_LINES = _HERE.parent / "data" / "lines.csv"
_POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
_HEADERS = {
    "content-security-policy": f"{_POLICY}; form-action 'self'",
    "x-content-type-options": "nosniff", "referrer-policy": "same-origin", "cache-control": "no-store",
}  # fmt: skip
_FILES = {"simulate.css": "text/css; charset=utf-8", "simulate.js": "text/javascript; charset=utf-8"}
_PATIENCE = 1.2
"""Seconds that a button waits for what comes of it, so that a page without scripts shows it at once."""


class Line(msgspec.Struct, frozen=True):
    """One of the city's lines, to be dialled."""

    number: str
    zh: str
    en: str


@functools.cache
def lines() -> tuple[Line, ...]:
    """The lines of the demo city, in their order."""
    with _LINES.open(encoding="utf-8", newline="") as file:
        return tuple(
            Line(number, row["name_zh"], row["name_en"])
            for row in csv.DictReader(file)
            for number in (row["number"], *row["aliases"].split())
            if number.isdigit()
        )


def table(standin: StandIn) -> Table:
    """The paths of the page, beside those of the providers' interfaces."""
    page = Page(standin)
    return [
        ("GET", "/", page.index),
        ("GET", "/panels", page.panels),
        ("GET", r"/page/([a-z.]+)", page.file),
        ("POST", r"/do/([a-z_]+)", page.do),
    ]


class Page:
    """The handlers. Whose telephone one holds stands in the address: ``number`` and ``openid``."""

    def __init__(self, standin: StandIn) -> None:
        self.standin = standin
        loader = jinja2.FileSystemLoader(_HERE / "templates")
        self._jinja = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
        self._jinja.filters["hm"] = lambda moment: f"{clock.local(moment):%H:%M:%S}"

    def _html(self, name: str, ask: Ask) -> Answered:
        view = View.of(ask, self.standin)
        body = self._jinja.get_template(name).render(view=view, _=view.say, lines=lines(), **described(view))
        headers = dict(_HEADERS)
        if "lang" in ask.query:
            headers["set-cookie"] = f"hl_simulate={view.lang}; Path=/; SameSite=Strict; Max-Age=31536000"
        return Answered(body=body.encode(), media_type="text/html; charset=utf-8", headers=headers)

    async def index(self, ask: Ask) -> Answered:
        """The whole page."""
        return self._html("page.html", ask)

    async def panels(self, ask: Ask) -> Answered:
        """The parts that change by themselves."""
        return self._html("panels.html", ask)

    async def file(self, ask: Ask) -> Answered:
        """Its style sheet and its little script."""
        kind = _FILES.get(ask.parts[0])
        if kind is None:
            return Answered(status=404)
        return Answered(body=(_HERE / "static" / ask.parts[0]).read_bytes(), media_type=kind, headers=_HEADERS)

    async def do(self, ask: Ask) -> Answered:
        """Press a button: do it, give it a moment, show the page again."""
        act: Callable[[StandIn, dict[str, str]], Awaitable[object]] | None = playing.ACTS.get(ask.parts[0])
        if act is None:
            return Answered(status=404)
        if not _is_ours(ask):
            return Answered(status=403, body=b"from another site", media_type="text/plain")
        form = ask.form
        under_way = self.standin.line.later(_quietly(act(self.standin, form)))
        await asyncio.wait([under_way], timeout=_PATIENCE)
        kept = {name: form[name] for name in ("number", "openid") if form.get(name)}
        where = f"/?{urlencode(kept)}#{form.get('at') or 'top'}"
        return Answered(status=303, headers={"location": where, **_HEADERS})


async def _quietly(act: Awaitable[object]) -> object:
    try:
        return await act
    except (ValueError, LookupError, TimeoutError):  # a page that has grown old: the call is over, the phone is quiet
        return None


def _is_ours(ask: Ask) -> bool:
    """Whether a form was on our own page: another site's must not telephone."""
    host = ask.headers.get("host", "")
    origin = ask.headers.get("origin") or ask.headers.get("referer") or f"http://{host}"
    return origin == f"http://{host}" or origin.startswith(f"http://{host}/")
