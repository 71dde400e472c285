"""The black list of a published sheet outside the house: only who was on it when somebody else agreed to that."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from hotline import acts, db
from hotline.errors import Refusal, Say, conflict
from hotline.work import Work
from sla import scores_frozen, scores_sheet
from sla.scores import Row
from sla.scores_sheet import Sheet

_APPROVED = """
    SELECT b.sheet_id, b.approved_at, b.approved_by FROM score_black_list b JOIN score_sheet s ON s.id = b.sheet_id
    WHERE s.preset = $1 AND s.period = $2 ORDER BY b.approved_at
"""


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """What of a black list is public. ``waits``: units that came onto it since, by an amendment, without approval."""

    rows: tuple[Row, ...] = ()
    waits: tuple[Row, ...] = ()
    at: datetime | None = None
    by: UUID | None = None

    @property
    def is_whole(self) -> bool:
        """The list as it is now was approved."""
        return self.at is not None and not self.waits


async def opened(connection: db.Connection, sheet: Sheet, kept: Sequence[Sheet]) -> Opened:
    """The black list as everybody may see it; ``kept`` are the revisions of the sheet, the first first."""
    black = tuple(scores_sheet.red_and_black(sheet)[1])
    approved = await connection.fetch(_APPROVED, sheet.preset, sheet.body.period)
    if not approved:
        return Opened(waits=black)
    seen = {row["sheet_id"] for row in approved}
    agreed = {one.unit for old in kept if old.id in seen for one in scores_sheet.red_and_black(old)[1]}
    return Opened(
        rows=tuple(one for one in black if one.unit in agreed), at=approved[-1]["approved_at"],
        waits=tuple(one for one in black if one.unit not in agreed), by=approved[-1]["approved_by"],
    )  # fmt: skip


async def approve(work: Work, preset: str, period: str) -> None:
    """同意公开末位名单, as it is now; a second time is nothing.

    409 ``not_frozen``; ``own_decision`` for who published the scores.
    """
    kept = await scores_frozen.revisions(work.connection, preset, period)
    if not kept:
        raise conflict("not_frozen", "先核定公布这期考核。", "Publish the scores of this period first.")
    if kept[0].frozen_by == work.actor.id:
        raise Refusal(409, "own_decision", Say("核定这期的人不能再同意公开末位名单，请另一位同事来。",
                                               "Who published the scores does not open the bottom list too."))
    done = await work.connection.execute(
        "INSERT INTO score_black_list (sheet_id, approved_at, approved_by) VALUES ($1, $2, $3)"
        " ON CONFLICT DO NOTHING", kept[-1].id, work.now, work.actor.id,
    )  # fmt: skip
    if done.endswith("1"):
        await acts.note(work, work.actor, "score_black_list_opened", f"score:{preset}:{period}")
