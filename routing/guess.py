"""What the classifier answers, and the one place that asks: from words to matters, or a refusal to say.

Pure and in memory; ``routing.classifier`` puts the live model in place, in the web process and in the worker.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

MOST = 5
"""As many as there are number keys."""


class Guess(msgspec.Struct, frozen=True):
    """One matter, how probable it is (calibrated, 0 to 1) and the stretches of the words that speak for it."""

    matter: str
    probability: float
    words: tuple[str, ...] = ()


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """The most probable matters, best first. ``is_sure``: the first may be taken without asking a person.

    ``model`` names the version that answered, "" when there is none.
    """

    ranked: tuple[Guess, ...] = ()
    is_sure: bool = False
    model: str = ""


class Model(Protocol):
    """A trained model as the rest of the house sees it."""

    def suggest(self, words: str, *, most: int = MOST) -> Suggestion:
        """The most probable matters for ``words``; never raises, whatever was typed."""
        ...


_live: Model | None = None


def use(model: Model | None) -> None:
    """Put a model in place for this process; None takes it away."""
    global _live  # one process, one model
    _live = model


def suggest(words: str, *, most: int = MOST) -> Suggestion:
    """What the live model makes of ``words``; an empty suggestion without a model. About a millisecond."""
    if _live is None or not words.strip():
        return Suggestion()
    return _live.suggest(words, most=most)


def current() -> Model | None:
    """The model of this process, if any."""
    return _live
