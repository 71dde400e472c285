"""The telephone floor: seats, the ringing call, call-back tasks, recordings, the figures of each line and hour."""

from __future__ import annotations

from web.floor import bridging, calling, figures, helping, now, recordings, seat

ROOMS = (seat, helping, now, calling, figures, recordings, bridging)
ROUTES = [route for room in ROOMS for route in room.ROUTES]
