"""Exact numbers as people write them. Pure."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction


def rounded(value: Fraction, places: int) -> Decimal:
    """``value`` to so many places, half away from zero."""
    scaled = abs(value) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(whole if value >= 0 else -whole).scaleb(-places)


def plain(value: Fraction | Decimal, places: int = 4) -> str:
    """A number as people write it: at most so many places, no zeros behind."""
    text = f"{rounded(Fraction(value), places):f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"
