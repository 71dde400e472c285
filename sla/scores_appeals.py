"""Appeals against published scores: by the unit, on one item, decided by somebody else; upheld, the sheet is amended.

The sheet as it was published stays; a revision with the points given back and the reason comes after it, and a year
that was published with it is made anew beside its own first.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import msgspec

from cases import redaction
from hotline import acts, city, db
from hotline.actor import Actor
from hotline.errors import Refusal, Say, conflict, not_found
from hotline.ids import new_id
from hotline.work import Work
from sla import calendar, scores_formulas, scores_frozen, scores_live, scores_sheet
from sla.scores import Worked
from sla.scores_exact import plain
from sla.scores_formula import Adjustment, Formula
from sla.scores_sheet import Sheet

STATES: dict[str, Say] = {
    "": Say("待裁定", "To be decided"),
    "upheld": Say("成立", "Upheld"),
    "refused": Say("不成立", "Refused"),
}


class Appeal(msgspec.Struct, frozen=True, kw_only=True):
    """One appeal. ``points`` are what was given back."""

    id: UUID
    sheet_id: UUID
    preset: str
    period: str
    unit: str
    item: str
    ground: str
    asked_at: datetime
    asked_by: UUID
    outcome: str | None
    points: Decimal | None
    reason: str
    decided_at: datetime | None
    decided_by: UUID | None
    frozen_by: UUID

    @property
    def state(self) -> Say:
        """Where it stands."""
        return STATES[self.outcome or ""]


_SELECT = """SELECT a.id, a.sheet_id, s.preset, s.period, a.unit, a.item, a.ground, a.asked_at, a.asked_by, a.outcome,
    a.points, a.reason, a.decided_at, a.decided_by, s.frozen_by
    FROM score_appeal a JOIN score_sheet s ON s.id = a.sheet_id"""


async def listed(connection: db.Connection, *, units: tuple[str, ...] | None = None, size: int = 200) -> list[Appeal]:
    """Appeals, those to be decided first, then the last decided; only these units' when given."""
    where = "" if units is None else "WHERE a.unit = ANY($1::text[])"
    rows = await connection.fetch(
        f"{_SELECT} {where} ORDER BY a.decided_at IS NOT NULL, a.decided_at DESC, a.asked_at LIMIT {int(size)}",
        *([] if units is None else [list(units)]),
    )
    return [Appeal(**row) for row in rows]


async def of_sheet(connection: db.Connection, preset: str, period: str, unit: str = "") -> list[Appeal]:
    """The appeals against one sheet, or one unit's of them."""
    rows = await connection.fetch(
        f"{_SELECT} WHERE s.preset = $1 AND s.period = $2 AND ($3 = '' OR a.unit = $3) ORDER BY a.asked_at",
        preset, period, unit,
    )  # fmt: skip
    return [Appeal(**row) for row in rows]


async def one(connection: db.Connection, appeal: UUID) -> Appeal:
    """One appeal; the 404 refusal otherwise."""
    row = await connection.fetchrow(f"{_SELECT} WHERE a.id = $1", appeal)
    if row is None:
        raise not_found()
    return Appeal(**row)


def until(first: Sheet) -> datetime:
    """Until when a sheet may be appealed: working days after it was first published (rule ``score.appeal``)."""
    if first.frozen_at is None:
        raise ValueError(first.body.period)
    days = int(city.current().rule("score.appeal"))
    return calendar.of(city.current()).add_working_days(first.frozen_at, days).at


def lost(formula: Formula, worked: Worked) -> Fraction:
    """The most that can be given back on an item: what it is short of its best."""
    item = formula.item(worked.code)
    if item is None or item.most is None or worked.exact is None:
        return Fraction(0)
    return max(Fraction(0), item.most - worked.exact)


def is_of(actor: Actor, unit: str) -> bool:
    """Whether the actor speaks for this unit: one of its own, not of what stands below it."""
    return bool(unit) and actor.unit == unit


def is_concerned(actor: Actor, unit: str) -> bool:
    """Whether a decision on this unit would be the actor's own: of it, or of what is scored with it."""
    return bool(unit) and unit in (actor.unit, scores_live.root_of(actor.unit))


async def ask(work: Work, preset: str, period: str, *, unit: str, item: str, ground: str) -> Appeal:
    """申诉: one appeal an item, within the days.

    404 for another unit's score or an item that it does not have; 409 ``late``, ``appealed``, ``nothing_lost``, and
    ``of_year`` for a year, which is appealed by its months; 422 ``gate`` for grounds that tell who somebody is.
    """
    _demand_nobody("ground", ground)
    kept = await scores_frozen.revisions(work.connection, preset, period)
    row = kept[-1].row(unit) if kept else None
    worked = row.item(item) if row else None
    if not kept or worked is None or not is_of(work.actor, unit):
        raise not_found()
    if kept[0].body.parts:
        raise conflict("of_year", "年度分数由各期合成，请对相应的一期申诉。",
                       "A year is made of its periods: appeal against the period concerned.")
    if work.now > until(kept[0]):
        raise conflict("late", "申诉期限已过。", "The time to appeal is over.")
    if lost(kept[-1].formula, worked) == 0:
        raise conflict("nothing_lost", "这一项没有失分。", "No points were lost on this item.")
    identifier = await work.connection.fetchval(
        "INSERT INTO score_appeal (id, sheet_id, unit, item, ground, asked_at, asked_by) VALUES"
        " ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (sheet_id, unit, item) DO NOTHING RETURNING id",
        new_id(), kept[0].id, unit, item, ground, work.now, work.actor.id,
    )  # fmt: skip
    if identifier is None:
        raise conflict("appealed", "这一项已经申诉过，每项只能申诉一次。",
                       "This item was appealed already; once is all.")
    await acts.note(work, work.actor, "score_appealed", f"score:{preset}:{period}", {"unit": unit, "item": item})
    return await one(work.connection, identifier)


async def decide(work: Work, appeal: UUID, *, outcome: str, points: Decimal | None, reason: str) -> Sheet | None:
    """裁定: refused, or upheld with the points given back; then the amended sheet.

    409 ``decided``, ``own_decision`` for who published the scores, asked, or is of the unit; 422 for the points, and
    for a reason that tells who somebody is.
    """
    found = await one(work.connection, appeal)
    await scores_formulas.lock(work.connection, found.preset)
    found = await one(work.connection, appeal)
    _may_decide(work, found)
    _demand_nobody("reason", reason)
    kept = await scores_frozen.revisions(work.connection, found.preset, found.period)
    latest = kept[-1]
    if outcome == "upheld":
        _check_points(latest, found, points)
    await work.connection.execute(
        "UPDATE score_appeal SET outcome = $2, points = $3, reason = $4, decided_at = $5, decided_by = $6"
        " WHERE id = $1",
        appeal, outcome, points if outcome == "upheld" else None, reason, work.now, work.actor.id,
    )  # fmt: skip
    await acts.note(work, work.actor, "score_appeal_decided", f"score:{found.preset}:{found.period}",
                    {"unit": found.unit, "item": found.item, "outcome": outcome})  # fmt: skip
    return await _amended(work, latest, found, points, reason) if outcome == "upheld" and points is not None else None


def _demand_nobody(field: str, text: str) -> None:
    """What is written here stays for good, and all units may read why a sheet was amended."""
    if redaction.finds(text, kinds=redaction.INDEXED_KINDS):
        say = Say("这里有姓名、号码一类的内容，会长期留存，请改成只写案件编号和事实。",
                  "This holds a name or a number of somebody and is kept for good: give case numbers and facts only.")
        raise Refusal(422, "gate", say, fields={field: say})


def _may_decide(work: Work, found: Appeal) -> None:
    if found.decided_at is not None:
        raise conflict("decided", "这件申诉已经裁定。", "This appeal is decided already.")
    if work.actor.id in (found.frozen_by, found.asked_by) or is_concerned(work.actor, found.unit):
        raise conflict("own_decision", "核定这期的人、申诉人和申诉单位的人不能裁定，请另一位同事来。",
                       "Who published the scores, who appealed and the unit's own people do not decide.")


def _check_points(latest: Sheet, found: Appeal, points: Decimal | None) -> None:
    row = latest.row(found.unit)
    worked = row.item(found.item) if row else None
    most = lost(latest.formula, worked) if worked else Fraction(0)
    if points is None or not 0 < Fraction(points) <= most:
        say = Say(f"加回的分要大于 0，不超过失去的 {plain(most)} 分。",
                  f"The points given back must be over 0 and at most the {plain(most)} lost.")
        raise Refusal(422, "invalid", say, fields={"points": say})


async def _amended(work: Work, latest: Sheet, found: Appeal, points: Decimal, reason: str) -> Sheet:
    back = Adjustment(unit=found.unit, item=found.item, points=points, reason=reason, appeal=str(found.id))
    body = scores_sheet.made(
        latest.preset, latest.period, latest.body.version, latest.formula, entries=latest.body.entries,
        adjustments=(*latest.body.adjustments, back), is_given=latest.body.is_given,
    )  # fmt: skip
    sheet = await scores_frozen.keep(work, body, formula=latest.formula_id, appeal=found.id, reason=reason,
                                     revision=latest.revision + 1)  # fmt: skip
    await _amend_year(work, sheet, found, reason)
    return sheet


async def _amend_year(work: Work, part: Sheet, found: Appeal, reason: str) -> None:
    """A year that was published goes on equalling its periods."""
    year = await scores_frozen.frozen(work.connection, part.preset, str(part.period.first.year))
    if year is None or part.period.text not in {one.period for one in year.body.parts}:
        return
    parts = [scores_sheet.part_of(part) if one.period == part.period.text else one for one in year.body.parts]
    body = scores_sheet.made(year.preset, year.period, year.body.version, year.formula, parts=parts)
    await scores_frozen.keep(work, body, formula=year.formula_id, appeal=found.id, reason=reason,
                             revision=year.revision + 1)  # fmt: skip

