"""A grade by the keys of a telephone: after a talk, whoever called has something closed and not rated yet (2.9).

Asked of the number that the request was filed with only, once a request, within its days; never of a sealed one.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from cases import track, verbs
from cases.states import GRADES, RATEABLE
from channels import calls, phones
from channels import voice_texts as texts
from channels.calls import Call
from channels.phones import Script
from hotline import city, clock, db, vault
from hotline.actor import CITIZEN
from hotline.work import work

KEYS = dict(zip("1234", GRADES, strict=True))
"""The same order as in the SMS."""
_THEIRS = """
    SELECT r.id, r.receipt_no FROM request r JOIN cases c ON c.id = r.case_id
    WHERE r.phone_index = ANY($1::bytea[]) AND c.state = ANY($2::text[]) AND c.closed_at > $3
        AND c.kind <> 'report' AND NOT c.is_confidential AND NOT r.is_anonymous AND r.rated_at IS NULL
        AND r.state NOT IN ('withdrawn', 'erased') AND c.close_reason IS DISTINCT FROM 'withdrawn'
    ORDER BY c.closed_at DESC, r.id LIMIT 1
"""
_OWN = "SELECT receipt_no FROM request WHERE id = $1 AND phone_index = ANY($2::bytea[])"


async def offer(call: Call) -> Script | None:
    """The question about what ended last and has no grade; None when nothing of this number waits for one."""
    if not call.number or call.answered_at is None or call.direction != calls.IN:
        return None
    window = timedelta(days=int(city.current().rule("rating.window_days")))
    async with db.reading() as connection:
        found = await connection.fetchrow(
            _THEIRS, vault.phone_indexes(call.number), sorted(RATEABLE), clock.now() - window
        )
    if found is None:
        return None
    say = texts.GRADE.zh.format(number=texts.spoken(found["receipt_no"].replace("-", "")))
    return Script(says=(say,), then=phones.ASK, call=call.id, more=str(found["id"]))


async def graded(call_id: UUID, request: UUID | None, key: str) -> Script:
    """The key that was pressed: a grade, or why it is none. Another number's request is nobody's to rate here."""
    async with db.reading() as connection:
        call = await calls.found(connection, call_id)
        number = await connection.fetchval(_OWN, request, vault.phone_indexes(call.number)) if call.number else None
    if number is None:
        return Script(says=(texts.GOODBYE.zh,))
    if key not in KEYS:
        return Script(says=(texts.GRADE_NONE.zh,))
    async with work(CITIZEN) as w:
        file, own = await track.opened(w, number)
        if own.rated_at is not None:
            say = texts.GRADE_BEFORE
        elif not track.may_rate(file, own, w.now):
            say = texts.GRADE_LATE
        else:
            await verbs.rate(w, file, own, grade=KEYS[key], channel="voice", raw=key)
            say = texts.GRADED
    return Script(says=(say.zh,))
