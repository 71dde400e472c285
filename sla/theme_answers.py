"""The official answer to all who asked: written, approved by a second person, sent once to each, late joiners too."""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

from cases import ledger, verbs_theme
from hotline import acts, clock, db
from hotline.actor import SYSTEM
from hotline.errors import Say, conflict, invalid, plain
from hotline.work import Work, work
from sla import theme_cases, theme_gate, themes
from sla.themes import Theme

_WAITING = """
    SELECT DISTINCT t.id AS theme_id, r.case_id FROM theme t
    JOIN theme_case k ON k.theme_id = t.id AND k.left_at IS NULL
    JOIN cases o ON o.id = k.case_id AND o.kind <> 'report' AND NOT o.is_confidential
    JOIN request r ON (r.case_id = k.case_id AND r.home_id IS NULL OR r.home_id = k.case_id)
        AND r.state IN ('open', 'awaiting_visit', 'visited', 'exempt') AND r.kind <> 'report'
    JOIN cases c ON c.id = r.case_id AND c.kind <> 'report' AND NOT c.is_confidential AND c.state <> 'merged'
    WHERE t.approved_at IS NOT NULL AND (t.state = 'open' OR t.state = 'closed' AND t.closed_at > $4)
        AND ($1::uuid IS NULL OR t.id = $1) AND (t.id, r.case_id) > ($2, $3)
        AND NOT EXISTS (SELECT FROM theme_answer a WHERE a.theme_id = t.id AND a.request_id = r.id)
    ORDER BY 1, 2 LIMIT 500
"""
_AFTER = timedelta(days=30)
"""How long after its end a theme still looks for whom its answer did not reach."""
_OF_CASE = """
    SELECT r.id FROM request r JOIN theme_case k ON k.theme_id = $1 AND k.left_at IS NULL
        AND k.case_id = coalesce(r.home_id, r.case_id)
    WHERE r.case_id = $2 AND r.state IN ('open', 'awaiting_visit', 'visited', 'exempt') AND r.kind <> 'report'
    ORDER BY r.filed_at, r.id
"""
_ONCE = """
    INSERT INTO theme_answer (theme_id, request_id, case_id, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
    RETURNING request_id
"""
log = logging.getLogger(__name__)


async def write(w: Work, theme: UUID, *, answer: str, sources: str) -> Theme:
    """写统一答复, with the sources that explain the policy. Until it is approved it may be written anew."""
    one = await themes.opened(w, theme)
    _not_sent(one)
    if not answer.strip():
        raise invalid({"answer": Say("请写统一答复。", "Write the answer.")})
    await _check(w, theme, answer, sources)
    await w.connection.execute(
        "UPDATE theme SET answer = $2, answer_sources = $3, answer_by = $4, answer_at = $5, revision = revision + 1"
        " WHERE id = $1",
        theme, answer.strip(), sources.strip(), w.actor.id, w.now,
    )  # fmt: skip
    await acts.note(w, w.actor, "theme_answer_written", f"theme:{one.number}")
    return one


def _not_sent(one: Theme) -> None:
    if one.approved_at is not None:
        raise conflict("answer_sent", "统一答复已批准发出，不能再改。", "The answer was approved and sent; it stands.")


async def _check(w: Work, theme: UUID, answer: str, sources: str) -> None:
    texts = {"answer": answer, "sources": sources}
    await theme_gate.check(w.connection, texts, await theme_cases.newest(w.connection, theme))


async def approve(w: Work, theme: UUID, *, revision: int | None = None) -> Theme:
    """批准发出: by somebody else than who wrote it, of exactly the text they read; published with the theme."""
    one = await themes.opened(w, theme, revision)
    _not_sent(one)
    if not one.answer or one.answer_by is None:
        raise conflict("no_answer", "还没有写统一答复。", "There is no answer yet.")
    if one.answer_by == w.actor.id:
        raise conflict("own_text", "自己写的答复由另一人批准。", "What you wrote is approved by somebody else.")
    if one.published_at is None:
        raise conflict("not_public", "先公开这一题，再发统一答复。", "Publish the theme first.")
    await theme_cases.gather(w, theme)
    await _check(w, theme, one.answer, one.answer_sources)
    await w.connection.execute(
        "UPDATE theme SET approved_at = $2, approved_by = $3, revision = revision + 1 WHERE id = $1",
        theme, w.now, w.actor.id,
    )  # fmt: skip
    await acts.note(w, w.actor, "theme_answer_approved", f"theme:{one.number}")
    return one


async def deliver(theme: UUID | None = None) -> int:
    """Put the answer on every case that a theme answers and was not told yet, and into its requesters' outbox.

    Safe twice and side by side: a case is locked, and each requester is noted once for a theme. How many were told.
    """
    told, last, ended = 0, (UUID(int=0), UUID(int=0)), clock.now() - _AFTER
    while True:
        async with db.reading() as connection:
            rows = await connection.fetch(_WAITING, theme, *last, ended)
        if not rows:
            return told
        for row in rows:
            last = (row["theme_id"], row["case_id"])
            told += await _tried(*last)


async def _tried(theme: UUID, case_id: UUID) -> int:
    """One case; what cannot be told holds up nobody else, and the next run tries again."""
    try:
        async with work(SYSTEM) as w:
            return await _tell(w, theme, case_id)
    except db.AWAY:
        raise
    except Exception as error:  # noqa: BLE001
        log.error("answer of theme %s not put on case %s\n%s", theme, case_id, plain(error))  # noqa: TRY400
        return 0


async def _tell(w: Work, theme: UUID, case_id: UUID) -> int:
    file = await ledger.opened(w, case_id=case_id)
    one = await themes.found(w.connection, theme)
    if file.case.is_sealed or file.case.state == "merged":
        return 0
    if one.approved_at is None or not one.answer or one.state == "dropped":
        return 0
    told = 0
    for row in await w.connection.fetch(_OF_CASE, theme, case_id):
        request = file.requests.get(row["id"])
        if request is None or await w.connection.fetchval(_ONCE, theme, row["id"], case_id, clock.now()) is None:
            continue
        await verbs_theme.respond(
            w, file, request, theme=theme, number=one.number, slug=one.slug, answer=one.answer
        )
        told += 1
    return told
