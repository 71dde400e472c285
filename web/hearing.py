"""Risk words while somebody is still writing: the alarm of a call before there is a case, and its kinds in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from cases import alarms, risk
from hotline import city, db, jobs, live
from hotline.actor import Actor
from hotline.errors import Say


def kinds_of(codes: Sequence[str]) -> Say:
    """Kinds of risk in words."""
    found = [risk.KINDS[code] for code in codes]
    return Say("、".join(one.zh for one in found), ", ".join(one.en for one in found))


def draft_of(typed: Mapping[str, Sequence[str]]) -> UUID | None:
    """Which call a form is about."""
    try:
        return UUID((typed.get("draft") or [""])[0])
    except ValueError:
        return None


async def heard(actor: Actor, typed: Mapping[str, Sequence[str]]) -> alarms.Alarm | None:
    """The alarm of the call as it stands, raised now where its words hold a risk; None where they hold none."""
    found = risk.find(" ".join(typed.get("words") or [""]), risk.lists_of(city.current()))
    draft = draft_of(typed)
    if not found or draft is None:
        return None
    async with db.atomic() as connection:
        alarm, is_news = await alarms.heard(connection, actor, draft, found)
    if is_news:
        await jobs.publish(live.CHANNEL, live.RISK)
    return alarm


def shown(typed: Mapping[str, Sequence[str]]) -> str:
    """The risk words that the page shows already."""
    return (typed.get("risk_words") or [""])[0]


def is_news(alarm: alarms.Alarm | None, typed: Mapping[str, Sequence[str]]) -> bool:
    """Whether the page does not show this alarm yet: said aloud once."""
    return alarm is not None and "".join(alarm.words) != shown(typed)


def is_other(alarm: alarms.Alarm | None, typed: Mapping[str, Sequence[str]]) -> bool:
    """Whether the page's strip is another than it should be; one that is as it was keeps what is typed in it."""
    return is_news(alarm, typed) or (shown(typed) != "" if alarm is None else alarm.cleared_at is not None)


async def settled(draft: UUID | None, receipt_no: str) -> None:
    """The call has become a case, which carries the flag from here on."""
    if draft is not None:
        async with db.atomic() as connection:
            await alarms.settle(connection, draft, receipt_no)
