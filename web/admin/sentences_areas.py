"""The sentences of every area that keeps its own, in one table for the log of acts."""

from __future__ import annotations

from hotline.errors import Say
from web.admin import (
    sentences_answers,
    sentences_bulletin,
    sentences_hot,
    sentences_ratings,
    sentences_shift,
)

KINDS: dict[str, Say] = {
    **sentences_hot.KINDS,
    **sentences_ratings.ACTS,
    **sentences_bulletin.KINDS,
    **sentences_shift.KINDS,
    **sentences_answers.KINDS,
}
