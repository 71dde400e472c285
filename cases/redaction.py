"""Finds what tells who somebody is (numbers, names, plates, doors), for notices and before indexing. Pure.

It proposes; a person decides before anything is published. How a run of digits is told apart: ``cases.numbers``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from cases.numbers import DIGIT, RUN, numbers

PHONE, ID, CARD, PLATE, EMAIL, ACCOUNT, DOOR, NAME = "phone", "id", "card", "plate", "email", "account", "door", "name"
ALL_KINDS = frozenset({PHONE, ID, CARD, PLATE, EMAIL, ACCOUNT, DOOR, NAME})
INDEXED_KINDS = ALL_KINDS - {DOOR}
"""What is cut out before indexing: a door stays, staff search by place."""

MARKS = {NAME: "某某"}
"""What stands in a published text instead; anything else becomes three asterisks."""

_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖"
    "贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔汤温康施牛樊葛邢安齐易乔庞颜庄聂章鲁岳翟殷詹申欧"
    "耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳穆农司"
    "卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师仇栾隋刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池"
    "查麻苑迟邝官封谈匡鞠惠荆乐冀胥郁南班储原栗燕楚鄢劳谌奚粟冼蔺楼盘满闻厉伍仝区郜海阚花权强帅屠豆朴盖练廉禹井祖漆巴丰支"
    "張劉陳楊黃趙吳孫馬許鄭謝韓馮鄧蕭"
) - frozenset("应当明全满成单解连路区海原强支班司管师权农楼麻边房查花冷席宗")
_DOUBLE = "欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|宇文|司徒|端木|南宫|夏侯|闻人|长孙|轩辕|拓跋|独孤"
_TITLES = re.compile(
    "先生|女士|小姐|太太|同志|师傅|老师|大爷|大妈|大叔|大姐|大哥|阿姨|奶奶|爷爷|老板|经理|"
    "主任|书记|局长|处长|科长|所长|队长|村长|镇长|乡长|区长|县长|市长|院长|校长|站长|组长|"
    "店长|厂长|医生|护士|律师|警官|警察|法官|会计|教授"
)
_NO_NAME = frozenset(
    (  # noqa: SIM905 - words read better as a text
        "安全 高级 项目 方面 万达 金融 车间 华润 白天 管理 毛巾 包装 高中 高铁 马路 石油 武装 成都 康复 温泉 "
        "江南 龙湖 关于 时任 任何 严重 何时 施工 水利 华为 交通 平安 宁静 石家庄 常委 钱款 游客 师范 谈话 "
        "应急 古城 景区 江苏 吉林 海南 贵州 云南 党委 路段 幸福 方才 安保 储蓄 谢谢 纪委 纪检 党校 申请 申诉 "
        "尤其 关系 安装 安排 安心 郑重 符合 包括 江湖 胡乱 胡作 万分 严查 曾经 曾向 许多 费时 程中 柏油 牛皮 "
        "费用 毕业 任职 任课 祖父 祖母 冷库 易燃 何以 何处 何种 方式 方便 高速 高层 高考 时候 时间 钱财 万元"
    ).split()
)
_NOT_GIVEN = re.compile(
    "[的了在和与把有是不向要及无法各课主副班团委会局部院校司处科厂场店社区镇每个位次被从到去来说让叫给请找]"
)
"""Within the characters after a surname these speak against a name."""
_PART_OF_WORD = {"谢": "谢感多", "任": "主担责历现就新连", "高": "提最很崇"}
"""A surname after one of these characters is the end of a word."""
_FAMILY = f"(?:{_DOUBLE}|[{''.join(sorted(_SURNAMES))}])"
_ENDS = r"(?=[，。,.;；:：、！!？?\s()（）\"“”]|$|[的在说称反来致电投于和与家住及身手联拒把将被因打未没要])"
_INTRODUCED = re.compile(
    r"(?:我叫|名叫|姓名|联系人|户主|法人(?:代表)?|法定代表人|当事人|申请人|投诉人|举报人|诉求人|反映人|来电人|受害人)"
    rf"[是为叫：:\s]{{0,3}}(?P<name>{_FAMILY}[\u4e00-\u9fff]{{1,2}}?{_ENDS}|{_FAMILY}[\u4e00-\u9fff]{{2}})"
    r"|(?:业主|患者|死者|伤者|老公|丈夫|妻子|老婆|儿子|女儿|父亲|母亲|邻居|房东|租客|本人|经办人|负责人|老板)"
    rf"[是为叫：:\s]{{0,3}}(?P<near>{_FAMILY}[\u4e00-\u9fff]{{1,2}}?){_ENDS}"
)
_LATIN = "A-Za-zＡ-Ｚａ-ｚ"
_PLATE = re.compile(
    rf"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][{_LATIN}][·•・\-\s]?"
    rf"[{_LATIN}0-9０-９]{{4,6}}[挂学警港澳领]?"
)
_WORD = re.compile(rf"[{_LATIN}0-9０-９][{_LATIN}0-9０-９_\-]{{4,23}}")
_ACCOUNT_BEFORE = re.compile(
    r"(?:微信|威信|薇信|ＱＱ|qq|扣扣|企鹅|抖音|快手|微博|支付宝|weixin|wechat|wx|vx|v信|加v)[号码帐账户名是为加：:\s]{0,5}$",
    re.IGNORECASE,
)
_PASS_BEFORE = re.compile(r"(?:护照|通行证|军官证|驾驶证|社保卡|医保卡|学号|工号|证件)[号码是为：:\s]{0,4}$")
_EMAIL = re.compile(rf"[{_LATIN}0-9０-９._%+\-]+\s?[@＠]\s?[{_LATIN}0-9０-９\-]+(?:[.．。][{_LATIN}0-9０-９\-]+)+")
_D = rf"[0-9０-９{_LATIN}]{{1,5}}(?:[-－—#＃]?[0-9０-９]{{1,4}})?"
_N = rf"(?:{_D}|[一二三四五六七八九十百零〇甲乙丙丁东西南北]{{1,4}})"
_PART = rf"\s?[，,、]?\s?{_N}\s?(?:号楼|号院|号|弄|幢|栋|座|单元|门|室|楼|层|户|组|排)"
_STREET_NUMBER = rf"\s?[号弄](?!线|文|令|楼|院|公路|国道|省道)(?:\s?附{_N}号)?(?:{_PART})*"
_DOOR = re.compile(
    rf"(?<=[路街巷道弄])\s?{_N}{_STREET_NUMBER}|(?<=[村里同区院园苑城庄])\s?{_D}{_STREET_NUMBER}"
    rf"|(?:{_D}\s?(?:号楼|幢|栋|单元|号院)|{_N}\s?号楼|{_N}\s?(?:栋|幢|单元)(?={_PART}))"
    rf"(?:{_PART}|\s?[0-9０-９]{{3,4}}(?![0-9０-９元年人户]))*"
    rf"|(?<=[区园苑城庄院寓邸府里楼])\s?[0-9０-９]{{1,3}}[-－—#＃][0-9０-９]{{1,2}}[-－—][0-9０-９]{{3,4}}"
    r"|[0-9０-９]{3,4}\s?室"
)
_MAY_DOOR = re.compile(r"[号弄幢栋室户#＃－—\-]|单元")


class Find(msgspec.Struct, frozen=True, order=True):
    """A stretch of a text, ``text[start:end]``, and what it is."""

    start: int
    end: int
    kind: str
    text: str


def finds(text: str, names: Iterable[str] = (), kinds: frozenset[str] = ALL_KINDS) -> list[Find]:
    """What in ``text`` tells who somebody is, in order and without overlaps; ``names`` are known to be of the case.

    Full-width and Chinese digits, separators and spaces within numbers are seen through. It errs towards finding.
    """
    found: list[tuple[int, int, str]] = []
    found.extend(_known(text, names))
    for run in RUN.finditer(text):
        found.extend(numbers(text, run.start(), run.end()))
    if PLATE in kinds:
        found.extend((m.start(), m.end(), PLATE) for m in _PLATE.finditer(text))
    if EMAIL in kinds and ("@" in text or "＠" in text):
        found.extend((m.start(), m.end(), EMAIL) for m in _EMAIL.finditer(text))
    found.extend(_words(text))
    if NAME in kinds:
        found.extend(_titled(text))
        found.extend(_introduced(text))
    if DOOR in kinds and _MAY_DOOR.search(text):
        found.extend((m.start(), m.end(), DOOR) for m in _DOOR.finditer(text))
    if not found:
        return []
    return _apart(text, [one for one in found if one[2] in kinds])


def redact(text: str, found: Sequence[Find]) -> str:
    """``text`` with each find replaced by its mark; the finds are as ``finds`` gave them, perhaps fewer."""
    return _replaced(text, found, MARKS, "***")


def cut(text: str, found: Sequence[Find]) -> str:
    """``text`` with a space for each find."""
    return _replaced(text, found, {}, " ")


def _replaced(text: str, found: Sequence[Find], marks: dict[str, str], otherwise: str) -> str:
    parts: list[str] = []
    done = 0
    for one in sorted(found):
        parts += (text[done : one.start], marks.get(one.kind, otherwise))
        done = one.end
    parts.append(text[done:])
    return "".join(parts)


def _known(text: str, names: Iterable[str]) -> Iterator[tuple[int, int, str]]:
    for name in names:
        letters = [re.escape(c) for c in name if not c.isspace()]
        if len(letters) > 1:
            for match in re.finditer(r"\s?".join(letters), text, re.IGNORECASE):
                yield match.start(), match.end(), NAME


def _titled(text: str) -> Iterator[tuple[int, int, str]]:
    """A surname and up to two characters before a title: ``王先生``, ``李建国副主任``. The title stays."""
    for match in _TITLES.finditer(text):
        end = match.start()
        if end and text[end - 1] in "副老代":
            end -= 1
        for start in range(max(0, end - 3), end):
            if text[start] in _SURNAMES and _may_be_name(text, start, end):
                yield start, end, NAME
                break


def _introduced(text: str) -> Iterator[tuple[int, int, str]]:
    """A name after words that announce one: ``联系人：李四``, ``业主王明``."""
    for match in _INTRODUCED.finditer(text):
        start, end = match.span("name" if match["name"] else "near")
        if _may_be_name(text, start, end):
            yield start, end, NAME


def _may_be_name(text: str, start: int, end: int) -> bool:
    name = text[start:end]
    if start and text[start - 1] in _PART_OF_WORD.get(name[0], ""):
        return False
    given = name[1:]
    return name not in _NO_NAME and not _NOT_GIVEN.search(given) and all("\u4e00" <= c <= "\u9fff" for c in given)


def _words(text: str) -> Iterator[tuple[int, int, str]]:
    """Latin and digit words that are an account or a document, by what stands before them."""
    for match in _WORD.finditer(text):
        before = text[max(0, match.start() - 12) : match.start()]
        if _ACCOUNT_BEFORE.search(before):
            yield match.start(), match.end(), ACCOUNT
        elif _PASS_BEFORE.search(before):
            yield match.start(), match.end(), ID


def _apart(text: str, found: list[tuple[int, int, str]]) -> list[Find]:
    """Overlaps become one find of the wider one's kind."""
    kept: list[list[int | str]] = []
    for start, end, kind in sorted(found, key=lambda one: (one[0], -one[1])):
        if kept and start < int(kept[-1][1]):
            kept[-1][1] = max(int(kept[-1][1]), end)
        else:
            kept.append([start, end, kind])
    return [Find(int(s), int(e), str(kind), text[int(s) : int(e)]) for s, e, kind in kept]


__all__ = ["ALL_KINDS", "DIGIT", "INDEXED_KINDS", "Find", "cut", "finds", "redact"]
