"""What the pages of hot issues, themes and tasks share: who may look, tabs, choices, files that came with a form."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from litestar import Request

from hotline import areas, city, files, people
from hotline.actor import Actor
from hotline.errors import Say
from hotline.permissions import may, refused
from hotline.work import Work
from web.cases.sent import Sent
from web.inspections.common import unit_choices

AnyRequest = Request[Any, Any, Any]
EDIT = "theme.edit"
TABS = (
    ("issues", "/hot", Say("热点发现", "Emerging")),
    ("trends", "/hot/trends", Say("趋势分析", "Trends")),
    ("ahead", "/hot/ahead", Say("预判", "Ahead")),
    ("themes", "/hot/themes", Say("每月一题", "Monthly themes")),
    ("tasks", "/hot/tasks", Say("未诉先办", "Before complaints")),
)
__all__ = ["EDIT", "TABS", "AnyRequest", "unit_choices"]


def demand(actor: Actor) -> None:
    """403 unless the person judges hot issues or reads figures."""
    if not sees(actor):
        raise refused(EDIT)


def sees(actor: Actor) -> bool:
    """Whether these pages are this person's: who judges hot issues, who reads figures."""
    return may(actor, EDIT) or may(actor, "figures.read")


def tabs(here: str) -> list[tuple[Say, str, bool]]:
    """Words, address, whether it is this one."""
    return [(say, path, code == here) for code, path, say in TABS]


def counties() -> dict[str, Say]:
    """Counties and districts of today."""
    return {code: one.name for code, one in city.current().jurisdictions.items()}


def group_choices() -> dict[str, Say]:
    """The groups of matters by code, with their division before them."""
    return {
        code[:4]: Say(f"{one.l1_zh} › {one.l2_zh}", f"{one.l1_en} › {one.l2_en}")
        for code, one in city.current().matters.items()
    }


def leaf_choices() -> dict[str, Say]:
    """The leaves by code."""
    return {code: Say(f"{one.l2_zh} › {one.l3_zh}", f"{one.l2_en} › {one.l3_en}")
            for code, one in city.current().matters.items()}  # fmt: skip


def area_choices(chosen: Iterable[str] = ()) -> dict[str, Say]:
    """Counties, and the townships that are chosen already."""
    more = {code: areas.area_name(code) for code in chosen if code and areas.kind_of(code) == "township"}
    return {**counties(), **more}


async def names(ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """The names of these people."""
    return await people.names({one for one in ids if one is not None})


async def keep(work: Work, sent: Sent, subject: tuple[str, UUID]) -> None:
    """Keep what came with a form, for the staff, in the transaction of the act."""
    for name, clean in sent:
        await files.keep(work.connection, clean, name, subject=subject, audience="staff", actor=work.actor)


def places(codes: Sequence[str]) -> Say:
    """Areas as words; none is the whole city."""
    if not codes:
        return areas.WHOLE
    said = [areas.area_name(code) for code in codes]
    return Say("、".join(one.zh for one in said), "; ".join(one.en for one in said))


def matters(codes: Sequence[str]) -> Say:
    """Matters as words."""
    said = [areas.matter_name(code) for code in codes]
    return Say("、".join(one.zh for one in said), "; ".join(one.en for one in said))
