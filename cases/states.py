"""States, their named groups and the words for them. Which belongs to what: rules.md 1. Moves: ``cases/moves``."""

from __future__ import annotations

from hotline.errors import Refusal, Say

CASE_STATES: dict[str, Say] = {
    "registered": Say("待受理", "To accept"),
    "declined": Say("不予受理", "Declined"),
    "transferred": Say("已转接", "Transferred"),
    "answered": Say("直接答复", "Answered at once"),
    "accepted": Say("待派单", "To dispatch"),
    "in_conference": Say("会商中", "In conference"),
    "active": Say("办理中", "In progress"),
    "callback": Say("待回访", "To call back"),
    "rework": Say("重办", "Rework"),
    "closed": Say("已结案", "Closed"),
    "merged": Say("已并单", "Merged"),
    "archived": Say("已归档", "Archived"),
}
ASSIGNMENT_STATES: dict[str, Say] = {
    "dispatched": Say("待签收", "To acknowledge"),
    "return_requested": Say("申请退回", "Return asked"),
    "signed": Say("已签收", "Acknowledged"),
    "in_progress": Say("办理中", "In progress"),
    "handled": Say("已提交办结", "Result submitted"),
    "recalled": Say("已收回", "Recalled"),
    "ended": Say("已结束", "Ended"),
}
REQUEST_STATES: dict[str, Say] = {
    "open": Say("办理中", "Open"),
    "awaiting_visit": Say("待回访", "To call back"),
    "visited": Say("已回访", "Called back"),
    "exempt": Say("免回访", "No call-back"),
    "withdrawn": Say("已撤回", "Withdrawn"),
    "erased": Say("已删除", "Erased"),
}
KINDS: dict[str, Say] = {
    "enquiry": Say("咨询", "Enquiry"),
    "assistance": Say("求助", "Assistance"),
    "complaint": Say("投诉", "Complaint"),
    "report": Say("举报", "Report"),
    "suggestion": Say("建议", "Suggestion"),
    "praise": Say("表扬", "Praise"),
}
URGENCIES: dict[str, Say] = {
    "normal": Say("一般", "Normal"),
    "urgent": Say("紧急", "Urgent"),
    "critical": Say("特急", "Critical"),
}
GRADES: dict[str, Say] = {
    "satisfied": Say("满意", "Satisfied"),
    "basically_satisfied": Say("基本满意", "Basically satisfied"),
    "neutral": Say("一般", "Neutral"),
    "dissatisfied": Say("不满意", "Dissatisfied"),
}

UNDISPATCHED = frozenset({"registered", "accepted", "in_conference"})
WORKING = frozenset({"active", "rework"})
ENDED = frozenset({"declined", "transferred", "answered", "closed", "merged", "archived"})
OPEN = frozenset(CASE_STATES) - ENDED
RATEABLE = frozenset({"answered", "closed", "archived"})
AT_UNIT = frozenset({"dispatched", "return_requested", "signed", "in_progress"})
GONE = frozenset({"recalled", "ended"})
YELLOW, RED, SUPERVISED, BULLETIN, INTERVIEW, ACCOUNTABILITY = 2, 3, 4, 5, 6, 7
"""Steps of the ladder, in the order in which they may be given (rules.md 7). From SUPERVISED on (a supervision order)
a case counts as supervised: always visited (rules.md 2). Reminders stand outside it."""
STEPS: dict[int, Say] = {
    YELLOW: Say("黄牌", "Yellow card"),
    RED: Say("红牌", "Red card"),
    SUPERVISED: Say("督办单", "Supervision order"),
    BULLETIN: Say("通报、曝光", "Bulletin or exposure"),
    INTERVIEW: Say("约谈", "Interview"),
    ACCOUNTABILITY: Say("问责", "Accountability"),
}
CARDS = {YELLOW: "yellow", RED: "red"}
"""The steps that cost points, and the cause of their record."""
SETTLED = frozenset({"visited", "exempt", "withdrawn", "erased"})

UNIT_STAGES = frozenset({"sign_off", "first_contact", "feedback", "admit", "verify", "finish"})
"""Clock stages that are a unit's own: what is late in the centre's stages is no unit's fault."""

DECLINE_REASONS: dict[str, Say] = {
    "statutory_channel": Say("应走法定途径", "A statutory channel applies"),
    "out_of_jurisdiction": Say("不属本市管辖", "Outside this city"),
    "repeat_no_new_facts": Say("重复且无新情况", "A repeat without new facts"),
    "in_petition": Say("已进入信访程序", "Already in petition"),
    "secret_or_private": Say("涉国家秘密、商业秘密或个人隐私", "State or trade secrets, or privacy"),
    "malicious": Say("恶意骚扰", "Malicious"),
}
RESULTS: dict[str, Say] = {
    "resolved": Say("已解决", "Resolved"),
    "explained": Say("解释说明（政策所限）", "Explained (policy limits)"),
    "planned": Say("列入计划", "Planned"),
    "not_substantiated": Say("诉求不属实", "Not substantiated"),
    "beyond_remit": Say("超职责", "Beyond remit"),
    "praise_forwarded": Say("表扬已转达", "Praise forwarded"),
    "suggestion_adopted": Say("建议采纳", "Suggestion adopted"),
    "suggestion_not_adopted": Say("建议未采纳", "Suggestion not adopted"),
}
RESULTS_OF: dict[str, tuple[str, ...]] = {
    "suggestion": ("suggestion_adopted", "suggestion_not_adopted"),
    "praise": ("praise_forwarded",),
}
"""Kinds that end in their own way (seed 001-02, domain.md 2.3); the others take every result that is not theirs."""
CLOSE_REASONS: dict[str, Say] = {
    **RESULTS,
    "answered": Say("直接答复", "Answered at once"),
    "transferred": Say("转接紧急或专业热线", "Transferred"),
    **DECLINE_REASONS,
    "withdrawn": Say("诉求人撤单", "Withdrawn by the requester"),
    "unreachable": Say("三次联系不上", "Unreachable after three tries"),
    "unreasonable": Say("不合理诉求（经认定）", "Unreasonable (decided by the centre)"),
    "info_not_supplied": Say("逾期未补充", "What was asked for did not come"),
    "imported": Say("原系统已结", "Closed in the former system"),
}
RETURN_GROUNDS: dict[str, Say] = {
    "function": Say("职能不符", "Not our function"),
    "place": Say("属地不符", "Not our place"),
    "ownership": Say("权属不清", "Ownership unclear"),
    "overlap": Say("职能交叉", "Functions overlap"),
    "duplicate": Say("重复派单", "Dispatched twice"),
    "incomplete": Say("要素不全", "Facts missing"),
    "superior": Say("应由上级办理", "For a higher level"),
    "statutory": Say("已进入法定程序", "In a statutory procedure"),
}


def results_for(kind: str) -> tuple[str, ...]:
    """The results that a request of ``kind`` may end with."""
    own = RESULTS_OF.get(kind)
    if own:
        return own
    taken = {one for results in RESULTS_OF.values() for one in results}
    return tuple(one for one in RESULTS if one not in taken)


TEXTS: dict[str, Say] = {
    "told": Say("请写一句给诉求人看的原因。", "Write the reason that the requester is to read."),
    "citation": Say("请写明依据哪一条法。", "Name the statute that it rests on."),
    "words": Say("还没写诉求内容，请写清何时、何地、何事。", "Write what happened, when and where."),
    "channel": Say("请写明该走哪条途径。", "Name the right channel."),
    "reply": Say("还没写答复市民的话。", "Write the reply to the requester."),
    "reason": Say("请写明理由。", "Give the reason."),
    "basis": Say("请写明依据哪条规定。", "Cite the rule it rests on."),
    "note": Say("还没写内部办理情况。", "Write the internal handling note."),
    "spot": Say("请写明在哪里集合、看哪里。", "Say where to meet and what to look at."),
    "outcome": Say("请写下上门的结果。", "Write down what came of the visit."),
    "summary": Say("举报、保密件请写一段给承办单位看的转述。", "Sealed: write the summary that the unit will see."),
    "finding": Say("还没写核实的情况。", "Write what was found."),
    "list": Say("请逐项列出还缺什么，一行一项。", "List what is missing, an item a line."),
    "plan": Say("请写明计划：做什么、谁来做、何时做完。", "Write the plan: what, by whom, until when."),
    "instruction": Say("还没写批示。", "Write the instruction."),
    "report": Say("还没写报告。", "Write the report."),
}


def impossible(kind: str, state: Say) -> Refusal:
    """The 409 that says in what state the thing is and why the act is not possible there."""
    return Refusal(
        409,
        "impossible_move",
        Say(
            f"现在是“{state.zh}”，做不了这一步。页面可能已变，请刷新再看。",
            f"It is now “{state.en}”, so this step is not possible. The page may have changed: refresh and look.",
        ),
        fields={"move": Say(kind, kind)},
    )
