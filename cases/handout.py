"""The verifier as one file that runs with nothing but Python: ``offline.py`` with its parts put in."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_HERE = Path(__file__).resolve().parent
_PARTS = {
    "curve.py": ("", "import hashlib\n"),
    "offline_roots.py": (
        "from cases.offline_roots import check_signature, digest, good_roots, trusted_keys\n",
        "from cases.offline_says import Verdict\n",
    ),
    "offline_says.py": ("from cases.offline_says import ENDS, KINDS, TEXTS, Said, Verdict\n", "import NamedTuple\n"),
}
"""By file: the line of ``offline.py`` that imports it, and the end of its own imports."""


@cache
def verifier() -> str:
    """The text of verify.py, the same bytes whoever asks."""
    whole = (_HERE / "offline.py").read_text(encoding="utf-8")
    for name, (line, imports) in _PARTS.items():
        _, found, body = (_HERE / name).read_text(encoding="utf-8").partition(imports)
        if not found or line not in whole:
            msg = f"the verifier cannot be put together: {name}"
            raise RuntimeError(msg)
        whole = whole.replace(line, "")
        at = whole.index("\ndef main(")
        whole = whole[:at] + body.strip("\n") + "\n\n" + whole[at:]
    return whole.replace("from typing import Any\n", "from typing import Any, NamedTuple\n")
