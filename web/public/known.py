"""Question 4 of the citizen's form (ux.md 7): it is known already, follow it, or mine is another one.

Only of what the public list may show (docs/adr/0012): the matter, the street as this citizen wrote it, the day of the
answer; never another's words or number.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from cases import published
from cases.moves_merge import HOLDING
from channels.drafts import Draft, Known
from channels.notify import say_day
from hotline import city, db
from hotline.accounts import Account
from hotline.actor import Actor
from hotline.errors import Say
from hotline.ids import new_id
from routing import alike
from web.desk import matters
from web.forms import Form
from web.public import questions

MOST = 2
NONE = "none"
AFTER = frozenset({"kind", "what", "where", "street", "matter"})
"""Answers after which it is looked anew."""
_EYES = Actor(id=new_id(), kind="system", name="", roles=frozenset({"agent"}))
"""Whoever looks sees what an agent sees of plain cases; what is told of it is cut here."""
_DUE = """
    SELECT case_id, min(due_at) AS due FROM clock
    WHERE case_id = ANY($1::uuid[]) AND stage = 'finish' AND stopped_at IS NULL GROUP BY case_id
"""


async def look(draft: Draft, step: str, account: Account | None) -> None:
    """Look anew whether it is known, once words, place and matter are answered; an earlier answer no longer counts."""
    if step not in AFTER:
        return
    draft.known, draft.follow = [], ""
    draft.done = [one for one in draft.done if one != "known"]
    if draft.kind == "assistance" and "where" in draft.done and "matter" in draft.done:
        draft.known = await _found(draft, account)


async def _found(draft: Draft, account: Account | None) -> list[Known]:
    offered = [one.code for one in matters.propose(city.current(), "", draft.words)]
    codes = [draft.matter] if draft.matter else offered[:1]
    if not codes:
        return []
    county = draft.county if draft.county != questions.UNKNOWN else ""
    asked = alike.Asked(
        words=draft.words, place=draft.place, matters=codes, county=county, township=draft.township, point=draft.point,
        account=account.id if account else None,
    )  # fmt: skip
    async with db.reading() as connection:
        found = [one for one in await alike.find(connection, _EYES, asked) if _is_same(one, codes)]
        public = {one.id for one in await published.found(connection, [one.number for one in found])}
        rows = await connection.fetch(_DUE, [one.id for one in found])
    dues: dict[UUID, datetime] = {row["case_id"]: row["due"] for row in rows}
    told = [
        Known(number=one.receipt or one.number, matter=one.matter or "", street=one.road, due=dues.get(one.id),
              is_own=one.is_own)
        for one in found if one.is_own or one.id in public
    ]  # fmt: skip
    once = {say(one): one for one in reversed(told)}  # two that read the same are one choice: the likelier
    return [one for one in told if one in once.values()][:MOST]


def _is_same(one: alike.Alike, codes: list[str]) -> bool:
    """Open, the very matter, and the same street or within 200 metres: less is not enough to say that it is known."""
    return one.state in HOLDING and one.matter in codes and (bool(one.road) or one.is_near)


def choices(draft: Draft) -> dict[str, Say]:
    """What is offered, by its place in the list: others' to follow; one's own is a link beside."""
    found = {str(n): say(one) for n, one in enumerate(draft.known) if not one.is_own}
    return {**found, NONE: Say("不是同一件", "Mine is different")}


def say(one: Known) -> Say:
    """What is told: the matter, the street as they wrote it, and the day of the answer."""
    matter = city.current().matter(one.matter)
    name = matter.name if matter else Say("同样的事", "the same")
    street = Say(f"“{one.street}”", f"“{one.street}”") if one.street else Say("附近", "nearby")
    zh, en = f"一起跟进：{street.zh}{name.zh}", f"Follow it: {name.en}, {street.en}"
    if one.due is None:
        return Say(zh, en)
    day = say_day(one.due)
    return Say(f"{zh}，{day.zh}前答复", f"{en}; answer due {day.en}")


def take(draft: Draft, form: Form[Any]) -> None:
    """The answer onto the draft; anything that was not offered is refused beside the field."""
    if form.good.follow not in choices(draft):
        form.errors["follow"] = Say("请从列出的里面选一项。", "Choose one of those listed.")
        return
    draft.follow = form.good.follow


def followed(draft: Draft) -> Known | None:
    """The one that this citizen follows; None for none, or once it is to be kept confidential."""
    if not draft.follow.isdecimal() or draft.is_confidential or int(draft.follow) >= len(draft.known):
        return None
    return draft.known[int(draft.follow)]
