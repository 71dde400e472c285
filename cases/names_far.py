"""Names of other peoples in Chinese characters, and names in Latin letters. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

Span = tuple[int, int]

_HAN = "\u4e00-\u9fff"
_SOUNDS = (
    "阿艾安东廉奥巴贝比布波伯查达戴德迪杜恩尔法费弗福格戈哈海汉赫亨霍基吉加杰卡凯科克肯拉莱兰劳勒雷里"
    "利列林卢鲁罗洛马麦曼梅米莫默姆娜纳内尼努诺欧帕佩皮普奇乔琼萨塞森沙莎施史密斯苏索塔泰特提汀图托瓦"
    "威维韦沃乌伍西希夏谢辛雅亚叶伊因尤约泽扎詹珍朱佐翰丹玛丽丝娅朗依古孜热合木江买吐逊力孙仁桑次旦其"
    "日那顺高琴伦廷登顿珠"
)
"""Characters by which foreign sounds are written."""
_SOUND = frozenset(_SOUNDS)
_DOT = re.compile(rf"(?<=[{_HAN}])[·.](?=[{_HAN}])")
_STILL = frozenset(["阿不都", "不都拉", "阿布都"])
_PARTS = (
    "阿依|阿卜杜|阿不都|阿布都|古丽|努尔|买买提|买合木提|麦麦提|艾力|吐尔逊|吐尔洪|迪丽|迪力|帕提|热依|玛依|"
    "艾合|艾孜|艾山|依明|依布|库尔班|娜扎|木拉提|卡德尔|亚森|扎西|卓玛|次仁|顿珠|多吉|央金|格桑|洛桑|旺堆|"
    "达瓦|尼玛|平措|白玛|仁增|拉姆|德吉|边巴|索南|丹增|曲珍|普布|旺姆|巴特尔|其木格|其其格|高娃|巴雅尔|图雅|"
    "乌云|那顺|苏日|格日勒|斯琴|朝鲁|哈斯|额尔|牧仁|娜仁|巴图|苏和|宝音|布和|阿拉坦|塔娜|萨仁|托娅|朝克|敖登|"
    "阿木尔|哈丽|沙比|马木提|拜合|提江|肉孜"
)
"""What Uyghur, Tibetan and Mongolian names are made of."""
_FIRST = "".join(sorted({part[0] for part in _PARTS.split("|")}))
_RUN = re.compile(rf"(?=[{_FIRST}])(?:{_PARTS})(?:{_PARTS}|[尔江提克汗])*")
_JAPANESE = re.compile(
    "(?=[田山佐铃高渡伊中小加吉松井木清森斋桥石川前藤冈长村近坂])"
    "(?:田中|山本|佐藤|铃木|高桥|渡边|伊藤|中村|小林|加藤|吉田|山田|佐佐木|松本|井上|木村|清水|森田|斋藤|山口|桥本|"
    "石川|前田|藤田|冈田|长谷川|村上|近藤|石井|坂本)[一二三太健直和正雄美惠明真由优翔大裕智子秀隆幸弘诚勇]"
    "[郎介夫男雄美子树也人香奈纪彦之一二三平太]{0,2}"
)
LATIN_MAY = re.compile("[A-Za-z]{2}")
"""Whether ``latin`` need look at all."""
_FINALS = (
    "iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|ei|ao|ou|an|en|in|un|ia|ie|iu|ua|ui|uo|ue|ve|er|a|o|e|i|u|v"
)
_SYLLABLE = f"(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(?:{_FINALS})"
_FAMILIES = (
    "wang|li|zhang|liu|chen|yang|zhao|huang|zhou|wu|xu|sun|hu|zhu|gao|lin|he|guo|ma|luo|liang|song|zheng|xie|han|tang|"
    "feng|yu|dong|xiao|cheng|cao|yuan|deng|fu|shen|zeng|peng|lv|lu|su|jiang|cai|jia|ding|wei|xue|ye|yan|pan|du|dai|xia|"
    "zhong|tian|ren|fan|fang|shi|yao|tan|liao|zou|xiong|jin|hao|kong|bai"
)
_LATIN = re.compile(
    r"(?=[A-Za-z])(?<![A-Za-z])(?:(?P<west>[A-Z][a-z'’\-]{1,15}(?:\s[A-Z][a-z'’\-.]{0,15}){1,3})"
    rf"|(?P<east>(?:{_FAMILIES})\s{_SYLLABLE}(?:\s?{_SYLLABLE})?))(?![A-Za-z])"
)
_LATIN_NAMED = re.compile(
    r"(?=[联姓我名Nn])(?:联系人|姓名|我叫|名叫|名字[是叫]|[Nn]ame(?: is)?)[是为:：\s]{0,3}"
    r"(?P<name>[A-Z][A-Za-z'\-]{1,20}(?:\s[A-Z][A-Za-z'\-]{0,20}){0,3})"
)
_NO_NAME = re.compile(
    r"\b(?:Road|Street|St|Rd|Avenue|Ave|Lane|District|City|County|Hospital|School|University|College|Community|Garden|"
    r"Park|Plaza|Cent(?:er|re)|Station|Bus|Line|Hotline|Company|Ltd|Co|Inc|Bank|Bureau|Office|Department|Government|"
    r"Building|Block|Unit|Room|Hotel|Mall|Market|Airport|Railway|Please|The|This|There|My|Our|Your|We|It|I|He|She|They|"
    r"Dear|Thanks?|Hello|Hi|When|Where|Why|How|What|No|Not|In|On|At|To|For|From|By|Of|And|Or|But|If|As|Is|Are|Was|New|"
    r"Old|North|South|East|West|Great|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|January|February|March|"
    r"April|May|June|July|August|September|October|November|December|China|Chinese|Handan|Hebei|Beijing|Village|Town|"
    r"Township|Property|Management|Water|Heating|Power|Gas|Supply|Service|Public|Security|Traffic|Police|Fire|Wi|"
    r"Windows|Apple|Huawei|Open|API)\b"
)


def far(text: str) -> Iterator[Span]:
    """Names of other peoples: parts with a dot between them, and what such names are made of."""
    if "·" in text or "." in text:
        for match in _DOT.finditer(text):
            yield from _around(text, match.start())
    for match in _RUN.finditer(text):
        if match.end() - match.start() > 2:
            yield match.span()
    for match in _JAPANESE.finditer(text):
        yield match.span()


def latin(text: str) -> Iterator[Span]:
    """``John Smith`` anywhere but before words of streets and offices; ``wang xiaoming`` among Chinese characters."""
    for match in _LATIN_NAMED.finditer(text):
        yield match.span("name")
    for match in _LATIN.finditer(text):
        is_name = _NO_NAME.search(match[0]) is None if match["west"] else _is_among_han(text, *match.span())
        if is_name:
            yield match.span()


def before_title(text: str, end: int) -> int:
    """Where a name of three and more foreign sounds begins that ends here; ``end`` when there is none."""
    start = end
    while start and end - start < 6 and text[start - 1] in _SOUND:
        start -= 1
    return start if end - start > 2 else end


def _around(text: str, dot: int) -> Iterator[Span]:
    """What is written with characters for foreign sounds on both sides of a dot."""
    begin, stop = dot, dot + 1
    while begin and text[begin - 1] in _SOUND and dot - begin < 6:
        begin -= 1
    while stop < len(text) and stop - dot < 8 and (text[stop] in _SOUND or text[stop - 1 : stop + 2] in _STILL):
        stop += 1
    if begin < dot and stop > dot + 1:
        yield begin, stop


def _is_among_han(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    return (not before or not before.isascii()) and (not after or not after.isascii())
