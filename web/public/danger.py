"""Somebody is in danger now: the message goes to the emergency number's record at once, with no further question."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response

from channels import acknowledge, drafts
from channels.drafts import Draft
from channels.message import Inbound
from hotline import clock, jobs
from hotline.errors import Say
from web.public.pass_cookie import give_pass
from web.render import preference, see_other

LONGEST = 5000
CHOICES = {
    "": Say("没有", "No"),
    "110": Say("要报警（110）", "Police (110)"),
    "119": Say("着火、被困（119）", "Fire, somebody trapped (119)"),
    "120": Say("要急救（120）", "Ambulance (120)"),
    "122": Say("交通事故（122）", "Traffic accident (122)"),
}
NUMBERS = frozenset(CHOICES) - {""}


async def hand_over(
    request: Request[Any, Any, Any], token: str, draft: Draft, number: str, words: str
) -> Response[str]:
    """Acknowledge the marked message and show the number to call; intake transfers it, so that no queue holds it.

    Nobody in danger is asked to write first: without words the message says which number was chosen.
    """
    draft.danger, draft.words = number, words[:LONGEST] or draft.words or CHOICES[number].zh
    receipt = await acknowledge.acknowledge(Inbound(
        channel="web", provider_id=f"ask:{draft.once}", words=draft.words, kind=draft.kind, county=draft.portal,
        is_anonymous=True, emergency=draft.danger, attachments=tuple(one.id for one in draft.files),
        lang=preference(request, "lang"),
    ))  # fmt: skip
    if not receipt.is_repeat:
        await drafts.save(token, Draft(
            once=draft.once, kind=draft.kind, reach="none", danger=draft.danger, number=receipt.number,
            code=receipt.code, sent_at=clock.now(),
        ))  # fmt: skip
        give_pass(request.scope, receipt.number)
    await jobs.nudge("make_cases")
    return see_other(request, "/ask/sent")
