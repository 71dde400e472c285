"""News of a change, told after the commit to the pages that watch: names only, each page fetches what it may see."""

from __future__ import annotations

from typing import Any

from hotline import jobs
from hotline.work import Work

CHANNEL = "live"
RISK = "risk"
"""The name under which pages hear of risk words, within a second of their being said."""


async def tell(work: Work, file: Any, entry: Any) -> None:
    """Once the transaction is committed, publish which cases changed, all in one message."""
    told: set[str] = work.kept.setdefault("told", set())
    if not told:
        told.add("queue")
        work.after(lambda: jobs.publish(CHANNEL, " ".join(sorted(told))))
    told.add(f"case.{file.case.id}")


async def alarm(work: Work, file: Any, entry: Any) -> None:
    """After ``tell``: the pages that show risks hear it in the same message."""
    work.kept["told"].add(RISK)
