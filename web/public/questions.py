"""The citizen's questions, one a page (ux.md 7): which come for which kind, what each takes, and what follows. Pure."""

from __future__ import annotations

import re
from typing import Annotated

import msgspec

from channels.drafts import Draft
from channels.message import POINT
from hotline.city import City
from hotline.errors import Say
from web.forms import EMAIL, label
from web.public import danger

KINDS: dict[str, Say] = {
    "enquiry": Say("问一件事", "Ask a question"),
    "assistance": Say("请人来解决", "Get help"),
    "complaint": Say("投诉单位或人员", "Complain about an office or its staff"),
    "report": Say("举报违法", "Report a violation"),
    "suggestion": Say("提建议", "Make a suggestion"),
    "praise": Say("表扬", "Praise somebody"),
}
NEXT: dict[str, Say] = {
    "enquiry": Say(
        "能当场回答的，热线直接答复；要查的，交有关单位答复。",
        "What we know we answer at once; the rest goes to the office that knows.",
    ),
    "assistance": Say(
        "热线看过就交负责的单位办理，办完先答复您，再问您满不满意。",
        "We pass it to the office in charge. You get an answer first, then we ask whether you are satisfied.",
    ),
    "complaint": Say(
        "先看清投诉的是谁，交它的上级或监督单位办理，不交被投诉的单位自己办。",
        "It goes to a superior or oversight body, never to the office you complain about.",
    ),
    "report": Say(
        "由少数专门人员处理。交办时只写转述，不带您的姓名、电话和原话。",
        "A few named people deal with it. What is passed on is a summary without your name, number or words.",
    ),
    "suggestion": Say(
        "交有关单位研究，答复您采纳不采纳；不采纳的写明理由。",
        "The office says whether it adopts it, and gives its reason if it does not.",
    ),
    "praise": Say("转达给您表扬的单位和人员。", "It is passed on to the people you name."),
}
"""What happens next, by kind: they go different ways (seed 004-07)."""
REACH: dict[str, Say] = {
    "sms": Say("发短信告诉我", "Send me an SMS"),
    "phone": Say("打电话告诉我", "Call me"),
    "email": Say("发邮件告诉我", "Send me an e-mail"),
    "web": Say("不用通知，我凭编号来查", "No need, I will look it up"),
    "none": Say("匿名，什么都不留", "Stay anonymous, leave nothing"),
}
CALLBACK: dict[str, Say] = {
    "phone": Say("能，打我留的电话", "Yes, on the number I leave"),
    "sms": Say("只发短信，不要打电话", "An SMS only, do not call"),
    "web": Say("不要联系我，我凭编号来查", "Do not contact me, I will look it up"),
    "none": Say("匿名，什么都不留", "Stay anonymous, leave nothing"),
}
"""The same question for a report (举报): may we call back?"""
SECOND: dict[str, Say] = {
    "": Say("不用", "No"),
    "sms": Say("再发一条短信", "An SMS as well"),
    "email": Say("再发一封邮件", "An e-mail as well"),
}
"""A second way by which the same answers come (seed 000-01)."""
HINTS: dict[str, Say] = {
    "enquiry": Say("写清想问什么，不用写姓名电话。", "What would you like to know? Leave out your name and number."),
    "assistance": Say("写清何时、何事，不用写姓名电话。", "What happened, and when? Leave out your name and number."),
    "complaint": Say(
        "写清何时、何事、谁办的，不用写自己的姓名电话。",
        "What happened, when, and who dealt with it? Leave out your name and number.",
    ),
    "report": Say(
        "写清何时、何事、谁做的、有什么证据。不要写能认出您的话。",
        "What was done, when and by whom, and what shows it? Leave out what tells who you are.",
    ),
    "suggestion": Say("写清现在怎样、您想怎样、为什么。", "How is it now, how should it be, and why?"),
    "praise": Say("写清表扬谁、哪天、什么事。", "Whom do you praise, for what, and when?"),
}
ALL = Say("都不是，说不清", "None of these")
ABOUT = frozenset({"complaint", "report"})
"""Kinds that ask whom it is about."""
PLACED = frozenset({"assistance", "complaint", "report"})
"""Kinds that need a district, or the answer that it cannot be said."""
UNKNOWN = "unknown"
TITLES: dict[str, Say] = {
    "kind": Say("您想做什么？", "What would you like?"),
    "about": Say("投诉谁？", "Whom is it about?"),
    "what": Say("发生了什么？", "What happened?"),
    "where": Say("在哪里？", "Where?"),
    "street": Say("哪个街道、乡镇？", "Which street office or town?"),
    "matter": Say("是哪一类事？", "What kind of matter is it?"),
    "known": Say("已有人反映，是同一件吗？", "It is known already. Is yours the same?"),
    "reach": Say("怎么联系您？", "How can we reach you?"),
}


UNPOINTED = Say("位置读不懂，请重新定位或选区县。", "The position cannot be read; choose the district.")


class Kind(msgspec.Struct):
    """Question 1."""

    kind: Annotated[
        str,
        label(
            "您想做什么？",
            "What would you like?",
            missing=Say("还没选想做什么，请选一项。", "Choose what you would like."),
        ),
    ]

    def check(self) -> dict[str, Say]:
        """One of the six."""
        return {} if self.kind in KINDS else {"kind": Say("请从列出的里面选一项。", "Choose one of those listed.")}


class About(msgspec.Struct):
    """Whom a complaint is about: a unit of the list, or in words."""

    about_unit: Annotated[str, label("哪个单位？", "Which office?")] = ""
    about: Annotated[str, label("单位名称或人员姓名", "Name of the office or person", most=200)] = ""

    def check(self) -> dict[str, Say]:
        """One of the two."""
        if not self.about_unit and not self.about:
            return {"about_unit": Say("还没写投诉谁，请选单位，或写名称。", "Choose the office, or write a name.")}
        return {}


class What(msgspec.Struct):
    """Question 2; files come beside it."""

    words: Annotated[
        str,
        label(
            "发生了什么？",
            "What happened?",
            most=5000,
            missing=Say("还没写发生了什么，请写清何时、何事。", "Write what happened, and when."),
        ),
    ]
    photos: Annotated[str, label("照片、录音", "Photos, sound")] = ""
    drop: Annotated[list[str], label("去掉", "Take out")] = []
    danger: Annotated[str, label("现在有人有危险吗？", "Is anybody in danger now?")] = ""

    def check(self) -> dict[str, Say]:
        """The danger is one of those listed."""
        if self.danger in danger.CHOICES:
            return {}
        return {"danger": Say("请从列出的里面选一项。", "Choose one of those listed.")}


class Where(msgspec.Struct):
    """Question 3."""

    county: Annotated[str, label("区县", "District")] = ""
    place: Annotated[str, label("路名、小区或单位", "Road, estate or building", most=200)] = ""
    point: Annotated[str, label("位置", "Position", most=40, pattern=POINT.pattern, wrong=UNPOINTED)] = ""


class Street(msgspec.Struct):
    """The rest of question 3, where the words did not tell it."""

    township: Annotated[str, label("街道、乡镇", "Street office or town")] = ""


class Matter(msgspec.Struct):
    """The catalogue, optional."""

    matter: Annotated[str, label("像是这一类", "It looks like")] = ""
    other: Annotated[str, label("从全部事项里选", "Choose from all matters")] = ""


class Follow(msgspec.Struct):
    """Question 4: which of those offered, by its place in the list, or ``none``."""

    follow: Annotated[
        str, label("是同一件吗？", "Is it the same?", missing=Say("还没选，请选一项。", "Choose one of those listed."))
    ]


class Reach(msgspec.Struct):
    """Question 5."""

    reach: Annotated[
        str,
        label(
            "怎么答复您？",
            "How shall we answer?",
            missing=Say("还没选怎么答复您，请选一项。", "Choose how to answer you."),
        ),
    ]
    phone: Annotated[str, label("手机号码", "Mobile number", most=30)] = ""
    name: Annotated[str, label("怎么称呼您", "Your name", most=60)] = ""
    email: Annotated[str, label("邮箱", "E-mail address", most=200)] = ""
    second: Annotated[str, label("要不要再用一种方式通知？", "A second way as well?")] = ""
    proxy: Annotated[str, label("我替别人反映，我的姓名是", "I ask for somebody else; my own name is", most=60)] = ""
    is_confidential: Annotated[bool, label("请为我保密", "Keep it confidential")] = False
    is_minor: Annotated[bool, label("这件事牵涉未满 18 岁的人", "Somebody under 18 is concerned")] = False

    def check(self) -> dict[str, Say]:
        """A way to answer, and a number where it needs one."""
        if self.reach not in REACH:
            return {"reach": Say("请从列出的里面选一项。", "Choose one of those listed.")}
        if self.second not in SECOND:
            return {"second": Say("请从列出的里面选一项。", "Choose one of those listed.")}
        if self.reach == "none" and (self.second or self.proxy):
            wrong = Say("选了匿名就不能再留通知方式或姓名。", "Anonymous means no second way and no name.")
            return {"second" if self.second else "proxy": wrong}
        ways = {self.reach, self.second}
        if "email" in ways and not re.fullmatch(EMAIL, self.email):
            say = Say("要用邮件答复，请写邮箱，如 name@example.cn。", "Give an address, such as name@example.cn.")
            return {"email": say}
        digits = [c for c in self.phone if c.isdigit()]
        if ways & {"sms", "phone"} and not digits:
            return {"phone": Say("要用短信或电话答复，请留号码。", "Leave a number to be answered by SMS or phone.")}
        if ways & {"sms", "phone"} and not (11 if "sms" in ways else 7) <= len(digits) <= 15:
            return {"phone": Say("号码位数不对，请核对。", "That number has the wrong length; check it.")}
        return {}


FORMS: dict[str, type[msgspec.Struct]] = {
    "kind": Kind, "about": About, "what": What, "where": Where, "street": Street, "matter": Matter, "known": Follow,
    "reach": Reach,
}  # fmt: skip


def steps(draft: Draft, city: City) -> tuple[str, ...]:
    """The questions that this draft needs, in order."""
    found = ["kind"]
    if draft.kind in ABOUT:
        found.append("about")
    found += ["what", "where"]
    if needs_street(draft, city):
        found.append("street")
    return (*found, "matter", *(["known"] if draft.known else []), "reach")


def needs_street(draft: Draft, city: City) -> bool:
    """Whether the subdistrict is still open: the district is known, and the words do not name one within it."""
    if draft.county in {"", UNKNOWN} or draft.kind not in PLACED:
        return False
    if not any(one.county == draft.county for one in city.townships.values()):
        return False
    place = city.find_place(draft.place) if draft.place else None
    return place is None or place.township is None or place.county != draft.county


def first_open(draft: Draft, city: City) -> str:
    """The first question without an answer, or ``check``."""
    return next((step for step in steps(draft, city) if step not in draft.done), "check")


def before(draft: Draft, city: City, step: str) -> str:
    """The question before, "" for the first."""
    order = (*steps(draft, city), "check")
    at = order.index(step) if step in order else 0
    return order[at - 1] if at else ""


def title(draft: Draft, step: str) -> Say:
    """The question as its page asks it; for a report the one about calling back."""
    if step == "about" and draft.kind == "report":
        return Say("举报谁？", "Whom do you report?")
    if step == "reach" and draft.kind == "report":
        return Say("能否回电？", "May we call you back?")
    if step == "what" and draft.kind in {"enquiry", "suggestion", "praise"}:
        return {
            "enquiry": Say("您想问什么？", "What is your question?"),
            "suggestion": Say("您的建议是什么？", "What do you suggest?"),
            "praise": Say("您想表扬谁？", "Whom do you praise?"),
        }[draft.kind]
    return TITLES[step]
