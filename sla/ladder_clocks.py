"""Clocks of so many working days that a person set: an order answered anew, a report on an instruction."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from cases.file import CaseFile
from hotline import city
from hotline.errors import Say, invalid
from hotline.ids import new_id
from sla import calendar, clocks, targets
from sla.rows import ClockRow

MOST = 60


def checked(days: int, field: str = "days") -> int:
    """A number of working days from 1 to MOST; 422 else."""
    if not 1 <= days <= MOST:
        raise invalid({field: Say(f"工作日数在 1 到 {MOST} 之间。", f"Working days are between 1 and {MOST}.")})
    return days


def of_days(
    file: CaseFile, subject: str, subject_id: UUID, stage: str, *, days: int, unit: str, start: datetime
) -> ClockRow:
    """A clock due at the close of the ``days``-th working day after ``start``, not yet written. 422 out of bounds."""
    working = calendar.of_unit(city.current(), unit)
    due, provisional = targets.ends(working, start, "wd", checked(days))
    profile = file.lead.profile if file.lead else clocks.profile_of(file)
    promise = targets.Promise(
        stage=stage, profile=profile, start=start, due_at=due, provisional=provisional, unit="wd", amount=days
    )
    return ClockRow(
        id=new_id(), case_id=file.case.id, subject=subject, subject_id=subject_id, unit=unit, stage=stage,
        profile=profile, measure="wd", amount=Decimal(days), started_at=start, due_at=due,
        warn_at=targets.warn_at(working, promise), is_provisional=provisional,
    )  # fmt: skip
