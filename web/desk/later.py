"""稍后回拨: the caller and the agent agree on a time; the draft waits for it and comes back with the call."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

import msgspec

from channels import callbacks, opening, seats
from hotline import city, clock, db, masks, unfinished
from hotline.actor import Actor
from hotline.errors import Refusal, Say
from web.desk import drafts
from web.desk.call import Call
from web.forms import Form, label, parse

_NUMBER = Say("回拨要有能打通的号码，请核对。", "Give a number that can be called back.")
_WHEN = Say("请写几点回拨。", "Say when to call back.")


class Later(msgspec.Struct, kw_only=True):
    """What a call back needs: whom, when, and in the name of which line."""

    later_at: Annotated[
        datetime, label("几点回拨", "When to call back", missing=_WHEN, wrong=_WHEN),
    ]
    phone: Annotated[str, label("来电号码", "Caller's number", most=30, missing=_NUMBER)]
    line: Annotated[str, label("来电线路", "Line", most=20)] = "12345"
    draft: UUID | None = None
    call: UUID | None = None

    def check(self) -> dict[str, Say]:
        """The number can be dialled, the time lies ahead, not too far, and within the line's hours."""
        wrong: dict[str, Say] = {}
        if not masks.is_phone(masks.normal_phone(self.phone)):
            wrong["phone"] = _NUMBER
        now, days = clock.now(), int(city.current().rule("callback.ahead"))
        if not now < self.later_at <= now + timedelta(days=days):
            wrong["later_at"] = Say(
                f"回拨时间要在现在以后、{days} 天以内。", f"Choose a time from now on, within {days} days."
            )
        line = city.current().line(self.line)
        if line is None:
            wrong["line"] = Say("请从列表里选线路。", "Choose a line from the list.")
        elif "later_at" not in wrong and not opening.is_open(line, self.later_at):
            hours = opening.said(line)
            wrong["later_at"] = Say(
                f"这条线路{hours.zh}有人，请改时间。", f"That line answers {hours.en}; choose another time."
            )
        return wrong


def is_asked(posted: drafts.Typed) -> bool:
    """Whether the form ends so, and not by one of its other buttons."""
    beside = ("look", "refer", "join_now", "emergency", "take")
    return drafts.first(posted, "outcome") == "later" and not any(drafts.first(posted, name) for name in beside)


async def settle(actor: Actor, form: Form[Call], posted: dict[str, list[str]]) -> Say | None:
    """Keep the draft and the task, and the call's outcome; the sentence for the next page.

    None when something is missing: the form has the errors then. Twice the same draft is one task.
    """
    asked = parse(Later, posted)
    form.errors = dict(asked.errors)
    if not asked.is_good:
        return None
    given = asked.good
    try:
        await _keep(actor, given, posted)
    except Refusal as refusal:
        if refusal.status not in (409, 422):
            raise
        form.take(refusal)
        return None
    at = f"{clock.local(given.later_at):%m-%d %H:%M}"
    return Say(
        f"约好 {at} 回拨，写的内容在草稿里，到时在“回拨”里打开。",
        f"Call back agreed for {at}; what you wrote waits with it under “Call backs”.",
    )


async def _keep(actor: Actor, given: Later, posted: dict[str, list[str]]) -> None:
    draft = given.draft
    if draft is not None:
        known = drafts.of_form(posted) | {"outcome": ["accept"]}
        await unfinished.save(actor, draft, known, window=drafts.first(posted, "window"), call=given.call)
    async with db.atomic() as connection:
        if draft is not None:
            await unfinished.plan(connection, actor, draft, given.later_at)
        await callbacks.plan(
            connection, actor, number=given.phone, line=given.line, at=given.later_at, draft=draft, call=given.call
        )
        seat = await seats.of(connection, actor.id)
    if given.call is not None and seat.call == given.call and seat.state in (seats.TALKING, seats.WRAP_UP):
        await seats.settle(actor.id, "later")
