"""What a summary for units may not hold: the name or the number that a requester left."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import reduce

from cases.file import CaseFile
from cases.rows import RequestRow
from hotline import vault
from hotline.errors import Say

TELLS = Say("转述里有诉求人的姓名或号码，请去掉。", "It holds the requester's name or number; take it out.")


SOMEBODY = "（诉求人）"
"""Stands where a text named the requester, for a viewer who may not know them."""


def tells_requester(file: CaseFile, text: str) -> bool:
    """Whether a text holds the name or number that a requester of the case left."""
    return without_requester(marks_of(file.requests.values()), text) != text


def marks_of(requests: Iterable[RequestRow]) -> tuple[re.Pattern[str], ...]:
    """What tells these requesters: their names, and their numbers however they are spaced."""
    found: list[re.Pattern[str]] = []
    for one in requests:
        name = vault.unseal(one.name, "case_text.name").strip() if one.name else ""
        if len(name) > 1:
            found.append(re.compile(re.escape(name)))
        number = "".join(c for c in vault.unseal(one.phone, "case_text.phone") if c.isdigit()) if one.phone else ""
        if len(number) >= 7:
            found.append(re.compile(r"\D*".join(number)))
    return tuple(found)


def without_requester(marks: Iterable[re.Pattern[str]], text: str) -> str:
    """The text with SOMEBODY in each place where one of ``marks`` stands."""
    return reduce(lambda said, mark: mark.sub(SOMEBODY, said), marks, text)
