"""The web chat: the citizen's page and the agent's side."""

from __future__ import annotations

from web.chat import desk, public, transcript

ROUTES = [*public.ROUTES, *desk.ROUTES, *transcript.ROUTES]
