"""投诉要先核实身份: on the portal a complaint about a body needs a verified account (rules.md 8, seed 004-20).

Reports (举报) and every other door are exempt; what was typed stays, whichever way the visitor goes on.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post

from channels import drafts
from channels.drafts import Draft
from hotline import city
from hotline.errors import Say
from hotline.permissions import PUBLIC
from web import access, cookies
from web.public import questions
from web.public.pass_cookie import UNSTORED
from web.render import render, see_other
from web.ways import offered

COOKIE = "hl_ask"
"""The browser's token of what is being written."""
PATH = "/ask/verify"
_Request = Request[Any, Any, Any]


def is_ruled() -> bool:
    """Whether the city asks for it."""
    return bool(int(city.current().rule("portal.complaint_verified")))


def must_verify(request: _Request, draft: Draft) -> bool:
    """Whether this visitor has to verify before this message can go."""
    if draft.kind != "complaint" or not is_ruled():
        return False
    account = access.known_account(request.scope)
    return account is None or not account.is_verified


def ways(draft: Draft) -> dict[str, Say]:
    """The ways to be answered: for a report its own; a complaint of the verified has no anonymous one."""
    found = offered(questions.CALLBACK if draft.kind == "report" else questions.REACH)
    if draft.kind == "complaint" and is_ruled():
        return {code: say for code, say in found.items() if code != "none"}
    return found


def seconds() -> dict[str, Say]:
    """The second ways to be answered."""
    return offered(questions.SECOND)


def ask_again(draft: Draft) -> None:
    """The kind has changed: how to be answered is asked anew where the new kind does not offer what was chosen."""
    if "reach" in draft.done and draft.reach not in ways(draft):
        draft.done.remove("reach")
        draft.reach = ""


def prefilled(request: _Request) -> dict[str, object]:
    """What the account knows of its holder, for the question how to reach them."""
    account = access.known_account(request.scope)
    return {"phone": account.phone, "name": account.signature} if account is not None else {}


def page(request: _Request, *, what: str, onward: str, draft: Draft | None = None) -> Response[str]:
    """The page, not an error: why, how one verifies, and the ways on; ``what`` is complaint or rating."""
    return render(
        request, "accounts/verify_first.html", headers=UNSTORED, what=what, onward=quote(onward, safe=""), draft=draft,
        is_kept=bool(draft and (draft.words or draft.about or draft.about_unit or draft.place)),
    )  # fmt: skip


@get(PATH, opt={"needs": PUBLIC})
async def verify_first(request: _Request) -> Response[str]:
    """Who chose a complaint and is not verified; once they are, on with what was typed."""
    draft = await drafts.load(cookies.get(request.scope, COOKIE))
    if draft is None or draft.number or not must_verify(request, draft):
        return see_other(request, "/ask")
    return page(request, what="complaint", onward="/ask", draft=draft)


@post("/ask/verify/enquiry", opt={"needs": PUBLIC}, status_code=200)
async def enquire_instead(request: _Request) -> Response[str]:
    """先咨询: the same words, asked as a question."""
    token = cookies.get(request.scope, COOKIE)
    draft = await drafts.load(token)
    if draft is None or draft.number:
        return see_other(request, "/ask")
    draft.kind = "enquiry"
    ask_again(draft)
    if "kind" not in draft.done:
        draft.done.append("kind")
    await drafts.save(token, draft)
    step = questions.first_open(draft, city.current())
    say = Say("已改为咨询，写过的还在。", "It is a question now; your words are kept.")
    return see_other(request, f"/ask/{step}", flash=say)
