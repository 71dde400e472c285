"""Roles that must not stand together: pairs, each with its reason. Data; who grants a role asks ``clash``.

What is refused here is refused again at the act, by person: a pair that was granted before this table held, or by
two grants on two days, lets nobody be the second pair of eyes on their own work.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from hotline import db
from hotline.errors import Say
from hotline.roles import ROLES

UNIT = ("unit_head", "unit_deputy", "unit_liaison", "unit_handler")
_OWN_VISIT = Say("会复核、审核自己做的回访", "they would audit their own visits")
_OWN_RESULT = Say("会审核、回访自己单位办的件", "they would audit and visit what their own unit handled")
_OWN_ORDER = Say("会督办自己单位", "they would supervise their own unit")
_OWN_DRAFT = Say("会批准自己起草的内容", "they would approve their own drafts")
_TWO_EYES = Say("业务审核和保密审核须是两个人", "the two reviews are for two people")


class Pair(msgspec.Struct, frozen=True):
    """Two roles that one person does not hold at a time, and why."""

    one: str
    other: str
    why: Say

    def say(self) -> Say:
        """The refusal: what clashes, why, and what to do."""
        (one, _), (other, _) = ROLES[self.one], ROLES[self.other]
        return Say(
            f"“{one.zh}”和“{other.zh}”不能同时担任：{self.why.zh}。请先收回其中一个，或把角色给另一位同事。",
            f"“{one.en}” and “{other.en}” do not go together: {self.why.en}. End one of them first, or give the role "
            "to somebody else.",
        )


PAIRS: Sequence[Pair] = (
    Pair("callback", "auditor", _OWN_VISIT),
    *(Pair(centre, unit, _OWN_RESULT) for centre in ("callback", "auditor", "coordination") for unit in UNIT),
    *(Pair("supervisor", unit, _OWN_ORDER) for unit in UNIT),
    Pair("publication", "business_reviewer", _OWN_DRAFT),
    Pair("publication", "secrecy_reviewer", _OWN_DRAFT),
    Pair("business_reviewer", "secrecy_reviewer", _TWO_EYES),
    *(Pair("knowledge_editor", unit, _OWN_DRAFT) for unit in UNIT),
)


def clash(roles: Iterable[str]) -> Pair | None:
    """The first pair among the roles that must not stand together; None when all may."""
    held = set(roles)
    return next((pair for pair in PAIRS if pair.one in held and pair.other in held), None)


LOCK = "SELECT pg_advisory_xact_lock(hashtext('delegation'))"
"""Taken before ``held_with`` is asked for a change: a role and a delegation at one moment would each miss the other."""
_TOGETHER = """
    SELECT DISTINCT g.role FROM role_grant g WHERE (g.person_id = $1 OR g.person_id IN (
        SELECT CASE WHEN d.person_id = $1 THEN d.delegate_id ELSE d.person_id END FROM delegation d
        WHERE $1 IN (d.person_id, d.delegate_id) AND d.ended_at IS NULL AND d.last_day >= $2
    )) AND (g.valid_to IS NULL OR g.valid_to >= $2)
"""


async def held_with(connection: db.Connection, person: UUID, day: object) -> set[str]:
    """The roles that the person, or whoever acts for them or they act for, holds on ``day`` or will hold later."""
    return {row["role"] for row in await connection.fetch(_TOGETHER, person, day)}
