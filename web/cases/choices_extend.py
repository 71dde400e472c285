"""What the forms about more time offer: each amount with the due date it gives, seen before it is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from cases.rows import AssignmentRow
from cases.views import CaseView
from hotline import city, files
from hotline.errors import Say
from sla import calendar, explain, extending, profiles
from sla.rows import ClockRow
from web import units
from web.cases import choices_hands


def waiting(at: Any) -> AssignmentRow | None:
    """The share whose ask for more time waits longest; never one of the actor's own units."""
    asked = [one for one in at.view.file.live if one.extension_asked_at is not None]
    return min(asked, key=lambda one: str(one.extension_asked_at), default=None)


def own_clock(at: Any) -> ClockRow | None:
    """The running promise to be done of the share that the actor acts on."""
    return extending.clock_of(at.clocks, at.view.own) if at.view.own is not None else None


def lead_clock(at: Any) -> ClockRow | None:
    """The lead's running promise to be done."""
    lead = at.view.file.lead
    return extending.clock_of(at.clocks, lead) if lead is not None else None


def code_of(amount: float) -> str:
    """An amount as its option's value: "5", "4.5"."""
    return f"{amount:g}"


def untils(row: ClockRow, most: float | None = None) -> dict[str, Say]:
    """Each amount that the promise may get, with the date it would give; at most ``most`` of it."""
    terms = extending.terms_of(row)
    if terms is None:
        return {}
    unit = terms.most.unit
    found = [one for one in extending.amounts(terms) if most is None or one <= most]
    if most is not None and most not in found:
        found.append(most)
    return {code_of(one): _until(explain.amount_of(one, unit), extending.due_with(row, one, unit)) for one in found}


def statutes(view: CaseView) -> dict[str, Say]:
    """The statutes that may be named at dispatch; none for a critical case, which keeps its own time."""
    if view.case.urgency == "critical":
        return {}
    return {
        code: Say(f"{one.name.zh}（{one.profile}）", f"{one.name.en} ({one.profile})")
        for code, one in city.current().statutes.items() if one.is_on
    }  # fmt: skip


def laws(row: ClockRow) -> dict[str, Say]:
    """The statutes that would give more time, each with the date it would give."""
    return {
        code: _until(one.name, extending.due_under(row, one)) for code, one in extending.longer(row).items()
    }


def _until(what: Say, due: datetime) -> Say:
    at = explain.moment(calendar.of(city.current()), due)
    return Say(f"{what.zh}，到 {at.zh}", f"{what.en}, until {at.en}")


def _extension(at: Any) -> dict[str, Any]:
    row = own_clock(at)
    if row is None:
        return {}
    terms = extending.terms_of(row)
    groups = [(Say("延期", "Extension"), untils(row))] if terms is not None else []
    if found := laws(row):
        lawful = {f"law:{code}": say for code, say in found.items()}
        groups.append((Say("改用法定期限", "Statutory limit"), lawful))
    is_lawful = terms is not None and terms.by == "statute"
    known = {code: one.citation for code, one in city.current().statutes.items() if one.is_on}
    return {
        "until": groups, "due": row.due_at, "decider": profiles.DECIDERS[terms.by] if terms is not None else None,
        "needs_proof": terms is not None and terms.needs_proof, "law": known if is_lawful else {},
    }  # fmt: skip


def _decision(at: Any) -> dict[str, Any]:
    share = waiting(at)
    row = extending.clock_of(at.clocks, share) if share is not None else None
    if share is None:
        return {}
    amount = share.extension_amount or 0.0
    law = city.current().statutes.get(share.extension_law or "")
    return {
        "line": choices_hands.last(at.view, "extension_asked", unit=share.unit),
        "unit": units.name(city.current(), share.unit), "due": row.due_at if row is not None else None,
        "amount": untils(row, amount) if row is not None and amount else {},
        "law": law, "until": extending.due_under(row, law) if row is not None and law and not amount else None,
        "by": profiles.DECIDERS[share.extension_by or "centre"],
    }  # fmt: skip


def start_decision(at: Any) -> dict[str, object]:
    """What was asked, to be agreed to as it is."""
    share = waiting(at)
    if share is None:
        return {}
    line = choices_hands.last(at.view, "extension_asked", unit=share.unit)
    told = line.texts.get("told", "") if line is not None else ""
    amount = share.extension_amount
    return {"assignment": share.id, "amount": code_of(amount) if amount else "", "told": told}


def _statutory(at: Any) -> dict[str, Any]:
    row = lead_clock(at)
    found = laws(row) if row is not None else {}
    known = city.current().statutes
    return {"law": found, "cites": [(known[code].name, known[code].citation) for code in found]}


OPTIONS: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "extension": _extension,
    "extension_decision": _decision,
    "statutory_limit": _statutory,
}


def proofs_of(attached: list[files.Attachment]) -> list[files.Attachment]:
    """The files that went with an ask for more time."""
    return [one for one in attached if one.subject_kind == "extension"]
