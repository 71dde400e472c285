"""How often something guessable may be tried: passwords, query codes. Counted in PostgreSQL, one statement a try."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from hotline import clock, db
from hotline.errors import too_many


async def count(purpose: str, subject: str, *, limit: int, pause: timedelta) -> None:
    """Count one try; a 429 refusal from the one after ``limit`` on, until ``pause`` is over.

    Count before looking whether the try is right, so that parallel guesses cannot slip past, and call ``forget``
    when it was. The subject (a login and address, a receipt number) is kept as a hash only.
    """
    now = clock.now()
    async with db.reading() as connection:
        tries = await connection.fetchval(
            """INSERT INTO try_count AS t (purpose, subject, tries, until) VALUES ($1, $2, 1, $4)
            ON CONFLICT (purpose, subject) DO UPDATE SET
                tries = CASE WHEN t.until <= $3 THEN 1 ELSE least(t.tries + 1, $5 + 1) END,
                until = CASE WHEN t.until > $3 AND t.tries >= $5 THEN t.until ELSE $4 END
            RETURNING tries""",
            purpose, _digest(subject), now, now + pause, limit,
        )  # fmt: skip
    if tries > limit:
        minutes = int(pause.total_seconds() // 60)
        zh, en = (f"{minutes} 分钟", f"{minutes} minutes") if minutes < 120 else (
            f"{minutes // 60} 小时", f"{minutes // 60} hours"
        )  # fmt: skip
        raise too_many(f"错得太多次了，请 {zh}后再试。", f"Too many wrong tries. Try again in {en}.")


async def forget(purpose: str, subject: str) -> None:
    """The last try was right: the count starts again."""
    async with db.reading() as connection:
        await connection.execute(
            "DELETE FROM try_count WHERE purpose = $1 AND subject = $2", purpose, _digest(subject)
        )


async def give_back(purpose: str, subject: str) -> None:
    """This one try was right, the wrong ones before it still count: for a subject that many numbers share."""
    async with db.reading() as connection:
        await connection.execute(
            "UPDATE try_count SET tries = greatest(tries - 1, 0) WHERE purpose = $1 AND subject = $2",
            purpose, _digest(subject),
        )  # fmt: skip


async def sweep() -> None:
    """Drop the counts that have run out."""
    async with db.reading() as connection:
        await connection.execute("DELETE FROM try_count WHERE until < $1", clock.now())


def _digest(subject: str) -> bytes:
    return hashlib.sha256(subject.encode()).digest()
