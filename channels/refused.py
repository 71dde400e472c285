"""Refused numbers (domain.md 2.14): persuade; repeated: refuse the number for a time; serious: the police.

An agent proposes with the calls as evidence, a shift supervisor who is not the proposer decides. Refused are calls
only, never texts, WeChat, web or counter, and never a transfer to 110, 119, 120 or 122.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import asyncpg
import msgspec

from channels import calls, reminders_shift
from hotline import acts, city, clock, db, masks, vault
from hotline.actor import SYSTEM, Actor
from hotline.errors import Refusal, Say, conflict, invalid, not_found
from hotline.ids import new_id
from hotline.work import work

PROPOSED, REFUSED, NOT_REFUSED, ENDED, LIFTED = "proposed", "refused", "not_refused", "ended", "lifted"
STATES: dict[str, Say] = {
    PROPOSED: Say("待决定", "to be decided"),
    REFUSED: Say("拒接中", "refused now"),
    NOT_REFUSED: Say("不拒接", "not refused"),
    ENDED: Say("到期解除", "ended at its time"),
    LIFTED: Say("提前解除", "lifted early"),
}
THREAT = "threat"
GROUNDS: dict[str, Say] = {
    "repeated": Say("反复拨打、与诉求无关", "calling again and again without a request"),
    "abuse": Say("多次辱骂工作人员", "abusing staff repeatedly"),
    "silent": Say("反复拨打不说话", "calling repeatedly and saying nothing"),
    THREAT: Say("威胁、恐吓", "threats"),
}
_SEALED = "refused_number"
MOST_CALLS = 20
_INSERT = """
INSERT INTO refused_number (id, number, number_index, ground, words, is_persuaded, extends, proposed_by, proposed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (number_index) WHERE state = 'proposed' DO NOTHING
"""
_NOW = """
SELECT id, number_index, ground, decided_at, until FROM refused_number
WHERE number_index = ANY($1::bytea[]) AND state = 'refused' AND until > $2
"""
_CALLS = """
SELECT id, started_at, line, settled, outcome, talk_s FROM call
WHERE caller_index = ANY($1::bytea[]) AND direction = 'in' AND started_at > $2 AND outcome IS DISTINCT FROM 'barred'
ORDER BY started_at DESC LIMIT 20
"""
_DECIDE = """
UPDATE refused_number SET state = $2, decided_by = $3, decided_at = $4, decision = $5, until = $6, review_on = $7,
    is_police_told = $8 WHERE id = $1
"""
_END = "UPDATE refused_number SET state = $2, ended_at = $3, ended_by = $4, end_words = $5 WHERE id = $1"


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """A refusal that is in force: what the voice door needs to say."""

    id: UUID
    number_index: bytes
    ground: str
    decided_at: datetime
    until: datetime


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """One call of the number."""

    id: UUID
    started_at: datetime
    line: str
    settled: str
    outcome: str | None
    talk_s: int | None


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent proposes."""

    ground: str
    words: str
    calls: tuple[UUID, ...]
    is_persuaded: bool


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What a shift supervisor decides: for how many days, and when it is looked at again."""

    is_refused: bool
    reason: str
    days: int = 0
    review_on: date | None = None
    is_police_told: bool = False


def seal(words: str) -> bytes:
    """Words of a refusal, sealed: they tell of a person."""
    return vault.seal(words, _SEALED)


def unseal(sealed: bytes | None) -> str:
    """The inverse of ``seal``."""
    return vault.unseal(sealed, _SEALED) if sealed else ""


async def is_refused(connection: db.Connection, phone: str) -> Bar | None:
    """The refusal in force against this number; None for everybody else, and for whoever withholds their number."""
    if not masks.is_phone(masks.normal_phone(phone)):
        return None
    row = await connection.fetchrow(_NOW, vault.phone_indexes(phone), clock.now())
    return Bar(**row) if row else None


async def of_caller(connection: db.Connection, number: str) -> list[Evidence]:
    """The number's latest calls within rule ``refused.window``: what can be evidence."""
    since = clock.now() - timedelta(days=int(city.current().rule("refused.window")))
    rows = await connection.fetch(_CALLS, vault.phone_indexes(number), since)
    return [Evidence(**row) for row in rows]


async def propose(actor: Actor, call: UUID, ask: Ask) -> UUID:
    """An agent proposes, from a call that they have or just had. 422 by field, 409 when it waits or stands already.

    Without a threat: persuaded first, and at least rule ``refused.calls`` calls as evidence.
    """
    async with work(actor) as w:
        connection = w.connection
        own = await calls.mine(connection, actor.id, call)
        if not own.number:
            raise conflict("no_number", "来电没有显示号码，拒接不了。", "The number was withheld.")
        known = {one.id for one in await of_caller(connection, own.number)}
        given = [one for one in dict.fromkeys(ask.calls) if one in known][:MOST_CALLS]
        _check(ask, len(given))
        await _free(connection, own.number)
        one = await _add(connection, actor, own.number, ask)
        await connection.executemany(
            "INSERT INTO refused_evidence (refused, call) VALUES ($1, $2)", [(one, each) for each in given]
        )
        await reminders_shift.to_decide(w, one)
        await acts.note(w, actor, "refusal_proposed", f"refused:{one}", {"ground": ask.ground})
    await calls.tell()
    return one


def _check(ask: Ask, n: int) -> None:
    wrong: dict[str, Say] = {}
    least = 1 if ask.ground == THREAT else int(city.current().rule("refused.calls"))
    if ask.ground not in GROUNDS:
        wrong["ground"] = Say("请选理由。", "Choose the ground.")
    if n < least:
        wrong["calls"] = Say(f"至少选 {least} 通来电作依据。", f"Choose at least {least} calls as evidence.")
    if ask.ground != THREAT and not ask.is_persuaded:
        wrong["is_persuaded"] = Say("先劝导，再提拒接。", "Persuade first; propose a refusal after that.")
    if wrong:
        raise invalid(wrong)


async def _free(connection: db.Connection, number: str) -> None:
    sql = "SELECT state FROM refused_number WHERE number_index = ANY($1::bytea[]) AND state IN ('proposed', 'refused')"
    if (state := await connection.fetchval(sql, vault.phone_indexes(number))) is not None:
        raise _known() if state == PROPOSED else conflict("known", "这个号码已在拒接中。", "It is refused already.")


def _known() -> Refusal:
    return conflict("known", "这个号码已经提过，在等班长决定。", "It is proposed already and waits.")


async def _add(
    connection: db.Connection, actor: Actor, number: str, ask: Ask, *, extends: UUID | None = None
) -> UUID:
    """Write the proposal. 409 when somebody else proposed the number in the same moment."""
    one = new_id()
    sealed = vault.seal(number, _SEALED)
    done = await connection.execute(
        _INSERT, one, sealed, vault.phone_index(number), ask.ground, seal(ask.words), ask.is_persuaded, extends,
        actor.id, clock.now(),
    )  # fmt: skip
    if not str(done).endswith(" 1"):
        raise _known()
    return one


async def _locked(connection: db.Connection, one: UUID, *states: str) -> asyncpg.Record:
    row = await connection.fetchrow("SELECT * FROM refused_number WHERE id = $1 FOR UPDATE", one)
    if row is None:
        raise not_found()
    if row["state"] not in states:
        say = STATES[row["state"]]
        raise conflict("moved_on", f"这一条现在是“{say.zh}”，请刷新。", f"This is {say.en} now; refresh the page.")
    return row


async def decide(actor: Actor, one: UUID, decision: Decision) -> None:
    """The shift supervisor decides. 409 for the proposer and for what is decided, 422 beyond rule ``refused.most``.

    A refusal that was lifted meanwhile is not extended: 409, it needs a new proposal with calls of its own.
    """
    now, most = clock.now(), int(city.current().rule("refused.most"))
    async with db.atomic() as connection:
        row = await _locked(connection, one, PROPOSED)
        if row["proposed_by"] in actor.persons:
            raise conflict("own", "提出人不能自己决定，请换一位班长。", "Who proposed it does not decide.")
        until = now + timedelta(days=decision.days)
        if decision.is_refused:
            _check_days(decision, most, until)
            if row["extends"] is not None and await end(connection, row["extends"], ENDED, SYSTEM) == LIFTED:
                raise conflict(
                    "lifted", "原来的拒接已提前解除，不能续期；再有骚扰由坐席重新提请。",
                    "What it extends was lifted; a new proposal is needed.",
                )  # fmt: skip
        state = REFUSED if decision.is_refused else NOT_REFUSED
        await connection.execute(
            _DECIDE, one, state, actor.id, now, seal(decision.reason), until if decision.is_refused else None,
            decision.review_on if decision.is_refused else None, decision.is_police_told,
        )  # fmt: skip
        kind, data = ("refusal_made", {"days": decision.days}) if decision.is_refused else ("refusal_declined", {})
        await acts.note(connection, actor, kind, f"refused:{one}", data)
    await calls.tell()


def _check_days(decision: Decision, most: int, until: datetime) -> None:
    wrong: dict[str, Say] = {}
    if not 1 <= decision.days <= most:
        wrong["days"] = Say(f"拒接 1 到 {most} 天。", f"1 to {most} days.")
    elif decision.review_on is None or not clock.today() <= decision.review_on <= clock.local_day(until):
        wrong["review_on"] = Say("复核日期要在今天到期满之间。", "The review falls between today and the last day.")
    if wrong:
        raise invalid(wrong)


async def end(connection: db.Connection, one: UUID, state: str, actor: Actor, words: str = "") -> str:
    """A refusal in force is over, in the caller's transaction; one that is over stays as it is. How it stood before."""
    before = str(await connection.fetchval("SELECT state FROM refused_number WHERE id = $1 FOR UPDATE", one))
    if before == REFUSED:
        by = actor.id if actor.is_staff else None
        await connection.execute(_END, one, state, clock.now(), by, seal(words) if words else None)
        await acts.note(connection, actor, f"refusal_{state}", f"refused:{one}")
    return before


async def lift(actor: Actor, one: UUID, words: str) -> None:
    """Lifted before its time. 409 when it is over."""
    async with db.atomic() as connection:
        await _locked(connection, one, REFUSED)
        await end(connection, one, LIFTED, actor, words)
    await calls.tell()


async def review(actor: Actor, one: UUID, on: date) -> None:
    """Looked at again by another than who decided it, and left standing until the next review ``on``.

    409 for who decided it, 422 beyond its last day.
    """
    async with db.atomic() as connection:
        row = await _locked(connection, one, REFUSED)
        if row["decided_by"] in actor.persons:
            raise conflict("own", "作出决定的人不能自己复核，请换一位班长。", "Who refused it does not review that.")
        if not clock.today() < on <= clock.local_day(row["until"]):
            say = Say("下次复核要在明天到期满之间。", "The next review falls between tomorrow and the last day.")
            raise invalid({"review_on": say})
        await connection.execute(
            "UPDATE refused_number SET review_on = $2, review_told_at = NULL WHERE id = $1", one, on
        )
        await acts.note(connection, actor, "refusal_reviewed", f"refused:{one}", {"until": str(on)})
    await calls.tell()


async def extend(actor: Actor, one: UUID, words: str) -> UUID:
    """To go on it needs a new decision by somebody else: a proposal that takes this one's place when it is made."""
    async with work(actor) as w:
        connection = w.connection
        row = await _locked(connection, one, REFUSED)
        sql = "SELECT EXISTS (SELECT FROM refused_number WHERE number_index = $1 AND state = 'proposed')"
        if await connection.fetchval(sql, row["number_index"]):
            raise conflict("known", "续期已经提过，在等决定。", "An extension is proposed already and waits.")
        ask = Ask(ground=row["ground"], words=words, calls=(), is_persuaded=row["is_persuaded"])
        new = await _add(connection, actor, vault.unseal(row["number"], _SEALED), ask, extends=one)
        await connection.execute(
            "INSERT INTO refused_evidence (refused, call)"
            " SELECT $2::uuid, call FROM refused_evidence WHERE refused = $1"
            " UNION SELECT $2, id FROM call WHERE refused = $1", one, new,
        )  # fmt: skip
        await reminders_shift.to_decide(w, new)
        await acts.note(w, actor, "refusal_extended", f"refused:{new}", {"ground": row["ground"]})
    await calls.tell()
    return new


async def end_due(connection: db.Connection) -> int:
    """Refusals whose time is over end by themselves; how many."""
    now = clock.now()
    rows = await connection.fetch("SELECT id FROM refused_number WHERE state = 'refused' AND until <= $1", now)
    for row in rows:
        await end(connection, row["id"], ENDED, SYSTEM)
    return len(rows)


async def forget(connection: db.Connection) -> int:
    """Numbers of refusals as old as the recordings that are kept (rule ``recording.years``) are forgotten."""
    edge = clock.now() - timedelta(days=366 * int(city.current().rule("recording.years")))
    done = await connection.fetch(
        "UPDATE refused_number SET number = NULL, number_index = NULL WHERE number IS NOT NULL"
        " AND state IN ('ended', 'lifted', 'not_refused') AND coalesce(ended_at, decided_at) < $1 RETURNING 1", edge,
    )  # fmt: skip
    return len(done)
