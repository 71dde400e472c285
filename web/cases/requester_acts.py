"""Acts for the requester: further words, urging, withdrawal; seeing who they are; erasing what tells it."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from cases import verbs, views
from cases.file import CaseFile
from cases.search import strip_personal
from hotline import acts, city
from hotline.errors import Say
from hotline.permissions import refused
from hotline.work import Work, work
from web import forms
from web.access import Who
from web.cases import asks
from web.cases.doing import done, request_of
from web.cases.page import shown
from web.cases_access import opened_for
from web.render import is_fragment

AnyRequest = Request[Any, Any, Any]


@post("/cases/{number:str}/words", opt={"needs": "call.take"}, status_code=200)
async def add_words(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """补充, taken down by an agent."""

    async def do(w: Work, file: CaseFile, given: asks.Words) -> object:
        return await verbs.add_words(w, file, request_of(file, given.request), words=given.words, channel="phone")

    return await done(request, actor, number, "words", do, Say("已补充。", "Added."))


@post("/cases/{number:str}/urging", opt={"needs": "call.take"}, status_code=200)
async def urge(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """诉求人催办."""

    async def do(w: Work, file: CaseFile, given: asks.Urge) -> object:
        return await verbs.urge(w, file, request_of(file, given.request), channel="phone")

    return await done(request, actor, number, "urge", do, Say("已催办，承办单位看得到。", "Urged; the unit sees it."))


@post("/cases/{number:str}/withdrawal", opt={"needs": "call.take"}, status_code=200)
async def withdraw(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """撤单, while no unit has it."""

    async def do(w: Work, file: CaseFile, given: asks.Withdraw) -> object:
        return await verbs.withdraw(w, file, request_of(file, given.request), words=given.words)

    return await done(request, actor, number, "withdraw", do, Say("已撤单。", "Withdrawn."))


@post("/cases/{number:str}/erasure", opt={"needs": "case.erase", "is_grave": True}, status_code=200)
async def erase(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """按规定删除个人信息; the ledger still verifies."""

    async def do(w: Work, file: CaseFile, given: asks.Erase) -> object:
        return await verbs.erase(w, file, rule=given.rule)

    return await done(
        request, actor, number, "erase", do, Say("已删除，台账仍可核验。", "Erased; the ledger still verifies.")
    )


@get("/cases/{number:str}/requester", opt={"needs": "case.read", "is_quiet": True})
async def masked(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """The requester masked again: where an opened one goes after its minute."""
    return await shown(request, actor, number)


@post("/cases/{number:str}/disclosure", opt={"needs": "requester.reveal"}, status_code=200)
async def disclose(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """查看: with a reason, logged with who and why before anything is shown, for a minute."""
    form = await forms.read(request, asks.Disclosure)
    if not form.is_good:
        return await shown(request, actor, number, disclosure=form)
    given = form.good
    async with work(actor) as w:
        file = await opened_for(w, number)
        asked = request_of(file, given.request)
        if not views.may_reveal(actor, file.case):
            raise refused("requester.reveal")
        why = {"request": str(asked.id), "purpose": given.purpose}
        if given.words:
            why["words"] = strip_personal(given.words)
        plain = views.reveal(asked, actor)
        await acts.note(w, actor, "requester_seen", f"case:{file.case.number}", why)
    seconds = int(city.current().rule("reveal.seconds"))
    answer = await shown(request, actor, number, revealed={asked.id: plain, "seconds": seconds})
    if not is_fragment(request):
        answer.headers["Refresh"] = f"{seconds}; url=/cases/{file.case.number}"
    return answer


ROUTES = [add_words, urge, withdraw, erase, masked, disclose]
