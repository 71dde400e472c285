"""What if: real promises held against another profile, calendar or staffing. Pure: no clock, no database.

Two models. Promises only: everything was finished when it was, and is due by the changed profile and calendar, with the
pauses and extensions that it had. With staffing: the handling is a queue a unit besides (``sla.replay_queue``).
A promise counts in the week in which it began; the queue is what was open at a week's end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import NamedTuple

import msgspec

from hotline.errors import Refusal, Say
from sla import history, replay_queue
from sla.calendar import Calendar
from sla.replay_queue import Jobs, Staff
from sla.targets import Target

QUEUE = "finish"
"""The stage that is a unit's handling: its open promises are the queue."""
LISTED = 200
"""Promises that a result names, unless told otherwise; all are counted."""
_SLACK = timedelta(seconds=1)
COUNTS = (
    "promised", "broken", "would_break", "newly", "saved", "queue", "queue_then", "overdue", "overdue_then",
)  # fmt: skip


class Past(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A promise as it was. ``due`` None: none was told; ``end`` None: still open. ``ref`` is its case's number.

    ``measure`` and ``amount`` are what was promised (clock: around the clock, so no calendar moves it).
    """

    ref: str
    unit: str
    stage: str
    profile: str
    start: datetime
    due: datetime | None
    end: datetime | None
    measure: str = "clock"
    amount: float = 0
    acts: tuple[history.Act, ...] = ()
    is_lawful: bool = False
    """Its time is a statute's, which no profile changes."""
    is_listed: bool = True
    """Whether a result may name it: reports and confidential cases are counted only."""


class Week(msgspec.Struct, frozen=True, kw_only=True):
    """One unit's week (its Monday): promises begun, broken as it was and then; the queue and its overdue at its end."""

    unit: str
    week: date
    promised: int = 0
    broken: int = 0
    would_break: int = 0
    newly: int = 0
    saved: int = 0
    queue: int = 0
    queue_then: int = 0
    overdue: int = 0
    overdue_then: int = 0


class Broken(msgspec.Struct, frozen=True, kw_only=True):
    """A promise that was kept and would have been broken."""

    ref: str
    unit: str
    stage: str
    due: datetime
    due_then: datetime
    end_then: datetime | None


class Totals(msgspec.Struct, kw_only=True):
    """Over the whole period. ``open`` are those not finished; of them the ones past due are in ``broken`` too."""

    promised: int = 0
    open: int = 0
    kept: int = 0
    broken: int = 0
    would_break: int = 0
    newly: int = 0
    saved: int = 0


class Reported(msgspec.Struct, kw_only=True):
    """What could not be judged and was not guessed. The first two of closing before opening are inside the third."""

    no_target: int = 0
    before_opened_with_target: int = 0
    before_opened_by_date: int = 0
    """Of those with a target: closed before it, which is all that their dates say."""
    before_opened: int = 0
    open_in_queue: int = 0
    """Cases without an end in a unit whose staffing was changed: nobody knows their work, so they stand aside."""
    by_law: int = 0
    """Promises of a changed profile whose time is a statute's: they stay."""
    set_by_hand: int = 0
    """Dates that no profile gave (a co-handler's, a moved lead's): they stay under another calendar."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay came to. ``model``: promises broken with today's hands by the queue's model, to judge it by."""

    since: date
    until: date
    as_of: datetime
    totals: Totals
    reported: Reported
    weeks: list[Week]
    newly: list[Broken]
    has_staff: bool = False
    model: int | None = None


class Calendars(NamedTuple):
    """The calendar as it was, and as it is tried: the same object where nothing is changed."""

    before: Calendar
    after: Calendar


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What is changed. ``targets`` by (profile, stage); ``staff`` by unit, ``*`` for all others; days inclusive.

    ``local`` are the calendars of units whose county has its own; all others go by ``calendars``.
    """

    since: date
    until: date
    as_of: datetime
    calendars: Calendars
    local: Mapping[str, Calendars] = {}
    targets: Mapping[tuple[str, str], Target] = {}
    staff: Mapping[str, Staff] = {}
    order: str = "as_was"
    listed: int = LISTED


def replay(pasts: Iterable[Past], rules: Rules) -> Outcome:
    """Hold all these promises against the rules. Raises the 422 refusal when none of them began in the period."""
    tally = Tally(rules)
    tally.take(pasts)
    return tally.outcome()


class Tally:
    """A replay under way: takes promises in any order and number, keeps counts (and times only where staffing asks)."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.zone = rules.calendars.before.zone
        self.first = rules.since - timedelta(days=rules.since.weekday())
        self.opens = _midnight(rules.since, self.zone)
        self.closes = _midnight(rules.until + timedelta(days=1), self.zone)
        self.length = (rules.until - self.first).days // 7 + 1
        self.counts: dict[str, dict[str, list[int]]] = {}
        self.totals, self.reported = Totals(), Reported()
        self.newly: list[Broken] = []
        self.jobs: dict[str, Jobs] = {}
        self.model = 0
        self._dues: dict[tuple[str, int, float], datetime] = {}

    def take(self, pasts: Iterable[Past]) -> None:
        """Count these promises."""
        for past in pasts:
            if past.start >= self.closes or (past.end is not None and max(past.end, past.start) < self.opens):
                continue
            if past.end is not None and past.end < past.start:
                self._closed_before_opened(past)
            elif past.due is None:
                self.reported.no_target += past.start >= self.opens
                self._queue(past)
            else:
                self._judge(past, past.due)

    def outcome(self) -> Outcome:
        """Everything counted. Raises the 422 refusal when nothing began in the period."""
        for unit, jobs in self.jobs.items():
            self._run(unit, jobs)
        self.jobs = {}
        seen = self.totals.promised + self.reported.no_target + self.reported.before_opened
        if not seen:
            raise _nothing(self.rules)
        return Outcome(
            since=self.rules.since, until=self.rules.until, as_of=self.rules.as_of, totals=self.totals,
            reported=self.reported, weeks=list(self._weeks()), newly=self.newly, has_staff=bool(self.rules.staff),
            model=self.model if self.rules.staff else None,
        )  # fmt: skip

    def due_then(self, past: Past, due: datetime) -> datetime:
        """When the promise, due at ``due``, is due under the changed rules; pauses and extensions stand."""
        before, after = self._calendars(past.unit)
        target = self.rules.targets.get((past.profile, past.stage))
        if target is not None and past.is_lawful:
            self.reported.by_law += 1
        elif target is not None:
            return self._ends(past, target)
        if past.measure == "clock" or after is before:
            return due
        own = history.reckon(before, past.start, past.measure, past.amount, past.acts)[0]
        if abs(own - due) > _SLACK:
            self.reported.set_by_hand += 1
            return due
        return self._ends(past, Target(past.amount, past.measure))

    def _calendars(self, unit: str) -> Calendars:
        return self.rules.local.get(unit, self.rules.calendars)

    def _ends(self, past: Past, target: Target) -> datetime:
        after = self._calendars(past.unit).after
        if target.unit != "wd" or past.acts:
            return history.reckon(after, past.start, target.unit, target.amount, past.acts)[0]
        where = past.unit if past.unit in self.rules.local else ""
        key = (where, past.start.astimezone(self.zone).toordinal(), target.amount)
        if key not in self._dues:
            self._dues[key] = history.reckon(after, past.start, target.unit, target.amount)[0]
        return self._dues[key]

    def _closed_before_opened(self, past: Past) -> None:
        if past.start < self.opens:
            return
        self.reported.before_opened += 1
        if past.due is not None and past.end is not None:
            self.reported.before_opened_with_target += 1
            self.reported.before_opened_by_date += past.end <= past.due
        else:
            self.reported.no_target += past.due is None

    def _staff(self, past: Past) -> Staff | None:
        if past.stage != QUEUE:
            return None
        return self.rules.staff.get(past.unit) or self.rules.staff.get("*")

    def _judge(self, past: Past, due: datetime) -> None:
        staff, then = self._staff(past), self.due_then(past, due)
        if staff is not None and past.end is not None:
            self._jobs(past.unit).add(past, then)
            return
        self.reported.open_in_queue += staff is not None
        self.count(past, due, then, past.end)

    def _queue(self, past: Past) -> None:
        """A case that had no date: it stands in the queue, and nothing is said of its promise."""
        if self._staff(past) is not None and past.end is not None:
            self._jobs(past.unit).add(past, None)
        else:
            self.reported.open_in_queue += self._staff(past) is not None
            self._stands(past, None, past.end)

    def _jobs(self, unit: str) -> Jobs:
        return self.jobs.setdefault(unit, Jobs())

    def _run(self, unit: str, jobs: Jobs) -> None:
        staff = self.rules.staff.get(unit) or self.rules.staff["*"]
        before, after = self._calendars(unit)
        ends, model = replay_queue.run(before, after, jobs, staff, self.rules.order, self.opens)
        for past, then, end, modelled in zip(jobs.pasts, jobs.dues, ends, model, strict=True):
            if past.due is None or then is None:
                self._stands(past, None, end)
            else:
                self.count(past, past.due, then, end, modelled)

    def count(
        self, past: Past, due: datetime, then: datetime, end: datetime | None, model: datetime | None = None
    ) -> None:
        """Count one promise: as it was, and as due ``then`` and finished at ``end``; ``model``: by today's hands."""
        self._stands(past, then, end)
        if past.start < self.opens:
            return
        was, is_now = self._is_broken(due, past.end), self._is_broken(then, end)
        cell, at = self._of(past.unit), self._week(past.start)
        for name, n in (
            ("promised", 1), ("broken", was), ("would_break", is_now), ("newly", is_now and not was),
            ("saved", was and not is_now),
        ):  # fmt: skip
            cell[name][at] += n
            setattr(self.totals, name, getattr(self.totals, name) + n)
        self.model += self._is_broken(due, model or past.end)
        self.totals.open += past.end is None
        self.totals.kept += past.end is not None and not was
        if is_now and not was and past.is_listed and len(self.newly) < self.rules.listed:
            self.newly.append(
                Broken(ref=past.ref, unit=past.unit, stage=past.stage, due=due, due_then=then, end_then=end)
            )

    def _is_broken(self, due: datetime, end: datetime | None) -> bool:
        return due < (end or self.rules.as_of)

    def _stands(self, past: Past, then: datetime | None, end: datetime | None) -> None:
        """Put the case into the queue from its start to its end, and among the overdue from its due date on."""
        if past.stage != QUEUE:
            return
        cell = self._of(past.unit)
        for suffix, due, ended in (("", past.due, past.end), ("_then", then, end)):
            self._between(cell[f"queue{suffix}"], past.start, ended)
            if due is not None and due < (ended or self.rules.as_of):
                self._between(cell[f"overdue{suffix}"], due, ended)

    def _between(self, steps: list[int], start: datetime, end: datetime | None) -> None:
        """One more from ``start`` on, one less from ``end``: ``steps`` are added up at the end."""
        for moment, n in ((start, 1), (end, -1)):
            at = self._week(moment) if moment is not None else self.length
            if at < self.length:
                steps[at] += n

    def _week(self, moment: datetime) -> int:
        return max(0, (moment.astimezone(self.zone).toordinal() - self.first.toordinal()) // 7)

    def _of(self, unit: str) -> dict[str, list[int]]:
        if unit not in self.counts:
            self.counts[unit] = {name: [0] * self.length for name in COUNTS}
        return self.counts[unit]

    def _weeks(self) -> Iterable[Week]:
        for unit, cell in sorted(self.counts.items()):
            level = dict.fromkeys(COUNTS[5:], 0)
            for at in range(self.length):
                for name in level:
                    level[name] += cell[name][at]
                row = {name: cell[name][at] for name in COUNTS[:5]} | level
                if any(row.values()):
                    yield Week(unit=unit, week=self.first + timedelta(days=7 * at), **row)


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _nothing(rules: Rules) -> Refusal:
    since, until = rules.since, rules.until
    return Refusal(
        422, "nothing_in_period",
        Say(f"{since} 到 {until} 没有可以推演的时限，请换一段日子。",
            f"No promise began between {since} and {until}: choose another period."),
    )  # fmt: skip
