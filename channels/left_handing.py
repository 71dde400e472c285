"""Handing on what somebody left: to a named person, who is told, or back to where the unit's work lies."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from channels import chat_sweep, chats, reminders, reminders_unit, seats
from channels.left_work import KINDS, Item
from hotline import acts, clock, roster
from hotline.errors import Say, invalid
from hotline.ids import new_id
from hotline.roles import ROLES
from hotline.work import Work

_KEEP = """
    INSERT INTO handed_over (leaver_id, kind, subject, given_to, given_at, given_by) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (leaver_id, kind, subject) DO UPDATE SET given_to = $4, given_at = $5, given_by = $6
"""


async def hand(work: Work, leaver: UUID, items: Sequence[Item], to: UUID | None) -> int:
    """Hand these things of ``leaver`` to ``to`` (None: back to the pool); how many went.

    422 for somebody who is not here, or may not do what it takes. What cannot lie in a pool (a half-typed call) stays
    where it is then, and what another handed on meanwhile goes with them. The new person is told once.
    """
    going = [one for one in items if to is not None or one.may_be_freed]
    if to is not None:
        await _is_here(work, to, leaver)
        await _may_go_on(work, to, going)
    going = [one for one in going if await _went(work, one, to)]
    if going and to is not None:
        n = len(going)
        text = Say(f"有 {n} 项别人没办完的事交给您，请看“离岗交接”", f"{n} open things were handed to you")
        await reminders_unit.to_person(work, to, "handed_over", text, f"handed_over:{new_id()}")
    if going:
        data = {"count": len(going), **({"delegate": str(to)} if to is not None else {})}
        await acts.note(work, work.actor, "work_handed_over", f"person:{leaver}", data)
    return len(going)


async def _went(work: Work, one: Item, to: UUID | None) -> bool:
    """Give or free one thing, if it still is where it was found."""
    kind = KINDS[one.kind]
    if sql := (kind.give if to is not None else kind.free):
        done = await work.connection.execute(sql, one.subject, to, one.person)
        if done in ("UPDATE 0", "DELETE 0"):
            return False
    await work.connection.execute(_KEEP, one.person, one.kind, one.subject, to, work.now, work.actor.id)
    return True


async def _may_go_on(work: Work, to: UUID, items: Sequence[Item]) -> None:
    """The new person's roles, at whichever post, let them do what each of these takes."""
    held = await work.connection.fetch(
        "SELECT role FROM role_grant WHERE person_id = $1 AND valid_from <= $2 "
        "AND (valid_to IS NULL OR valid_to >= $2)",
        to, clock.local_day(work.now),
    )  # fmt: skip
    may = {need for row in held if row["role"] in ROLES for need in ROLES[row["role"]][1]}
    beyond = next((one for one in items if KINDS[one.kind].need not in ("", *may)), None)
    if beyond is not None:
        raise invalid({"to": Say(
            f"这位同事的角色办不了“{beyond.say.zh}”，请换一位，或不勾这一项。",
            f"This colleague’s roles do not cover “{beyond.say.en}”: choose somebody else, or leave it out.",
        )})  # fmt: skip


async def release(work: Work, leaver: UUID) -> None:
    """What cannot wait for a list: who is in a chat with the leaver waits for another at once; the seat takes no calls.

    A call that goes on is finished on the telephone.
    """
    sql = f"SELECT {chats.COLUMNS} FROM chat WHERE state = 'talking' AND agent = $1 FOR UPDATE"
    for row in await work.connection.fetch(sql, leaver):
        await chat_sweep.put_back(work.connection, chats.Chat(**row))
        work.after(partial(chats.tell, row["id"], is_queue=True))
    seat = await seats.of(work.connection, leaver, lock=True)
    if seat.state not in (seats.OFFLINE, seats.RINGING, seats.TALKING):
        await seats.move(work.connection, leaver, seats.OFFLINE)


async def _is_here(work: Work, to: UUID, leaver: UUID) -> None:
    """The new person is active and of the leaver's unit, or of one above or below it."""
    unit = await work.connection.fetchval("SELECT unit FROM person WHERE id = $1", leaver)
    if to not in {one.id for one in await roster.near(work.connection, unit, but=leaver)}:
        raise invalid({"to": Say("请选在岗的同事。", "Choose a colleague who is here.")})


async def tell_heads(
    work: Work, leaver: UUID, name: str, unit: str, roles: Sequence[str], n: int
) -> None:  # fmt: skip
    """Somebody left with work open: the unit's head hears of it, or whoever stands above; at the centre the shift."""
    is_of_unit = bool(unit) and bool(set(roles) & set(roster.OFFICES))
    text = Say(
        f"{name}离岗，还有 {n} 项没办完，请到“离岗交接”分给别人", f"{name} left with {n} things open: hand them on"
    )
    await reminders.remind(
        work, unit=unit if is_of_unit else "", kind="left", case=None, text=text,
        to="head" if is_of_unit else chat_sweep.SUPERVISOR, key=f"left:{leaver}:{work.now:%Y%m%d}",
    )  # fmt: skip
