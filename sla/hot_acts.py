"""What people do with an issue: watch it, or dismiss it with a reason. A theme or task is made of it elsewhere."""

from __future__ import annotations

from uuid import UUID

from hotline import acts
from hotline.errors import Say, conflict, invalid
from hotline.work import Work
from sla import hot, hot_lists
from sla.hot_lists import Issue

OPEN = frozenset({"new", "watched"})
"""States in which somebody still decides."""


async def undecided(work: Work, identifier: UUID) -> Issue:
    """The issue, locked; 409 once somebody decided what becomes of it."""
    one = await hot_lists.one(work.connection, identifier, lock=True)
    if one.state not in OPEN:
        said = hot_lists.STATES[one.state]
        raise conflict(
            "hot_settled", f"{one.number} 已处理（{said.zh}），请刷新再看。",
            f"{one.number} was dealt with ({said.en}). Refresh the page.",
        )  # fmt: skip
    return one


async def watch(work: Work, identifier: UUID) -> Issue:
    """关注: somebody keeps an eye on it. Twice is once."""
    one = await undecided(work, identifier)
    if one.state != "watched":
        await hot.settle(work, identifier, "watched")
        await acts.note(work, work.actor, "hot_issue_watched", f"hot:{one.number}")
    return one


async def dismiss(work: Work, identifier: UUID, *, reason: str) -> Issue:
    """排除, with the reason: it comes back only at a higher level."""
    one = await undecided(work, identifier)
    if not reason.strip():
        raise invalid({"reason": Say("请写明为什么不是热点。", "Say why it is no hot issue.")})
    await hot.settle(work, identifier, "dismissed", reason=reason.strip())
    await acts.note(work, work.actor, "hot_issue_dismissed", f"hot:{one.number}")
    return one
