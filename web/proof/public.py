"""公开凭证: the sealed, signed roots for anybody, as page, JSON lines and feed, and the verifier to take home."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.response import Stream

from cases import handout, roots
from cases.seals import LOGS, Root
from hotline import clock, db, vault
from hotline.errors import Say, invalid
from hotline.permissions import PUBLIC
from web import atom
from web.proof import page_file
from web.render import render

_Request = Request[Any, Any, Any]
LOG_SAYS = {
    "p": Say("公开记录", "Public events"),
    "i": Say("内部记录", "Internal events"),
    "a": Say("其他操作", "Other acts"),
}
_KEPT = {"Cache-Control": "public, max-age=60"}


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One root as the page shows it."""

    root: Root
    say: Say
    at: datetime
    size: int


@get("/proof", opt={"needs": PUBLIC})
async def proof(request: _Request) -> Response[str]:
    """What it proves in plain words, the latest roots and the keys; older ones by the link at the end."""
    log = request.query_params.get("log", "")
    log = log if log in LOGS else ""
    before = _before(request.query_params.get("before", ""))
    async with db.reading() as connection:
        found = await roots.latest(connection, log, before)
        counts = await roots.counts(connection)
    rows = [_line(one) for one in found[: roots.PAGE]]
    query = f"log={log}&" if log else ""
    older = f"/proof?{query}before={rows[-1].root.log}-{rows[-1].root.no}" if len(found) > roots.PAGE else ""
    return render(
        request, "proof/index.html", region="#r-roots", rows=rows, older=older, log=log, logs=LOG_SAYS,
        counts_by=counts, keys={key: public.hex() for key, public in vault.public_keys().items()},
        signing=vault.signing_key_id(),
        today=clock.today().isoformat(),
    )  # fmt: skip


def _line(one: Root) -> Line:
    return Line(root=one, say=LOG_SAYS[one.log], at=datetime.fromisoformat(one.at), size=one.last - one.first + 1)


def _before(text: str) -> tuple[str, int] | None:
    log, _, no = text.partition("-")
    return (log, int(no)) if log in LOGS and no.isascii() and no.isdigit() and len(no) < 16 else None


@get("/proof/roots.jsonl", opt={"needs": PUBLIC}, sync_to_thread=False)
def roots_file(request: _Request) -> Stream:
    """The roots, one JSON object a line, oldest first: of ``from`` to ``to`` (local days), all without."""
    first, last = (_day(request, name) for name in ("from", "to"))
    name = f"roots{f'-{first}' if first else ''}{f'-{last}' if last else ''}.jsonl"
    headers = {**_KEPT, "Content-Disposition": f'attachment; filename="{name}"'}
    return Stream(_lines(first, last), media_type="application/x-ndjson", headers=headers)


def _day(request: _Request, name: str) -> date | None:
    text = request.query_params.get(name, "")
    try:
        found = date.fromisoformat(text) if text else None
    except ValueError:
        found = date.min
    if found is not None and not 2000 <= found.year < 9000:  # beyond there is no moment in every zone
        say = Say("日期请写成 2026-01-31 这样。", "Write a date like 2026-01-31.")
        raise invalid({name: say})
    return found


async def _lines(first: date | None, last: date | None) -> AsyncIterator[bytes]:
    async for some in roots.span(first, last):
        yield b"".join(msgspec.json.encode(one) + b"\n" for one in some)


@get("/proof/keys.json", opt={"needs": PUBLIC}, sync_to_thread=False)
def keys() -> Response[bytes]:
    """The public halves of every signing key, by id: what a signature is checked with."""
    found = {key: public.hex() for key, public in vault.public_keys().items()}
    headers = {**_KEPT, "Content-Disposition": 'attachment; filename="keys.json"'}
    return Response(msgspec.json.encode(found), media_type="application/json", headers=headers)


@get("/proof/verify.py", opt={"needs": PUBLIC}, sync_to_thread=False)
def verifier() -> Response[str]:
    """The verifier: one file that runs offline."""
    headers = {**_KEPT, "Content-Disposition": 'attachment; filename="verify.py"'}
    return Response(handout.verifier(), media_type="text/x-python; charset=utf-8", headers=headers)


@get("/proof/verify.html", opt={"needs": PUBLIC}, sync_to_thread=False)
def verifier_page() -> Response[str]:
    """The same as a page to save and open offline; an attachment, so that its script never runs as ours."""
    headers = {**_KEPT, "Content-Disposition": 'attachment; filename="verify.html"'}
    return Response(page_file.page(), media_type="text/html; charset=utf-8", headers=headers)


@get("/proof/feed.xml", opt={"needs": PUBLIC})
async def feed(request: _Request) -> Response[bytes]:
    """The latest roots as a feed: whoever follows it holds a copy that nobody can change afterwards."""
    async with db.reading() as connection:
        found = await roots.latest(connection)
    return atom.answer(request, "/proof", "12345 账本封签", [_entry(_line(one)) for one in found])


def _entry(line: Line) -> atom.Entry:
    one = line.root
    return atom.Entry(
        id=f"urn:sha256:{one.hash}", title=f"{line.say.zh} 第 {one.no} 号，{line.size} 条", at=line.at,
        path=f"/proof?log={one.log}", summary=msgspec.json.encode(one).decode(),
    )  # fmt: skip
