"""The groups of the dispatcher's desk: data. A part of the house plugs in with a row; one with a ``url`` leads away."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from cases import worklists
from hotline import db
from hotline.actor import Actor
from hotline.errors import Say
from hotline.permissions import may
from web import navigation


class Tab(msgspec.Struct, frozen=True, kw_only=True):
    """One group: its list is ``cases.worklists`` under ``code``; ``acts`` are codes of ``web.cases.specs``.

    The first of the acts that may be done stands beside the case; the group to dispatch has a form of its own.
    """

    code: str
    say: Say
    empty: Say = Say("", "")
    need: str = "case.dispatch"
    acts: tuple[str, ...] = ()
    with_unit: bool = False
    url: str = ""
    is_counted: bool = True


TABS: tuple[Tab, ...] = (
    Tab(
        code="dispatch", say=Say("待派", "To dispatch"),
        empty=Say("没有待派的，按规则和目录派不出去的会来到这里。",
                  "Nothing to dispatch; what rules and catalogue cannot place comes here."),
    ),
    Tab(
        code="returns", say=Say("退回", "Returns"), acts=("return_decision",), with_unit=True,
        empty=Say("没有单位申请退回。", "No unit asks to return a case."),
    ),
    Tab(
        code="objections", say=Say("异议、协办", "Objections, co-handlers"), with_unit=True,
        acts=("objection_decision", "co_ask_decision"),
        empty=Say("没有异议，也没有协办申请。", "No objections, and nothing asked about co-handlers."),
    ),
    Tab(
        code="extensions", say=Say("延期", "Extensions"), need="extension.decide", acts=("extension_decision",),
        with_unit=True,
        empty=Say("没有单位申请延期。", "No unit asks for more time."),
    ),
    Tab(code="conference", say=Say("疑难", "Difficult"), url="/conferences"),
    Tab(code="merge", say=Say("合并", "Merge"), url="/merge", is_counted=False),
    Tab(
        code="accept", say=Say("待受理", "To accept"), need="case.accept", acts=("accept",),
        empty=Say("没有待受理的。", "Nothing waits to be accepted."),
    ),
)  # fmt: skip


def of(actor: Actor) -> dict[str, Tab]:
    """The groups that this person may open and this application serves, in their order."""
    return {
        one.code: one for one in TABS if may(actor, one.need) and (not one.url or navigation.is_served(one.url))
    }


async def tallies(connection: db.Connection, actor: Actor, tabs: Mapping[str, Tab]) -> dict[str, int]:
    """How many wait in each group that counts."""
    return {
        one.code: await worklists.count(connection, actor, one.code) for one in tabs.values() if one.is_counted
    }
