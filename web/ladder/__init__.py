"""The ladder's papers: orders, interviews, bulletins, accountability, leaders' instructions, the rule table."""

from __future__ import annotations

from web.ladder import case, instructions, orders, overview, paper_steps, papers, rules

ROUTES = [
    *overview.ROUTES,
    *case.ROUTES,
    *orders.ROUTES,
    *instructions.ROUTES,
    *rules.ROUTES,
    *papers.ROUTES,
    *paper_steps.ROUTES,
]
