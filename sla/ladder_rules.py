"""The ladder's rule table: trigger → subject → measure, each with the ground that an act under it cites.

A change begins a new version today; what was done before keeps citing the version of its day.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from hotline import acts, clock, db
from hotline.errors import Say, invalid, not_found
from hotline.work import Work

SUBJECTS: dict[str, Say] = {
    "unit": Say("单位", "The unit"),
    "liaison": Say("联络员", "The liaison"),
    "deputy": Say("分管负责人", "The deputy in charge"),
    "head": Say("主要负责人", "The head"),
    "person": Say("具体责任人", "A named person"),
}
MEASURES: dict[str, Say] = {
    "reminder": Say("催办、提醒", "Reminder"),
    "yellow": Say("黄牌", "Yellow card"),
    "red": Say("红牌", "Red card"),
    "order": Say("督办单", "Supervision order"),
    "joint": Say("联合督办", "Joint supervision"),
    "bulletin": Say("通报", "Bulletin"),
    "interview": Say("约谈", "Interview"),
    "accountability": Say("问责", "Accountability"),
}
ISSUERS: dict[str, Say] = {
    "system": Say("自动", "By itself"),
    "supervisor": Say("督办员、协调办公室", "Supervisor or coordination office"),
    "coordination": Say("协调办公室批准", "Approved by the coordination office"),
}
TRIGGERS: dict[str, Say] = {
    "before_due": Say("临近办结期限", "Close to the due moment"),
    "overdue": Say("办结超期", "Handling overdue"),
    "rework_dissatisfied": Say("重办后仍不满意", "Still dissatisfied after the rework"),
    "mass": Say("群体诉求", "A mass request"),
    "by_hand": Say("人工认定", "Found by a person"),
    "order_overdue": Say("督办单逾期未回复", "An order not answered in time"),
    "order_ignored": Say("督办单逾期仍不回复", "An order still not answered"),
    "long_overdue": Say("长期超期且不说明原因", "Long overdue, no reason given"),
    "orders_repeated": Say("一月内多次督办", "Several orders within a month"),
    "bottom_two_months": Say("连续两月末位", "At the bottom two months running"),
    "bulletin_uncorrected": Say("通报后不纠正", "Not corrected after a bulletin"),
    "undertaking_overdue": Say("约谈承诺逾期", "The undertaking of an interview overdue"),
    "return_groundless": Say("退回没有依据", "A return judged groundless"),
    "returns_over_limit": Say("退回次数到上限", "Returns refused up to the limit"),
    "withdrawal_solicited": Say("要求诉求人撤单", "Asked the requester to withdraw"),
    "discipline_lead": Say("违纪违法线索", "A lead on a breach of discipline"),
    "alert_unanswered": Say("预警没人答复", "An alert not answered"),
}
LEVELS: dict[str, int] = {
    "reminder": 0, "yellow": 2, "red": 3, "order": 4, "joint": 4, "bulletin": 5, "interview": 6, "accountability": 7,
}  # fmt: skip
"""The one level that a measure may have; accountability may also stand outside the order (0), as a record does."""
_COLUMNS = (
    "code, trigger, subject, measure, level, points, issued_by, amount, unit, ground_zh, ground_en, is_on, valid_from"
)
_IN_FORCE = f"SELECT {_COLUMNS} FROM ladder_rule WHERE valid_from <= $1 AND (valid_to IS NULL OR valid_to >= $1)"


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table. ``amount`` in ``unit`` is its threshold: working days (wd) or a count."""

    code: str
    trigger: str
    subject: str
    measure: str
    level: int
    points: int
    issued_by: str
    amount: Decimal | None
    unit: str | None
    ground_zh: str
    ground_en: str
    is_on: bool
    valid_from: date

    @property
    def ground(self) -> Say:
        """The rule or law that an act under it cites."""
        return Say(self.ground_zh, self.ground_en)

    @property
    def days(self) -> int:
        """The threshold as a whole number, 0 without one."""
        return int(self.amount or 0)


Book = Mapping[str, Rule]


async def in_force(connection: db.Connection, on: date | None = None) -> dict[str, Rule]:
    """Every rule as of a day (today), those switched off too, in the order of the ladder."""
    rows = await connection.fetch(f"{_IN_FORCE} ORDER BY level = 0, level, code", on or clock.today())
    return {row["code"]: Rule(**row) for row in rows}


async def of(work: Work) -> Book:
    """The rules in force now that are switched on, read once a transaction."""
    kept: dict[str, Book] = work.kept.setdefault("ladder_rules", {})
    if "on" not in kept:
        every = await in_force(work.connection, clock.local_day(work.now))
        kept["on"] = {code: one for code, one in every.items() if one.is_on}
    return kept["on"]


async def versions(connection: db.Connection, code: str) -> list[tuple[Rule, date | None]]:
    """All versions of one rule, the newest first, each with its last day. 404 for a code that is none."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS}, valid_to FROM ladder_rule WHERE code = $1 ORDER BY valid_from DESC", code
    )
    if not rows:
        raise not_found()
    return [(Rule(**{k: v for k, v in row.items() if k != "valid_to"}), row["valid_to"]) for row in rows]


def check(old: Rule, changes: Mapping[str, Any]) -> None:
    """422 by field for what the table does not take: points but on cards, a missing ground, a threshold of nothing."""
    new = msgspec.structs.replace(old, **changes)
    wrong: dict[str, Say] = {}
    if not new.ground_zh.strip():
        wrong["ground_zh"] = Say("请写明依据的规定或法律。", "Cite the rule or law it rests on.")
    if not new.ground_en.strip():
        wrong["ground_en"] = Say("请写明依据的英文。", "Give the ground in English.")
    if new.measure not in ("yellow", "red") and new.points:
        wrong["points"] = Say("只有黄牌、红牌扣分。", "Only cards cost points.")
    elif not 0 <= new.points <= 100:
        wrong["points"] = Say("扣分在 0 到 100 之间。", "Points are between 0 and 100.")
    if (new.amount is None) != (old.amount is None) or (new.amount is not None and not 0 < new.amount <= 365):
        wrong["amount"] = Say("这条规则的界限是 1 到 365。", "The threshold of this rule is 1 to 365.")
    elif new.amount is not None and new.amount != int(new.amount):
        wrong["amount"] = Say("界限请写整数。", "The threshold is a whole number.")
    if new.subject not in SUBJECTS:
        wrong["subject"] = Say("请选对象。", "Choose the subject.")
    if new.issued_by not in ISSUERS or (new.issued_by == "system") != (old.issued_by == "system"):
        wrong["issued_by"] = Say("自动的规则不能改为人工，反之也不能。", "What acts by itself stays so.")
    if wrong:
        raise invalid(wrong)


async def change(work: Work, code: str, **changes: Any) -> Rule:
    """Put a new version of a rule in force from today; what was done before cites the old one. 422 by field."""
    row = await work.connection.fetchrow(
        f"SELECT {_COLUMNS} FROM ladder_rule WHERE code = $1 AND valid_to IS NULL FOR UPDATE", code
    )
    if row is None:
        raise not_found()
    old = Rule(**row)
    check(old, changes)
    today = clock.local_day(work.now)
    new = msgspec.structs.replace(old, **changes, valid_from=max(today, old.valid_from))
    if old.valid_from >= today:  # a second change on one day: nothing of another day cites it
        await work.connection.execute(
            "DELETE FROM ladder_rule WHERE code = $1 AND valid_from = $2", code, old.valid_from
        )
    else:
        await work.connection.execute(
            "UPDATE ladder_rule SET valid_to = $3 WHERE code = $1 AND valid_from = $2",
            code, old.valid_from, today - timedelta(days=1),
        )  # fmt: skip
    places = ", ".join(f"${n}" for n in range(1, 14))
    await work.connection.execute(
        f"INSERT INTO ladder_rule ({_COLUMNS}) VALUES ({places})", *msgspec.structs.astuple(new)
    )
    moved = {k: [str(getattr(old, k)), str(getattr(new, k))] for k in changes if getattr(old, k) != getattr(new, k)}
    moved = {k: v for k, v in moved.items() if not k.startswith("ground")}
    await acts.note(work, work.actor, "ladder_rule_set", f"ladder:{code}", {"changed": sorted(changes), **moved})
    return new
