"""Reminders to people of the staff: who of a unit is told, by which of the doors they chose, once and in time."""

from __future__ import annotations

from cases.file import CaseFile
from hotline.errors import Say
from hotline.work import Work


async def remind(
    work: Work, *, unit: str, kind: str, case: CaseFile | None, text: Say, critical: bool = False, to: str = "liaison",
    key: str = "",
) -> None:  # fmt: skip
    """Tell ``unit``'s liaison, deputy or head ``text``: in the list of their notices, and by the doors they chose.

    ``unit`` "" is the centre. Whoever is away is stood in for; a unit without such a person is its parent's to tell.
    Nothing but the number stands in a notice of a sealed case. Held until the permitted hour unless ``critical``.
    ``key`` makes a second one impossible; without it it is the kind and the case's last event.
    """
