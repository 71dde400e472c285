"""Numbers that are none of ours: what the agent tells the caller, and the words by which the desk thinks of them."""

from __future__ import annotations

import re
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from hotline import city, db, line_verbs
from hotline.actor import Actor
from hotline.city import RelatedNumber
from hotline.errors import Say, not_found
from web import forms
from web.access import Who
from web.admin import changes, sentences, words
from web.forms import Form, label
from web.render import render, see_other

_HELD = "SELECT say_zh, say_en, clues FROM related_number WHERE number = $1"


class Told(msgspec.Struct):
    """What is said of a number; ``clues`` are words with blanks or commas between."""

    say_zh: Annotated[str, label("坐席怎么说（中）", "What the agent says (zh)", most=200)]
    say_en: Annotated[str, label("坐席怎么说（英）", "What the agent says (en)", most=400)]
    clues: Annotated[str, label("提示词", "Words that point to it", most=400)] = ""
    version: str = ""

    @property
    def row(self) -> dict[str, Any]:
        """The columns that this gives the number."""
        clues = list(dict.fromkeys(one for one in re.split(r"[\s,，、;；|]+", self.clues) if one))
        return {"say_zh": self.say_zh.strip(), "say_en": self.say_en.strip(), "clues": clues}


@get("/admin/numbers/{number:str}", opt={"needs": "city.edit"})
async def record(request: Request[Any, Any, Any], actor: Who, number: FromPath[str]) -> Response[str]:
    """One number."""
    return await _shown(request, actor, _one(number))


@post("/admin/numbers/{number:str}", opt={"needs": "city.edit"}, status_code=200)
async def change(request: Request[Any, Any, Any], actor: Who, number: FromPath[str]) -> Response[str]:
    """Say something else; in force at once, at every desk."""
    _one(number)
    form = await forms.read(request, Told)

    async def keep(good: Told) -> None:
        async with db.atomic() as connection:
            await connection.execute("SELECT version FROM city_version FOR UPDATE")
            before = dict(await connection.fetchrow(_HELD, number))
            await changes.unchanged(connection, f"number:{number}", good.version, changes.mark(before))
            changed = changes.difference(before, good.row)
            if not changed:
                raise changes.nothing()
            await line_verbs.tell_of(number, **good.row)
            await changes.note(connection, actor, "number_told", f"number:{number}", changed)

    status = await changes.tried(form, keep)
    if status == 200:
        await changes.renew()
        return see_other(request, f"/admin/numbers/{number}", flash=Say("已保存。", "Saved."))
    return await _shown(request, actor, _one(number), form=form, status=status)


def _one(number: str) -> RelatedNumber:
    found = city.current().related_numbers.get(number)
    if found is None:
        raise not_found()
    return found


def _held(one: RelatedNumber) -> dict[str, Any]:
    return {"say_zh": one.say_zh, "say_en": one.say_en, "clues": list(one.clues)}


async def _shown(
    request: Request[Any, Any, Any], actor: Actor, one: RelatedNumber, *, form: Form[Told] | None = None,
    status: int = 200,
) -> Response[str]:  # fmt: skip
    mark = changes.mark(_held(one))
    if form is not None and status == 409:
        form.typed["version"] = [mark]
    async with db.reading() as connection:
        past = await sentences.history(connection, f"number:{one.number}")
    start = {**_held(one), "clues": " ".join(one.clues), "version": mark}
    return render(
        request, "admin/number.html", region="#r-number", status=status, focus="#r-errors" if status != 200 else "",
        one=one, form=form or forms.blank(Told, start), treatment=words.TREATMENTS[one.treatment], history=past,
        tabs=words.tabs(actor, "/admin/lines"),
    )  # fmt: skip


ROUTES = [record, change]
