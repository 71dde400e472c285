"""Who may write which article, and what an article must say before it goes on."""

from __future__ import annotations

from datetime import date

from hotline import city
from hotline.actor import Actor
from hotline.errors import Say, conflict, forbidden, invalid
from hotline.knowledge_rows import Article, Version, Words, sources_of
from hotline.permissions import PERMISSIONS, may

WRITE, APPROVE = "knowledge.write", "knowledge.approve"
MOST_WORDINGS, LONGEST_WORDING, LONGEST_TEXT, LONGEST_SOURCES = 20, 120, 4000, 2000
_LINK = ("http://", "https://")


def may_write(actor: Actor, owner: str) -> bool:
    """A unit's people write their own unit's and those of the units under it; who approves may write for anyone."""
    if may(actor, APPROVE) or actor.kind == "system":
        return True
    return may(actor, WRITE) and owner in actor.units


def may_decide(actor: Actor, version: Version) -> bool:
    """Whoever wrote at a version, or had it written in their name, never decides on it."""
    return may(actor, APPROVE) and actor.persons.isdisjoint(version.hands)


def demand_write(actor: Actor, owner: str) -> None:
    """403 unless the actor may write this unit's articles."""
    if not may_write(actor, owner):
        raise forbidden(PERMISSIONS[WRITE])


def demand_approve(actor: Actor) -> None:
    """403 unless the actor is an editor of the knowledge."""
    if not may(actor, APPROVE):
        raise forbidden(PERMISSIONS[APPROVE])


def unchanged(article: Article, seen: str) -> None:
    """409 when somebody else changed the article since the page was read; "" asks nothing."""
    if seen and seen != article.changed_at.isoformat():
        raise conflict(
            "changed_meanwhile", "有人刚改过这一条，您填的还在；请先看看现在是什么样，再决定。",
            "Somebody changed this article just now. What you filled in is kept: see how it stands now, then decide.",
        )  # fmt: skip


def known_owner(owner: str) -> None:
    """422 unless the unit exists today."""
    if city.current().unit(owner) is None:
        raise invalid({"owner": Say("没有这个单位，请从单位表里选。", "No such unit: choose one of the list.")})


def check_draft(words: Words) -> None:
    """422 by field for what no draft may hold: it may be unfinished, never wrong."""
    if wrong := faults(words):
        raise invalid(wrong)


def check_finished(words: Words, today: date) -> None:
    """422 by field for what is missing before somebody is asked to approve."""
    if wrong := faults(words) | missing(words, today):
        raise invalid(wrong)


def faults(words: Words) -> dict[str, Say]:
    """What is wrong whatever becomes of it."""
    snapshot, wrong = city.current(), dict[str, Say]()
    if not words.wordings or not words.question.strip():
        wrong["wordings"] = Say("请写市民会怎么问，一行一种问法。", "Write how people ask it, one wording a line.")
    elif len(words.wordings) > MOST_WORDINGS or max(map(len, words.wordings)) > LONGEST_WORDING:
        wrong["wordings"] = Say(f"最多 {MOST_WORDINGS} 种问法，每种最多 {LONGEST_WORDING} 字。",
                                f"At most {MOST_WORDINGS} wordings of {LONGEST_WORDING} characters each.")  # fmt: skip
    for name, most in (("answer", LONGEST_TEXT), ("note", LONGEST_TEXT), ("sources", LONGEST_SOURCES)):
        if len(getattr(words, name)) > most:
            wrong[name] = Say(f"最多 {most} 字。", f"At most {most} characters.")
    if words.matter and snapshot.matter(words.matter) is None:
        wrong["matter"] = Say("没有这个事项，请从事项表里选。", "No such matter: choose one of the list.")
    if words.county and snapshot.jurisdiction(words.county) is None:
        wrong["county"] = Say("没有这个县区，请从表里选，或选全市。", "No such county: choose one, or the whole city.")
    if words.valid_to and words.valid_to < words.valid_from:
        wrong["valid_to"] = Say("截止日不能早于起始日。", "It cannot end before it begins.")
    if any(source.link and not source.link.startswith(_LINK) for source in sources_of(words.sources)):
        wrong["sources"] = Say("链接以 http:// 或 https:// 开头；一行一条：名称 | 文号 | 链接。",
                               "Links begin with http:// or https://. A line each: title | number | link.")  # fmt: skip
    return wrong


def missing(words: Words, today: date) -> dict[str, Say]:
    """What a version needs before it can be approved."""
    wrong: dict[str, Say] = {}
    if not words.answer.strip():
        wrong["answer"] = Say("请写给市民的答复。", "Write the answer for the public.")
    if not words.matter:
        wrong["matter"] = Say("请选事项。", "Choose the matter.")
    if not words.sources.strip():
        wrong["sources"] = Say("请写依据：哪部法规、哪份文件，或哪个单位的规定。",
                               "Say what it rests on: a law, a document, or a unit's own rule.")  # fmt: skip
    if words.review_on and words.review_on <= today:
        wrong["review_on"] = Say("复核日期要在今天之后。", "The review date lies in the future.")
    if words.valid_to and words.valid_to < today:
        wrong["valid_to"] = Say("截止日已经过了。", "The last day has passed already.")
    return wrong
