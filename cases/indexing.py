"""What search finds of a case: its text, place and numbers, without names and phones."""

from __future__ import annotations

from cases.file import CaseFile
from cases.search import grams, strip_personal


def index(file: CaseFile) -> None:
    """Put the case's grams on its row; of a sealed case nothing but its numbers (rules.md 10)."""
    case = file.case
    numbers = [case.number, case.origin_no or "", *(r.receipt_no for r in file.requests.values())]
    if case.is_sealed:
        case.grams = grams(" ".join(dict.fromkeys(numbers)))
        return
    texts = [case.title, case.place, case.summary, *(r.words for r in file.requests.values())]
    plain = [strip_personal(text) for text in texts if text]
    case.grams = grams(" ".join([*plain, *dict.fromkeys(numbers)]))
