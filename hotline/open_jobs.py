"""The worker's jobs for what is shown in the open: hot issues and themes, figures, bulletins, exports of the ledger."""

from __future__ import annotations

from typing import Any, cast

from arq import cron
from arq.cron import CronJob
from arq.typing import WorkerCoroutine

from cases import exports
from channels import notice_news, reminders, reminders_hot, reminders_notice
from sla import (
    bounty_forgetting,
    bulletin_due,
    facts_store,
    hot,
    hot_due,
    notice_sweep,
    rectify_sweep,
    theme_answers,
    theme_cases,
)

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


async def keep_facts(_: Context) -> int:
    """What the boards read is brought up with the ledger; reminders that are due go first."""
    return await facts_store.refresh(facts_store.PATIENCE)


async def draft_bulletins(context: Context) -> int:
    """Daily and weekly bulletins lie ready as drafts at their hour."""
    return await bulletin_due.draft(context)


async def make_exports(_: Context) -> int:
    """Exports of the ledger that were approved are made; old ones are removed."""
    return await exports.make_asked()


async def watch_notices(_: Context) -> int:
    """Notices and their corrections: dates come near or pass, and those who asked are told of what is new."""
    told = await notice_sweep.hold(reminders_notice.tell) + await notice_sweep.watch(reminders_notice.tell)
    return told + await notice_news.sweep()


async def watch_ratings(_: Context) -> int:
    """Bad ratings that are to be put right: their limits come near or pass."""
    return await rectify_sweep.sweep(reminders.remind)


async def sweep_open() -> list[tuple[str, int]]:
    """All of them once, now."""
    jobs = (
        find_hot, watch_themes, answer_themes, keep_facts, draft_bulletins, make_exports, watch_notices, watch_ratings,
        forget_finders,
    )  # fmt: skip
    return [(job.__name__, await job({})) for job in jobs]


async def forget_finders(_: Context) -> int:
    """Who found something for a bounty is forgotten when the time is over."""
    return await bounty_forgetting.sweep()


FUNCTIONS = (find_hot, answer_themes)


def crons_open() -> list[CronJob]:
    """When each of them runs by itself."""

    def job(function: object) -> WorkerCoroutine:
        return cast("WorkerCoroutine", function)

    return [
        cron(job(find_hot), minute={5}, second=35, timeout=600),
        cron(job(watch_themes), minute=set(range(0, 60, 10)), second=45, timeout=600),
        cron(job(answer_themes), minute=set(range(0, 60, 5)), second=55, timeout=1800),
        cron(job(keep_facts), second={11, 41}, run_at_startup=True, timeout=3600),
        cron(job(draft_bulletins), second={55}, timeout=600),
        cron(job(make_exports), second={35}, timeout=14400),
        cron(job(watch_notices), second={42}),
        cron(job(watch_ratings), second={17}),
        cron(job(forget_finders), hour=3, minute=40, second=15, timeout=600),
    ]
