"""The supervisor's list of open risks, its strip on the board, and the answer to an alarm of a call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from cases import alarms
from cases.states import CASE_STATES, TEXTS
from hotline import acts, city, db, jobs, live, people
from hotline.actor import Actor
from hotline.errors import Say, conflict
from hotline.permissions import may
from web import forms, hearing
from web import worklists as split
from web.access import Who
from web.forms import Form, label
from web.render import is_fragment, render, see_other

NEEDS = "case.supervise"
SHOWN = 5
AnyRequest = Request[Any, Any, Any]


class Risks(msgspec.Struct, frozen=True, kw_only=True):
    """All open risks, as strip and list show them; ``digest`` changes when they do."""

    calls: Sequence[alarms.Alarm]
    cases: Sequence[alarms.Flagged]

    @property
    def n(self) -> int:
        """How many there are."""
        return len(self.calls) + len(self.cases)

    @property
    def unseen(self) -> int:
        """How many nobody has taken note of."""
        return len(self.calls) + sum(1 for one in self.cases if one.seen_at is None)

    @property
    def digest(self) -> str:
        """What the browser has, in a few characters."""
        last = max([*(c.raised_at for c in self.calls), *(c.flagged_at for c in self.cases)], default=None)
        return f"{self.n}-{self.unseen}-{int(last.timestamp()) if last else 0}"


class Answer(msgspec.Struct, kw_only=True):
    """Why a call's alarm is over."""

    reason: Annotated[str, label("怎么处置的", "What was done", most=500, missing=TEXTS["reason"])]


async def of(connection: db.Connection, actor: Actor) -> Risks:
    """The open risks that this supervisor answers for."""
    return Risks(calls=await alarms.calls(connection), cases=await alarms.flagged(connection, actor))


@get("/care/strip", opt={"needs": NEEDS, "is_quiet": True})
async def strip(request: AnyRequest, actor: Who) -> Response[str]:
    """The board's strip anew; 204 while the browser has it as it is, so that nobody hears the same alarm twice."""
    async with db.reading() as connection:
        risks = await of(connection, actor)
    if is_fragment(request) and request.query_params.get("have") == risks.digest:
        return Response("", status_code=204)
    return render(
        request, "care/strip.html", region="#r-risks", risks=risks, kinds_of=hearing.kinds_of, shown=SHOWN,
        is_news=is_fragment(request) and risks.unseen > 0,
    )  # fmt: skip


@get("/care/bell", opt={"needs": NEEDS, "is_quiet": True})
async def bell(request: AnyRequest, actor: Who) -> Response[str]:
    """How many risks nobody has looked at: the mark in the header, and with ``say`` the sentence that is read aloud."""
    async with db.reading() as connection:
        risks = await of(connection, actor)
    if request.query_params.get("say") and not risks.unseen:
        return Response("", status_code=204)
    return render(
        request, "care/bell.html", region="#r-bell", n=risks.unseen, is_said=bool(request.query_params.get("say"))
    )


@get("/care/risks", opt={"needs": NEEDS})
async def index(request: AnyRequest, actor: Who) -> Response[str]:
    """Every open risk, those nobody has looked at first; ``call`` opens the answer to a call's alarm."""
    return await _shown(request, actor, request.query_params.get("call", ""), forms.blank(Answer))


@post("/care/alarms/{alarm:uuid}", opt={"needs": NEEDS}, status_code=200)
async def answer(request: AnyRequest, actor: Who, alarm: FromPath[UUID]) -> Response[str]:
    """Answer a call's alarm, with what was done."""
    form = await forms.read(request, Answer)
    if not form.is_good:
        return await _shown(request, actor, str(alarm), form, status=422)
    async with db.atomic() as connection:
        if await alarms.cleared(connection, actor, alarm, form.good.reason) is None:
            raise conflict("answered", "这个警报已有人处理。", "Somebody has answered this alarm already.")
        await acts.note(connection, actor, "risk_alarm_answered", f"alarm:{alarm}")
    await jobs.publish(live.CHANNEL, live.RISK)
    return see_other(request, "/care/risks", flash=Say("已记下处置。", "Recorded."))


async def _shown(
    request: AnyRequest, actor: Actor, chosen: str, form: Form[Answer], status: int = 200
) -> Response[str]:
    async with db.reading() as connection:
        risks = await of(connection, actor)
    return render(
        request, "care/risks.html", region="#r-list", status=status, risks=risks, kinds_of=hearing.kinds_of, form=form,
        chosen=chosen, states=CASE_STATES, names=await people.names({one.agent for one in risks.calls}),
        unit_name=split.unit_name, county_name=_county,
        tabs=tabs(actor, "/care/risks"),
    )  # fmt: skip


def _county(code: str) -> Say:
    found = city.current().any_jurisdiction(code)
    return found.name if found else Say("地点不详", "Place unknown")


def tabs(actor: Actor, path: str) -> list[tuple[Say, str, bool]]:
    """The tabs of these rooms that the actor may open, and which is shown."""
    found = (
        (Say("敏感件", "Risks"), "/care/risks", NEEDS),
        (Say("政务服务核实", "Service verification"), "/care/verification", "board.read"),
        (Say("企业诉求分级协调", "Enterprise levels"), "/care/levels", "case.list"),
        (Say("我的批示和报告", "My instructions and reports"), "/ladder/instructions", "case.instruct"),
    )
    return [(say, url, url == path) for say, url, need in found if may(actor, need)]


ROUTES = [strip, bell, index, answer]
