"""Who found something is forgotten once nothing is owed any more: name, number and account of settled findings.

What was paid stays with its payment, sealed: it is the voucher of an outlay (会计档案), not a record of the finder.
"""

from __future__ import annotations

from datetime import timedelta

from cases import redaction
from hotline import acts, city, clock, vault
from hotline.actor import SYSTEM
from hotline.work import Work, work
from sla import bounties

RULE = "bounty.keep_days"
AT_ONCE = 200
_RIPE = """
    SELECT f.id, f.number, f.words FROM bounty_finding f LEFT JOIN bounty_payment p ON p.finding_id = f.id
    WHERE f.forgotten_at IS NULL AND coalesce(p.paid_at, f.appeal_decided_at, f.reviewed_at) < $1
        AND (f.state IN ('refused', 'duplicate', 'overturned') OR p.state = 'paid')
        AND (f.appealed_at IS NULL OR f.appeal_decided_at IS NOT NULL)
    ORDER BY f.filed_at LIMIT $2 FOR UPDATE OF f SKIP LOCKED
"""
_FORGET = """
    UPDATE bounty_finding SET finder = $2, phone = $3, phone_index = $4, payee = NULL, account_id = NULL, words = $5,
        forgotten_at = $6 WHERE id = $1
"""


async def sweep() -> int:
    """Forget the finders of findings that were settled rule ``bounty.keep_days`` ago; how many. Safe twice."""
    done = 0
    while True:
        async with work(SYSTEM) as w:
            got = await _some(w)
        done += got
        if got < AT_ONCE:
            return done


async def _some(w: Work) -> int:
    before = clock.now() - timedelta(days=int(city.current().rule(RULE)))
    rows = await w.connection.fetch(_RIPE, before, AT_ONCE)
    for row in rows:
        who = await bounties.finder(w.connection, row["id"])
        words = redaction.redact(row["words"], redaction.finds(row["words"], (who.name,) if who.name else ()))
        await w.connection.execute(
            _FORGET, row["id"], *bounties.nobody(), vault.index(f"forgotten:{row['id']}"), words, w.now
        )
        await acts.note(w, SYSTEM, "bounty_finder_forgotten", f"bounty_finding:{row['number']}")
    return len(rows)
