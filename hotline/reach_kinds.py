"""Kinds of message to staff that one may have in the list alone, without SMS, WeChat or e-mail. Data."""

from __future__ import annotations

from collections.abc import Mapping

from hotline.errors import Say

KINDS: Mapping[str, Say] = {
    "mine": Say("有新件、退件、批复", "A case is mine; it came back; it was decided"),
    "due": Say("快到期、已超期", "Due soon, overdue"),
    "ladder": Say("黄牌红牌、督办、批示", "Cards, orders, instructions"),
    "other": Say("会商、考核、数据申请等其他事", "Conferences, scores, data requests and the rest"),
}
"""What one chooses by; critical cases come by every door all the same."""

_GROUPS: Mapping[str, str] = {
    **dict.fromkeys((
        "dispatched", "co_handler_added", "reworked", "sent_back", "return_refused", "return_approved", "info_ended",
        "suspended", "suspension_refused", "resumed", "extension_granted", "extension_refused", "reminded", "left",
        "handed_over",
    ), "mine"),
    **dict.fromkeys(("due_soon", "breached", "overdue_told", "review_due", "extension_lapsed"), "due"),
    **dict.fromkeys((
        "warned", "ordered", "carded", "order_joined", "order_reviewed", "measured", "instructed", "law_applied",
    ), "ladder"),
}  # fmt: skip


def of(kind: str) -> str:
    """The group of a notice's kind: a key of KINDS."""
    return _GROUPS.get(kind, "other")
