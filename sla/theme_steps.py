"""The plan of a theme: steps with units and dates, progress in words; what a unit wrote is public once passed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from hotline import acts, city, clock, db
from hotline.errors import Say, conflict, invalid, not_found
from hotline.ids import new_id
from hotline.permissions import refused
from hotline.work import Work
from sla import theme_cases, theme_gate, themes
from sla.themes import Theme


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the plan."""

    id: UUID
    theme_id: UUID
    no: int
    what: str
    unit: str
    due_at: datetime
    done_at: datetime | None
    done_by: UUID | None
    note: str
    made_by: UUID | None = None
    passed_by: UUID | None = None

    def is_late(self, now: datetime) -> bool:
        """Not done and past its date."""
        return self.done_at is None and now > self.due_at


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of progress."""

    id: UUID
    theme_id: UUID
    at: datetime
    by: UUID
    unit: str
    words: str
    is_public: bool
    passed_by: UUID | None


_STEP = ", ".join(Step.__struct_fields__)
_PROGRESS = ", ".join(Progress.__struct_fields__)


def end_of(day: date) -> datetime:
    """A date's last working moment: 18:00 of the day."""
    return clock.on(day, 18)


async def steps(connection: db.Connection, theme: UUID, *, is_public: bool = False) -> list[Step]:
    """The steps in order; for everybody only those that were passed."""
    more = " AND passed_by IS NOT NULL" if is_public else ""
    rows = await connection.fetch(
        f"SELECT {_STEP} FROM theme_step WHERE theme_id = $1{more} ORDER BY due_at, no", theme
    )
    return [Step(**row) for row in rows]


async def progress(connection: db.Connection, theme: UUID, *, is_public: bool = False) -> list[Progress]:
    """What was reported, newest first; for everybody only what was passed."""
    more = " AND is_public" if is_public else ""
    rows = await connection.fetch(
        f"SELECT {_PROGRESS} FROM theme_progress WHERE theme_id = $1{more} ORDER BY at DESC, id", theme
    )
    return [Progress(**row) for row in rows]


async def add(work: Work, theme: UUID, *, what: str, unit: str, due: date) -> UUID:
    """A step of the plan; of a public theme it is public once somebody else passed it.

    422 for a unit that is none, a date that is over, of a public theme for what the gate finds.
    """
    one = await themes.opened(work, theme)
    wrong: dict[str, Say] = {}
    known = city.current().unit(unit)
    if known is None or not known.is_on:
        wrong["unit"] = Say("请选由哪个单位办。", "Choose the unit.")
    if due < clock.local_day(work.now):
        wrong["due"] = Say("期限已过，请改晚一些。", "The date is over; choose a later one.")
    if wrong:
        raise invalid(wrong)
    if one.published_at is not None:
        await theme_gate.check(work.connection, {"what": what}, await theme_cases.newest(work.connection, theme))
    identifier = new_id()
    await work.connection.execute(
        "INSERT INTO theme_step (id, theme_id, no, what, unit, due_at, made_by)"
        " SELECT $1, $2, coalesce(max(no), 0) + 1, $3, $4, $5, $6 FROM theme_step WHERE theme_id = $2",
        identifier, theme, what, unit, end_of(due), work.actor.id,
    )  # fmt: skip
    if one.published_at is None:  # whoever reads the theme to publish it reads its plan
        await work.connection.execute("UPDATE theme SET revision = revision + 1 WHERE id = $1", theme)
    await acts.note(work, work.actor, "theme_step_added", f"theme:{one.number}", {"unit": unit})
    return identifier


async def done(work: Work, theme: UUID, step: UUID, *, note: str) -> Theme:
    """A step is done, with what was done; by its unit, the theme's unit or the centre. Once."""
    one = await themes.opened(work, theme)
    row = await work.connection.fetchrow(
        f"SELECT {_STEP} FROM theme_step WHERE id = $1 AND theme_id = $2 FOR UPDATE", step, theme
    )
    if row is None:
        raise not_found()
    _demand(work, one, row["unit"])
    if row["done_at"] is not None:
        raise conflict("step_done", "这一步已经报过完成。", "This step is reported done already.")
    if not note.strip():
        raise invalid({"note": Say("请写这一步做了什么。", "Say what was done.")})
    await work.connection.execute(
        "UPDATE theme_step SET done_at = $2, done_by = $3, note = $4 WHERE id = $1",
        step, work.now, work.actor.id, note.strip(),
    )  # fmt: skip
    await _report(work, theme, f"第 {row['no']} 步完成：{note.strip()}")
    await acts.note(work, work.actor, "theme_step_done", f"theme:{one.number}", {"unit": row["unit"]})
    return one


def _demand(work: Work, one: Theme, unit: str) -> None:
    if not themes.is_handled_by(work.actor, [unit, one.unit]):
        raise refused("theme.edit")


async def report(work: Work, theme: UUID, *, words: str) -> UUID:
    """报进展: seen by the staff; by everybody once somebody else of the centre passed it."""
    one = await themes.opened(work, theme)
    units = [row.unit for row in await steps(work.connection, theme)]
    if not themes.is_handled_by(work.actor, [one.unit, *units]):
        raise refused("theme.edit")
    if not words.strip():
        raise invalid({"words": Say("请写进展。", "Write the progress.")})
    identifier = await _report(work, theme, words.strip())
    await acts.note(work, work.actor, "theme_progress", f"theme:{one.number}")
    return identifier


async def _report(work: Work, theme: UUID, words: str) -> UUID:
    identifier = new_id()
    await work.connection.execute(
        "INSERT INTO theme_progress (id, theme_id, at, by, unit, words, is_public)"
        " VALUES ($1, $2, $3, $4, $5, $6, FALSE)",
        identifier, theme, work.now, work.actor.id, work.actor.unit, words,
    )  # fmt: skip
    return identifier


async def show_step(work: Work, theme: UUID, step: UUID) -> None:
    """公开后加的这一步: by somebody else than who added it, after the text was looked through."""
    one = await themes.opened(work, theme)
    row: Any = await work.connection.fetchrow(
        f"SELECT {_STEP} FROM theme_step WHERE id = $1 AND theme_id = $2 FOR UPDATE", step, theme
    )
    if row is None:
        raise not_found()
    if one.published_at is None:
        raise conflict("not_public", "先公开这一题。", "Publish the theme first.")
    if row["made_by"] == work.actor.id:
        raise conflict("own_text", "自己加的步骤由另一人审核公开。", "Somebody else makes your step public.")
    if row["passed_by"] is not None:
        return
    await theme_gate.check(work.connection, {"entry": row["what"]}, await theme_cases.newest(work.connection, theme))
    await work.connection.execute("UPDATE theme_step SET passed_by = $2 WHERE id = $1", step, work.actor.id)
    await acts.note(work, work.actor, "theme_step_public", f"theme:{one.number}")


async def show(work: Work, theme: UUID, entry: UUID) -> None:
    """公开这条进展: by somebody else than who wrote it, after the text was looked through."""
    one = await themes.found(work.connection, theme)
    row: Any = await work.connection.fetchrow(
        f"SELECT {_PROGRESS} FROM theme_progress WHERE id = $1 AND theme_id = $2 FOR UPDATE", entry, theme
    )
    if row is None:
        raise not_found()
    if row["by"] == work.actor.id:
        raise conflict("own_text", "自己写的进展由另一人审核公开。", "What you wrote is made public by somebody else.")
    await theme_gate.check(work.connection, {"entry": row["words"]}, await theme_cases.newest(work.connection, theme))
    await work.connection.execute(
        "UPDATE theme_progress SET is_public = TRUE, passed_by = $2 WHERE id = $1", entry, work.actor.id
    )
    await acts.note(work, work.actor, "theme_progress_public", f"theme:{one.number}")
