"""The demo city's bulletin of last month: written, approved by others, issued to citizens. Drafts make themselves."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from hotline import clock
from hotline.actor import Actor
from hotline.work import work
from sla import bulletin_periods, bulletin_steps, bulletins, facts_store
from sla.bulletin_contents import Words

_WORDS = Words(
    introduction="上月诉求总量平稳。这一期起，小于 5 的数不再写出，请以趋势为主看。",
    introduction_en="Volumes were steady last month. From this issue on numbers below 5 are not shown; read the trends.",
    comments="各单位对临期件要提前一天联系诉求人，办不完的说明原因。",
    comments_en="Units call the requester a day before a promise ends, and say why when it cannot be kept.",
)


async def tell(people: Mapping[str, Actor]) -> None:
    """Last month's public bulletin from draft to issue, by those whose steps they are."""
    await facts_store.refresh()
    span = bulletin_periods.last_full("monthly", clock.today())
    async with work(people["publisher"]) as w:
        made = (await bulletins.make(w, span, "public")).id
        row = await bulletins.opened(w, made, None, "draft")
        await bulletins.edit(w, row, words=_WORDS, cited=(), recipients=row.recipients or ("130403", "CGB"))
        await bulletin_steps.send(w, row)
    await _signed(people, made)
    async with work(people["publisher"]) as w:
        await bulletin_steps.issue(w, await bulletins.opened(w, made, None, "approved"))


async def _signed(people: Mapping[str, Actor], made: UUID) -> None:
    """Approved by the business side, cleared for secrecy."""
    for login, step in (("reviewer", bulletin_steps.approve), ("secrecy", bulletin_steps.clear)):
        async with work(people[login]) as w:
            await step(w, await bulletins.opened(w, made, None, "in_review"))
