"""What is done with a finding of a bounty: reviewed, published, appealed, decided, overturned, paid."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from litestar import Response, post
from litestar.params import FromPath

from channels import reminders
from hotline import acts as log
from hotline.actor import Actor
from hotline.errors import Say
from hotline.work import Work, work
from sla import bounties, bounty_lists, bounty_pay, bounty_review
from web import forms
from web.access import Who
from web.bounties import asks, pages
from web.bounties.common import PAY, REVIEW, UNIT, AnyRequest, tell
from web.render import see_other
from web.trying import worked

F = TypeVar("F", bound=msgspec.Struct)
_AT = "/bounties/{finding:uuid}"


async def _done(
    request: AnyRequest, actor: Actor, finding: UUID, name: str, kind: type[F],
    do: Callable[[Work, F], Awaitable[object]], said: Say | Callable[[], Say],
) -> Response[str]:  # fmt: skip
    form = await forms.read(request, kind)

    async def within(w: Work, good: F) -> None:
        await bounty_lists.one(w.connection, actor, finding)  # 404 unless it is theirs to see
        await do(w, good)

    status, _ = await worked(actor, form, within)
    if status != 200:
        return await pages.shown(request, actor, finding, name=name, form=form, status=status)
    return see_other(request, f"/bounties/{finding}", flash=said() if callable(said) else said)


@post(f"{_AT}/review", opt={"needs": REVIEW}, status_code=200)
async def review(request: AnyRequest, actor: Who, finding: FromPath[UUID]) -> Response[str]:
    """审查: confirmed, not confirmed, or a repeat. 403 for whoever is concerned."""
    said = Say("已确认，已告知发现人。", "Confirmed; the finder is told.")

    async def do(w: Work, good: asks.Review) -> None:
        nonlocal said
        if good.decision == "confirm":
            await bounty_review.confirm(
                w, finding, reason=good.reason, public_words=good.public_words, seen=good.seen, tell=tell
            )
        elif good.decision == "refuse":
            await bounty_review.refuse(w, finding, reason=good.reason, tell=tell)
            said = Say("已记为不确认，理由已给发现人。", "Not confirmed; the finder reads why.")
        else:
            first, later = await bounty_review.repeat(w, finding, good.of, tell=tell)
            zh = f"{first.number} 先报，{later.number} 记为重复。"
            said = Say(zh, f"{first.number} was first, {later.number} repeats it.")

    return await _done(request, actor, finding, "review", asks.Review, do, lambda: said)


@post(f"{_AT}/finder", opt={"needs": REVIEW}, status_code=200)
async def reveal(request: AnyRequest, actor: Who, finding: FromPath[UUID]) -> Response[str]:
    """Whom to ask what they meant: shown once, and noted. 403 for whoever is concerned."""
    async with work(actor) as w:
        one = await bounty_lists.one(w.connection, actor, finding)
        bounty_review.demand_clean(actor, one)
        who = await bounties.finder(w.connection, finding)
        await log.note(w, actor, "bounty_finder_seen", f"bounty_finding:{one.number}")
    return await pages.shown(request, actor, finding, who=who)


@post(f"{_AT}/publish", opt={"needs": REVIEW}, status_code=200)
async def publish(request: AnyRequest, actor: Who, finding: FromPath[UUID]) -> Response[str]:
    """放行公开, by somebody else than the writer."""

    async def do(w: Work, _: asks.Nothing) -> object:
        return await bounty_review.publish(w, finding)

    said = Say("已公开，不含发现人的任何信息。", "Published, without anything of the finder.")
    return await _done(request, actor, finding, "publish", asks.Nothing, do, said)


@post(f"{_AT}/appeal", opt={"needs": UNIT}, status_code=200)
async def appeal(request: AnyRequest, actor: Who, finding: FromPath[UUID]) -> Response[str]:
    """申诉 by the unit concerned, once."""

    async def do(w: Work, good: asks.Words) -> None:
        one = await bounty_review.appeal(w, finding, words=good.words)
        say = Say(f"{one.number}单位申诉待裁定", f"{one.number}: the unit’s appeal waits to be decided")
        key = f"bounty_appealed:{one.id}"
        await reminders.remind(w, unit="", kind="bounty_appealed", case=None, text=say, to="auditor", key=key)

    said = Say("已申诉，由中心另一位同事裁定。", "Appealed; somebody else at the centre decides.")
    return await _done(request, actor, finding, "appeal", asks.Words, do, said)


@post(f"{_AT}/appeal-decision", opt={"needs": REVIEW}, status_code=200)
async def decide(request: AnyRequest, actor: Who, finding: FromPath[UUID]) -> Response[str]:
    """裁定申诉, by somebody else than who confirmed it."""

    async def do(w: Work, good: asks.Decide) -> object:
        return await bounty_review.decide(
            w, finding, is_upheld=good.decision == "uphold", reason=good.reason, recover=good.recover, tell=tell
        )

    return await _done(request, actor, finding, "decide", asks.Decide, do, Say("已裁定。", "Decided."))


@post(f"{_AT}/overturn", opt={"needs": REVIEW}, status_code=200)
async def overturn(request: AnyRequest, actor: Who, finding: FromPath[UUID]) -> Response[str]:
    """推翻确认, by somebody else than who confirmed it."""

    async def do(w: Work, good: asks.Overturn) -> object:
        return await bounty_review.overturn(w, finding, reason=good.reason, recover=good.recover, tell=tell)

    said = Say("已推翻，扣分已退还，发现人已告知。", "Overturned: points restored, the finder told.")
    return await _done(request, actor, finding, "overturn", asks.Overturn, do, said)


@post(f"{_AT}/payment", opt={"needs": PAY}, status_code=200)
async def prepare(request: AnyRequest, actor: Who, finding: FromPath[UUID]) -> Response[str]:
    """制付款单 for exactly what was confirmed, to whom the finder named."""

    async def do(w: Work, good: asks.Prepare) -> None:
        await bounty_pay.prepare(w, finding, at_counter=good.at_counter)

    said = Say("已制单，请另一位同事付款。", "Prepared; somebody else pays it.")
    return await _done(request, actor, finding, "payment", asks.Prepare, do, said)


@post(f"{_AT}/paid", opt={"needs": PAY}, status_code=200)
async def pay(request: AnyRequest, actor: Who, finding: FromPath[UUID]) -> Response[str]:
    """付讫, with the number of the receipt; never twice."""

    async def do(w: Work, good: asks.Paid) -> None:
        await bounty_pay.pay(w, finding, receipt_no=good.receipt_no, tell=tell)

    said = Say("已记为付讫，发现人已告知。", "Paid; the finder is told.")
    return await _done(request, actor, finding, "paid", asks.Paid, do, said)


@post(f"{_AT}/payment-withdrawal", opt={"needs": PAY}, status_code=200)
async def withdraw(request: AnyRequest, actor: Who, finding: FromPath[UUID]) -> Response[str]:
    """撤回付款单 that was not paid."""

    async def do(w: Work, _: asks.Nothing) -> None:
        await bounty_pay.withdraw(w, finding)

    said = Say("付款单已撤回，可以重新制单。", "Stopped; it can be prepared again.")
    return await _done(request, actor, finding, "withdrawal", asks.Nothing, do, said)


ROUTES: list[Any] = [review, reveal, publish, appeal, decide, overturn, prepare, pay, withdraw]
