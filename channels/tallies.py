"""What was waited for and answered, counted together: calls on the telephone, chats on the web."""

from __future__ import annotations

import msgspec


class Answered(msgspec.Struct, kw_only=True):
    """So many counted, answered by a person, in the time that a rule gives, and missed; seconds to the answer."""

    n: int = 0
    answered: int = 0
    quick: int = 0
    missed: int = 0
    wait_s: int = 0

    @property
    def quick_rate(self) -> float | None:
        """Answered within the time ÷ counted in percent; None when nothing was counted."""
        return 100 * self.quick / self.n if self.n else None

    @property
    def mean_wait(self) -> float | None:
        """Mean seconds to answer of those answered."""
        return self.wait_s / self.answered if self.answered else None
