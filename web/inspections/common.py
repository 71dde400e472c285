"""What every page of the inspections shares: its tabs, names of people and units, a form done or given back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from litestar import Request

from hotline import city, clock, people
from hotline.actor import Actor
from hotline.errors import Say
from hotline.permissions import may
from sla import records

AnyRequest = Request[Any, Any, Any]
PLAN, CHECK = "inspection.plan", "inspection.check"
MONTHS = 13
TABS = (
    ("samples", "/inspections", Say("抽样复核", "Samples"), CHECK),
    ("figures", "/inspections/figures", Say("复核结果", "Results"), CHECK),
    ("plans", "/inspections/plans", Say("督查计划", "Plans"), CHECK),
    ("findings", "/inspections/findings", Say("问题", "Findings"), "case.list"),
    ("withdrawals", "/inspections/withdrawals", Say("撤单核查", "Withdrawals"), CHECK),
    ("claims", "/inspections/claims", Say("认定", "Claims"), "claim.decide"),
)
F = TypeVar("F", bound=msgspec.Struct)


def tabs(actor: Actor, here: str) -> list[tuple[Say, str, bool]]:
    """The tabs that this person may open: words, address, whether it is this one."""
    return [(say, path, code == here) for code, path, say, need in TABS if may(actor, need)]


async def names(ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """The names of these people."""
    return await people.names({one for one in ids if one is not None})


def unit_choices() -> dict[str, Say]:
    """Units in use by code, for a select or ticks: those under the city and the counties."""
    return {code: unit.name for code, unit in city.current().units.items() if unit.is_on and unit.tier <= 3}


def periods() -> dict[str, Say]:
    """The last months, this one first."""
    found: dict[str, Say] = {}
    first: date = clock.today().replace(day=1)
    for _ in range(MONTHS):
        found[f"{first:%Y-%m}"] = Say(f"{first.year} 年 {first.month} 月", f"{first:%B} {first.year}")
        first = records.month(f"{first.year - (first.month == 1)}-{(first.month - 2) % 12 + 1:02}")[0]
    return found
