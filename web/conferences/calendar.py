"""A unit's joint site visits, the next first: where it is asked to come, and its answer. Nothing of a requester."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from cases import ledger, site_visits, verbs_site
from cases.site_visits import Slot
from cases.wording_site import when
from hotline import city, clock, db
from hotline.errors import Refusal, Say, not_found
from hotline.work import work
from web import forms
from web import worklists as split
from web.access import Who
from web.forms import label
from web.render import Flash, render, see_other

AnyRequest = Request[Any, Any, Any]


class Answer(msgspec.Struct, kw_only=True):
    """Whether the unit comes; a reason when it cannot."""

    comes: Annotated[Literal["yes", "no"], label("能参加吗", "Can you come?")]
    unit: Annotated[str, label("单位", "Unit", most=20)] = ""
    reason: Annotated[str, label("不能参加的原因", "Why not", most=200)] = ""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One visit as the calendar shows it."""

    slot: Slot
    when: Say
    what: Say
    lead: Say
    others: Sequence[tuple[Say, Say]]
    asked: str
    answer: str
    is_lead: bool
    is_ours: bool
    is_over: bool
    clashes: bool


@get("/work/site-visits", opt={"needs": "case.handle"})
async def calendar(request: AnyRequest, actor: Who) -> Response[str]:
    """The planned visits to which the actor's units are asked, by day; overlapping ones are marked."""
    async with db.reading() as connection:
        slots = await site_visits.calendar(connection, actor.units)
    entries = [_entry(one, slots, actor.units) for one in slots]
    days = [(day, list(some)) for day, some in groupby(entries, lambda one: clock.local_day(one.slot.starts_at))]
    return render(
        request, "conferences/calendar.html", region="#r-list", days=days, day_name=_day,
        unit=split.unit_name(actor.unit), live="queue",
    )  # fmt: skip


def _day(day: date) -> Say:
    name = "一二三四五六日"[day.weekday()]
    return Say(f"{day.month}月{day.day}日（周{name}）", f"{day:%a} {day.day} {day:%b}")


def _entry(slot: Slot, all_of_them: Sequence[Slot], units: Sequence[str]) -> Entry:
    asked = next((one for one in slot.units if one in units), "")
    is_sealed = slot.kind == "report" or slot.is_confidential
    matter = city.current().matter(slot.matter) if slot.matter and not is_sealed else None
    answer = "yes" if asked in slot.coming else ("no" if asked in slot.declined else "")
    return Entry(
        slot=slot, when=when(slot.starts_at, slot.ends_at), lead=split.unit_name(slot.unit), asked=asked, answer=answer,
        what=matter.name if matter else (Say("举报、保密件", "Sealed case") if is_sealed else Say("上门", "Visit")),
        others=[(split.unit_name(one), _says(slot, one)) for one in slot.units], is_lead=asked == slot.unit,
        is_ours=any(one in units for one in slot.unit_codes), is_over=slot.ends_at <= clock.now(),
        clashes=any(
            other.id != slot.id and other.starts_at < slot.ends_at and other.ends_at > slot.starts_at
            and asked in other.units and asked not in other.declined for other in all_of_them
        ),
    )  # fmt: skip


def _says(slot: Slot, unit: str) -> Say:
    if unit in slot.coming:
        return Say("参加", "comes")
    return Say("不能参加", "cannot come") if unit in slot.declined else Say("未答复", "no answer yet")


@post("/work/site-visits/{slot:uuid}", opt={"needs": "case.handle"}, status_code=200)
async def answer(request: AnyRequest, actor: Who, slot: FromPath[UUID]) -> Response[str]:
    """Yes or no of a unit that was asked, whether the case is its own or not; it may be changed until the visit."""
    form = await forms.read(request, Answer)
    back = "/work/site-visits"
    try:
        given = form.good
        async with work(actor) as w:
            file = await ledger.opened(w, case_id=await site_visits.case_of(w.connection, slot, actor.units))
            await site_visits.load(w, file)
            asked = [one for one in file.slots[slot].units if one in actor.units]
            unit = given.unit if given.unit in asked else next(iter(asked), "")
            if not unit:
                raise not_found()
            await verbs_site.answer(
                w, file, file.slots[slot], unit=unit, comes=given.comes == "yes", reason=given.reason
            )
    except Refusal as refusal:
        if refusal.status not in (409, 422):
            raise
        said = next(iter(refusal.fields.values()), refusal.say)
        return see_other(request, back, flash=Flash(said, kind="error"))
    return see_other(request, back, flash=Say("已答复主办单位。", "The lead unit has your answer."))


ROUTES = [calendar, answer]
