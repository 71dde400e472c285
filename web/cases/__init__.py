"""The queue and the case page, with every act that staff do on a case."""

from __future__ import annotations

from web.cases import (
    closing_acts,
    dispatch_acts,
    explained,
    intake_acts,
    queue,
    requester_acts,
    supervision_acts,
    transfers,
    unit_acts,
)
from web.cases.attachments import download
from web.cases.page import show

ROUTES = [
    *queue.ROUTES, show, download, *explained.ROUTES, *intake_acts.ROUTES, *dispatch_acts.ROUTES, *unit_acts.ROUTES,
    *closing_acts.ROUTES, *requester_acts.ROUTES, *supervision_acts.ROUTES,
    *transfers.ROUTES,
]  # fmt: skip

__all__ = ["ROUTES"]
