"""Whether those concerned find it put right: one grade each, in the window, from the page of their own request.

Who gave which is shown to nobody, the centre included: it reads the words of the dissatisfied and follows the notice.
In the open stand sums only, only of as many raters as the city's rule wants, and only once the window is closed:
whoever saw them grow would read each grade in the difference, and the unit knows who asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from cases.file import CaseFile, Entry
from cases.notice_lists import PublicNotice
from cases.states import GRADES
from hotline import acts, city, db, vault
from hotline.actor import SYSTEM
from hotline.errors import Say, conflict, invalid, not_found
from hotline.work import Work

CONTEXT = "notice_rating.words"
FEW = 5
"""A cell smaller than this is not shown as a figure, an empty one neither: "all of them" names everybody who rated."""
_MINE = """
    SELECT n.id, n.slug, n.number, n.state, n.unit, n.verified_at, n.rate_until, g.grade
    FROM notice_case k JOIN notice n ON n.id = k.notice_id
    LEFT JOIN notice_rating g ON g.notice_id = n.id AND g.request_id = $2
    WHERE k.case_id IN (
            SELECT $1 UNION SELECT c.id FROM cases c JOIN request r ON r.receipt_no = c.number WHERE r.id = $2)
        AND n.published_at IS NOT NULL AND n.state <> 'withdrawn' ORDER BY n.published_at DESC
"""
_RATE = """
    INSERT INTO notice_rating (notice_id, request_id, case_id, grade, words, at) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (notice_id, request_id) DO NOTHING RETURNING notice_id
"""
_BAD = """
    SELECT g.notice_id, g.request_id, n.number, n.unit, n.matter, g.words, g.at, g.followed_at, g.follow_note FROM
        notice_rating g JOIN notice n ON n.id = g.notice_id
    WHERE g.grade = 'dissatisfied' AND (g.followed_at IS NULL OR $1) ORDER BY g.followed_at IS NOT NULL, g.at LIMIT $2
"""
_OPEN = """
    SELECT request_id FROM notice_rating WHERE notice_id = $1 AND grade = 'dissatisfied' AND followed_at IS NULL
    FOR UPDATE
"""
_FOLLOW = """
    UPDATE notice_rating SET followed_by = $3, followed_at = $4, follow_note = $5
    WHERE notice_id = $1 AND request_id = $2
"""


class Own(msgspec.Struct, frozen=True, kw_only=True):
    """A notice about a requester's case as they see it: their grade, or until when they may give one."""

    id: UUID
    slug: str
    number: str
    state: str
    unit: str
    verified_at: datetime | None
    rate_until: datetime | None
    grade: str | None

    def may_rate(self, now: datetime) -> bool:
        """Verified, not rated by them, and the window is open."""
        return (
            self.state in {"verified", "archived"} and self.grade is None and self.rate_until is not None
            and now <= self.rate_until
        )  # fmt: skip


class Bad(msgspec.Struct, frozen=True, kw_only=True):
    """A dissatisfied grade for the centre: of which notice, when, in which words; never by whom."""

    notice_id: UUID
    key: str
    number: str
    unit: str
    matter: str
    words: str
    at: datetime
    followed_at: datetime | None
    follow_note: str


async def of_request(connection: db.Connection, case_id: UUID, request_id: UUID) -> list[Own]:
    """The notices in the open about the case of this request and the one that it opened, if merged; newest first."""
    return [Own(**row) for row in await connection.fetch(_MINE, case_id, request_id)]


async def rate(work: Work, file: CaseFile, request_id: UUID, notice_id: UUID, *, grade: str, words: str = "") -> Own:
    """Grade the correction once. 404 for a notice that is not about this case, 409 twice, early or late, 422 else."""
    if grade not in GRADES:
        raise invalid({"grade": Say("请从四个评价里选一个。", "Choose one of the four.")})
    request = file.requests.get(request_id)
    if request is None or request.state in {"withdrawn", "erased"}:
        raise not_found()
    found = await of_request(work.connection, file.case.id, request_id)
    own = next((one for one in found if one.id == notice_id), None)
    if own is None:
        raise not_found()
    if own.grade is not None:
        raise _twice()
    if not own.may_rate(work.now):
        raise conflict(
            "rating_closed", "现在不能评价：要纠正核实以后，并在期限以内。",
            "It cannot be rated now: only once the correction is verified, and within its time.",
        )  # fmt: skip
    sealed = vault.seal(words.strip(), CONTEXT) if words.strip() else None
    if await work.connection.fetchval(_RATE, notice_id, request_id, file.case.id, grade, sealed, work.now) is None:
        raise _twice()
    await acts.note(work, SYSTEM, "notice.rated", f"notice:{notice_id}")  # never by whom
    return own


def _twice() -> Exception:
    return conflict("rated", "这次纠正您已经评价过了，谢谢。", "You have rated this correction already. Thank you.")


def _key(notice_id: UUID, request_id: UUID) -> str:
    """Names a grade on the page of the centre. Keyed, so that who knows the requests of a case cannot try them."""
    return vault.index(f"{CONTEXT}:{notice_id}:{request_id}").hex()


async def sums(connection: db.Connection, notice: PublicNotice, now: datetime) -> dict[str, int | None] | None:
    """How many gave each grade, None for fewer than ``FEW``; nothing before the window is closed.

    Nothing either while fewer rated than the rule ``notice.rating_least`` wants.
    """
    if notice.rate_until is None or now <= notice.rate_until:
        return None
    rows = await connection.fetch(
        "SELECT grade, count(*)::int AS n FROM notice_rating WHERE notice_id = $1 GROUP BY grade", notice.id
    )
    found = {row["grade"]: row["n"] for row in rows}
    if sum(found.values()) < int(city.current().rule("notice.rating_least")):
        return None
    return {grade: n if (n := found.get(grade, 0)) >= FEW else None for grade in GRADES}


async def dissatisfied(connection: db.Connection, *, with_followed: bool = False, limit: int = 100) -> Sequence[Bad]:
    """What the centre has to follow: dissatisfied grades, the oldest open one first."""
    found = []
    for row in await connection.fetch(_BAD, with_followed, limit):
        words = vault.unseal(row["words"], CONTEXT) if row["words"] is not None else ""
        given = {name: value for name, value in row.items() if name != "request_id"}
        found.append(Bad(**{**given, "words": words, "key": _key(row["notice_id"], row["request_id"])}))
    return found


async def follow(work: Work, notice_id: UUID, key: str, *, note: str) -> None:
    """The centre has followed a dissatisfied grade: what was done. 422 without a note, 409 when somebody did."""
    if not note.strip():
        raise invalid({"note": Say("请写明怎么处理的。", "Say what was done.")})
    left = [row["request_id"] for row in await work.connection.fetch(_OPEN, notice_id)]
    found = next((one for one in left if _key(notice_id, one) == key), None)
    if found is None:
        raise conflict("followed", "这条已经有人处理过了。", "Somebody has dealt with this one.")
    await work.connection.execute(_FOLLOW, notice_id, found, work.actor.id, work.now, note.strip())
    await acts.note(work, work.actor, "notice.rating_followed", f"notice:{notice_id}")


async def on_erased(work: Work, file: CaseFile, _: Entry) -> None:
    """What a requester said about a correction goes with their other words; the grade stays (rules.md 5)."""
    await work.connection.execute("UPDATE notice_rating SET words = NULL WHERE case_id = $1", file.case.id)
