"""The telephone floor: seats, the ringing call, call-back tasks, recordings, the figures of each line and hour."""

from __future__ import annotations

from web.floor import bridging, calling, figures, recordings, seat

ROUTES = [*seat.ROUTES, *calling.ROUTES, *figures.ROUTES, *recordings.ROUTES, *bridging.ROUTES]
