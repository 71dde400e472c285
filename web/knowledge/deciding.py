"""The acts on an article: submit, take back, drop, approve, send back, retire, review, hand over. One route each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from litestar import Response, post
from litestar.params import FromPath

from hotline import knowledge_decisions as decisions
from hotline import knowledge_verbs as verbs
from hotline.actor import Actor
from hotline.errors import Say
from hotline.knowledge_checks import unchanged
from hotline.knowledge_rows import read
from hotline.work import Work
from web import forms
from web.access import Who
from web.knowledge.asks import Act
from web.knowledge.pages import AnyRequest, page
from web.render import see_other
from web.trying import worked

READ, WRITE, APPROVE = "knowledge.read", "knowledge.write", "knowledge.approve"
Do = Callable[[Work, Act], Awaitable[object]]
TO_APPROVE = "/knowledge?kind=submitted"


async def _done(
    request: AnyRequest, actor: Actor, article: UUID, act: str, say: Say, do: Do, *, onward: str = ""
) -> Response[str]:
    """Do it and go on, or give the article's page back with the form as it was typed.

    409 when somebody changed the article since the page was read: nobody approves words that they did not see.
    """
    form = await forms.read(request, Act)

    async def marked(w: Work, good: Act) -> bool:
        unchanged(await read(w.connection, article, lock=True), good.seen)
        await do(w, good)
        return True

    status, is_done = await worked(actor, form, marked)
    if is_done is None:
        return await page(request, actor, article, form=form, act=act, status=status)
    return see_other(request, onward or f"/knowledge/{article}", flash=say)


@post("/knowledge/{article:uuid}/submission", opt={"needs": WRITE}, status_code=200)
async def submit(request: AnyRequest, actor: Who, article: FromPath[UUID]) -> Response[str]:
    """送审."""
    said = Say("已送审，知识编辑会来审定。", "Submitted: the knowledge editor decides on it.")
    return await _done(request, actor, article, "submit", said, lambda w, _: verbs.submit(w.connection, actor, article))


@post("/knowledge/{article:uuid}/taking-back", opt={"needs": WRITE}, status_code=200)
async def take_back(request: AnyRequest, actor: Who, article: FromPath[UUID]) -> Response[str]:
    """撤回送审."""
    said = Say("已撤回，可以接着改。", "Taken back; you can go on writing.")
    return await _done(
        request, actor, article, "take_back", said, lambda w, _: verbs.take_back(w.connection, actor, article)
    )


@post("/knowledge/{article:uuid}/dropping", opt={"needs": WRITE}, status_code=200)
async def drop(request: AnyRequest, actor: Who, article: FromPath[UUID]) -> Response[str]:
    """作废草稿."""
    said = Say("草稿已作废。", "The draft is dropped.")
    return await _done(request, actor, article, "drop", said, lambda w, _: verbs.drop(w.connection, actor, article))


@post("/knowledge/{article:uuid}/approval", opt={"needs": APPROVE}, status_code=200)
async def approve(request: AnyRequest, actor: Who, article: FromPath[UUID]) -> Response[str]:
    """审定通过; the next one that waits opens."""

    async def do(w: Work, good: Act) -> object:
        return await decisions.approve(w.connection, actor, article, review_on=good.review_on)

    said = Say("已审定，到起始日就能用。", "Approved: in force from its first day.")
    return await _done(request, actor, article, "approve", said, do, onward=TO_APPROVE)


@post("/knowledge/{article:uuid}/return", opt={"needs": APPROVE}, status_code=200)
async def send_back(request: AnyRequest, actor: Who, article: FromPath[UUID]) -> Response[str]:
    """退回修改; the next one that waits opens."""

    async def do(w: Work, good: Act) -> None:
        await decisions.send_back(w.connection, actor, article, good.reason)

    said = Say("已退回，理由写给了归口单位。", "Sent back with your reason.")
    return await _done(request, actor, article, "send_back", said, do, onward=TO_APPROVE)


@post("/knowledge/{article:uuid}/retirement", opt={"needs": APPROVE}, status_code=200)
async def retire(request: AnyRequest, actor: Who, article: FromPath[UUID]) -> Response[str]:
    """下架."""

    async def do(w: Work, good: Act) -> None:
        await decisions.retire(w.connection, actor, article, good.reason)

    said = Say("已下架，不再答复任何人。", "Retired: it answers nobody any more.")
    return await _done(request, actor, article, "retire", said, do)


@post("/knowledge/{article:uuid}/review", opt={"needs": READ}, status_code=200)
async def review(request: AnyRequest, actor: Who, article: FromPath[UUID]) -> Response[str]:
    """复核: still right; the date is renewed with the reviewer's name."""

    async def do(w: Work, good: Act) -> object:
        return await decisions.review(w.connection, actor, article, good.review_on, good.note)

    said = Say("已复核，复核日期已更新。", "Reviewed; the date is renewed.")
    return await _done(request, actor, article, "review", said, do)


@post("/knowledge/{article:uuid}/owner", opt={"needs": APPROVE}, status_code=200)
async def hand_over(request: AnyRequest, actor: Who, article: FromPath[UUID]) -> Response[str]:
    """换归口单位."""

    async def do(w: Work, good: Act) -> None:
        await decisions.hand_over(w.connection, actor, article, good.owner)

    said = Say("已交给新的归口单位。", "Handed over.")
    return await _done(request, actor, article, "hand_over", said, do)


ROUTES = [submit, take_back, drop, approve, send_back, retire, review, hand_over]
