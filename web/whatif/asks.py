"""The form of a run: what may be changed, as typed, made into a scenario."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, Literal

import msgspec
from litestar.datastructures import UploadFile

from hotline import city, clock
from hotline.errors import Refusal, Say, invalid
from sla import replay_scenario, targets
from sla.replay_queue import ORDERS, Staff
from sla.replay_scenario import Scenario
from sla.targets import Target
from web import forms, units
from web.forms import Form, label

UNITS = {
    "wd": Say("个工作日", "working days"), "h": Say("个工作小时", "working hours"),
    "clock": Say("小时（不分昼夜）", "hours, around the clock"),
}  # fmt: skip
ALL = "*"
_DAYS = 90
_FILES = ("profile_file", "staff_file")
_MOST_BYTES = 200_000
_Unit = Literal["wd", "h", "clock"]


class Try(msgspec.Struct):
    """One run. A profile's numbers are by stage; empty ones are stages that it does not promise."""

    since: Annotated[date, label("从哪天", "From")]
    until: Annotated[date, label("到哪天", "To")]
    title: Annotated[str, label("名称", "Name", most=60)] = ""
    profile: Annotated[str, label("改哪个时限档案", "Profile to change", most=20)] = ""
    sign_off: Annotated[float | None, label("签收", "Acknowledge")] = None
    sign_off_unit: Annotated[_Unit, label("签收按什么算", "Counted in (acknowledge)")] = "wd"
    first_contact: Annotated[float | None, label("首次联系", "First contact")] = None
    first_contact_unit: Annotated[_Unit, label("首次联系按什么算", "Counted in (first contact)")] = "wd"
    feedback: Annotated[float | None, label("反馈", "Feedback")] = None
    feedback_unit: Annotated[_Unit, label("反馈按什么算", "Counted in (feedback)")] = "wd"
    admit: Annotated[float | None, label("决定是否受理", "Decide whether to take it up")] = None
    admit_unit: Annotated[_Unit, label("决定是否受理按什么算", "Counted in (deciding)")] = "wd"
    accept: Annotated[float | None, label("受理", "Accept")] = None
    accept_unit: Annotated[_Unit, label("受理按什么算", "Counted in (accepting)")] = "wd"
    finish: Annotated[float | None, label("办结", "Finish")] = None
    finish_unit: Annotated[_Unit, label("办结按什么算", "Counted in (finishing)")] = "wd"
    hours: Annotated[str, label("工作时间", "Working hours", most=100)] = ""
    rest_days: Annotated[str, label("改为放假的日子", "Days to be rest days", most=2000)] = ""
    work_days: Annotated[str, label("改为上班的日子", "Days to be working days", most=2000)] = ""
    staff_unit: Annotated[str, label("哪个单位的人手", "Hands of which unit", most=20)] = ""
    staff_now: Annotated[int | None, label("那时的人手", "Hands then")] = None
    staff_then: Annotated[int | None, label("改成几个人", "Hands in the trial")] = None
    staff_capacity: Annotated[float | None, label("或每个工作日办几件", "Or cases a working day")] = None
    order: Annotated[Literal["as_was", "fifo", "due"], label("先后次序", "Order")] = "as_was"

    def check(self) -> dict[str, Say]:
        """A unit's hands need a number, and a number needs its unit."""
        has_number = self.staff_then is not None or self.staff_capacity is not None
        if self.staff_unit and not has_number:
            return {"staff_then": Say("写改成几个人，或每个工作日办几件。", "Enter hands, or cases a working day.")}
        if has_number and not self.staff_unit:
            return {"staff_unit": Say("选一个单位，或“各单位都改”。", "Choose a unit, or all units.")}
        return {}


STAGES = ("accept", *targets.UNIT_STAGES)
"""Stages of a profile that the form can change; they are fields of Try."""


def start(profile: str) -> Form[Try]:
    """A blank form over the last 90 days, with the numbers of the profile as they are today."""
    book = targets.of(city.current())
    known: dict[str, Any] = {"since": clock.today() - timedelta(days=_DAYS), "until": clock.today(), "order": "as_was"}
    if profile in book.profiles:
        known["profile"] = profile
        for stage, target in book.profiles[profile].stages.items():
            if stage in STAGES:
                known |= {stage: f"{target.amount:g}", f"{stage}_unit": target.unit}
    return forms.blank(Try, known)


def shown_stages(profile: str) -> tuple[str, ...]:
    """The stages that this profile promises today, in the order of the process."""
    known = targets.of(city.current()).profiles.get(profile)
    return tuple(stage for stage in STAGES if known is not None and stage in known.stages)


def profiles() -> dict[str, Say]:
    """The profiles to choose from."""
    return {
        code: Say(f"{code} {one.name.zh}", f"{code} {one.name.en}")
        for code, one in targets.of(city.current()).profiles.items()
    }


def staff_units() -> dict[str, Say]:
    """The units whose hands can be changed."""
    every = {ALL: Say("各单位都改", "All units alike")}
    return every | {one.code: one.name for _, group in units.choices(city.current()) for one in group}


async def scenario(form: Form[Try]) -> Scenario:
    """What the form and its files ask for. Raises the 422 refusal by field."""
    one = form.good
    uploads = {name: await _text(name, form.files[name][0]) for name in _FILES if form.files.get(name)}
    given: dict[str, Any] = {"profiles": _profiles(one), "staff": _staff(one)}
    if "profile_file" in uploads:
        given["profiles"] = replay_scenario.read_profiles(uploads["profile_file"])
    if "staff_file" in uploads:
        given["staff"] = replay_scenario.read_staff(uploads["staff_file"])
    return Scenario(
        since=one.since, until=one.until, hours=one.hours.strip(), rest_days=_days("rest_days", one.rest_days),
        work_days=_days("work_days", one.work_days), order=one.order, **given,
    )  # fmt: skip


def _profiles(one: Try) -> dict[str, dict[str, Target]]:
    if not one.profile:
        return {}
    numbers = {stage: getattr(one, stage) for stage in STAGES}
    return {
        one.profile: {
            stage: Target(n, getattr(one, f"{stage}_unit")) for stage, n in numbers.items() if n is not None
        }
    }


def _staff(one: Try) -> dict[str, Staff]:
    if not one.staff_unit:
        return {}
    then = one.staff_then if one.staff_then is not None else 1
    now = one.staff_now if one.staff_now is not None else 1
    return {one.staff_unit: Staff(handlers=then, now=now, capacity=one.staff_capacity)}


def _days(field: str, text: str) -> tuple[date, ...]:
    try:
        return replay_scenario.read_days(text)
    except Refusal as refusal:
        raise invalid({field: refusal.fields["calendar"]}) from None


async def _text(field: str, upload: UploadFile) -> str:
    data = await upload.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise invalid({field: Say("文件太大，最多 200 KB。", "The file is too big: 200 KB at most.")})
    try:
        return data.decode("utf-8-sig")
    except UnicodeError:
        raise invalid({field: Say("文件要用 UTF-8 编码。", "The file must be UTF-8.")}) from None


ORDER_NAMES = ORDERS
