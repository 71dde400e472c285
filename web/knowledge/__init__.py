"""Knowledge: articles, their life, search, gaps; the public's questions and answers."""

from __future__ import annotations

from typing import Any

ROUTES: list[Any] = []
