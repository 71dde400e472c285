"""What the words of a short message ask for: stop, news of notices, a grade, a look, an urging, or to be read. Pure.

Whole messages only: a STOP, a 催办 or a digit inside a sentence is part of the sentence.
"""

from __future__ import annotations

import re
import unicodedata

import msgspec

STOP, START, RATE, QUERY, URGE, HELP, WORDS, NOTHING, FOLLOW, UNFOLLOW, STILL = (
    "stop", "start", "rate", "query", "urge", "help", "words", "nothing", "follow", "unfollow", "still",
)  # fmt: skip
_STOPS = frozenset(
    ["stop", "stopall", "unsubscribe", "quit", "end", "cancel", "td", "t", "退订", "退订回t", "停止", "停止发送"]
)
_STARTS = frozenset(["start", "unstop", "恢复", "恢复订阅", "重新订阅", "订阅", "恢复发送"])
_QUERIES = frozenset((
    "查询", "查", "查进度", "查询进度", "进度", "办理进度", "查一下", "办得怎么样了", "怎么样了", "到哪一步了",
    "cx", "status", "query", "track", "progress",
))  # fmt: skip
_URGES = frozenset(
    ["催办", "催", "催一下", "催单", "请催办", "我要催办", "快点", "快点办", "请尽快", "请尽快办理", "urge", "hurry"]
)
_FOLLOWS = frozenset(["订阅公示", "我要订阅公示", "notices", "follownotices"])
_UNFOLLOWS = frozenset(["退订公示", "取消订阅公示", "不订阅公示", "nonotices", "stopnotices"])
_STILLS = frozenset((
    "没恢复", "还没恢复", "没有恢复", "还没有恢复", "未恢复", "没来水", "还没来水", "没来电", "还没来电", "没来气",
    "还没来气", "还没水", "还没电", "还没气", "还不热", "我家没恢复", "我家还没恢复",
    "notback", "notbackyet", "stilloff",
))  # fmt: skip
_HELPS = frozenset(["帮助", "help", "info", "怎么用", "?"])
_GRADES = {
    "satisfied": ("1", "满意", "很满意", "非常满意", "satisfied"),
    "basically_satisfied": ("2", "基本满意", "较满意", "比较满意", "basicallysatisfied"),
    "neutral": ("3", "一般", "一般般", "neutral"),
    "dissatisfied": ("4", "不满意", "很不满意", "非常不满意", "dissatisfied"),
}
_BY_WORD = {word: grade for grade, words in _GRADES.items() for word in words}
_LEAD = re.compile(r"^(?:我选|我的评价是|我评|评价|回复|回|选)[:：]?")
_GRADED = re.compile(
    r"^(?P<digit>[1-4])?[\s、.,，:：)）]*(?P<word>(?:非常|很|基本|比较|较|不|很不|非常不)?满意|一般)?"
    r"(?:[\s,，.。;；!！:：、]+(?P<more>.+))?$",
    re.DOTALL,
)
_LAST_GRADE = re.compile(r"^4\s*[,，]\s*(\D.+)$", re.DOTALL)
"""Who is not satisfied says why in the same breath; other digits before a comma are mostly a list."""
_NUMBER = re.compile(r"(?<!\d)([2-9]\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))\s*[-—–－_ ]?\s*(\d{5,7})(?!\d)")
_CODE = re.compile(r"(?<!\d)(\d{6})(?!\d)")
_MARKS = re.compile(r"[\s,，.。;；:：!！?？、“”\"'《》【】\[\]()（）]+")
_LABELS = re.compile(r"编号|查询码|单号|工单号|number|code|no\b", re.IGNORECASE)
_NEW = re.compile(
    r"^(?:另外|另|再|还)?(?:我要|我想|我)?(?:反映|举报|投诉|咨询|建议|表扬|求助)"
    r"|^(?:新问题|还有一件|还有件|另一件|另外一件|new report)"
)
_SIGNS = (
    ("report", re.compile(r"举报|检举|我要揭发")),
    ("complaint", re.compile(r"投诉")),
    ("praise", re.compile(r"^.{0,12}(?:表扬|点赞|感谢信|送锦旗)")),
    ("suggestion", re.compile(r"^.{0,8}建议")),
    ("enquiry", re.compile(r"^(?:咨询|请问|我想咨询|我要咨询|想问|问一下|打听)")),
)

_LATIN = re.compile(r"[A-Za-z]{2,}\W+[A-Za-z]{2,}")
_CHINESE = re.compile(r"[\u3400-\u9fff]")


class Meant(msgspec.Struct, frozen=True, kw_only=True):
    """What a message asks for, with the receipt number and code that it names, and a grade where it is one."""

    act: str
    number: str = ""
    code: str = ""
    grade: str = ""
    raw: str = ""
    words: str = ""


def meaning(text: str) -> Meant:
    """What ``text`` asks for. ``words`` of a RATE are what was said beside the grade."""
    plain = unicodedata.normalize("NFKC", text).strip()
    word = bare(plain)
    if not word:
        return Meant(act=HELP if plain in {"?", "？"} else NOTHING)
    for act, words in (
        (STOP, _STOPS), (START, _STARTS), (HELP, _HELPS), (FOLLOW, _FOLLOWS), (UNFOLLOW, _UNFOLLOWS),
    ):  # fmt: skip
        if word in words:
            return Meant(act=act)
    number, code, rest = _numbered(plain)
    word = bare(_LABELS.sub("", rest)) if number else word
    if word in _QUERIES or (number and not word):
        return Meant(act=QUERY, number=number, code=code)
    if word in _STILLS:
        return Meant(act=STILL, number=number, code=code)
    if word in _URGES:
        return Meant(act=URGE, number=number, code=code)
    grade, raw, more = _graded(rest)
    if grade:
        return Meant(act=RATE, number=number, code=code, grade=grade, raw=raw, words=more)
    return Meant(act=WORDS, number=number, code=code)


def bare(text: str) -> str:
    """Small letters without blanks and punctuation."""
    return _MARKS.sub("", text).casefold()


def kind_of(words: str) -> str:
    """What kind of request these words are, by simple signs: 举报 weighs most, since it seals the case."""
    return next((kind for kind, sign in _SIGNS if sign.search(words.strip())), "assistance")


def lang_of(words: str) -> str:
    """The language to answer in: English when there are two Latin words (STOP is none) and no Chinese character."""
    return "en" if _LATIN.search(words) and not _CHINESE.search(words) else "zh"


def is_new(words: str) -> bool:
    """Whether somebody who has an open request says that this is another matter."""
    return _NEW.search(words.strip().casefold()) is not None


def _numbered(text: str) -> tuple[str, str, str]:
    """The receipt number in its own form, the code beside it, and what is left."""
    found = _NUMBER.search(text)
    if found is None:
        return "", "", text
    before, after = text[: found.start()], text[found.end() :]
    code = _CODE.search(after[:16]) or _CODE.search(before[-16:])
    rest = f"{before} {after}"
    if code is not None:
        rest = rest.replace(code[1], " ", 1)
    return f"{found[1]}-{found[2]}", code[1] if code else "", rest.strip()


def _graded(text: str) -> tuple[str, str, str]:
    """Grade, what was typed for it, and what was said beside it; a digit and a word that differ are no grade."""
    plain = _LEAD.sub("", text.strip().rstrip("。.!！~"))
    if bare(plain) in _BY_WORD:
        return _BY_WORD[bare(plain)], bare(plain), ""
    more = _LAST_GRADE.match(plain)
    if more is not None:
        return "dissatisfied", "4", more[1].strip()
    found = _GRADED.match(plain)
    if found is None or not found["word"]:
        return "", "", ""
    by_word = _BY_WORD[found["word"]]
    if found["digit"] and _BY_WORD[found["digit"]] != by_word:
        return "", "", ""
    return by_word, found["digit"] or found["word"], (found["more"] or "").strip()
