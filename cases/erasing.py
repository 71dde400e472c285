"""Erasing what is personal of a case, and of all that was merged into it; the ledger still verifies (rules.md 5)."""

from __future__ import annotations

from uuid import UUID

from cases import events as e
from cases.demands import Ask, check
from cases.file import CaseFile, Entry
from cases.ledger import append, opened
from hotline import files
from hotline.errors import conflict
from hotline.work import Work

_TEXTS = """
    UPDATE case_text SET value = NULL, sealed = NULL, salt = NULL, erased_at = $2, erased_rule = $3
    WHERE case_id = $1 AND erased_at IS NULL RETURNING seq, field
"""
_HELD = "SELECT id FROM cases WHERE merged_into = $1 ORDER BY id"


async def erase(work: Work, file: CaseFile, *, rule: str) -> Entry:
    """Erase the words and personal values of all requests of a closed case under a rule; the ledger still verifies.

    Values and salts go, files too; the commitments stay, and the event names the rule (rules.md 5). Requests that were
    merged go with the case that holds them: asked for one, all are erased, once that case has ended.
    """
    if file.case.merged_into is not None:
        return await erase(work, await opened(work, case_id=file.case.merged_into), rule=rule)
    event = e.Erased(rule=rule, erased=(), requests=tuple(file.requests))
    check(Ask(file=file, event=event, texts={}, actor=work.actor, now=work.now))
    await work.flush()
    held = [await opened(work, case_id=row["id"]) for row in await work.connection.fetch(_HELD, file.case.id)]
    gone = {one.case.id: await _texts(work, one.case.id, rule) for one in (file, *held)}
    if not any(gone.values()):
        raise conflict("erased", "这件事的个人信息已经删过了。", "The personal data of this case was erased already.")
    for one in held:
        if gone[one.case.id]:
            await files.forget(work, one.case.id)
            await append(work, one, e.Erased(rule=rule, erased=gone[one.case.id]))
    await files.forget(work, file.case.id)
    return await append(work, file, e.Erased(rule=rule, erased=gone[file.case.id], requests=event.requests))


async def _texts(work: Work, case_id: UUID, rule: str) -> tuple[tuple[int, str], ...]:
    rows = await work.connection.fetch(_TEXTS, case_id, work.now, rule)
    return tuple(sorted((row["seq"], row["field"]) for row in rows))
