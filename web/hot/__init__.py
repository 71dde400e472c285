"""Hot issues: what emerges, trends and what is ahead, monthly themes, tasks before complaints, official answers."""

from __future__ import annotations

from web.hot import analysis, issues, own, public, tasks, theme_acts, themes

ROUTES = [
    *issues.ROUTES, *analysis.ROUTES, *themes.ROUTES, *theme_acts.ROUTES, *tasks.ROUTES, *own.ROUTES, *public.ROUTES
]  # fmt: skip
