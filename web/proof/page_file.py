"""The verifier as one HTML file to save and open offline: template, script and style put together, once a process."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_HERE = Path(__file__).resolve().parent


@cache
def page() -> str:
    """The page, complete in itself: it loads nothing."""
    html = (_HERE / "verify.html").read_text(encoding="utf-8")
    script = (_HERE / "verify.js").read_text(encoding="utf-8")
    return html.replace("/* script */", script)
