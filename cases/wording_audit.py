"""Sentences of the audit of return visits: findings, withdrawals, claims."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cases import events_audit as a
from cases.states_audit import CLAIMS, FINDINGS, LEDGERS, WITHDRAWALS
from hotline import city
from hotline.errors import Say


def _unit(code: str) -> Say:
    unit = city.current().unit(code)
    return unit.name if unit else Say(code, code)


def _claim(code: str) -> Say:
    return CLAIMS.get(code, Say(code, code))


def _found(event: a.AuditFound) -> Say:
    what = FINDINGS.get(event.what, Say(event.what, event.what))
    whose = _unit(event.unit) if event.unit else None
    return Say(
        f"{event.number}：{what.zh}" + (f"（{whose.zh}）" if whose else ""),
        f"{event.number}: {what.en}" + (f" ({whose.en})" if whose else ""),
    )


def _wished(event: a.WithdrawalWished) -> Say:
    if event.told_by == "unit":
        return Say("单位称诉求人要撤单，由中心核查", "the unit says they wish to withdraw; the centre will ask them")
    return Say("诉求人要求撤单，由中心核查，期限照走", "wishes to withdraw; the centre will ask, the clock runs on")


def _checked(event: a.WithdrawalChecked) -> Say:
    verdict = WITHDRAWALS[event.verdict]
    zh, en = f"撤单核查：{verdict.zh}", f"withdrawal checked: {verdict.en}"
    if event.by_unit is not None:
        unit = _unit(event.by_unit)
        zh, en = f"{zh}，是{unit.zh}要求撤的", f"{en}; {unit.en} asked for it"
    if event.ledger is not None:
        zh, en = f"{zh}，记入{LEDGERS[event.ledger].zh}", f"{en}; on the ledger “{LEDGERS[event.ledger].en}”"
    return Say(zh, en)


def _decided(event: a.ClaimDecided) -> Say:
    claim = _claim(event.claim)
    if event.is_upheld:
        return Say(f"认定为{claim.zh}，不计入考核", f"claim upheld ({claim.en}); excluded from scores")
    return Say(f"不认定为{claim.zh}，期限照旧", f"claim refused ({claim.en}); the clock ran on")


STAFF: dict[str, Callable[[Any], Say]] = {
    "audit_found": _found,
    "finding_lifted": lambda v: Say(f"{v.number} 申诉成立，撤销", f"{v.number} lifted on appeal"),
    "rating_annulled": lambda _: Say("评价作废，可以重新评价", "the rating is annulled; they may rate anew"),
    "rating_restored": lambda _: Say("评价恢复", "the rating is restored"),
    "withdrawal_wished": _wished,
    "withdrawal_checked": _checked,
    "withdrawal_struck": lambda _: Say("撤单台账销账", "struck off the ledger of withdrawals"),
    "claimed": lambda v: Say(
        f"申请认定{_claim(v.claim).zh}，期限照走", f"claims: {_claim(v.claim).en}; the clock runs on"
    ),
    "claim_decided": _decided,
    "claim_reversed": lambda v: Say(
        f"申诉后撤销认定（{_claim(v.claim).zh}），恢复计入考核",
        f"reversed on appeal ({_claim(v.claim).en}); it counts again",
    ),
}
REQUESTER: dict[str, Callable[[Any], Say]] = {
    "withdrawal_wished": lambda _: Say("您要求撤回，我们会打电话核实", "You wish to withdraw; we will call you"),
    "withdrawal_checked": lambda v: Say("已按您的意愿撤回", "Withdrawn as you wish")
    if v.verdict == "free"
    else Say("继续办理", "It goes on"),
    "claim_decided": lambda v: Say("已向您说明情况", "We have explained our answer to you")
    if v.is_upheld
    else Say("", ""),
}
