"""The honour list: units with praise in a month and units at the top of a published sheet.

Put forward by one person with a sentence, approved by another. Nothing of a case is in it: a count and the sentence,
in which nothing that tells who somebody is may stand.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from cases import redaction
from hotline import acts, city, clock, db
from hotline.errors import Refusal, Say, conflict, not_found
from hotline.ids import new_id
from hotline.work import Work
from sla import facts, scores_frozen, scores_live
from sla.scores_period import Period

KINDS: dict[str, Say] = {"praise": Say("群众表扬", "Praised by citizens"), "score": Say("得分领先", "Among the first")}


class Honour(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the list, shown to everybody once approved. ``amount``: how many praised, or the score."""

    id: UUID
    kind: str
    unit: str
    period: str
    preset: str
    amount: Decimal
    sentence_zh: str
    sentence_en: str
    proposed_at: datetime
    proposed_by: UUID
    approved_at: datetime | None
    approved_by: UUID | None
    withdrawn_at: datetime | None
    reason: str

    @property
    def sentence(self) -> Say:
        """What is said of the unit."""
        return Say(self.sentence_zh, self.sentence_en)


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may be put forward, and why."""

    kind: str
    unit: str
    period: str
    preset: str
    amount: Decimal
    why: Say

    @property
    def key(self) -> str:
        """What a form calls it."""
        return f"{self.kind}.{self.unit}"


_COLUMNS = ", ".join(Honour.__struct_fields__)


async def shown(connection: db.Connection, *, size: int = 200) -> list[Honour]:
    """What everybody may read, the newest first."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM honour WHERE approved_at IS NOT NULL AND withdrawn_at IS NULL"
        f" ORDER BY approved_at DESC, id LIMIT {int(size)}"
    )
    return [Honour(**row) for row in rows]


async def waiting(connection: db.Connection) -> list[Honour]:
    """What was put forward and waits for a second person."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM honour WHERE approved_at IS NULL AND withdrawn_at IS NULL ORDER BY proposed_at"
    )
    return [Honour(**row) for row in rows]


async def candidates(connection: db.Connection, preset: str, period: Period) -> list[Candidate]:
    """Units with enough praise in the period, and the first places of its published sheet; not those on the list."""
    taken = {(row["kind"], row["unit"]) for row in await connection.fetch(
        "SELECT kind, unit FROM honour WHERE period = $1 AND withdrawn_at IS NULL", period.text
    )}  # fmt: skip
    found = [*await _praised(connection, period), *await _first(connection, preset, period)]
    return [one for one in found if (one.kind, one.unit) not in taken]


async def _praised(connection: db.Connection, period: Period) -> list[Candidate]:
    least = int(city.current().rule("honour.praise"))
    sums: dict[str, int] = {}
    for one in await facts.counted(connection, ["praise"], period.first, period.end, by="unit"):
        if one.key:
            unit = scores_live.root_of(one.key)
            sums[unit] = sums.get(unit, 0) + one.total
    return [
        Candidate(kind="praise", unit=unit, period=period.text, preset="", amount=Decimal(n),
                  why=Say(f"收到表扬 {n} 件", f"praised {n} times"))
        for unit, n in sorted(sums.items(), key=lambda pair: (-pair[1], pair[0])) if n >= least
    ]  # fmt: skip


async def _first(connection: db.Connection, preset: str, period: Period) -> list[Candidate]:
    places = int(city.current().rule("honour.places"))
    sheet = await scores_frozen.frozen(connection, preset, period.text)
    if sheet is None:
        return []
    return [
        Candidate(kind="score", unit=row.unit, period=period.text, preset=preset, amount=Decimal(row.total or 0),
                  why=Say(f"{sheet.formula.group(row.group).name_zh}第 {row.rank} 名，{row.total} 分",
                          f"place {row.rank} of {sheet.formula.group(row.group).name_en}, {row.total} points"))
        for row in sheet.rows if row.rank is not None and row.rank <= places
    ]  # fmt: skip


async def propose(work: Work, candidate: Candidate, *, sentence_zh: str, sentence_en: str) -> UUID:
    """提名: with a sentence that tells of nobody. 422 by field where it does; 409 ``listed``."""
    wrong = {
        name: Say("这句话里有号码、姓名或地址一类的内容，请改。", "The sentence holds a number, a name or an address.")
        for name, text in (("sentence_zh", sentence_zh), ("sentence_en", sentence_en)) if redaction.finds(text)
    }  # fmt: skip
    if wrong:
        raise Refusal(422, "gate", next(iter(wrong.values())), fields=wrong)
    identifier = await work.connection.fetchval(
        "INSERT INTO honour (id, kind, unit, period, preset, amount, sentence_zh, sentence_en, proposed_at,"
        " proposed_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING RETURNING id",
        new_id(), candidate.kind, candidate.unit, candidate.period, candidate.preset, candidate.amount, sentence_zh,
        sentence_en, work.now, work.actor.id,
    )  # fmt: skip
    if identifier is None:
        raise conflict("listed", "已经提名过。", "It was put forward already.")
    await acts.note(work, work.actor, "honour_proposed", f"unit:{candidate.unit}", {"period": candidate.period})
    return UUID(str(identifier))


async def _open(work: Work, honour: UUID) -> Honour:
    row = await work.connection.fetchrow(
        f"SELECT {_COLUMNS} FROM honour WHERE id = $1 AND withdrawn_at IS NULL FOR UPDATE", honour
    )
    if row is None:
        raise not_found()
    return Honour(**row)


async def approve(work: Work, honour: UUID) -> Honour:
    """同意上榜, by somebody else than who put it forward; a second time is nothing."""
    found = await _open(work, honour)
    if found.approved_at is not None:
        return found
    if found.proposed_by == work.actor.id:
        raise conflict("own", "自己提名的由另一位同事同意。", "Somebody else approves what you put forward.")
    await work.connection.execute(
        "UPDATE honour SET approved_at = $2, approved_by = $3 WHERE id = $1", honour, work.now, work.actor.id
    )
    await acts.note(work, work.actor, "honour_approved", f"unit:{found.unit}", {"period": found.period})
    return found


async def withdraw(work: Work, honour: UUID, *, reason: str) -> None:
    """撤下, or 不同意 of what waits, with a reason that stays; it may be put forward anew."""
    found = await _open(work, honour)
    await work.connection.execute(
        "UPDATE honour SET withdrawn_at = $2, withdrawn_by = $3, reason = $4 WHERE id = $1",
        honour, clock.utc(work.now), work.actor.id, reason,
    )  # fmt: skip
    await acts.note(work, work.actor, "honour_withdrawn", f"unit:{found.unit}", {"period": found.period})
