"""The statutes that give their own time, with the article that says so: kept by whoever keeps the promises."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from hotline import city, db
from hotline.actor import Actor
from hotline.errors import Say, invalid, not_found
from sla import explain, profiles, targets
from sla.targets import Target
from web import forms
from web.access import Who
from web.admin import changes, sentences, words
from web.forms import Form, label
from web.promises.pages import NEED, PATH
from web.render import render, see_other

HOME = "/statutes"
_Request: TypeAlias = Request[Any, Any, Any]
_CODE = Say("代码用大写字母、数字和下划线，字母开头。", "A code is capitals, figures and underscores, a letter first.")


class Edit(msgspec.Struct, kw_only=True):
    """One statute."""

    code: Annotated[str, label("代码", "Code", most=20, pattern=r"[A-Z][A-Z0-9_]{1,19}", wrong=_CODE)]
    name_zh: Annotated[str, label("名称", "Name in Chinese", most=18)]
    name_en: Annotated[str, label("英文名称", "Name in English", most=60)]
    cite_zh: Annotated[str, label("法条", "Citation in Chinese", most=300)]
    cite_en: Annotated[str, label("英文法条", "Citation in English", most=400)]
    profile: Annotated[str, label("时限档案", "Profile", most=20)]
    amount: Annotated[float | None, label("办结时限", "Time to finish")] = None
    unit: Annotated[str, label("单位", "Unit", most=10)] = ""
    is_on: Annotated[bool, label("在用", "In use")] = False

    def check(self) -> dict[str, Say]:
        """A profile that there is; both an amount and its unit or neither, and an amount that may stand."""
        wrong = {}
        if self.profile not in targets.PROFILES:
            wrong["profile"] = Say("请选一个档案。", "Choose a profile.")
        if self.amount is None and self.unit:
            wrong["amount"] = Say("有单位就要有数。", "A unit needs its amount.")
        if self.amount is not None:
            say = profiles.fault_of(Target(self.amount, self.unit))
            wrong.update({"amount": say} if say is not None else {})
        return wrong


@get(HOME, opt=NEED)
async def index(request: _Request, actor: Who) -> Response[str]:
    """Every statute, and the form for a new one."""
    return await _listed(request, actor, forms.blank(Edit, {"is_on": True}))


@post(HOME, opt=NEED, status_code=200)
async def add(request: _Request, actor: Who) -> Response[str]:
    """Register a statute."""
    form = await forms.read(request, Edit)

    async def keep(good: Edit) -> None:
        async with db.atomic() as connection:
            known = await connection.fetchval("SELECT TRUE FROM statute WHERE code = $1", good.code)
            if known:
                raise invalid({"code": Say("这个代码已经有了。", "This code is taken.")})
            await _write(connection, actor, good, {})

    status = await changes.tried(form, keep)
    if status == 200:
        await changes.renew()
        return see_other(request, HOME, flash=Say("已登记。", "Registered."))
    return await _listed(request, actor, form, status)


@get(HOME + "/{code:str}", opt=NEED)
async def record(request: _Request, actor: Who, code: FromPath[str]) -> Response[str]:
    """One statute with its form and its history."""
    return await _one(request, actor, code)


@post(HOME + "/{code:str}", opt=NEED, status_code=200)
async def change(request: _Request, actor: Who, code: FromPath[str]) -> Response[str]:
    """Change a statute; cases that cite it keep the words that it had."""
    form = await forms.read(request, Edit)

    async def keep(good: Edit) -> None:
        async with db.atomic() as connection:
            old = await connection.fetchrow("SELECT * FROM statute WHERE code = $1 FOR UPDATE", code)
            if old is None or good.code != code:
                raise not_found()
            await _write(connection, actor, good, dict(old))

    status = await changes.tried(form, keep)
    if status == 200:
        await changes.renew()
        return see_other(request, f"{HOME}/{code}", flash=Say("已保存。", "Saved."))
    return await _one(request, actor, code, form, status)


async def _write(connection: db.Connection, actor: Actor, good: Edit, old: dict[str, Any]) -> None:
    new = {**msgspec.structs.asdict(good), "unit": good.unit or None}
    changed = changes.difference(old, new)
    if not changed:
        raise changes.nothing()
    names = list(new)
    sets = ", ".join(f"{name} = excluded.{name}" for name in names if name != "code")
    places = ", ".join(f"${n}" for n in range(1, len(names) + 1))
    await connection.execute(
        f"INSERT INTO statute ({', '.join(names)}) VALUES ({places}) ON CONFLICT (code) DO UPDATE SET {sets}",
        *new.values(),
    )
    await changes.note(connection, actor, "statute_set", f"statute:{good.code}", changed)


async def _listed(request: _Request, actor: Actor, form: Form[Edit], status: int = 200) -> Response[str]:
    return render(
        request, "promises/statutes.html", region="#r-statutes", status=status,
        focus="#r-errors" if status != 200 else "", form=form, statutes=city.current().statutes.values(),
        **_words(actor),
    )  # fmt: skip


async def _one(
    request: _Request, actor: Actor, code: str, form: Form[Edit] | None = None, status: int = 200
) -> Response[str]:
    one = city.current().statutes.get(code)
    if one is None:
        raise not_found()
    async with db.reading() as connection:
        past = await sentences.history(connection, f"statute:{code}")
    return render(
        request, "promises/statute.html", region="#r-statute", status=status,
        focus="#r-errors" if status != 200 else "", one=one, form=form or forms.blank(Edit, one), history=past,
        **_words(actor),
    )  # fmt: skip


def _words(actor: Actor) -> dict[str, Any]:
    return {
        "profile_names": {code: Say(f"{code} {one.name.zh}", f"{code} {one.name.en}")
                          for code, one in targets.PROFILES.items()},
        "units": profiles.UNITS, "amount_of": explain.amount_of, "tabs": words.tabs(actor, PATH),
    }  # fmt: skip


ROUTES: list[Any] = [index, add, record, change]
