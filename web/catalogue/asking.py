"""Ask the catalogue: matter, place, requester and day → who leads, beside whom, and why."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, get

from hotline import city, clock
from hotline.errors import Say
from routing import book, catalogue
from routing.book import Line
from routing.catalogue import Choice
from web.access import Who
from web.admin import words
from web.catalogue import names
from web.catalogue.listing import HERE, NEEDS, day_asked
from web.render import render


class Answer(msgspec.Struct, frozen=True):
    """What the catalogue says, the line that says it (if one does), and the matter's own route."""

    choice: Choice
    line: Line | None
    reason: Say
    route: Say
    where: Say


@get("/admin/catalogue/ask", opt=NEEDS)
async def ask(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """The form, and the answer once matter and place are chosen; any day in the past or to come."""
    snapshot, query = city.current(), request.query_params
    day, is_wrong = day_asked(str(query.get("day", "")))
    given = {name: str(query.get(name, "")).strip()[:12] for name in ("matter", "place", "requester")}
    given["requester"] = given["requester"] if given["requester"] in book.REQUESTERS else "person"
    leaves = {code: Say(f"{code} {one.path.zh}", f"{code} {one.path.en}") for code, one in snapshot.matters.items()}
    spots = {code: say for code, say in names.places(snapshot).items() if code != names.EVERY}
    abolished = [one for one in snapshot.every_jurisdiction() if one.code not in snapshot.jurisdictions]
    spots |= {
        one.code: Say(f"{one.name_zh} {one.code}（到 {one.valid_to}）", f"{one.name_en} {one.code} (to {one.valid_to})")
        for one in abolished
    }
    known = given["matter"] in leaves and given["place"] in spots
    return render(
        request, "catalogue/ask.html", day=day, is_wrong_day=is_wrong, given=given, leaves=leaves, spots=spots,
        answer=_answer(given, day) if known else None, is_unknown=bool(given["matter"] or given["place"]) and not known,
        requesters={kind: names.REQUESTERS[kind] for kind in book.REQUESTERS}, names=names, today=clock.today(),
        tabs=words.tabs(actor, HERE),
    )  # fmt: skip


def _answer(given: dict[str, str], day: Any) -> Answer:
    snapshot, lines = city.current(), book.current()
    place = given["place"]
    township = place if len(place) > len("130403") else None
    choice = catalogue.of(
        given["matter"], place[:6] if township is None else "city", township, day, snapshot,
        requester_kind=given["requester"],
    )  # fmt: skip
    matter = snapshot.matter(given["matter"], day)
    county = catalogue.county_on(place if township is None else "city", township, day, snapshot)
    governed = snapshot.jurisdiction(county, day) if county else None
    return Answer(
        choice=choice, line=lines.by_id(choice.line) if choice.line else None,
        reason=catalogue.REASONS[choice.reason],
        route=words.ROUTES[matter.route] if matter else Say("那天没有这个事项", "no such matter on that day"),
        where=governed.name if governed else Say("那天说不清归哪里管", "nobody can be named for that day"),
    )  # fmt: skip


ROUTES = [ask]
