"""Two cases abreast: merge and unmerge."""

from __future__ import annotations

from typing import Any

from web.merging import pages

ROUTES: list[Any] = [*pages.ROUTES]
