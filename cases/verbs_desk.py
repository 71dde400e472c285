"""更正错字 by whoever logged a case: one verb, one event for each field."""

from __future__ import annotations

from cases.demands_desk import SEALED
from cases.events_desk import Corrected
from cases.file import CaseFile, Entry, Text
from cases.ledger import append
from cases.register import short_title
from cases.rows import RequestRow
from hotline import vault
from hotline.work import Work


def value_of(file: CaseFile, request: RequestRow, field: str) -> str:
    """What the field holds now, in the clear."""
    if field in SEALED:
        sealed = getattr(request, field)
        return vault.unseal(sealed, f"case_text.{field}") if sealed else ""
    return (request.words if field == "words" else file.case.place) or ""


def written(field: str, new: str) -> str:
    """What was typed for a field as it is kept: a number without blanks and dashes."""
    return vault.normal_phone(new) if field == "phone" else new.strip()


async def correct(work: Work, file: CaseFile, request: RequestRow, *, field: str, new: str) -> Entry:
    """Write a field as it should have been; the old wording stays in the ledger beside it, until both are erased.

    A title that was the beginning of the old words becomes that of the new ones. Raises 409 for a stranger to the case
    and for a correction that comes too late, 422 for one that changes nothing or does not fit.
    """
    old = value_of(file, request, field)
    new = written(field, new)
    how = {"audience": "centre" if field in SEALED else "requester", "sealed": field in SEALED, "request": request.id}
    texts = {field: Text(value=new, **how), f"old_{field}": Text(value=old, **how)}  # type: ignore[arg-type]
    if field == "words" and file.case.title and file.case.title == short_title(old):
        texts["title"] = Text(value=short_title(new))
    entry = await append(work, file, Corrected(request=request.id, field=field), texts)
    if field == "phone":
        request.phone_index = vault.phone_index(new)
    return entry
