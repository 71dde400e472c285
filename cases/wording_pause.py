"""Sentences of a pause: one request for more information, suspension with a plan, resuming."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from cases import events_pause as p
from hotline import clock
from hotline.errors import Say

HOW: dict[str, Say] = {
    "answered": Say("诉求人已补充，时限继续", "the requester answered, the clocks go on"),
    "lapsed": Say("逾期未补充，时限继续，按现有情况办理", "no answer in time, the clocks go on with what there is"),
    "dropped": Say("不再等补充，时限继续", "no longer waited for, the clocks go on"),
    "unit": Say("承办单位恢复办理，时限继续", "resumed by the unit, the clocks go on"),
    "centre": Say("中心恢复办理，时限继续", "resumed by the centre, the clocks go on"),
    "review": Say("复核日期过了没有决定，时限自动继续", "nobody decided at the review, the clocks go on by themselves"),
}


def _day(at: datetime) -> Say:
    local = clock.local(at)
    return Say(f"{local.month}月{local.day}日", f"{local.day} {local:%b}")


def _asked(event: p.InfoAsked) -> Say:
    day = _day(event.until)
    return Say(f"请诉求人一次补齐材料，{day.zh}前", f"the requester is asked for all that is missing, by {day.en}")


def _suspension_asked(event: p.SuspensionAsked) -> Say:
    day = _day(event.review)
    return Say(f"申请挂账，{day.zh}复核", f"asked to suspend it, to be reviewed on {day.en}")


def _suspended(event: p.Suspended) -> Say:
    day = _day(event.review)
    if event.is_again:
        return Say(f"批准延长挂账，{day.zh}复核", f"suspension prolonged, review on {day.en}")
    return Say(f"批准挂账，时限暂停，{day.zh}复核", f"suspended, the clocks stand, review on {day.en}")


def _review_due(event: p.ReviewDue) -> Say:
    day = _day(event.until)
    return Say(f"挂账到了复核日期，{day.zh}前须决定", f"the suspension is up for review, to be decided by {day.en}")


STAFF: dict[str, Callable[[Any], Say]] = {
    "info_asked": _asked,
    "info_ended": lambda v: HOW[v.how],
    "info_lapsed": lambda _: Say("逾期未补充，结案", "no answer in time: closed"),
    "suspension_asked": _suspension_asked,
    "suspension_refused": lambda _: Say("不同意挂账，时限照走", "suspension refused, the clocks run on"),
    "suspended": _suspended,
    "review_due": _review_due,
    "resumed": lambda v: HOW[v.how],
}


def _please(event: p.InfoAsked) -> Say:
    day = _day(event.until)
    return Say(f"请您在{day.zh}前补充", f"Please tell us more by {day.en}")


def _planned(event: p.Suspended) -> Say:
    day = _day(event.review)
    return Say(f"已列入计划，{day.zh}再看进展", f"Put on the plan; its progress is reviewed on {day.en}")


_ENDED = {
    "answered": Say("您的补充已收到，继续办理", "We have what you sent and go on"),
    "lapsed": Say("没有等到您的补充，先按现有情况办理", "We did not hear from you and go on with what we have"),
    "dropped": Say("不用您补充了，继续办理", "We no longer need it and go on"),
}
REQUESTER: dict[str, Callable[[Any], Say]] = {
    "info_asked": _please,
    "info_ended": lambda v: _ENDED[v.how],
    "info_lapsed": lambda _: Say("没有等到您的补充，先办结了", "We did not hear from you and closed it"),
    "suspended": _planned,
    "resumed": lambda _: Say("继续办理", "Being done again"),
}
