"""How unusual a count is: the tail of the negative binomial, its usual band, and who passes among many. Pure.

The negative binomial with mean m and dispersion a has the variance m + a·m²: a Poisson count whose rate is itself
uncertain. Benjamini and Hochberg, *J. R. Statist. Soc. B* 57 (1995), for the share of false alarms among those told.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

_LEAST = 1e-300
_SMALL = 1e-12
_LONGEST = 20_000


def log_mass(k: int, mean: float, spread: float) -> float:
    """The logarithm of P(Y = k) for a mean above 0; ``spread`` 0 is Poisson's."""
    if spread <= _SMALL:
        return k * math.log(mean) - mean - math.lgamma(k + 1)
    size = 1 / spread
    return (
        math.lgamma(k + size) - math.lgamma(size) - math.lgamma(k + 1)
        + size * math.log(size / (size + mean)) + k * math.log(mean / (size + mean))
    )  # fmt: skip


def tail(k: int, mean: float, spread: float) -> float:
    """P(Y ≥ k), at least 1e-300."""
    if k <= 0:
        return 1.0
    if k <= mean:  # the long way round: one minus what lies below
        below = math.fsum(math.exp(log_mass(one, mean, spread)) for one in range(k))
        return min(1.0, max(_LEAST, 1 - below))
    term, total = math.exp(log_mass(k, mean, spread)), 0.0
    for one in range(k, k + _LONGEST):
        total += term
        if term <= total * _SMALL:
            break
        term *= _step(one, mean, spread)
    return min(1.0, max(_LEAST, total))


def _step(k: int, mean: float, spread: float) -> float:
    """P(Y = k + 1) as a multiple of P(Y = k)."""
    if spread <= _SMALL:
        return mean / (k + 1)
    size = 1 / spread
    return (k + size) / (k + 1) * mean / (size + mean)


def band(mean: float, spread: float, share: float = 0.95) -> tuple[int, int]:
    """The usual: the least and the greatest count within the middle ``share``."""
    edge = (1 - share) / 2
    mean = max(mean, _SMALL)
    term, total, k, low = math.exp(log_mass(0, mean, spread)), 0.0, 0, 0
    while k < _LONGEST:
        total += term
        if total < edge:
            low = k + 1
        if total >= 1 - edge:
            break
        term *= _step(k, mean, spread)
        k += 1
    return low, k


def passing(chances: Sequence[float], tests: int, share: float) -> float:
    """Benjamini and Hochberg: the greatest chance that passes among ``tests``, so that ``share`` of alarms are false.

    ``chances`` are the small ones; those of the other tests count as 1. 0 when none passes.
    """
    edge = 0.0
    for rank, chance in enumerate(sorted(chances), 1):
        if chance <= share * rank / max(tests, 1):
            edge = chance
    return edge
