"""Gaps in the knowledge: raised at a call or a search, counted together, owned, due, made into an article or refused.

The owner is the unit of the article that did not help, else who leads the matter at that place, else the hotline
itself. The due date is in working days (rule ``gap.days``), reckoned like any promise.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from cases import likeness
from cases.search import strip_personal
from hotline import acts, city, clock, db, knowledge, knowledge_decisions, knowledge_rows, serials
from hotline.actor import Actor
from hotline.errors import Say, conflict, forbidden, invalid, not_found
from hotline.ids import new_id
from hotline.permissions import may
from hotline.work import Work
from sla import calendar, targets

CENTRE = "HOT"
EDITOR = "knowledge.approve"
WHYS: dict[str, Say] = {
    "did_not_help": Say("知识没帮上", "An article did not help"),
    "no_answer": Say("查不到", "Nothing was found"),
    "asked": Say("有人提出", "Somebody asked for it"),
}
STATES: dict[str, Say] = {
    "open": Say("待补", "Open"),
    "drafted": Say("已起草", "Article drafted"),
    "settled": Say("已补上", "Settled"),
    "refused": Say("不补", "Refused"),
}
OPEN = ("open", "drafted")
LONGEST = 300
_INSERT = """
    INSERT INTO knowledge_gap (id, number, question, matter, county, why, article_id, owner, due_at, raised_by,
        raised_at, last_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)
"""
_ALIKE = """
    SELECT id, question, why, article_id FROM knowledge_gap
    WHERE state IN ('open', 'drafted') AND (matter = $1 OR matter = '' OR $1 = '') AND county = $2
    ORDER BY last_at DESC LIMIT 500
"""


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """One gap. ``times``: how often it was asked; ``told``: 1 reminded before its date, 2 told that it is past."""

    id: UUID
    number: str
    question: str
    matter: str
    county: str
    why: str
    article_id: UUID | None
    owner: str
    state: str
    due_at: datetime
    told: int
    times: int
    raised_by: UUID
    raised_at: datetime
    last_at: datetime
    draft_id: UUID | None
    decided_by: UUID | None
    decided_at: datetime | None
    reason: str

    @property
    def is_open(self) -> bool:
        """Neither settled nor refused."""
        return self.state in OPEN

    def is_late(self, now: datetime) -> bool:
        """Past its date and nobody has settled it."""
        return self.is_open and self.due_at < now


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What was not answered: the question in the citizen's words, the article in its version that did not help."""

    question: str
    why: str = "no_answer"
    matter: str = ""
    county: str = ""
    article: UUID | None = None
    version: int | None = None
    words: str = ""
    owner: str = ""


COLUMNS = ", ".join(Gap.__struct_fields__)


async def one(connection: db.Connection, gap: UUID, *, for_change: bool = False) -> Gap:
    """The gap, locked ``for_change``; 404 when there is none."""
    lock = " FOR UPDATE" if for_change else ""
    row = await connection.fetchrow(f"SELECT {COLUMNS} FROM knowledge_gap WHERE id = $1{lock}", gap)
    if row is None:
        raise not_found()
    return Gap(**row)


async def ask(work: Work, asked: Asked, identifier: UUID | None = None) -> Gap:
    """Raise it, or count it with the open one that asks the same. ``identifier`` twice (a double post) counts once.

    Names and numbers are cut out of the question first. 422 when nothing is left of it.
    """
    question = " ".join(strip_personal(asked.question).split())[:LONGEST]
    if not question:
        raise invalid({"question": Say("请写市民问的是什么，不写姓名电话。", "Write what was asked, without names.")})
    own = identifier or new_id()
    await work.connection.execute("SELECT pg_advisory_xact_lock(hashtext('knowledge_gap'))")
    known = await work.connection.fetchval("SELECT gap_id FROM gap_ask WHERE id = $1", own)
    if known is not None:
        return await one(work.connection, known)
    gap = await _alike(work.connection, asked, question) or await _new(work, asked, question)
    words = strip_personal(asked.words).strip()
    await work.connection.execute(
        "INSERT INTO gap_ask (id, gap_id, at, person_id, article_id, version, words) VALUES ($1,$2,$3,$4,$5,$6,$7)",
        own, gap, work.now, work.actor.id, asked.article, asked.version, words[:LONGEST],
    )  # fmt: skip
    await work.connection.execute(
        "UPDATE knowledge_gap SET last_at = $2, times = (SELECT count(*) FROM gap_ask WHERE gap_id = $1) WHERE id = $1",
        gap, work.now,
    )  # fmt: skip
    found = await one(work.connection, gap)
    if found.times == 1:
        await acts.note(work, work.actor, "gap_raised", f"gap:{found.number}", {"owner": found.owner})
    return found


async def _alike(connection: db.Connection, asked: Asked, question: str) -> UUID | None:
    """The open gap that asks the same: of the same article, else in words that are like enough."""
    least = float(city.current().rule("gap.alike_percent")) / 100
    own = likeness.pairs(question)
    best: tuple[float, UUID | None] = (least, None)
    for row in await connection.fetch(_ALIKE, asked.matter, asked.county):
        if asked.article is not None and row["article_id"] == asked.article:
            return UUID(str(row["id"]))
        score = likeness.shared(own, likeness.pairs(row["question"]))
        if score >= best[0]:
            best = (score, row["id"])
    return best[1]


async def _new(work: Work, asked: Asked, question: str) -> UUID:
    gap, today, snapshot = new_id(), clock.local_day(work.now), city.current()
    n = await serials.following(work.connection, "gap", today.year)
    due, _ = targets.ends(calendar.of(snapshot), work.now, "wd", float(snapshot.rule("gap.days")))
    owner = asked.owner or await owner_of(work.connection, asked.article, asked.matter, asked.county)
    await work.connection.execute(
        _INSERT, gap, f"缺口〔{today.year}〕{n}号", question, asked.matter, asked.county, asked.why, asked.article,
        owner, due, work.actor.id, work.now,
    )  # fmt: skip
    return gap


async def owner_of(connection: db.Connection, article: UUID | None, matter: str, county: str) -> str:
    """Which unit fills it: the article's, else the lead of the matter at the place, else the hotline itself."""
    if article is not None:
        owner = await connection.fetchval("SELECT owner FROM article WHERE id = $1", article)
        if owner:
            return str(owner)
    return (city.current().lead_unit(matter, county or None) if matter else None) or CENTRE


def may_work(actor: Actor, gap: Gap) -> bool:
    """The editor on any, a unit's people on their own unit's."""
    return may(actor, EDITOR) or (may(actor, "knowledge.write") and gap.owner in actor.units)


async def opened(work: Work, gap: UUID) -> Gap:
    """The gap, locked, for who works on it; 403 beyond, 409 when it is settled or refused already."""
    found = await one(work.connection, gap, for_change=True)
    if not may_work(work.actor, found):
        raise forbidden(Say("补这个知识缺口", "Fill this gap"))
    if not found.is_open:
        raise conflict("gap_ended", "这个缺口已经了结。", "This gap is settled already.")
    return found


async def draft(work: Work, gap: UUID, *, answer: str = "") -> UUID:
    """起草: an article of the owner's with the question filled in; the same one when it was drafted before."""
    one_ = await opened(work, gap)
    if one_.draft_id is not None:
        return one_.draft_id
    article = await knowledge.draft(
        work.connection, work.actor, question=one_.question, answer=answer, matter=one_.matter, county=one_.county,
        owner=one_.owner, source=f"gap:{one_.id}",
    )  # fmt: skip
    await work.connection.execute(
        "UPDATE knowledge_gap SET state = 'drafted', draft_id = $2 WHERE id = $1", gap, article
    )
    await acts.note(work, work.actor, "gap_drafted", f"gap:{one_.number}")
    return article


async def give(work: Work, gap: UUID, *, owner: str) -> Gap:
    """改由谁补: another unit, with the full time from now, and the article that was begun; the editor's to say."""
    found = await opened(work, gap)
    if not may(work.actor, EDITOR):
        raise forbidden(Say("改由谁补", "Give it to another unit"))
    unit = city.current().unit(owner)
    if unit is None or not unit.is_on:
        raise invalid({"owner": Say("请选在用的单位。", "Choose a unit that is in use.")})
    if owner == found.owner:
        raise invalid({"owner": Say("已经由这个单位补。", "It is this unit's already.")})
    await _hand_over(work, found, owner)
    due, _ = targets.ends(calendar.of(city.current()), work.now, "wd", float(city.current().rule("gap.days")))
    await work.connection.execute(
        "UPDATE knowledge_gap SET owner = $2, due_at = $3, told = 0 WHERE id = $1", gap, owner, due
    )
    await acts.note(work, work.actor, "gap_given", f"gap:{found.number}", {"from": found.owner, "to": owner})
    return await one(work.connection, gap)


async def _hand_over(work: Work, found: Gap, owner: str) -> None:
    """The draft goes with the gap: else its new owner could neither write at it nor begin another."""
    if found.draft_id is None:
        return
    article = await knowledge_rows.read(work.connection, found.draft_id)
    if article.owner != owner and article.state != "approved":
        await knowledge_decisions.hand_over(work.connection, work.actor, found.draft_id, owner)


async def refuse(work: Work, gap: UUID, *, reason: str) -> Gap:
    """不补, with the reason that whoever asked is told."""
    return await end(work, await opened(work, gap), "refused", reason=reason)


async def settle(work: Work, gap: UUID, *, reason: str) -> Gap:
    """已有答案: an article answers it already; the words say which."""
    return await end(work, await opened(work, gap), "settled", reason=reason)


async def end(work: Work, found: Gap, state: str, *, reason: str = "") -> Gap:
    """The gap ends; telling whoever asked is the caller's."""
    await work.connection.execute(
        "UPDATE knowledge_gap SET state = $2, decided_by = $3, decided_at = $4, reason = $5 WHERE id = $1",
        found.id, state, work.actor.id, work.now, reason.strip(),
    )  # fmt: skip
    await acts.note(work, work.actor, f"gap_{state}", f"gap:{found.number}")
    return await one(work.connection, found.id)
