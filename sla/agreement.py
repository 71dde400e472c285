"""How far two people agree, and how sure a rate is: Wilson's interval, percent agreement, Cohen's kappa. Pure.

Wilson (1927) holds near 0 and 1 and for small samples, where the textbook's normal interval does not; Newcombe,
*Statistics in Medicine* 17 (1998), has the values that the tests compare with. Cohen, *Educ. Psychol. Meas.* 20 (1960).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence

import msgspec

Z95 = 1.959963984540054
"""The two-sided 95 % point of the normal distribution."""
FEW = 30
"""Under so many a rate is shown with its interval and compared with nobody's (ux.md 6)."""


class Rate(msgspec.Struct, frozen=True):
    """``hits`` of ``n`` with the 95 % interval of the share, all from 0 to 1; None where nothing was looked at."""

    hits: int
    n: int

    @property
    def share(self) -> float | None:
        """The share itself."""
        return self.hits / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's interval."""
        return wilson(self.hits, self.n) if self.n else None

    @property
    def is_small(self) -> bool:
        """Too few to compare."""
        return self.n < FEW


def wilson(hits: int, n: int, z: float = Z95) -> tuple[float, float]:
    """Wilson's score interval for ``hits`` of ``n`` (n ≥ 1), without continuity correction. ValueError outside 0…n."""
    if n < 1 or not 0 <= hits <= n:
        msg = f"{hits} of {n}"
        raise ValueError(msg)
    share = hits / n
    middle = share + z * z / (2 * n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    below = 1 + z * z / n
    low = 0.0 if hits == 0 else (middle - half) / below
    high = 1.0 if hits == n else (middle + half) / below
    return low, high


def agreement(pairs: Sequence[tuple[Hashable, Hashable]]) -> Rate:
    """How many pairs say the same."""
    return Rate(sum(first == second for first, second in pairs), len(pairs))


def kappa(pairs: Sequence[tuple[Hashable, Hashable]]) -> float | None:
    """Cohen's kappa: agreement beyond chance. None without pairs, and where both gave one and the same answer only."""
    n = len(pairs)
    if n == 0:
        return None
    observed = sum(first == second for first, second in pairs) / n
    left, right = Counter(first for first, _ in pairs), Counter(second for _, second in pairs)
    chance = sum(left[answer] * right[answer] for answer in left) / (n * n)
    return None if math.isclose(chance, 1) else (observed - chance) / (1 - chance)


def stands_out(hits: int, n: int, others_hits: int, others_n: int) -> bool:
    """Whether a unit's share is unusual against all others': its interval lies wholly above theirs."""
    if n == 0 or others_n == 0 or hits == 0:
        return False
    return wilson(hits, n)[0] > wilson(others_hits, others_n)[1]
