"""Checks of choosing where a case goes."""

from __future__ import annotations

from collections.abc import Callable

from cases.ask import Ask
from hotline import city, clock
from hotline.errors import Say, invalid


def _another_matter(ask: Ask) -> None:
    """A correction names a matter of today's catalogue, and another one than the case has."""
    if city.current().matter(ask.event.new, clock.local_day(ask.now)) is None:
        raise invalid({"matter": Say("请选一个事项。", "Choose a matter.")})
    if ask.event.new == ask.file.case.matter:
        raise invalid({"matter": Say("现在就是这个事项，请另选。", "That is its matter already; choose another.")})


RULES: dict[str, Callable[[Ask], None]] = {"another_matter": _another_matter}
