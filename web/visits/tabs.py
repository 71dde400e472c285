"""What every page of return visits shows above: the groups and how many each holds."""

from __future__ import annotations

from typing import Any

from cases import rectify, visits
from hotline import db
from hotline.actor import Actor
from hotline.permissions import may


async def shown(connection: db.Connection, actor: Actor, tab: str) -> dict[str, Any]:
    """The context of ``visits/_tabs.html``; whoever only sets the policy sees no list."""
    offered = visits.bands(actor) if may(actor, "case.visit") else {}
    tallies = {name: await visits.count(connection, actor, name) for name in offered}
    tallies["ratings"] = await rectify.count(connection, actor) if offered else 0
    return {"bands": offered, "tallies": tallies, "tab": tab}
