"""Bounties for found faults (有奖找茬): campaigns and findings as they are kept, filed, found again."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from hotline import acts, city, clock, db, serials, vault
from hotline.actor import Actor
from hotline.errors import Say, conflict, invalid, not_found
from hotline.work import Work

STATES: dict[str, Say] = {
    "filed": Say("待审查", "To be reviewed"),
    "confirmed": Say("已确认", "Confirmed"),
    "refused": Say("未确认", "Not confirmed"),
    "duplicate": Say("与先报的重复", "A repeat of an earlier one"),
    "overturned": Say("确认后推翻", "Overturned"),
}
MEANS: dict[str, Say] = {
    "bank": Say("银行卡", "Bank account"),
    "wechat": Say("微信", "WeChat"),
    "alipay": Say("支付宝", "Alipay"),
    "counter": Say("到窗口领", "At the counter"),
}
_FINDER, _PHONE, _PAYEE = "bounty.finder", "bounty.phone", "bounty.payee"


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign: its days, what counts, yuan and points off the unit for each finding, which units (none: all)."""

    id: UUID
    name: str
    what: str
    starts: date
    ends: date
    amount: int
    points: int
    units: list[str]
    made_at: datetime
    made_by: UUID

    def is_on(self, day: date) -> bool:
        """Whether findings may be filed on this day."""
        return self.starts <= day <= self.ends


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One finding, without who found it. ``first``: the earlier one that it repeats."""

    id: UUID
    number: str
    campaign_id: UUID
    unit: str
    place: str
    words: str
    filed_at: datetime
    filed_by: UUID | None
    account_id: UUID | None
    channel: str
    lang: str
    state: str
    first: UUID | None
    reviewed_at: datetime | None
    reviewed_by: UUID | None
    reason: str
    amount: int | None
    public_words: str
    public_by: UUID | None
    published_at: datetime | None
    published_by: UUID | None
    appeal: str | None
    appealed_at: datetime | None
    appealed_by: UUID | None
    appeal_upheld: bool | None
    appeal_reason: str | None
    appeal_decided_at: datetime | None
    appeal_decided_by: UUID | None

    @property
    def appeal_waits(self) -> bool:
        """The unit appealed and nobody has decided yet."""
        return self.appealed_at is not None and self.appeal_decided_at is None


class Payee(msgspec.Struct, frozen=True, kw_only=True):
    """How a finder is to be paid; sealed wherever it is kept."""

    name: str
    means: str
    account: str = ""


class Finder(msgspec.Struct, frozen=True, kw_only=True):
    """Who found it, in the clear: for telling and paying them only. ``payee`` None: they have not said yet."""

    name: str
    phone: str
    payee: Payee | None


class Filing(msgspec.Struct, frozen=True, kw_only=True):
    """A finding as it comes in. ``filed_by`` is the staff member who took it down for a caller."""

    campaign: UUID
    unit: str
    words: str
    name: str
    phone: str
    place: str = ""
    channel: str = "web"
    lang: str = "zh"
    filed_by: UUID | None = None
    account_id: UUID | None = None
    payee: Payee | None = None


CAMPAIGN = ", ".join(Campaign.__struct_fields__)
FINDING = ", ".join(Finding.__struct_fields__)


async def campaigns(connection: db.Connection, *, on: date | None = None) -> list[Campaign]:
    """All campaigns, the last first; ``on``: those that run on the day."""
    where = "WHERE $1::date IS NULL OR $1 BETWEEN starts AND ends"
    rows = await connection.fetch(f"SELECT {CAMPAIGN} FROM bounty_campaign {where} ORDER BY starts DESC, id", on)
    return [Campaign(**row) for row in rows]


async def campaign(connection: db.Connection, identifier: UUID, *, lock: str = "") -> Campaign:
    """One campaign; 404 when there is none. ``lock``: "FOR UPDATE", or "FOR SHARE" to keep its promise as it is."""
    row = await connection.fetchrow(f"SELECT {CAMPAIGN} FROM bounty_campaign WHERE id = $1 {lock}", identifier)
    if row is None:
        raise not_found()
    return Campaign(**row)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a campaign is to be."""

    name: str
    what: str
    starts: date
    ends: date
    amount: int
    points: int
    units: tuple[str, ...] = ()


def _check_plan(plan: Plan) -> None:
    wrong = {}
    if plan.ends < plan.starts:
        wrong["ends"] = Say("结束日在开始日以前。", "It ends before it starts.")
    if plan.amount < 1:
        wrong["amount"] = Say("奖金至少 1 元。", "At least 1 yuan.")
    if any(city.current().unit(code) is None for code in plan.units):
        wrong["units"] = Say("请从列表里选单位。", "Choose units from the list.")
    if wrong:
        raise invalid(wrong)


async def start(work: Work, identifier: UUID, plan: Plan) -> Campaign:
    """发布活动. A double post of the same form is one campaign."""
    _check_plan(plan)
    row = await work.connection.fetchrow(
        "INSERT INTO bounty_campaign (id, name, what, starts, ends, amount, points, units, made_at, made_by)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO NOTHING"
        f" RETURNING {CAMPAIGN}",
        identifier, plan.name, plan.what, plan.starts, plan.ends, plan.amount, plan.points, list(plan.units),
        work.now, work.actor.id,
    )  # fmt: skip
    if row is None:
        return await campaign(work.connection, identifier)
    await acts.note(work, work.actor, "bounty_started", f"bounty:{identifier}")
    return Campaign(**row)


async def change(work: Work, identifier: UUID, plan: Plan) -> None:
    """Change a campaign. What was promised to those who filed stands: sum, points and units do not move any more."""
    _check_plan(plan)
    before = await campaign(work.connection, identifier, lock="FOR UPDATE")
    filed = await work.connection.fetchval(
        "SELECT EXISTS (SELECT FROM bounty_finding WHERE campaign_id = $1)", identifier
    )
    promised = (before.amount, before.points, sorted(before.units), before.starts)
    if filed and promised != (plan.amount, plan.points, sorted(plan.units), plan.starts):
        raise conflict(
            "promised", "已有人报了线索，奖金、扣分、单位和开始日不能再改；可以改名称、说明和结束日。",
            "Findings were filed: sum, points, units and first day stand; name, text and last day may change.",
        )  # fmt: skip
    await work.connection.execute(
        "UPDATE bounty_campaign SET name = $2, what = $3, starts = $4, ends = $5, amount = $6, points = $7, units = $8"
        " WHERE id = $1",
        identifier, plan.name, plan.what, plan.starts, plan.ends, plan.amount, plan.points, list(plan.units),
    )  # fmt: skip
    await acts.note(work, work.actor, "bounty_changed", f"bounty:{identifier}")


async def file(work: Work, identifier: UUID, filing: Filing, code: str) -> Finding:
    """报线索: kept with its own number and a hash of its query code. 409 when the campaign does not run today.

    ``identifier`` makes a double post one finding: the second gets 409 ``posted``.
    """
    one = await campaign(work.connection, filing.campaign, lock="FOR SHARE")
    if not one.is_on(clock.local_day(work.now)):
        raise conflict("not_on", "这次活动还没开始，或已经结束。", "The campaign has not begun, or is over.")
    if city.current().unit(filing.unit) is None or (one.units and filing.unit not in one.units):
        raise invalid({"unit": Say("请从列表里选单位。", "Choose the office from the list.")})
    year = clock.local_day(work.now).year
    number = f"ZC{year}-{await serials.following(work.connection, 'bounty', year):05d}"
    try:
        async with work.connection.transaction():
            row = await work.connection.fetchrow(
                "INSERT INTO bounty_finding (id, number, code_hash, campaign_id, unit, place, words, filed_at,"
                " filed_by, account_id, channel, lang, finder, phone, phone_index, payee, state)"
                " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 'filed')"
                f" RETURNING {FINDING}",
                identifier, number, vault.index(f"{number}:{code}"), one.id, filing.unit, filing.place, filing.words,
                work.now, filing.filed_by, filing.account_id, filing.channel, filing.lang,
                vault.seal(filing.name, _FINDER), vault.seal(vault.normal_phone(filing.phone), _PHONE),
                vault.phone_index(filing.phone), sealed(filing.payee),
            )  # fmt: skip
    except asyncpg.UniqueViolationError:
        raise conflict("posted", "这条线索已经收到了。", "We have this finding already.") from None
    await acts.note(work, work.actor, "bounty_filed", f"bounty_finding:{number}", {"unit": filing.unit})
    return Finding(**row)


def nobody() -> tuple[bytes, bytes]:
    """Name and number of a finder who is forgotten, as they are kept."""
    return vault.seal("", _FINDER), vault.seal("", _PHONE)


def sealed(payee: Payee | None) -> bytes | None:
    """A payee as it is kept."""
    return None if payee is None else vault.seal(json.dumps(msgspec.to_builtins(payee)), _PAYEE)


def unsealed(data: bytes) -> Payee:
    """A payee as it was sealed."""
    return msgspec.json.decode(vault.unseal(data, _PAYEE), type=Payee)


async def finder(connection: db.Connection, identifier: UUID) -> Finder:
    """Who found it, for telling or paying them; whoever shows it to staff notes that."""
    row = await connection.fetchrow("SELECT finder, phone, payee FROM bounty_finding WHERE id = $1", identifier)
    if row is None:
        raise not_found()
    return Finder(
        name=vault.unseal(row["finder"], _FINDER), phone=vault.unseal(row["phone"], _PHONE),
        payee=unsealed(row["payee"]) if row["payee"] is not None else None,
    )  # fmt: skip


async def set_payee(work: Work, number: str, payee: Payee) -> None:
    """The finder says how to be paid; 409 once it is being paid."""
    sql = "SELECT id FROM bounty_finding WHERE number = $1 FOR UPDATE"
    finding = await work.connection.fetchval(sql, number)
    if finding is None:
        raise not_found()
    sql = "SELECT state FROM bounty_payment WHERE finding_id = $1"  # after the lock: not as it stood before a wait
    if await work.connection.fetchval(sql, finding) in ("prepared", "paid"):
        raise conflict("being_paid", "正在发放，收款方式不能改了；要改请打 12345。", "It is being paid; call 12345.")
    await work.connection.execute("UPDATE bounty_finding SET payee = $2 WHERE id = $1", finding, sealed(payee))


async def by_number(connection: db.Connection, number: str) -> tuple[Finding, bytes] | None:
    """A finding with the hash of its code, for whoever shows number and code."""
    row = await connection.fetchrow(f"SELECT {FINDING}, code_hash FROM bounty_finding WHERE number = $1", number)
    if row is None:
        return None
    return Finding(**{name: row[name] for name in Finding.__struct_fields__}), row["code_hash"]


async def of_account(connection: db.Connection, account: UUID) -> list[Finding]:
    """What an account's holder has found."""
    rows = await connection.fetch(
        f"SELECT {FINDING} FROM bounty_finding WHERE account_id = $1 ORDER BY filed_at DESC LIMIT 50", account
    )
    return [Finding(**row) for row in rows]


async def locked(connection: db.Connection, *identifiers: UUID) -> list[Finding]:
    """These findings under their locks, the earliest filed first. 404 when one is missing."""
    sql = f"SELECT {FINDING} FROM bounty_finding WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE"
    rows = await connection.fetch(sql, list(set(identifiers)))
    if len(rows) != len(set(identifiers)):
        raise not_found()
    return sorted((Finding(**row) for row in rows), key=rank)


def rank(one: Finding) -> tuple[datetime, str]:
    """By what the first finder is told: the moment of filing, then the number."""
    return one.filed_at, one.number


def is_concerned(actor: Actor, one: Finding) -> bool:
    """Whether the actor is of the unit concerned, of a body above or below it, or filed the finding themselves."""
    units = {one.unit, city.current().heir(one.unit) or one.unit}
    own = {actor.unit} if actor.unit else set()
    below = {code for unit in units for code in city.current().subtree(unit)}
    return not units.isdisjoint(actor.units) or bool(own & below) or one.filed_by == actor.id


def plain(row: Any) -> Finding:
    """A row with FINDING's columns."""
    return Finding(**{name: row[name] for name in Finding.__struct_fields__})
