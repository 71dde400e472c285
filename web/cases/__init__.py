"""The queue and the case page, with every act that staff do on a case."""

from __future__ import annotations

from web.cases import (
    audit_acts,
    care_acts,
    closing_acts,
    conference_acts,
    desk_acts,
    dispatch_acts,
    explained,
    extend_acts,
    hands_acts,
    intake_acts,
    ladder_acts,
    merge_acts,
    pause_acts,
    queue,
    rating_acts,
    requester_acts,
    route_acts,
    same_outage,
    supervision_acts,
    to_article,
    transfers,
    unit_acts,
    visit_acts,
)
from web.cases.attachments import download
from web.cases.page import show

ROUTES = [
    *queue.ROUTES, show, download, *explained.ROUTES, *intake_acts.ROUTES, *dispatch_acts.ROUTES, *unit_acts.ROUTES,
    *closing_acts.ROUTES, *requester_acts.ROUTES, *supervision_acts.ROUTES,
    *transfers.ROUTES, *care_acts.ROUTES, *hands_acts.ROUTES, *conference_acts.ROUTES, *merge_acts.ROUTES,
    *route_acts.ROUTES, *same_outage.ROUTES, *to_article.ROUTES,
    *pause_acts.ROUTES, *extend_acts.ROUTES, *ladder_acts.ROUTES, *visit_acts.ROUTES, *audit_acts.ROUTES,
    *rating_acts.ROUTES, *desk_acts.ROUTES,
]  # fmt: skip

__all__ = ["ROUTES"]
