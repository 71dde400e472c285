"""What the split screens share: lines of a list with time chips, marks and titles, and the facts of the chosen case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

import msgspec

from cases import scope
from cases.rows import AssignmentRow
from cases.states import (
    ASSIGNMENT_STATES,
    CASE_STATES,
    GRADES,
    KINDS,
    REQUEST_STATES,
    SUPERVISED,
    URGENCIES,
    WORKING,
)
from cases.views import CaseView, Requester
from cases.wording import CHANNELS, STAGES
from hotline import city, clock
from hotline.actor import Actor
from hotline.errors import Say
from sla import calendar
from sla.workbench import Running
from web.cases.asks import PURPOSES
from web.timeleft import PAUSED, Term, TimeLeft, time_left

LEVELS: dict[int, Say] = {
    2: Say("黄牌", "Yellow card"),
    3: Say("红牌", "Red card"),
    SUPERVISED: Say("督办", "Supervised"),
}


ROLES = {
    "lead": Say("主办", "Lead"), "co": Say("协办", "Co-handler"), "below": Say("下级承办", "Unit below"),
}  # fmt: skip
MANY_RETURNS = 2
"""From so many decided returns on a case is marked: it goes to and fro."""


class Seen(Protocol):
    """What a line needs to know of a case."""

    number: str
    title: str
    kind: str
    matter: str | None
    is_confidential: bool

    @property
    def about_units(self) -> Sequence[str]:
        """The units complained about."""

    @property
    def is_sealed(self) -> bool:
        """A report or a confidential case."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a split's list."""

    key: str
    number: str
    title: Say
    url: str
    left: TimeLeft | None = None
    stage: Say | None = None
    facts: Sequence[Say] = ()
    marks: Sequence[tuple[Say, str]] = ()
    is_open: bool = False


def chip(running: Running | None) -> TimeLeft | None:
    """The time chip of a running promise."""
    if running is None:
        return None
    term = Term(
        unit=running.measure,
        start=running.started_at,
        due=running.due_at,
        warn=running.warn_at,
        paused=PAUSED.get(running.paused_for or ""),
        is_provisional=running.is_provisional,
    )
    return time_left(calendar.of(city.current()), term, clock.now())


def title_of(item: Seen, actor: Actor) -> Say:
    """The title as this viewer may read it: the blind read only what kind of case it is (ux.md 10, 34)."""
    if item.is_sealed and scope.is_of_unit(actor):
        return Say("举报件", "Report") if item.kind == "report" else Say("保密件", "Confidential case")
    if scope.is_blind(actor, item.about_units, is_sealed=item.is_sealed):
        matter = city.current().matter(item.matter) if item.matter else None
        kind = KINDS[item.kind]
        return Say(f"{kind.zh}：{matter.l3_zh}", f"{kind.en}: {matter.l3_en}") if matter else kind
    return Say(item.title, item.title) if item.title else KINDS[item.kind]


def marks_of(item: Any, actor: Actor | None = None) -> list[tuple[Say, str]]:
    """Short marks beside a title with their look: secrecy, urgency, the ladder's level, urging, rework."""
    found: list[tuple[Say, str]] = []
    if item.is_sealed:
        found.append((Say("举报", "Report") if item.kind == "report" else Say("保密", "Confidential"), "sealed"))
    if getattr(item, "flagged_at", None) and actor is not None and not _knows_no_risk(item, actor):
        found.append((Say("▲ 敏感", "▲ Risk"), "danger"))
    if item.urgency != "normal":
        found.append((URGENCIES[item.urgency], "danger"))
    level = LEVELS.get(min(item.supervision, SUPERVISED))
    if level is not None:
        found.append((level, "danger"))
    if getattr(item, "urge_count", 0):
        found.append((Say(f"催办 {item.urge_count} 次", f"Urged {item.urge_count}×"), ""))
    if getattr(item, "rework_count", 0):
        found.append((Say(f"第 {item.rework_count} 次重办", f"Rework {item.rework_count}"), ""))
    if getattr(item, "return_count", 0) >= MANY_RETURNS:
        found.append((Say(f"多次退回 {item.return_count}", f"Returned {item.return_count}×"), "danger"))
    return found + hand_marks(item)


def _knows_no_risk(item: Any, actor: Actor) -> bool:
    return scope.is_of_unit(actor) or scope.is_blind(actor, item.about_units, is_sealed=item.is_sealed)


def hand_marks(item: Any) -> list[tuple[Say, str]]:
    """What a share waits for within the tree of units and within its own unit."""
    found: list[tuple[Say, str]] = []
    if getattr(item, "from_unit", None):
        found.append((Say(f"来自 {unit_name(item.from_unit).zh}", f"From {unit_name(item.from_unit).en}"), ""))
    if getattr(item, "head_asked_at", None):
        found.append((Say("待负责人批准", "With the head"), ""))
    if getattr(item, "objection", None) == "open":
        found.append((Say("异议待裁定", "Objection open"), ""))
    for below in getattr(item, "below", None) or ():
        code, _, state = below.partition(":")
        name = unit_name(code)
        is_back = state == "handled"
        zh, en = ("已上报", "reported up") if is_back else ("已下派", "handed down")
        say = Say(f"{name.zh} {zh}", f"{name.en} {en}") if is_back else Say(f"{zh} {name.zh}", f"{en} to {name.en}")
        found.append((Say(say.zh, say.en[:1].upper() + say.en[1:]), ""))
    return found


def unit_name(code: str | None) -> Say:
    """A unit's full name, "the centre" for none, the code where the unit is unknown."""
    if not code:
        return Say("中心", "The centre")
    unit = city.current().unit(code)
    return unit.name if unit else Say(code, code)


def place_of(item: Any, *, is_coarse: bool = False) -> Say:
    """County, township and the words about the place; none of the words for a sealed case, or where ``is_coarse``."""
    snapshot = city.current()
    county = snapshot.any_jurisdiction(item.county) if item.county != city.CITY else None
    township = snapshot.township(item.township) if item.township else None
    names = [one.name for one in (county, township) if one is not None]
    words = "" if item.is_sealed or is_coarse else item.place
    if words and county is not None and county.name.zh in words:
        names = []
    elif words:
        names = names[:1]
    zh = "".join(name.zh for name in names)
    return Say(f"{zh}{words}", ", ".join([*([words] if words else []), *(name.en for name in reversed(names))]))


def matter_of(code: str | None, on: date | None = None) -> Say:
    """The matter's full path as it was called on a day (today); said when there is none."""
    matter = city.current().matter(code, on) if code else None
    return matter.path if matter else Say("还没定事项", "No matter yet")


def lines(
    items: Iterable[Any],
    running: Mapping[UUID, Running],
    actor: Actor,
    url: str,
    chosen: str,
    *,
    with_unit: bool = False,
) -> list[Line]:
    """List lines for items of ``cases.worklists``; ``url`` ends where the number belongs."""
    found = []
    for item in items:
        number = getattr(item, "receipt_no", item.number)
        own = getattr(item, "running", None) or running.get(item.id)
        if own is not None and own.stage == "risk" and _knows_no_risk(item, actor):
            own = None  # a supervisor's clock tells what was said
        matter = city.current().matter(item.matter) if item.matter else None
        is_own = not scope.scope_of(actor).city and scope.is_of_house(actor.unit, item.about_units)
        where = place_of(item, is_coarse=is_own)
        facts = [fact for fact in (where, matter.name if matter else None) if fact and fact.zh]
        if with_unit:
            facts.append(unit_name(item.unit or item.lead_unit))
        found.append(
            Line(
                key=number,
                number=number,
                title=title_of(item, actor),
                url=f"{url}{number}",
                left=chip(own),
                stage=STAGES.get(own.stage) if own else None,
                facts=facts,
                marks=marks_of(item, actor),
                is_open=number == chosen,
            )
        )
    return found


def around(items: Sequence[Line], chosen: str) -> tuple[str, str, int]:
    """The addresses before and after the chosen line ("" at the ends), and its place from 1 (0: not there)."""
    at = next((n for n, line in enumerate(items) if line.key == chosen), None)
    if at is None:
        return "", "", 0
    before = items[at - 1].url if at > 0 else ""
    after = items[at + 1].url if at + 1 < len(items) else ""
    return before, after, at + 1


def following(items: Sequence[Line], chosen: str, home: str) -> str:
    """Where an act on the chosen line leads: the next line, else the list from its beginning."""
    return around(items, chosen)[1] or home


def requester_of(view: CaseView | None) -> dict[str, Any]:
    """What the requester's card of the case page (cases/_requester.html) needs, with nothing revealed yet."""
    if view is None:
        return {}
    return {
        "case": view.case,
        "view": view,
        "revealed": {},
        "disclosure": None,
        "known": {},
        "purposes": PURPOSES,
        "request_states": REQUEST_STATES,
        "grades": GRADES,
        "unit_name": unit_name,
    }


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a split shows of the chosen case before any act."""

    number: str
    seq: int
    title: Say
    state: Say
    marks: Sequence[tuple[Say, str]]
    pairs: Sequence[tuple[Say, Say]]
    opened_at: datetime
    words: Sequence[str]
    summary: str
    is_shielded: bool
    requesters: Sequence[Requester]
    units: Sequence[tuple[Say, Say, Say]]


def facts_of(view: CaseView, actor: Actor) -> Facts:
    """The facts of a case as its viewer may see them; nothing of what the units claim."""
    case = view.case
    pairs = [
        (Say("类型", "Kind"), KINDS[case.kind]),
        (Say("事项", "Matter"), matter_of(case.matter, clock.local_day(case.accepted_at or case.opened_at))),
        (Say("地点", "Place"), _place(view)),
    ]
    if not view.is_shielded:
        channel = CHANNELS.get(case.channel, Say(case.channel, case.channel))
        pairs.append((Say("来源", "Came by"), Say(f"{channel.zh}（{case.line}）", f"{channel.en} ({case.line})")))
    return Facts(
        number=case.number,
        seq=view.seq,
        title=title_of(case, actor),
        state=CASE_STATES[case.state],
        marks=marks_of(case, actor),
        pairs=pairs,
        opened_at=case.opened_at,
        words=view.words,
        summary=view.summary,
        is_shielded=view.is_shielded,
        requesters=view.requesters,
        units=[
            (
                unit_name(a.unit),
                ROLES[a.role],
                _share_state(view, a),
            )
            for a in view.file.live
        ],
    )


def _place(view: CaseView) -> Say:
    """The place as this viewer may know it: of a sealed case the words about it are for the centre only."""
    known = place_of(view.case)
    words = view.place.removeprefix(known.zh).strip()
    if view.case.is_sealed and words and not view.is_shielded:
        return Say(f"{known.zh} {words}", f"{words}, {known.en}")
    return known


def _share_state(view: CaseView, share: AssignmentRow) -> Say:
    """A share that was handled is "awaiting audit" only until the audit has passed; a lower unit's was reported up."""
    if share.state == "handled" and share.role == "below":
        return Say("已上报", "Reported up")
    if share.state == "handled" and view.case.state not in WORKING:
        return Say("已办结", "Result submitted")
    return ASSIGNMENT_STATES[share.state]
