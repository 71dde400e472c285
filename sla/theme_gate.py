"""What of a theme is going to be read by everybody is looked through first: it fails closed.

No name, number, plate or door in it, and no word, name or number that one of its cases holds (rules.md 10).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from cases import gate, redaction
from hotline import db
from hotline.errors import Refusal, Say, invalid

MOST = 400
"""Cases whose own words a text is compared with: the newest of a theme."""
_SHOWN = 12


async def check(connection: db.Connection, texts: Mapping[str, str], cases: Iterable[UUID]) -> None:
    """Pass, or refuse with 422 and each field's finds; what cannot be read lets nothing pass."""
    wrong = {name: found for name, text in texts.items() if (found := _plain(text))}
    for case in list(cases)[:MOST]:
        try:
            known = await gate.known(connection, case)
        except Refusal as refusal:
            if refusal.code != "erased":
                raise
            continue  # nothing personal is left of it that a text could repeat
        for one in gate.finds(texts, known):
            wrong.setdefault(one.field, []).append(one.text)
    if wrong:
        raise invalid({name: _say(found) for name, found in wrong.items()}, "personal")


def _plain(text: str) -> list[str]:
    return [one.text for one in redaction.finds(text)]


def _say(found: Sequence[str]) -> Say:
    shown = [one if len(one) <= _SHOWN else one[:_SHOWN] + "…" for one in dict.fromkeys(found)][:5]
    zh, en = "”“".join(shown), "”, “".join(shown)
    return Say(
        f"“{zh}”可能让人认出是谁，或是来件人的原话，请改写后再提交。",
        f"“{en}” may tell who somebody is, or is what a requester said: write it otherwise.",
    )
