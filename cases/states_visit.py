"""Words of return visits: why somebody is dissatisfied, why a request is not visited, how a try went."""

from __future__ import annotations

from hotline.errors import Say

OWN_FAULT: dict[str, Say] = {
    "unsolved": Say("没解决", "Not solved"),
    "no_contact": Say("没人联系过", "Nobody was in touch"),
    "untrue": Say("答复与事实不符", "The answer is not true"),
    "attitude": Say("态度不好", "Attitude"),
    "slow": Say("太慢", "Too slow"),
    "buck": Say("敷衍推诿", "Put off, sent elsewhere"),
}
"""The unit's own doing (主观原因): it goes back for rework (domain.md 2.9)."""
OBJECTIVE: dict[str, Say] = {
    "policy": Say("政策法规所限", "Policy or law does not allow it"),
    "conditions": Say("客观条件暂不具备", "Conditions do not allow it yet"),
    "third_party": Say("责任在第三方", "It lies with somebody else"),
    "excessive": Say("诉求超出合理范围", "More than can be asked"),
}
"""Nothing that the unit could change (客观原因): explained and recorded, no rework."""
CAUSES: dict[str, Say] = {**OWN_FAULT, **OBJECTIVE}

GONE = frozenset({"withdrawn", "erased"})
"""States of requests that nobody asks about any more."""
EXEMPT_BY: dict[str, Say] = {
    "no_contact": Say("没留联系方式", "No way to be reached"),
    "tries": Say("联系不上", "Not reached"),
    "refused": Say("不愿回访", "Would not answer"),
    "sample": Say("按抽样免访", "Not drawn for a visit"),
}
OUTCOMES: dict[str, Say] = {
    "reached": Say("接通", "Reached"),
    "answered": Say("没接通，短信微信已答", "Answered by message"),
    "unreached": Say("没接通", "Not reached"),
    "later": Say("约了时间再打", "Asked to be called later"),
    "refused": Say("不愿回访", "Would not answer"),
}
REOPEN_CAUSES: dict[str, Say] = {
    "rating": Say("诉求人评价不满意，回访核实", "A rating of “dissatisfied”, confirmed in a call"),
    "audit": Say("回访复核发现问题", "An audit of the return visit"),
    "inspection": Say("抽查、暗访发现问题", "A spot check or mystery test"),
    "withdrawal": Say("撤单并非出于本人意愿", "A withdrawal that was not of free will"),
    "error": Say("结案有误", "Closed in error"),
}
FOLLOWED: dict[str, Say] = {
    "unreached": Say("没打通", "Not reached"),
    "proposed": Say("建议重启", "Proposed to reopen"),
    "answered": Say("已解释答复", "Explained and answered"),
}
