"""What outages and their callers demand beyond the state."""

from __future__ import annotations

from collections.abc import Callable

from cases.ask import Ask
from hotline.errors import conflict


def _no_report_by_outage(ask: Ask) -> None:
    if ask.file.case.kind == "report":
        raise conflict(
            "report_by_outage", "举报件不能按停供通知答复，请照常受理。",
            "A report of a violation is not answered by an outage notice; take it up as usual.",
        )  # fmt: skip


RULES: dict[str, Callable[[Ask], None]] = {"no_report_by_outage": _no_report_by_outage}
