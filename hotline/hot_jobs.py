"""The worker's jobs for hot issues and themes: look each hour, watch their dates, send official answers."""

from __future__ import annotations

from typing import Any, cast

from arq import cron
from arq.cron import CronJob
from arq.typing import WorkerCoroutine

from channels import reminders_hot
from sla import hot, hot_due, theme_answers, theme_cases

Context = dict[str, Any]


async def find_hot(_: Context) -> int:
    """What comes up unusually often is found and told."""
    return await hot.look(reminders_hot.issue)


async def watch_themes(_: Context) -> int:
    """Steps and tasks that are near or late are told of; new cases join the themes that answer them."""
    return await hot_due.watch(reminders_hot.due) + await theme_cases.gather_all()


async def answer_themes(_: Context) -> int:
    """Official answers reach whoever asked and was not told yet."""
    return await theme_answers.deliver()


async def sweep_hot() -> list[tuple[str, int]]:
    """All three once, now."""
    jobs = (find_hot, watch_themes, answer_themes)
    return [(job.__name__, await job({})) for job in jobs]


FUNCTIONS = (find_hot, answer_themes)


def crons_hot() -> list[CronJob]:
    """When each of them runs by itself."""

    def job(function: object) -> WorkerCoroutine:
        return cast("WorkerCoroutine", function)

    return [
        cron(job(find_hot), minute={5}, second=35, timeout=600),
        cron(job(watch_themes), minute=set(range(0, 60, 10)), second=45, timeout=600),
        cron(job(answer_themes), minute=set(range(0, 60, 5)), second=55, timeout=1800),
    ]
