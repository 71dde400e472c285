"""Events of the audit of return visits: findings, withdrawals, claims."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from cases.event import CENTRE, REQUESTER, Event


class AuditFound(Event, frozen=True, kw_only=True):
    """复核、抽查发现问题, as the finding ``number`` tells it; ``unit`` where it is a unit's. Text: words."""

    kind: ClassVar[str] = "audit_found"
    audience: ClassVar[str] = CENTRE

    finding: UUID
    number: str
    what: str
    source: str
    unit: str = ""
    record: UUID | None = None


class FindingLifted(Event, frozen=True, kw_only=True):
    """申诉成立: a finding does not stand. Text: reason."""

    kind: ClassVar[str] = "finding_lifted"
    audience: ClassVar[str] = CENTRE

    finding: UUID
    number: str


class RatingAnnulled(Event, frozen=True, kw_only=True):
    """评价作废: a grade that an audit found untrue counts nowhere; the requester may rate anew.

    ``keeps_first``: the first grade was given in an earlier visit, before a rework, and stands (domain.md 2.9).
    """

    kind: ClassVar[str] = "rating_annulled"
    audience: ClassVar[str] = CENTRE

    rating: UUID
    request: UUID
    reason: str
    finding: UUID | None = None
    record: UUID
    unit: str
    first_grade: str | None = None
    final_grade: str | None = None
    keeps_first: bool = False


class RatingRestored(Event, frozen=True, kw_only=True):
    """评价恢复, when the finding behind the annulment was lifted; the grades come back as they were."""

    kind: ClassVar[str] = "rating_restored"
    audience: ClassVar[str] = CENTRE

    rating: UUID
    request: UUID
    first_grade: str | None = None
    final_grade: str | None = None


class WithdrawalWished(Event, frozen=True, kw_only=True):
    """要求撤单 once a unit has it: a wish, which moves nothing until somebody of the centre has asked. Text: words.

    ``told_by``: requester, or unit when it is the unit that says so.
    """

    kind: ClassVar[str] = "withdrawal_wished"
    audience: ClassVar[str] = REQUESTER

    request: UUID
    unit: str
    told_by: str = "requester"


class WithdrawalChecked(Event, frozen=True, kw_only=True):
    """撤单核查: free (of their own will), kept (not so: it goes on) or unreached. Text: said.

    ``by_unit`` is the unit that asked them to withdraw (domain.md 2.9, Yantai), with its supervision record.
    """

    kind: ClassVar[str] = "withdrawal_checked"
    audience: ClassVar[str] = REQUESTER

    request: UUID
    verdict: str
    is_solved: bool | None = None
    by_unit: str | None = None
    ledger: str | None = None
    record: UUID | None = None


class WithdrawalStruck(Event, frozen=True, kw_only=True):
    """销账: what was kept on a ledger of withdrawals is solved, or done as planned. Text: reason."""

    kind: ClassVar[str] = "withdrawal_struck"
    audience: ClassVar[str] = CENTRE

    request: UUID


class Claimed(Event, frozen=True, kw_only=True):
    """申请认定不合理诉求 or 超职责, by the unit; its clocks run on. Texts: reason, basis (the proof)."""

    kind: ClassVar[str] = "claimed"

    assignment: UUID
    claim: str


class ClaimDecided(Event, frozen=True, kw_only=True):
    """认定: by the centre. Texts: reason; reply, what the requester is told politely when it is upheld."""

    kind: ClassVar[str] = "claim_decided"
    audience: ClassVar[str] = REQUESTER

    assignment: UUID
    claim: str
    is_upheld: bool


class ClaimReversed(Event, frozen=True, kw_only=True):
    """撤销认定, on appeal, by somebody else than who decided: the share counts again. Text: reason."""

    kind: ClassVar[str] = "claim_reversed"

    assignment: UUID
    claim: str
