"""The demo city's bulletin of last month: written, approved by others, issued to citizens. Drafts make themselves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from hotline import clock
from hotline.actor import Actor
from hotline.work import work
from sla import bulletin_gate, bulletin_periods, bulletin_steps, bulletins, facts_store
from sla.bulletin_contents import Words
from sla.bulletin_periods import Span
from sla.bulletin_special import Topic

_WORDS = Words(
    introduction="从这一期起，热线每月公开办理情况；小于 5 的数不写，免得认出人。",
    introduction_en="From this issue on our figures are public each month; numbers below 5 are not shown.",
    comments="各单位对临期件要提前一天联系诉求人，办不完的说明原因。",
    comments_en="Units call the requester a day before a promise ends, and say why when it cannot be kept.",
)
_ADVICE = Words(
    introduction="近两周丛台区的诉求情况，供区里安排工作参考。",
    introduction_en="What Congtai District's people asked for in the past two weeks, for its own planning.",
    comments="停水、路灯两类先排班处置；超期的逐件说明原因。",
    comments_en="Water and street lights first; each late case is explained.",
)


async def tell(people: Mapping[str, Actor]) -> None:
    """Last month's public bulletin, and a special report of the past two weeks that units sign."""
    await facts_store.refresh()
    await _issued(people, bulletin_periods.last_full("monthly", clock.today()), "public", Topic(), _WORDS)
    last = clock.today() - timedelta(days=1)
    weeks = bulletin_periods.free("special", last - timedelta(days=13), last)
    await _issued(people, weeks, "internal", Topic(county="130403"), _ADVICE)


async def _issued(people: Mapping[str, Actor], span: Span, audience: str, topic: Topic, words: Words) -> None:
    """One bulletin from draft to issue, by those whose steps they are."""
    async with work(people["publisher"]) as w:
        made = (await bulletins.make(w, span, audience, topic)).id
        row = await bulletins.opened(w, made, None, "draft")
        to = row.recipients or ("130403", "CGB")
        await bulletins.edit(w, row, words=words, cited=(), recipients=to)
        if await bulletin_gate.finds(w.connection, row):  # a new rule of the gate shall not keep the demo from starting
            await bulletins.edit(w, row, words=Words(), cited=(), recipients=to)
        await bulletin_steps.send(w, row)
    await _signed(people, made, audience)
    async with work(people["publisher"]) as w:
        await bulletin_steps.issue(w, await bulletins.opened(w, made, None, "approved"))


async def _signed(people: Mapping[str, Actor], made: UUID, audience: str) -> None:
    """Approved by the business side; a public one is cleared for secrecy too."""
    steps = (("reviewer", bulletin_steps.approve), ("secrecy", bulletin_steps.clear))
    for login, step in steps[: 2 if audience == "public" else 1]:
        async with work(people[login]) as w:
            await step(w, await bulletins.opened(w, made, None, "in_review"))
