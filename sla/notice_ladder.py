"""A published notice counts as the ladder's step "bulletin or exposure" (rules.md 7), once a unit and case.

It stands beside no bulletin: a draft of one takes effect by the publication, and where one stands already nothing is
added. Its correction is watched on the notice, never a second time on the paper.
"""

from __future__ import annotations

from uuid import UUID

from cases.demands_ladder import out_of_order
from cases.file import CaseFile
from cases.ledger import opened
from cases.notice_rows import NoticeRow
from cases.notice_sources import behind
from hotline.work import Work
from sla import ladder_papers, ladder_rules
from sla.rows_ladder import PaperRow

RULE_OF = {"order": "order_ignored", "case": "bulletin_by_hand"}
"""The rule that an exposure cites, by its source; a finding or a cluster stands outside the ladder."""
_DRAFT = """
    SELECT id FROM ladder_paper WHERE case_id = $1 AND unit = $2 AND measure = 'bulletin' AND state = 'draft'
    ORDER BY cause_id = $3 DESC NULLS LAST, drafted_at LIMIT 1
"""


async def count(work: Work, row: NoticeRow, number: str) -> None:
    """In the transaction of the publication: the step is taken on the unit's share of a case that is still open."""
    if row.source_kind not in RULE_OF:
        return
    for case in await behind(work.connection, row):
        file = await opened(work, case_id=case)
        has_share = any(one.unit == row.unit for one in file.assignments.values())
        if has_share and (file.case.is_open or row.source_kind == "order"):
            await _take(work, file, row, number)


async def _take(work: Work, file: CaseFile, row: NoticeRow, number: str) -> None:
    paper = await _paper(work, file, row, number)
    if paper is None:
        return
    paper.state, paper.ended_at = "done", work.now
    paper.words = paper.words or number
    await ladder_papers.step(work, file, paper, "exposed", number)
    await ladder_papers.take_effect(work, file, paper)


async def _paper(work: Work, file: CaseFile, row: NoticeRow, number: str) -> PaperRow | None:
    """The draft that takes effect now, else a fresh one; None where the step stands or a higher one does."""
    rules = await ladder_rules.of(work)
    rule = rules.get(RULE_OF[row.source_kind]) or rules.get("bulletin_by_hand")
    if rule is None or out_of_order(file, row.unit, rule.level):
        return None
    found: UUID | None = await work.connection.fetchval(_DRAFT, file.case.id, row.unit, row.source_id)
    if found is not None:
        return await ladder_papers.of_id(work, found)
    cause = row.source_id if row.source_kind == "order" else row.id
    return await ladder_papers.draft(work, rule, unit=row.unit, file=file, cause=cause, ground=number)


async def uncorrected(work: Work, row: NoticeRow) -> None:
    """Not corrected in time: what follows a bulletin is proposed, an interview of the head; once a notice."""
    if row.source_kind not in RULE_OF:
        return
    for case in await behind(work.connection, row):
        file = await opened(work, case_id=case)
        if any(one.unit == row.unit for one in file.assignments.values()):
            ground = f"{row.number}：公示后到期没有纠正"
            await ladder_papers.propose(
                work, file, "bulletin_uncorrected", unit=row.unit, cause=row.id, ground=ground
            )
