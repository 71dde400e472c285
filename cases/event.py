"""What every event has: a kind, an audience and a version. The kinds stand in ``cases/events.py`` and beside it."""

from __future__ import annotations

from typing import ClassVar

import msgspec

REQUESTER = "requester"
STAFF = "staff"
CENTRE = "centre"


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What every kind has: who may see its sentence, and the version of its fields.

    ``audience``: requester (the requester too), staff (the centre and the units), centre (not the units).
    """

    kind: ClassVar[str]
    audience: ClassVar[str] = STAFF
    version: ClassVar[int] = 1
