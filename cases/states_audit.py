"""Words of the audit: kinds of findings, how a withdrawal is checked, claims that a case is put aside."""

from __future__ import annotations

from hotline.errors import Say

VISIT_FINDINGS: dict[str, Say] = {
    "not_called": Say("未拨打", "Never called"),
    "led": Say("诱导评价", "Led to an answer"),
    "misrecorded": Say("记录不符", "Recorded otherwise"),
    "grade_differs": Say("满意度不符", "Another grade"),
    "not_solved": Say("没有解决", "Not solved"),
    "rude": Say("用语不当", "Improper words"),
    "incomplete": Say("漏问", "Questions left out"),
}
"""What can be wrong with a return visit; the fault of whoever made it."""
CASE_FINDINGS: dict[str, Say] = {
    "false_result": Say("虚假办结", "A false result"),
    "unsolved": Say("问题没有解决", "The problem is not solved"),
    "off_point": Say("答非所问", "The reply misses the point"),
    "not_contacted": Say("没有联系诉求人", "The requester was not contacted"),
    "poor_record": Say("办理记录不全", "An incomplete record"),
    "rule_broken": Say("违反规定", "A rule was broken"),
}
"""What can be wrong with a handling; the unit's."""
TEST_FINDINGS: dict[str, Say] = {
    "wrong_answer": Say("答复错误", "A wrong answer"),
    "no_answer": Say("无人应答", "Nobody answered"),
    "slow": Say("等候过久", "Too long a wait"),
    "refused": Say("推诿、拒办", "Turned away"),
    "manner": Say("态度不好", "Bad manners"),
    "not_as_published": Say("与公布的不一致", "Not as published"),
}
"""What a mystery test or a visit on site can bring to light."""
FINDINGS: dict[str, Say] = {**VISIT_FINDINGS, **CASE_FINDINGS, **TEST_FINDINGS}
ANNULLING = frozenset({"not_called", "led", "misrecorded", "grade_differs"})
"""Findings after which a grade cannot stand."""

CLAIMS: dict[str, Say] = {
    "unreasonable": Say("不合理诉求", "Unreasonable request"),
    "beyond_remit": Say("超职责", "Beyond the unit's remit"),
}
CLAIM_STATES: dict[str, Say] = {
    "open": Say("待认定", "To be decided"),
    "upheld": Say("已认定", "Upheld"),
    "refused": Say("未认定", "Refused"),
    "reversed": Say("认定已撤销", "Reversed on appeal"),
}
EXCLUDED: dict[str, Say] = {**CLAIMS, "withdrawn": Say("诉求人自愿撤单", "Withdrawn of free will")}
"""Why a share counts in no score."""

WISHED, TO_CHECK = "wished", "to_check"
"""A wish to withdraw what a unit has; a withdrawal done before any unit had it. Both wait for their call."""
WITHDRAWALS: dict[str, Say] = {
    WISHED: Say("要求撤单，待核查", "Wishes to withdraw, to be checked"),
    TO_CHECK: Say("已撤单，待核查", "Withdrawn, to be checked"),
    "free": Say("确认自愿", "Of free will"),
    "kept": Say("不予撤单，继续办理", "Not withdrawn, goes on"),
    "unreached": Say("联系不上，照常办理", "Not reached, goes on"),
    "struck": Say("已销账", "Struck off"),
}
LEDGERS: dict[str, Say] = {
    "unsolved": Say("未解决台账", "Unsolved"),
    "planned": Say("列入计划台账", "Planned"),
}
