"""Projections of what an agent corrects in a case. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cases.events_desk import Corrected
from cases.file import CaseFile, Entry
from cases.indexing import index


def _corrected(file: CaseFile, event: Corrected, entry: Entry) -> None:
    request, text = file.requests[event.request], entry.texts[event.field]
    if event.field == "words":
        request.words = text.value
        title = entry.texts.get("title")
        if title is not None and title.value:
            file.case.title = title.value
        index(file)
    elif event.field == "place":
        file.case.place = text.value or ""
        index(file)
    elif event.field == "name":
        request.name = text.sealed
    else:
        request.phone = text.sealed


OWN: dict[str, Callable[[CaseFile, Any, Entry], None]] = {"corrected": _corrected}
