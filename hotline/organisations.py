"""The unified social credit code of an organisation (GB 32100-2015): 18 characters, the last checks the rest. Pure."""

from __future__ import annotations

import unicodedata

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Digits and capitals without I, O, S, V and Z; a character's place is its value."""
LENGTH = 18


def tidy(text: str) -> str:
    """The code as it is printed: half-width capitals, no blanks or dashes."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).upper() if c.isalnum())


def check_character(first: str) -> str:
    """The 18th character of a code from its first 17: weights 3^i mod 31 (GB 32100-2015, 5.5)."""
    total = sum(ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(first))
    return ALPHABET[(31 - total % 31) % 31]


def is_code(text: str) -> bool:
    """Whether ``text``, tidied already, is a code whose check character fits."""
    if len(text) != LENGTH or any(c not in ALPHABET for c in text):
        return False
    return check_character(text[:-1]) == text[-1]
