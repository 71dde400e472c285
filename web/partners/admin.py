"""Partners in administration: the list, a record with its web hook, keys shown once. Each change is a logged act."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, TypeAlias
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from channels import keyring, partners, webhooks
from channels.partners import Partner
from hotline import acts, clock, db, jobs
from hotline.actor import Actor
from hotline.errors import Say, conflict, not_found
from hotline.work import work
from web import forms
from web.access import Who
from web.admin import changes, sentences, words
from web.forms import Form
from web.partners.forms import Edit, KeyWanted, New
from web.render import render, see_other

PATH = "/admin/partners"
NEED = {"needs": "partner.edit"}
_Request: TypeAlias = Request[Any, Any, Any]
_USE = """
    SELECT p.code, (SELECT count(*) FROM request r WHERE r.origin_system = p.code AND r.filed_at > $1) AS recent,
        (SELECT max(used_at) FROM partner_key k WHERE k.partner = p.code) AS used_at,
        (SELECT count(*) FROM partner_key k WHERE k.partner = p.code AND k.ended_at IS NULL) AS key_count
    FROM partner p
"""


@get(PATH, opt=NEED)
async def index(request: _Request, actor: Who) -> Response[str]:
    """Every partner: its source, keys, when it last called, what it filed lately, how its web hook stands."""
    async with db.reading() as connection:
        found = await partners.every(connection)
        use = {row["code"]: row for row in await connection.fetch(_USE, clock.now() - timedelta(days=30))}
    return render(
        request, "admin/partners.html", found=found, use=use, sources=partners.SOURCES, tabs=words.tabs(actor, PATH)
    )


@get(PATH + "/new", opt=NEED)
async def blank(request: _Request, actor: Who) -> Response[str]:
    """The form for a new partner."""
    return _form(request, actor, forms.blank(New))


@post(PATH + "/new", opt=NEED, status_code=200)
async def add(request: _Request, actor: Who) -> Response[str]:
    """Add a partner; its keys and its web hook come on its own page."""
    form = await forms.read(request, New)

    async def enter(good: New) -> None:
        async with db.atomic() as connection:
            await partners.add(connection, good.code, good.row)
            await changes.note(
                connection, actor, "partner_added", _subject(good.code), changes.difference({}, good.row)
            )

    status = await changes.tried(form, enter)
    if status == 200:
        flash = Say("已新增。下一步：生成密钥。", "Added. Next: make a key.")
        return see_other(request, f"{PATH}/{form.good.code}", flash=flash)
    return _form(request, actor, form, status)


def _subject(code: str) -> str:
    return f"partner:{code}"


def _form(request: _Request, actor: Actor, form: Form[New], status: int = 200) -> Response[str]:
    return render(
        request, "admin/partner_new.html", region="#r-new", status=status, focus="#r-errors" if status != 200 else "",
        form=form, sources=partners.SOURCES, tabs=words.tabs(actor, PATH),
    )  # fmt: skip


@get(PATH + "/{code:str}", opt=NEED)
async def record(request: _Request, actor: Who, code: FromPath[str]) -> Response[str]:
    """One partner."""
    return await _shown(request, actor, code)


@post(PATH + "/{code:str}", opt=NEED, status_code=200)
async def change(request: _Request, actor: Who, code: FromPath[str]) -> Response[str]:
    """Change the record. The first web hook gets its secret, which is shown this once."""
    form = await forms.read(request, Edit)
    secret: list[str] = []

    async def keep(good: Edit) -> None:
        secret.extend(await _change(actor, code, good))

    status = await changes.tried(form, keep)
    if status != 200:
        return await _shown(request, actor, code, status=status, form=form)
    keyring.forget()
    if secret:
        return await _shown(request, actor, code, secret=secret[0])
    return see_other(request, f"{PATH}/{code}", flash=Say("已保存。", "Saved."))


async def _change(actor: Actor, code: str, good: Edit) -> list[str]:
    """Keep the record as the form has it; the new secret, if it got its first."""
    async with db.atomic() as connection:
        before = await partners.found(connection, code, lock=True)
        await changes.unchanged(connection, _subject(code), good.version, changes.mark(_columns(before)))
        changed = changes.difference(_columns(before), good.row)
        if not changed:
            raise changes.nothing()
        given, made = dict(good.row), ""
        if good.hook_url and before.hook_secret is None:
            made = partners.new_secret()
            given["hook_secret"] = partners.sealed(made)
        if good.is_hook_on:
            given["hook_off_at"] = None
        await partners.change(connection, code, given)
        if "hook_url" in changed:
            changed["hook_url"] = []  # an address may hold a word of its receiver's: that it changed is enough
        await changes.note(connection, actor, "partner_changed", _subject(code), changed)
    return [made] if made else []


def _columns(one: Partner) -> Mapping[str, Any]:
    """What the form changes, as the partner has it."""
    return {
        "name_zh": one.name_zh, "name_en": one.name_en, "per_minute": one.per_minute, "is_on": one.is_on,
        "hook_url": one.hook_url, "hook_events": sorted(one.hook_events), "is_hook_on": one.is_hook_on,
        "is_intranet": one.is_intranet,
    }  # fmt: skip


@post(PATH + "/{code:str}/secret", opt=NEED, status_code=200)
async def renew_secret(request: _Request, actor: Who, code: FromPath[str]) -> Response[str]:
    """A new signing secret, at once and shown this once."""
    async with db.atomic() as connection:
        one = await partners.found(connection, code, lock=True)
        if one.hook_secret is None:
            raise conflict("no_hook", "还没有回调地址，请先填写并保存。", "There is no web hook yet; enter one first.")
        made = partners.new_secret()
        await partners.change(connection, code, {"hook_secret": partners.sealed(made)})
        await acts.note(connection, actor, "partner_secret_made", _subject(code))
    return await _shown(request, actor, code, secret=made)


@post(PATH + "/{code:str}/ping", opt=NEED, status_code=200)
async def ping(request: _Request, actor: Who, code: FromPath[str]) -> Response[str]:
    """Send a test message the way all others go; the log shows what became of it."""
    async with work(actor) as w:
        one = await partners.found(w.connection, code)
        if not (one.is_on and one.is_hook_on):
            raise conflict("hook_off", "回调没有启用，请先启用并保存。", "The web hook is off; switch it on first.")
        webhooks.ping(w, one)
        await acts.note(w, actor, "partner_pinged", _subject(code))
    await jobs.nudge("send_messages")
    flash = Say("测试消息已排队，几秒后刷新看结果。", "The test message is queued; refresh in a few seconds.")
    return see_other(request, f"{PATH}/{code}/log", flash=flash)


@post(PATH + "/{code:str}/keys", opt=NEED, status_code=200)
async def make_key(request: _Request, actor: Who, code: FromPath[str]) -> Response[str]:
    """A new key, shown this once."""
    form = await forms.read(request, KeyWanted)
    if not form.is_good:
        return await _shown(request, actor, code, status=422, wanted=form)
    async with db.atomic() as connection:
        await partners.found(connection, code, lock=True)
        key, token = await partners.make_key(connection, code, sorted(set(form.good.scopes)), actor.id)
        await acts.note(connection, actor, "partner_key_made", _subject(code), {"number": key.prefix})
    return await _shown(request, actor, code, token=token)


@get(PATH + "/{code:str}/keys/{key:uuid}/end", opt=NEED)
async def ask_end(request: _Request, actor: Who, code: FromPath[str], key: FromPath[UUID]) -> Response[str]:
    """Whether the key shall really end."""
    async with db.reading() as connection:
        one = await partners.found(connection, code)
        held = next((k for k in await partners.keys_of(connection, code) if k.id == key and k.ended_at is None), None)
    if held is None:
        raise not_found()
    return render(request, "admin/partner_key_end.html", one=one, key=held, tabs=words.tabs(actor, PATH))


@post(PATH + "/{code:str}/keys/{key:uuid}/end", opt=NEED, status_code=200)
async def end_key(request: _Request, actor: Who, code: FromPath[str], key: FromPath[UUID]) -> Response[str]:
    """End a key: whoever holds it is refused within seconds."""
    async with db.atomic() as connection:
        prefix = await partners.end_key(connection, code, key)
        await acts.note(connection, actor, "partner_key_ended", _subject(code), {"number": prefix})
    keyring.forget()
    return see_other(request, f"{PATH}/{code}", flash=Say("密钥已停用。", "The key has ended."))


async def _shown(
    request: _Request,
    actor: Actor,
    code: str,
    *,
    status: int = 200,
    form: Form[Edit] | None = None,
    wanted: Form[KeyWanted] | None = None,
    token: str = "",
    secret: str = "",
) -> Response[str]:
    async with db.reading() as connection:
        one = await partners.found(connection, code)
        keys = await partners.keys_of(connection, code)
        past = await sentences.history(connection, _subject(code))
    mark = changes.mark(_columns(one))
    if form is not None and status == 409:
        form.typed["version"] = [mark]
    start = {**_columns(one), "version": mark}
    if not one.hook_events and not one.hook_url:
        start["hook_events"] = list(webhooks.EVENTS)
    return render(
        request, "admin/partner.html", region="#r-partner", status=status,
        focus="#r-errors" if status != 200 else ("#shown-once" if token or secret else ""),
        form=form or forms.blank(Edit, start), wanted=wanted or forms.blank(KeyWanted, {"scopes": _scopes(one)}),
        one=one, keys=keys, history=past, token=token, secret=secret, sources=partners.SOURCES,
        scopes=partners.SCOPES, events=webhooks.EVENTS, tabs=words.tabs(actor, PATH),
        headers={"Cache-Control": "no-store"} if token or secret else None,
    )  # fmt: skip


def _scopes(one: Partner) -> list[str]:
    """What its key will want, by its source."""
    return ["open311"] if one.channel == "open311" else ["file", "read", "words", "rate"]


ROUTES = [index, blank, add, record, change, renew_secret, ping, make_key, ask_end, end_key]
