"""Versions of formulas in the database: which is in force for a period, and a new one from a month on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec

from hotline import acts, canon, db
from hotline.errors import Refusal, Say, conflict
from hotline.ids import new_id
from hotline.work import Work
from sla import scores_check, scores_presets
from sla.scores_formula import Formula
from sla.scores_period import Period


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a formula. The one that is shipped is number 0 and has no id."""

    preset: str
    version: int
    formula: Formula
    id: UUID | None = None
    begins: date | None = None
    note: str = ""
    made_at: datetime | None = None
    made_by: UUID | None = None


_COLUMNS = "id, preset, version, begins, body, note, made_at, made_by"


def _version(row: Mapping[str, Any]) -> Version:
    values = dict(row)
    return Version(formula=scores_presets.read(values.pop("body")), **values)


async def in_force(connection: db.Connection, preset: str, period: Period) -> Version:
    """The version by which a period is scored: the last that began by its first day, else the one shipped.

    Raises the 404 refusal for a preset that is neither shipped nor kept.
    """
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM score_formula WHERE preset = $1 AND begins <= $2 ORDER BY version DESC LIMIT 1",
        preset, period.first,
    )  # fmt: skip
    return _version(row) if row else Version(preset=preset, version=0, formula=scores_presets.preset(preset))


async def history(connection: db.Connection, preset: str) -> list[Version]:
    """Every version, the newest first, the one shipped last."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM score_formula WHERE preset = $1 ORDER BY version DESC", preset
    )
    return [*map(_version, rows), Version(preset=preset, version=0, formula=scores_presets.preset(preset))]


async def lock(connection: db.Connection, preset: str) -> None:
    """Whoever publishes or amends sheets of a formula, or changes it, does so alone until the transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtext($1))", f"score.{preset}")


async def replace(work: Work, formula: Formula, *, begins: date, note: str) -> Version:
    """A new version, in force from the first of a month on.

    422 for a formula that may not be used; 409 ``frozen`` where sheets were published for that time already.
    """
    scores_check.demand(formula)
    scores_presets.preset(formula.preset)
    if begins.day != 1:
        raise Refusal(422, "invalid", Say("办法从某月 1 日起。", "A formula begins with a month."),
                      fields={"begins": Say("办法从某月 1 日起。", "A formula begins with a month.")})
    await lock(work.connection, formula.preset)
    last = await work.connection.fetchval(
        "SELECT max(body::json->>'end') FROM score_sheet WHERE preset = $1", formula.preset
    )
    if last is not None and begins < date.fromisoformat(last):
        raise conflict("frozen", f"{last} 以前的考核已经公布，新办法只能从那以后起。",
                       f"Scores up to {last} are published; a new formula begins after that.")
    body = canon.canonical(msgspec.structs.asdict(formula))
    made = Version(
        preset=formula.preset, formula=formula, id=new_id(), begins=begins, note=note, made_at=work.now,
        made_by=work.actor.id, version=1 + int(await work.connection.fetchval(
            "SELECT coalesce(max(version), 0) FROM score_formula WHERE preset = $1", formula.preset)),
    )  # fmt: skip
    await work.connection.execute(
        "INSERT INTO score_formula (id, preset, version, begins, body, hash, note, made_at, made_by)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        made.id, made.preset, made.version, begins, body, sha256(body.encode()).digest(), note, work.now,
        work.actor.id,
    )  # fmt: skip
    await acts.note(work, work.actor, "score_formula_changed", f"formula:{made.preset}",
                    {"version": made.version, "begins": begins.isoformat()})  # fmt: skip
    return made
