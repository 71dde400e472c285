"""Sentences of the log of acts, and the pages they lead to, of each area that has a file of its own. One line each."""

from __future__ import annotations

from hotline.errors import Say
from web.admin import (
    sentences_access,
    sentences_answers,
    sentences_bulletin,
    sentences_hot,
    sentences_knowledge,
    sentences_machine,
    sentences_people,
    sentences_ratings,
    sentences_shift,
)

KINDS: dict[str, Say] = {
    **sentences_hot.KINDS,
    **sentences_ratings.ACTS,
    **sentences_answers.KINDS,
    **sentences_bulletin.KINDS,
    **sentences_shift.KINDS,
    **sentences_knowledge.KINDS,
    **sentences_people.KINDS,
    **sentences_access.KINDS,
    **sentences_machine.KINDS,
}
URLS: dict[str, str] = {
    **sentences_shift.URLS,
    **sentences_knowledge.URLS,
}
more = sentences_shift.more
