"""What each county has: open now, and filed and ended in a span of days. The rows add up to the whole (rules.md 9).

A case belongs to one county for good, ``city`` where the place is unknown, abolished counties included; so nothing is
counted twice and nothing is left out.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from cases import scope
from hotline import db
from hotline.actor import Actor

_OPEN = """
    SELECT {group} AS code, count(*) AS open, count(*) FILTER (WHERE c.state = 'registered') AS to_accept,
        count(*) FILTER (WHERE c.next_due < $1) AS late
    FROM cases c WHERE c.is_open AND {where} GROUP BY GROUPING SETS (({group}), ())
"""
_FILED = """
    SELECT {group} AS code, count(*) AS filed, count(*) FILTER (WHERE c.kind = 'complaint') AS complaints,
        count(*) FILTER (WHERE c.is_enterprise) AS enterprise
    FROM cases c WHERE c.opened_at >= $1 AND c.opened_at < $2 AND {where} GROUP BY GROUPING SETS (({group}), ())
"""
_ENDED = """
    SELECT {group} AS code, count(*) AS ended
    FROM cases c WHERE c.closed_at >= $1 AND c.closed_at < $2 AND {where} GROUP BY GROUPING SETS (({group}), ())
"""
_PORTAL = """
    SELECT r.portal AS code, count(*) AS by_portal FROM request r JOIN cases c ON c.id = r.case_id
    WHERE r.portal IS NOT NULL AND r.filed_at >= $1 AND r.filed_at < $2 AND {where}
    GROUP BY GROUPING SETS ((r.portal), ())
"""
WHOLE = ""
"""The code of the row that counts all of them."""


class Tally(msgspec.Struct, kw_only=True):
    """One county's figures; ``code`` WHOLE is all that the viewer may see, counted by itself."""

    code: str
    open: int = 0
    to_accept: int = 0
    late: int = 0
    filed: int = 0
    complaints: int = 0
    enterprise: int = 0
    ended: int = 0
    by_portal: int = 0


async def tallies(
    connection: db.Connection, actor: Actor, now: datetime, since: datetime, until: datetime, *, county: str = ""
) -> dict[str, Tally]:
    """The figures of each county that has any, and of the whole, as far as the actor may see; four statements.

    ``since`` and ``until`` bound what was filed and ended. With ``county`` its townships instead ("" is unknown).
    """
    found: dict[str, Tally] = {WHOLE: Tally(code=WHOLE)}
    group = "coalesce(c.township, '-')" if county else "c.county"
    asked: list[tuple[str, list[Any]]] = [(_OPEN, [now]), (_FILED, [since, until]), (_ENDED, [since, until])]
    if not county:
        asked.append((_PORTAL, [since, until]))
    for sql, given in asked:
        args = [*given, *([county] if county else [])]
        where, more = scope.condition(actor, len(args) + 1)
        narrowed = f"c.county = ${len(args)} AND {where}" if county else where
        for row in await connection.fetch(sql.format(group=group, where=narrowed), *args, *more):
            values = dict(row)
            code = values.pop("code") or WHOLE
            one = found.setdefault(code, Tally(code=code))
            for name, value in values.items():
                setattr(one, name, value)
    return found
