"""A template becomes a page, or only its region for htmx (stack.md): one template serves both, by its blocks.

The region ``#r-list`` is the block ``r_list`` of the page's template and holds the element with that id. Components
(templates/components) need no import: ``ui.field(form, "words")`` works in every page and block.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, pass_context
from jinja2.runtime import Context
from litestar import Request, Response

from hotline import clock, permissions
from hotline.errors import Say
from hotline.ids import new_id
from hotline.masks import mask_name, mask_phone
from web import access, cookies, dates, navigation, security

HERE = Path(__file__).resolve().parent
LANGS, SIZES, CONTRASTS = ("zh", "en"), ("normal", "large"), ("normal", "high")
PREFERENCES = {"lang": LANGS, "size": SIZES, "contrast": CONTRASTS}
FLASH = "hl_flash"
HTML = "text/html"
YES_NO = {"yes": Say("是", "Yes"), "no": Say("否", "No")}
AnyRequest = Request[Any, Any, Any]
_ADDRESS = "/?#%&=+,:;@!$'()*~[]"
"""What an address keeps as it is: its own marks, and what is quoted in it already."""


class Flash(msgspec.Struct, frozen=True):
    """One sentence above the next page; ``kind`` is good, note or error."""

    say: Say
    kind: str = "good"


def is_fragment(request: AnyRequest) -> bool:
    """Whether htmx asked for a region: not when it boosts a link, nor when it restores a page from history."""
    headers = request.headers
    return (
        headers.get("hx-request") == "true"
        and headers.get("hx-boosted") != "true"
        and headers.get("hx-history-restore-request") != "true"
    )


def preference(request: AnyRequest, name: str) -> str:
    """``lang``, ``size`` or ``contrast``: what the address says (kept in a cookie from then on), else the cookie."""
    offered = PREFERENCES[name]
    asked = request.query_params.get(name, "")
    if asked in offered:
        if cookies.get(request.scope, f"hl_{name}") != asked:
            cookies.put(request.scope, f"hl_{name}", asked, seconds=cookies.YEAR)
        return str(asked)
    kept = cookies.get(request.scope, f"hl_{name}")
    return kept if kept in offered else offered[0]


def render(
    request: AnyRequest,
    template: str,
    *,
    region: str = "",
    status: int = 200,
    flash: Flash | Say | None = None,
    say: Say | None = None,
    focus: str = "",
    counts: Mapping[str, int] | None = None,
    push: str = "",
    headers: Mapping[str, str] | None = None,
    **context: Any,
) -> Response[str]:
    """The page ``template``, or for htmx only its ``region`` with what changes beside it.

    ``flash`` is shown above, ``say`` is announced to screen readers, ``focus`` is the id to put the cursor on,
    ``counts`` renew ``#n-<name>``, ``push`` is the address for the browser's bar.
    """
    page = environment().get_template(template)
    shown = Flash(flash) if isinstance(flash, Say) else flash
    values = _context(request, status=status, **context)
    out = {"Vary": "HX-Request, Cookie", **(headers or {})}
    if not is_fragment(request):
        values["flash"] = shown or take_flash(request)
        values["counts"] = counts or {}
        return Response(page.render(values), status_code=status, media_type=HTML, headers=out)
    block = region.lstrip("#").replace("-", "_") or "main"
    body = _block(page, block, values)
    if block == "main":
        out |= {"HX-Retarget": "#main", "HX-Reswap": "innerHTML"}
    if push:
        out["HX-Push-Url"] = push
    if focus:
        out["HX-Trigger-After-Settle"] = msgspec.json.encode({"putFocus": focus}).decode()
    beside = environment().get_template("layouts/beside.html").render(
        {**values, "flash": shown, "say": say, "counts": counts or {}, "title": _block(page, "title", values).strip()}
    )
    return Response(body + beside, status_code=status, media_type=HTML, headers=out)


def see_other(request: AnyRequest, path: str, *, flash: Flash | Say | None = None) -> Response[str]:
    """After an act: go to ``path`` (303, or a full load under htmx), and show ``flash`` there.

    Whatever somebody typed into it stays in the address: a header takes neither another script nor a line break.
    """
    path = quote(path, safe=_ADDRESS)
    if flash is not None:
        put_flash(request, Flash(flash) if isinstance(flash, Say) else flash)
    if is_fragment(request):
        return Response("", status_code=200, media_type=HTML, headers={"HX-Redirect": path, "Vary": "HX-Request"})
    return Response("", status_code=303, media_type=HTML, headers={"Location": path})


def put_flash(request: AnyRequest, flash: Flash) -> None:
    """Keep a sentence for the next page, signed, in a cookie: no session write."""
    text = base64.urlsafe_b64encode(msgspec.json.encode(flash)).decode().rstrip("=")  # a cookie would be quoted for it
    cookies.put(request.scope, FLASH, f"{text}.{security.sign('flash', text)}", seconds=60)


def take_flash(request: AnyRequest) -> Flash | None:
    """The sentence kept by the last act, once."""
    text, _, mark = cookies.get(request.scope, FLASH).partition(".")
    if not text:
        return None
    cookies.drop(request.scope, FLASH)
    if mark != security.sign("flash", text):
        return None
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(text + "=="), type=Flash)
    except (binascii.Error, msgspec.MsgspecError):
        return None


class Components:
    """``ui`` in templates: every macro of templates/components by its name, in the language of the request."""

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values
        self._modules: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        file = _macros()[name]
        if file not in self._modules:
            self._modules[file] = environment().get_template(file).make_module(self._values)
        return getattr(self._modules[file], name)


def _context(request: AnyRequest, *, status: int, **context: Any) -> dict[str, Any]:
    actor = access.known_actor(request.scope)
    lang = preference(request, "lang")
    path = request.url.path
    values: dict[str, Any] = {
        "_": partial(_pick, lang),
        "lang": lang,
        "size": preference(request, "size"),
        "contrast": preference(request, "contrast"),
        "actor": actor,
        "account": access.known_account(request.scope),
        "may": partial(permissions.may, actor),
        "form_token": partial(security.form_token, request.scope),
        "once": lambda: new_id().hex,
        "path": path,
        "here": partial(_here, request),
        "now": clock.now(),
        "this_year": clock.today().year,
        "navigation": navigation.items(actor),
        "post_name": navigation.post_name,
        "is_wrong": status == 422,
        "live": "",
        "flash": None,
        "counts": {},
    }
    values.update(context)
    if actor.is_staff and permissions.may(actor, "call.take"):
        values["live"] = f"{values['live']},seat.{actor.id},surge,chats".lstrip(",")  # the seat's bar
    if actor.is_staff and permissions.may(actor, "shift.hold"):
        values["live"] = f"{values['live']},help".lstrip(",")  # who asks for help is heard at once
    if actor.is_staff and permissions.may(actor, "case.supervise"):
        values["live"] = f"{values['live']},risk".lstrip(",")  # a risk is heard of on every page
    values["ui"] = Components(values)
    return values


def _pick(lang: str, zh: str | Say, en: str | None = None) -> str:
    """The words in ``lang``. A text alone is one that was picked already, or has no other language: it stays."""
    if isinstance(zh, Say):
        return zh.in_(lang)
    return en if lang == "en" and en is not None else zh


def _here(request: AnyRequest, **changes: str) -> str:
    """This address with a few query values changed: the links for language, size and contrast."""
    if request.method != "GET":
        return f"/preferences?{urlencode(changes)}"
    kept = [(key, value) for key, value in request.query_params.multi_items() if key not in changes]
    return f"{request.url.path}?{urlencode([*kept, *changes.items()])}"


def _block(page: Template, name: str, values: dict[str, Any]) -> str:
    """One block of the page's own template; what the template sets outside its blocks is not there."""
    call = page.blocks.get(name)
    if call is None:
        if name == "title":
            return ""
        msg = f"{page.name} has no block {name!r} for its region"
        raise LookupError(msg)
    return "".join(call(page.new_context(values)))


@cache
def environment() -> Environment:
    """The template engine: everything escaped, an unknown name is an error."""
    env = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,  # there are more templates than Jinja's 400: the least used were compiled again and again
    )
    env.globals |= {"asset": asset, "YES_NO": YES_NO}
    env.filters |= {
        "moment": _moment, "short": _short, "hour": dates.clock_time, "iso": _iso, "count": _count,
        "mask_phone": mask_phone, "mask_name": mask_name, "key_name": _key_name,
    }  # fmt: skip
    return env


@pass_context
def _moment(context: Context, value: datetime | date) -> str:
    year, lang = context["this_year"], context["lang"]
    if isinstance(value, datetime):
        return dates.long_moment(value, lang, this_year=year)
    return dates.long_day(value, lang, this_year=year)


@pass_context
def _short(context: Context, value: datetime | date) -> str:
    if isinstance(value, datetime):
        return dates.short_moment(value, this_year=context["this_year"])
    return dates.short_day(value, this_year=context["this_year"])


def _iso(value: datetime) -> str:
    return clock.utc(value).isoformat(timespec="seconds")


def _key_name(code: str) -> str:
    """``KeyN`` → ``n``, ``Digit1`` → ``1``, ``Slash`` → ``/``: keys are told by event.code and printed as typed."""
    known = {"Slash": "/", "BracketLeft": "[", "BracketRight": "]", "Escape": "Esc"}
    return known.get(code) or code.removeprefix("Digit").removeprefix("Key").lower() if code[:1] != "F" else code


def _count(value: int) -> str:
    return f"{value:,}"


@cache
def _macros() -> dict[str, str]:
    """Which component file holds which macro."""
    found: dict[str, str] = {}
    for file in sorted((HERE / "templates" / "components").glob("*.html")):
        name = f"components/{file.name}"
        module = environment().get_template(name).module
        for macro in vars(module):
            if not macro.startswith("_"):
                if macro in found:
                    msg = f"two components are called {macro}: {found[macro]} and {name}"
                    raise RuntimeError(msg)
                found[macro] = name
    return found


@cache
def asset(name: str) -> str:
    """The address of a static file with a digest of its content, so that browsers may keep it for a year."""
    file = HERE / "static" / name
    if not file.is_file():
        return f"/static/{name}"
    return f"/static/{name}?v={hashlib.sha256(file.read_bytes()).hexdigest()[:10]}"
