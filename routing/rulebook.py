"""Dispatch rules in the database: written, moved, switched on and off, each version kept whole. Nothing judges here."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from hotline import acts, clock, db
from hotline.actor import SYSTEM, Actor
from hotline.errors import conflict, not_found, plain
from hotline.work import Work
from routing.rules import Condition, Fault, Rule

log = logging.getLogger(__name__)

_COLUMNS = (
    "id", "place", "name", "conditions", "unit", "co_handlers", "urgency", "by_hand", "note", "valid_from", "valid_to",
    "state", "version", "author", "fault",
)  # fmt: skip
_READ = f"SELECT {', '.join(_COLUMNS)} FROM routing_rule ORDER BY place, id"
_OWN = ("name", "conditions", "unit", "co_handlers", "urgency", "by_hand", "note", "valid_from", "valid_to")
_LOCK = "SELECT version FROM routing_version FOR UPDATE"
_conditions = msgspec.json.Decoder(tuple[Condition, ...]).decode


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a rule as it stood: what was done then, by whom, and why if somebody had to say so."""

    version: int
    what: str
    rule: Rule
    reason: str
    author: UUID
    at: datetime


async def read(connection: db.Connection) -> list[Rule]:
    """Every rule in its order."""
    return [_rule(row) for row in await connection.fetch(_READ)]


def _rule(row: Mapping[str, Any]) -> Rule:
    return Rule(**{**row, "conditions": _conditions(row["conditions"]), "co_handlers": tuple(row["co_handlers"])})


async def add(connection: db.Connection, actor: Actor, rule: Rule) -> int:
    """Write a new rule as a draft behind all others; its number."""
    await connection.execute(_LOCK)
    values = _values(rule)
    number: int = await connection.fetchval(
        "INSERT INTO routing_rule (place, name, conditions, unit, co_handlers, urgency, by_hand, note, valid_from,"
        " valid_to, state, version, author, changed_at) SELECT coalesce(max(place), 0) + 1,"
        " $1, $2::text::jsonb, $3, $4, $5, $6, $7, $8, $9, 'draft', 1, $10, $11 FROM routing_rule RETURNING id",
        *values, actor.id, clock.now(),
    )  # fmt: skip
    await _keep(connection, actor, number, "saved")
    return number


async def change(connection: db.Connection, actor: Actor, number: int, rule: Rule, version: int) -> None:
    """Write a rule anew; a live or a failed one becomes a draft, because nobody has tried what it says now.

    Raises 404 for an unknown number and 409 when it is no longer at ``version``.
    """
    await _locked(connection, number, version)
    cast = {"conditions": "::text::jsonb"}
    sets = ", ".join(f"{name} = ${n}{cast.get(name, '')}" for n, name in enumerate(_OWN, 2))
    await connection.execute(
        f"UPDATE routing_rule SET {sets}, state = 'draft', fault = '', version = version + 1,"
        f" author = ${len(_OWN) + 2}, changed_at = ${len(_OWN) + 3} WHERE id = $1",
        number, *_values(rule), actor.id, clock.now(),
    )  # fmt: skip
    await _keep(connection, actor, number, "saved")


async def switch(
    connection: db.Connection, actor: Actor, number: int, version: int, state: str, reason: str = ""
) -> None:
    """Put a rule in force (``live``) or switch it off (``off``). Raises 404, and 409 as ``change`` does."""
    was = await _locked(connection, number, version)
    if was == state:
        raise conflict("rule_state", "这条规则已经是这个状态了，请刷新再看。", "It is so already; refresh and look.")
    await connection.execute(
        "UPDATE routing_rule SET state = $2, fault = '', version = version + 1, author = $3, changed_at = $4"
        " WHERE id = $1",
        number, state, actor.id, clock.now(),
    )  # fmt: skip
    await _keep(connection, actor, number, state, reason)


async def move(connection: db.Connection, actor: Actor, number: int, *, up: bool) -> bool:
    """Change places with the neighbour before or behind; False when there is none."""
    await connection.execute(_LOCK)
    order = [row["id"] for row in await connection.fetch("SELECT id FROM routing_rule ORDER BY place, id")]
    if number not in order:
        raise not_found()
    at = order.index(number)
    other = at - 1 if up else at + 1
    if not 0 <= other < len(order):
        return False
    await connection.execute(
        "UPDATE routing_rule r SET place = o.place FROM routing_rule o WHERE (r.id, o.id) IN (($1, $2), ($2, $1))",
        number, order[other],
    )  # fmt: skip
    await acts.note(connection, actor, "dispatch_rule.moved", f"dispatch_rule:{number}", {"number": "↑" if up else "↓"})
    return True


async def history(connection: db.Connection, number: int) -> list[Version]:
    """Every version of a rule, the latest first."""
    rows = await connection.fetch(
        "SELECT version, what, content, reason, author, at FROM routing_rule_version WHERE rule = $1"
        " ORDER BY version DESC",
        number,
    )
    return [
        Version(
            version=row["version"], what=row["what"], rule=msgspec.json.decode(row["content"], type=Rule),
            reason=row["reason"], author=row["author"], at=row["at"],
        )
        for row in rows
    ]  # fmt: skip


async def hits(connection: db.Connection) -> dict[int, int]:
    """How many dispatches each rule decided since it was written."""
    rows = await connection.fetch(
        "SELECT basis, count(*) AS n FROM assignment WHERE basis LIKE 'rule:%' GROUP BY basis"
    )
    return {int(row["basis"].removeprefix("rule:")): row["n"] for row in rows}


def report(work: Work, faults: Sequence[Fault]) -> None:
    """Switch off what erred once the case is safe: in a transaction of its own, so that it never blocks routing."""
    for fault in {(one.rule.id, one.rule.version): one for one in faults}.values():
        async def later(fault: Fault = fault) -> None:
            await _fail(fault)

        work.after(later)


async def _fail(fault: Fault) -> None:
    rule = fault.rule
    log.error("dispatch rule %d erred (%s) and is switched off", rule.id, fault.code)
    try:
        async with db.atomic() as connection:
            is_first = await connection.fetchval(
                "UPDATE routing_rule SET state = 'faulty', fault = $3, version = version + 1, changed_at = $4"
                " WHERE id = $1 AND version = $2 AND state = 'live' RETURNING true",
                rule.id, rule.version, fault.code, clock.now(),
            )  # fmt: skip
            if is_first:
                await _keep(connection, SYSTEM, rule.id, "faulty")
    except Exception as error:  # noqa: BLE001 - the next case finds it again; this one is committed already
        log.error("dispatch rule %d could not be switched off\n%s", rule.id, plain(error))  # noqa: TRY400


def _values(rule: Rule) -> tuple[object, ...]:
    conditions = msgspec.json.encode(rule.conditions).decode()
    return tuple(conditions if name == "conditions" else _plain(getattr(rule, name)) for name in _OWN)


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


async def _locked(connection: db.Connection, number: int, version: int) -> str:
    await connection.execute(_LOCK)
    row = await connection.fetchrow("SELECT state, version FROM routing_rule WHERE id = $1 FOR UPDATE", number)
    if row is None:
        raise not_found()
    if row["version"] != version:
        raise conflict(
            "changed_meanwhile",
            "别人刚改过这条规则，您写的还在下面。请看版本记录，再点一次就按您写的保存。",
            "Somebody changed this rule meanwhile. What you wrote is kept; see its versions, then save again.",
        )
    return str(row["state"])


async def _keep(connection: db.Connection, actor: Actor, number: int, what: str, reason: str = "") -> None:
    """The version as it now stands, and the act in the log."""
    row = await connection.fetchrow(f"SELECT {', '.join(_COLUMNS)} FROM routing_rule WHERE id = $1", number)
    rule = _rule(row)
    await connection.execute(
        "INSERT INTO routing_rule_version (rule, version, what, content, reason, author, at)"
        " VALUES ($1, $2, $3, $4::text::jsonb, $5, $6, $7)",
        number, rule.version, what, msgspec.json.encode(rule).decode(), reason, actor.id, clock.now(),
    )  # fmt: skip
    data: dict[str, object] = {"version": rule.version} | ({"fault": rule.fault} if rule.fault else {})
    await acts.note(connection, actor, f"dispatch_rule.{what}", f"dispatch_rule:{number}", data)


async def faulty(connection: db.Connection) -> list[tuple[int, str, date]]:
    """Rules that failed and wait for somebody: number, what failed, since when."""
    rows = await connection.fetch(
        "SELECT id, fault, changed_at FROM routing_rule WHERE state = 'faulty' ORDER BY changed_at"
    )
    return [(row["id"], row["fault"], clock.local_day(row["changed_at"])) for row in rows]
