"""What requesters are told, in both languages; a Chinese SMS has 70 characters with the city's signature in front."""

from __future__ import annotations

from hotline.errors import Say

SIGNATURE = "【邯郸12345】"
SUBJECT = 16
"""A subject longer than this is cut, so that the whole stays one SMS."""

TEXTS: dict[str, Say] = {
    "received": Say(
        "您的来件已收到，编号{number}，查询码{code}。查询请拨12345。",
        "We have your message. No. {number}, code {code}. Ask 12345 about it any time.",
    ),
    "accepted": Say(
        "您反映的“{subject}”已受理，编号{number}，查询码{code}，{due}前答复。",
        "We have your report “{subject}”. No. {number}, code {code}. Answer by {due}.",
    ),
    "dispatched": Say(
        "{number}“{subject}”已交{unit}，{due}前答复。",
        "{number} “{subject}” is with {unit}. Answer by {due}.",
    ),
    "answered": Say("{number}已有答复：{reply}", "{number} has been answered: {reply}"),
    "declined": Say("{number}不予受理。{reply}", "{number} was not taken up. {reply}"),
    "transferred": Say("{number}已转{target}处理。", "{number} was transferred to {target}."),
    "replied": Say(
        "{number}已有答复，凭编号和查询码查看全文。稍后会回访您。",
        "{number} has an answer; look it up with your number and code. We will call you.",
    ),
    "rework": Say(
        "{number}正在重新办理，{due}前再答复。", "{number} is being done again. New answer by {due}."
    ),
    "rate": Say(
        "{number}办得怎样？请回数字：1满意 2基本满意 3一般 4不满意，{days}天内有效。",
        "{number}: how was it? Reply 1 satisfied 2 basically 3 neutral 4 dissatisfied, within {days} days.",
    ),
    "missed": Say(
        "{number}回访未能接通。可凭查询码评价，或拨12345。",
        "We could not reach you about {number}. Rate it with your code, or call 12345.",
    ),
}


def subject_of(title: str) -> str:
    """The subject in a message, at most SUBJECT characters."""
    return title if len(title) <= SUBJECT else title[: SUBJECT - 1] + "…"


def write(name: str, lang: str = "zh", **values: str) -> str:
    """The text ``name`` in ``lang`` with its values. KeyError for a missing value: a bug, not a blank in an SMS."""
    return TEXTS[name].in_(lang).format_map(values)
