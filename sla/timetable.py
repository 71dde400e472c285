"""All that happens by itself when its time has come, in one list that the sweep goes through."""

from __future__ import annotations

from sla import reminding, timed_ladder, timed_pause
from sla.timed import Timed

TIMED: tuple[Timed, ...] = (*reminding.TIMED, *timed_ladder.TIMED, *timed_pause.TIMED)
