"""A promise that stands: begun, ended, and its date in the light of what happened to it. Rows only, no database.

Which stages a cause lets stand is the city's rule ``pause.<cause>``. A promise that is broken stays broken and runs on.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from hotline import city
from sla import calendar, history, targets
from sla.rows import ClockRow

REPORT_UP = "report_up"
"""Its date was set by the unit above, not reckoned from its start: a pause moves it from where it was set."""


def stages(cause: str) -> frozenset[str]:
    """The stages that stand for ``cause``: rule ``pause.needs_info`` or ``pause.suspended``."""
    return frozenset(str(city.current().rule(f"pause.{cause}")).split())


def runs(row: ClockRow, now: datetime) -> bool:
    """Whether the promise runs and is not broken, so that it can be let stand."""
    return row.stopped_at is None and row.paused_at is None and row.breached_at is None and row.due_at > now


def begin(row: ClockRow, now: datetime, cause: str) -> None:
    """Let a running promise stand from ``now``."""
    row.paused_at, row.paused_for = now, cause
    row.history = history.written([*history.read(row.history), history.Pause(begins=now, cause=cause)])


def stand_with(row: ClockRow, cause: str | None, now: datetime) -> None:
    """What begins, or goes on, while its case stands for ``cause``, stands with it."""
    if cause is not None and row.stage in stages(cause) and runs(row, now):
        begin(row, now, cause)


def close(row: ClockRow, now: datetime) -> None:
    """End the row's open pause at ``now``; the date is the caller's to reckon anew."""
    *before, last = history.read(row.history)
    assert isinstance(last, history.Pause)  # noqa: S101 - nothing is added to the history of a promise that stands
    row.history = history.written([*before, msgspec.structs.replace(last, ends=now)])
    row.paused_at = row.paused_for = None


def go_on(row: ClockRow, now: datetime) -> None:
    """End the row's open pause at ``now`` and put the later date on it; one that runs stays as it is."""
    begun = row.paused_at
    if begun is None:
        return
    close(row, now)
    if row.stage == REPORT_UP:
        days = calendar.of_unit(city.current(), row.unit)
        row.due_at = targets.after_pause(days, row.due_at, row.measure, begun, now)
        row.warn_at = targets.warn_at(days, promise_of(row))
    else:
        reckon(row)


def warn_anew(row: ClockRow, now: datetime) -> None:
    """A date that moved so far that its warning is ahead again brings the reminder again; a card is given once."""
    if row.warned_at is not None and row.breached_at is None and row.warn_at > now:
        row.warned_at = None


def end(row: ClockRow, now: datetime, *, void: bool = False) -> None:
    """Stop one running clock; one that stood is judged by the date that its pause gave it."""
    go_on(row, now)
    row.stopped_at = now
    row.outcome = "void" if void else ("met" if now <= row.due_at else "late")
    row.is_owed = not void and _owes(row, now)


def _owes(row: ClockRow, now: datetime) -> bool:
    """Whether an act was due on it that nobody has done: a worker that was away makes no lateness undone."""
    return (row.warned_at is None and row.warn_at <= now) or (row.breached_at is None and row.due_at < now)


def go_on_all(rows: Iterable[ClockRow], now: datetime, cause: str | None = None) -> list[ClockRow]:
    """Let all that stand (for ``cause``) go on; those that do."""
    standing = [r for r in rows if r.stopped_at is None and r.paused_at is not None and cause in (None, r.paused_for)]
    for row in standing:
        go_on(row, now)
    return standing


def reckon(row: ClockRow) -> None:
    """Put the due date and the warning on the row that its start, its amount and its history give."""
    days = calendar.of_unit(city.current(), row.unit)
    row.due_at, row.is_provisional = history.reckon(
        days, row.started_at, row.measure, float(row.amount), history.read(row.history)
    )
    row.warn_at = targets.warn_at(days, promise_of(row))


def promise_of(row: ClockRow) -> targets.Promise:
    """The row's promise as it stands, for warnings and pictures."""
    return targets.Promise(
        stage=row.stage, profile=row.profile, start=row.started_at.astimezone(UTC), due_at=row.due_at,
        provisional=row.is_provisional, unit=row.measure, amount=float(row.amount),
    )  # fmt: skip
