"""Bounties (有奖找茬): findings, their review, payment, points."""

from __future__ import annotations

from typing import Any

ROUTES: list[Any] = []
