"""The supervisor's board: figures that lead to lists, units by stage, today by the hour, alerts, orders, records."""

from __future__ import annotations

from web.supervisor import alerts, board, lines, lists

ROUTES = [
    board.board, board.figures, alerts.alerts, alerts.answer, lists.orders, lists.sheets, lists.records,
    *lines.ROUTES,
]  # fmt: skip
