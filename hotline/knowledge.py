"""Knowledge for everybody else: look an answer up, leave a draft. What an article's people do: ``knowledge_verbs``.

Only what is in force and not past its review date is found here, whoever asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from hotline import db, knowledge_search, knowledge_verbs
from hotline.actor import Actor
from hotline.knowledge_search import Hit

__all__ = ["Hit", "draft", "search"]


async def search(
    connection: db.Connection, words: str, *, matter: str = "", county: str = "", limit: int = 5, public: bool = False,
    matters: Sequence[str] = (),
) -> list[Hit]:
    """Answers to what a citizen says, the likeliest first; for the ``public`` without the agent's note.

    ``matter`` is one that a person chose, ``matters`` those that the model proposes, likeliest first; an article of
    another county than ``county`` is never offered, one for the whole city always may be.
    """
    return await knowledge_search.search(
        connection, words, matter=matter, matters=matters, county=county, limit=limit, public=public
    )


async def draft(
    connection: db.Connection, actor: Actor, *, question: str, answer: str, matter: str = "", county: str = "",
    owner: str, source: str = "",
) -> UUID:
    """A draft for ``owner``'s people to finish, from a gap (``gap:<id>``) or a unit's answer (``case:<number>``).

    In the caller's transaction. The same source twice gives the same article. 422 for an unknown unit or no question.
    """
    return await knowledge_verbs.draft(
        connection, actor, question=question, answer=answer, matter=matter, county=county, owner=owner, source=source
    )
