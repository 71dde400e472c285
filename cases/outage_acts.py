"""What people do with an outage: enter it, move its end, correct it, say that it is over or was wrong, go on.

Each is noted in the log of acts and kept as a line of its history. Whose it is: ``outages.may_edit``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from cases import outages
from cases.outage_rows import KINDS, Area, Outage
from hotline import acts, city, clock, jobs, serials
from hotline.errors import Refusal, Say, conflict, forbidden, invalid
from hotline.work import Work

TELL = "tell_outages"
"""The job that tells the callers."""
_AHEAD = timedelta(days=60)
_INSERT = """
    INSERT INTO outage (id, number, kind, is_planned, unit, since, expected, cause, note, source, made_by, made_at,
        changed_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)
"""
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('outage:' || $1, 12345))"
"""Two posts of one form at once: the second waits, and finds what the first made."""
_CHANGE = """
    INSERT INTO outage_change (outage_id, seq, at, by, what, before, after, words)
    SELECT $1, 1 + count(*), $2, $3, $4, $5, $6, $7 FROM outage_change WHERE outage_id = $1
"""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a notice says."""

    kind: str
    is_planned: bool
    unit: str
    since: datetime
    expected: datetime | None
    areas: tuple[Area, ...]
    cause: str
    note: str = ""
    source: str = ""


async def enter(work: Work, identifier: UUID, plan: Plan) -> Outage:
    """登记. The same ``identifier`` twice (a double post) is one notice. 422 by field, 403 beyond one's own."""
    await work.connection.execute(_ONE_AT_A_TIME, str(identifier))
    if await work.connection.fetchval("SELECT TRUE FROM outage WHERE id = $1", identifier):
        return await outages.one(work.connection, identifier)
    _check(work, plan)
    today = clock.local_day(work.now)
    n = await serials.following(work.connection, "outage", today.year)
    number = f"停供〔{today.year}〕{n}号"
    await work.connection.execute(
        _INSERT, identifier, number, plan.kind, plan.is_planned, plan.unit, plan.since, plan.expected,
        plan.cause.strip(), plan.note.strip(), plan.source.strip(), work.actor.id, work.now,
    )  # fmt: skip
    await _put_areas(work, identifier, plan.areas)
    await _changed(work, identifier, number, "entered", after=plan.expected)
    return await outages.one(work.connection, identifier)


def _check(work: Work, plan: Plan, *, was: Outage | None = None) -> None:
    if not outages.may_edit(work.actor, plan.unit, plan.areas):
        raise forbidden(Say("登记这个单位、这些地方的停供", "Enter outages of that unit and place"))
    wrong: dict[str, Say] = {}
    if plan.kind not in KINDS:
        wrong["kind"] = Say("请选停什么。", "Choose what is off.")
    unit = city.current().unit(plan.unit)
    if unit is None or not unit.is_on:
        wrong["unit"] = Say("请选在用的单位。", "Choose a unit that is in use.")
    if plan.expected is not None and plan.expected <= plan.since:
        wrong["expected"] = Say("预计恢复要在开始之后。", "The expected end must be after the beginning.")
    if plan.since > work.now + _AHEAD:
        wrong["since"] = Say("开始时间太远，请核对（60 天以内）。", "That beginning is more than 60 days away.")
    if not plan.is_planned and plan.since > work.now + timedelta(minutes=10):
        wrong["since"] = Say(
            "突发的停供已经开始；还没开始的请选“计划”。", "A sudden outage has begun; else choose planned."
        )
    if was is None and plan.expected is not None and plan.expected <= work.now:
        wrong.setdefault("expected", Say("预计恢复已经过了，请核对。", "The expected end has passed; check it."))
    if wrong:
        raise invalid(wrong)


async def _put_areas(work: Work, outage: UUID, areas: Sequence[Area]) -> None:
    await work.connection.execute("DELETE FROM outage_area WHERE outage_id = $1", outage)
    await work.connection.executemany(
        "INSERT INTO outage_area (outage_id, position, county, township, village, words) VALUES ($1,$2,$3,$4,$5,$6)",
        [(outage, n, a.county, a.township, a.village, list(a.words)) for n, a in enumerate(areas, 1)],
    )


async def _changed(
    work: Work, outage: UUID, number: str, what: str, *, before: datetime | None = None, after: datetime | None = None,
    words: str = "",
) -> None:  # fmt: skip
    await work.connection.execute(_CHANGE, outage, work.now, work.actor.id, what, before, after, words.strip())
    await acts.note(work, work.actor, f"outage_{what}", f"outage:{number}")


async def opened(work: Work, outage: UUID, revision: int | None = None) -> Outage:
    """The notice, locked; 403 when it is not the actor's, 409 when it was changed since the page was drawn."""
    one = await outages.one(work.connection, outage, for_change=True)
    if not outages.may_edit(work.actor, one.unit, one.areas):
        raise forbidden(Say("改这条停供通知", "Change this outage"))
    if revision is not None and revision != one.revision:
        raise conflict(
            "changed_meanwhile", "您看的这一页之后，这条通知改过了。请看过变化再提交，您写的还在下面。",
            "The notice was changed after you opened it. What you wrote is kept; look at the change first.",
        )  # fmt: skip
    return one


def _still_on(one: Outage) -> None:
    if not one.is_on:
        raise _ended(one)


def _ended(one: Outage) -> Refusal:
    if one.state == "over":
        return conflict("outage_over", "这条停供已经恢复了。", "This outage is over already.")
    return conflict("outage_withdrawn", "这条停供通知已经撤回。", "This outage notice was withdrawn.")


async def _set(work: Work, one: Outage, **values: Any) -> Outage:
    names = list(values)
    sets = ", ".join(f"{name} = ${n}" for n, name in enumerate(names, 3))
    await work.connection.execute(
        f"UPDATE outage SET {sets}, changed_at = $2, revision = revision + 1 WHERE id = $1",
        one.id, work.now, *values.values(),
    )  # fmt: skip
    return await outages.one(work.connection, one.id)


async def move_end(
    work: Work, outage: UUID, *, expected: datetime | None, why: str, revision: int | None = None
) -> Outage:
    """改预计恢复时间, earlier, later or not known, with what is said of it; each change is kept."""
    one = await opened(work, outage, revision)
    _still_on(one)
    if expected is not None and (expected <= one.since or expected <= work.now):
        raise invalid({"expected": Say("预计恢复要在现在之后。", "The expected end must lie ahead.")})
    if expected == one.expected:
        raise invalid({"expected": Say("和现在的一样，没有改。", "That is what it is already.")})
    found = await _set(work, one, expected=expected)
    await _changed(work, one.id, one.number, "moved", before=one.expected, after=expected, words=why)
    return found


async def correct(work: Work, outage: UUID, plan: Plan, *, why: str, revision: int | None = None) -> Outage:
    """更正 what the notice says while it is on; what it said stays in the history by its reason."""
    one = await opened(work, outage, revision)
    _still_on(one)
    _check(work, plan, was=one)
    found = await _set(
        work, one, kind=plan.kind, is_planned=plan.is_planned, unit=plan.unit, since=plan.since, expected=plan.expected,
        cause=plan.cause.strip(), note=plan.note.strip(), source=plan.source.strip(),
    )  # fmt: skip
    await _put_areas(work, one.id, plan.areas)
    is_moved = plan.expected != one.expected
    before, after = (one.expected, plan.expected) if is_moved else (None, None)
    await _changed(work, one.id, one.number, "corrected", before=before, after=after, words=why)
    return await outages.one(work.connection, found.id)


async def end(work: Work, outage: UUID, *, at: datetime, words: str, revision: int | None = None) -> Outage:
    """恢复: over since ``at``, with words for the public; whoever was linked is told once, by the job TELL."""
    one = await opened(work, outage, revision)
    _still_on(one)
    if at < one.since or at > work.now + timedelta(minutes=1):
        say = Say("恢复时间要在开始之后，不晚于现在。", "The end lies after the beginning and not ahead.")
        raise invalid({"at": say})
    found = await _set(work, one, state="over", over_at=at, over_words=words.strip(), ended_at=work.now)
    await _changed(work, one.id, one.number, "over", after=at, words=words)
    work.after(_tell)
    return found


async def withdraw(work: Work, outage: UUID, *, reason: str, revision: int | None = None) -> Outage:
    """撤回: the notice was wrong. Whoever was answered with it is told so."""
    one = await opened(work, outage, revision)
    _still_on(one)
    found = await _set(work, one, state="withdrawn", ended_at=work.now)
    await _changed(work, one.id, one.number, "withdrawn", words=reason)
    work.after(_tell)
    return found


async def go_on(
    work: Work, outage: UUID, *, expected: datetime | None, why: str, revision: int | None = None
) -> Outage:
    """没有恢复: it is on again. Its callers will be told once more when it is over."""
    one = await opened(work, outage, revision)
    if one.state != "over":
        raise conflict("outage_not_over", "只有已恢复的停供才能改为没有恢复。", "Only one that is over can go on.")
    if expected is not None and expected <= work.now:
        raise invalid({"expected": Say("预计恢复要在现在之后。", "The expected end must lie ahead.")})
    found = await _set(
        work, one, state="on", over_at=None, over_words="", ended_at=None, round=one.round + 1, expected=expected
    )
    await _changed(work, one.id, one.number, "again", before=one.over_at, after=expected, words=why)
    return found


async def _tell() -> None:
    jobs.nudge_soon(TELL)

