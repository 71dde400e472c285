"""Whom hot issues, themes and tasks tell: supervisors and the coordination office of what emerges, units of dates."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from channels.reminders import remind
from hotline import areas, clock
from hotline.errors import Say
from hotline.work import Work

CENTRE = ("supervisor", "coordination")
SAYS: dict[str, Say] = {
    "step_soon": Say("“{what}”快到期（{zh}）", "“{what}” is due {en}"),
    "step_late": Say("“{what}”已超期（期限 {zh}），请完成并报进展", "“{what}” is overdue (due {en}); finish it"),
    "task_new": Say("请在 {zh} 前办理未诉先办任务：{what}", "a task before complaints, due {en}: {what}"),
    "task_soon": Say("未诉先办任务快到期（{zh}），请办理并回复", "task due {en}; do it and reply"),
    "task_late": Say("未诉先办任务已超期（期限 {zh}），请立即办理", "task overdue (due {en}); do it now"),
    "task_head": Say("未诉先办任务超期未复（期限 {zh}）", "task overdue, no reply (due {en}); for the head"),
    "task_centre": Say("未诉先办任务超期未复（期限 {zh}），请督办", "task overdue without a reply (due {en})"),
    "task_back": Say("未诉先办任务的回复被退回，请补办（期限 {zh}）", "the reply to the task was sent back (due {en})"),
    "theme_new": Say("请牵头办理：{what}", "your unit leads: {what}"),
}  # fmt: skip
TO: dict[str, tuple[str, ...]] = {
    "step_late": ("liaison", "deputy"), "task_head": ("head",), "task_centre": CENTRE,
}  # fmt: skip


async def issue(
    work: Work, *, issue: UUID, number: str, matter: str, area: str, level: int, observed: int,
    expected: float, hours: int,
) -> None:  # fmt: skip
    """A hot issue emerged, or reached a higher level: each level is told once."""
    what, where = areas.matter_name(matter), areas.area_name(area)
    zh = f"{number} {where.zh}{what.zh} {hours} 小时来件 {observed} 件，平常约 {expected:.0f} 件，请研判"
    en = f"{number}: {what.en}, {where.en}: {observed} cases in {hours} h, usually about {expected:.0f}"
    for to in CENTRE:
        key = f"hot:{issue}:{level}:{to}"
        await remind(work, unit="", kind="hot_issue", case=None, text=Say(zh, en), to=to, key=key)


async def due(work: Work, *, what: str, key: str, unit: str, number: str, words: str, due: datetime) -> None:
    """A step or task of ``unit`` ("" for the centre) is new, near its date or past it; once for each key."""
    at = clock.local(due)
    said = SAYS[what]
    zh = said.zh.format(zh=f"{at:%m-%d %H:%M}", what=words)
    en = said.en.format(en=f"{at:%d %b %H:%M}", what=words)
    for to in TO.get(what, ("liaison",)):
        text = Say(f"{number} {zh}", f"{number}: {en}")
        whose = "" if to in CENTRE else unit
        await remind(work, unit=whose, kind=what, case=None, text=text, to=to, key=f"{key}:{to}")

