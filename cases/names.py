"""Finds the names of people in running text: by a title, by who is announced, by surname and given name, by nickname.

No dictionary tells a Chinese name from two words, so what stands beside it weighs in: a boundary or a role before it, a
verb or a mark after it. Texts come in as ``cases.spelling`` gives them. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cases.name_words import (
    COMMON, DOUBLE, DOUBTFUL, FAMILY, GIVEN, NO_NAMES, NOT_GIVEN, ORGANISATIONS, PART_OF_WORD, PLACE_ENDS, ROLES, SHORT_TITLES,
    TITLES, WORDS,
)  # fmt: skip
from cases.numbers import Place

NAME = "name"

_HAN = "\u4e00-\u9fff"
_SURNAME = f"(?:{DOUBLE}|[{''.join(sorted(FAMILY))}])"
_AT_SURNAME = re.compile(_SURNAME)
_TITLED = re.compile(rf"(?:常务)?副?(?:{TITLES})")
_A_TITLE = re.compile(TITLES)
_ORG = re.compile(ORGANISATIONS)
_SHORT_TITLED = re.compile(rf"[{''.join(sorted(COMMON - set('施高金石安万水于司龙')))}](?=[{SHORT_TITLES}](?P<after>.)?)", re.DOTALL)
_EXPLICIT = re.compile(
    r"(?:我叫|名叫|叫做|名字[是叫]|姓名|联系人|户主|户名|法人(?:代表)?|法定代表人|当事人|申请人|投诉人|举报人|诉求人|反映人|来电人|受害人|经办人|负责人|收款人"
    r"|开户人|签名|署名|本人)[是为叫:：\s“\"（(]{0,3}$"
)
_ROLE = re.compile(rf"(?:{ROLES})[是为叫:：\s“\"（(]{{0,3}}$")
_BEFORE = frozenset("会委区业司所局处科室天午晚后村组队店厂校院问知同儿是被把给找跟和与及对让叫向由据说的了在问请替为同到见骂打告等称如因而但将求托位名个有寻或为喊管姓")
_AFTER = frozenset(
    "批吵敲求救送拉运牵锁撬剪浇晒焚遛遭罚替陪教训演唱跳玩赌醉休退辞调离婚嫁娶娘怀难流昏残治搂抱摸扯拽咬踢扇扔砍捅扎烧毁挖埋囤宰杀捕放请夫的了过合短冒说在又把被给将是收打骂和与以及家已来去反要没不从对讲告称向也还都就才带有等做办住到于拿用开让问跟欠借租买卖写签答承推找叫态投养领冒因想着随这那乱"
    "兄夫父母姐全堵违倒种盖砌装经养摆原多拒威侵贪克冒伪隐组安通召雇指转填认知作看目出走站躺摔跌值七八九六五四登骑缺半昨今每常总两二三一等同能会可曾只却竟自夜白偷抢私违擅强私霸占挪吃喝卷逃跑骗负主当任担去应当先后再接联回电提申请举控告诉辱殴伤撞停堵乘驾坐哭病死受独"
    "他她你我及其此所怎为什么吗呢吧啊表几个人俩天"
)
_KIN = frozenset("姐哥婶叔嫂姨妈爷伯")
"""With these a surname is what somebody is called by: both go."""
_SPEAKS = frozenset("说称骂打")
_BEFORE_TITLE = frozenset("找跟和给叫问让被是与由对向请")
_SAYS = re.compile(r"(?:反映|来电|来访|来信|称|说)")
_NICK = re.compile(
    rf"(?<![广养古长元敬爱尊父大中最弱窄细缩幼矮])(?P<nick>[老小大](?P<family>[{''.join(sorted(COMMON))}])(?:头(?!部|顶))?)"
    rf"(?![村庄屯寨镇店营桥沟湾城区校院河江湖山])"
    rf"|(?<![{_HAN}])(?P<ah>阿[{''.join(sorted(GIVEN - set('里拉富坝胶莫洛奇司昌')))}])"
    r"|(?<=[锁店理发卖修送开车游])阿[强明辉华龙虎彪勇军飞亮芳英美珍]"
)
_NO_NICK = frozenset(
    "小高 小金 小石 小时 小林 小米 小麦 小龙 小马 小牛 小程 小叶 小车 小段 小童 小汪 小江 小毛 小雷 小柳 小梅 小康 小温 小潘 小甘 小苗 小项 小梁 小汤 小白 小贺 小卫 小葛 小范 小鲍 小柏 小桂 小桑 "
    "老高 老石 老马 老林 老江 老毛 老叶 老程 老车 老柳 老项 老梁 老汤 老童 老钱 老康 老陶 老董 老牛 老虎 老年 老段 老莫 大马 大石 大江 大林 大段 大牛 大毛 大叶 大车 大雷 大梁 大项 大任 大汤 大陆 大程 大龙 大桂 大桑 "
    "大费 小费 大祝 大柴 大管 小管 大宫 大卫 大蒋 大何 大于 大方 小方 老方 大童 大高 大钱 小钱 大焦 大葛 大范 大夏 大庞 大凌 大康 大沈 大秦 大韩 大唐 大宋 大汪 大魏 大郑 大齐 大鲁 大伟 大苏 大连 大杜 大谷 小谷 大戴 大侯 大尤 小尤 大董 大胡 大顾 大岳 大缪 大芦 大成".split()
)
_AFTER_NICK = frozenset("说把被给将收骂和与，、。：天帮不打包")
"""Nicknames that are more often words: only with a mark or a verb right after them."""
_CALLED = re.compile(rf"(?<![{_HAN}])(?P<name>{_SURNAME}[{_HAN}]{{1,2}})(?=是我的名字|是我名字|是本名|这个名字|是我的本名)")
_SOME = re.compile(
    rf"(?P<name>{_SURNAME}某{{1,2}}[{''.join(sorted(GIVEN))}]?)(?=[{''.join(sorted(_AFTER))}]|(?![{_HAN}]))"
)
_MASKED = re.compile(rf"(?<![{_HAN}])(?P<name>[{''.join(sorted(COMMON))}][{_HAN}]?[*×xX○]{{1,2}}[{''.join(sorted(GIVEN))}]?)|(?<=[的叫是和与])(?P<within>[{''.join(sorted(COMMON))}][*×xX○]{{1,2}})")
"""Half masked already: the rest still tells."""
_FAMILY_NAMED = re.compile(rf"姓(?P<name>{_SURNAME})(?![名氏])(?:[，,\s]{{0,2}}名(?P<given>[{''.join(sorted(GIVEN))}]{{1,2}}))?")
_LATIN_NAMED = re.compile(r"(?:联系人|姓名|我叫|名叫|名字[是叫]|[Nn]ame(?: is)?)[是为:：\s]{0,3}(?P<name>[A-Z][A-Za-z'\-]{1,20}(?:\s[A-Z][A-Za-z'\-]{0,20}){0,3})")
_POLITE = re.compile(rf"(?<![{_HAN}])(?P<name>{_SURNAME}[{_HAN}]{{1,2}})(?=先生|女士|小姐|同志)")
_FAR = "阿艾安东廉奥巴贝比布波伯查达戴德迪杜恩尔法费弗福格戈哈海汉赫亨霍基吉加杰卡凯科克肯拉莱兰劳勒雷里利列林卢鲁罗洛马麦曼梅米莫默姆娜纳内尼努诺欧帕佩皮普奇乔琼萨塞森沙莎施史密斯苏索塔泰特提汀图托瓦威维韦沃乌伍西希夏谢辛雅亚叶伊因尤约泽扎詹珍朱佐翰丹玛丽丝娅朗依古孜热合木江买吐逊力孙仁桑次旦其日那顺高琴伦廷登顿逊顿珠"
_DOTTED = re.compile(rf"[{_HAN}]{{1,8}}(?:[·.][{_HAN}]{{1,8}}){{1,3}}")
_FAR_TITLED = re.compile(rf"(?P<name>[{_FAR}]{{2,6}})(?=(?:{TITLES}))")
_COMPONENTS = (
    "阿依|阿卜杜|阿不都|阿布都|古丽|努尔|买买提|买合木提|麦麦提|艾力|吐尔逊|吐尔洪|迪丽|迪力|帕提|热依|玛依|艾合|艾孜|艾山|依明|依布|库尔班|努尔|娜扎|木拉提|"
    "卡德尔|亚森|扎西|卓玛|次仁|顿珠|多吉|央金|格桑|洛桑|旺堆|达瓦|尼玛|平措|白玛|仁增|拉姆|德吉|边巴|索南|丹增|曲珍|普布|旺姆|巴特尔|其木格|其其格|高娃|巴雅尔|"
    "图雅|乌云|那顺|苏日|格日勒|斯琴|朝鲁|哈斯|额尔|牧仁|娜仁|巴图|苏和|宝音|布和|阿拉坦|塔娜|萨仁|托娅|朝克|敖登|阿木尔|哈丽|沙比|马木提|拜合|提江|肉孜"
)
_FAR_RUN = re.compile(rf"(?:{_COMPONENTS})(?:{_COMPONENTS}|[尔江提克汗])*")
_JAPANESE = re.compile(
    r"(?:田中|山本|佐藤|铃木|高桥|渡边|伊藤|中村|小林|加藤|吉田|山田|佐佐木|松本|井上|木村|清水|森田|斋藤|山口|桥本|石川|前田|藤田|冈田|长谷川|村上|近藤|石井|坂本)"
    r"[一二三太健直和正雄美惠明真由优翔大裕智子秀隆幸弘诚勇][郎介夫男雄美子树也人香奈纪彦之一二三平太]{0,2}"
)
_PINYIN = (
    r"(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|ei|ao|ou|an|en|in|un|ia|ie|iu|ua|ui|uo|ue|ve|er|a|o|e|i|u|v)"
)
_LATIN = re.compile(
    rf"(?<![A-Za-z])(?:(?P<west>[A-Z][a-z'’\-]{{1,15}}(?:\s[A-Z][a-z'’\-.]{{0,15}}){{1,3}})"
    rf"|(?P<east>(?:wang|li|zhang|liu|chen|yang|zhao|huang|zhou|wu|xu|sun|hu|zhu|gao|lin|he|guo|ma|luo|liang|song|zheng|xie|han|tang|feng|yu|dong|xiao|cheng|cao"
    rf"|yuan|deng|fu|shen|zeng|peng|lv|lu|su|jiang|cai|jia|ding|wei|xue|ye|yan|pan|du|dai|xia|zhong|tian|ren|fan|fang|shi|yao|tan|liao|zou|xiong|jin|hao|kong|bai)"
    rf"\s{_PINYIN}(?:\s?{_PINYIN})?))(?![A-Za-z])"
)
_NO_LATIN = re.compile(
    r"\b(?:Road|Street|St|Rd|Avenue|Ave|Lane|District|City|County|Hospital|School|University|College|Community|Garden|Park|Plaza|Center|Centre|Station|Bus|Line|Hotline|"
    r"Company|Ltd|Co|Inc|Bank|Bureau|Office|Department|Government|Building|Block|Unit|Room|Hotel|Mall|Market|Station|Airport|Railway|Please|The|This|There|My|Our|"
    r"Your|We|It|I|He|She|They|Dear|Thank|Thanks|Hello|Hi|When|Where|Why|How|What|No|Not|In|On|At|To|For|From|By|Of|And|Or|But|If|As|Is|Are|Was|New|Old|North|South|East|West|Great|"
    r"Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|January|February|March|April|May|June|July|August|September|October|November|December|China|Chinese|"
    r"Handan|Hebei|Beijing|Village|Town|Township|Property|Management|Water|Heating|Power|Gas|Supply|Service|Public|Security|Traffic|Police|Fire|Wi|Windows|Apple|Huawei|Open|API)\b"
)
_LISTS = re.compile(rf"[{_HAN}]{{2,4}}(?:[、,，]\s?[{_HAN}]{{2,4}}){{1,60}}")
_AND = re.compile(rf"[和与及跟同]\s?(?P<name>{_SURNAME}[{''.join(sorted(GIVEN))}]{{1,2}}?)(?=[^{_HAN}]|[{''.join(sorted(_AFTER))}]|联名|$)")
_HAN_RUN = re.compile(rf"[{_HAN}]+")
_ONE = 1
_DOUBLE = frozenset(DOUBLE.split("|"))


def names(text: str) -> list[Place]:
    """Where people are named; the same name again, and its given part alone, wherever it stands. May overlap."""
    found = [*_titled(text), *_running(text), *_spoken(text), *_far(text), *_latin(text)]
    if found:
        found += list(_listed(text, found))
        found += list(_again(text, found))
    return [(start, end, NAME) for start, end in dict.fromkeys(found)]


def _titled(text: str) -> Iterator[tuple[int, int]]:
    """A surname and up to two characters before a title: ``王先生``, ``李建国副主任``. The title stays."""
    for match in _TITLED.finditer(text):
        end = match.start()
        if end > 1 and text[end - 1] in "老代总":
            end -= 1
        for start in range(max(0, end - 4), end):
            family = _AT_SURNAME.match(text, start, end)
            if family is not None and end - family.end() <= 2 and _may_be(text, start, family.end(), end):
                yield start, end
                break
    for match in _SHORT_TITLED.finditer(text):
        after = match["after"] or " "
        before = text[match.start() - 1] if match.start() else " "
        if (before in _BEFORE_TITLE or not _is_han(before)) and after not in "长务线部程" and (after in _AFTER or not _is_han(after)):
            yield match.start(), match.end() + (text[match.end()] in _KIN)


def _is_han(letter: str) -> bool:
    return "\u4e00" <= letter <= "\u9fff"


def _may_be(text: str, start: int, given: int, end: int) -> bool:
    """Whether ``text[start:end]`` with its given name from ``given`` on is no word and no end of one."""
    if start and text[start - 1] in PART_OF_WORD.get(text[start], ""):
        return False
    rest = text[given:end]
    is_word = end - start > 1 and (text[start : start + 2] in NO_NAMES or text[start:end] in NO_NAMES)
    if not rest and text[start] in DOUBTFUL - COMMON and _left(text, start) != 1:
        return False
    if len(rest) == 2 and not any(c in GIVEN for c in rest):  # noqa: PLR2004 - the longest given name
        return False
    return not is_word and not any(c in NOT_GIVEN or not "\u4e00" <= c <= "\u9fff" for c in rest) and not _ORG.search(text, given, end + 1)


def _running(text: str) -> Iterator[tuple[int, int]]:
    """A surname with one or two characters of a given name, as far as what stands beside it speaks for it."""
    done = 0
    for family in _AT_SURNAME.finditer(text):
        start, given = family.span()
        if start < done:
            continue
        end = _name_end(text, start, given)
        if end:
            yield start, end
            done = end


def _name_end(text: str, start: int, given: int) -> int:
    """Where the name that begins at ``start`` ends, 0 when there is none."""
    before = _left(text, start)
    spaced = _spaced(text, start, given, before)
    if spaced:
        return spaced
    for end in (given + 2, given + 1):
        if end <= len(text) and _is_name(text, start, given, end, before):
            return end
    return 0


def _left(text: str, start: int) -> int:
    """3 after words that announce a name, 2 after a role, 1 at a boundary, 0 within words."""
    if not start:
        return 1
    window = max(0, start - 12)
    if _EXPLICIT.search(text, window, start):
        return 3
    if _ROLE.search(text, window, start):
        return 2
    last = text[start - 1]
    return 1 if last in _BEFORE or not "\u4e00" <= last <= "\u9fff" else 0


def _is_name(text: str, start: int, given: int, end: int, before: int) -> bool:
    rest = text[given:end]
    if not all("\u4e00" <= c <= "\u9fff" for c in rest) or _A_TITLE.match(text, given):
        return False
    is_open = end == len(text) or not "\u4e00" <= text[end] <= "\u9fff"
    is_word = text[start : start + 2] in NO_NAMES or text[start : start + 3] in NO_NAMES
    if is_word and before > 1 and len(rest) == 2 and text[start : start + 3] not in NO_NAMES and all(c in GIVEN for c in rest):
        return is_open or text[end] in _AFTER
    if is_word:
        return (before == 3 and is_open) or (before >= 2 and end - start == 2 and _SAYS.match(text, end) is not None)
    if rest[0] == "某" or _ORG.search(text, start + 1, end + 2) or (before < 2 and rest in WORDS and text[start] not in COMMON - DOUBTFUL):
        return False
    if any(c in NOT_GIVEN for c in rest):
        return before == 3 and is_open and rest not in {"的人", "的是"} and not any(c in "的了在是不" for c in rest)
    after = 2 if is_open else 1 if text[end] in _AFTER else 0
    return _weighs(text, start, rest, before, after)


def _weighs(text: str, start: int, rest: str, before: int, after: int) -> bool:
    is_good = all(c in GIVEN for c in rest)
    is_common = text[start] in COMMON - DOUBTFUL or text[start : start + 2] in _DOUBLE
    if before >= 2:
        if text[start] in DOUBTFUL and not is_good:
            return False
        return after > 0 if len(rest) == _ONE else is_good or after > 0
    is_alone = after == 2 and (not start or not "\u4e00" <= text[start - 1] <= "\u9fff")
    if is_alone and is_common and len(rest) == 2 and any(c in GIVEN for c in rest):
        return rest[-1] not in PLACE_ENDS
    if not is_good or (start and text[start - 1] in PART_OF_WORD.get(text[start], "")):
        return False
    if len(rest) == _ONE:
        is_said = before == 1 and after > 0
        return is_said and (is_common or text[start + 1 + len(rest) : start + 2 + len(rest)] in _SPEAKS)
    if rest[-1] in PLACE_ENDS:
        return False
    if is_common:
        return after > 0 or (before == 1 and (not start or not "\u4e00" <= text[start - 1] <= "\u9fff"))
    return before == 1 and after > 0


def _spaced(text: str, start: int, given: int, before: int) -> int:
    """``张 伟``: a blank within a name, where it stands apart from both sides."""
    if given >= len(text) or not text[given].isspace():
        return 0
    is_apart = not start or not "\u4e00" <= text[start - 1] <= "\u9fff"
    if before < 2 and not is_apart:
        return 0
    for size in (2, 1):
        end = given + 1 + size
        rest = text[given + 1 : end]
        is_open = end >= len(text) or not "\u4e00" <= text[end] <= "\u9fff"
        if len(rest) == size and is_open and all(c in GIVEN and c not in NOT_GIVEN for c in rest):
            return end
    return 0


def _spoken(text: str) -> Iterator[tuple[int, int]]:
    for match in _NICK.finditer(text):
        end = match.end()
        if (match[0][0] != "大" and match[0][:2] not in _NO_NICK) or (end < len(text) and text[end] in _AFTER_NICK and not _ORG.search(text, end, end + 2)):
            yield match.span()
    for rule in (_CALLED, _POLITE, _SOME, _MASKED, _FAMILY_NAMED, _LATIN_NAMED):
        for match in rule.finditer(text):
            yield from (match.span(group) for group, value in match.groupdict().items() if value)


def _far(text: str) -> Iterator[tuple[int, int]]:
    """Names of other peoples: parts with a dot between them, and what such names are made of."""
    if "·" in text or "." in text:
        for match in _DOTTED.finditer(text):
            yield from _trimmed(text, *match.span())
    for match in _FAR_RUN.finditer(text):
        if match.end() - match.start() > 2:
            yield match.span()
    for match in _FAR_TITLED.finditer(text):
        if match["name"] not in NO_NAMES:
            yield match.span("name")
    for match in _JAPANESE.finditer(text):
        yield match.span()


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The part of ``text[start:end]`` around its dots that is written with characters for foreign sounds."""
    first = min(at for at in range(start, end) if text[at] in "·.")
    last = max(at for at in range(start, end) if text[at] in "·.")
    begin, stop = first, last + 1
    while begin > start and text[begin - 1] in _FAR and first - begin < 6:
        begin -= 1
    while stop < end and (text[stop] in _FAR or text[stop - 1 : stop + 2] in {"阿不都", "不都拉", "阿布都"}) and stop - last < 8:
        stop += 1
    if begin < first and stop > last + 1:
        yield begin, stop


def _latin(text: str) -> Iterator[tuple[int, int]]:
    for match in _LATIN.finditer(text):
        if match["east"] is None and _NO_LATIN.search(match[0]) is None:
            yield match.span()
        elif match["east"] is not None and _is_among_han(text, *match.span()):
            yield match.span()


def _is_among_han(text: str, start: int, end: int) -> bool:
    return (not start or text[start - 1] > "\u2fff" or not text[start - 1].isascii()) and (
        end == len(text) or text[end] > "\u2fff"
    )


def _listed(text: str, found: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """``A、B、C``: what stands beside names in a list is one too."""
    ends = {end for _, end in found}
    places = {at for start, end in found for at in range(start, end)}
    for match in _AND.finditer(text):
        if match.start() in ends:
            yield match.span("name")
    for match in _LISTS.finditer(text):
        items = list(_HAN_RUN.finditer(text, *match.span()))
        known = sum(item.start() in places or item.end() - 1 in places for item in items)
        if known and (known > 1 or len(items) > known):
            yield from (span for item in items if item.start() not in places and (span := _item(text, item, known)))


def _item(text: str, item: re.Match[str], known: int) -> tuple[int, int] | None:
    """A list's item as a name: a surname and one or two characters, as a whole or at its beginning."""
    start, end = item.span()
    family = _AT_SURNAME.match(text, start, end)
    if family is None or not 1 <= end - family.end() <= 2 + (known > 1):
        return None
    end = min(end, family.end() + 2)
    rest = text[family.end() : end]
    good = sum(c in GIVEN for c in rest)
    if any(c in NOT_GIVEN for c in rest) or rest[-1] in PLACE_ENDS or good < (1 if known > 1 else len(rest)):
        return None
    return start, end


def _again(text: str, found: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Every further place of the full names found, and of their given names of two characters."""
    whole = {text[start:end] for start, end in found if end - start > 1} - NO_NAMES
    given = {name[-2:] for name in whole if len(name) > 2 and name[0] in FAMILY and all(c in GIVEN for c in name[-2:])}
    for name in whole | (given - WORDS):
        at = text.find(name)
        while at >= 0:
            end = at + len(name)
            if name in whole or (_is_edge(text, at - 1, _BEFORE) and _is_edge(text, end, _AFTER)):
                yield at, end
            at = text.find(name, end)


def _is_edge(text: str, at: int, letters: frozenset[str]) -> bool:
    return not 0 <= at < len(text) or text[at] in letters or not "\u4e00" <= text[at] <= "\u9fff"
