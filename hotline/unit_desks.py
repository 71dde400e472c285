"""What a unit has beside its people by role: a substitute, its hours, and whether it may be switched off."""

from __future__ import annotations

import re
from uuid import UUID

import msgspec

from hotline import acts, clock, db, roster
from hotline.actor import Actor
from hotline.errors import Say, invalid

HOURS = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d-(?:[01]\d|2[0-3]):[0-5]\d")
_HELD = "SELECT count(*) FROM assignment WHERE unit = $1 AND state NOT IN ('recalled', 'ended', 'handled')"


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """Who stands in once everybody of the unit's office is away; ``hours`` such as ``08:30-17:30``, "" the city's."""

    substitute: UUID | None = None
    name: str = ""
    hours: str = ""


async def of(connection: db.Connection, unit: str) -> Desk:
    """The unit's; an empty one where nothing was set. A substitute who left, or moved away from it, is none."""
    row = await connection.fetchrow(
        "SELECT p.id AS substitute, coalesce(p.name, '') AS name, d.hours FROM unit_desk d "
        "LEFT JOIN person p ON p.id = d.substitute_id AND p.is_active AND p.unit = ANY($2) WHERE d.unit = $1",
        unit, list(roster.around(unit)),
    )  # fmt: skip
    return Desk(**row) if row is not None else Desk()


async def keep(connection: db.Connection, actor: Actor, unit: str, substitute: UUID | None, hours: str) -> None:
    """Set both. 422 for hours that are none, or a substitute who is not of the unit, below it or above it."""
    wrong: dict[str, Say] = {}
    if hours and (HOURS.fullmatch(hours) is None or hours[:5] >= hours[6:]):
        wrong["hours"] = Say("写成 08:30-17:30；空着按全市。", "Write 08:30-17:30; empty is the city's.")
    if substitute is not None and substitute not in {one.id for one in await roster.near(connection, unit)}:
        wrong["substitute"] = Say("请选本单位、下级或上级单位在岗的人。", "Choose somebody of the unit who is here.")
    if wrong:
        raise invalid(wrong)
    await connection.execute(
        "INSERT INTO unit_desk (unit, substitute_id, hours, changed_at, changed_by) VALUES ($1, $2, $3, $4, $5) "
        "ON CONFLICT (unit) DO UPDATE SET substitute_id = $2, hours = $3, changed_at = $4, changed_by = $5",
        unit, substitute, hours, clock.now(), actor.id,
    )  # fmt: skip
    data = {"on_duty": hours, **({"delegate": str(substitute)} if substitute else {})}
    await acts.note(connection, actor, "unit_desk_set", f"unit:{unit}", data)


async def held(connection: db.Connection, unit: str) -> int:
    """How many shares the unit still works on."""
    return int(await connection.fetchval(_HELD, unit))


ONLY_TODAY = Say(
    "停用从当天起：到那天手上可能又有在办的件。请那天再停用，或在“撤并”里定最后一天和承接单位。",
    "It can be switched off from today on only: by a later day it may have open cases. Do it on that day, or end the "
    "unit with a successor.",
)


def still_open(unit: str, n: int) -> Say:
    """Why a unit with open cases cannot be switched off, and what to do."""
    return Say(
        f"手上还有 {n} 件在办，不能停用。请派单员先在“派单 · 单位在办”（/dispatch/units/{unit}）里改派给承接单位。",
        f"It has {n} open cases and cannot be switched off. A dispatcher first re-dispatches them to a successor at "
        f"/dispatch/units/{unit}.",
    )
