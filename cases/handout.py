"""The verifier as one file that runs with nothing but Python: ``offline.py`` with its curve put in."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_HERE = Path(__file__).resolve().parent
_IMPORT = "from cases.curve import signature_holds\n"


@cache
def verifier() -> str:
    """The text of verify.py, the same bytes whoever asks."""
    curve = (_HERE / "curve.py").read_text(encoding="utf-8").partition("import hashlib\n")[2]
    main = (_HERE / "offline.py").read_text(encoding="utf-8")
    head, found, rest = main.partition(_IMPORT)
    if not found or not curve:
        msg = "the verifier cannot be put together"
        raise RuntimeError(msg)
    at = rest.index("\ndef main(")
    return head + rest[:at] + curve.strip("\n") + "\n\n" + rest[at:]
