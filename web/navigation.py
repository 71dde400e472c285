"""Where each role begins its day, and the places in the staff header. Data, in the order shown."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from hotline import city
from hotline.actor import Actor
from hotline.errors import Say
from hotline.permissions import may

HOMES: dict[str, str] = {
    "agent": "/desk",
    "counter": "/counter",
    "shift_supervisor": "/board",
    "dispatcher": "/dispatch",
    "county_office": "/dispatch",
    "unit_handler": "/work",
    "unit_head": "/work",
    "unit_deputy": "/work",
    "unit_liaison": "/work",
    "auditor": "/audit",
    "callback": "/visits",
    "supervisor": "/board",
    "coordination": "/board",
    "publication": "/notices/drafts",
    "business_reviewer": "/notices/drafts",
    "secrecy_reviewer": "/notices/drafts",
    "level_leader": "/care/levels",
    "knowledge_editor": "/knowledge",
    "admin": "/admin",
}
"""A role's first screen. With several roles the first in this order that the person holds counts."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the staff header; ``key`` is the letter after ``g``; ``count`` names the figure ``#n-<count>``.

    ``others`` are permissions of which any opens the place as well; who holds ``unless`` finds it elsewhere.
    """

    path: str
    say: Say
    need: str
    key: str
    count: str = ""
    others: tuple[str, ...] = ()
    unless: str = ""


PLACES = (
    Place(path="/desk", say=Say("接听", "Desk"), need="call.take", key="d"),
    Place(path="/callbacks", say=Say("回拨", "Call backs"), need="call.take", key="l"),
    Place(path="/floor", say=Say("话务", "Floor"), need="floor.read", key="f"),
    Place(path="/recordings", say=Say("录音", "Recordings"), need="recording.play", key="r"),
    Place(path="/shift", say=Say("当班", "Shift"), need="shift.hold", key="0"),
    Place(path="/knowledge", say=Say("知识", "Knowledge"), need="knowledge.read", key="g"),
    Place(path="/outages", say=Say("停供", "Outages"), need="outage.edit", key="9"),
    Place(path="/counter", say=Say("窗口", "Counter"), need="account.verify", key="i"),
    Place(path="/dispatch", say=Say("派单", "Dispatch"), need="case.dispatch", key="p", count="dispatch"),
    Place(path="/work", say=Say("承办", "Workbench"), need="case.handle", key="w", count="work"),
    Place(path="/approvals", say=Say("待批", "Approvals"), need="case.approve", key="y", count="approvals"),
    Place(path="/conferences", say=Say("会商", "Conferences"), need="conference.hold", key="h",
          others=("case.dispatch",)),
    Place(path="/audit", say=Say("审核", "Audit"), need="case.audit", key="u", count="audit"),
    Place(path="/visits", say=Say("回访", "Visits"), need="case.visit", key="v", count="visits"),
    Place(path="/inspections", say=Say("督查", "Inspections"), need="inspection.check", key="j"),
    Place(path="/inspections/findings", say=Say("问题", "Findings"), need="case.handle", key="z",
          others=("case.visit",), unless="inspection.check"),
    Place(path="/cases", say=Say("案件", "Cases"), need="case.list", key="c"),
    Place(path="/counties", say=Say("区县", "Counties"), need="board.read", key="o"),
    Place(path="/care/risks", say=Say("敏感", "Risks"), need="case.supervise", key="s"),
    Place(path="/care/levels", say=Say("协调", "Coordinate"), need="case.instruct", key="k"),
    Place(path="/board", say=Say("总览", "Board"), need="board.read", key="b"),
    Place(path="/ladder", say=Say("督办", "Ladder"), need="ladder.hold", key="x"),
    Place(path="/notices/drafts", say=Say("公示", "Notices"), need="notice.draft", key="n",
          others=("notice.approve", "notice.clear", "notice.reply")),
    Place(path="/figures", say=Say("数据", "Figures"), need="figures.own", key="1"),
    Place(path="/scores", say=Say("考核", "Scores"), need="score.appeal", key="2",
          others=("score.edit", "score.freeze")),
    Place(path="/bulletins", say=Say("通报", "Bulletins"), need="bulletin.make", key="3",
          others=("figures.read", "score.appeal", "notice.approve", "notice.clear")),
    Place(path="/hot", say=Say("热点", "Hot issues"), need="theme.edit", key="4", others=("figures.read",)),
    Place(path="/bounties", say=Say("找茬", "Bounties"), need="bounty.review", key="5",
          others=("bounty.pay", "case.handle")),
    Place(path="/ratings", say=Say("评价", "Ratings"), need="rating.decide", key="6",
          others=("rating.import", "case.handle")),
    Place(path="/data-requests", say=Say("数据申请", "Data requests"), need="data.ask", key="q",
          others=("data.answer",)),
    Place(path="/opendata/releases", say=Say("开放数据", "Open data"), need="figures.export", key="8"),
    Place(path="/exports", say=Say("导出", "Exports"), need="ledger.export", key="7"),
    Place(path="/people", say=Say("人员", "People"), need="people.edit", key="e"),
    Place(path="/admin/catalogue", say=Say("派单目录", "Catalogue"), need="routing.edit", key="m", unless="city.edit"),
    Place(path="/promises", say=Say("时限", "Promises"), need="promise.edit", key="t", unless="city.edit"),
    Place(path="/admin", say=Say("维护", "Administration"), need="city.edit", key="a"),
)

_there: frozenset[str] = frozenset()


def open_places(paths: Iterable[str]) -> None:
    """Tell which addresses this application serves; the header names no other."""
    global _there  # one application a process
    _there = frozenset(paths)


def is_served(path: str) -> bool:
    """Whether this application serves the address."""
    return path in _there


def items(actor: Actor) -> tuple[Place, ...]:
    """The header's places for this person."""
    if not actor.is_staff:
        return ()
    return tuple(
        place for place in PLACES
        if place.path in _there and any(may(actor, need) for need in (place.need, *place.others))
        and not (place.unless and may(actor, place.unless))
    )  # fmt: skip


def post_name(actor: Actor) -> Say:
    """What the strip calls the unit at which the actor sits."""
    unit = city.current().unit(actor.unit) if actor.unit else None
    return unit.name if unit else Say("全市", "the whole city")


def home(actor: Actor) -> str:
    """The first screen of a signed-in person; ``/preferences`` when their roles have none that is served."""
    wanted = [path for role, path in HOMES.items() if role in actor.roles and path in _there]
    if wanted:
        return wanted[0]
    places = items(actor)
    return places[0].path if places else "/preferences"
