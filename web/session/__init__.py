"""The way in and out, the preferences of this browser, and what every page needs."""

from __future__ import annotations

from web.live import live
from web.observe import health, metrics, ready
from web.session import factor, locks, password, reset, security, sso
from web.session.pages import change_preferences, home, preferences, renew_time_left, sign_in, sign_in_page, sign_out

ROUTES = [
    home, sign_in_page, sign_in, sign_out, preferences, change_preferences, renew_time_left, live, health, ready,
    metrics,
    *factor.ROUTES, *password.ROUTES, *reset.ROUTES, *security.ROUTES, *locks.ROUTES, *sso.ROUTES,
]  # fmt: skip
