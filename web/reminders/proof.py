"""The proof of reminders for a period: what was due, when it was done, how late, and that none is missing."""

from __future__ import annotations

import contextlib
import csv
import io
from datetime import date, datetime, timedelta
from typing import Any

from litestar import Request, Response, get

from channels import staff_notices
from hotline import acts, clock, db
from hotline.actor import Actor
from hotline.errors import Say
from hotline.permissions import may, refused
from sla import lateness, proof, targets
from web import worklists
from web.access import Who
from web.render import render

AnyRequest = Request[Any, Any, Any]
LONGEST = 92
SIGNED_IN = {"needs": "signed_in"}


def _demand(actor: Actor) -> None:
    """The proof is for who answers for the promises, and for who runs the machine."""
    if not (may(actor, "case.supervise") or may(actor, "operations.read")):
        raise refused("case.supervise")


def _period(request: AnyRequest) -> tuple[date, date]:
    """First and last day; the last seven days unless asked otherwise, never more than LONGEST."""
    last = _day(request.query_params.get("to", "")) or clock.today()
    first = _day(request.query_params.get("from", "")) or last - timedelta(days=6)
    return max(min(first, last), last - timedelta(days=LONGEST - 1)), last


def _day(text: str) -> date | None:
    with contextlib.suppress(ValueError):
        day = date.fromisoformat(text)
        return day if 2000 <= day.year < 2100 else None
    return None


def late(seconds: float | None) -> Say:
    """So many seconds as people say it."""
    if seconds is None:
        return Say("—", "—")
    for size, zh, en in ((86400, "天", "d"), (3600, "小时", "h"), (60, "分钟", "min")):
        if seconds >= 2 * size:
            return Say(f"{seconds / size:.1f} {zh}", f"{seconds / size:.1f} {en}")
    return Say(f"{seconds:.1f} 秒", f"{seconds:.1f} s")


def _moments(first: date, last: date) -> tuple[datetime, datetime]:
    return clock.on(first), clock.on(last + timedelta(days=1))


@get("/reminders/proof", opt=SIGNED_IN)
async def show(request: AnyRequest, actor: Who) -> Response[str]:
    """Figures by act, the messages by door, and the acts themselves, the worst first."""
    _demand(actor)
    first, last = _period(request)
    state = request.query_params.get("state", "")
    state = state if state in proof.STATES else ""
    begin, end = _moments(first, last)
    async with db.reading() as connection:
        found = await proof.prove(connection, begin, end, state=state)
        sent = await staff_notices.sent(connection, begin, end)
        notices, unheard = await staff_notices.counts(connection, begin, end)
        alarm = await lateness.alarm(connection)
    return render(
        request, "reminders/proof.html", region="#r-proof", proof=found, first=first, last=last, state=state,
        sent=sent, notices=notices, unheard=unheard, alarm=alarm, in_words=late, states=proof.STATES, acts=proof.ACTS,
        unit_name=worklists.unit_name, stages=targets.STAGES, most=lateness.most(), today=clock.today(),
    )  # fmt: skip


@get("/reminders/proof.csv", opt=SIGNED_IN)
async def as_csv(request: AnyRequest, actor: Who) -> Response[bytes]:
    """Every act of the period for a spreadsheet; noted as an export."""
    _demand(actor)
    first, last = _period(request)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["事项 act", "案件 case", "单位 unit", "环节 stage", "应办 due", "已办 done",
                     "晚（秒）late seconds", "台账记录 ledger events", "结论 state"])  # fmt: skip
    async with db.reading() as connection:
        async for one in proof.lines(connection, *_moments(first, last)):
            writer.writerow([one.act, one.number, one.unit, one.stage, clock.local(one.due_at).isoformat(),
                             clock.local(one.done_at).isoformat() if one.done_at else "",
                             "" if one.late is None else f"{one.late:.3f}",
                             "" if one.events is None else one.events, one.state])  # fmt: skip
    async with db.atomic() as connection:
        await acts.note(connection, actor, "export.made", "reminders", {"from": str(first), "to": str(last)})
    name = f'attachment; filename="reminders-{first}-{last}.csv"'
    headers = {"Content-Disposition": name, "Cache-Control": "no-store"}
    return Response(("\ufeff" + out.getvalue()).encode(), media_type="text/csv; charset=utf-8", headers=headers)


ROUTES = [show, as_csv]
