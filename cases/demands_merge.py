"""What the moves of merging, unmerging and splitting demand."""

from __future__ import annotations

from collections.abc import Callable

from cases import states
from cases.ask import Ask
from hotline.errors import conflict


def _only_requester(ask: Ask) -> None:
    """To withdraw ends the case, to split changes its words: not while it holds anybody else's request."""
    if len(ask.file.requests) > 1:
        raise conflict(
            "not_alone",
            "这件事还有别的诉求人，先把这位诉求人的件拆回再办。",
            "Others wait for this case too; unmerge this requester's case first.",
        )


def _open_request(ask: Ask) -> None:
    request = ask.file.requests[ask.event.request]
    if request.state != "open":
        raise states.impossible(ask.event.kind, states.REQUEST_STATES[request.state])


RULES: dict[str, Callable[[Ask], None]] = {"only_requester": _only_requester, "open_request": _open_request}
