"""What goes wrong on purpose at a provider: error answers, slowness, silence, repeated and reordered deliveries."""

from __future__ import annotations

import asyncio
import random

FOREVER = 10**9


class Faults:
    """The switches of one provider; everything is well until one is turned."""

    def __init__(self, seed: int = 12345) -> None:
        self.random = random.Random(seed)  # noqa: S311 - the same storm every time
        self.delay = 0.0
        """Seconds before each delivery to the hotline."""
        self.duplicates = 0
        """How many times more each delivery is made."""
        self.is_shuffled = False
        """Deliveries overtake each other."""
        self.name = ""
        """Which fault a page has switched on."""
        self._failures: list[list[int]] = []
        self._slow: list[float] = []

    def fail(self, status: int, code: int = 0, times: int = 1) -> None:
        """The next ``times`` API requests are answered so."""
        self._failures.append([status, code, times])

    def slow(self, seconds: float, times: int = FOREVER) -> None:
        """The next ``times`` API requests are answered only after so many seconds (an hour is as good as never)."""
        self._slow = [seconds, times] if seconds else []

    def mend(self) -> None:
        """Everything is well again."""
        self._failures, self._slow = [], []
        self.delay, self.duplicates, self.is_shuffled = 0.0, 0, False

    @property
    def is_failing(self) -> bool:
        """Whether the next API request will be answered with an error."""
        return bool(self._failures)

    def next_failure(self) -> tuple[int, int] | None:
        """Status and code for this request, counted down; None when it may succeed."""
        if not self._failures:
            return None
        status, code, left = self._failures[0]
        if left <= 1:
            self._failures.pop(0)
        else:
            self._failures[0][2] = left - 1
        return status, code

    async def dawdle(self) -> None:
        """Be slow, if this request is to be."""
        if self._slow:
            seconds, left = self._slow
            self._slow = [seconds, left - 1] if left > 1 else []
            await asyncio.sleep(seconds)

    async def wait(self) -> None:
        """Before a delivery: its delay, and a little more at random where they are shuffled."""
        extra = self.random.uniform(0, 0.2) if self.is_shuffled else 0.0
        if self.delay or extra:
            await asyncio.sleep(self.delay + extra)
