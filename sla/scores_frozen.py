"""Sheets of periods: live from the fact store, or frozen with all their inputs, so that they never move again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from hotline import acts, clock, db
from hotline.actor import Actor
from hotline.errors import Refusal, Say, conflict, not_found
from hotline.ids import new_id
from hotline.work import Work, work
from sla import facts_store, scores_formulas, scores_live, scores_period, scores_sheet
from sla.scores_formula import Entry, Formula, Given
from sla.scores_formulas import Version
from sla.scores_period import Period
from sla.scores_sheet import Body, Sheet, red_and_black

__all__ = [
    "Sheet", "demand_year_open", "freeze", "frozen", "keep", "listed", "live", "period_of", "red_and_black",
    "revisions", "verify",
]  # fmt: skip

_COLUMNS = "id, revision, body, hash, reason, frozen_at, frozen_by, formula_id"


def period_of(text: str) -> Period:
    """The period that a text names; the 404 refusal otherwise."""
    found = scores_period.read(text)
    if found is None:
        raise Refusal(404, "unknown_period",
                      Say("期间写成 2026-10、2026-Q3 或 2026。", "Write 2026-10, 2026-Q3 or 2026."))
    return found


def _sheet(row: Mapping[str, Any]) -> Sheet:
    values = dict(row)
    body = msgspec.json.decode(values.pop("body"), type=Body)
    return Sheet(body=body, hash=values.pop("hash").hex(), **values)


async def frozen(connection: db.Connection, preset: str, period: str) -> Sheet | None:
    """The published sheet of a period ("2026-10", "2026-Q3", "2026"), as last amended; None before it is published."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM score_sheet WHERE preset = $1 AND period = $2 ORDER BY revision DESC LIMIT 1",
        preset, period,
    )  # fmt: skip
    return _sheet(row) if row else None


async def revisions(connection: db.Connection, preset: str, period: str) -> list[Sheet]:
    """Every revision of a published sheet, the first first."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM score_sheet WHERE preset = $1 AND period = $2 ORDER BY revision", preset, period
    )
    return [_sheet(row) for row in rows]


async def listed(connection: db.Connection, preset: str) -> list[str]:
    """The published periods of a formula, the newest first."""
    rows = await connection.fetch(
        "SELECT period FROM score_sheet WHERE preset = $1 AND revision = 1"
        " ORDER BY body::json->>'end' DESC, length(period)", preset,
    )  # fmt: skip
    return [row["period"] for row in rows]


async def live(connection: db.Connection, preset: str, period: Period) -> Sheet:
    """The sheet as it would be by what is known now: a month or quarter from the facts, a year from frozen parts."""
    version = await scores_formulas.in_force(connection, preset, period)
    return Sheet(body=await _body(connection, version, period), formula_id=version.id)


async def _body(connection: db.Connection, version: Version, period: Period, *, is_final: bool = False) -> Body:
    formula = version.formula
    if period.kind == "year":
        found = [await frozen(connection, version.preset, one.text) for one in period.parts(formula.cycle)]
        parts = [scores_sheet.part_of(one) for one in found if one is not None]
        return scores_sheet.made(version.preset, period, version.version, formula, parts=parts)
    entries = await scores_live.entries(connection, formula, period)
    if is_final:
        entries = await _with_digests(connection, formula, period, entries)
    return scores_sheet.made(version.preset, period, version.version, formula, entries=entries)


async def _with_digests(
    connection: db.Connection, formula: Formula, period: Period, entries: list[Entry]
) -> list[Entry]:
    """Each figure with the digest of its cases."""
    known = await scores_live.digests(connection, formula, period)
    measures = {item.code: item.measure for item in formula.items}

    def told(unit: str, code: str, given: Given) -> Given:
        return msgspec.structs.replace(given, digest=known.get((unit, measures[code]), ""))

    return [
        msgspec.structs.replace(one, given={code: told(one.unit, code, got) for code, got in one.given.items()})
        for one in entries
    ]


async def freeze(actor: Actor, preset: str, period: Period) -> Sheet:
    """核定公布: the period's sheet becomes final. A second time changes nothing and gives the same sheet.

    409 ``period_open`` before the period is over, ``own_formula`` for who made the formula by which it is scored,
    ``no_figures`` where no unit has anything; and so that a year equals its periods, ``part_open`` for a year before
    all of its periods that have figures are published, ``year_closed`` for a period of a published year.
    """
    await facts_store.catch_up()
    async with work(actor) as w:
        await scores_formulas.lock(w.connection, preset)
        before = await frozen(w.connection, preset, period.text)
        if before is not None:
            return before
        await demand_year_open(w.connection, preset, period)
        await facts_store.hold_still(w.connection)
        version = await scores_formulas.in_force(w.connection, preset, period)
        body = await _body(w.connection, version, period, is_final=True)
        _may_freeze(w, version, period, body)
        await _demand_parts(w.connection, version, period)
        return await keep(w, body, formula=version.id)


async def demand_year_open(connection: db.Connection, preset: str, period: Period) -> None:
    """The 409 refusal where the year of a period is published: it would equal its periods no more."""
    year = period.first.year
    first = (await revisions(connection, preset, str(year)))[:1]
    if period.kind != "year" and first and period.kind == first[0].formula.cycle:
        raise conflict("year_closed", f"{year} 年度已经公布，不能再补公布其中的{period.name.zh}。",
                       f"The year {year} is published, so no period can be added to it.")


async def _demand_parts(connection: db.Connection, version: Version, period: Period) -> None:
    if period.kind != "year":
        return
    for part in period.parts(version.formula.cycle):
        if await frozen(connection, version.preset, part.text) is not None:
            continue
        if any(one.total is not None for one in (await live(connection, version.preset, part)).rows):
            raise conflict("part_open", f"{part.name.zh}还没公布，先公布各期，再公布年度。",
                           f"{part.name.en} is not published yet: its periods first, then the year.")


def _may_freeze(work: Work, version: Version, period: Period, body: Body) -> None:
    if not period.is_over(clock.local_day(work.now)):
        raise conflict("period_open", f"{period.name.zh}还没结束，数字还会变，结束后再公布。",
                       f"{period.name.en} is not over and its figures may still change: publish it afterwards.")
    if version.made_by == work.actor.id:
        raise conflict("own_formula", "这期用的办法是您改的，由另一位同事核定公布。",
                       "You made the formula of this period; somebody else publishes the scores.")
    if not any(one.total is not None for one in body.rows):
        raise conflict("no_figures", "这期没有可以考核的数据。", "There is nothing to score in this period.")


async def keep(work: Work, body: Body, *, formula: UUID | None, appeal: UUID | None = None, reason: str = "",
               revision: int = 1) -> Sheet:  # fmt: skip
    """Write a sheet down for good, and note the act."""
    text = body.text
    digest = scores_sheet.digest(text)
    sheet = Sheet(body=body, revision=revision, id=new_id(), hash=digest.hex(), reason=reason, frozen_at=work.now,
                  frozen_by=work.actor.id, formula_id=formula)  # fmt: skip
    await work.connection.execute(
        "INSERT INTO score_sheet (id, preset, period, revision, body, hash, formula_id, reason, appeal_id, frozen_at,"
        " frozen_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        sheet.id, body.preset, body.period, revision, text, digest, formula, reason, appeal, work.now, work.actor.id,
    )  # fmt: skip
    await acts.note(work, work.actor, "score_frozen" if revision == 1 else "score_amended",
                    f"score:{body.preset}:{body.period}", {"revision": revision, "hash": digest.hex()})  # fmt: skip
    return sheet


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What came of computing a frozen sheet again."""

    revision: int
    hash: str
    is_whole: bool
    is_same: bool
    units: int
    off: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Nothing was touched and the numbers come out the same."""
        return self.is_whole and self.is_same and not self.off


async def verify(connection: db.Connection, preset: str, period: Period) -> list[Verdict]:
    """Each revision: its hash over its text, its rows from its inputs, its parts from their sheets. 404 for none."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM score_sheet WHERE preset = $1 AND period = $2 ORDER BY revision", preset, period.text
    )
    if not rows:
        raise not_found()
    found = []
    for row in rows:
        sheet = _sheet(row)
        found.append(Verdict(
            revision=sheet.revision, hash=sheet.hash, units=len(sheet.rows),
            is_whole=scores_sheet.digest(row["body"]) == row["hash"],
            is_same=scores_sheet.same(sheet.rows, sheet.body.again()), off=await _off(connection, sheet),
        ))  # fmt: skip
    return found


async def _off(connection: db.Connection, sheet: Sheet) -> tuple[str, ...]:
    """Parts of a year that are not what their own sheets say."""
    off = []
    for part in sheet.body.parts:
        kept = await revisions(connection, sheet.preset, part.period)
        one = next((one for one in kept if one.revision == part.revision), None)
        if one is None or one.hash != part.hash or scores_sheet.part_of(one) != part:
            off.append(part.period)
    return tuple(off)
