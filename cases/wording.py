"""One sentence an event, for staff and for the requester. The page adds who and when; words and names stand beside."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from cases import events as e
from cases import (
    states,
    wording_audit,
    wording_care,
    wording_conference,
    wording_desk,
    wording_extend,
    wording_hands,
    wording_knowledge,
    wording_ladder,
    wording_merge,
    wording_notice,
    wording_outage,
    wording_pause,
    wording_rating,
    wording_remind,
    wording_route,
    wording_theme,
    wording_visit,
)
from hotline import city, clock
from hotline.errors import Say

STAGES: dict[str, Say] = {
    "accept": Say("受理", "accept"),
    "dispatch": Say("派单", "dispatch"),
    "sign_off": Say("签收", "acknowledge"),
    "first_contact": Say("首次联系", "first contact"),
    "feedback": Say("反馈", "first feedback"),
    "admit": Say("决定是否受理", "decide whether to take it up"),
    "verify": Say("核实", "verify"),
    "finish": Say("办结", "finish"),
    "report_up": Say("上报", "report up"),
    "answer": Say("按告知的日期答复", "answer by the date told"),
    "audit": Say("审核", "audit"),
    "visit": Say("回访", "return visit"),
    "order_reply": Say("督办回复", "answer the order"),
    "instruction_report": Say("批示报告", "report on the instruction"),
    "correction": Say("纠正", "correct"),
    "risk": Say("班长看风险", "a supervisor's look at the risk"),
    "level_township": Say("乡镇协调", "township's coordination"),
    "level_district": Say("县区协调", "district's coordination"),
    "level_city": Say("市领导协调", "city leader's coordination"),
}
CHANNELS: dict[str, Say] = {
    "phone": Say("电话", "telephone"),
    "web": Say("网页", "the web"),
    "chat": Say("网上客服", "live chat"),
    "sms": Say("短信", "SMS"),
    "wechat": Say("微信", "WeChat"),
    "walk_in": Say("窗口", "the counter"),
    "mail": Say("信函", "mail"),
    "open311": Say("开放接口", "Open311"),
    "email": Say("邮件", "e-mail"),
    "assisted": Say("帮代办", "assisted filing"),
    "kiosk": Say("自助终端", "a kiosk"),
    "partner": Say("协作单位", "a partner"),
    "province": Say("省平台", "the provincial platform"),
    "state_site": Say("中国政府网", "the State government website"),
    "city_site": Say("市政府网站", "the city government website"),
    "app": Say("客户端", "the app"),
    "weibo": Say("微博", "Weibo"),
    "enterprise_cloud": Say("企业服务云", "the enterprise cloud"),
    "grid": Say("网格平台", "the grid platform"),
    "import": Say("原系统导入", "the former system"),
    "feed": Say("批量转入", "a feed"),
    "visit": Say("回访", "the return visit"),
}


def _unit(code: str) -> Say:
    unit = city.current().unit(code)
    return Say(unit.name_zh, unit.name_en) if unit else Say(code, code)


def day_time(moment: datetime) -> Say:
    """A moment as staff read it: 11-27 18:00."""
    at = clock.local(moment)
    return Say(f"{at:%m-%d %H:%M}", f"{at:%d %b %H:%M}")


def _matter(code: str | None, on: date | None) -> Say:
    matter = city.current().matter(code, on) if code else None
    return Say(matter.l3_zh, matter.l3_en) if matter else Say("未定事项", "no matter yet")


def _registered(event: e.Registered) -> Say:
    by, kind = CHANNELS.get(event.channel, Say(event.channel, event.channel)), states.KINDS[event.request_kind]
    return Say(f"{by.zh}来件，{kind.zh}，线路 {event.line}", f"{kind.en} by {by.en}, line {event.line}")


def _accepted(event: e.Accepted, on: date | None = None) -> Say:
    matter = _matter(event.matter, on)
    how = wording_route.accepted_by(event.decided_by)
    return Say(f"{how.zh}：{matter.zh}", f"{how.en}: {matter.en}")


def _declined(event: e.Declined) -> Say:
    reason = states.DECLINE_REASONS.get(event.reason, Say(event.reason, event.reason))
    return Say(f"不予受理：{reason.zh}", f"declined: {reason.en}")


def _transferred(event: e.Transferred) -> Say:
    more = (
        Say(f"（对方编号 {event.reference}）", f" (their reference {event.reference})")
        if event.reference
        else Say("", "")
    )
    if event.is_statutory:
        way = wording_care.channel(event.target)
        return Say(f"转法定渠道：{way.zh}{more.zh}", f"to its statutory channel: {way.en}{more.en}")
    return Say(f"转接 {event.target}{more.zh}", f"transferred to {event.target}{more.en}")


def _dispatched(event: e.Dispatched) -> Say:
    unit, by = _unit(event.unit), wording_route.dispatched_by(event.basis)
    return Say(f"{by.zh}：{unit.zh}", f"{by.en} to {unit.en}")


_MISSES: dict[str, Say] = {
    "no_matter": Say("没有事项", "no matter"),
    "no_unit": Say("目录里没有对应单位", "no unit in the catalogue"),
    "about_itself": Say("投诉的就是目录里的单位", "it is about the catalogue's unit"),
    "sealed": Say("举报、保密件由人工派单", "reports and confidential cases go by hand"),
    "unit_off": Say("目录里的单位停用", "the catalogue's unit takes no cases"),
    "summary_missing": Say("承办的乡镇街道看不到原话，还没写转述", "a township does not see the words: no summary yet"),
    "self_handling": Say("被投诉单位不能自办", "no unit handles a complaint about itself"),
}


def _missed(event: e.RoutingMissed) -> Say:
    why = wording_route.left_by_rule(event.reason) or _MISSES.get(event.reason, Say(event.reason, event.reason))
    return Say(f"没有自动派出（{why.zh}），在派单台等人工派单", f"not dispatched ({why.en}); on the dispatcher's desk")


def _return_requested(event: e.ReturnRequested) -> Say:
    ground = states.RETURN_GROUNDS.get(event.ground, Say(event.ground, event.ground))
    to = _unit(event.suggested) if event.suggested else Say("", "")
    return Say(
        f"申请退回：{ground.zh}" + (f"，建议派 {to.zh}" if to.zh else ""),
        f"asks to return: {ground.en}" + (f", suggests {to.en}" if to.en else ""),
    )


def _handled(event: e.Handled) -> Say:
    result = states.RESULTS[event.result]
    return Say(f"提交办结：{result.zh}", f"result submitted: {result.en}")


def _visited(event: e.Visited) -> Say:
    solved = Say("已解决", "solved") if event.is_solved else Say("没解决", "not solved")
    grade = states.GRADES.get(event.grade or "", Say("未评价", "no grade"))
    return Say(f"回访接通：{solved.zh}，{grade.zh}", f"called back: {solved.en}, {grade.en.lower()}")


def _closed(event: e.Closed) -> Say:
    reason = states.CLOSE_REASONS.get(event.reason, Say(event.reason, event.reason))
    return Say(f"结案：{reason.zh}", f"closed: {reason.en}")


def _rated(event: e.Rated) -> Say:
    grade = states.GRADES[event.grade]
    return Say(f"评价：{grade.zh}", f"rated: {grade.en}")


def _promised(event: e.Promised) -> Say:
    zh = "，".join(f"{STAGES.get(p.stage, Say(p.stage, p.stage)).zh}期限 {day_time(p.due).zh}" for p in event.promises)
    en = ", ".join(f"{STAGES.get(p.stage, Say(p.stage, p.stage)).en} by {day_time(p.due).en}" for p in event.promises)
    return Say(zh, en)


def _card(colour: Say) -> Callable[[Any], Say]:
    def sentence(event: Any) -> Say:
        stage = STAGES.get(event.stage, Say(event.stage, event.stage))
        unit = _unit(event.unit) if event.unit else Say("中心", "the centre")
        points = Say(f"，扣 {event.points} 分", f", {event.points} points") if event.points else Say("", "")
        return Say(f"{colour.zh}：{unit.zh} {stage.zh}{points.zh}", f"{colour.en}: {unit.en}, {stage.en}{points.en}")

    return sentence


def _ordered(event: e.Ordered) -> Say:
    unit = _unit(event.unit)
    return Say(
        f"{event.number} 发给 {unit.zh}，{day_time(event.due).zh} 前回复{wording_ladder.joined(event.bodies).zh}",
        f"supervision order {event.number} to {unit.en}, answer by {day_time(event.due).en}"
        f"{wording_ladder.joined(event.bodies).en}",
    )


def _clustered(event: e.Clustered) -> Say:
    what = Say("群体诉求", "mass request") if event.size == "mass" else Say("同类聚集", "cluster")
    return Say(
        f"{what.zh}：{event.cases} 件，{event.requesters} 人，联系 {event.contacts} 次，这是主件",
        f"{what.en}: {event.cases} cases, {event.requesters} requesters, {event.contacts} contacts; this is the first",
    )


def _plain(zh: str, en: str) -> Callable[[Any], Say]:
    return lambda _: Say(zh, en)


STAFF: dict[str, Callable[[Any], Say]] = {
    "registered": _registered,
    "accepted": _accepted,
    "declined": _declined,
    "transferred": _transferred,
    "answered": _plain("直接答复", "answered at once"),
    "routing_missed": _missed,
    "dispatched": _dispatched,
    "co_handler_added": lambda v: Say(f"加派 {_unit(v.unit).zh} 协办", f"co-handler {_unit(v.unit).en} added"),
    "recalled": _plain("收回，准备改派", "recalled, to be dispatched anew"),
    "signed": _plain("签收", "acknowledged"),
    "contacted": _plain("联系了诉求人", "spoke with the requester"),
    "return_requested": _return_requested,
    "return_approved": _plain("同意退回", "return approved"),
    "return_refused": lambda v: Say(
        "不同意退回" + ("，理由不成立，记推诿" if v.is_groundless else "，期限照旧"),
        "return refused" + (", groundless: recorded as buck-passing" if v.is_groundless else ", the clock ran on"),
    ),
    "handled": _handled,
    "sent_back": _plain("审核退回修改，期限照旧", "sent back by the audit, the due date stays"),
    "approved": _plain("审核通过，待回访", "audit passed, to be called back"),
    "visited": _visited,
    "reworked": _plain("退回重办，期限重新计算", "back for rework with a new clock"),
    "closed": _closed,
    "rated": _rated,
    "words_added": _plain("诉求人补充", "the requester added words"),
    "urged": _plain("诉求人催办", "the requester urged"),
    "withdrawn": _plain("诉求人撤回", "withdrawn by the requester"),
    "promised": _promised,
    "reminded": lambda v: Say(f"催办 {_unit(v.unit).zh}", f"reminded {_unit(v.unit).en}"),
    "warned": _card(Say("黄牌", "yellow card")),
    "breached": _card(Say("超期", "overdue")),
    "ordered": _ordered,
    "order_signed": lambda v: Say(f"签收 {v.number}", f"order {v.number} acknowledged"),
    "order_answered": lambda v: Say(f"回复 {v.number}", f"order {v.number} answered"),
    "noticed": lambda v: Say(f"公示 {v.number} 已发布", f"notice {v.number} published"),
    "imported": _plain("从原系统导入，日期照旧", "imported from the former system with its dates"),
    "clustered": _clustered,
    "erased": lambda v: Say(f"按“{v.rule}”删除个人信息", f"personal data erased under “{v.rule}”"),
    **wording_care.STAFF,
    **wording_hands.STAFF,
    **wording_conference.STAFF,
    **wording_merge.STAFF,
    **wording_route.STAFF,
    **wording_pause.STAFF,
    **wording_remind.STAFF,
    **wording_extend.STAFF,
    **wording_ladder.STAFF,
    **wording_visit.STAFF,
    **wording_audit.STAFF,
    **wording_rating.STAFF,
    **wording_notice.STAFF,
    **wording_theme.STAFF,
    **wording_desk.STAFF,
    **wording_knowledge.STAFF,
    **wording_outage.STAFF,
}
"""What staff read; every kind has its sentence (tests/test_architecture.py)."""

REQUESTER: dict[str, Callable[[Any], Say]] = {
    "registered": _plain("收到您的来件", "We received it"),
    "accepted": _plain("已受理", "Taken up"),
    "declined": _plain("不予受理", "Not taken up"),
    "transferred": lambda v: wording_care.way_of(v)
    if v.is_statutory
    else Say(f"已转 {v.target} 处理", f"Transferred to {v.target}"),
    "answered": _plain("已答复", "Answered"),
    "dispatched": lambda v: Say(f"交{_unit(v.unit).zh}办理", f"With {_unit(v.unit).en}"),
    "signed": _plain("承办单位已接到", "The unit has it"),
    "contacted": _plain("承办单位与您联系", "The unit spoke with you"),
    "approved": _plain("已有答复，稍后回访您", "There is an answer; we will call you"),
    "visited": _plain("已回访", "We called you back"),
    "reworked": _plain("已退回重新办理", "Being done again"),
    "closed": _plain("已办结", "Closed"),
    "rated": _rated,
    "words_added": _plain("您补充了内容", "You added words"),
    "urged": _plain("您催办了一次", "You urged us"),
    "withdrawn": _plain("您撤回了", "You withdrew it"),
    "promised": lambda event: _finish_promise(event),  # noqa: PLW0108 - it stands further down
    "imported": _plain("由原热线转入", "Brought over from the former hotline"),
    **wording_care.REQUESTER,
    **wording_hands.REQUESTER,
    **wording_conference.REQUESTER,
    **wording_merge.REQUESTER,
    **wording_route.REQUESTER,
    **wording_pause.REQUESTER,
    **wording_extend.REQUESTER,
    **wording_ladder.REQUESTER,
    **wording_visit.REQUESTER,
    **wording_audit.REQUESTER,
    **wording_rating.REQUESTER,
    **wording_notice.REQUESTER,
    **wording_theme.REQUESTER,
    **wording_desk.REQUESTER,
    **wording_knowledge.REQUESTER,
    **wording_outage.REQUESTER,
}
"""What the requester reads of their own case; kinds that are not theirs to see are absent."""


def _finish_promise(event: e.Promised) -> Say:
    due = next((p.due for p in event.promises if p.stage == "finish"), None)
    if due is None:
        return Say("", "")
    at = clock.local(due)
    return Say(f"{at.month}月{at.day}日前答复", f"Answer by {at.day} {at:%b}")


def for_staff(event: e.Event, on: date | None = None) -> Say:
    """The sentence for staff, with the matter as it was called ``on`` the day. KeyError for a kind without one."""
    if isinstance(event, e.Accepted):
        return _accepted(event, on)
    return STAFF[event.kind](event)


def for_requester(event: e.Event) -> Say | None:
    """The sentence for the requester, or None when there is nothing for them to read."""
    sentence = REQUESTER.get(event.kind)
    said = sentence(event) if sentence is not None else None
    return said if said is not None and said.zh else None
