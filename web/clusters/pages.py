"""The list of clusters, one cluster with its cases abreast, and the special report on paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath

from cases.moves_merge import MERGEABLE
from cases.states import CASE_STATES, OPEN
from cases.wording import CHANNELS
from hotline import city, clock, db, people
from hotline.actor import Actor
from hotline.errors import Refusal, Say
from hotline.permissions import may, refused
from routing import cluster_lists as lists
from web import forms
from web import worklists as split
from web.access import Who
from web.forms import label
from web.render import render

AnyRequest = Request[Any, Any, Any]
STATES: dict[str, Say] = {
    "open": Say("待处理", "To settle"),
    "settled": Say("已处理", "Settled"),
    "dismissed": Say("不是同一件事", "Not the same"),
}
SIZES: dict[str, Say] = {"cluster": Say("同类聚集", "Cluster"), "mass": Say("群体诉求", "Mass request")}
EMPTY: dict[str, Say] = {
    "open": Say(
        "没有待处理的聚集。三天内三件同类诉求会自己来到这里。",
        "Nothing waits. Three cases of the same thing within three days come here by themselves.",
    ),
    "settled": Say("还没有处理过的。", "None has been settled yet."),
    "dismissed": Say("还没有排除过的。", "None has been set aside yet."),
}


class Merge(msgspec.Struct, kw_only=True):
    """Which cases go into the head."""

    cases: list[UUID]
    reason: Annotated[str, label("合并说明", "Note on the merge", most=500)] = ""


class TakeOut(msgspec.Struct, kw_only=True):
    """Which case is another thing."""

    case: Annotated[UUID, label("不是同一件事的", "Another thing", missing=Say("请选一件。", "Choose one."))]


class Taking(msgspec.Struct, frozen=True, kw_only=True):
    """The form that takes a case out, and the cases that it offers."""

    form: forms.Form[Any]
    options: dict[str, Say]


class Dismiss(msgspec.Struct, kw_only=True):
    """Why the group is none."""

    why: Annotated[
        str,
        label("理由", "Reason", most=500, missing=Say("请写明为什么不是同一件事。", "Say why they are not the same.")),
    ]


class Report(msgspec.Struct, kw_only=True):
    """The special report in the officer's words."""

    report: Annotated[
        str,
        label(
            "情况和建议", "What happened and what is proposed", most=4000,
            missing=Say("请写明情况和建议。", "Write what happened and what is proposed."),
        ),
    ]  # fmt: skip


def demand(actor: Actor) -> None:
    """Dispatchers merge, supervisors watch, publication officers expose: each opens the pages."""
    if not any(may(actor, one) for one in ("case.dispatch", "board.read", "notice.draft")):
        raise refused("case.dispatch")


@get("/clusters", opt={"needs": "signed_in"})
async def index(request: AnyRequest, actor: Who) -> Response[str]:
    """Clusters by state, mass requests first."""
    demand(actor)
    asked = request.query_params.get("state", "open")
    state = asked if asked in STATES else "open"
    async with db.reading() as connection:
        rows = await lists.listed(connection, actor, state)
    return render(
        request, "clusters/index.html", region="#r-list", rows=rows, state=state, states=STATES, sizes=SIZES,
        empty=EMPTY[state], place=place_of, matter=matter_of, unit_name=split.unit_name, case_states=CASE_STATES,
        live="queue",
    )  # fmt: skip


@get("/clusters/{cluster:uuid}", opt={"needs": "signed_in"})
async def show(request: AnyRequest, actor: Who, cluster: FromPath[UUID]) -> Response[str]:
    """One cluster."""
    return await shown(request, actor, cluster)


async def shown(
    request: AnyRequest,
    actor: Actor,
    cluster: UUID,
    *,
    form: forms.Form[Any] | None = None,
    refusal: Refusal | None = None,
) -> Response[str]:
    """The page of a cluster; with a ``form`` that did not pass, as typed, and the refusal's status."""
    demand(actor)
    async with db.reading() as connection:
        one = await lists.one(connection, actor, cluster)
        members = await lists.members(connection, actor, cluster)
        ids = [member.id for member in members if member.left_at is None]
        days, doors = await lists.spread(connection, ids)
    given = {
        kind: form if form is not None and form.kind is kind else forms.blank(kind)
        for kind in (Merge, Dismiss, TakeOut)
    }
    taking = Taking(form=given[TakeOut], options=_others(one, members, actor))
    written = form if form is not None and form.kind is Report else forms.blank(Report, {"report": one.report or ""})
    if form is not None and refusal is not None:
        form.take(refusal)
    can = {row.id for row in members if row.left_at is None and row.id != one.parent_id and row.state in MERGEABLE}
    ticked = form.typed.get("cases", []) if form is not None and form.kind is Merge else [str(one) for one in can]
    names = await people.names({by for by in (one.reported_by, one.settled_by) if by is not None})
    status = refusal.status if refusal else 422 if form is not None else 200
    return render(
        request, "clusters/show.html", status=status, one=one, members=members, days=days, doors=doors, sizes=SIZES,
        states=STATES, merging=given[Merge], dismissing=given[Dismiss], taking=taking, writing=written, names=names,
        can=can, ticked=ticked, form=form, place=place_of, matter=matter_of, unit_name=split.unit_name,
        case_states=CASE_STATES, channels=CHANNELS, title_of=split.title_of, may_merge=may(actor, "case.dispatch"),
        may_report=may(actor, "case.supervise") or may(actor, "case.dispatch"), live="queue",
    )  # fmt: skip


@get("/clusters/{cluster:uuid}/paper", opt={"needs": "signed_in"})
async def on_paper(request: AnyRequest, actor: Who, cluster: FromPath[UUID]) -> Response[str]:
    """The special report as a document; no requester stands in it."""
    demand(actor)
    async with db.reading() as connection:
        one = await lists.one(connection, actor, cluster)
        members = [member for member in await lists.members(connection, actor, cluster) if member.left_at is None]
        days, doors = await lists.spread(connection, [member.id for member in members])
    names = await people.names({one.reported_by} if one.reported_by else set())
    return render(
        request, "clusters/paper.html", one=one, members=members, days=days, doors=doors, names=names, sizes=SIZES,
        place=place_of, matter=matter_of, unit_name=split.unit_name, case_states=CASE_STATES, channels=CHANNELS,
        title_of=split.title_of, now=clock.now(),
    )  # fmt: skip


def _others(one: lists.Cluster, members: Sequence[lists.Member], actor: Actor) -> dict[str, Say]:
    """Those that may be taken out: open, still in the group, and not its head."""
    found: dict[str, Say] = {}
    for row in members:
        if row.left_at is None and row.id != one.parent_id and row.state in OPEN:
            title = split.title_of(row, actor)
            found[str(row.id)] = Say(f"{row.number} {title.zh}", f"{row.number} {title.en}")
    return found


def matter_of(code: str) -> Say:
    """The matter's name."""
    known = city.current().matter(code)
    return known.name if known is not None else Say(code, code)


def place_of(one: lists.Cluster) -> Say:
    """County, township and the words of the place, each once."""
    snapshot = city.current()
    county = snapshot.any_jurisdiction(one.county)
    town = snapshot.township(one.township) if one.township else None
    parts = [part.name for part in (county, town) if part is not None]
    rest = one.place
    for part in parts:
        rest = rest.replace(part.zh, "")
    zh = "".join(part.zh for part in parts) + rest
    en = ", ".join(part.en for part in reversed(parts))
    return Say(zh or "地点不详", " · ".join(filter(None, (rest, en))) or "place unknown")
