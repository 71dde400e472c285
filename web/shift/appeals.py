"""Somebody whose number is refused objects, at a counter or by letter: whoever takes calls there notes it."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post

from channels import refused_list
from hotline.errors import Say
from hotline.permissions import may
from web import forms
from web.access import Who
from web.forms import Form
from web.render import render, see_other
from web.shift.asks import Appeal
from web.trying import tried

NEEDS = "call.take"
AnyRequest = Request[Any, Any, Any]


@get("/refused/objection", opt={"needs": NEEDS})
async def page(request: AnyRequest) -> Response[str]:
    """The form: number, way, words."""
    return _shown(request, forms.blank(Appeal))


def _shown(request: AnyRequest, form: Form[Appeal], *, status: int = 200) -> Response[str]:
    return render(request, "shift/objection.html", region="#r-objection", status=status, form=form,
                  ways=refused_list.WAYS)  # fmt: skip


@post("/refused/objection", opt={"needs": NEEDS}, status_code=200)
async def note(request: AnyRequest, actor: Who) -> Response[str]:
    """记意见."""
    form = await forms.read(request, Appeal)

    async def do(given: Appeal) -> object:
        return await refused_list.note_appeal(actor, given.phone, given.way, given.words)

    status, one = await tried(form, do)
    if status != 200:
        return _shown(request, form, status=status)
    back = f"/shift/refused/{one}" if may(actor, "shift.hold") else "/refused/objection"
    say = Say("意见已记下，由没有作出决定的班长处理。", "Noted; a supervisor who did not decide it judges it.")
    return see_other(request, back, flash=say)


ROUTES = [page, note]
