"""Why a due date is what it is: one sentence and one cell a day (ux: every date explains itself). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import msgspec

from hotline.errors import Say
from sla.calendar import Calendar, runs
from sla.history import Extension, Pause
from sla.targets import PROFILES, STAGES, Promise

_WEEK_ZH = "一二三四五六日"
_WEEK_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTH_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

START, COUNTED, REST, PAUSED = "start", "counted", "rest", "paused"


class Cell(msgspec.Struct, frozen=True):
    """One day of the picture. ``mark``: start, counted, rest or paused; ``n`` numbers the counted days."""

    day: date
    mark: str
    n: int
    name: Say
    is_make_up: bool = False
    is_due: bool = False


def days(calendar: Calendar, promise: Promise, pauses: Sequence[Pause] = ()) -> tuple[Cell, ...]:
    """A cell a day from the start to the due day. Rest days carry the holiday's name, also the weekends inside one."""
    first, last = calendar.day_of(promise.start), calendar.day_of(promise.due_at)
    cells: list[Cell] = []
    n = 0
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        works = calendar.is_working(day) or promise.unit == "clock"
        if day == first:
            mark, name = START, Say("开始", "start")
        elif not works:
            mark, name = REST, _rest_name(calendar, day)
        elif any(p.swallows(calendar.close_of(day)) for p in pauses):
            mark, name = PAUSED, Say("暂停", "paused")
        else:
            mark, name, n = COUNTED, Say("", ""), n + 1
        make_up = calendar.is_working(day) and day.weekday() > 4
        cells.append(Cell(day, mark, n if mark == COUNTED else 0, name, make_up, day == last))
    return tuple(cells)


def explain(
    calendar: Calendar, promise: Promise, pauses: Sequence[Pause] = (), extensions: Sequence[Extension] = ()
) -> Say:
    """The sentence under the picture: from when it counts, what it skips, what was added, whether it is provisional."""
    parts = [_counting(promise)]
    if promise.unit != "clock":
        cells = days(calendar, promise, pauses)
        parts += _skipped(calendar, tuple(c.day for c in cells if c.mark == REST))
        parts += _made_up(tuple(c.day for c in cells if c.is_make_up and c.mark == COUNTED))
    parts.append(_additions(pauses, extensions))
    if promise.provisional:
        parts.append(Say(
            "暂定：有的年份放假安排不在表里，按周一至周五算",
            "provisional: the holidays of a year are not in the table, so Monday to Friday was assumed",
        ))
    return Say("；".join(p.zh for p in parts) + "。", _sentence("; ".join(p.en for p in parts)))


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
        return Say(f"{n} 分钟", f"{n} minutes")
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
        names = [_rest_name(calendar, day) for day in rest if first <= day <= last]
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


def _additions(pauses: Sequence[Pause], extensions: Sequence[Extension]) -> Say:
    if not pauses and not extensions:
        return Say("无暂停、无延期", "no pause, no extension")
    zh, en = [], []
    if pauses:
        zh.append(f"暂停 {len(pauses)} 次")
        en.append(f"paused {len(pauses)} time{'' if len(pauses) == 1 else 's'}")
    for one in extensions:
        amount = amount_of(one.amount, one.unit)
        zh.append(f"延期 {amount.zh}" + (f"（{one.by} 批准）" if one.by else ""))
        en.append(f"extended by {amount.en}" + (f" (approved by {one.by})" if one.by else ""))
    return Say("、".join(zh), ", ".join(en))


def _rest_name(calendar: Calendar, day: date) -> Say:
    """The holiday's name; a weekend between two rest days of one holiday carries its name."""
    if day in calendar.days:
        return calendar.name(day)
    before = after = day
    while before not in calendar.days and not calendar.is_working(before):
        before -= timedelta(days=1)
    while after not in calendar.days and not calendar.is_working(after):
        after += timedelta(days=1)
    left, right = calendar.name(before), calendar.name(after)
    if left == right and left.zh and not calendar.is_working(before) and not calendar.is_working(after):
        return left
    return calendar.name(day)


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
