"""The call form: what was said, what it becomes, and the message for intake that it makes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec

from cases import demands, events
from cases.file import CaseFile, Text
from cases.rows import CaseRow, RequestRow
from cases.states import DECLINE_REASONS, KINDS, URGENCIES
from channels.emergency import NUMBERS as EMERGENCIES
from channels.message import Decision, Inbound, Operator
from hotline import city, clock, masks
from hotline.actor import Actor
from hotline.errors import Refusal, Say
from hotline.ids import new_id
from web import units
from web.desk import answered, sources
from web.forms import EMAIL, label

CHANNELS = {
    "phone": Say("电话", "Telephone"),
    "chat": Say("网上客服", "Live chat"),
    "walk_in": Say("窗口", "At the counter"),
    "assisted": Say("帮代办", "Assisted filing"),
    "mail": Say("信函", "Mail"),
}
OUTCOMES = {
    "accept": Say("受理", "Accept"),
    "answer": Say("直接答复", "Answer now"),
    "transfer": Say("转接", "Transfer"),
    "decline": Say("不受理", "Decline"),
    "join": Say("并入", "Join a case"),
    "later": Say("稍后回拨", "Call back later"),
}
REPLY_BY = {
    "": Say("自动：手机发短信", "Automatic: SMS to a mobile"),
    "sms": Say("短信", "SMS"),
    "phone": Say("电话", "Telephone"),
    "email": Say("邮件", "E-mail"),
    "mail": Say("信函", "Mail"),
    "web": Say("凭编号来查", "They look it up"),
    "none": Say("不用答复", "No answer wanted"),
}
SECOND_BY = {"none": Say("不用", "No"), "sms": Say("短信", "SMS"), "email": Say("邮件", "E-mail")}
CONTACT = Say("留个电话或姓名，匿名请勾选“匿名”。", "Leave a number or a name, or tick “Anonymous”.")
_BARE = Say("通话中即转 {0}，未记内容", "transferred to {0} during the call, no words taken")
_OWN_NAMES = {
    "accept": {"matter": "matter", "place": "county", "reason": "no_place"},
    "answer": {"reply": "reply_text"},
    "transfer": {"target": "target", "reply": "transfer_reply"},
    "decline": {"reason": "decline_reason", "channel": "decline_channel", "reply": "decline_reply"},
}
"""How this form calls what a move demands."""


class Call(msgspec.Struct, kw_only=True):
    """One call, visitor or letter as the agent logs it."""

    words: Annotated[
        str,
        label(
            "诉求内容",
            "What was said",
            most=5000,
            missing=Say("还没写诉求内容，请写清何时、何地、何事。", "Write what happened, when and where."),
        ),
    ]
    draft: UUID | None = None
    call: UUID | None = None
    chat: UUID | None = None
    received_on: Annotated[date | None, label("来信收到日期", "Letter received on")] = None
    address: Annotated[str, label("通信地址", "Postal address", most=200)] = ""
    is_identified: Annotated[bool, label("已看过身份证件", "Identity document seen")] = False
    line: Annotated[str, label("来电线路", "Line", most=20)] = "12345"
    channel: Annotated[str, label("来源", "Source")] = "phone"
    kind: Annotated[str, label("类型", "Type")] = "assistance"
    urgency: Annotated[str, label("紧急", "Urgency")] = "normal"
    matter_q: Annotated[str, label("事项", "Matter", most=40)] = ""
    matter: Annotated[str, label("事项", "Matter", most=20)] = ""
    county: Annotated[str, label("区县", "District", most=20)] = ""
    township: Annotated[str, label("乡镇街道", "Subdistrict", most=20)] = ""
    place: Annotated[str, label("具体地点", "Place", most=200)] = ""
    place_pick: Annotated[str, label("地点", "Place", most=60)] = ""
    no_place: Annotated[str, label("地点不详的原因", "Why the place is unknown", most=100)] = ""
    is_confidential: Annotated[bool, label("保密", "Confidential")] = False
    is_minor: Annotated[bool, label("涉未成年人", "A minor is involved")] = False
    is_investigation: Annotated[bool, label("正在调查", "Under investigation")] = False
    is_vulnerable: Annotated[bool, label("需特别照顾", "Vulnerable person")] = False
    name: Annotated[str, label("诉求人", "Requester", most=60)] = ""
    phone: Annotated[str, label("来电号码", "Caller's number", most=30)] = ""
    is_anonymous: Annotated[bool, label("匿名", "Anonymous")] = False
    reply_by: Annotated[str, label("答复方式", "Reply by")] = ""
    email: Annotated[
        str,
        label(
            "邮箱",
            "E-mail address",
            most=200,
            pattern=EMAIL,
            wrong=Say("邮箱写法不对，如 name@example.cn。", "Write the address like name@example.cn."),
        ),
    ] = ""
    second_by: Annotated[str, label("再用一种方式答复", "Answer by a second way")] = "none"
    proxy_name: Annotated[str, label("代填人（帮办）", "Filed on their behalf by", most=60)] = ""
    organisation_code: Annotated[
        str,
        label(
            "企业统一社会信用代码",
            "Enterprise credit code",
            pattern="[0-9A-Z]{18}",
            wrong=Say("统一社会信用代码是 18 位数字和大写字母。", "A credit code has 18 digits and capital letters."),
        ),
    ] = ""
    about_unit: Annotated[str, label("被投诉单位", "Unit complained about", most=60)] = ""
    about_person: Annotated[str, label("被投诉人员", "Person complained about", most=60)] = ""
    outcome: Annotated[str, label("处理", "Outcome")] = "accept"
    related: Annotated[str, label("对应号码", "The number for it", most=12)] = ""
    summary: Annotated[str, label("给承办单位看的转述", "Summary for the unit", most=2000)] = ""
    join: Annotated[str, label("并入哪一件", "Join which case", most=20)] = ""
    proposed: Annotated[str, label("建议", "Proposed", most=80)] = ""
    reply_text: Annotated[str, label("答复的话", "The answer given", most=2000)] = ""
    target: Annotated[str, label("转到", "Transfer to", most=40)] = ""
    reference: Annotated[str, label("对方编号", "Their reference", most=60)] = ""
    transfer_reply: Annotated[str, label("对诉求人说的话", "What the requester is told", most=500)] = ""
    decline_reason: Annotated[str, label("不受理的理由", "Reason for declining")] = ""
    decline_channel: Annotated[str, label("该走的途径", "The right channel", most=200)] = ""
    decline_reply: Annotated[str, label("对诉求人说的话", "What the requester is told", most=1000)] = ""
    later_at: Annotated[str, label("几点回拨", "When to call back", most=30)] = ""
    article: Annotated[str, label("知识", "Article", most=60)] = ""
    outage: Annotated[str, label("停水停电通知", "Outage", most=60)] = ""
    outage_tells: Annotated[bool, label("恢复后告知", "Tell when it is over")] = False

    @property
    def is_sealed(self) -> bool:
        """A report or a confidential case."""
        return self.kind == "report" or self.is_confidential

    def check(self) -> dict[str, Say]:
        """What the form itself can see; whether the outcome may be had is ``refused``."""
        wrong: dict[str, Say] = {}
        snapshot = city.current()
        _offered(wrong, self)
        if self.line and snapshot.line(self.line) not in snapshot.open_lines.values():
            wrong["line"] = Say("请从列表里选线路。", "Choose a line from the list.")
        if self.about_unit and units.named(snapshot, self.about_unit) is None:
            wrong["about_unit"] = Say(
                "没有找到这个单位，请从列出的里面选。", "No such unit; choose one of those listed."
            )
        if "email" in {self.reply_by, self.second_by} and not self.email:
            wrong["email"] = Say("要用邮件答复，请写邮箱。", "Give an address to be answered by e-mail.")
        if self.channel == "assisted" and not self.proxy_name:
            wrong["proxy_name"] = Say("帮代办请写代填人，与诉求人分开记。", "Name who files for them.")
        if self.township:
            known = snapshot.township(self.township)
            if known is None or (self.county and known.county != self.county):
                wrong["township"] = Say(
                    "这个乡镇街道不在所选区县，请核对。", "That subdistrict is not in the district chosen."
                )
        nobody = not (self.phone or self.name or self.is_anonymous)
        if self.outcome in ("accept", "decline", "join") and nobody and self.channel not in ("mail", "chat"):
            wrong["phone"] = CONTACT
        wrong |= sources.wrong(self)
        if self.is_anonymous and self.name:
            wrong["is_anonymous"] = Say(
                "写了姓名就不是匿名，请去掉一个。", "With a name it is not anonymous; take one away."
            )
        return wrong

    def place_of(self) -> tuple[str, str]:
        """County and township: as chosen, else as the picked proposal, else by the township."""
        county, township = self.county, self.township
        if not county and not township and "/" in self.place_pick:
            county, _, township = self.place_pick.partition("/")
        if township and not county:
            known = city.current().township(township)
            county = known.county if known else ""
        return county, township


def _offered(wrong: dict[str, Say], call: Call) -> None:
    offered: tuple[tuple[str, object], ...] = (
        ("kind", KINDS), ("urgency", URGENCIES), ("channel", CHANNELS), ("outcome", OUTCOMES), ("reply_by", REPLY_BY),
        ("second_by", SECOND_BY),
    )  # fmt: skip
    for name, choices in offered:
        if getattr(call, name) not in choices:  # type: ignore[operator]  # each is a mapping
            wrong[name] = Say("请从列出的里面选。", "Choose one of those listed.")


def reply_by(call: Call) -> str:
    """SMS to a mobile, else a call, else what the source has (a letter's sender, a chat), unless the agent chose."""
    if call.reply_by:
        return call.reply_by
    number = masks.normal_phone(call.phone)
    if not number:
        return sources.reply_by(call)
    return "sms" if len(number) == 11 and number.startswith("1") else "phone"


def emergency(fields: dict[str, list[str]]) -> dict[str, list[str]]:
    """The form as one of the emergency buttons sends it: transferred at once, whatever else is filled in."""
    number = (fields.get("emergency") or [""])[0]
    if number not in EMERGENCIES:
        return fields
    words = fields.get("words") or [""]
    said = words if words[0] else [_BARE.zh.format(number)]
    return {**fields, "outcome": ["transfer"], "target": [number], "words": said}


def message(
    call: Call, actor: Actor, once: str, attachments: tuple[UUID, ...] = (), *, decided_by: str = ""
) -> Inbound:
    """The call as a message for intake, with the agent's decision; ``once`` makes a second post the same message.

    ``decided_by`` says who chose the matter where it was not the agent.
    """
    county, township = call.place_of()
    return Inbound(
        channel=call.channel, provider_id=f"desk:{once}", words=call.words, kind=call.kind, line=call.line,
        place=call.place, county=county, township=township, matter=call.matter, urgency=call.urgency, name=call.name,
        phone=masks.normal_phone(call.phone), address=call.address, filed_at=sources.filed_at(call),
        proxy_name=call.proxy_name, organisation_code=call.organisation_code,
        reply_by=(by := reply_by(call)), reply_to=call.email if by == "email" else "",
        second_by=call.second_by if call.second_by != by else "none",
        second_to=call.email if call.second_by == "email" != by else "", about_unit=_about(call) or "",
        about_person=call.about_person,
        is_anonymous=call.is_anonymous, is_confidential=call.is_confidential, is_minor=call.is_minor,
        is_investigation=call.is_investigation, is_vulnerable=call.is_vulnerable, attachments=attachments,
        operator=Operator(id=actor.id, name=actor.name, unit=actor.unit, roles=tuple(sorted(actor.roles))),
        decision=_decision(call, decided_by),
    )  # fmt: skip


def _decision(call: Call, decided_by: str) -> Decision:
    if call.outcome == "join":
        return Decision(outcome="join", target=call.join)
    if call.outcome == "answer":
        return answered.decision(call.reply_text, call.article, call.outage, tells=call.outage_tells)
    if call.outcome == "transfer":
        return Decision(outcome="transfer", target=call.target, reference=call.reference, reply=call.transfer_reply)
    if call.outcome == "decline":
        return Decision(
            outcome="decline", reason=call.decline_reason, channel=call.decline_channel, reply=call.decline_reply
        )
    return Decision(
        outcome="accept", matter=call.matter, summary=call.summary, no_place=call.no_place, decided_by=decided_by
    )


def refused(call: Call, actor: Actor) -> dict[str, Say]:
    """What the ledger would refuse of this decision, by the form's own field names; empty when nothing."""
    if call.outcome == "join":
        return {}  # the case that it joins has the last word: web.desk.join
    now = clock.now()
    event, texts = _event(call)
    try:
        demands.check(demands.Ask(file=imagined(call, now), event=event, texts=texts, actor=actor, now=now))
    except Refusal as refusal:
        names = _OWN_NAMES[call.outcome]
        return {names.get(field, field): say for field, say in refusal.fields.items()} or {"": refusal.say}
    return {}


def _event(call: Call) -> tuple[events.Event, dict[str, Text]]:
    if call.outcome == "answer":
        return events.Answered(), {"reply": Text(value=call.reply_text)}
    if call.outcome == "transfer":
        return events.Transferred(target=call.target), {"reply": Text(value=call.transfer_reply)}
    if call.outcome == "decline":
        texts = {"channel": Text(value=call.decline_channel), "reply": Text(value=call.decline_reply)}
        return events.Declined(reason=call.decline_reason), texts
    county, township = call.place_of()
    event = events.Accepted(
        matter=call.matter, county=county or city.CITY, township=township or None, urgency=call.urgency,
        no_place=call.no_place or None,
    )  # fmt: skip
    return event, {"summary": Text(value=call.summary)}


def imagined(call: Call, now: datetime) -> CaseFile:
    """The case as it would stand after registration, for asking only."""
    file = CaseFile()
    file.case = CaseRow(id=new_id(), number="", kind=call.kind, is_confidential=call.is_confidential, opened_at=now)
    one = RequestRow(
        id=new_id(), case_id=file.case.id, receipt_no="", code_hash=b"", kind=call.kind, filed_at=now,
        about_unit=_about(call),
    )  # fmt: skip
    file.requests[one.id] = one
    return file


def _about(call: Call) -> str | None:
    about = units.named(city.current(), call.about_unit) if call.about_unit else None
    return about.code if about else None


def defaults(actor: Actor) -> dict[str, object]:
    """What a new call begins with."""
    start = {"line": "12345", "channel": "phone", "kind": "assistance", "urgency": "normal", "outcome": "accept"}
    return {**start, "county": actor.jurisdiction}


__all__ = [
    "CHANNELS",
    "DECLINE_REASONS",
    "EMERGENCIES",
    "OUTCOMES",
    "REPLY_BY",
    "SECOND_BY",
    "Call",
    "defaults",
    "imagined",
    "message",
    "refused",
]
