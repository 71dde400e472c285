"""Tasks before complaints (未诉先办): given to a unit with a date, answered with proof, closed by the centre."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from hotline import acts, areas, city, clock, db, serials
from hotline.actor import Actor
from hotline.errors import Say, conflict, invalid, not_found
from hotline.ids import new_id
from hotline.permissions import may, refused
from hotline.work import Work
from sla import hot, hot_acts, theme_cases, themes
from sla.agreement import wilson
from sla.theme_steps import end_of

SOURCES: dict[str, Say] = {
    "issue": Say("新热点", "Hot issue"), "season": Say("季节预判", "Season"), "repeat": Say("反复出现", "Lasting spot"),
    "own": Say("自行提出", "Own idea"),
}  # fmt: skip
STATES: dict[str, Say] = {
    "open": Say("待办理", "To be done"), "replied": Say("待核销", "To be closed"), "closed": Say("已办结", "Done"),
    "dropped": Say("已撤销", "Dropped"),
}  # fmt: skip
SIZE = 200


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One task; ``matter`` is a leaf or a group, ``area`` a county or township, "" for the whole city."""

    id: UUID
    number: str
    source: str
    issue_id: UUID | None
    matter: str
    area: str
    unit: str
    what: str
    why: str
    state: str
    made_at: datetime
    made_by: UUID
    due_at: datetime
    reply: str | None
    replied_at: datetime | None
    replied_by: UUID | None
    returned: str | None
    closing: str | None
    closed_at: datetime | None
    closed_by: UUID | None

    def is_late(self, now: datetime) -> bool:
        """No reply, and past its date."""
        return self.state == "open" and now > self.due_at


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Complaints of as many days before a task was given and after it was done; the rate's change with its interval.

    1 is no change, 0.5 half as many; None where nothing came in either.
    """

    days: int
    before: int
    after: int
    ratio: float | None
    low: float | None
    high: float | None

    @property
    def has_fallen(self) -> bool:
        """Fewer, and not by chance alone: the interval lies below 1."""
        return self.high is not None and self.high < 1


_COLUMNS = ", ".join(Task.__struct_fields__)


async def make(
    work: Work, *, source: str, matter: str, area: str, unit: str, what: str, why: str, due: date,
    issue: UUID | None = None,
) -> Task:  # fmt: skip
    """交办, numbered; from an issue, which is then settled. 422 by field."""
    _check(work, matter, area, unit, due)
    if issue is not None:
        await hot_acts.undecided(work, issue)
    year = clock.local_day(work.now).year
    number = f"未诉先办〔{year}〕{await serials.following(work.connection, 'proactive', year)}号"
    row = await work.connection.fetchrow(
        "INSERT INTO proactive_task (id, number, source, issue_id, matter, area, unit, what, why, state, made_at,"
        f" made_by, due_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'open', $10, $11, $12) RETURNING {_COLUMNS}",
        new_id(), number, "issue" if issue is not None else source, issue, matter, area, unit, what, why, work.now,
        work.actor.id, end_of(due),
    )  # fmt: skip
    if issue is not None:
        await hot.settle(work, issue, "task")
    await acts.note(work, work.actor, "task_made", f"task:{number}", {"unit": unit})
    return Task(**row)


def _check(work: Work, matter: str, area: str, unit: str, due: date) -> None:
    wrong: dict[str, Say] = {}
    if matter not in city.current().matters and matter not in areas.groups():
        wrong["matter"] = Say("请选是哪一类事项。", "Choose the matter.")
    if areas.kind_of(area) == "township" and city.current().township(area) is None:
        wrong["area"] = Say("这个地方不在册，请重选。", "The place is unknown; choose again.")
    known = city.current().unit(unit)
    if known is None or not known.is_on:
        wrong["unit"] = Say("请选交给哪个单位办。", "Choose the unit that does it.")
    if due < clock.local_day(work.now):
        wrong["due"] = Say("期限已过，请改晚一些。", "The date is over; choose a later one.")
    if wrong:
        raise invalid(wrong)


async def found(connection: db.Connection, identifier: UUID, *, lock: bool = False) -> Task:
    """The task; 404 when there is none."""
    tail = " FOR UPDATE" if lock else ""
    row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM proactive_task WHERE id = $1{tail}", identifier)
    if row is None:
        raise not_found()
    return Task(**row)


async def listed(connection: db.Connection, state: str = "", units: Sequence[str] | None = None) -> list[Task]:
    """The tasks, open ones first, nearest due first; of some units when asked."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM proactive_task WHERE ($1 = '' OR state = $1)"
        " AND ($2::text[] IS NULL OR unit = ANY($2))"
        f" ORDER BY array_position(ARRAY['open', 'replied', 'closed', 'dropped'], state), due_at, id LIMIT {SIZE}",
        state, list(units) if units is not None else None,
    )  # fmt: skip
    return [Task(**row) for row in rows]


def may_see(actor: Actor, one: Task) -> bool:
    """The centre sees all, a unit its own."""
    return may(actor, "theme.edit") or may(actor, "figures.read") or themes.is_handled_by(actor, [one.unit])


async def _in(work: Work, identifier: UUID, state: str) -> Task:
    one = await found(work.connection, identifier, lock=True)
    if one.state != state:
        said = STATES[one.state]
        raise conflict("task_state", f"{one.number} 现在是“{said.zh}”。", f"{one.number} is “{said.en}” now.")
    return one


async def answer(work: Work, identifier: UUID, *, reply: str) -> Task:
    """回复, by the unit that has it (or the centre for it): what was done."""
    one = await _in(work, identifier, "open")
    if not themes.is_handled_by(work.actor, [one.unit]):
        raise refused("theme.edit")
    if not reply.strip():
        raise invalid({"reply": Say("请写做了什么、效果怎样。", "Say what was done and what came of it.")})
    await work.connection.execute(
        "UPDATE proactive_task SET state = 'replied', reply = $2, replied_at = $3, replied_by = $4 WHERE id = $1",
        identifier, reply.strip(), work.now, work.actor.id,
    )  # fmt: skip
    await acts.note(work, work.actor, "task_answered", f"task:{one.number}", {"unit": one.unit})
    return one


async def send_back(work: Work, identifier: UUID, *, reason: str) -> Task:
    """退回补办: the date stays."""
    one = await _in(work, identifier, "replied")
    if not reason.strip():
        raise invalid({"closing": Say("请写还差什么。", "Say what is missing.")})
    await work.connection.execute(
        "UPDATE proactive_task SET state = 'open', returned = $2 WHERE id = $1", identifier, reason.strip()
    )
    await acts.note(work, work.actor, "task_sent_back", f"task:{one.number}", {"unit": one.unit})
    return one


async def close(work: Work, identifier: UUID, *, closing: str) -> Task:
    """核销, by somebody who did not answer it."""
    one = await _in(work, identifier, "replied")
    if one.replied_by == work.actor.id:
        raise conflict("own_reply", "自己写的回复由另一人核销。", "What you answered is closed by somebody else.")
    await _end(work, one, "closed", closing)
    return one


async def drop(work: Work, identifier: UUID, *, closing: str) -> Task:
    """撤销, with the reason."""
    one = await found(work.connection, identifier, lock=True)
    if one.closed_at is not None:
        return await _in(work, identifier, "open")
    await _end(work, one, "dropped", closing)
    return one


async def _end(work: Work, one: Task, state: str, closing: str) -> None:
    if not closing.strip():
        raise invalid({"closing": Say("请写核实的情况或理由。", "Write what was verified, or why.")})
    await work.connection.execute(
        "UPDATE proactive_task SET state = $2, closing = $3, closed_at = $4, closed_by = $5 WHERE id = $1",
        one.id, state, closing.strip(), work.now, work.actor.id,
    )  # fmt: skip
    await acts.note(work, work.actor, f"task_{state}", f"task:{one.number}", {"unit": one.unit})


async def measured(connection: db.Connection, one: Task) -> Change | None:
    """Whether complaints fell: as many days before it was given and after it was done; None until a day is over."""
    if one.replied_at is None or one.state in ("open", "dropped"):
        return None
    most = int(city.current().rule("theme.measure_days"))
    days = min(most, (clock.now() - one.replied_at).days)
    if days < 1:
        return None
    places = [one.area] if areas.kind_of(one.area) != "city" else []
    length = timedelta(days=days)
    before = await theme_cases.counted(connection, [one.matter], places, one.made_at - length, one.made_at)
    after = await theme_cases.counted(connection, [one.matter], places, one.replied_at, one.replied_at + length)
    return change(before, after, days)


def change(before: int, after: int, days: int) -> Change:
    """Two Poisson counts over equal times: the share after has Wilson's interval; its odds are the rates' ratio."""
    if before + after == 0:
        return Change(days=days, before=0, after=0, ratio=None, low=None, high=None)
    low, high = wilson(after, before + after)
    return Change(
        days=days, before=before, after=after, ratio=after / before if before else None, low=low / (1 - low),
        high=high / (1 - high) if high < 1 else None,
    )  # fmt: skip

