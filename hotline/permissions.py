"""Permission names are data; every route declares the permission it needs, or PUBLIC. Roles: ``hotline.roles``."""

from __future__ import annotations

from hotline.actor import Actor
from hotline.errors import Refusal, Say, forbidden
from hotline.roles import ROLES

PUBLIC = "public"
"""The route is for anyone, signed in or not."""
SIGNED_IN = "signed_in"
"""The route is for any signed-in person."""

PERMISSIONS: dict[str, Say] = {
    "call.take": Say("接电话、登记诉求", "Take calls and log requests"),
    "case.list": Say("看归自己的案件列表", "See the list of one's cases"),
    "case.read": Say("看归自己的案件", "Read one's cases"),
    "case.accept": Say("受理、不予受理、直接答复、转接", "Accept, decline, answer, transfer"),
    "case.dispatch": Say("派单、改派、裁定退回", "Dispatch, re-dispatch, decide returns"),
    "case.approve": Say("本单位负责人批准答复、下派", "Approve replies and handing down, as the unit's head"),
    "case.handle": Say("签收、首次联系、提交办结、退回", "Acknowledge, contact, submit results, return"),
    "case.audit": Say("审核办理结果", "Audit results"),
    "case.visit": Say("回访、结案", "Return visits and closing"),
    "case.instruct": Say("协调企业诉求、批示", "Coordinate enterprises' requests, write instructions"),
    "case.supervise": Say("催办、督办", "Remind and supervise"),
    "case.coordinate": Say("协调、确认办结", "Coordinate and confirm completion"),
    "visit.read": Say("看回访统计和回访范围", "See figures and scope of return visits"),
    "visit.policy": Say("定回访范围（全部或抽样）", "Set who is visited: all or a sample"),
    "case.reopen": Say("重启已结案的件", "Reopen closed cases"),
    "case.erase": Say("按规定删除个人信息", "Erase personal data under a rule"),
    "requester.reveal": Say("查看诉求人姓名、号码（留痕）", "Reveal a requester's name and number (logged)"),
    "report.read": Say("办理举报件", "Work on reports of violations"),
    "alert.answer": Say("答复预警", "Answer alerts"),
    "notice.draft": Say("起草公示", "Draft notices"),
    "notice.approve": Say("业务审核公示", "Approve notices, business side"),
    "notice.clear": Say("保密审核公示", "Approve notices, secrecy side"),
    "notice.reply": Say("单位申辩、报纠正情况", "Reply to notices, report corrections"),
    "notice.verify": Say("核实纠正、归档、撤下", "Verify corrections, archive, take down"),
    "board.read": Say("看督办总览", "See the supervision board"),
    "conference.hold": Say("召集会商、记录决定", "Hold conferences and record decisions"),
    "routing.edit": Say("维护派单目录、派单规则和模型", "Maintain the dispatch catalogue, rules and models"),
    "promise.edit": Say("维护时限档案和工作日历", "Maintain the profiles of promises and the calendar"),
    "extension.decide": Say("批准或不批准延期", "Decide on extensions"),
    "suspension.decide": Say("批准或不批准挂账", "Decide on suspensions"),
    "ladder.hold": Say("约谈、通报、问责、联合督办", "Interviews, bulletins, accountability, joint supervision"),
    "ladder.edit": Say("维护督办规则表", "Maintain the ladder's rule table"),
    "inspection.plan": Say("制定督查计划、抽样", "Plan inspections and draw samples"),
    "inspection.check": Say("复核、抽查、暗访", "Re-check, spot-check, test"),
    "claim.decide": Say("认定不合理诉求、超职责", "Decide on unreasonable and beyond-remit claims"),
    "promise.simulate": Say("推演时限", "Try other promises on past cases"),
    "rating.import": Say("导入窗口、第三方评价", "Import ratings of counters and third parties"),
    "rating.decide": Say("裁定评价申诉", "Decide on appeals of ratings"),
    "figures.read": Say("看数据", "See the figures"),
    "figures.own": Say("看本单位、本区县的数据", "See the figures of one's own unit or county"),
    "figures.export": Say("导出数据、发布开放数据", "Export figures, publish open data"),
    "ledger.export": Say("导出整本台账", "Export the whole ledger"),
    "score.edit": Say("维护考核办法", "Maintain the scoring formulas"),
    "score.freeze": Say("核定、公布考核，裁定考核申诉", "Freeze and publish scores, decide on appeals of scores"),
    "score.appeal": Say("看本单位考核、申诉", "See the own unit's scores, appeal"),
    "bulletin.make": Say("编发通报、专报", "Make bulletins and special reports"),
    "theme.edit": Say("研判热点、定每月一题", "Judge hot issues, set monthly themes"),
    "bounty.review": Say("审查有奖找茬", "Review findings of the bounty"),
    "bounty.pay": Say("发放找茬奖金", "Pay bounties"),
    "data.ask": Say("申请数据", "Ask for data"),
    "data.answer": Say("受理、审核、提供数据", "Take, review and supply data"),
    "city.edit": Say("维护单位、事项、线路、日历", "Maintain units, matters, lines, calendar"),
    "people.edit": Say("维护人员和权限", "Maintain people and roles"),
    "people.reset": Say("给本单位的人重设密码", "Help the own unit's people to a new password"),
    "operations.read": Say("看运行状况", "See operations"),
    "floor.read": Say("看话务现场", "See the call floor"),
    "recording.play": Say("听录音（留痕）", "Play recordings (logged)"),
    "account.verify": Say("现场核验身份", "Verify identity in person"),
    "partner.edit": Say("维护对接单位和密钥", "Maintain partners and their keys"),
    "knowledge.read": Say("查知识", "Look things up in the knowledge"),
    "knowledge.write": Say("写本单位的知识", "Write the own unit's articles"),
    "knowledge.approve": Say("审定、下架知识", "Approve articles and take them down"),
    "outage.edit": Say("登记停水停电停气停热", "Enter outages of water, power, gas and heat"),
    "shift.hold": Say("交接班、拒接号码、高峰模式", "Hand over shifts, refuse numbers, switch surge mode"),
    "act.read": Say("看操作日志", "Read the log of acts"),
}

def may(actor: Actor, need: str) -> bool:
    """Whether the actor's roles hold the permission ``need`` (a name of PERMISSIONS, PUBLIC or SIGNED_IN)."""
    if need == PUBLIC or actor.kind == "system":
        return True
    if need == SIGNED_IN:
        return actor.is_staff
    return any(need in ROLES[role][1] for role in actor.roles if role in ROLES)


def refused(need: str) -> Refusal:
    """The 403 that names the permission ``need`` as people call it."""
    return forbidden(PERMISSIONS.get(need, Say(need, need)))


def demand(actor: Actor, need: str) -> None:
    """Raise a 403 refusal unless the actor may do what ``need`` names."""
    if not may(actor, need):
        raise refused(need)
