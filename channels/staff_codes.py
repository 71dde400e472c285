"""The message with which a staff member's own number or address is proven; whoever asked for it waits for it."""

from __future__ import annotations

from channels import reminders, ways
from channels.carrier import Facts
from channels.notify import hurry
from hotline import reach_codes
from hotline.errors import Say
from hotline.ids import new_id
from hotline.work import Work


async def send(work: Work, door: str) -> None:
    """One message with a fresh code to the address that the actor entered for ``door``; at any hour."""
    code, address = await reach_codes.give(work.connection, work.actor, door)
    text = Say(f"提醒方式验证码{code}，请勿告诉他人", f"Your code is {code}. Tell nobody.").zh
    work.add(ways.row(
        key=f"reach_code:{work.actor.id}:{door}:{new_id()}", name=reminders.NAME, channel=door, address=address,
        text=reminders.sms(text) if door == "sms" else text, facts=Facts(remark=text, title=text), now=work.now,
        is_waking=False,
    ))  # fmt: skip
    hurry(work)
