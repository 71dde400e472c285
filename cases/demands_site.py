"""What the moves of a joint site visit demand: one open slot, a time that can be kept, units that exist."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from cases.ask import Ask
from cases.rows_site import PLANNED
from hotline import city, clock
from hotline.errors import Say, conflict, invalid

LONGEST = timedelta(hours=12)
FURTHEST = timedelta(days=90)


def _one_slot(ask: Ask) -> None:
    if any(one.state == PLANNED for one in ask.file.slots.values()):
        raise conflict(
            "slot_taken",
            "已约定一次上门，请改期或取消后再约。",
            "A visit is planned already; move it or cancel it first.",
        )


def _slot_open(ask: Ask) -> None:
    slot = ask.file.slots.get(ask.event.slot)
    if slot is None or slot.state != PLANNED:
        raise conflict(
            "slot_closed",
            "这次上门已有结果或已取消，请刷新再看。",
            "This visit was held or cancelled; refresh and look.",
        )


def _slot_times(ask: Ask) -> None:
    event = ask.event
    if event.ends <= event.starts or event.ends - event.starts > LONGEST:
        said = Say("结束时间要在开始之后、同一天内。", "It must end after it begins, on the same day.")
        raise invalid({"ends": said})
    if event.starts <= ask.now or event.starts - ask.now > FURTHEST:
        raise invalid({"starts": Say("请选今后 90 天内的时间。", "Choose a time within the next 90 days.")})


def _slot_units(ask: Ask) -> None:
    day = clock.local_day(ask.now)
    for code in ask.event.units:
        if city.current().unit(code, day) is None:
            raise invalid({"units": Say("请从列表里选单位。", "Choose units from the list.")})


def _slot_asked(ask: Ask) -> None:
    if ask.event.unit not in ask.file.slots[ask.event.slot].units:
        raise conflict("not_asked", "这次上门没有请这个单位。", "This unit was not asked to this visit.")


def _slot_begun(ask: Ask) -> None:
    slot = ask.file.slots[ask.event.slot]
    if ask.now < slot.starts_at:
        at = clock.local(slot.starts_at)
        raise conflict(
            "slot_not_begun",
            f"约定的时间是 {at:%m-%d %H:%M}，到时才能记录结果；提前去了请先改期。",
            f"The visit begins {at:%m-%d %H:%M}; its outcome is recorded then. If you go earlier, move it first.",
        )


def _slot_attended(ask: Ask) -> None:
    if not ask.event.attended:
        raise invalid({"attended": Say("请勾选到场的单位。", "Tick the units that came.")})
    if not set(ask.event.attended) <= set(ask.file.slots[ask.event.slot].units):
        raise invalid({"attended": Say("到场单位须在约定的单位里。", "Only units that were asked.")})


RULES: dict[str, Callable[[Ask], None]] = {
    "one_slot": _one_slot,
    "slot_open": _slot_open,
    "slot_times": _slot_times,
    "slot_units": _slot_units,
    "slot_asked": _slot_asked,
    "slot_begun": _slot_begun,
    "slot_attended": _slot_attended,
}
