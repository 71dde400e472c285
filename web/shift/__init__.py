"""Running a shift: hand-over notes, refused numbers, surge mode."""

from __future__ import annotations

from web.shift import appeals, handover, notes, propose, refused, surge

ROOMS = (handover, notes, refused, propose, appeals, surge)
ROUTES = [route for room in ROOMS for route in room.ROUTES]
