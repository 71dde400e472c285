"""The worker's jobs for running the centre: shifts, knowledge, outages, people and the machine room. One line each."""

from __future__ import annotations

from typing import Any

from arq import cron
from arq.cron import CronJob

from channels import chat_sweep

Context = dict[str, Any]


async def sweep_chats(_: Context) -> int:
    """Live chats that nobody answers, that went silent, that are owed a case or whose words grew old."""
    return await chat_sweep.sweep()


async def sweep_centre() -> list[tuple[str, int]]:
    """All of them once, now."""
    return [("sweep_chats", await sweep_chats({}))]


FUNCTIONS: tuple[Any, ...] = ()


def crons_centre() -> list[CronJob]:
    """When each of them runs by itself."""
    return [cron(sweep_chats, second={9, 29, 49}, timeout=300)]
