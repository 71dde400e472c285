"""Reviews of articles that are near or past: their unit and the knowledge editors are told, once before, once after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from channels import reminders
from hotline import city, clock
from hotline.actor import SYSTEM
from hotline.errors import Say
from hotline.work import Work, work

EDITOR = "knowledge_editor"
NEAR, PAST = "article_review_near", "article_review_past"
_DUE = """
SELECT a.owner, a.review_on, count(*) AS n, min(v.wordings[1]) AS question
FROM article a JOIN article_version v ON v.article_id = a.id AND v.version = a.version
WHERE a.state = 'approved' AND a.review_on <= $1 AND a.review_on >= $2
GROUP BY 1, 2 ORDER BY 1, 2
"""
_LOOKED_BACK = timedelta(days=30)
"""Nobody is told of what is long past: it stands in the list until somebody reviews or retires it."""


async def sweep() -> int:
    """Tell what is due as of today; how many groups of articles there are. Safe twice: each is told by its key."""
    today = clock.today()
    until = today + timedelta(days=int(city.current().rule("knowledge.review_warn_days")))
    async with work(SYSTEM) as w:
        rows = await w.connection.fetch(_DUE, until, today - _LOOKED_BACK)
        for row in rows:
            await _tell(w, row, PAST if row["review_on"] < today else NEAR)
        for kind in (NEAR, PAST):
            await _tell_editors(w, kind, [row for row in rows if (row["review_on"] < today) == (kind == PAST)])
    return len(rows)


async def _tell(w: Work, row: Mapping[str, Any], kind: str) -> None:
    """A unit's articles of one date in one sentence."""
    key = f"{kind}:{row['owner']}:{row['review_on']}"
    await reminders.remind(w, unit=row["owner"], kind=kind, case=None, text=said(row, kind), key=key)


async def _tell_editors(w: Work, kind: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """The editors hear how many there are of each date, whosoever they are."""
    totals: dict[date, int] = {}
    for row in rows:
        totals[row["review_on"]] = totals.get(row["review_on"], 0) + row["n"]
    for day, n in totals.items():
        text = Say(f"{n} 条知识复核日期 {day}{'已过，已停用' if kind == PAST else '将到'}，见知识页",
                   f"{n} article(s) {'are past' if kind == PAST else 'near'} their review date {day}")  # fmt: skip
        await reminders.remind(w, unit="", kind=kind, case=None, text=text, to=EDITOR, key=f"{kind}::{day}")


def said(row: Mapping[str, Any], kind: str) -> Say:
    """The sentence for the unit: what, when, and what happens."""
    first = row["question"][:20]
    more = "" if row["n"] == 1 else f"等 {row['n']} 条"
    if kind == PAST:
        return Say(f"知识“{first}”{more}复核日期 {row['review_on']} 已过，现在查不到了，请复核",
                   f"Past review since {row['review_on']}, not offered: {row['n']} article(s), {first}")  # fmt: skip
    return Say(f"知识“{first}”{more}到 {row['review_on']} 要复核",
               f"To be reviewed by {row['review_on']}: {row['n']} article(s), {first}")  # fmt: skip
