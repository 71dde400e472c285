"""Where somebody may be sent on to after signing in."""

from __future__ import annotations


def own_path(text: str) -> str:
    """``text`` if it is a path of this site, else ""; never another site, whatever browsers make of slashes."""
    is_path = text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable() and "\\" not in text
    return text if is_path and len(text) < 2000 else ""
