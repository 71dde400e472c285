"""By which ways a requester can be asked something: a message that they can answer, or their own page."""

from __future__ import annotations

from cases.rows import RequestRow
from hotline import masks, vault

ANSWERED = frozenset({"sms", "wechat", "email", "web"})
"""Ways by which a question is answered without a call."""


def mobile(request: RequestRow) -> str:
    """Their own number where it takes an SMS, else ""."""
    if request.phone is None:
        return ""
    number = vault.unseal(request.phone, "case_text.phone")
    return number if masks.is_mobile(number) else ""


def by_message(request: RequestRow) -> bool:
    """Whether a message, or their own page, can ask them for a grade."""
    return bool({request.reply_by, request.second_by} & ANSWERED) or bool(mobile(request))
