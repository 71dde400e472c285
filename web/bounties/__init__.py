"""Bounties for found faults (有奖找茬): campaigns, findings, reviews, payments; and their public pages."""

from __future__ import annotations

from typing import Any

from web.bounties import acts, campaigns, pages, payments, public

ROUTES: list[Any] = [*public.ROUTES, *campaigns.ROUTES, *payments.ROUTES, *pages.ROUTES, *acts.ROUTES]
