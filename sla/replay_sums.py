"""A replay's result added up: by unit, by week, and as lines of text. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import msgspec

from hotline.errors import Say
from sla.replay import COUNTS, Outcome, Week

LEVELS = COUNTS[5:]
EVENTS = COUNTS[:5]
REPORTED: dict[str, Say] = {
    "no_target": Say("没有时限，不猜", "without a target, not guessed"),
    "before_opened": Say("办结早于受理，不猜", "closed before opened, not guessed"),
    "open_in_queue": Say(
        "还没办结、不知要办多久，没有进推演的队", "still open, their work unknown, left out of the tried queue"
    ),
    "by_law": Say("法定时限，不随档案变", "with a statute's time, which no profile changes"),
    "set_by_hand": Say("期限是人定的，不随日历变", "dates set by hand, which no calendar moves"),
}
"""What a result says apart; fields of ``replay.Reported``."""


def units(outcome: Outcome) -> list[Week]:
    """A line a unit over the whole period: sums, and the highest of each queue; most newly broken first."""
    found: dict[str, Week] = {}
    for one in outcome.weeks:
        before = found.get(one.unit)
        found[one.unit] = one if before is None else _joined(before, one)
    return sorted(found.values(), key=lambda one: (-one.newly, one.saved, -one.would_break, one.unit))


def _joined(a: Week, b: Week) -> Week:
    sums = {name: getattr(a, name) + getattr(b, name) for name in EVENTS}
    peaks = {name: max(getattr(a, name), getattr(b, name)) for name in LEVELS}
    return msgspec.structs.replace(a, **sums, **peaks)


def weeks(outcome: Outcome, unit: str | None = None) -> list[Week]:
    """A line for every week of the period, in order, of one unit or of all together."""
    first = outcome.since - timedelta(days=outcome.since.weekday())
    n = (outcome.until - first).days // 7 + 1
    found = {day: Week(unit=unit or "", week=day) for day in (first + timedelta(days=7 * at) for at in range(n))}
    for one in outcome.weeks:
        if unit is None or one.unit == unit:
            found[one.week] = _added(found[one.week], one)
    return list(found.values())


def _added(a: Week, b: Week) -> Week:
    return msgspec.structs.replace(a, **{name: getattr(a, name) + getattr(b, name) for name in COUNTS})


def grew(outcome: Outcome) -> list[tuple[Week, int]]:
    """The units whose queue would have been longer than it was, each with by how much at its worst; worst first."""
    worst: dict[str, int] = {}
    for one in outcome.weeks:
        worst[one.unit] = max(worst.get(one.unit, 0), one.queue_then - one.queue)
    found = [(one, worst[one.unit]) for one in units(outcome) if worst[one.unit] > 0]
    return sorted(found, key=lambda pair: -pair[1])


def told(outcome: Outcome, most: int = 20) -> Iterable[str]:
    """The result in lines, both languages, for a terminal."""
    yield from _totals(outcome)
    yield from _apart(outcome)
    yield ""
    yield _line(("单位 / unit", "时限", "超期", "推演", "新增", "不再", "积压", "推演", "未结超期", "推演"))
    lines = units(outcome)
    for one in lines[:most]:
        yield _line((one.unit or "-", *(f"{getattr(one, name):,}" for name in COUNTS)))
    if len(lines) > most:
        yield f"… 还有 {len(lines) - most} 个单位，用 --json 看全 / {len(lines) - most} units more: --json"


def _totals(outcome: Outcome) -> Iterable[str]:
    t = outcome.totals
    yield f"{outcome.since} – {outcome.until}"
    for n, zh, en in (
        (t.promised, "个时限", "promises"),
        (t.promised - t.open, "已办结", "finished"),
        (t.open, "未办结", "open"),
        (t.kept, "当时按时办结", "finished on time"),
        (t.broken, "当时超期", "broken as it was"),
        (t.would_break, "推演会超期", "would be broken"),
        (t.newly, "新增超期", "newly broken"),
        (t.saved, "不再超期", "no longer broken"),
    ):
        yield f"{n:>11,}  {zh} / {en}"
    if outcome.model is not None:
        yield f"{outcome.model:>11,}  同一排队模型、那时的人手会超期 / broken by the queue model with the hands then"


def _apart(outcome: Outcome) -> Iterable[str]:
    """What was not judged."""
    r = outcome.reported
    for name, say in REPORTED.items():
        if n := getattr(r, name):
            yield f"{n:>11,}  {say.zh} / {say.en}"
    if r.before_opened_with_target:
        with_target, on_time = r.before_opened_with_target, r.before_opened_by_date
        yield f"{'':>11}  （办结早于受理的有 {with_target:,} 件有时限，其中 {on_time:,} 件只看日期算按时）"
        yield f"{'':>11}  ({with_target:,} closed before opened had a target, {on_time:,} on time by their dates alone)"


def _line(cells: tuple[str, ...]) -> str:
    return f"{cells[0]:<28}" + "".join(f"{cell:>9}" for cell in cells[1:])
