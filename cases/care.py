"""The reaction to whatever a requester says: risk words flag the case, in the transaction that brought the words."""

from __future__ import annotations

from cases import risk, verbs_care
from cases.file import CaseFile, Entry
from hotline import city
from hotline.actor import SYSTEM
from hotline.work import Work


async def on_words(work: Work, file: CaseFile, entry: Entry) -> None:
    """Flag the case for the risk words in what was said (filed, added, rated, at a visit), by whatever door it came.

    A flag that stands and that nobody has looked at yet is not raised again for the same kinds.
    """
    if file.case.channel == "import":
        return
    text = entry.texts.get("words") or entry.texts.get("said")
    found = risk.find((text.value or "") if text is not None else "", risk.lists_of(city.current()))
    case = file.case
    if not found or (set(found.kinds) <= set(case.risk) and case.risk_seen_at is None):
        return
    who, work.actor = work.actor, SYSTEM
    try:
        await verbs_care.flag(
            work, file, kinds=found.kinds, words="、".join(found.words), source="words",
            request=getattr(entry.event, "request", None),
        )  # fmt: skip
    finally:
        work.actor = who
