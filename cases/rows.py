"""The nouns of design.md 4 as rows: Request, Case, Assignment and what stands beside the ledger.

A case is the piece of work, a request what one requester said through one door, an assignment one unit's share.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from hotline.work import ORDER, Row

ORDER += ["cases", "request", "assignment", "case_event", "case_text", "visit", "rating", "supervision_record"]


class CaseRow(Row, kw_only=True):
    """A piece of work (工单). Columns marked sla are set by ``sla`` only."""

    table: ClassVar[str] = "cases"
    is_free: ClassVar[bool] = True

    id: UUID
    number: str
    state: str = "registered"
    kind: str = "assistance"
    urgency: str = "normal"
    matter: str | None = None
    title: str = ""
    summary: str = ""
    county: str = "city"
    township: str | None = None
    place: str = ""
    lat: float | None = None
    lon: float | None = None
    line: str = "12345"
    channel: str = "web"
    is_confidential: bool = False
    is_minor: bool = False
    is_investigation: bool = False
    is_vulnerable: bool = False
    is_enterprise: bool = False
    about_units: tuple[str, ...] = ()
    risk: tuple[str, ...] = ()
    flagged_at: datetime | None = None
    risk_seen_at: datetime | None = None
    level: str = ""
    leader: UUID | None = None
    is_mass: bool = False
    lead_unit: str | None = None
    unit_codes: tuple[str, ...] = ()
    accepted_by: UUID | None = None
    opened_at: datetime
    accepted_at: datetime | None = None
    closed_at: datetime | None = None
    close_reason: str | None = None
    rework_count: int = 0
    return_count: int = 0
    urge_count: int = 0
    request_count: int = 1
    supervision: int = 0
    next_due: datetime | None = None
    next_stage: str | None = None
    next_warn: datetime | None = None
    is_provisional: bool = False
    is_open: bool = True
    origin_system: str | None = None
    origin_no: str | None = None
    is_weighed: bool = False
    grams: str = ""
    merged_into: UUID | None = None
    paused: str | None = None
    """Why the case stands: needs_info or suspended, for the share ``paused_share``; ``cases/pauses.py``."""
    paused_at: datetime | None = None
    paused_until: datetime | None = None
    paused_share: UUID | None = None
    review_at: datetime | None = None
    info_asked_at: datetime | None = None
    suspensions: int = 0
    law: str | None = None
    """The statute whose limit the case has, by its code (domain.md 2.6)."""
    last_seq: int = 0
    last_hash: bytes = b""

    @property
    def is_sealed(self) -> bool:
        """A report (举报) or a confidential case: requester fields are absent from all that is dispatched."""
        return self.kind == "report" or self.is_confidential


class RequestRow(Row, kw_only=True):
    """What one requester said through one door (诉求). Personal fields are encrypted bytes of ``hotline.vault``."""

    table: ClassVar[str] = "request"

    id: UUID
    case_id: UUID
    receipt_no: str
    code_hash: bytes
    state: str = "open"
    kind: str = "assistance"
    channel: str = "web"
    line: str = "12345"
    reply_by: str = "none"
    requester_kind: str = "person"
    words: str | None = None
    name: bytes | None = None
    phone: bytes | None = None
    phone_index: bytes | None = None
    address: bytes | None = None
    reply_to: bytes | None = None
    reply_index: bytes | None = None
    second_by: str = "none"
    second_to: bytes | None = None
    organisation_code: str | None = None
    proxy_name: bytes | None = None
    about_unit: str | None = None
    about_person: bytes | None = None
    is_anonymous: bool = False
    filed_at: datetime
    filed_by: UUID | None = None
    visited_at: datetime | None = None
    visit_tries: int = 0
    is_solved: bool | None = None
    first_grade: str | None = None
    final_grade: str | None = None
    rated_at: datetime | None = None
    urged_at: datetime | None = None
    origin_no: str | None = None
    origin_system: str | None = None
    account_id: UUID | None = None
    portal: str | None = None
    lang: str = "zh"
    home_id: UUID | None = None
    withdraw_state: str | None = None
    withdraw_at: datetime | None = None
    withdraw_unit: str | None = None
    withdraw_ledger: str | None = None
    info_asked_at: datetime | None = None
    info_until: datetime | None = None
    """Set while this requester is waited for."""
    exempt_by: str | None = None
    asked_until: datetime | None = None
    """Until when a grade by message counts as the answer to a return visit that reached nobody."""
    visit_channel: str | None = None
    cause: str | None = None
    wish: str = ""
    """The part of the day in which they asked to be called."""


class AssignmentRow(Row, kw_only=True):
    """One unit's share of a case (承办), with its own acts. ``role``: lead, co, or below (handed down to a lower unit).

    ``supervision`` is the highest of the ladder's ``steps`` that stand; ``orders_open`` counts orders in force.
    ``objection`` and ``co_ask`` wait for the centre, ``head_asked_at`` for the unit's head; ``returned_at`` says that
    the unit was right to give it back: whoever dispatched it (``dispatched_by``, ``basis``) was wrong.
    """

    table: ClassVar[str] = "assignment"

    id: UUID
    case_id: UUID
    unit: str
    role: str = "lead"
    state: str = "dispatched"
    round: int = 1
    basis: str = ""
    profile: str = "STD5"
    dispatched_at: datetime
    dispatched_by: UUID
    signed_at: datetime | None = None
    signed_by: UUID | None = None
    contacted_at: datetime | None = None
    handled_at: datetime | None = None
    handled_by: UUID | None = None
    hands: tuple[UUID, ...] = ()
    ended_at: datetime | None = None
    result: str | None = None
    is_substantiated: bool | None = None
    is_beyond_remit: bool | None = None
    has_contacted: bool | None = None
    is_solved: bool | None = None
    supervision: int = 0
    steps: tuple[int, ...] = ()
    orders_open: int = 0
    verified_at: datetime | None = None
    finding: str | None = None
    parent_assignment: UUID | None = None
    return_ground: str | None = None
    return_refusals: int = 0
    returned_at: datetime | None = None
    objected_at: datetime | None = None
    objection: str | None = None
    co_ask: str | None = None
    co_ask_unit: str | None = None
    head_asked_at: datetime | None = None
    head_asked_by: UUID | None = None
    suspension_asked_at: datetime | None = None
    suspension_review: datetime | None = None
    is_binding: bool = False
    """A conference decided that this unit has it: it cannot be returned."""
    claim: str | None = None
    claim_state: str | None = None
    claimed_at: datetime | None = None
    claim_decided_by: UUID | None = None
    excluded: str | None = None
    """Why it counts in no score: unreasonable, beyond_remit, withdrawn."""
    extension_asked_at: datetime | None = None
    """The overlay extension_requested: since when the centre has an ask for more time to answer, how much, of whom."""
    extension_amount: float | None = None
    extension_unit: str | None = None
    extension_law: str | None = None
    extension_by: str | None = None


class EventRow(Row, kw_only=True):
    """One line of the ledger: ids, codes, times and commitments only (rules.md 5). Never changed, never deleted.

    ``data`` is canonical JSON, hashed byte for byte; ``log`` is "p" (what a citizen's proof may show) or "i";
    ``position`` is given once by the sealer; ``salt`` blinds the parts of its hash (none in the oldest events).
    """

    table: ClassVar[str] = "case_event"
    is_final: ClassVar[bool] = True
    identity: ClassVar[tuple[str, ...]] = ("case_id", "seq")

    case_id: UUID
    seq: int
    kind: str
    version: int
    at: datetime
    actor: UUID
    actor_kind: str
    unit: str
    data: str
    prev: bytes
    hash: bytes
    log: str
    position: int | None = None
    salt: bytes | None = None


class TextRow(Row, kw_only=True):
    """A text or personal value beside the ledger. The event holds HMAC(salt, value); erasing removes both.

    ``value`` is plain text, ``sealed`` is encrypted bytes of ``hotline.vault``: exactly one is set until erased.
    ``audience`` is requester (they may read it), staff, or centre (not the units).
    """

    table: ClassVar[str] = "case_text"
    is_final: ClassVar[bool] = True
    identity: ClassVar[tuple[str, ...]] = ("case_id", "seq", "field")

    case_id: UUID
    seq: int
    field: str
    audience: str
    salt: bytes | None
    value: str | None = None
    sealed: bytes | None = None
    request_id: UUID | None = None
    erased_at: datetime | None = None
    erased_rule: str | None = None


class VisitRow(Row, kw_only=True):
    """One try at a return visit (回访) of one request; ``outcome`` answered: by message, once no try reached them."""

    table: ClassVar[str] = "visit"

    id: UUID
    case_id: UUID
    request_id: UUID
    at: datetime
    visitor: UUID
    channel: str
    outcome: str
    was_contacted: bool | None = None
    is_solved: bool | None = None
    is_truthful: bool | None = None
    grade: str | None = None
    next_at: datetime | None = None
    cause: str | None = None


class RatingRow(Row, kw_only=True):
    """One grade of one rater on one closed request; raw grade and scale are kept (design.md 5).

    One that was annulled counts nowhere: whoever counts leaves out those with ``annulled_at``. ``appeal_state`` is the
    unit's one appeal: open, upheld, refused.
    """

    table: ClassVar[str] = "rating"

    id: UUID
    case_id: UUID
    request_id: UUID
    unit: str
    grade: str
    raw_grade: str
    scale: str
    channel: str
    at: datetime
    annulled_at: datetime | None = None
    annulled_by: UUID | None = None
    annulled_reason: str | None = None
    appeal_state: str | None = None
    appeal_ground: str | None = None
    appealed_at: datetime | None = None
    appealed_by: UUID | None = None
    appeal_decided_at: datetime | None = None
    appeal_decided_by: UUID | None = None


class RecordRow(Row, kw_only=True):
    """A line in the supervision-and-inspection record (监督检查), written in the transaction that caused it."""

    table: ClassVar[str] = "supervision_record"

    id: UUID
    cause: str
    cause_id: UUID
    case_id: UUID
    unit: str
    at: datetime
    grade: str | None = None
    points: int = 0
    note: str = ""
