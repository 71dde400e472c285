"""The pass that a right query code gives: a signed cookie for one receipt and half an hour, not a session."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime, timedelta

from litestar.types import Scope

from hotline import clock
from web import cookies, security

COOKIE = "hl_track"
UNSTORED = {"Cache-Control": "no-store"}
"""For pages with a person's own words, number or code: a shared computer keeps no copy of them."""
LASTS = timedelta(minutes=30)


def give_pass(scope: Scope, number: str) -> None:
    """Let this browser open the page of this receipt for a while."""
    until = int((clock.now() + LASTS).timestamp())
    text = f"{number}.{until}"
    cookies.put(scope, COOKIE, f"{text}.{security.sign('track', text)}", seconds=int(LASTS.total_seconds()))


def has_pass(scope: Scope, number: str) -> bool:
    """Whether this browser has shown the code of this receipt and its time is not over."""
    text, _, mark = cookies.get(scope, COOKIE).rpartition(".")
    held, _, until = text.partition(".")
    if not hmac.compare_digest(mark.encode(), security.sign("track", text).encode()) or held != number:
        return False
    return clock.now() < datetime.fromtimestamp(int(until), UTC)


def drop_pass(scope: Scope) -> None:
    """Close the page for this browser."""
    cookies.drop(scope, COOKIE)
