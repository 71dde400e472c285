"""From the address of a form to what a notice is drawn from: a case, an overdue order, a finding, a cluster."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from cases import notice_sources, notices, scope
from cases.notice_rows import NoticeRow
from cases.notice_sources import Offer, Source
from hotline import db
from hotline.errors import not_found
from hotline.work import Work
from routing import cluster_sources
from sla import notice_sources as on_ladder
from web.cases_access import opened_for


class Asked(msgspec.Struct, kw_only=True):
    """Which source a form or an address names: one of the four; a finding without a case takes a matter."""

    case: str = ""
    order: str = ""
    finding: str = ""
    cluster: str = ""
    matter: str = ""

    @property
    def query(self) -> str:
        """The same in an address."""
        return next((f"{kind}={value}" for kind in KINDS if (value := getattr(self, kind))), "")


KINDS = ("case", "order", "finding", "cluster")


def asked(values: Mapping[str, str]) -> Asked:
    """What an address asks for."""
    return Asked(**{name: values.get(name, "").strip()[:60] for name in Asked.__struct_fields__})


async def resolve(work: Work, given: Asked) -> Source:
    """The source, for whoever may see every case behind it; the 404 refusal otherwise, 409 for what cannot be one."""
    if given.case:
        return notice_sources.of_case(work, await opened_for(work, given.case))
    kind = next((one for one in KINDS if getattr(given, one)), "")
    if not kind:
        raise not_found()
    found = await _RESOLVERS[kind](work, _uuid(getattr(given, kind)), given)
    await _demand_seen(work, found)
    return found


async def _order(work: Work, identifier: UUID, _: Asked) -> Source:
    return await on_ladder.of_order(work, identifier)


async def _finding(work: Work, identifier: UUID, given: Asked) -> Source:
    return await on_ladder.of_finding(work, identifier, matter=given.matter)


async def _cluster(work: Work, identifier: UUID, _: Asked) -> Source:
    return await cluster_sources.of_cluster(work, identifier)


_RESOLVERS: Mapping[str, Callable[[Work, UUID, Asked], Awaitable[Source]]] = {
    "order": _order, "finding": _finding, "cluster": _cluster,
}  # fmt: skip


async def _demand_seen(work: Work, source: Source) -> None:
    """A shielded case is refused in words first; one that is not the actor's to see makes the source unknown."""
    await notice_sources.demand_open(work.connection, source.cases)
    where, args = scope.condition(work.actor, 2)
    seen = await work.connection.fetchval(
        f"SELECT count(*) FROM cases c WHERE c.id = ANY($1::uuid[]) AND {where}", list(source.cases), *args
    )
    if seen != len(source.cases):
        raise not_found()


async def offered(connection: db.Connection, now: datetime) -> list[Offer]:
    """What besides a case could become a notice: overdue orders, late findings, mass requests."""
    return [*await on_ladder.offered(connection, now), *await cluster_sources.offered(connection)]


async def refresh(work: Work, row: NoticeRow) -> None:
    """A cluster may have grown: what joined it since stands behind the notice too, before the next step is taken."""
    if row.source_kind == "cluster" and row.state not in notices.PUBLIC:
        await notice_sources.grow(work, row, await cluster_sources.members(work.connection, row.source_id))


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise not_found() from None
