"""Dates of themes and tasks: near, past, past without a reply; each told once, up to the head and the centre."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from hotline import city, clock
from hotline.actor import SYSTEM
from hotline.work import Work, work
from sla import calendar

_STEPS = """
    SELECT s.id, t.number, s.unit, s.what, s.due_at, s.told FROM theme_step s JOIN theme t ON t.id = s.theme_id
    WHERE s.done_at IS NULL AND t.state = 'open' AND (s.due_at <= $1 AND s.told < 1 OR s.due_at <= $2 AND s.told < 2)
    ORDER BY s.due_at LIMIT 200 FOR UPDATE OF s SKIP LOCKED
"""
_TASKS = """
    SELECT id, number, unit, what, due_at, told FROM proactive_task
    WHERE state = 'open' AND (due_at <= $1 AND told < 1 OR due_at <= $2 AND told < 2 OR due_at <= $3 AND told < 3)
    ORDER BY due_at LIMIT 200 FOR UPDATE SKIP LOCKED
"""
CLIMBS = timedelta(days=2)
"""After so long without a reply the centre hears of an overdue task."""


class Tell(Protocol):
    """Tells people of the staff; ``channels``, which the roof brings here."""

    async def __call__(
        self, work: Work, *, what: str, key: str, unit: str, number: str, words: str, due: datetime
    ) -> None:
        """Say it in the transaction that notes that it was said."""


async def watch(tell: Tell, as_of: datetime | None = None) -> int:
    """Tell of all that is due now, each once; how many. Safe twice and side by side."""
    now = as_of or clock.now()
    soon = calendar.of(city.current()).add_working_days(now, 1).at
    async with work(SYSTEM, now=now) as w:
        steps = await w.connection.fetch(_STEPS, soon, now)
        for row in steps:
            await _step(w, row, tell, now)
        tasks = await w.connection.fetch(_TASKS, soon, now, now - CLIMBS)
        for row in tasks:
            await _task(w, row, tell, now)
    return len(steps) + len(tasks)


async def _step(w: Work, row: Any, tell: Tell, now: datetime) -> None:
    is_late = row["due_at"] <= now
    await _say(w, row, tell, ["step_late" if is_late else "step_soon"])
    await w.connection.execute("UPDATE theme_step SET told = $2 WHERE id = $1", row["id"], 2 if is_late else 1)


async def _task(w: Work, row: Any, tell: Tell, now: datetime) -> None:
    """The unit first; once it is late the unit again and its head; two days later the centre."""
    step = 1 if row["due_at"] > now else 2 if row["due_at"] > now - CLIMBS else 3
    whats = {1: ["task_soon"], 2: ["task_late", "task_head"], 3: ["task_centre"]}[step]
    if step == 3 and row["told"] < 2:
        whats = ["task_late", "task_head", *whats]
    await _say(w, row, tell, whats)
    await w.connection.execute("UPDATE proactive_task SET told = $2 WHERE id = $1", row["id"], step)


async def _say(w: Work, row: Any, tell: Tell, whats: Sequence[str]) -> None:
    for what in whats:
        await tell(
            w, what=what, key=f"{what}:{row['id']}", unit=row["unit"], number=row["number"], words=row["what"],
            due=row["due_at"],
        )  # fmt: skip
