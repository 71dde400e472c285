"""Surge mode: on with a reason and a planned end, prolonged, off; people called in; the strip on every desk."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec
from litestar import Request, Response, get, post

from channels import call_in, staffing, surge
from hotline import city, db
from hotline.actor import Actor
from hotline.errors import Refusal, Say
from web import forms
from web.access import Who
from web.admin import sentences
from web.forms import Form
from web.render import Flash, is_fragment, render, see_other
from web.shift.asks import More, Reason, Surge
from web.shift.tabs import tabs
from web.trying import tried

NEEDS = "shift.hold"
AnyRequest = Request[Any, Any, Any]
S = TypeVar("S", bound=msgspec.Struct)
_SPLIT = re.compile(r"[\s,，、;；]+")


@get("/shift/surge", opt={"needs": NEEDS})
async def page(request: AnyRequest, actor: Who) -> Response[str]:
    """高峰模式: as it stands, or the form that switches it on."""
    return await _shown(request, actor)


async def _shown(request: AnyRequest, actor: Actor, *, status: int = 200, **given: Form[Any]) -> Response[str]:
    async with db.reading() as connection:
        on = await surge.current(connection)
        suggested = None if on else await surge.suggested(connection)
        asked = await call_in.asked(connection, on.id) if on else []
        free = await call_in.free(connection, on.id) if on else 0
        past = await surge.past(connection)
        history = await sentences.history(connection, f"surge:{on.id}") if on else []
    most = int(city.current().rule("surge.most"))
    start = forms.blank(Surge, {"hours": 2, "greeting_zh": surge.GREETING.zh, "greeting_en": surge.GREETING.en})
    blank: dict[str, Any] = {"start": start, "more": forms.blank(More, {"more": 2}), "stop": forms.blank(Reason)}
    form = next(iter(given.values()), blank["start"])
    return render(
        request, "shift/surge.html", region="#r-surge-page", status=status, on=on, suggested=suggested, asked=asked,
        free=free, past=past, history=history, form=form, **{**blank, **given}, whys=surge.WHYS, most=most,
        tabs=tabs(actor, "/shift/surge"), remind=int(city.current().rule("surge.remind")), live="surge",
    )  # fmt: skip


def _codes(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for one in _SPLIT.split(text) if one))


async def _done(
    request: AnyRequest, actor: Actor, name: str, kind: type[S], do: Callable[[S], Awaitable[object]], said: Say
) -> Response[str]:
    """Do what the form ``name`` of the page asks; it comes back filled in when it is refused."""
    form = await forms.read(request, kind)
    status, _ = await tried(form, do)
    if status != 200:
        return await _shown(request, actor, status=status, **{name: form})
    return see_other(request, "/shift/surge", flash=said)


@post("/shift/surge", opt={"needs": NEEDS}, status_code=200)
async def switch_on(request: AnyRequest, actor: Who) -> Response[str]:
    """开."""

    async def do(given: Surge) -> None:
        await surge.switch_on(actor, surge.Plan(
            why=given.why, words=given.words, hours=given.hours, greeting=Say(given.greeting_zh, given.greeting_en),
            lines=_codes(given.lines), matters=_codes(given.matters), script=Say(given.script_zh, given.script_en),
        ))  # fmt: skip

    said = Say("高峰模式已开，已记录。", "Surge mode is on, and logged.")
    return await _done(request, actor, "start", Surge, do, said)


@post("/shift/surge/more", opt={"needs": NEEDS}, status_code=200)
async def prolong(request: AnyRequest, actor: Who) -> Response[str]:
    """延长."""
    said = Say("已延长。", "Prolonged.")
    return await _done(request, actor, "more", More, lambda given: surge.prolong(actor, given.more), said)


@post("/shift/surge/off", opt={"needs": NEEDS}, status_code=200)
async def switch_off(request: AnyRequest, actor: Who) -> Response[str]:
    """关."""
    said = Say("高峰模式已关，已记录。", "Surge mode is off, and logged.")
    return await _done(request, actor, "stop", Reason, lambda given: surge.switch_off(actor, given.reason), said)


@post("/shift/surge/call-in", opt={"needs": NEEDS}, status_code=200)
async def ask(request: AnyRequest, actor: Who) -> Response[str]:
    """叫人支援: everybody who agreed and is off duty."""
    try:
        n = await call_in.ask_all(actor)
    except Refusal as refusal:
        if refusal.status != 409:
            raise
        return see_other(request, "/shift/surge", flash=Flash(refusal.say, "error"))
    say = Say(f"已通知 {n} 人。", f"{n} people were asked.")
    none = Say("没有可叫的人：不当班又愿意来的都通知过了。", "Nobody to ask: all who agreed and are off were asked.")
    return see_other(request, "/shift/surge", flash=say if n else Flash(none, "note"))


@get("/surge", opt={"needs": "call.take", "is_quiet": True})
async def strip(request: AnyRequest) -> Response[str]:
    """The strip on the desk: why, until when, what is logged briefly, about how long callers wait."""
    if not is_fragment(request):
        return see_other(request, "/desk")
    async with db.reading() as connection:
        on = await surge.current(connection)
        n = await surge.queued(connection) if on else 0
        minutes = await staffing.wait_minutes(connection, n) if on else 0
    return render(request, "desk/surge.html", region="#r-surge", on=on, whys=surge.WHYS, waiting=n, minutes=minutes,
                  lines=city.current().lines, named=_named)  # fmt: skip


def _named(code: str) -> Say:
    """What the catalogue calls a matter, or the division or group whose codes begin so; nothing for half a code."""
    one = next((one for key, one in city.current().matters.items() if key.startswith(code)), None)
    if one is None:
        return Say("", "")
    names = {2: Say(one.l1_zh, one.l1_en), 4: Say(one.l2_zh, one.l2_en), len(one.code): one.name}
    return names.get(len(code), Say("", ""))


ROUTES = [page, switch_on, prolong, switch_off, ask, strip]
