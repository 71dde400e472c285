"""What was taken as the answer of a call, as it stands in the form: an article in its version, or an outage. Pure."""

from __future__ import annotations

import contextlib
from uuid import UUID

from channels.message import Decision


def article_of(text: str) -> tuple[UUID | None, int]:
    """The article and its version that ``<id>:<version>`` names."""
    identifier, _, version = text.partition(":")
    return identified(identifier), int(version) if version.isascii() and version.isdigit() else 0


def identified(text: str) -> UUID | None:
    """The id that a text is, if it is one."""
    with contextlib.suppress(ValueError):
        return UUID(text)
    return None


def decision(reply: str, article: str, outage: str, *, tells: bool) -> Decision:
    """Answered at once: in these words, with what they came from."""
    identifier, version = article_of(article)
    return Decision(
        outcome="answer", reply=reply, article=str(identifier) if identifier else "", version=version,
        outage=identified(outage), tells=tells,
    )  # fmt: skip
