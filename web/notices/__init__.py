"""Exposure and correction: the public's list, page and feed, and the screens of those who write, review and answer."""

from __future__ import annotations

from web.notices.acts import (
    approve,
    clear,
    correct,
    decide,
    edit,
    publish,
    refuse_correction,
    reply,
    send,
    send_back,
    verify,
    withdraw,
)
from web.notices.acts import archive as archive_one
from web.notices.drafts import create, drafts, new, show
from web.notices.feed import feed
from web.notices.public import notices, one

ROUTES = [
    notices, feed, one, drafts, new, create, show, edit, decide, send, reply, approve, clear, send_back, publish,
    correct, verify, refuse_correction, archive_one, withdraw,
]  # fmt: skip
