"""Events of outages and their callers."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from cases.event import REQUESTER, Event


class OutageLinked(Event, frozen=True, kw_only=True):
    """同一停供: what one requester reported is an outage that is known. ``number`` is the notice's.

    ``supply``: water, power, gas, heat. ``wants_news``: they are told when it is over.
    """

    kind: ClassVar[str] = "outage_linked"
    audience: ClassVar[str] = REQUESTER

    outage: UUID
    number: str
    supply: str
    request: UUID
    wants_news: bool = True


class OutageUnlinked(Event, frozen=True, kw_only=True):
    """取消关联: what one requester reported is not that outage after all; they are not told of its end."""

    kind: ClassVar[str] = "outage_unlinked"
    audience: ClassVar[str] = REQUESTER

    outage: UUID
    number: str
    supply: str
    request: UUID


class OutageOver(Event, frozen=True, kw_only=True):
    """恢复: the requester is told that it is over, once a ``round``. ``is_wrong``: the notice was withdrawn instead.

    Text: words, what was said at the end.
    """

    kind: ClassVar[str] = "outage_over"
    audience: ClassVar[str] = REQUESTER

    outage: UUID
    number: str
    supply: str
    request: UUID
    round: int = 1
    is_wrong: bool = False


class OutageStill(Event, frozen=True, kw_only=True):
    """The requester says that it is not over after all."""

    kind: ClassVar[str] = "outage_still"
    audience: ClassVar[str] = REQUESTER

    outage: UUID
    number: str
    supply: str
    request: UUID
    channel: str = "web"
