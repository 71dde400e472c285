"""Cards by hand, and cards taken back with their points (rules.md 7)."""

from __future__ import annotations

from uuid import UUID

from cases.demands_ladder import steps_of
from cases.events_ladder import CardCancelled, Carded
from cases.file import CaseFile, Text
from cases.ledger import append
from cases.rows import AssignmentRow
from cases.states import CARDS, RED, YELLOW
from hotline.errors import Refusal, conflict, not_found
from hotline.ids import new_id
from hotline.work import Work
from sla import ladder_rules

BY_HAND = {YELLOW: "yellow_by_hand", RED: "red_by_hand"}
_CARD = """
    SELECT cause, points, at, EXISTS (
        SELECT FROM supervision_record b WHERE b.cause = 'card_cancelled' AND b.cause_id = r.id) AS is_cancelled
    FROM supervision_record r WHERE id = $1 AND case_id = $2 AND cause = ANY($3)
"""
_ISSUER = "SELECT actor FROM case_event WHERE case_id = $1 AND kind = 'carded' AND data::jsonb ->> 'record' = $2"


async def card(work: Work, file: CaseFile, share: AssignmentRow, *, level: int, reason: str) -> None:
    """黄牌 or 红牌 by hand under its rule. 409 for a card out of order or a rule switched off, 422 without a reason."""
    rule = (await ladder_rules.of(work)).get(BY_HAND[level])
    if rule is None:
        raise conflict("rule_off", "这条规则已停用。", "This rule is switched off.")
    event = Carded(
        level=level, unit=share.unit, assignment=share.id, record=new_id(), points=rule.points, rule=rule.code
    )
    await append(work, file, event, {"reason": Text(value=reason)})


async def cancel(work: Work, file: CaseFile, record: UUID, *, reason: str) -> None:
    """取消 a card: it no longer stands, its points are given back. 404 for none, 409 when it is cancelled already.

    Whoever gave it by hand does not take it back alone: another person does.
    """
    row = await work.connection.fetchrow(_CARD, record, file.case.id, list(CARDS.values()))
    if row is None:
        raise not_found()
    if row["is_cancelled"]:  # another card of its level may stand on the share since
        raise _cancelled()
    if await work.connection.fetchval(_ISSUER, file.case.id, str(record)) == work.actor.id:
        raise conflict("own_card", "出牌的人不能自己取消，请另一位督办人员来办。", "Another person cancels this card.")
    level = next(level for level, cause in CARDS.items() if cause == row["cause"])
    share = await _share(work, file, record, level)
    event = CardCancelled(
        level=level, unit=share.unit, assignment=share.id, record=record, back=new_id(), points=row["points"]
    )
    await append(work, file, event, {"reason": Text(value=reason)})


async def _share(work: Work, file: CaseFile, record: UUID, level: int) -> AssignmentRow:
    """The share on which the card stands, by the event that gave it."""
    given = await work.connection.fetchval(
        "SELECT data::jsonb ->> 'assignment' FROM case_event WHERE case_id = $1 "
        "AND kind IN ('warned', 'breached', 'carded') AND data::jsonb ->> 'record' = $2",
        file.case.id, str(record),
    )  # fmt: skip
    share = file.assignments.get(UUID(given)) if given else None
    if share is None or level not in steps_of(file, share.unit):
        raise _cancelled()
    return share


def _cancelled() -> Refusal:
    return conflict("no_card", "这张牌已经取消了。", "This card has been cancelled already.")
