"""A conference's decision as a line of the dispatch catalogue (source ``precedent``): the next like case follows it."""

from __future__ import annotations

from cases.file import CaseFile
from hotline import city, clock
from hotline.errors import Say, conflict, invalid
from hotline.work import Work
from routing import book, catalogue_verbs
from routing.book import Line
from routing.conferences import Conference, Item

SCOPES: dict[str, Say] = {
    "county": Say("本区县同类事项", "This matter in this district"),
    "city": Say("全市同类事项", "This matter in the whole city"),
}


async def write(work: Work, conference: Conference, item: Item, file: CaseFile, *, scope: str) -> int:
    """Put the line in force from today on, in place of the one that stands for the same matter and place; its id."""
    if scope not in SCOPES or item.lead_unit is None:
        raise invalid({"precedent": Say("请选先例适用的范围。", "Choose where the precedent applies.")})
    if file.case.matter is None:
        raise conflict("no_matter", "还没定事项，不能列为先例。", "Without a matter it cannot be a precedent.")
    if file.case.is_sealed:
        raise conflict(
            "sealed", "举报、保密件由人工派单，不列先例。", "Sealed cases are dispatched by hand and set no precedent."
        )
    line = _line(file.case.matter, _place(file, scope), item.lead_unit, item.co_units)
    async with catalogue_verbs.changing() as (connection, standing):
        old = next((one for one in standing.versions(line.key) if one.is_on(line.valid_from)), None)
        number = await catalogue_verbs.write(
            connection, standing, work.actor, line, source="precedent", source_id=str(conference.id),
            basis=f"会商 {conference.number}", instead_of=old.id if old else None,
        )  # fmt: skip
    work.after(_renew)
    return number


async def _renew() -> None:
    await book.refresh()


def _place(file: CaseFile, scope: str) -> str:
    if scope == "city":
        return book.EVERY
    if file.case.county == city.CITY:
        raise conflict(
            "no_county", "这件事没有区县，请选“全市”。", "This case has no district; choose the whole city instead."
        )
    return file.case.county


def _line(matter: str, place: str, lead: str, co_units: tuple[str, ...]) -> Line:
    """For the whole city a county's government stands for the government of whatever place it is."""
    unit = city.current().unit(lead)
    is_place = unit is not None and unit.kind in ("county", "township")
    tier = unit.tier if unit is not None else 3
    route = "TERR" if is_place else ("UTIL" if unit is not None and unit.kind == "utility" else "FUNC")
    wide = is_place and place == book.EVERY
    return Line(
        id=0, matter=matter, place=place, requester=book.EVERY, lead=book.PLACE if wide else lead,
        co_handlers=co_units, tier=tier, route=route, valid_from=clock.today(),
    )  # fmt: skip
