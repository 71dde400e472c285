"""Sentences of an extension asked for, approved or refused; a longer promise that a statute gives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from cases import events_extend as x
from hotline import city, clock
from hotline.errors import Say


def day(moment: datetime) -> Say:
    """A due day as a requester reads it."""
    at = clock.local(moment)
    return Say(f"{at.month}月{at.day}日", f"{at.day} {at:%b}")


def _time(moment: datetime) -> Say:
    at = clock.local(moment)
    return Say(f"{at:%m-%d %H:%M}", f"{at:%d %b %H:%M}")


def _law(code: str | None) -> Say:
    one = city.current().statutes.get(code or "")
    return one.name if one is not None else Say(code or "", code or "")


def _asked(event: x.ExtensionAsked) -> Say:
    until = _time(event.wanted)
    if event.amount == 0:
        law = _law(event.law)
        return Say(
            f"申请适用法定期限（{law.zh}），到 {until.zh}；期限照走，等答复",
            f"asks for the statutory limit ({law.en}), until {until.en}; the clock runs on until it is answered",
        )
    return Say(
        f"申请延期到 {until.zh}；期限照走，等答复",
        f"asks for an extension until {until.en}; the clock runs on until it is answered",
    )


def _granted(event: x.ExtensionGranted) -> Say:
    was, due = _time(event.was), _time(event.due)
    if event.is_standing:
        return Say(
            f"同意延期：{was.zh} → {due.zh}；时限停着，恢复时再顺延",
            f"extension approved: {was.en} → {due.en}; the clock stands, and adds that when it goes on",
        )
    return Say(f"同意延期：{was.zh} → {due.zh}", f"extension approved: {was.en} → {due.en}")


def _applied(event: x.LawApplied) -> Say:
    law, was, due = _law(event.law), _time(event.was), _time(event.due)
    return Say(
        f"适用法定期限（{law.zh}）：{was.zh} → {due.zh}", f"statutory limit ({law.en}): {was.en} → {due.en}"
    )


def _until(event: x.ExtensionGranted) -> Say:
    due = day(event.due)
    if not event.is_lead:  # between the units: the date that the requester was told is the lead's
        return Say("", "")
    if event.is_standing:
        return Say("同意多给时间，恢复办理时告诉您日期", "More time was agreed; you hear the date when it goes on")
    return Say(f"改到{due.zh}前答复", f"Answer by {due.en} instead")


def _lawful(event: x.LawApplied) -> Say:
    law, due = _law(event.law), day(event.due)
    if event.is_standing:
        return Say(
            f"按{law.zh}的法定期限办理，恢复办理时告诉您日期",
            f"The law on {law.en} gives it its own time; you hear the date when it goes on",
        )
    return Say(
        f"按{law.zh}的法定期限办理，改到{due.zh}前答复", f"The law on {law.en} gives it until {due.en}"
    )


STAFF: dict[str, Callable[[Any], Say]] = {
    "extension_asked": _asked,
    "extension_granted": _granted,
    "extension_refused": lambda _: Say(
        "不同意延期，期限照旧", "extension refused; the due date stays, the clock was never stopped"
    ),
    "extension_lapsed": lambda _: Say(
        "延期申请没在到期前答复，随到期失效", "the ask for more time was not answered before the due date and lapsed"
    ),
    "law_applied": _applied,
    "admitted": lambda _: Say("决定受理调解", "takes the mediation up"),
}
REQUESTER: dict[str, Callable[[Any], Say]] = {
    "extension_granted": _until,
    "law_applied": _lawful,
    "admitted": lambda _: Say("已受理调解", "The mediation was taken up"),
}
