"""What if: real history under other promises."""

from __future__ import annotations

from web.whatif import acts, pages

ROUTES = [*pages.ROUTES, *acts.ROUTES]
