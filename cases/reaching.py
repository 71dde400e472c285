"""Whether a requester can be asked something without a call: by a message that they answer, or on their own page."""

from __future__ import annotations

from cases.rows import RequestRow
from hotline import vault
from hotline.accounts import is_mobile

ANSWERED = frozenset({"sms", "wechat", "email", "web"})
"""Ways by which a question is answered without a call."""


def by_message(request: RequestRow) -> bool:
    """Whether a message, or their own page, can ask them for a grade; nobody is asked who stayed anonymous."""
    if request.is_anonymous:
        return False
    if {request.reply_by, request.second_by} & ANSWERED:
        return True
    return request.phone is not None and is_mobile(vault.unseal(request.phone, "case_text.phone"))
