"""Exposure and correction: the public's list, page and feed, and the screens of those who write, review and answer."""

from __future__ import annotations

from web.notices import checking, errata, evidence, ratings, subscribe
from web.notices.acts import (
    approve,
    clear,
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
from web.notices.public import changes, notices, one

ROUTES = [
    notices, feed, changes, one, drafts, new, create, show, edit, decide, send, reply, approve, clear, send_back,
    publish, verify, refuse_correction, archive_one, withdraw, *evidence.ROUTES, *errata.ROUTES, *ratings.ROUTES,
    *subscribe.ROUTES, *checking.ROUTES,
]  # fmt: skip
