"""What an official account answers at once, to what concerns no case. Pure: everything about a case goes by the outbox.

WeChat does not say which language a person reads: Chinese, with a line of English under it.
"""

from __future__ import annotations

import re
import unicodedata

from channels import heard, wechat_xml
from channels.heard import Heard
from channels.meaning import QUERY, meaning
from hotline.errors import Say

REPORT, ENQUIRE, TRACK, RATE = "report", "enquire", "track", "rate"
"""Keys of the menu's buttons."""
EMERGENCY = Say("有人身危险请拨 110、119、120、122。", "In danger call 110, 119, 120 or 122.")
HOW = Say(
    "反映问题：直接发文字，写清何时、何地、何事，可再发图片、语音和位置。\n"
    "查进度：发编号和查询码，如 261122-00417 583920。\n"
    "补充：办理中直接发来就行。评价：办结后回数字 1 到 4。",
    "To report, write what happened, when and where; add pictures, voice or your position. "
    "To look up, send number and code. To rate, reply 1 to 4.",
)
WELCOME = Say("您好，这里是邯郸 12345 政务服务便民热线。", "This is Handan's 12345 public service line.")
PROMPTS: dict[str, Say] = {
    REPORT: Say(
        "请说发生了什么：何时、何地、何事，不用写姓名电话。发来就受理，并回复编号和查询码。可再发图片、语音和位置。",
        "Tell us what happened, when and where; leave out your name and number. You get a number and a code.",
    ),
    ENQUIRE: Say(
        "请直接发您想问的事，开头写“咨询”，如：咨询 居住证怎么办。我们记下后给您编号，在这里答复。",
        "Write your question, beginning with 咨询. You get a number, and the answer here.",
    ),
    TRACK: Say(
        "请发编号和查询码，如 261122-00417 583920。您在这里反映的，不用发，进展随后就到。",
        "Send number and code: 261122-00417 583920. Not for what you reported here: that follows by itself.",
    ),
    RATE: Say(
        "请回数字：1 满意 2 基本满意 3 一般 4 不满意。您反映的事办结后，在评价期内有效。",
        "Reply 1 satisfied, 2 basically, 3 neutral, 4 dissatisfied, once what you reported is closed.",
    ),
}
UNSEEN = Say("这种消息我们看不了，请发文字、图片、语音或位置。", "Send words, pictures, voice or your position.")
_HELP = re.compile(
    r"|帮助|帮忙|菜单|怎么用|使用说明|说明|[你您]好[啊呀]?|在吗|在不在|有人吗|嗨|哈喽|help|info|menu|hi|hello|hey|"
    r"(good )?(morning|afternoon|evening)"
)
"""The empty one is a lone question mark."""
_ENDS = " \t\r\n?!.,;:~。，！、；：…"


def reply(one: Heard) -> str:
    """What is answered at once, "" when nothing: then whatever it means reaches its sender by the outbox."""
    if one.event:
        return _to_event(one)
    if not (one.words.strip() or one.media or one.position):
        return _both(UNSEEN)
    said = _plain(one.words)
    if one.media or one.position:
        return ""
    if _HELP.fullmatch(said):
        return _both(WELCOME, HOW, EMERGENCY)
    return _both(PROMPTS[TRACK]) if is_query(one) else ""


def is_settled(one: Heard) -> bool:
    """Whether the answer at once was all there is to say: nothing of it becomes a request or words on one."""
    return not one.event and reply(one) != ""


def is_query(one: Heard) -> bool:
    """Whether somebody asks how things stand, without a number: by the menu's button, or in words that say no more."""
    if one.event:
        return one.event == heard.MENU and one.key == TRACK
    said = meaning(one.words)
    return said.act == QUERY and not said.number and not one.media and one.position is None


def _to_event(one: Heard) -> str:
    if one.event == heard.SUBSCRIBED:
        return _both(WELCOME, HOW, EMERGENCY)
    prompt = PROMPTS.get(one.key) if one.event == heard.MENU else None
    if prompt is None:
        return ""
    return _both(prompt, EMERGENCY) if one.key in (REPORT, ENQUIRE) else _both(prompt)


def _both(*says: Say) -> str:
    english = " ".join(say.en for say in says)
    return wechat_xml.cut("\n".join([*(say.zh for say in says), english]))


def _plain(words: str) -> str:
    return unicodedata.normalize("NFKC", words).strip(_ENDS).lower()
