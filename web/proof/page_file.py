"""The verifier as one HTML file to save and open offline: template, script and style put together, once a process."""

from __future__ import annotations

from functools import cache
from json import dumps
from pathlib import Path

from cases.offline_says import ENDS, KINDS, TEXTS

_SAID = {"KINDS": KINDS, "TEXTS": TEXTS, "ENDS": ENDS}
_HERE = Path(__file__).resolve().parent


@cache
def page() -> str:
    """The page, complete in itself: it loads nothing."""
    html = (_HERE / "verify.html").read_text(encoding="utf-8")
    script = (_HERE / "verify.js").read_text(encoding="utf-8")
    words = "".join(f"const {name} = {dumps(said, ensure_ascii=False)};\n" for name, said in _SAID.items())
    return html.replace("/* script */", words + script)
