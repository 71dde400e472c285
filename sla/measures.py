"""The measures of the fact store: what each counts, on which day, under which unit; and the rates made of them. Pure.

There is one definition of a figure, here: boards, scores, bulletins and open data read the store and name it by this.
"""

from __future__ import annotations

import msgspec

from hotline.errors import Say


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """One measure. ``is_rate``: its facts are a whole of which the good ones are a part.

    ``counts`` says in words what is counted, and for a rate what over what.
    """

    name: Say
    counts: Say
    is_rate: bool = False
    is_low_better: bool = False
    source: str = ""


def _count(zh: str, en: str, counts_zh: str, counts_en: str, source: str = "") -> Measure:
    return Measure(name=Say(zh, en), counts=Say(counts_zh, counts_en), source=source)


def _rate(zh: str, en: str, counts_zh: str, counts_en: str, source: str = "", *, low: bool = False) -> Measure:
    return Measure(
        name=Say(zh, en), counts=Say(counts_zh, counts_en), is_rate=True, is_low_better=low, source=source
    )


MEASURES: dict[str, Measure] = {
    "requests": _count("诉求量", "Requests", "按登记日计的诉求", "requests, by the day they were filed"),
    "cases": _count("案件量", "Cases", "按登记日计的案件（并单的计入主件）", "cases, by the day they were opened"),
    "ended": _count("办结量", "Ended", "当日结束的案件", "cases that ended on the day"),
    "direct": _rate(
        "直接答复率", "Answered at once", "直接答复的案件 ÷ 登记的案件（不含已并入他件的）",
        "cases answered at once ÷ cases opened (without those merged into another)", "domain.md 2.16",
    ),
    "dispatched": _count("派单量", "Dispatched", "派给单位的承办（主办、协办）", "shares dispatched to a unit"),
    "accepted": _rate(
        "按时受理率", "Accepted in time", "按时受理 ÷ 已到期或已受理", "in time ÷ accepted or due", "rules.md 6"
    ),
    "routed": _rate(
        "按时派单率", "Dispatched in time", "按时派单 ÷ 已到期或已派单", "in time ÷ dispatched or due", "rules.md 6"
    ),
    "signed": _rate(
        "按时签收率", "Acknowledged in time", "按时签收 ÷ 已到期或已签收", "in time ÷ acknowledged or due",
        "domain.md 2.6",
    ),
    "contacted": _rate(
        "按时首联率", "First contact in time", "按时首次联系 ÷ 已到期或已联系", "in time ÷ contacted or due",
        "domain.md 2.6",
    ),
    "response": _rate(
        "响应率", "Response rate", "签收、首次联系都按时的承办 ÷ 这两步已见分晓的承办",
        "shares acknowledged and first contacted in time ÷ shares where both are decided", "domain.md 2.13",
    ),
    "finished": _rate(
        "按期办结率", "Finished in time", "按期办结 ÷ 已到期或已办结", "in time ÷ finished or due", "domain.md 2.13"
    ),
    "audited": _rate(
        "按时审核率", "Audited in time", "按时审核 ÷ 已到期或已审核", "in time ÷ audited or due", "rules.md 6"
    ),
    "called_back": _rate(
        "按时回访率", "Visited in time", "按时回访 ÷ 已到期或已回访", "in time ÷ visited or due", "rules.md 6"
    ),
    "returned": _rate(
        "退单率", "Return rate", "申请退回（获准或被驳）的承办 ÷ 派单", "shares asked to be returned ÷ dispatched",
        "domain.md 2.11", low=True,
    ),
    "reworked": _rate(
        "重办率", "Rework rate", "退回重办过的承办 ÷ 提交过办结的承办", "shares sent back for rework ÷ handled",
        "domain.md 2.11", low=True,
    ),
    "resolved": _rate(
        "解决率", "Resolution rate", "回访说已解决 ÷ 回访问到是否解决的诉求", "solved ÷ visited and asked",
        "domain.md 2.13",
    ),
    "rated": _rate(
        "满意率", "Satisfaction rate", "城市规定算作满意的评价 ÷ 全部有效评价；没评的不算",
        "grades that the city counts as satisfied ÷ all standing grades; the unrated are in neither", "domain.md 2.9",
    ),
    "visits": _rate(
        "有效回访率", "Valid visits", "回访到并给了评价的诉求 ÷ 应回访的诉求", "reached and graded ÷ to be visited",
        "domain.md 2.9",
    ),
    "urged": _count("催办量", "Urges", "诉求人或工作人员催办的次数", "how often a case was urged"),
    "breaches": _count("超期次数", "Broken promises", "单位超期的环节", "stages that a unit let pass their due moment"),
    "yellow": _count("黄牌", "Yellow cards", "发出且未取消的黄牌", "yellow cards that stand", "rules.md 7"),
    "red": _count("红牌", "Red cards", "发出且未取消的红牌", "red cards that stand", "rules.md 7"),
    "orders": _count(
        "督办单", "Supervision orders", "发出且未撤的督办单", "orders that were not withdrawn", "rules.md 7"
    ),
    "praise": _count("表扬件", "Praise", "表扬的诉求", "requests of praise"),
    "calls": _rate(
        "接通率", "Answer rate", "接通的来电 ÷ 进入排队且已有结果的来电",
        "calls answered ÷ calls that came into the queue and are decided", "GB/T 33358-2016",
    ),
    "answered_15s": _rate(
        "15 秒接通率", "Answered within 15 s", "15 秒内接通的来电 ÷ 进入排队且已有结果的来电",
        "calls answered within 15 s ÷ calls that came into the queue and are decided", "GB/T 33358-2016",
    ),
    "media_3m": _rate(
        "新媒体 3 分钟响应率", "Messages answered within 3 min",
        "3 分钟内有回音的短信、微信、网上客服来件 ÷ 全部这些来件；还没有回音的先算没有",
        "requests by SMS, WeChat and live chat answered within 3 minutes ÷ all of them; none yet counts as none",
        "GB/T 33358-2016",
    ),
    "mail_24h": _rate(
        "邮箱 24 小时响应率", "Mail answered within 24 h",
        "24 小时内有回音的邮件 ÷ 全部邮件；还没有回音的先算没有",
        "requests by mail that had a message back within 24 hours ÷ all of them; none yet counts as none",
        "GB/T 33358-2016",
    ),
}
STAGES: dict[str, str] = {
    "accepted": "accept", "routed": "dispatch", "signed": "sign_off", "contacted": "first_contact",
    "finished": "finish", "audited": "audit", "called_back": "visit",
}  # fmt: skip
"""Measures that are stages of the work, in their order, and the stage's name; each fact knows the minutes it took."""
STANDARD = ("answered_15s", "calls", "media_3m", "mail_24h")
"""The four of GB/T 33358-2016; of ``calls`` the worst 24 hours count (``facts.worst``)."""
