"""What the pages of bounties share: who may open them, their tabs, the forms' units, telling the finder."""

from __future__ import annotations

from typing import Any

from litestar import Request

from channels import notify, reminders
from hotline import city
from hotline.accounts import is_mobile
from hotline.actor import Actor
from hotline.errors import Say
from hotline.permissions import may, refused
from hotline.work import Work
from sla import bounties
from sla.bounties import Campaign, Finding

AnyRequest = Request[Any, Any, Any]
REVIEW, PAY, TAKE, UNIT = "bounty.review", "bounty.pay", "call.take", "case.handle"
TABS = (
    ("findings", "/bounties", Say("线索", "Findings"), (REVIEW, PAY, TAKE, UNIT)),
    ("campaigns", "/bounties/campaigns", Say("活动", "Campaigns"), (REVIEW,)),
    ("payments", "/bounties/payments", Say("发放", "Payments"), (PAY,)),
)
UNIT_HEARS = {
    "bounty_confirmed": Say("找茬线索已确认，涉及本单位，可以申诉",
                            "a finding about your unit is confirmed; you may appeal"),
    "bounty_overturned": Say("找茬确认已推翻，扣分退还", "a finding about your unit is overturned, points restored"),
}
"""What the unit concerned is reminded of, as it stands behind the number."""


def admitted(actor: Actor, *needs: str) -> None:
    """Raise the 403 refusal for whoever has none of the permissions (any of the room's)."""
    if not any(may(actor, need) for need in needs or TABS[0][3]):
        raise refused((needs or (REVIEW,))[0])


def tabs(actor: Actor, here: str) -> list[tuple[Say, str, bool]]:
    """The tabs that this person may open: words, address, whether it is this one."""
    return [(say, path, code == here) for code, path, say, needs in TABS if any(may(actor, one) for one in needs)]


def offices(campaign: Campaign | None = None) -> dict[str, Say]:
    """The units that a finding can be about, by code: the campaign's, else all that people come to."""
    return {
        code: unit.name for code, unit in city.current().units.items()
        if unit.is_on and unit.kind not in ("province", "city") and unit.tier <= 4
        and (campaign is None or not campaign.units or code in campaign.units)
    }  # fmt: skip


async def tell(work: Work, one: Finding, name: str, **values: str) -> None:
    """The finder hears of it by SMS, where they left a number that takes one; what moves points the unit hears too."""
    who = await bounties.finder(work.connection, one.id)
    if is_mobile(who.phone):
        given: dict[str, Any] = {"number": one.number, **values}
        notify.tell(
            work, channel="sms", address=who.phone, name=name, lang=one.lang, key=f"{name}:{one.id}",
            is_waking="code" not in values, **given,
        )  # fmt: skip
    if name in UNIT_HEARS:
        say = UNIT_HEARS[name]
        text = Say(f"{one.number}{say.zh}", f"{one.number}: {say.en}")
        await reminders.remind(work, unit=one.unit, kind=name, case=None, text=text, key=f"{name}:{one.id}")
