"""The official answer of a theme, given on each case that it answers."""

from __future__ import annotations

from uuid import UUID

from cases.events_theme import Responded
from cases.file import CaseFile, Entry, Text
from cases.ledger import append
from cases.rows import RequestRow
from hotline.work import Work


async def respond(
    work: Work, file: CaseFile, request: RequestRow, *, theme: UUID, number: str, slug: str, answer: str
) -> Entry:
    """统一答复 to one requester; 409 on a sealed case. The words stand beside the event, for this requester."""
    event = Responded(theme=theme, number=number, slug=slug, request=request.id)
    return await append(work, file, event, {"answer": Text(value=answer, audience="requester", request=request.id)})
