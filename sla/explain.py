"""Why a due date is what it is, in a sentence for staff and one for the requester. Pure.

The picture of its days is ``sla.picture``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import msgspec

from hotline.errors import Say
from sla import history, picture
from sla.calendar import Calendar, runs
from sla.history import Act, Extension, Pause
from sla.picture import COUNTED, REST, rest_name
from sla.targets import PROFILES, STAGES, Promise, Target

_WEEK_ZH = "一二三四五六日"
_WEEK_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_HOUR = timedelta(hours=1)
_DAYS = 72
"""From so many hours around the clock on they are told in days."""
_MONTH_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """What a date rests on besides its profile: the law with its citation, the version of the profile.

    ``given`` is what that version gives the stage: a share beside others has its own amount (000-12).
    """

    law: Say | None = None
    version: int = 1
    given: Target | None = None


def explain(calendar: Calendar, promise: Promise, acts: Sequence[Act] = (), ground: Ground | None = None) -> Say:
    """The sentence under the picture, for staff.

    From when it counts, what it skips and makes up, what paused it or added to it and who agreed, on which law and
    version it rests, whether it is provisional.
    """
    return _joined([
        *_counted(calendar, promise, acts), *_additions(calendar, promise, acts), *_grounds(promise, ground),
        *_open(promise),
    ])  # fmt: skip


def told(calendar: Calendar, promise: Promise, acts: Sequence[Act] = (), ground: Ground | None = None) -> Say:
    """The same for the requester, in their words: no profile, no version, nobody's name."""
    amount = amount_of(promise.amount, promise.unit)
    first = Say(f"从 {day_of(calendar, promise.start).zh} 起 {amount.zh}",
                f"{amount.en} from {day_of(calendar, promise.start).en}")  # fmt: skip
    law = [Say(f"依据{ground.law.zh}", f"by law: {ground.law.en}")] if ground is not None and ground.law else []
    return _joined([first, *_counted(calendar, promise, acts), *_waited(acts), *_later(acts), *law, *_open(promise)])


def _joined(parts: Sequence[Say]) -> Say:
    return Say("；".join(p.zh for p in parts) + "。", _sentence("; ".join(p.en for p in parts)))


def _counted(calendar: Calendar, promise: Promise, acts: Sequence[Act]) -> list[Say]:
    parts = [_counting(promise)]
    if promise.unit != "clock":
        cells = picture.days(calendar, promise, acts)
        parts += _skipped(calendar, tuple(c.day for c in cells if c.mark == REST))
        parts += _made_up(tuple(c.day for c in cells if c.is_make_up and c.mark == COUNTED))
    return parts


def _open(promise: Promise) -> list[Say]:
    if not promise.provisional:
        return []
    return [Say(
        "暂定：有的年份放假安排还没公布，按周一至周五算，公布后重算",
        "provisional: a year's holidays are not announced, Monday to Friday is assumed; reckoned anew once they are",
    )]


def _grounds(promise: Promise, ground: Ground | None) -> list[Say]:
    if ground is None:
        return []
    own = []
    if ground.given is not None and ground.given != Target(promise.amount, promise.unit):
        given, now = amount_of(ground.given.amount, ground.given.unit), amount_of(promise.amount, promise.unit)
        own.append(Say(f"档案给 {given.zh}，这一件按并联办理定为 {now.zh}",
                       f"the profile gives {given.en}, this share beside others {now.en}"))  # fmt: skip
    law = [Say(f"依据{ground.law.zh}", f"by law: {ground.law.en}")] if ground.law else []
    version = Say(f"按档案第 {ground.version} 版", f"version {ground.version} of the profile")
    return [*own, *law, version]


def headline(calendar: Calendar, promise: Promise) -> Say:
    """The question the picture answers: "为何 2月27日（周五）18:00？ 档案 STD5：办结 5 个工作日"."""
    at, stage = moment(calendar, promise.due_at), STAGES[promise.stage]
    amount = amount_of(promise.amount, promise.unit)
    if promise.stage not in PROFILES[promise.profile].stages:  # the same for every profile
        return Say(f"为何 {at.zh}？ {stage.zh} {amount.zh}", f"Why {at.en}? Time to {stage.en}: {amount.en}")
    return Say(
        f"为何 {at.zh}？ 档案 {promise.profile}：{stage.zh} {amount.zh}",
        f"Why {at.en}? {promise.profile}, {stage.en}: {amount.en}",
    )


def amount_of(amount: float, unit: str) -> Say:
    """A length in words: "5 个工作日", "4 个工作小时", "30 分钟"."""
    if unit == "wd":
        n = int(amount)
        return Say(f"{n} 个工作日", f"{n} working day{'' if n == 1 else 's'}")
    if amount < 1:
        n = round(amount * 60)
        return Say(f"{n} 分钟", f"{n} minute{'' if n == 1 else 's'}")
    if unit == "clock" and amount >= _DAYS and amount % 24 == 0:
        return Say(f"{amount / 24:g} 天（不分昼夜）", f"{amount / 24:g} days")
    kind = Say("工作小时", "working hour") if unit == "h" else Say("小时（不分昼夜）", "hour")
    return Say(f"{amount:g} 个{kind.zh}", f"{amount:g} {kind.en}{'' if amount == 1 else 's'}")


def moment(calendar: Calendar, at: datetime) -> Say:
    """A local moment in words: "11月27日（周五）18:00", "Fri 27 Nov, 18:00"."""
    local = at.astimezone(calendar.zone)
    clock = f"{local.hour:02}:{local.minute:02}"
    return Say(
        f"{local.month}月{local.day}日（周{_WEEK_ZH[local.weekday()]}）{clock}",
        f"{_WEEK_EN[local.weekday()]} {local.day} {_MONTH_EN[local.month - 1]}, {clock}",
    )


def _counting(promise: Promise) -> Say:
    if promise.unit == "wd":
        return Say("次日起数，当日不算", "counted from the day after; the first day does not count")
    if promise.unit == "h":
        return Say("只算上班时间", "working hours only")
    return Say("不分昼夜连续计算", "runs around the clock")


def _skipped(calendar: Calendar, rest: tuple[date, ...]) -> list[Say]:
    if not rest:
        return []
    zh, en = [], []
    for first, last in runs(rest):
        span = _span(first, last)
        names = [rest_name(calendar, day) for day in rest if first <= day <= last]
        holidays = [name for name in dict.fromkeys(names) if name.en != "weekend"] or [names[0]]
        zh.append(f"{span.zh}（{'、'.join(name.zh for name in holidays)}）")
        en.append(f"{span.en} ({', '.join(name.en for name in holidays)})")
    return [Say(f"跳过 {'、'.join(zh)}", f"skips {', '.join(en)}")]


def _made_up(made: tuple[date, ...]) -> list[Say]:
    if not made:
        return []
    spans = [_span(day, day) for day in made]
    verb = "counts" if len(spans) == 1 else "count"
    return [Say(
        f"{'、'.join(s.zh for s in spans)}补班，算{'' if len(spans) == 1 else '各'} 1 天",
        f"{', '.join(s.en for s in spans)} {verb} as made-up working day{'' if len(spans) == 1 else 's'}",
    )]


CAUSES: dict[str, Say] = {
    "needs_info": Say("等诉求人补充", "waiting for the requester"),
    "suspended": Say("挂账", "put off by decision"),
}
"""Why a promise stands still, for staff."""
_CITIZEN_CAUSES: dict[str, Say] = {
    "needs_info": Say("等您补充", "waiting for you"),
    "suspended": Say("列入计划", "put on the plan"),
}


def _additions(calendar: Calendar, promise: Promise, acts: Sequence[Act]) -> list[Say]:
    """What happened to the promise, in order: each pause with its length, each extension with who agreed."""
    if not acts:
        return [Say("无暂停、无延期", "no pause, no extension")]
    found = []
    before = None
    for act, due in history.steps(calendar, promise.start, promise.unit, promise.amount, acts):
        if isinstance(act, Pause):
            found.append(_paused(calendar, promise.unit, act, before, due))
        elif isinstance(act, Extension):
            amount = amount_of(act.amount, act.unit)
            until = day_of(calendar, due)
            found.append(Say(
                f"延期 {amount.zh}" + (f"（{act.by} 批准）" if act.by else "") + f"，到 {until.zh}",
                f"extended by {amount.en}" + (f" (approved by {act.by})" if act.by else "") + f" to {until.en}",
            ))
        before = due
    return found


def _paused(calendar: Calendar, unit: str, act: Pause, before: datetime | None, due: datetime) -> Say:
    cause = CAUSES.get(act.cause, Say("", ""))
    why = Say(f"（{cause.zh}）", f" ({cause.en})") if cause.zh else Say("", "")
    begins = day_of(calendar, act.begins)
    if act.ends is None:
        return Say(f"{begins.zh} 起暂停{why.zh}，还没恢复", f"paused from {begins.en}{why.en}, not resumed yet")
    ends = day_of(calendar, act.ends)
    more = _gained(calendar, unit, before or due, due)
    return Say(
        f"{begins.zh} 至 {ends.zh} 暂停{why.zh}，顺延 {more.zh}",
        f"paused {begins.en} to {ends.en}{why.en}, {more.en} added",
    )


def _gained(calendar: Calendar, unit: str, before: datetime, due: datetime) -> Say:
    """What a pause added to the date, in the promise's own unit."""
    if unit == "wd":
        return amount_of(calendar.working_days_between(before, due), "wd")
    length = due - before if unit == "clock" else calendar.working_time(before, due)
    return amount_of(round(length / _HOUR, 1), unit)


def _waited(acts: Sequence[Act]) -> list[Say]:
    causes = dict.fromkeys(act.cause for act in acts if isinstance(act, Pause))
    named = [_CITIZEN_CAUSES.get(one, Say("暂停", "standing still")) for one in causes]
    return [Say(f"{one.zh}的时间不算", f"the time {one.en} does not count") for one in named]


def _later(acts: Sequence[Act]) -> list[Say]:
    amounts = [amount_of(act.amount, act.unit) for act in acts if isinstance(act, Extension)]
    return [Say(f"热线中心同意延后 {one.zh}", f"the hotline agreed to {one.en} more") for one in amounts]


def day_of(calendar: Calendar, at: datetime) -> Say:
    """A local day: "11月27日", "27 Nov"."""
    day = calendar.day_of(at)
    return _span(day, day)


def _span(first: date, last: date) -> Say:
    if first == last:
        return Say(f"{first.month}月{first.day}日", f"{first.day} {_MONTH_EN[first.month - 1]}")
    if first.month == last.month:
        return Say(f"{first.month}月{first.day}–{last.day}日", f"{first.day}–{last.day} {_MONTH_EN[first.month - 1]}")
    return Say(
        f"{first.month}月{first.day}日–{last.month}月{last.day}日",
        f"{first.day} {_MONTH_EN[first.month - 1]}–{last.day} {_MONTH_EN[last.month - 1]}",
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."
