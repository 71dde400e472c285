"""The areas that define kinds of events of their own; importing them is what makes the kinds known."""

from __future__ import annotations

from cases import (  # noqa: F401 - imported for what they define
    events_audit,
    events_care,
    events_conference,
    events_desk,
    events_extend,
    events_hands,
    events_knowledge,
    events_ladder,
    events_merge,
    events_notice,
    events_outage,
    events_pause,
    events_rating,
    events_remind,
    events_route,
    events_site,
    events_theme,
    events_visit,
)
