"""Monthly themes (每月一题): made, changed, published by a second person, closed with evidence (domain.md 2.18)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from hotline import acts, areas, city, clock, db, files, serials
from hotline.actor import Actor
from hotline.errors import Say, conflict, invalid, not_found
from hotline.ids import new_id
from hotline.permissions import may
from hotline.work import Work
from sla import hot, hot_acts, theme_cases, theme_gate

STATES: dict[str, Say] = {
    "open": Say("办理中", "Under way"), "closed": Say("已办结", "Done"), "dropped": Say("已撤销", "Dropped"),
}  # fmt: skip
GRADES: dict[str, Say] = {
    "city": Say("市级统筹", "City"), "department": Say("部门牵头", "Department"), "county": Say("县区解决", "County"),
}  # fmt: skip
BASELINE = timedelta(days=30)


class Theme(msgspec.Struct, frozen=True, kw_only=True):
    """One theme; ``matters`` are leaves or groups, ``areas`` counties or townships (none: the whole city)."""

    id: UUID
    number: str
    slug: str
    month: date
    title: str
    why: str
    grade: str
    unit: str
    matters: tuple[str, ...]
    areas: tuple[str, ...]
    since: date
    until: date | None
    baseline: int
    issue_id: UUID | None
    state: str
    revision: int
    made_at: datetime
    made_by: UUID
    published_at: datetime | None
    published_by: UUID | None
    answer: str | None
    answer_sources: str
    answer_by: UUID | None
    answer_at: datetime | None
    approved_at: datetime | None
    approved_by: UUID | None
    closing: str | None
    closed_at: datetime | None
    closed_by: UUID | None
    closing_passed_by: UUID | None

    def is_of(self, actor: Actor) -> bool:
        """Whether this person's unit leads it."""
        return self.unit in actor.units


COLUMNS = ", ".join(Theme.__struct_fields__)


def plain(row: Any) -> Theme:
    """A row of the table."""
    return Theme(**{**dict(row), "matters": tuple(row["matters"]), "areas": tuple(row["areas"])})


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a theme is about, as somebody asks for it."""

    title: str
    why: str
    grade: str
    unit: str
    matters: Sequence[str]
    areas: Sequence[str]
    since: date
    until: date | None = None


def _check(plan: Plan) -> None:
    wrong: dict[str, Say] = {}
    known = set(city.current().matters) | set(areas.groups())
    if not plan.matters or any(one not in known for one in plan.matters):
        wrong["matters"] = Say("请选这一题包括哪些事项。", "Choose the matters that it is about.")
    if any(areas.kind_of(one) == "township" and city.current().township(one) is None for one in plan.areas):
        wrong["areas"] = Say("有的地方不在册，请重选。", "One of the places is unknown; choose again.")
    unit = city.current().unit(plan.unit)
    if unit is None or not unit.is_on:
        wrong["unit"] = Say("请选牵头单位。", "Choose the unit that leads it.")
    if plan.grade not in GRADES:
        wrong["grade"] = Say("请选由哪一级解决。", "Choose who is to solve it.")
    if plan.until is not None and plan.until < plan.since:
        wrong["until"] = Say("最后一天不能早于第一天。", "The last day is before the first.")
    if wrong:
        raise invalid(wrong)


async def make(work: Work, plan: Plan, *, issue: UUID | None = None) -> Theme:
    """立题, numbered; from an issue, which is then settled. Its cases are gathered at once. 422 by field."""
    _check(plan)
    if issue is not None:
        await hot_acts.undecided(work, issue)
    today = clock.local_day(work.now)
    n = await serials.following(work.connection, "theme", today.year)
    baseline = await theme_cases.counted(work.connection, plan.matters, plan.areas, work.now - BASELINE, work.now)
    row = await work.connection.fetchrow(
        "INSERT INTO theme (id, number, slug, month, title, why, grade, unit, matters, areas, since, until, baseline,"
        " issue_id, state, made_at, made_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,"
        f" 'open', $15, $16) RETURNING {COLUMNS}",
        new_id(), f"每月一题〔{today.year}〕{n}号", f"{today.year}-{n}", today.replace(day=1), plan.title, plan.why,
        plan.grade, plan.unit, list(plan.matters), list(plan.areas), plan.since, plan.until, baseline, issue, work.now,
        work.actor.id,
    )  # fmt: skip
    one = plain(row)
    if issue is not None:
        await hot.settle(work, issue, "theme")
    await theme_cases.gather(work, one.id)
    await acts.note(work, work.actor, "theme_made", f"theme:{one.number}", {"unit": one.unit})
    return one


async def found(connection: db.Connection, identifier: UUID, *, lock: bool = False) -> Theme:
    """The theme; 404 when there is none."""
    tail = " FOR UPDATE" if lock else ""
    row = await connection.fetchrow(f"SELECT {COLUMNS} FROM theme WHERE id = $1{tail}", identifier)
    if row is None:
        raise not_found()
    return plain(row)


async def opened(work: Work, identifier: UUID, revision: int | None = None) -> Theme:
    """The theme, locked; 409 once it has ended, or when somebody changed it since the page was drawn."""
    one = await found(work.connection, identifier, lock=True)
    if one.state != "open":
        raise conflict("theme_ended", f"{one.number} 已经结束。", f"{one.number} has ended.")
    if revision is not None and revision != one.revision:
        raise conflict(
            "changed_meanwhile", "您看的这一页之后，有人改过这一题。您写的还在下面，请看过变化再提交。",
            "Somebody changed this theme after you opened it. What you wrote is kept below; look at the change first.",
        )  # fmt: skip
    return one


def is_handled_by(actor: Actor, units: Sequence[str]) -> bool:
    """Whether this person may report for one of the units: its handlers and heads, or the centre."""
    if may(actor, "theme.edit"):
        return True
    return bool(set(units) & set(actor.units)) and (may(actor, "case.handle") or may(actor, "case.approve"))


async def change(work: Work, identifier: UUID, plan: Plan, revision: int | None) -> Theme:
    """Write it anew; the cases follow its rule, those by hand stay.

    New words of a public theme take it back until somebody else publishes them; 409 once its answer was sent.
    """
    one = await opened(work, identifier, revision)
    _check(plan)
    is_back = one.published_at is not None and (plan.title, plan.why) != (one.title, one.why)
    if is_back and one.approved_at is not None:
        raise conflict(
            "answer_sent", "统一答复已发出，题目和缘由不能再改；范围和单位可以改。",
            "The answer was sent: title and reason stand. Places, matters and unit may change.",
        )  # fmt: skip
    row = await work.connection.fetchrow(
        "UPDATE theme SET title = $2, why = $3, grade = $4, unit = $5, matters = $6, areas = $7, since = $8,"
        " until = $9, revision = revision + 1, made_by = $10, published_at = CASE WHEN $11 THEN NULL ELSE published_at"
        f" END, published_by = CASE WHEN $11 THEN NULL ELSE published_by END WHERE id = $1 RETURNING {COLUMNS}",
        identifier, plan.title, plan.why, plan.grade, plan.unit, list(plan.matters), list(plan.areas), plan.since,
        plan.until, work.actor.id, is_back,
    )  # fmt: skip
    await theme_cases.gather(work, identifier)
    await acts.note(work, work.actor, "theme_changed", f"theme:{one.number}")
    return plain(row)


async def _public(work: Work, one: Theme, texts: dict[str, str]) -> None:
    await theme_gate.check(work.connection, texts, await theme_cases.newest(work.connection, one.id))


async def publish(work: Work, identifier: UUID, *, revision: int | None = None) -> Theme:
    """公开: by somebody else than who wrote it or a step of it, of exactly what they read; looked through first."""
    one = await found(work.connection, identifier, lock=True)
    if one.published_at is not None:
        return one
    one = await opened(work, identifier, revision)
    steps = await work.connection.fetch(
        "SELECT what, made_by FROM theme_step WHERE theme_id = $1 ORDER BY no", identifier
    )
    if work.actor.id in {one.made_by, *(row["made_by"] for row in steps)}:
        raise conflict(
            "own_text", "自己写的题目、步骤由另一人审核公开。", "What you wrote is published by somebody else."
        )
    if not steps:
        raise conflict("no_plan", "先定办理步骤和期限，再公开。", "Set the steps and their dates first.")
    plan = "\n".join(row["what"] for row in steps)
    await _public(work, one, {"title": one.title, "why": one.why, "plan": plan})
    await work.connection.execute(
        "UPDATE theme SET published_at = $2, published_by = $3, revision = revision + 1 WHERE id = $1",
        identifier, work.now, work.actor.id,
    )  # fmt: skip
    await work.connection.execute(
        "UPDATE theme_step SET passed_by = $2 WHERE theme_id = $1 AND passed_by IS NULL", identifier, work.actor.id
    )
    await acts.note(work, work.actor, "theme_published", f"theme:{one.number}")
    return one


async def close(work: Work, identifier: UUID, *, closing: str) -> Theme:
    """办结: every step done, at least one file that proves it, and what came of it in words."""
    one = await opened(work, identifier)
    if not closing.strip():
        raise invalid({"closing": Say("请写办结情况。", "Write what came of it.")})
    left = await work.connection.fetchval(
        "SELECT count(*) FROM theme_step WHERE theme_id = $1 AND done_at IS NULL", identifier
    )
    if left:
        raise conflict("steps_left", f"还有 {left} 个步骤没完成。", f"{left} steps are not done.")
    if not await files.of(work.connection, "theme", [identifier]):
        raise invalid({"files": Say("请附办结证明（照片、文件）。", "Attach what proves it: photographs, papers.")})
    await _public(work, one, {"closing": closing})
    await _end(work, one, "closed", closing.strip())
    return one


async def drop(work: Work, identifier: UUID, *, closing: str) -> Theme:
    """撤销, with the reason; its page stays, its cases are answered one by one as before."""
    one = await opened(work, identifier)
    if not closing.strip():
        raise invalid({"closing": Say("请写撤销理由。", "Say why it is dropped.")})
    if one.published_at is not None:
        await _public(work, one, {"closing": closing})
    await _end(work, one, "dropped", closing.strip())
    return one


async def _end(work: Work, one: Theme, state: str, closing: str) -> None:
    await work.connection.execute(
        "UPDATE theme SET state = $2, closing = $3, closed_at = $4, closed_by = $5, revision = revision + 1,"
        " until = least(coalesce(until, $6), greatest($6, since)) WHERE id = $1",
        one.id, state, closing, work.now, work.actor.id, clock.local_day(work.now),
    )  # fmt: skip
    await acts.note(work, work.actor, f"theme_{state}", f"theme:{one.number}")


async def show_closing(work: Work, identifier: UUID) -> Theme:
    """公开怎样结束: by somebody else than who ended it, after the text was looked through."""
    one = await found(work.connection, identifier, lock=True)
    if one.closed_at is None or one.published_at is None:
        raise conflict("not_ended", "这一题没有结束，或没有公开。", "The theme has not ended, or is not public.")
    if one.closed_by == work.actor.id:
        raise conflict("own_text", "自己写的由另一人审核公开。", "What you wrote is made public by somebody else.")
    if one.closing_passed_by is None:
        await _public(work, one, {"closing": one.closing or ""})
        await work.connection.execute(
            "UPDATE theme SET closing_passed_by = $2 WHERE id = $1", identifier, work.actor.id
        )
        await acts.note(work, work.actor, "theme_closing_public", f"theme:{one.number}")
    return one
