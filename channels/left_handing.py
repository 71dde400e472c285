"""Handing on what somebody left: to a named person, who is told, or back to where the unit's work lies."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from channels import reminders, reminders_unit
from channels.left_work import KINDS, Item
from hotline import acts, roster
from hotline.errors import Say, invalid
from hotline.ids import new_id
from hotline.work import Work

_KEEP = """
    INSERT INTO handed_over (leaver_id, kind, subject, given_to, given_at, given_by) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (leaver_id, kind, subject) DO UPDATE SET given_to = $4, given_at = $5, given_by = $6
"""


async def hand(work: Work, leaver: UUID, items: Sequence[Item], to: UUID | None) -> int:
    """Hand these things of ``leaver`` to ``to`` (None: back to the pool); how many went. 422 for somebody not here.

    What cannot lie in a pool (a half-typed call) stays where it is then. The new person is told once.
    """
    going = [one for one in items if to is not None or one.may_be_freed]
    if to is not None:
        await _is_here(work, to, leaver)
    for one in going:
        kind = KINDS[one.kind]
        if sql := (kind.give if to is not None else kind.free):
            await work.connection.execute(sql, one.subject, to, one.person)
        await work.connection.execute(_KEEP, one.person, one.kind, one.subject, to, work.now, work.actor.id)
    if going and to is not None:
        n = len(going)
        text = Say(f"有 {n} 项别人没办完的事交给您，请看“离岗交接”", f"{n} open things were handed to you")
        await reminders_unit.to_person(work, to, "handed_over", text, f"handed_over:{new_id()}")
    if going:
        data = {"count": len(going), **({"delegate": str(to)} if to is not None else {})}
        await acts.note(work, work.actor, "work_handed_over", f"person:{leaver}", data)
    return len(going)


async def _is_here(work: Work, to: UUID, leaver: UUID) -> None:
    """The new person is active and of the leaver's unit, or of one above or below it."""
    unit = await work.connection.fetchval("SELECT unit FROM person WHERE id = $1", leaver)
    if to not in {one.id for one in await roster.near(work.connection, unit, but=leaver)}:
        raise invalid({"to": Say("请选在岗的同事。", "Choose a colleague who is here.")})


async def tell_heads(work: Work, leaver: UUID, name: str, unit: str, n: int) -> None:
    """Somebody left with work open: the unit's head hears of it, or whoever stands above."""
    text = Say(
        f"{name}离岗，还有 {n} 项没办完，请到“离岗交接”分给别人", f"{name} left with {n} things open: hand them on"
    )
    await reminders.remind(
        work, unit=unit, kind="left", case=None, text=text, to="head", key=f"left:{leaver}:{work.now:%Y%m%d}"
    )
