"""What a notice is: its rows, its states and texts, and one under a lock. Its verbs: ``notices``, ``notice_steps``."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

import cases.rows  # noqa: F401 - its tables come first in ORDER: ours point at them
from hotline.errors import Say
from hotline.work import ORDER, Row

ORDER += ["notice", "notice_version", "notice_find", "notice_case", "notice_release", "notice_file", "notice_news"]
STATES: dict[str, Say] = {
    "draft": Say("起草", "Draft"),
    "in_review": Say("在审", "In review"),
    "approved": Say("待发布", "Approved"),
    "published": Say("已公示", "Published"),
    "corrected": Say("已报纠正", "Correction reported"),
    "verified": Say("已核实", "Verified"),
    "archived": Say("已归档", "Archived"),
    "withdrawn": Say("已撤下", "Taken down"),
    "applied": Say("勘误已生效", "Correction applied"),
}
PUBLIC = frozenset({"published", "corrected", "verified", "archived", "withdrawn"})
"""States of a notice that has been in the open; the others exist for those who work on them only."""
HELD_BACK = "经复核，不宜继续公示。"
"""What stands instead of a reason where a case behind the notice is shielded: any other word would tell why."""
_CORRECTION = frozenset({"correction", "verification"})
TEXTS: dict[str, Say] = {
    "wrong": Say("问题", "What went wrong"),
    "rule": Say("违反的规定", "Rule broken"),
    "required": Say("要求的纠正", "Required correction"),
    "correction": Say("纠正情况", "Correction"),
    "verification": Say("核实结果", "Verification"),
    "why": Say("更正原因", "Why it is corrected"),
}


class NoticeRow(Row, kw_only=True):
    """A notice. Person columns name who took the step; ``revision`` counts steps, for "changed meanwhile".

    An erratum is a notice too: its source is the notice that it corrects, ``why`` is the reason, and in the end it is
    applied instead of published. ``chase`` is what the sweep does next (remind, overdue) and ``chase_at`` when.
    ``writers`` are all who ever wrote its texts, those of the notice that it corrects too; ``held_at``: since when the
    centre knows that the public does not see it, because a case behind it is shielded.
    """

    table: ClassVar[str] = "notice"

    id: UUID
    number: str | None = None
    slug: str | None = None
    source_kind: str = "case"
    source_id: UUID
    state: str = "draft"
    unit: str
    matter: str
    county: str
    township: str | None = None
    version: int = 1
    revision: int = 1
    author: UUID
    created_at: datetime
    changed_at: datetime
    sent_at: datetime | None = None
    reply_until: datetime | None = None
    reply: str | None = None
    replied_by: UUID | None = None
    replied_at: datetime | None = None
    approved_by: UUID | None = None
    approved_at: datetime | None = None
    cleared_by: UUID | None = None
    cleared_at: datetime | None = None
    returned_reason: str | None = None
    published_by: UUID | None = None
    published_at: datetime | None = None
    due_at: datetime | None = None
    correction: str | None = None
    corrected_by: UUID | None = None
    corrected_at: datetime | None = None
    verification: str | None = None
    verified_by: UUID | None = None
    verified_at: datetime | None = None
    archived_at: datetime | None = None
    withdrawn_by: UUID | None = None
    withdrawn_at: datetime | None = None
    withdrawn_reason: str | None = None
    source_number: str = ""
    why: str | None = None
    hides: bool = False
    applied_at: datetime | None = None
    chase: str | None = None
    chase_at: datetime | None = None
    overdue_at: datetime | None = None
    rate_until: datetime | None = None
    writers: tuple[UUID, ...] = ()
    held_at: datetime | None = None

    @property
    def is_erratum(self) -> bool:
        """Whether it corrects the text of another notice."""
        return self.source_kind == "notice"


class VersionRow(Row, kw_only=True):
    """The texts as one person wrote them; frozen once sent for review."""

    table: ClassVar[str] = "notice_version"
    identity: ClassVar[tuple[str, ...]] = ("notice_id", "version")

    notice_id: UUID
    version: int
    wrong: str
    rule: str
    required: str
    written_by: UUID
    written_at: datetime
    frozen_at: datetime | None = None


class FindRow(Row, kw_only=True):
    """One decision about one find: hidden, or kept with a reason. What it was about is a digest only."""

    table: ClassVar[str] = "notice_find"

    id: UUID
    notice_id: UUID
    version: int
    field: str
    kind: str
    digest: bytes
    decision: str
    reason: str
    decided_by: UUID
    decided_at: datetime


class LinkRow(Row, kw_only=True):
    """A case that a notice is about."""

    table: ClassVar[str] = "notice_case"
    identity: ClassVar[tuple[str, ...]] = ("notice_id", "case_id")
    is_final: ClassVar[bool] = True

    notice_id: UUID
    case_id: UUID
    since: datetime


class ReleaseRow(Row, kw_only=True):
    """A version that stood in the open from ``at`` on; ``is_hidden``: its text may not be shown any more."""

    table: ClassVar[str] = "notice_release"
    identity: ClassVar[tuple[str, ...]] = ("notice_id", "version")

    notice_id: UUID
    version: int
    at: datetime
    erratum_id: UUID | None = None
    why: str = ""
    is_hidden: bool = False


class FileRow(Row, kw_only=True):
    """One file of evidence (``id`` is the attachment's): new, clean (one looked), checked (a second agreed).

    ``kept_back`` is never public, ``dropped`` went with a correction that was refused.
    """

    table: ClassVar[str] = "notice_file"

    id: UUID
    notice_id: UUID
    position: int
    media_type: str
    state: str = "new"
    added_by: UUID
    added_at: datetime
    looked_by: UUID | None = None
    looked_at: datetime | None = None
    reason: str = ""
    checked_by: UUID | None = None
    checked_at: datetime | None = None


class NewsRow(Row, kw_only=True):
    """What subscribers are told of a notice: published, verified; once."""

    table: ClassVar[str] = "notice_news"
    identity: ClassVar[tuple[str, ...]] = ("notice_id", "what")
    is_final: ClassVar[bool] = True

    notice_id: UUID
    what: str
    at: datetime
    told_at: datetime | None = None


class Notice:
    """A notice under a lock, with its current version and the decisions made so far."""

    def __init__(self, row: NoticeRow, version: VersionRow, decided: list[FindRow]) -> None:
        self.row = row
        self.version = version
        self.decided = decided

    @property
    def texts(self) -> dict[str, str]:
        """The texts that the gate looks at now: the notice's own, or the correction's once it is in the open."""
        if self.row.state in PUBLIC:
            return {"correction": self.row.correction or "", "verification": self.row.verification or ""}
        own = {"wrong": self.version.wrong, "rule": self.version.rule, "required": self.version.required}
        return own if self.row.why is None else {**own, "why": self.row.why}

    def let_stand(self) -> set[UUID]:
        """Everybody who kept a find in the correction or its verification: another person signs it."""
        return {one.decided_by for one in self.decided if one.decision == "keep" and one.field in _CORRECTION}

    def hands(self) -> set[UUID]:
        """Everybody who ever wrote it or decided what stays in it: none of them may approve it."""
        row = self.row
        return {row.author, *row.writers, self.version.written_by, *(one.decided_by for one in self.decided)}
