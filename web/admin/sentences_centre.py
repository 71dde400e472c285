"""Sentences of the log of acts, and their pages: running the centre. One line each."""

from __future__ import annotations

from hotline.errors import Say
from web.admin import sentences_knowledge, sentences_shift

KINDS: dict[str, Say] = {
    **sentences_shift.KINDS,
    **sentences_knowledge.KINDS,
}
URLS: dict[str, str] = {
    **sentences_shift.URLS,
    **sentences_knowledge.URLS,
}
more = sentences_shift.more
