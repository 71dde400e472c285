"""Rating a body without a case (rules.md 8): received → shown to the unit and the centre → replied, if dissatisfied.

Counts apart: nothing here touches the ratings of cases, their supervision records or their figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import asyncpg
import msgspec

from cases import scope, states
from cases.queries import LAST
from hotline import acts, city, clock, db, vault
from hotline.accounts import Account
from hotline.actor import Actor
from hotline.errors import Refusal, Say, conflict, invalid, not_found
from hotline.ids import new_id
from hotline.permissions import may

SIZE = 50
STATES = {
    "received": Say("已收到", "Received"),
    "shown": Say("单位已看到", "Seen by the unit"),
    "replied": Say("已答复", "Answered"),
}
START = (LAST, UUID(int=2**128 - 1))
_ABOUT = "body_rating.about"
_COLUMNS = "id, rater_kind, unit, portal, about, grade, words, at, state, reply, replied_at"


class BodyRating(msgspec.Struct, frozen=True, kw_only=True):
    """One rating in plain values; who gave it is known to the account only."""

    id: UUID
    rater_kind: str
    unit: str
    portal: str | None
    about: str
    grade: str
    words: str
    at: datetime
    state: str
    reply: str
    replied_at: datetime | None

    @property
    def is_waiting(self) -> bool:
        """Dissatisfied and not answered: the unit still has to say something."""
        return self.grade == "dissatisfied" and self.state != "replied"


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody says of a body: one of exactly four grades, a person or a window, words."""

    unit: str
    grade: str
    about: str = ""
    words: str = ""
    portal: str = ""


async def rate(connection: db.Connection, account: Account, given: Given) -> UUID:
    """Keep a rating. 403 unless the account is verified; 409 within the city's days of the last one of this body."""
    if not account.is_verified:
        raise unverified()
    if given.grade not in states.GRADES:
        raise invalid({"grade": Say("请从四个评价里选一个。", "Choose one of the four.")})
    if city.current().unit(given.unit) is None:
        raise invalid({"unit": Say("请从列表里选单位。", "Choose the office from the list.")})
    now = clock.now()
    today, days = clock.local_day(now), int(city.current().rule("rating.body_days"))
    last: date | None = await connection.fetchval(
        "SELECT max(day) FROM body_rating WHERE account_id = $1 AND unit = $2", account.id, given.unit
    )
    if last is not None and today < last + timedelta(days=days):
        raise _rated(days)
    rating = new_id()
    try:
        async with connection.transaction():
            await connection.execute(
                "INSERT INTO body_rating"
                " (id, account_id, rater_kind, unit, portal, about, grade, words, day, at, state)"
                " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'received')",
                rating, account.id, account.kind, given.unit, given.portal or None,
                vault.seal(given.about, _ABOUT) if given.about else None, given.grade, given.words, today, now,
            )  # fmt: skip
    except asyncpg.UniqueViolationError:
        raise _rated(days) from None
    return rating


def unverified() -> Refusal:
    """The refusal for an account that is not verified; pages show the way to the counter instead."""
    say = Say("评议单位要先核实身份，可带身份证到窗口。", "Verify your identity at a counter to rate an office.")
    return Refusal(403, "unverified", say)


def _rated(days: int) -> Refusal:
    zh = "今天已经评过这个单位，明天可以再评。" if days == 1 else f"{days} 天内已经评过这个单位。"
    en = "You rated it today; you may again tomorrow." if days == 1 else f"You rated it within {days} days."
    return conflict("rated", zh, en)


async def of_account(connection: db.Connection, account: UUID, limit: int = 20) -> Sequence[BodyRating]:
    """What the account's holder has rated, the last first."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM body_rating WHERE account_id = $1 ORDER BY at DESC LIMIT $2", account, limit
    )
    return [_plain(row) for row in rows]


async def seen(
    connection: db.Connection,
    actor: Actor,
    *,
    unit: str = "",
    grade: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    is_waiting: bool = False,
    after: tuple[datetime, UUID] = START,
    size: int = SIZE,
) -> Sequence[BodyRating]:
    """The ratings within the actor's reach, the last first, ``size`` + 1 of them."""
    where, args = _reach(actor)
    for text, value in (("unit = ${}", unit), ("grade = ${}", grade), ("at >= ${}", since), ("at < ${}", until)):
        if value:
            args.append(value)
            where += f" AND {text.format(len(args))}"
    if is_waiting:
        where += " AND grade = 'dissatisfied' AND state <> 'replied'"
    args += after
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM body_rating WHERE {where} AND (at, id) < (${len(args) - 1}, ${len(args)})"
        f" ORDER BY at DESC, id DESC LIMIT {size + 1}",
        *args,
    )
    return [_plain(row) for row in rows]


async def show(connection: db.Connection, actor: Actor, ratings: Sequence[BodyRating]) -> None:
    """The people of the unit have these before them now."""
    fresh = [one.id for one in ratings if one.state == "received" and one.unit in actor.units]
    if fresh and may(actor, "case.handle"):
        await connection.execute(
            "UPDATE body_rating SET state = 'shown', shown_at = $2 WHERE id = ANY($1) AND state = 'received'",
            fresh, clock.now(),
        )  # fmt: skip


async def reply(connection: db.Connection, actor: Actor, rating: UUID, text: str) -> None:
    """The unit answers a dissatisfied rating, once. 404 for another unit's, 422 without words, 409 when answered."""
    if not 0 < len(text.strip()) <= 2000:
        raise invalid({"reply": Say("还没写答复（2000 字以内）。", "Write the answer (at most 2,000 characters).")})
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM body_rating WHERE id = $1 AND unit = ANY($2) FOR UPDATE", rating, list(actor.units)
    )
    if row is None or not may(actor, "case.handle"):
        raise not_found()
    if not _plain(row).is_waiting:
        raise conflict("replied", "这条评议不用答复，或已经答复过。", "It needs no answer, or has one already.")
    now = clock.now()
    await connection.execute(
        "UPDATE body_rating SET state = 'replied', shown_at = coalesce(shown_at, $2), reply = $3, replied_at = $2,"
        " replied_by = $4 WHERE id = $1",
        rating, now, text.strip(), actor.id,
    )  # fmt: skip
    await acts.note(connection, actor, "body_rating.replied", f"unit:{row['unit']}")


async def sums(
    connection: db.Connection, actor: Actor, since: datetime, until: datetime
) -> dict[str, dict[str, int]]:
    """By unit how often each grade was given between two moments, within the actor's reach."""
    where, args = _reach(actor)
    rows = await connection.fetch(
        f"SELECT unit, grade, count(*) AS n FROM body_rating WHERE {where}"
        f" AND at >= ${len(args) + 1} AND at < ${len(args) + 2} GROUP BY unit, grade",
        *args, since, until,
    )  # fmt: skip
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row["unit"], dict.fromkeys(states.GRADES, 0))[row["grade"]] = row["n"]
    return found


def _reach(actor: Actor) -> tuple[str, list[object]]:
    """The whole city, a county's units and portal, or the own units; else nothing."""
    own = scope.scope_of(actor)
    if own.city:
        return "TRUE", []
    if own.county:
        return "(unit = ANY($1) OR portal = $2)", [list(city.current().subtree(own.county)), own.county]
    return "unit = ANY($1)", [list(own.units)]


def _plain(row: asyncpg.Record) -> BodyRating:
    about = vault.unseal(row["about"], _ABOUT) if row["about"] is not None else ""
    return BodyRating(**{**dict(row), "about": about})
