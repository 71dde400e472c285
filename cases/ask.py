"""An act that asks to be done, as the demands on a move read it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from cases.file import CaseFile, Text
from hotline.actor import Actor


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """An act that asks to be done: the case, the event, its texts, who and when."""

    file: CaseFile
    event: Any
    texts: Mapping[str, Text]
    actor: Actor
    now: datetime
