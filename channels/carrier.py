"""The port to whoever carries messages and calls: what is handed over, and the four ways in which it can fail.

Twilio, WeChat and an SMTP server are adapters; a city's SMS gateway or CTI is another. Nothing here speaks to anyone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

import msgspec


class Facts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The values that a text is made of, for doors that send fields instead of a text (WeChat templates, web hooks).

    Already as long as a template's fields are: state at most 5 Chinese characters, subject and remark 20. ``title`` is
    the subject line of a mail; it holds the receipt number, by which an answer finds its case. A report or confidential
    case has no subject. ``ends`` is where one tap ends a subscription (RFC 8058); only news of notices have it.
    """

    number: str = ""
    subject: str = ""
    state: str = ""
    due: str = ""
    remark: str = ""
    url: str = ""
    title: str = ""
    ends: str = ""


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """One message on its way out. ``key`` is its own for ever: a provider that knows such keys sends it once."""

    id: UUID
    key: str
    channel: str
    address: str
    text: str
    name: str = ""
    facts: Facts = Facts()
    case_id: UUID | None = None
    request_id: UUID | None = None


class NotSentError(Exception):
    """It did not leave; ``code`` is the provider's code, never its words, which quote numbers."""

    outcome = "later"

    def __init__(self, code: str = "", *, after: float | None = None, is_one: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.after = after
        self.is_one = is_one
        """Only this receiver is away: the door serves others meanwhile and does not rest."""


class Later(NotSentError):  # noqa: N818 - what it means, not that it is one
    """A failure that passes: busy, away, too many at once. ``after``: seconds, where the provider says them."""


class Never(NotSentError):  # noqa: N818 - the same
    """A failure that stays: no such number, refused content. A dead letter, which a person may replay."""

    outcome = "never"


class Silent(NotSentError):  # noqa: N818 - the same
    """The receiver wants nothing more by this door: STOP, unsubscribed, blocked."""

    outcome = "silent"


Sender = Callable[[Outgoing], Awaitable[str]]
"""``await send(message)`` gives the provider's id of it ("" where it has none); raises one of the three above."""
