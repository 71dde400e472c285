"""Whom the limits of an audit tell: the unit whose correction is overdue, the centre whose rating runs out."""

from __future__ import annotations

from datetime import datetime

from cases.file import CaseFile
from channels.reminders import remind
from hotline import clock
from hotline.errors import Say
from hotline.work import Work

SAYS: dict[str, Say] = {
    "finding_late": Say("整改超期（期限 {zh}），请尽快回复", "correction overdue (due {en}); answer at once"),
    "rating_soon": Say("不满意评价快到整改期限（{zh}），请回访", "rated dissatisfied, to be put right by {en}"),
    "rating_late": Say("不满意评价超过整改期限（{zh}）", "rated dissatisfied, not put right by {en}"),
}
TO: dict[str, tuple[str, ...]] = {
    "finding_late": ("liaison", "deputy"),
    "rating_soon": ("callback",),
    "rating_late": ("callback", "coordination"),
}
"""Of the unit; of the centre its roles."""


async def limit(work: Work, *, what: str, unit: str, number: str, due: datetime, case: CaseFile | None) -> None:
    """Tell it once for each limit: a correction that was sent back has a new one."""
    at = clock.local(due)
    said = SAYS[what]
    zh, en = said.zh.format(zh=f"{at:%m-%d %H:%M}"), said.en.format(en=f"{at:%d %b %H:%M}")
    text = Say(f"{number} {zh}", f"{number}: {en}")
    for to in TO[what]:
        key = f"{what}:{number}:{due:%Y%m%d%H%M}"
        await remind(work, unit=unit, kind=what, case=case, text=text, to=to, key=f"{key}:{to}")
