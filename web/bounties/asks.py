"""What the forms of bounties ask for: one struct a form."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec

from hotline import masks
from hotline.accounts import is_mobile
from hotline.errors import Say
from sla.bounties import Payee, Plan
from web.forms import label

_REASON = Say("请写明理由。", "Give the reason.")
_WHAT = Say("还没写发现了什么，请写清何时、何处、什么问题。", "Write what you found: when, where, what is wrong.")
_PHONE = Say("请写手机号码，11 位，结果和发奖都用它。", "Enter a mobile number of 11 digits.")
_OFFICE = label("哪个单位的问题", "Which office", most=40, missing=Say("请选单位。", "Choose the office."))
_SAID = label("理由（单位、发现人看得到）", "Reason (unit and finder read it)", most=1000, missing=_REASON)


class Campaign(msgspec.Struct, kw_only=True):
    """A campaign."""

    name: Annotated[str, label("活动名称", "Name", most=60, missing=Say("请写活动名称。", "Name the campaign."))]
    what: Annotated[str, label("什么算找茬", "What counts", most=2000,
                               missing=Say("请写明什么样的问题算数。", "Say which faults count."))]  # fmt: skip
    starts: Annotated[date, label("从哪天", "First day")]
    ends: Annotated[date, label("到哪天", "Last day")]
    amount: Annotated[int, label("每条奖金（元）", "Yuan for each finding", least=1, most=100_000)]
    points: Annotated[int, label("每条扣单位几分", "Points off the unit for each", least=0, most=100)]
    units: Annotated[list[str], label("涉及哪些单位（不选就是全部）", "Which units (none ticked: all)")] = []

    def plan(self) -> Plan:
        """The same for the verb."""
        return Plan(
            name=self.name, what=self.what, starts=self.starts, ends=self.ends, amount=self.amount,
            points=self.points, units=tuple(self.units),
        )  # fmt: skip


class Find(msgspec.Struct, kw_only=True):
    """A finding by somebody without an account."""

    unit: Annotated[str, _OFFICE]
    place: Annotated[str, label("在哪里（窗口、网址、地点）", "Where: window, address, place", most=200)] = ""
    words: Annotated[str, label("发现了什么", "What you found", most=2000, missing=_WHAT)]
    name: Annotated[
        str, label("您的姓名", "Your name", most=60, missing=Say("还没写姓名，发奖要用。", "Enter your name."))
    ]
    phone: Annotated[str, label("手机号码", "Mobile number", most=20, missing=_PHONE)]

    def check(self) -> dict[str, Say]:
        """A number that takes an SMS."""
        return {} if is_mobile(self.phone) else {"phone": _PHONE}


class OwnFind(msgspec.Struct, kw_only=True):
    """A finding by the holder of a verified account: who they are is known."""

    unit: Annotated[str, _OFFICE]
    place: Annotated[str, label("在哪里（窗口、网址、地点）", "Where: window, address, place", most=200)] = ""
    words: Annotated[str, label("发现了什么", "What you found", most=2000, missing=_WHAT)]


class DeskFind(Find, kw_only=True):
    """A finding that an agent takes down for a caller; any telephone number will do."""

    campaign: Annotated[str, label("哪次活动", "Which campaign", missing=Say("请选活动。", "Choose the campaign."))]

    def check(self) -> dict[str, Say]:
        """A telephone number."""
        wrong = Say("请写电话号码，结果和发奖都用它。", "Enter a telephone number.")
        return {} if masks.is_phone(self.phone) else {"phone": wrong}


class Follow(msgspec.Struct, kw_only=True):
    """What a finder looks up with."""

    number: Annotated[str, label("线索编号", "Number", most=40, missing=Say("还没写编号。", "Enter the number."))]
    code: Annotated[str, label("查询码", "Query code", most=40, missing=Say("还没写查询码。", "Enter the code."))]


class Pay(msgspec.Struct, kw_only=True):
    """How to be paid."""

    name: Annotated[str, label("收款人姓名", "Payee’s name", most=60,
                               missing=Say("请写收款人姓名。", "Enter the payee’s name."))]  # fmt: skip
    means: Annotated[Literal["bank", "wechat", "alipay", "counter"], label("怎么收", "By which means")]
    account: Annotated[
        str, label("开户行和账号，或微信、支付宝账号", "Bank and account, or WeChat or Alipay id", most=120)
    ] = ""

    def check(self) -> dict[str, Say]:
        """An account wherever it is not fetched at the counter."""
        if self.means != "counter" and len(self.account.strip()) < 4:
            return {"account": Say("请写收款账号。", "Enter the account.")}
        return {}

    def payee(self) -> Payee:
        """The same for the verb."""
        return Payee(name=self.name, means=self.means, account=self.account)


class Review(msgspec.Struct, kw_only=True):
    """审查."""

    decision: Annotated[Literal["confirm", "refuse", "repeat"], label("审查意见", "Decision")]
    reason: Annotated[str, label("理由（发现人看得到）", "Reason (the finder reads it)", most=1000)] = ""
    of: Annotated[str, label("与哪一条重复（编号）", "A repeat of (number)", most=40)] = ""
    seen: Annotated[bool, label("已比对，不是同一件", "Compared: it is another matter")] = False
    public_words: Annotated[str, label("公开的话", "What is published", most=500)] = ""

    def check(self) -> dict[str, Say]:
        """A reason for a no, the number for a repeat."""
        if self.decision == "refuse" and not self.reason:
            return {"reason": Say("请写明不确认的理由，发现人看得到。", "Give the reason; the finder reads it.")}
        if self.decision == "repeat" and not self.of:
            return {"of": Say("请写与哪一条重复。", "Enter the number of the other one.")}
        return {}


class Words(msgspec.Struct, kw_only=True):
    """An appeal."""

    words: Annotated[str, label("申诉理由和证明", "Ground and proof", most=2000, missing=_REASON)]


class Decide(msgspec.Struct, kw_only=True):
    """裁定申诉."""

    decision: Annotated[Literal["uphold", "refuse"], label("裁定", "Decision")]
    reason: Annotated[str, _SAID]
    recover: Annotated[bool, label("已付的奖金要追回", "Recover what was paid")] = False


class Overturn(msgspec.Struct, kw_only=True):
    """推翻确认."""

    reason: Annotated[str, _SAID]
    recover: Annotated[bool, label("已付的奖金要追回", "Recover what was paid")] = False


class Prepare(msgspec.Struct, kw_only=True):
    """制付款单."""

    at_counter: Annotated[
        bool, label("到窗口领，付给登记的发现人本人", "At the counter, to the finder on file in person")
    ] = False


class Paid(msgspec.Struct, kw_only=True):
    """付讫."""

    receipt_no: Annotated[str, label("付款凭证号", "Number of the receipt", most=60,
                                     missing=Say("请写付款凭证号。", "Enter the number of the receipt."))]  # fmt: skip


class Nothing(msgspec.Struct, kw_only=True):
    """A form with a button only."""
