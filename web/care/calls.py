"""Risk words while a call is being logged: the strip above the outcomes, the supervisor at once, 110 in the room."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, post

from cases import alarms
from channels import transfers
from hotline import db, jobs, live, unfinished
from hotline.actor import Actor
from hotline.errors import Refusal, Say
from web import fields, hearing
from web.access import Who
from web.desk.call import Call
from web.render import Flash, render, see_other

NEEDS = "call.take"
POLICE = "110"
AnyRequest = Request[Any, Any, Any]


@post("/desk/risk", opt={"needs": NEEDS}, status_code=200)
async def look(request: AnyRequest, actor: Who) -> Response[str]:
    """The strip for the words as they stand; for htmx only. It comes with the proposals, unless those stand still."""
    posted = await fields.posted(request)
    alarm = await hearing.heard(actor, posted)
    return render(
        request, "care/call.html", region="#r-risk", risk_alarm=alarm, kinds_of=hearing.kinds_of,
        is_risk_news=hearing.is_news(alarm, posted),
    )  # fmt: skip


@post("/desk/risk/explanation", opt={"needs": NEEDS}, status_code=200)
async def explain(request: AnyRequest, actor: Who) -> Response[str]:
    """不是，说明原因: the agent's word; the case keeps its flag until a supervisor clears it."""
    posted = await fields.posted(request)
    draft, reason = hearing.draft_of(posted), fields.clean((posted.get("risk_reason") or [""])[0])[:500]
    if draft is None or not reason:
        missing = Say("请写明为什么不是风险。", "Say why it is no risk.")
        return await _back(request, actor, posted, Flash(missing, "error"))
    async with db.atomic() as connection:
        await alarms.explained(connection, actor, draft, reason)
    await jobs.publish(live.CHANNEL, live.RISK)
    return await _back(request, actor, posted, Say("已记下，班长看得到。", "Kept; the supervisor sees it."))


@post("/desk/risk/three-way", opt={"needs": NEEDS}, status_code=200)
async def three_way(request: AnyRequest, actor: Who) -> Response[str]:
    """One press: 110 joins the call, which goes on; a record, and what was typed stays."""
    posted = await fields.posted(request)
    try:
        await transfers.transfer(actor, POLICE, transfers.THREE_WAY)
    except Refusal as refusal:
        return await _back(request, actor, posted, Flash(refusal.say, "error"))
    said = Say("110 正在接入，您还在通话中。", "110 is joining; you stay on the line.")
    return await _back(request, actor, posted, said)


async def _back(
    request: AnyRequest, actor: Actor, posted: dict[str, list[str]], flash: Say | Flash
) -> Response[str]:
    """To the desk with everything that was typed."""
    draft = hearing.draft_of(posted)
    if draft is None:
        return see_other(request, "/desk", flash=flash)
    known = {name: texts for name, texts in posted.items() if name in Call.__struct_fields__}
    await unfinished.save(actor, draft, known, window=(posted.get("window") or [""])[0])
    call = (posted.get("call") or [""])[0]
    return see_other(request, f"/desk?draft={draft}{f'&call={call}' if call else ''}", flash=flash)


ROUTES = [look, explain, three_way]
