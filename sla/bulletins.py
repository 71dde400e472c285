"""Bulletins (通报、专报) as they are written: made with computed parts, edited, counted again, dropped, corrected.

Who may approve, and how an issue is frozen, is in ``sla.bulletin_steps``. Every act is noted in the log of acts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

import msgspec

from hotline import acts, canon, city, db
from hotline.errors import Refusal, Say, conflict, invalid, not_found
from hotline.ids import new_id
from hotline.permissions import demand
from hotline.work import ORDER, Row, Work
from sla import bulletin_contents, bulletin_document, bulletin_special, facts
from sla.bulletin_contents import Words
from sla.bulletin_document import Document
from sla.bulletin_periods import FREE, KINDS, Span
from sla.bulletin_special import Topic

ORDER += ["bulletin", "bulletin_reader", "bulletin_file"]
MAKES = "bulletin.make"
AUDIENCES: dict[str, Say] = {"internal": Say("内部", "Internal"), "public": Say("公开", "Public")}
STATES: dict[str, Say] = {
    "draft": Say("起草", "Draft"),
    "in_review": Say("在审", "In review"),
    "approved": Say("待发", "Approved"),
    "issued": Say("已发", "Issued"),
    "archived": Say("已归档", "Archived"),
    "dropped": Say("已作废", "Dropped"),
}
OPEN = frozenset({"draft", "in_review", "approved"})
ISSUED = frozenset({"issued", "archived"})


def numbered(kind: str, audience: str, year: int, n: int) -> Say:
    """月报 2026 年第 3 期."""
    mark = Say("（公开版）", " (public)") if audience == "public" else Say(" ", "")
    return Say(f"{KINDS[kind].zh}{mark.zh}{year} 年第 {n} 期", f"{KINDS[kind].en}{mark.en} {year} no. {n}")


class BulletinRow(Row, kw_only=True):
    """A bulletin. ``hands`` wrote it and may not approve it; ``frozen`` is what was issued, and never changes."""

    table: ClassVar[str] = "bulletin"

    id: UUID
    kind: str
    audience: str
    first: date
    last: date
    topic: str = "{}"
    state: str = "draft"
    revision: int = 1
    made_at: datetime
    made_by: UUID
    changed_at: datetime
    hands: list[UUID]
    computed: str
    computed_at: datetime
    words: str = "{}"
    cited: list[str] = msgspec.field(default_factory=list)
    kept: str = "[]"
    recipients: list[str] = msgspec.field(default_factory=list)
    sent_at: datetime | None = None
    sent_by: UUID | None = None
    approved_at: datetime | None = None
    approved_by: UUID | None = None
    cleared_at: datetime | None = None
    cleared_by: UUID | None = None
    returned_reason: str | None = None
    supersedes: UUID | None = None
    reason: str = ""
    superseded_by: UUID | None = None
    number: str | None = None
    slug: str | None = None
    issued_at: datetime | None = None
    issued_by: UUID | None = None
    frozen: str | None = None
    hash: bytes | None = None
    archived_at: datetime | None = None
    archived_by: UUID | None = None

    @property
    def span(self) -> Span:
        """Its days."""
        return Span(kind=self.kind, first=self.first, last=self.last)

    @property
    def about(self) -> Topic:
        """A special report's topic; an empty one for all others."""
        return msgspec.json.decode(self.topic, type=Topic)

    @property
    def written(self) -> Words:
        """The editor's words."""
        return msgspec.json.decode(self.words, type=Words)

    @property
    def document(self) -> Document:
        """What it says: as issued, else as it stands."""
        if self.frozen is not None:
            return bulletin_document.opened(self.frozen)
        return bulletin_contents.assembled(bulletin_document.opened(self.computed), self.written)

    @property
    def title(self) -> Say:
        """What it is called."""
        return bulletin_contents.title(self.span, self.about)

    @property
    def called(self) -> Say:
        """Its number in both languages; empty before it has one."""
        if self.slug is None:
            return Say("", "")
        year, n = self.slug.split("-")[-2:]
        return numbered(self.kind, self.audience, int(year), int(n))

    @property
    def is_open(self) -> bool:
        """Not issued and not dropped: somebody still works on it."""
        return self.state in OPEN


COLUMNS = ", ".join(BulletinRow.__struct_fields__)


async def found(connection: db.Connection, identifier: UUID, *, lock: bool = False) -> BulletinRow:
    """The bulletin; 404 when there is none."""
    tail = " FOR UPDATE" if lock else ""
    row = await connection.fetchrow(f"SELECT {COLUMNS} FROM bulletin WHERE id = $1{tail}", identifier)
    if row is None:
        raise not_found()
    return BulletinRow(**row)


async def opened(work: Work, identifier: UUID, revision: int | None, *states: str) -> BulletinRow:
    """The bulletin, locked and tracked. 409 when somebody took a step since, or it is in none of ``states``."""
    row = await found(work.connection, identifier, lock=True)
    work.waited()
    if states and row.state not in states:
        now = STATES[row.state]
        raise conflict("bulletin_state", f"现在是“{now.zh}”，做不了这一步，请刷新再看。",
                       f"It is now “{now.en}”, so this step is not possible; refresh and look.")  # fmt: skip
    if revision is not None and revision != row.revision:
        raise conflict(
            "changed_meanwhile", "您看的这一页之后，已有人办过一步。您写的还在下面，请看过变化再提交。",
            "Somebody took a step after you opened this page. What you wrote is kept; look at the change first.",
        )  # fmt: skip
    work.track(row)
    return row


async def stepped(work: Work, row: BulletinRow, kind: str, **data: object) -> None:
    """Count the step and note it, with what was buffered written before the log of acts is locked."""
    row.revision += 1
    row.changed_at = work.now
    await work.flush()
    await acts.note(work, work.actor, kind, f"bulletin:{row.id}", {"number": row.number or "", **data})


async def make(work: Work, span: Span, audience: str, topic: Topic | None = None) -> BulletinRow:
    """Make a draft of a period, its figures computed; made twice it is the same draft. 409 when it was issued."""
    demand(work.actor, MAKES)
    about = topic or Topic()
    if span.kind == "special":
        bulletin_special.check(about)
    elif not about.is_empty:
        raise invalid({"kind": Say("只有专报写专题。", "Only a special report has a topic.")})
    text = canon.canonical(msgspec.to_builtins(about))
    known = await _known(work.connection, span, audience, text)
    if known is not None:
        return known
    row = BulletinRow(
        id=new_id(), kind=span.kind, audience=audience, first=span.first, last=span.last, topic=text,
        made_at=work.now, made_by=work.actor.id, changed_at=work.now, hands=[work.actor.id], computed="",
        computed_at=work.now, recipients=await _concerned(work.connection, span, about),
    )  # fmt: skip
    await _compute(work, row)
    return await _put(work, row, "bulletin.made")


async def _put(work: Work, row: BulletinRow, act: str) -> BulletinRow:
    """Write a new draft; whoever made the same meanwhile has made it."""
    places = ", ".join(f"${n}" for n in range(1, len(BulletinRow.__struct_fields__) + 1))
    is_new = await work.connection.fetchval(
        f"INSERT INTO bulletin ({COLUMNS}) VALUES ({places}) ON CONFLICT DO NOTHING RETURNING TRUE",
        *msgspec.structs.astuple(row),
    )
    if not is_new:
        known = await _known(work.connection, row.span, row.audience, row.topic)
        if known is None or row.supersedes is not None:
            raise conflict("erratum_open", "这一期的更正已经在写，请到起草里找。",
                           "Its erratum is being written already.")  # fmt: skip
        return known
    await acts.note(work, work.actor, act, f"bulletin:{row.id}", {"kind": row.kind, "first": row.first.isoformat()})
    return row


async def _known(connection: db.Connection, span: Span, audience: str, topic: str) -> BulletinRow | None:
    row = await connection.fetchrow(
        f"SELECT {COLUMNS} FROM bulletin WHERE kind = $1 AND audience = $2 AND first = $3 AND last = $4 AND topic = $5"
        " AND state <> 'dropped' AND supersedes IS NULL",
        span.kind, audience, span.first, span.last, topic,
    )  # fmt: skip
    if row is None:
        return None
    one = BulletinRow(**row)
    if not one.is_open:
        raise AlreadyIssued(one)
    return one


class AlreadyIssued(Refusal):
    """The period's bulletin is out: a mistake in it is corrected by an erratum."""

    def __init__(self, row: BulletinRow) -> None:
        self.row = row
        say = Say(f"这一期已经发过（{row.number}）。有错请在那一期上发更正。",
                  f"It was issued already ({row.number}). Correct a mistake by an erratum.")  # fmt: skip
        super().__init__(409, "already_issued", say)


async def _concerned(connection: db.Connection, span: Span, topic: Topic) -> list[str]:
    """Units that had a case in the period, or in the topic, if they still exist: whom it goes to unless changed."""
    if span.kind == "special":
        found = await bulletin_special.units(connection, span, topic)
        return [code for code in found if city.current().unit(code)]
    rows = await facts.counted(connection, ["dispatched"], span.first, span.end, by="unit")
    return sorted(one.key for one in rows if one.key and one.total and city.current().unit(one.key))


async def _compute(work: Work, row: BulletinRow) -> None:
    document = await bulletin_contents.computed(work.connection, row.span, row.audience, row.about)
    if row.supersedes is not None:
        old = await found(work.connection, row.supersedes)
        document = msgspec.structs.replace(
            document, replaces=old.document.number, reason=Say(row.reason, row.reason)
        )  # fmt: skip
    row.computed, row.computed_at = bulletin_document.frozen(document), work.now


async def recompute(work: Work, row: BulletinRow) -> None:
    """Count once more: for a draft whose days went on, or whose data were mended."""
    demand(work.actor, MAKES)
    await _compute(work, row)
    await stepped(work, row, "bulletin.computed")


async def edit(
    work: Work, row: BulletinRow, *, words: Words, cited: Sequence[str], recipients: Sequence[str]
) -> None:  # fmt: skip
    """Write the editor's words, the cases that they tell of, and whom the issue goes to."""
    demand(work.actor, MAKES)
    unknown = [code for code in recipients if city.current().unit(code) is None]
    if unknown:
        raise invalid({"recipients": Say("有单位已不存在，请重选。", "A unit is no more; choose again.")})
    row.words = canon.canonical(msgspec.to_builtins(words))
    row.cited = list(dict.fromkeys(cited))
    row.recipients = sorted(set(recipients))
    row.hands = list(dict.fromkeys([*row.hands, work.actor.id]))
    row.returned_reason = None
    await stepped(work, row, "bulletin.edited")


async def drop(work: Work, row: BulletinRow) -> None:
    """Drop a draft: the period may be made anew."""
    demand(work.actor, MAKES)
    row.state = "dropped"
    await stepped(work, row, "bulletin.dropped")


async def erratum(work: Work, identifier: UUID, reason: str) -> BulletinRow:
    """A draft that will supersede an issue, with what was wrong; the issue itself stays as it was."""
    demand(work.actor, MAKES)
    if not reason.strip():
        raise invalid({"reason": Say("请写更正什么。", "Say what is corrected.")})
    old = await opened(work, identifier, None, *ISSUED)
    if old.superseded_by is not None:
        raise conflict("superseded", "这一期已被取代，请在取代它的那一期上更正。",
                       "It is superseded already: correct the issue that superseded it.")  # fmt: skip
    row = BulletinRow(
        id=new_id(), kind=old.kind, audience=old.audience, first=old.first, last=old.last, topic=old.topic,
        made_at=work.now, made_by=work.actor.id, changed_at=work.now, computed="",
        hands=list(dict.fromkeys([work.actor.id, *old.hands])),  # the words are theirs still
        computed_at=work.now, words=old.words, cited=old.cited, recipients=old.recipients, supersedes=old.id,
        reason=reason.strip(),
    )  # fmt: skip
    await _compute(work, row)
    return await _put(work, row, "bulletin.erratum_made")


__all__ = ["FREE", "KINDS", "BulletinRow", "make"]
