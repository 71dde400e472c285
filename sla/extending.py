"""More time for a running promise: asked for before it ends, decided by whom its profile names.

It counts from the old due date (rules.md 6). And the longer time that a statute gives, which is cited.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from cases import events as e
from cases import events_extend as x
from cases import verbs_extend
from cases.demands_extend import nothing_waits
from cases.file import CaseFile, Entry
from cases.ledger import append
from cases.rows import AssignmentRow
from hotline import city
from hotline.actor import Actor
from hotline.city import Statute
from hotline.errors import Say, conflict, invalid
from hotline.work import Work
from sla import calendar, clocks, history, pausing, profiles, targets
from sla.rows import ClockRow
from sla.targets import Extension

STAGE = "finish"
"""The stage that may be given more time."""


def clock_of(rows: Sequence[ClockRow], share: AssignmentRow) -> ClockRow | None:
    """The share's promise to be done that has not stopped; None when there is none."""
    own = [row for row in rows if row.subject_id == share.id and row.stage == STAGE and row.stopped_at is None]
    return own[-1] if own else None


def terms_of(row: ClockRow) -> Extension | None:
    """The extension that the promise may get, by the version of its profile that it was made with."""
    snapshot = city.current()
    return profiles.as_made(targets.begun_with(snapshot), snapshot.promises, row.profile, row.version).extension


def check(rows: Sequence[ClockRow], share: AssignmentRow, now: datetime) -> ClockRow:
    """The promise that may be extended once more; 409 with the rule where it may not."""
    row = clock_of(rows, share)
    if row is None:
        raise conflict("no_promise", "这个单位没有在走的办结期限。", "This unit has no running promise to be done.")
    at = calendar.of(city.current()).zone
    if _is_broken(row, now):
        raise conflict(
            "extension_late",
            f"期限已过（{row.due_at.astimezone(at):%m-%d %H:%M}），延期要在到期前申请。",
            f"It was due {row.due_at.astimezone(at):%d %b %H:%M}; an extension is asked for before that.",
        )
    if any(isinstance(act, history.Extension) for act in history.read(row.history)):
        raise conflict(
            "extended_once", "每个期限只能延期一次，这个已延过。", "A promise is extended once; this one has been."
        )
    if terms_of(row) is None and not longer(row):
        name = targets.PROFILES[row.profile].name
        raise conflict(
            "no_extension", f"{name.zh}件不能延期。", f"A promise of the profile {name.en} is not to be extended."
        )
    return row


def _is_broken(row: ClockRow, now: datetime) -> bool:
    return row.breached_at is not None or (row.paused_at is None and row.due_at <= now)


def longer(row: ClockRow) -> dict[str, Statute]:
    """The statutes in force that would give the promise more time than it has."""
    return {
        code: one for code, one in city.current().statutes.items() if one.is_on and due_under(row, one) > row.due_at
    }


def due_under(row: ClockRow, statute: Statute) -> datetime:
    """When the promise would end under a statute: from the same start, its pauses kept."""
    target = targets.under_law(city.current(), statute.profile, STAGE, statute.code)
    assert target is not None  # noqa: S101 - every profile has a time to finish
    return _reckoned(row, target, _pauses(row))


def due_with(row: ClockRow, amount: float, unit: str) -> datetime:
    """When the promise would end with so much more: what a form shows before it is sent."""
    more = history.Extension(amount, unit)
    acts = history.added(history.read(row.history), more)
    return _reckoned(row, targets.Target(float(row.amount), row.measure), acts)


def _reckoned(row: ClockRow, target: targets.Target, acts: Sequence[history.Act]) -> datetime:
    days = calendar.of_unit(city.current(), row.unit)
    return history.reckon(days, row.started_at, target.unit, target.amount, acts)[0]


def _pauses(row: ClockRow) -> list[history.Act]:
    return [act for act in history.read(row.history) if isinstance(act, history.Pause)]


def amounts(terms: Extension) -> list[float]:
    """What a form offers: every working day up to the most, or eighths of the most in hours."""
    if terms.most.unit == "wd":
        return [float(n) for n in range(1, int(terms.most.amount) + 1)]
    return sorted({round(terms.most.amount * n / 8, 2) for n in range(1, 9)})


async def ask(
    work: Work, file: CaseFile, share: AssignmentRow, *, amount: float, reason: str, told: str, law: str = "",
    proofs: int = 0,
) -> Entry:
    """申请延期 by the unit that has the share: so much more, or with ``amount`` 0 the time that the statute gives.

    409 ``extension_late`` once the promise is over; 422 at ``until``, ``law``, ``proof`` for what the profile forbids.
    """
    row = check(await clocks.of_case(work, file), share, work.now)
    if amount == 0:
        statute = statute_of(law)
        wanted = _longer_or_refused(row, statute, "until")
        by, measure = "statute", row.measure
    else:
        terms = terms_of(row)
        if terms is None:
            raise invalid({"until": Say("这个档案不能延期。", "This profile is not to be extended.")})
        _within(terms, amount, proofs, law)
        by, measure, wanted = terms.by, terms.most.unit, due_with(row, amount, terms.most.unit)
    event = x.ExtensionAsked(
        assignment=share.id, clock=row.id, was=row.due_at, wanted=wanted, amount=amount, measure=measure, by=by,
        law=law or None, proofs=proofs,
    )  # fmt: skip
    return await verbs_extend.ask(work, file, event, reason=reason, told=told)


def _within(terms: Extension, amount: float, proofs: int, law: str) -> None:
    wrong: dict[str, Say] = {}
    if not 0 < amount <= terms.most.amount or (terms.most.unit == "wd" and amount != int(amount)):
        most = _amount(terms)
        wrong["until"] = Say(f"最多延 {most.zh}。", f"At most {most.en}.")
    if terms.needs_proof and proofs == 0:
        wrong["proof"] = Say("这类延期要附证明材料。", "An extension of this kind needs its proof attached.")
    if terms.by == "statute" and law not in city.current().statutes:
        wrong["law"] = Say("请选依据哪一条法。", "Choose the statute it rests on.")
    if wrong:
        raise invalid(wrong)


def _amount(terms: Extension) -> Say:
    from sla.explain import amount_of  # noqa: PLC0415 - sentences, needed for a refusal only

    return amount_of(terms.most.amount, terms.most.unit)


def statute_of(code: str) -> Statute:
    """The statute in force with this code; 422 at ``law``."""
    one = city.current().statutes.get(code)
    if one is None or not one.is_on:
        raise invalid({"law": Say("请选依据哪一条法。", "Choose the statute it rests on.")})
    return one


async def grant(
    work: Work, file: CaseFile, share: AssignmentRow, *, told: str, amount: float | None = None, reason: str = ""
) -> None:
    """同意延期: what was asked, or less of it; the requester is told ``told``. A statute asked for is applied.

    409 ``city_decides`` when the profile leaves it to the coordination office.
    """
    may_decide(work.actor, share)
    if share.extension_asked_at is not None and not share.extension_amount:
        await apply_law(work, file, law=share.extension_law or "", reason=reason or told)
        return
    row = clock_of(await clocks.of_case(work, file), share)
    if row is None or not share.extension_amount or not share.extension_unit:
        raise nothing_waits()
    given, unit = share.extension_amount if amount is None else amount, share.extension_unit
    if not 0 < given <= share.extension_amount:
        raise invalid({"amount": Say("不能多于申请的。", "Not more than was asked for.")})
    event = x.ExtensionGranted(
        assignment=share.id, clock=row.id, amount=given, measure=unit, was=row.due_at, due=due_with(row, given, unit),
        law=share.extension_law, is_lead=share.role == "lead", unit=share.unit,
    )  # fmt: skip
    await verbs_extend.grant(work, file, event, told=told, reason=reason)
    await extend(work, file, row, given, unit, str(work.actor.id))


def may_decide(actor: Actor, share: AssignmentRow) -> None:
    """Refuse with 409 ``city_decides`` whoever the profile does not leave the decision to."""
    if share.extension_by == "city" and "coordination" not in actor.roles:
        raise conflict(
            "city_decides",
            "这类延期由协调办公室决定。",
            "An extension of this kind is decided by the coordination office.",
        )


async def refuse(work: Work, file: CaseFile, share: AssignmentRow, *, reason: str) -> Entry:
    """不同意延期, with the reason, which the unit reads; the clock was never stopped."""
    may_decide(work.actor, share)
    return await verbs_extend.refuse(work, file, share, reason=reason)


async def extend(work: Work, file: CaseFile, row: ClockRow, amount: float, unit: str, by: str) -> None:
    """Add so much to a running promise, from the date that holds; ``by`` is who approved. The ledger learns the date.

    A yellow state goes when it is no longer due; the lead's promise follows a co-handler's. 409 for a broken promise.
    """
    if row.stopped_at is not None or _is_broken(row, work.now):
        raise conflict(
            "extension_late", "期限已过或已停，不能延期。", "The promise is over or stopped and cannot be extended."
        )
    more = history.Extension(amount, unit, by, work.now)
    row.history = history.written(history.added(history.read(row.history), more))
    await _settled(work, file, row)
    lead = clock_of(await clocks.of_case(work, file), file.lead) if file.lead is not None else None
    moved = clocks.lead_follows(work, file, lead, row) if lead is not None and lead is not row else None
    if moved is not None:
        await append(work, file, moved)
    await clocks.show_next(work, file)


async def _settled(work: Work, file: CaseFile, row: ClockRow) -> None:
    pausing.reckon(row)
    if row.warned_at is not None and row.warn_at > work.now:
        row.warned_at = None
    await append(work, file, e.Promised(promises=(clocks.promised(row),)))


async def apply_law(work: Work, file: CaseFile, *, law: str, reason: str) -> None:
    """适用法定期限: the lead's promise gets the longer time of a statute, from its own start, and the law is cited.

    What was granted before is part of it. 409 without a lead or once the promise is over; 422 when it is no longer one.
    """
    statute, lead = statute_of(law), file.lead
    if lead is None:
        raise conflict("not_dispatched", "还没派单，请先派单。", "Nobody has it yet; dispatch it first.")
    row = clock_of(await clocks.of_case(work, file), lead)
    if row is None or _is_broken(row, work.now):
        raise conflict(
            "extension_late",
            "期限已过或已停，不能改用法定期限。",
            "The promise is over or stopped; no statute changes it any more.",
        )
    due = _longer_or_refused(row, statute, "law")
    event = x.LawApplied(
        assignment=lead.id, clock=row.id, law=law, profile=statute.profile, was=row.due_at, due=due, unit=lead.unit
    )
    await verbs_extend.apply_law(work, file, event, citation=statute.cite_zh, reason=reason)
    target = targets.under_law(city.current(), statute.profile, STAGE, law)
    assert target is not None  # noqa: S101 - due_under asked already
    row.profile, row.measure, row.amount = statute.profile, target.unit, Decimal(str(target.amount))
    row.version = targets.of(city.current()).version(statute.profile, STAGE)
    row.history = history.written(_pauses(row))
    await _settled(work, file, row)
    await _admit(work, file, lead)
    await clocks.show_next(work, file)


def _longer_or_refused(row: ClockRow, statute: Statute, field: str) -> datetime:
    due = due_under(row, statute)
    if due <= row.due_at:
        raise invalid({
            field: Say("法定期限不比现在的长，按现在的办。", "The statute gives no more time than there is; keep it.")
        })  # fmt: skip
    return due


async def _admit(work: Work, file: CaseFile, lead: AssignmentRow) -> None:
    """A profile that gives time to decide whether to take it up starts that clock, if it can still be kept."""
    own = [row for row in await clocks.of_case(work, file) if row.subject_id == lead.id and row.stage == "admit"]
    one = clocks.make(
        file, "assignment", lead.id, "admit", profile=lead.profile, unit=lead.unit, start=lead.dispatched_at
    )  # fmt: skip
    if not own and one is not None and one.due_at > work.now:
        await clocks.start(work, file, [one])


async def on_admitted(work: Work, file: CaseFile, entry: Entry) -> None:
    """The clock to decide whether to take it up stops."""
    await clocks.stop(work, file, "admit", subject=entry.event.assignment)  # type: ignore[attr-defined]


async def on_breached(work: Work, file: CaseFile, entry: Entry) -> None:
    """The promise ended while an extension waited: the ask lapses, and the red act stands."""
    broken: UUID = entry.event.clock  # type: ignore[attr-defined]
    row = next((one for one in await clocks.of_case(work, file) if one.id == broken), None)
    share = file.assignments.get(row.subject_id) if row is not None and row.stage == STAGE else None
    if share is not None and share.extension_asked_at is not None:
        await append(work, file, x.ExtensionLapsed(assignment=share.id, unit=share.unit))
