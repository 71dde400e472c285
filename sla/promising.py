"""The city changes what it promises: a profile's next version, kept for good, and what it would mean."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import msgspec

from hotline import city, clock, db
from hotline.actor import Actor
from hotline.city import PromiseVersion
from hotline.errors import Say, invalid
from sla import calendar, profiles, targets
from sla.calendar import Calendar
from sla.profiles import ALL, Content
from sla.targets import Book

EXAMPLE_HOUR = 10
FAR = timedelta(days=731)
"""A version is set so far ahead at most: it cannot be taken back, and none may begin before it."""


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a profile with what it changed; ``row`` is None for the first, which came with the city."""

    number: int
    content: Content
    changes: Sequence[Say] = ()
    row: PromiseVersion | None = None


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """One example: the stage from a start, due as it stands and as it would be; None where nothing is promised."""

    start: datetime
    what: Say
    stage: Say
    before: datetime | None
    after: datetime | None


def history(code: str) -> list[Version]:
    """Every version of a profile, the newest first, with its differences from the one before."""
    snapshot = city.current()
    content = profiles.content_of(targets.begun_with(snapshot), code)
    found = [Version(number=1, content=content)]
    for row in sorted((one for one in snapshot.promises if one.profile == code), key=lambda one: one.version):
        after = profiles.read(row.content)
        found.append(Version(
            number=row.version, content=after, changes=differences(found[-1].content, after), row=row
        ))  # fmt: skip
    return found[::-1]


def differences(before: Content, after: Content) -> list[Say]:
    """What changed between two contents, a sentence each."""
    from sla.explain import amount_of  # noqa: PLC0415 - sentences

    def told(one: targets.Target | None) -> Say:
        return amount_of(one.amount, one.unit) if one is not None else Say("无", "none")

    found = []
    for name in dict.fromkeys([*before.stages, *after.stages]):
        old, new = before.stages.get(name), after.stages.get(name)
        if old != new:
            stage = targets.STAGES[name]
            found.append(Say(f"{stage.zh} {told(old).zh} → {told(new).zh}",
                             f"{stage.en} {told(old).en} → {told(new).en}"))  # fmt: skip
    if before.extension != after.extension:
        old_say, new_say = extension_say(before.extension), extension_say(after.extension)
        found.append(Say(f"延期 {old_say.zh} → {new_say.zh}", f"extension {old_say.en} → {new_say.en}"))
    if before.law != after.law:
        found.append(Say(f"法条 {before.law or '无'} → {after.law or '无'}",
                         f"statute {before.law or 'none'} → {after.law or 'none'}"))  # fmt: skip
    return found


def extension_say(one: targets.Extension | None) -> Say:
    """The one extension in words: how much, who decides, whether proof is needed."""
    from sla.explain import amount_of  # noqa: PLC0415 - sentences

    if one is None:
        return Say("不能延期", "none")
    most, by = amount_of(one.most.amount, one.most.unit), profiles.DECIDERS[one.by]
    proof = Say("，须附证明", ", with proof") if one.needs_proof else Say("", "")
    return Say(f"最多 {most.zh}（{by.zh}{proof.zh}）", f"at most {most.en} ({by.en}{proof.en})")


def checked(code: str, content: Content, begins: date) -> None:
    """Refuse with 422 by field what may not be kept (``sla.profiles.faults``), and a day that is over."""
    snapshot = city.current()
    days = calendar.of(snapshot)
    laws = {key: one for key, one in snapshot.statutes.items() if one.is_on}
    wrong = profiles.faults(days, code, content, laws, usual_start(days, clock.today()))
    last = max((one.effective_from for one in snapshot.promises if one.profile == code), default=begins)
    if begins < clock.today():
        wrong["effective_from"] = Say(
            "生效日期不能早于今天：已开始的期限不变。", "It cannot take effect before today: what began stays."
        )
    elif begins > clock.today() + FAR:
        wrong["effective_from"] = Say("最远只能安排到两年后。", "At most two years ahead.")
    elif begins < last:
        wrong["effective_from"] = Say(
            f"{last} 起已经安排了新版，请选那天或之后。", f"A version is set from {last}; choose that day or later."
        )
    if not wrong and content == history(code)[0].content:
        wrong[""] = Say("没有改动：和最新一版一样。", "Nothing to save: it is as in the last version.")
    if wrong:
        raise invalid(wrong)


async def keep(
    connection: db.Connection, actor: Actor, code: str, content: Content, *, begins: date, note: str
) -> int:
    """Write the profile's next version, in force from ``begins``; its number. Ask ``checked`` first."""
    last = await connection.fetchval("SELECT max(version) FROM promise_version WHERE profile = $1", code)
    number = (last or 1) + 1
    await connection.execute(
        "INSERT INTO promise_version (profile, version, effective_from, content, note, by, at) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7)",
        code, number, begins, profiles.written(content), note, actor.id, clock.now(),
    )  # fmt: skip
    return number


async def running(connection: db.Connection) -> dict[str, int]:
    """How many promises run by the profile that they were made with."""
    rows = await connection.fetch(
        "SELECT profile, count(*)::int AS n FROM clock WHERE stopped_at IS NULL GROUP BY profile"
    )
    return {row["profile"]: row["n"] for row in rows}


def compared(code: str, after: Content) -> list[Compared]:
    """Examples by today's book and by one with ``after`` in it: each stage that would change, else the finish."""
    snapshot = city.current()
    days, book = calendar.of(snapshot), targets.of(snapshot)
    then = profiles.with_content(book, code, after, 0)
    profile = "STD5" if code == ALL else code
    changed = [
        name for name in targets.STAGES if book.target(profile, name) != then.target(profile, name)
    ] or ["finish"]
    return [
        Compared(
            start=start, what=what, stage=targets.STAGES[name], before=_due(days, book, profile, name, start),
            after=_due(days, then, profile, name, start),
        )
        for start, what in examples(days, clock.now())
        for name in changed
    ]  # fmt: skip


def _due(days: Calendar, book: Book, profile: str, stage: str, start: datetime) -> datetime | None:
    target = book.target(profile, stage)
    return targets.promised(days, profile, stage, start, target).due_at if target is not None else None


def examples(days: Calendar, now: datetime) -> list[tuple[datetime, Say]]:
    """Starts to try a change on: now, a Friday afternoon, the day before the longest holiday in the table."""
    today = days.day_of(now)
    friday = today + timedelta(days=(4 - today.weekday()) % 7 or 7)
    found = [
        (now, Say("现在", "now")),
        (datetime.combine(friday, time(16, 30), days.zone), Say("周五下午", "a Friday afternoon")),
    ]
    if (holiday := _longest(days, today)) is not None:
        first, name = holiday
        eve = days.day_before(datetime.combine(first, time(EXAMPLE_HOUR), days.zone))
        found.append((eve, Say(f"{name.zh}前一个工作日", f"the working day before {name.en}")))
    return found


def _longest(days: Calendar, today: date) -> tuple[date, Say] | None:
    """The longest holiday of the years from today's on that the table holds, by its first day and its name."""
    rest = sorted(day for day, one in days.days.items() if not one.is_working and day.year >= today.year)
    best: tuple[int, date] | None = None
    for first in rest:
        last = first
        while not days.is_working(last + timedelta(days=1)):
            last += timedelta(days=1)
        if best is None or (last - first).days > best[0]:
            best = ((last - first).days, first)
    return (best[1], days.name(best[1])) if best is not None else None


def usual_start(days: Calendar, today: date) -> datetime:
    """The start by which stages are put in order: the opening of a plain working day."""
    start = datetime.combine(today, time(9), days.zone)
    return start if days.is_working(today) else days.day_before(start)
