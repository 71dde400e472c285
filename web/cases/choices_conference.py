"""What the forms of conferences and joint site visits offer, and with what they begin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cases import site_visits
from cases.rows_site import SiteVisitRow
from cases.views import CaseView
from hotline import city, clock
from hotline.errors import Say
from web import units
from web.cases import asks_conference as asks


def _ticks(view: CaseView, slot: SiteVisitRow | None = None) -> list[tuple[str, Say]]:
    """The other units on the case, and those that were asked already."""
    lead = view.file.lead
    first = slot.unit if slot is not None else (lead.unit if lead is not None else "")
    codes = [one.unit for one in view.file.live] + list(slot.units if slot is not None else ())
    return [(code, units.name(city.current(), code)) for code in dict.fromkeys(codes) if code != first]


def _site(at: Any) -> dict[str, Any]:
    slot = site_visits.planned(at.view.file)
    return {
        "ticks": _ticks(at.view, slot), "offered": units.choices(city.current()),
        "may_tell": not at.view.case.is_sealed and any(one.reply_by not in ("none", "phone", "mail", "web")
                                                       for one in at.view.file.requests.values()),
    }  # fmt: skip


def _held(at: Any) -> dict[str, Any]:
    slot = site_visits.planned(at.view.file)
    asked = slot.units if slot is not None else ()
    return {"attended": {code: units.name(city.current(), code) for code in asked}}


def text_of(view: CaseView, seq: int | None, name: str) -> str:
    """A text of the line ``seq`` of the case's story; "" once it is erased."""
    return next((line.texts.get(name, "") for line in view.lines if line.seq == seq), "")


OPTIONS: Mapping[str, Any] = {
    "conference_call": lambda _: {"cause": asks.CALLS},
    "site_plan": _site,
    "site_move": _site,
    "site_held": _held,
    "site_answer": lambda _: {"comes": {"yes": Say("参加", "We come"), "no": Say("不能参加", "We cannot")}},
}


def start_plan(at: Any) -> dict[str, object]:
    """All co-handlers are asked."""
    return {"units": [code for code, _ in _ticks(at.view)]}


def start_move(at: Any) -> dict[str, object]:
    """As it was planned."""
    slot = site_visits.planned(at.view.file)
    if slot is None:
        return {}
    last = clock.local(slot.ends_at)
    return {
        "starts": slot.starts_at, "ends": f"{last:%H:%M}", "spot": text_of(at.view, slot.spot_seq, "spot"),
        "units": [code for code in slot.units if code != slot.unit],
    }  # fmt: skip


def start_held(at: Any) -> dict[str, object]:
    """Whoever said yes."""
    slot = site_visits.planned(at.view.file)
    return {"attended": slot.coming} if slot is not None else {}
