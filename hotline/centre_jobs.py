"""The worker's jobs for running the centre: shifts, knowledge, outages, people and the machine room. One line each."""

from __future__ import annotations

from typing import Any

from arq import cron
from arq.cron import CronJob

from hotline.answer_jobs import tell_outages, watch_gaps

Context = dict[str, Any]


async def sweep_centre() -> list[tuple[str, int]]:
    """All of them once, now."""
    return [("tell_outages", await tell_outages({})), ("watch_gaps", await watch_gaps({}))]


FUNCTIONS: tuple[Any, ...] = (tell_outages, watch_gaps)


def crons_centre() -> list[CronJob]:
    """When each of them runs by itself."""
    return [
        cron(tell_outages, second={5, 25, 45}, timeout=600),
        cron(watch_gaps, second={50}, timeout=600),
    ]
