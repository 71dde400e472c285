"""Decide on articles: approve, send back, retire, review, hand over. In the caller's transaction, noted as an act."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from uuid import UUID

from hotline import acts, city, clock, db, knowledge_index
from hotline import knowledge_checks as checks
from hotline.actor import Actor
from hotline.errors import Say, conflict, forbidden, invalid
from hotline.knowledge_rows import OPEN, Article, Version, read
from hotline.knowledge_verbs import note, waiting

_APPROVE = """
UPDATE article_version SET state = 'approved', approver = $3, decided_at = $4, in_from = $5, in_to = valid_to
WHERE article_id = $1 AND version = $2
"""
_OVERTAKE = """
UPDATE article_version SET in_to = $3::date - 1
WHERE article_id = $1 AND version < $2 AND state = 'approved' AND (in_to IS NULL OR in_to >= $3)
"""
_SEND_BACK = """
UPDATE article_version SET state = 'sent_back', approver = $3, decided_at = $4, reason = $5
WHERE article_id = $1 AND version = $2
"""
_LASTS = """
SELECT EXISTS (SELECT FROM article_version
    WHERE article_id = $1 AND state = 'approved' AND (in_to IS NULL OR in_to >= greatest(in_from, $2)))
"""
_END = """
UPDATE article_version SET in_to = $2::date - 1
WHERE article_id = $1 AND state = 'approved' AND (in_to IS NULL OR in_to >= $2)
"""
_RETIRE = """
UPDATE article SET state = 'retired', retired_at = $2, retired_by = $3, retired_why = $4, changed_at = $2 WHERE id = $1
"""


def default_review(day: date) -> date:
    """When an article that was found right on ``day`` is looked at again: rule knowledge.review_months."""
    months = int(city.current().rule("knowledge.review_months")) + day.month - 1
    year, month = day.year + months // 12, months % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


async def approve(connection: db.Connection, actor: Actor, article: UUID, *, review_on: date | None = None) -> Version:
    """The submitted version is in force from its day on, and what was in force until the day before.

    403 for whoever wrote at it (four eyes), 409 when none waits, 422 when it has become wrong meanwhile.
    """
    _, version = await _to_decide(connection, actor, article)
    now, today = clock.now(), clock.today()
    checks.check_finished(version, today)
    due = checked_review(review_on or version.review_on or default_review(today))
    begins = max(version.valid_from, today)
    await connection.execute(_OVERTAKE, article, version.version, begins)
    await connection.execute(_APPROVE, article, version.version, actor.id, now, begins)
    await connection.execute(
        "UPDATE article SET state = 'approved', review_on = $2, reviewed_at = $3, reviewed_by = $4, changed_at = $3"
        " WHERE id = $1",
        article, due, now, actor.id,
    )  # fmt: skip
    await knowledge_index.reindex(connection, [article], today)
    await note(connection, actor, "approved", article, version.version)
    return version


async def send_back(connection: db.Connection, actor: Actor, article: UUID, reason: str) -> None:
    """Not like this: the version stays as it is with the reason; whoever mends it begins the next one."""
    _, version = await _to_decide(connection, actor, article)
    _reason(reason)
    now = clock.now()
    await connection.execute(_SEND_BACK, article, version.version, actor.id, now, reason.strip())
    await connection.execute(
        "UPDATE article SET changed_at = $2, state = CASE WHEN state = 'approved' THEN state ELSE 'draft' END"
        " WHERE id = $1",
        article, now,
    )  # fmt: skip
    await note(connection, actor, "sent_back", article, version.version)


async def retire(connection: db.Connection, actor: Actor, article: UUID, reason: str) -> None:
    """From now on it answers nobody. Its versions stay; writing a new one brings it back."""
    checks.demand_approve(actor)
    one = await read(connection, article, lock=True)
    if one.state == "retired":
        raise conflict("retired", "这一条已经下架。", "This article is retired already.")
    _reason(reason)
    today = clock.today()
    await connection.execute(
        "UPDATE article_version SET state = 'dropped' WHERE article_id = $1 AND state = ANY ($2)", article, list(OPEN)
    )
    await connection.execute(_END, article, today)
    await connection.execute(_RETIRE, article, clock.now(), actor.id, reason.strip())
    await knowledge_index.reindex(connection, [article], today)
    await note(connection, actor, "retired", article, one.version)


async def review(
    connection: db.Connection, actor: Actor, article: UUID, review_on: date | None, said: str = ""
) -> date:
    """Looked through and still right: the next review is on ``review_on`` (the rule's months by default)."""
    one = await read(connection, article, lock=True)
    checks.demand_write(actor, one.owner)
    if one.state != "approved":
        raise conflict("not_approved", "只有已审定的可以复核。", "Only an approved article can be reviewed.")
    now, today = clock.now(), clock.today()
    if not await connection.fetchval(_LASTS, article, today):
        raise conflict("over", "截止日已过，复核不能延长它：请写新版，或下架。",
                       "Its last day has passed; no review prolongs it. Write a new version or retire it.")  # fmt: skip
    due = checked_review(review_on or default_review(today))
    await connection.execute(
        "INSERT INTO article_review (article_id, at, by, review_on, note) VALUES ($1, $2, $3, $4, $5)",
        article, now, actor.id, due, said.strip(),
    )  # fmt: skip
    await connection.execute(
        "UPDATE article SET review_on = $2, reviewed_at = $3, reviewed_by = $4, changed_at = $3 WHERE id = $1",
        article, due, now, actor.id,
    )  # fmt: skip
    await knowledge_index.reindex(connection, [article], today)
    await note(connection, actor, "reviewed", article, one.version)
    return due


async def hand_over(connection: db.Connection, actor: Actor, article: UUID, owner: str) -> None:
    """Another unit keeps it from now on, such as the successor of one that is gone."""
    checks.demand_approve(actor)
    checks.known_owner(owner)
    one = await read(connection, article, lock=True)
    if one.owner == owner:
        raise invalid({"owner": Say("已经归这个单位。", "It is this unit's already.")})
    await connection.execute(
        "UPDATE article SET owner = $2, changed_at = $3 WHERE id = $1", article, owner, clock.now()
    )
    await knowledge_index.reindex(connection, [article], clock.today())
    moved = {"number": one.name, "from": one.owner, "to": owner}
    await acts.note(connection, actor, "article_handed_over", f"article:{article}", moved)


def checked_review(due: date) -> date:
    """422 unless the day lies in the future and within the rule knowledge.review_most_months."""
    today, most = clock.today(), int(city.current().rule("knowledge.review_most_months"))
    if due <= today:
        raise invalid({"review_on": Say("复核日期要在今天之后。", "The review date lies in the future.")})
    if (due.year - today.year) * 12 + due.month - today.month > most:
        raise invalid({"review_on": Say(f"最多隔 {most} 个月复核一次。",
                                        f"It is reviewed within {most} months at the latest.")})  # fmt: skip
    return due


async def _to_decide(connection: db.Connection, actor: Actor, article: UUID) -> tuple[Article, Version]:
    checks.demand_approve(actor)
    one = await read(connection, article, lock=True)
    version = await waiting(connection, one)
    if not checks.may_decide(actor, version):
        raise forbidden(Say("审定别人写的知识；自己写的由另一位编辑审定",
                            "approve what others wrote; another editor approves your own"))  # fmt: skip
    return one, version


def _reason(reason: str) -> None:
    if not reason.strip():
        raise invalid({"reason": Say("请写明理由。", "Give the reason.")})

