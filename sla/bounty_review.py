"""A finding of a bounty reviewed: confirmed, not confirmed, or a repeat of another; appealed by the unit, overturned.

The sum is owed once for a distinct finding, to whoever filed first, whenever that is reviewed; the unit's points go
once and come back. Nobody whose unit is concerned decides, nobody decides on an appeal of their own confirmation.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

import msgspec

from cases import gate, likeness, redaction
from hotline import acts, city, db
from hotline.actor import Actor
from hotline.errors import Refusal, Say, conflict, invalid, not_found
from hotline.work import Work
from sla import bounties, bounty_pay, calendar, unit_points
from sla.bounties import FINDING, Finding

CAUSE = "bounty"
ALIKE, MOST_ALIKE = 0.25, 6
"""From this likeness on an earlier or later finding about the same unit is put before the reviewer."""
Tell = Callable[..., Awaitable[None]]
"""``channels.notify_bounty.tell``: this floor does not know the doors."""


class Alike(msgspec.Struct, frozen=True, kw_only=True):
    """Another finding of the campaign about the same unit, and how much the two texts share (0 to 1)."""

    finding: Finding
    share: float


async def alike(connection: db.Connection, one: Finding) -> list[Alike]:
    """Findings that may be the same, the likest first: of the same campaign and unit, not refused."""
    rows = await connection.fetch(
        f"SELECT {FINDING} FROM bounty_finding WHERE campaign_id = $1 AND unit = $2 AND id <> $3"
        " AND state <> 'refused' ORDER BY filed_at DESC LIMIT 1000",
        one.campaign_id, one.unit, one.id,
    )  # fmt: skip
    own = likeness.pairs(f"{one.place} {one.words}")
    found = [Alike(finding=other, share=likeness.shared(own, likeness.pairs(f"{other.place} {other.words}")))
             for other in map(bounties.plain, rows)]  # fmt: skip
    near = [item for item in found if item.share >= ALIKE]
    return sorted(near, key=lambda item: (-item.share, item.finding.number))[:MOST_ALIKE]


def demand_clean(actor: Actor, one: Finding) -> None:
    """Raise the 403 for a reviewer whose unit or own filing is concerned (seed 002-09)."""
    if bounties.is_concerned(actor, one):
        say = Say(
            "这条线索涉及您所在的单位，或是您本人登记的，不能由您审查，请换一位同事。",
            "It concerns your own unit, or you filed it yourself: somebody else has to review it.",
        )
        raise Refusal(403, "concerned", say)


async def confirm(
    work: Work, identifier: UUID, *, reason: str, public_words: str, tell: Tell, seen: bool = False
) -> Finding:
    """确认: the sum of the campaign is owed once and the unit's points go. 409 for a look-alike that may be it.

    ``seen``: the reviewer has looked at the look-alikes and says that this is another matter.
    """
    (one,) = await _open(work, identifier)
    near = [item.finding.number for item in await alike(work.connection, one) if _comes_before(item.finding, one)]
    if near and not seen:
        listed = "、".join(near)
        raise conflict(
            "alike", f"更早报的或已确认的 {listed} 像是同一件事：是同一件的选“重复”，不是的勾选“已比对，不是同一件”。",
            f"{', '.join(near)}, filed earlier or confirmed, look the same: choose “repeat”, or tick that it is another"
            " matter.",
        )  # fmt: skip
    await check_public(work.connection, one, public_words)
    whole = await bounties.campaign(work.connection, one.campaign_id)
    await _settle(work, one, "confirmed", reason=reason, amount=whole.amount, public=public_words)
    await unit_points.lose(
        work, unit=one.unit, cause=CAUSE, cause_id=one.id, points=whole.points, note=one.number
    )
    await _note(work, "bounty_confirmed", one)
    await tell(work, one, "bounty_confirmed", amount=str(whole.amount))
    return one


def _comes_before(other: Finding, one: Finding) -> bool:
    """Whether the other may be the one that is paid for both: filed earlier, or confirmed whenever it was filed."""
    return bounties.rank(other) < bounties.rank(one) or other.state == "confirmed"


async def refuse(work: Work, identifier: UUID, *, reason: str, tell: Tell) -> Finding:
    """不确认, with its reason, which the finder reads."""
    if not reason.strip():
        raise invalid({"reason": Say("请写明不确认的理由，发现人看得到。", "Give the reason; the finder reads it.")})
    (one,) = await _open(work, identifier)
    await _settle(work, one, "refused", reason=reason)
    await _note(work, "bounty_refused", one)
    await tell(work, one, "bounty_refused")
    return one


async def repeat(work: Work, identifier: UUID, of: str, *, tell: Tell) -> tuple[Finding, Finding]:
    """认定重复: of the two the one filed first stands, whichever is under review. Returns it and the repeat.

    Was the later one confirmed already, the award goes over to the first while nobody was paid; 409 once somebody was.
    """
    other = await bounties.by_number(work.connection, of.strip().upper())
    if other is None or other[0].id == identifier:
        raise invalid({"of": Say("没有这个编号的线索。", "There is no finding of that number.")})
    root = other[0].first or other[0].id
    first, later = await _pair(work, identifier, root)
    demand_clean(work.actor, first)
    demand_clean(work.actor, later)
    if "duplicate" in (first.state, later.state):  # a chain would pay nobody
        raise conflict("settled", "这条线索已经认定为重复。", "This finding is a repeat of another already.")
    if first.state in ("refused", "overturned"):
        raise conflict(
            "not_stands", f"先报的 {first.number} 没有确认，请单独审查这一条。",
            f"{first.number} was not confirmed; review this one for itself.",
        )  # fmt: skip
    amount = later.amount
    if later.state == "confirmed":
        await _hand_over(work, later)
    elif later.state != "filed":
        raise conflict("settled", "这条线索已经审查过了。", "This finding was reviewed already.")
    await work.connection.execute(
        "UPDATE bounty_finding SET state = 'duplicate', first = $2, reviewed_at = $3, reviewed_by = $4, reason = '',"
        " amount = NULL, public_words = '', public_by = NULL, published_at = NULL, published_by = NULL WHERE id = $1",
        later.id, first.id, work.now, work.actor.id,
    )  # fmt: skip
    await work.connection.execute("UPDATE bounty_finding SET first = $2 WHERE first = $1", later.id, first.id)
    if later.state == "confirmed" and first.state == "filed":
        await _take_over(work, first, later, amount or 0)
        await tell(work, first, "bounty_confirmed", amount=str(amount))
    await _note(work, "bounty_repeated", later)
    await tell(work, later, "bounty_repeated")
    return first, later


async def _pair(work: Work, one: UUID, other: UUID) -> tuple[Finding, Finding]:
    if one == other:
        raise invalid({"of": Say("那一条已经认定与这条重复。", "That one is a repeat of this one already.")})
    first, later = await bounties.locked(work.connection, one, other)
    if first.campaign_id != later.campaign_id:
        raise invalid({"of": Say("不是同一次活动的线索。", "It belongs to another campaign.")})
    return first, later


async def _hand_over(work: Work, later: Finding) -> None:
    """The later one loses the award: unpaid, it is stopped; the points come back before they go again."""
    if later.appeal_waits:
        raise conflict(
            "appeal_waits", f"单位对 {later.number} 的申诉待裁定，请先裁定。",
            f"The unit’s appeal against {later.number} waits; decide it first.",
        )  # fmt: skip
    if await bounty_pay.is_paid(work.connection, later.id):
        raise conflict(
            "paid", f"{later.number} 的奖金已经付出，不能再付一次：请先由另一人推翻它的确认，再确认先报的。",
            f"{later.number} was paid; somebody else has to overturn it before the first can be confirmed.",
        )  # fmt: skip
    await bounty_pay.stop(work, later)
    await unit_points.restore(work, cause=CAUSE, cause_id=later.id, note=later.number)


async def _take_over(work: Work, first: Finding, later: Finding, amount: int) -> None:
    whole = await bounties.campaign(work.connection, first.campaign_id)
    await _settle(work, first, "confirmed", reason=later.reason, amount=amount)
    await unit_points.lose(
        work, unit=first.unit, cause=CAUSE, cause_id=first.id, points=whole.points, note=first.number
    )


async def appeal(work: Work, identifier: UUID, *, words: str) -> Finding:
    """申诉 by the unit concerned, once, within the city's working days of the confirmation."""
    (one,) = await bounties.locked(work.connection, identifier)
    if one.unit not in work.actor.units:
        raise not_found()
    if one.state != "confirmed" or one.appealed_at is not None:
        raise conflict("appealed", "只能对已确认的线索申诉一次。", "A confirmed finding is appealed once.")
    last = appeal_until(one)
    if last is None or work.now > last:
        raise conflict("appeal_late", "申诉期限已过。", "The time to appeal has passed.")
    await work.connection.execute(
        "UPDATE bounty_finding SET appeal = $2, appealed_at = $3, appealed_by = $4 WHERE id = $1",
        one.id, words, work.now, work.actor.id,
    )  # fmt: skip
    await _note(work, "bounty_appealed", one)
    return one


def appeal_until(one: Finding) -> datetime | None:
    """Until when the unit may appeal."""
    if one.reviewed_at is None:
        return None
    days = int(city.current().rule("bounty.appeal"))
    return calendar.of(city.current()).add_working_days(one.reviewed_at, days).at


async def decide(
    work: Work, identifier: UUID, *, is_upheld: bool, reason: str, recover: bool, tell: Tell
) -> Finding:
    """裁定申诉, by somebody else than who confirmed it and not of the unit. Upheld, the finding is overturned."""
    (one,) = await bounties.locked(work.connection, identifier)
    demand_clean(work.actor, one)
    if not one.appeal_waits or one.state != "confirmed":
        raise conflict("no_appeal", "没有待裁定的申诉。", "No appeal waits to be decided.")
    _demand_another(work, one)
    await work.connection.execute(
        "UPDATE bounty_finding SET appeal_upheld = $2, appeal_reason = $3, appeal_decided_at = $4,"
        " appeal_decided_by = $5 WHERE id = $1",
        one.id, is_upheld, reason, work.now, work.actor.id,
    )  # fmt: skip
    await _note(work, "bounty_appeal_decided", one)
    if is_upheld:
        await _overturn(work, one, reason=reason, recover=recover, tell=tell)
    return one


async def overturn(work: Work, identifier: UUID, *, reason: str, recover: bool, tell: Tell) -> Finding:
    """推翻确认 by the centre itself, by somebody else than who confirmed it."""
    (one,) = await bounties.locked(work.connection, identifier)
    demand_clean(work.actor, one)
    if one.state != "confirmed":
        raise conflict("not_confirmed", "这条线索没有确认，或已经推翻。", "It is not confirmed, or overturned already.")
    if one.appeal_waits:
        raise conflict("appeal_waits", "单位已申诉，请裁定申诉。", "The unit has appealed; decide the appeal.")
    _demand_another(work, one)
    await _overturn(work, one, reason=reason, recover=recover, tell=tell)
    return one


def _demand_another(work: Work, one: Finding) -> None:
    if work.actor.id == one.reviewed_by:
        raise conflict("same_person", "须由确认人以外的同事推翻、裁定。", "Whoever confirmed it does not decide.")


async def _overturn(work: Work, one: Finding, *, reason: str, recover: bool, tell: Tell) -> None:
    """Points come back; what was not paid is not; what was paid is kept on record, and recovered only if decided."""
    await work.connection.execute(
        "UPDATE bounty_finding SET state = 'overturned', reason = $2, published_at = NULL, published_by = NULL"
        " WHERE id = $1", one.id, reason,
    )  # fmt: skip
    await unit_points.restore(work, cause=CAUSE, cause_id=one.id, note=one.number)
    await bounty_pay.stop(work, one)
    if recover:
        await bounty_pay.recover(work, one, reason=reason)
    await _note(work, "bounty_overturned", one)
    await tell(work, one, "bounty_overturned")


async def publish(work: Work, identifier: UUID) -> Finding:
    """公开 what was found, by somebody else than who wrote the text; the gate looks once more. 409 without a text."""
    (one,) = await bounties.locked(work.connection, identifier)
    demand_clean(work.actor, one)
    if one.state != "confirmed" or not one.public_words or one.published_at is not None:
        raise conflict("not_ready", "没有待公开的文字，或已经公开。", "No text waits to be published, or it is out.")
    if one.public_by == work.actor.id:
        raise conflict("same_person", "公开须由写稿以外的同事放行。", "Somebody else than its writer lets it out.")
    await check_public(work.connection, one, one.public_words)
    await work.connection.execute(
        "UPDATE bounty_finding SET published_at = $2, published_by = $3 WHERE id = $1", one.id, work.now, work.actor.id
    )
    await _note(work, "bounty_published", one)
    return one


async def check_public(connection: db.Connection, one: Finding, text: str) -> None:
    """Raise the 422 while the text tells who anybody is or quotes the finder: the gate of notices, failing closed."""
    if not text:
        return
    found = gate.finds({"public_words": text}, await _known(connection, one, with_words=True))
    if found:
        shown = "、".join(dict.fromkeys(f"“{item.text}”" for item in found[:5]))
        raise invalid(
            {"public_words": Say(f"公开的话里有能认出人的或照抄原话的：{shown}，请改写。",
                                 f"It tells who somebody is, or quotes the finder: {shown}; put it otherwise.")},
            "tells",
        )  # fmt: skip


async def for_unit(connection: db.Connection, one: Finding) -> Finding:
    """The finding as the unit concerned reads it: nothing in its texts tells who found it, nor who anybody is.

    Nor in what the centre wrote: the reason of the review speaks to the finder.
    """
    known = await _known(connection, one, with_words=False)
    fields = {"place": one.place, "words": one.words, "reason": one.reason, "appeal_reason": one.appeal_reason or ""}
    finds = gate.finds(fields, known)
    told = {name: _without(text, [item for item in finds if item.field == name]) for name, text in fields.items()}
    return msgspec.structs.replace(one, **{**told, "appeal_reason": told["appeal_reason"] or None})


def _without(text: str, finds: list[gate.Found]) -> str:
    """The text with a mark for each find; finds that overlap are one, so that no end of the longer one stays."""
    whole: list[redaction.Find] = []
    for item in finds:
        last = whole[-1] if whole else None
        if last is not None and item.start < last.end:
            end = max(last.end, item.end)
            whole[-1] = redaction.Find(last.start, end, last.kind, text[last.start : end])
        else:
            whole.append(redaction.Find(item.start, item.end, item.kind, item.text))
    return redaction.redact(text, whole)


async def _known(connection: db.Connection, one: Finding, *, with_words: bool) -> gate.Known:
    who = await bounties.finder(connection, one.id)
    payee = [who.payee.name] if who.payee is not None else []
    words = (one.words,) if with_words else ()
    return gate.Known(names=tuple({who.name, *payee}), numbers=(who.phone,), words=words)


async def _open(work: Work, identifier: UUID) -> list[Finding]:
    """The finding under its lock, still to be reviewed, by somebody who may. 403, 404, 409."""
    found = await bounties.locked(work.connection, identifier)
    demand_clean(work.actor, found[0])
    if found[0].state != "filed":
        raise conflict("settled", "这条线索已经审查过了。", "This finding was reviewed already.")
    return found


async def _settle(
    work: Work, one: Finding, state: str, *, reason: str, amount: int | None = None, public: str = ""
) -> None:
    await work.connection.execute(
        "UPDATE bounty_finding SET state = $2, reviewed_at = $3, reviewed_by = $4, reason = $5, amount = $6,"
        " public_words = $7, public_by = $8 WHERE id = $1",
        one.id, state, work.now, work.actor.id, reason, amount, public, work.actor.id if public else None,
    )  # fmt: skip


async def _note(work: Work, kind: str, one: Finding) -> None:
    await work.flush()
    await acts.note(work, work.actor, kind, f"bounty_finding:{one.number}", {"unit": one.unit})

