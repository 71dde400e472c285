"""The unit's workbench: its cases in bands by time left, the chosen one with its acts, and the head's approvals."""

from __future__ import annotations

from web.unit import approvals, pages

ROUTES = [pages.workbench_page, pages.sign_order, approvals.approvals, approvals.set_approval]
