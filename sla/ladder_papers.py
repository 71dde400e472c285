"""Papers about a unit or a person in it: bulletin (通报), interview (约谈), accountability (问责), each step on record.

A paper begins as a draft, of a rule's own accord or by hand, and takes effect by a person's step; only what the rule
table lets act by itself (buck-passing) is recorded at once. Over a case every step is an event of that case; a paper
without one is noted in the log of acts.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from cases.demands_ladder import out_of_order
from cases.events_ladder import Measured, MeasureStepped
from cases.file import CaseFile
from cases.ledger import append, columns, opened, read_row
from cases.wording_ladder import MEASURES
from hotline import acts, city, clock, serials, vault
from hotline.errors import Say, conflict, invalid, not_found
from hotline.ids import new_id
from hotline.work import Work
from sla import calendar, ladder_rules
from sla.ladder_rules import Rule
from sla.rows import OrderRow
from sla.rows_ladder import PaperRow, StepRow

STATES: dict[str, Say] = {
    "draft": Say("待定", "To be decided"),
    "recorded": Say("已自动记录", "Recorded"),
    "issued": Say("已通报，待整改", "Issued, to be corrected"),
    "called": Say("已通知约谈", "Called"),
    "held": Say("已约谈，待兑现承诺", "Held, undertaking open"),
    "reported": Say("已报整改，待核查", "Reported, to be verified"),
    "decided": Say("已决定", "Decided"),
    "handed": Say("已移交", "Handed over"),
    "done": Say("已了结", "Done"),
    "dropped": Say("不予采用", "Dropped"),
}
OVER = frozenset({"done", "dropped"})
CONTEXT = "ladder_paper.person"
_NO_PAPER = """
    SELECT unit FROM unnest($1::text[]) AS u (unit) WHERE NOT EXISTS (SELECT FROM ladder_paper p
        WHERE p.rule = 'orders_repeated' AND p.unit = u.unit AND p.cause_month = $2)
"""
_ALONE = """
    SELECT pg_advisory_xact_lock(hashtext('orders_repeated'), hashtext(unit)) FROM unnest($1::text[]) AS u (unit)
"""
_ORDERS_OF = """
    SELECT u.unit, count(o.id)::int AS n FROM unnest($1::text[]) AS u (unit)
    LEFT JOIN supervision_order o ON o.unit = u.unit AND o.issued_at >= $2 AND o.id <> $3
        AND o.ended_for IS DISTINCT FROM 'withdrawn'
    GROUP BY u.unit
"""
_PAPER = f"SELECT {columns(PaperRow)} FROM ladder_paper WHERE"


def person_of(row: PaperRow) -> str:
    """The name of whom a personal paper is about, opened; "" for a unit's."""
    return vault.unseal(row.person, CONTEXT) if row.person is not None else ""


def sealed(name: str) -> bytes | None:
    """A person's name as a paper keeps it."""
    return vault.seal(name.strip(), CONTEXT) if name.strip() else None


async def draft(
    work: Work,
    rule: Rule,
    *,
    unit: str,
    file: CaseFile | None = None,
    state: str = "draft",
    cause: UUID | None = None,
    month: date | None = None,
    ground: str = "",
    words: str = "",
    person: bytes | None = None,
    post: str = "",
) -> PaperRow:
    """A numbered paper under a rule of the table, with its first step."""
    year = clock.local_day(work.now).year
    last = await serials.following(work.connection, rule.measure, year)
    share = next((one for one in file.assignments.values() if one.unit == unit), None) if file else None
    row = PaperRow(
        id=new_id(), number=f"{MEASURES[rule.measure].zh}〔{year}〕{last}号", measure=rule.measure, state=state,
        unit=unit, subject=rule.subject, person=person, post=post, case_id=file.case.id if file else None,
        assignment_id=share.id if share else None, rule=rule.code, rule_from=rule.valid_from, cited_zh=rule.ground_zh,
        cited_en=rule.ground_en, cause_id=cause, cause_month=month, level=rule.level, ground=ground, words=words,
        drafted_at=work.now, drafted_by=work.actor.id,
    )  # fmt: skip
    work.add(row)
    await step(work, file, row, "drafted" if state == "draft" else state, ground)
    return row


async def step(work: Work, file: CaseFile | None, row: PaperRow, name: str, words: str = "") -> None:
    """Write down one step: author, date and rule on the paper, and an event of its case or a note of an act."""
    row.steps += 1
    work.add(
        StepRow(paper_id=row.id, seq=row.steps, step=name, at=work.now, by=work.actor.id, rule=row.rule, words=words)
    )
    if file is not None:
        event = MeasureStepped(paper=row.id, number=row.number, measure=row.measure, step=name, unit=row.unit)
        await append(work, file, event)
        return
    data = {"measure": row.measure, "step": name, "unit": row.unit, "rule": row.rule}
    await acts.note(work, work.actor, "ladder_paper", f"paper:{row.number}", data)


async def take_effect(work: Work, file: CaseFile | None, row: PaperRow) -> None:
    """From now on it counts: the case's level rises. 409 where the ladder gives no such step (rules.md 7)."""
    row.effective_at = work.now
    if file is not None:
        share = row.assignment_id if row.assignment_id in file.assignments else None
        await append(
            work,
            file,
            Measured(
                paper=row.id, number=row.number, measure=row.measure, level=row.level if share else 0, unit=row.unit,
                assignment=share, rule=row.rule,
            ),
        )  # fmt: skip


async def once(
    work: Work, code: str, unit: str, *, cause: UUID | None = None, month: date | None = None
) -> Rule | None:
    """The rule, if it is switched on and made no paper of this cause (or for this unit's month) yet."""
    rule = (await ladder_rules.of(work)).get(code)
    if rule is None:
        return None
    where = "cause_id = $2" if cause is not None else "unit = $3 AND cause_month = $2"
    args: tuple[object, ...] = (code, cause) if cause is not None else (code, month, unit)
    made: set[tuple[object, ...]] = work.kept.setdefault("papers_made", {}).setdefault("keys", set())
    key = (code, cause or month, unit)
    if key in made:
        return None
    made.add(key)
    is_there = await work.connection.fetchval(
        f"SELECT EXISTS (SELECT FROM ladder_paper WHERE rule = $1 AND {where})", *args
    )
    return None if is_there else rule


async def propose(work: Work, file: CaseFile | None, code: str, *, unit: str, cause: UUID, ground: str = "",
                  person: bytes | None = None, post: str = "") -> PaperRow | None:  # fmt: skip
    """A draft of a rule's own accord, once for its cause; None where the ladder gives none any more."""
    rule = await once(work, code, unit, cause=cause)
    if rule is None or (file is not None and rule.level and out_of_order(file, unit, rule.level)):
        return None
    return await draft(work, rule, unit=unit, file=file, cause=cause, ground=ground, person=person, post=post)


async def record(work: Work, file: CaseFile, code: str, *, unit: str, cause: UUID, ground: str) -> PaperRow | None:
    """A record that takes effect by itself, once for its cause: buck-passing (seed 004-47)."""
    rule = await once(work, code, unit, cause=cause)
    if rule is None:
        return None
    row = await draft(work, rule, unit=unit, file=file, state="recorded", cause=cause, ground=ground)
    await take_effect(work, file, row)
    return row


async def after_order(work: Work, order: OrderRow) -> None:
    """As many orders within a month as the rule names: an interview of the head is drafted, once a month and unit."""
    rule = (await ladder_rules.of(work)).get("orders_repeated")
    if rule is None:
        return
    month = clock.local_day(work.now).replace(day=1)
    counts = await _orders_of(work, order, month)
    if (before := counts[order.unit]) is None:
        return
    n = counts[order.unit] = before + 1
    if n >= rule.days and await once(work, rule.code, order.unit, month=month):
        ground = f"{month:%Y-%m}：{n} 张督办单，最近一张 {order.number}"
        await draft(work, rule, unit=order.unit, month=month, ground=ground)


async def _orders_of(work: Work, order: OrderRow, month: date) -> dict[str, int | None]:
    """How many orders units had in a month before ``order``, asked at once for all whose cases a sweep holds.

    None is a unit whose paper of the month is made: nothing is counted there, and nobody waits. The others are counted
    under a lock of each unit, so that of two who issue orders side by side the second counts the first's.
    """
    counts: dict[str, int | None] = work.kept.setdefault("orders_of_month", {})
    if order.unit not in counts:
        units = {row.unit for clocks in work.kept.get("clocks", {}).values() for row in clocks} | {order.unit}
        units -= counts.keys()
        counts.update(dict.fromkeys(units))
        waiting = sorted(await _without_paper(work, units, month))
        if waiting:
            await work.connection.execute(_ALONE, waiting)
            waiting = await _without_paper(work, waiting, month)  # somebody may have made it while we waited
            found = await work.connection.fetch(_ORDERS_OF, waiting, clock.on(month), order.id)
            counts.update({row["unit"]: row["n"] for row in found})
    return counts


async def _without_paper(work: Work, units: Iterable[str], month: date) -> list[str]:
    return [row["unit"] for row in await work.connection.fetch(_NO_PAPER, list(units), month)]


async def of_number(work: Work, number: str) -> tuple[CaseFile | None, PaperRow]:
    """The paper, locked for change, together with its case if it has one. 404 when there is none."""
    case_id = await work.connection.fetchrow("SELECT case_id, id FROM ladder_paper WHERE number = $1", number)
    if case_id is None:
        raise not_found()
    file = await opened(work, case_id=case_id["case_id"]) if case_id["case_id"] else None
    return file, await of_id(work, case_id["id"])


async def of_id(work: Work, paper_id: UUID) -> PaperRow:
    """The paper, locked for change; its case is locked already."""
    row = read_row(PaperRow, await work.connection.fetchrow(f"{_PAPER} id = $1 FOR UPDATE", paper_id))
    work.track(row)
    return row


def expect(row: PaperRow, *states: str) -> None:
    """409 unless the paper is in one of these states."""
    if row.state not in states:
        now = STATES[row.state]
        raise conflict(
            "paper_state", f"现在是“{now.zh}”，做不了这一步，请刷新再看。",
            f"It is now “{now.en}”, so this step is not possible; refresh and look.",
        )  # fmt: skip


def demand(**texts: tuple[str, Say]) -> None:
    """422 for each of these texts that is empty, with its sentence."""
    wrong = {name: say for name, (text, say) in texts.items() if not text.strip()}
    if wrong:
        raise invalid(wrong, "text_missing")


def due_after(now: datetime, day: date, unit: str) -> datetime:
    """The close of a day that is still to come, by the unit's hours; 422 for one that is past."""
    at = calendar.of_unit(city.current(), unit).close_of(day)
    if at <= now:
        raise invalid({"due": Say("期限要在今天以后。", "The date is to come after now.")})
    return at


def watch(row: PaperRow, due: datetime | None, *, remind: bool = False) -> None:
    """From now on the paper's date is watched: a reminder a working day before it where wished, then its being late."""
    row.due_at = due
    row.chase = row.chase_at = None
    if due is None:
        return
    before = calendar.of_unit(city.current(), row.unit).day_before(due) if remind else due
    row.chase, row.chase_at = ("remind", before) if remind else ("overdue", due)
