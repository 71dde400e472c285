"""The log of acts as sentences: who did what to whom or what, from what to what. Pure but for names of the city."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from datetime import date, datetime
from uuid import UUID

import msgspec

from hotline import acts, city, db, people
from hotline.actor import CITIZEN_ID, SYSTEM_ID
from hotline.errors import Say
from web.admin import sentences_areas, sentences_data, sentences_people, state, words
from web.admin.sentences_machine import subject as of_machine
from web.catalogue import names as catalogue

Data = dict[str, object]

KINDS: dict[str, Say] = {
    "signed_in": Say("登录", "signed in"),
    "signed_out": Say("退出", "signed out"),
    "password_set": Say("重设密码", "set a new password"),
    "sessions_ended": Say("强制退出", "ended sessions"),
    "leader_named": Say("设企业诉求协调领导", "named the coordinating leader of"),
    "risk_alarm_answered": Say("处置通话中的敏感警报", "answered a risk alarm of a call"),
    "matter_changed": Say("改事项", "changed a matter"),
    "line_registered": Say("登记线路", "registered a line"),
    "line_changed": Say("改线路", "changed a line"),
    "line_planned": Say("安排线路接入", "planned a line's change"),
    "line_plan_withdrawn": Say("撤销线路安排", "took back a line's plan"),
    "number_told": Say("改有关号码", "changed a related number"),
    "line_refused": Say("想登记不并入的号码，被拒", "tried to register a number that is never merged, refused"),
    "conference_planned": Say("召集会商", "called conference"),
    "conference_changed": Say("改会商安排", "changed conference"),
    "conference_item_added": Say("列入会商议程", "put a case on the agenda of conference"),
    "conference_decided": Say("会商作出决定", "decided an item of conference"),
    "conference_precedent": Say("会商决定列为先例", "made a precedent of a decision of conference"),
    "conference_held": Say("会商结束，纪要定稿", "ended and fixed the minutes of conference"),
    "conference_cancelled": Say("取消会商", "cancelled conference"),
    "sample_drawn": Say("抽样", "drew"),
    "rechecked": Say("复核", "re-checked"),
    "finding_made": Say("记问题", "recorded the finding"),
    "finding_answered": Say("回复问题整改", "answered the finding"),
    "finding_verified": Say("核实问题整改", "verified the correction of"),
    "finding_appealed": Say("对问题申诉", "appealed against"),
    "finding_appeal_decided": Say("裁定对问题的申诉", "decided the appeal against"),
    "finding_closed": Say("问题销号", "closed the finding"),
    "score_formula_changed": Say("改考核办法", "changed the scoring formula"),
    "score_frozen": Say("核定公布考核", "published the scores of"),
    "score_amended": Say("申诉成立，更正考核", "amended, after an appeal, the scores of"),
    "score_appealed": Say("对考核申诉", "appealed against the scores of"),
    "score_appeal_decided": Say("裁定考核申诉", "decided an appeal against the scores of"),
    "score_black_list_opened": Say("同意公开黑榜", "opened the black list of"),
    "honour_proposed": Say("提名光荣榜", "put forward for the honour list"),
    "honour_approved": Say("同意上光荣榜", "approved for the honour list"),
    "honour_withdrawn": Say("撤下光荣榜", "took off the honour list"),
    "inspection_planned": Say("制定督查计划", "planned the inspection"),
    "inspection_ended": Say("结束督查", "ended the inspection"),
    "mystery_test_done": Say("模拟办事", "tested"),
    "days_set": Say("改日历", "changed the calendar"),
    "hours_set": Say("改上班时间", "changed working hours"),
    "hours_dropped": Say("撤回上班时间", "took back working hours"),
    "year_imported": Say("导入放假安排", "imported the holidays of"),
    "partner_added": Say("新增对接单位", "added a partner"),
    "partner_changed": Say("改对接单位", "changed a partner"),
    "partner_key_made": Say("生成密钥", "made a key of"),
    "partner_key_ended": Say("停用密钥", "ended a key of"),
    "partner_secret_made": Say("更换回调签名密钥", "renewed the signing secret of"),
    "partner_pinged": Say("测试回调", "tested the web hook of"),
    "partner_replayed": Say("重发回调", "replayed a web hook of"),
    "partner_hook_gone": Say("对方答 410，停发回调", "switched off the web hook that answered 410, of"),
    "model_asked": Say("安排训练模型", "asked for a new model"),
    "model_live": Say("启用模型", "put a model in service"),
    "visit_policy_set": Say("定回访范围", "set who is visited:"),
    "rule_set": Say("改规则", "changed a rule"),
    "promise_set": Say("改时限档案", "changed the promises of"),
    "statute_set": Say("改法条", "changed the statute"),
    "catalogue_written": Say("改派单目录", "changed the dispatch catalogue:"),
    "catalogue_ended": Say("结束目录行", "ended a line of the dispatch catalogue:"),
    "catalogue_sheet": Say("导入派单目录", "put a sheet of the dispatch catalogue in force"),
    "dispatch_rule.saved": Say("写派单规则", "wrote dispatch rule"),
    "dispatch_rule.live": Say("启用派单规则", "put in force dispatch rule"),
    "dispatch_rule.off": Say("停用派单规则", "switched off dispatch rule"),
    "dispatch_rule.faulty": Say("派单规则出错，自动停用", "failed, switched off: dispatch rule"),
    "dispatch_rule.moved": Say("移动派单规则", "moved dispatch rule"),
    "inbound_again": Say("重试来件", "tried a message again"),
    "arrival_again": Say("重读来信", "read a provider's message again"),
    "letter_again": Say("重发消息", "sent a message once more"),
    "letters_again": Say("重发一个渠道的消息", "sent a door's messages once more"),
    "call_made": Say("经热线拨打电话", "made a call through the hotline"),
    "call_transferred": Say("转接来电", "transferred a call"),
    "recording_played": Say("听录音", "played a recording"),
    "chat_read": Say("查看网上对话", "read a chat"),
    "chat_handed": Say("转出网上对话", "handed a chat over"),
    "chat_barred": Say("因辱骂结束网上对话", "ended a chat for abuse"),
    "identity_seen": Say("看过诉求人身份证件", "saw a requester's identity document"),
    "cluster_member_left": Say("把一件诉求移出聚集", "took a case out of a cluster"),
    "cluster_dismissed": Say("认定聚集不是同一件事", "found that a cluster is not one thing"),
    "cluster_reported": Say("送出专报", "sent a special report"),
    "ladder_rule_set": Say("改督办规则", "changed a rule of the ladder:"),
    "ladder_paper": Say("督办文书走了一步", "took a step on"),
    "alert_answered": Say("答复预警", "answered an alert"),
    "requester_revealed": Say("查看诉求人信息", "revealed a requester's particulars"),
    "phone.unmasked": Say("查看诉求人号码", "revealed a requester's number"),
    "export.made": Say("导出", "exported"),
    "file_read": Say("打开附件", "opened an attachment"),
    "notice.drafted": Say("起草公示", "drafted a notice"),
    "notice.edited": Say("改公示草稿", "edited a notice"),
    "notice.redacted": Say("隐去公示草稿中的内容", "redacted a notice"),
    "notice.kept": Say("保留公示草稿中的内容", "kept a passage of a notice"),
    "notice.sent": Say("公示送审", "sent a notice for review"),
    "notice.sent_back": Say("退回公示草稿", "sent a notice back"),
    "notice.replied": Say("对公示提交意见", "replied to a notice"),
    "notice.approved": Say("公示业务审核通过", "approved a notice"),
    "notice.cleared": Say("公示保密审核通过", "cleared a notice"),
    "notice.published": Say("发布公示", "published a notice"),
    "notice.corrected": Say("报公示的纠正情况", "reported a notice's correction"),
    "notice.correction_refused": Say("不认可公示的纠正", "refused a notice's correction"),
    "notice.verified": Say("核实公示的纠正", "verified a notice's correction"),
    "notice.archived": Say("公示归档", "archived a notice"),
    "notice.withdrawn": Say("撤下公示", "withdrew a notice"),
    "notice.amended": Say("更正公示文字", "corrected the text of a notice"),
    "notice.applied": Say("公示勘误生效", "applied an erratum of a notice"),
    "notice.reminded": Say("提醒单位公示纠正将到期", "reminded of a notice's correction"),
    "notice.held": Say("公示自动隐去", "hid a notice, a case behind it being shielded"),
    "notice.let_go": Say("公示恢复显示", "showed a notice again"),
    "notice.overdue": Say("公示逾期未纠正", "marked a notice as not corrected in time"),
    "notice.file_looked_at": Say("查看公示证据", "looked at evidence of a notice"),
    "notice.file_checked": Say("复核公示证据", "checked evidence of a notice"),
    "notice.rated": Say("收到对公示纠正的评价", "received a rating of a notice's correction"),
    "notice.rating_followed": Say("处理对公示纠正的不满意", "followed a dissatisfied rating of a notice"),
    "data_request_asked": Say("申请数据", "asked for data"),
    "data_request_advanced": Say("受理或审核通过数据申请", "took up or approved a request for data"),
    "data_request_refused": Say("不提供数据", "refused a request for data"),
    "data_request_withdrawn": Say("撤回数据申请", "withdrew a request for data"),
    "data_request_supplied": Say("提供数据", "supplied data"),
    "data_request_answered": Say("答复数据申请的超期预警", "answered a late request for data"),
    "data_request_downloaded": Say("下载提供的数据", "downloaded supplied data"),
    **sentences_data.KINDS,
    "whatif_asked": Say("推演换规则会怎样", "tried other rules on past cases"),
    "account.registered": Say("登记账户", "registered an account"),
    "account.closed": Say("注销账户", "closed an account"),
    "account.opened": Say("查看账户资料", "opened an account"),
    "account.verified": Say("现场核实账户", "verified an account in person"),
    "account.refused": Say("现场核实未通过", "refused to verify an account"),
    "account.suspended": Say("停用账户", "suspended an account"),
    "account.restored": Say("恢复账户", "restored an account"),
    "account.corrected": Say("更正账户资料", "corrected an account"),
    "account.code_given": Say("在窗口给了设密码的验证码", "handed over a code for a new password"),
    "body_rating.replied": Say("答复对单位的评议", "replied to a rating of the unit"),
    **sentences_areas.KINDS,
}
"""Every kind of act and its words; one that is not here is shown by its code."""


class Told(msgspec.Struct, frozen=True):
    """An act as a line of the log; ``url`` leads to what it was done to, if that has a page here."""

    seq: int
    at: datetime
    who: Say
    kind: str
    say: Say
    url: str


async def history(connection: db.Connection, subject: str, limit: int = 20) -> list[Told]:
    """What was done to one record, newest first."""
    return await told(await acts.recent(connection, subject=subject, limit=limit))


async def told(found: Iterable[acts.ActRow]) -> list[Told]:
    """Acts as sentences, with the names of the people who did them or were meant."""
    rows = list(found)
    subjects = {row.seq: _person(row.subject) for row in rows}
    ids = {row.actor for row in rows} | {one for one in subjects.values() if one is not None}
    ids |= sentences_people.named(rows)
    names = await people.names(ids)
    return [
        Told(
            seq=row.seq,
            at=row.at,
            who=sentences_people.who(_who(row.actor, names), row, names),
            kind=row.kind,
            say=sentences_people.told(_sentence(row, _name(row.actor, subjects[row.seq], names)), row, names),
            url=_url(row.subject),
        )
        for row in rows
    ]


def _who(actor: UUID, names: dict[UUID, str]) -> Say:
    if actor == SYSTEM_ID:
        return Say("系统", "The system")
    if actor == CITIZEN_ID:
        return Say("诉求人", "A requester")
    name = names.get(actor)
    return Say(name, name) if name else Say("某人", "Somebody")


def _name(actor: UUID, person: UUID | None, names: dict[UUID, str]) -> str:
    """Who is meant; nobody needs to be named twice."""
    return "" if person is None or person == actor else names.get(person, "")


def _person(subject: str) -> UUID | None:
    kind, _, key = subject.partition(":")
    with contextlib.suppress(ValueError):
        return UUID(key) if kind == "person" else None
    return None


_URLS = {
    "person": "/people/{}", "unit": "/admin/units/{}", "matter": "/admin/matters/{}", "line": "/admin/lines/{}",
    "number": "/admin/numbers/{}",
    "rule": "/admin/rules/{}", "promise": "/promises/{}", "statute": "/statutes/{}",
    "dispatch_rule": "/rules/{}", "model": "/models/{}", "partner": "/admin/partners/{}",
    "catalogue": "/admin/catalogue/lines/{}", "ladder": "/ladder/rules/{}", "whatif": "/whatif/{}",
    "data_request": "/data-requests/{}", **sentences_data.URLS, "formula": "/scores/formulas/{}",
    "bulletin": "/bulletins/{}", **sentences_areas.URLS,
}  # fmt: skip


_CALENDAR = {"days": "/admin/calendar", "hours": "/admin/calendar/hours", "year": "/admin/calendar/import"}


def _url(subject: str) -> str:
    kind, _, key = subject.partition(":")
    return _URLS[kind].format(key) if kind in _URLS and key else _CALENDAR.get(kind, "")


def _sentence(row: acts.ActRow, name: str) -> Say:
    verb = KINDS.get(row.kind, Say(row.kind, row.kind))
    on = _subject(row.subject, name)
    data = row.details
    more = [part for make in _MORE if (part := make(data))]
    zh = f"{verb.zh} {on.zh}".strip() + ("：" + "；".join(p.zh for p in more) if more else "")
    en = f"{verb.en} {on.en}".strip() + (": " + "; ".join(p.en for p in more) if more else "")
    return Say(zh, en)


def _subject(subject: str, name: str) -> Say:
    kind, _, key = subject.partition(":")
    if kind == "person":
        return Say(name, name)
    if kind == "unit":
        return words.unit(key)
    if kind == "matter":
        found = city.current().matter(key)
        return Say(f"{key} {found.l3_zh}", f"{key} {found.l3_en}") if found else Say(key, key)
    if kind == "catalogue":
        return catalogue.title(catalogue.key_of(key)) if key else Say("", "")
    if kind in ("days", "hours", "year"):
        return _days(key)
    if kind == "door":
        return state.DOORS.get(key, Say(key, key))
    if kind in ("whatif", "data_request", "bulletin", *sentences_data.URLS, *sentences_areas.URLS):
        return Say("", "")
    if kind == "rule":
        found_rule = city.current().rules.get(key)
        return found_rule.note if found_rule else Say(key, key)
    return of_machine(kind, key)


def _days(key: str) -> Say:
    """Days of the calendar, with the county whose own they are."""
    days, _, county = key.partition("@")
    found = city.current().any_jurisdiction(county) if county else None
    whose = Say(f"{found.name_zh} ", f" of {found.name_en}") if found else Say("", "")
    first, _, last = days.partition("/")
    when = Say(f"{first} 至 {last}", f"{first} to {last}") if last and first != last else Say("", "")
    when = when if last else Say(first, first)
    return Say(f"{whose.zh}{when.zh}", f"{when.en}{whose.en}")


def _count(data: Data) -> Say | None:
    return Say(f"{data['count']} 条", f"{data['count']} messages") if data.get("count") else None


def _changed(data: Data) -> Say | None:
    changed = data.get("changed")
    if not isinstance(changed, dict) or not changed:
        return None
    zh, en = [], []
    for field, pair in changed.items():
        say = words.FIELDS.get(field, Say(field, field))
        if isinstance(pair, list) and len(pair) == 2:
            before, after = (words.value(field, str(one)) for one in pair)
            zh.append(f"{say.zh} {before.zh} → {after.zh}")
            en.append(f"{say.en} {before.en} → {after.en}")
        else:
            zh.append(say.zh)
            en.append(say.en)
    return Say("，".join(zh), ", ".join(en))


def _role(data: Data) -> Say | None:
    return words.value("roles", str(data["roles"])) if data.get("roles") else None


def _on(data: Data) -> Say | None:
    if not data.get("on"):
        return None
    day = date.fromisoformat(str(data["on"]))
    return Say(f"自 {day} 起", f"from {day}")


def _until(data: Data) -> Say | None:
    return Say(f"到 {data['until']} 为止", f"until {data['until']}") if data.get("until") else None


def _number(data: Data) -> Say | None:
    return Say(str(data["number"]), str(data["number"])) if data.get("number") else None


def _purpose(data: Data) -> Say | None:
    return Say(f"原因 {data['purpose']}", f"purpose {data['purpose']}") if data.get("purpose") else None


def _moves(data: Data) -> Say | None:
    n = data.get("moves")
    return Say(f"移动 {n} 个期限", f"moves {n} due date{'' if n == 1 else 's'}") if n else None


def _differences(data: Data) -> Say | None:
    told = data.get("told")
    if not isinstance(told, list) or not told:
        return None
    return Say("，".join(str(one[0]) for one in told), ", ".join(str(one[1]) for one in told))


_MORE: tuple[Callable[[Data], Say | None], ...] = (
    _changed, _differences, _count, _role, _number, _on, _until, _moves, _purpose, sentences_areas.more,
)  # fmt: skip
