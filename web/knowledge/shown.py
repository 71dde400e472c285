"""What the pages of the knowledge show of an article, and which acts the viewer may do on it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from cases import redaction
from cases.notice_errata import Piece, difference
from hotline import acts, areas, city, clock, db, people
from hotline import knowledge_checks as checks
from hotline.actor import Actor
from hotline.errors import Say, not_found
from hotline.knowledge_decisions import default_review
from hotline.knowledge_lists import found
from hotline.knowledge_rows import (
    STATES,
    VERSION_STATES,
    Article,
    Review,
    Source,
    Version,
    reviews,
    sources_of,
)
from hotline.permissions import may
from web import forms
from web import worklists as split
from web.admin import sentences
from web.forms import Form
from web.knowledge.asks import Act

_TOKENS = re.compile(r"[A-Za-z0-9]+|.", re.DOTALL)
COMPARED: dict[str, Say] = {
    "wordings": Say("市民怎么问", "How people ask it"),
    "answer": Say("给市民的答复", "Answer for the public"),
    "note": Say("坐席提示", "Note for the agent"),
    "sources": Say("依据", "Sources"),
    "matter": Say("事项", "Matter"),
    "county": Say("适用地方", "Where it applies"),
    "valid_from": Say("起始日", "Valid from"),
    "valid_to": Say("截止日", "Valid to"),
}


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """An article as its page has it; ``version`` is the one that is read."""

    article: Article
    version: Version
    versions: Sequence[Version]
    owner: Say
    matter: Say
    county: Say
    state: tuple[Say, str]
    sources: Sequence[Source]
    names: dict[UUID, str]
    look: Say | None
    heir: str
    may_write: bool
    may_decide: bool
    why_not: Say | None
    is_open: bool
    is_stale: bool
    is_in_force: bool
    is_past: bool
    """It answered once and does no longer: read to check what was told, never to answer with."""
    current: int
    """The version in force, 0 for none."""
    waits: int
    """The version that waits for approval, 0 for none."""
    before: int
    """The version to compare with: the last approved before this one, else the one before; 0 for the first."""
    form: Form[Any]
    first_review: str
    finds: Sequence[str]
    """What the redaction takes for a person's name or number in what would be public: the editor looks."""


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """One field of two versions as what stayed, went and came."""

    say: Say
    pieces: Sequence[Piece]


async def shown(
    connection: db.Connection, actor: Actor, article: UUID, *, looked: dict[UUID, Say], version: int = 0,
    form: Form[Any] | None = None,
) -> Shown:
    """The article as the actor may read it: the version asked for, else the one that is worked on or in force.

    404 when there is none of that number.
    """
    one, every = await found(connection, actor, article, is_named=version > 0)
    read = chosen(one, every, version)
    today = clock.today()
    mine = checks.may_write(actor, one.owner)
    waits = next((v for v in every if v.state == "submitted"), None)
    decides = waits is not None and checks.may_decide(actor, waits)
    current = next((v.version for v in every if v.is_in_force(today)), 0) if _is_offered(one) else 0
    writers = (*(v.author for v in every), *(v.approver for v in every))
    everybody = {one.reviewed_by, one.retired_by, one.created_by, *writers}
    return Shown(
        article=one, version=read, versions=every, owner=split.unit_name(one.owner),
        matter=areas.matter_name(read.matter) if read.matter else Say("未选", "None yet"),
        county=areas.area_name(read.county), state=standing(one, read), sources=sources_of(read.sources),
        names=await people.names({person for person in everybody if person is not None}),
        look=looked.get(one.id) if mine else None, heir=_heir(one.owner), may_write=mine, may_decide=decides,
        why_not=_why_not(actor, waits), is_open=any(v.state == "draft" for v in every),
        is_stale=one.is_stale(today), is_in_force=one.state == "approved" and read.is_in_force(today),
        is_past=read.was_told(today) and read.version != current, current=current,
        waits=waits.version if waits else 0, before=_before(every, read),
        form=form or forms.blank(Act), first_review=str(default_review(today)),
        finds=_finds(read) if decides else [],
    )  # fmt: skip


def _is_offered(one: Article) -> bool:
    return one.state == "approved" and not one.is_stale(clock.today())


def _before(every: Sequence[Version], version: Version) -> int:
    older = [v for v in every if v.version < version.version]
    return next((v.version for v in older if v.state == "approved"), older[0].version if older else 0)


def _finds(version: Version) -> list[str]:
    """A landline of an office is found too: it is for the editor to say what may stand."""
    text = "\n".join((*version.wordings, version.answer))
    return list(dict.fromkeys(one.text for one in redaction.finds(text, kinds=redaction.INDEXED_KINDS)))[:10]


def chosen(one: Article, every: Sequence[Version], number: int) -> Version:
    """The version to read; the open one before the one in force."""
    if number:
        named = next((v for v in every if v.version == number), None)
        if named is None:
            raise not_found()
        return named
    today = clock.today()
    waiting = [v for v in every if v.state in ("submitted", "draft")]
    current = [v for v in every if one.state == "approved" and v.is_in_force(today)]
    return (waiting or current or list(every))[0]


def standing(one: Article, version: Version) -> tuple[Say, str]:
    """How the version stands, with the look of its chip."""
    today = clock.today()
    if one.state == "retired":
        return STATES["retired"], ""
    if version.state != "approved":
        return VERSION_STATES[version.state], "late" if version.state == "sent_back" else ""
    if version.version == one.version and version.valid_to and version.valid_to < today:
        return Say("截止日已过，不再提供", "Its last day has passed, not offered"), "late"
    if one.is_stale(today):
        return Say("过了复核期，不再提供", "Past review, not offered"), "late"
    if version.is_in_force(today):
        return Say("可用", "In use"), "good"
    if version.in_from and version.in_from > today:
        return Say("已审定，未到起始日", "Approved, not yet in force"), ""
    return Say("以前的版本", "An earlier version"), ""


def _heir(owner: str) -> str:
    snapshot = city.current()
    return "" if snapshot.unit(owner) else snapshot.heir(owner) or ""


def _why_not(actor: Actor, waits: Version | None) -> Say | None:
    if waits is None or not may(actor, checks.APPROVE) or checks.may_decide(actor, waits):
        return None
    return Say("这一版有您写的部分，由另一位知识编辑审定。", "You wrote at this version: another editor decides.")


def compared(old: Version, new: Version) -> list[Changed]:
    """What two versions say differently, by words."""
    found = []
    for name, say in COMPARED.items():
        before, after = _text(old, name), _text(new, name)
        if before != after:
            found.append(Changed(say=say, pieces=difference(_TOKENS.findall(before), _TOKENS.findall(after))))
    return found


def _text(version: Version, name: str) -> str:
    value = getattr(version, name)
    if name == "matter":
        return areas.matter_name(value).zh if value else ""
    if name == "county":
        return areas.area_name(value).zh
    return "\n".join(value) if isinstance(value, tuple) else "" if value is None else str(value)


class History(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an article: reviews, and each act as a sentence."""

    reviews: Sequence[Review]
    acts: Sequence[Any]
    names: dict[UUID, str]


async def history(connection: db.Connection, article: UUID) -> History:
    """Its reviews and acts, the latest first."""
    done = await reviews(connection, article)
    told = await sentences.told(await acts.recent(connection, subject=f"article:{article}", limit=100))
    return History(reviews=done, acts=told, names=await people.names({one.by for one in done}))
