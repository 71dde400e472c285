"""Finds addresses below the subdistrict: house numbers, buildings, units, rooms, village groups, and homes.

The name of a road or a compound stays, unless the words before say that somebody lives there. Texts come in as
``cases.spelling`` gives them. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cases.numbers import Place

DOOR = "door"

_C = "一二三四五六七八九十百零两壹贰叁肆伍陆柒捌玖拾"
_NUMBER = (
    r"(?:第?[甲乙丙丁]?[0-9]{1,5}(?:-[0-9]{1,4})?[A-Za-z]?|[A-Za-z][0-9]{0,4}"
    rf"|第?[{_C}]{{1,6}}|[甲乙丙丁东西南北中上下前后])"
)
_STRONG = r"号楼|号院|楼座|单元|幢|栋|(?<=[0-9])弄|#楼?|号(?=\s?[东西南北]?[户屋])"
_WEAK = r"(?:[号楼层门室户座组排区期队巷院铺屋]|条(?![款例第目规]))"
_THEN = r"[\s，,、\-]{0,2}"
_SPECIAL = (
    r"(?:门市房?|门面房?|平房|商铺|车库|车位|地下室|储藏室|摊位|铺位|附)\s?"
    rf"(?:[A-Z]?[0-9]{{1,4}}(?![0-9年个平间元月天])|[{_C}]{{1,3}}(?=号))(?:\s?[号室])?"
    rf"|(?:[0-9]{{1,4}}|[{_C}]{{1,4}})\s?号?(?:门面房?|门市房?|商铺)"
    r"|[东西南北中前后大小][街巷]|[顶底][层楼]|[东西南北中左右][户门]"
    rf"|村?[东西南北中前后](?:头|边|面|侧)?(?:往?[东西南北]?数)?第?[{_C}0-9]{{1,3}}[家户排]"
    r"|[东西南北中左右](?:[头边侧间]那?户|头(?![村庄街桥]))|中间那?户"
    r"|[0-9]{3,4}(?:房间|住户|包间|号房|寝室)"
)
_PART = rf"(?:{_SPECIAL}|{_NUMBER}\s?(?:{_STRONG}|{_WEAK}))"
_BARE = (
    r"(?:\s?[0-9]{3,4}(?![0-9]|[年元户人个次月多平米度块㎡]|\.[0-9])"
    rf"|\s?[{_C}]{{3,4}}(?![{_C}多户个人年元平米度块]))"
)
_CHAIN = re.compile(
    rf"(?=[0-9A-Za-z第{_C}甲乙丙丁东西南北中上下前后大小左右村门平商车地储摊铺附顶底是为:：\s])(?:"
    r"(?<![0-9\-/.A-Za-z])[A-Z]?[0-9]{1,3}(?:[-#]{1,2}[0-9]{1,2})[-#]{1,2}[0-9]{3,4}(?![0-9\-/.年])"
    r"|(?<=[园苑城区舍馆府寓庄村])[A-Z]?[0-9]{1,2}[-#]{1,2}[0-9]{1,4}(?![0-9\-/.年月号日])"
    r"|(?<![0-9\-/.年月A-Za-z])[A-Z]?[0-9]{1,2}[-#]{1,2}[0-9]{3,4}"
    r"(?=[的户室房家漏，。]|业主|住户|租户|租客|阳台|住着|$)"
    r"|(?:(?<=大厦)|(?<=字楼)|(?<=公寓)|(?<=宾馆)|(?<=酒店))"
    r"[A-Z]?[0-9]{3,4}(?:房间|包间|室|号房)?(?![0-9户元人个年多平米]|\.[0-9])"
    rf"|(?:(?<=门牌)|(?<=门牌号)|(?<=门牌号码))[是为:：\s]{{0,2}}{_NUMBER}号?"
    rf"|(?:(?<![0-9A-Za-z{_C}]){_PART}(?:{_THEN}{_PART}){{0,9}}(?:(?<=[元楼层栋幢座#院室])-?{_BARE}(?:\s?室)?)?)"
    r"|(?<![0-9\-/.])[0-9]{1,3}[-#][0-9]{1,3}(?=[号户室](?![线文]))"
    r"|(?<![0-9A-Za-z])[A-Z]?[0-9]{3,4}\s?室"
    r")"
)
_ROOM = re.compile(rf"[^0-9{_C}](?:[0-9]{{3,4}}|[{_C}]{{3,4}})$")
_COUNT = re.compile(
    rf"[{_C}]{{1,2}}[栋幢座][{_C}0-9]{{1,2}}层|[一二两三四五六七八九十]{{1,3}}\s?(?:栋|幢|单元|座|弄)"
    r"|[东西南北上下前后]\s?(?:单元|户|弄|室)"
)
"""``两栋`` is how many rather than which."""
_PARTS = re.compile(rf"\s?[，,、]?\s?{_PART}")
_IS_STRONG = re.compile(
    rf"{_NUMBER}\s?(?:{_STRONG})|(?:门市|门面|商铺|车库|摊位|铺位|地下室)\s?{_NUMBER}"
    rf"|(?:头第?|第)[{_C}0-9]{{1,3}}[家户]|[0-9]{{3,4}}\s?(?:室|房间|住户|包间|号房)|^[A-Z]?[0-9]+[-#]"
)
_PLACE_BEFORE = re.compile(
    "(?:[路街道巷弄村里区院园苑庄城条桥营堡寨屯店郡府墅寓湾沟关坊铺沿镇乡疃内东西南北段老侧舍]|胡同)"
    "(?:[（(][\u4e00-\u9fff]{1,4}[）)])?$"
)
_HOUSE_BEFORE = re.compile("(?:门牌号?码?|大厦|字楼|公寓|宾馆|酒店)$")
_BARE_NUMBER = re.compile(rf"[是为:：\s]{{0,2}}[A-Z0-9{_C}]+(?:号|房间|包间|室|号房)?")
_DAYS = re.compile(rf"(?:[0-9{_C}]{{1,3}}号[，,、\s]*){{2,}}")
_DATE_BEFORE = re.compile(r"[月第共约仅有近达每]\s?$")
_NO_NUMBER = re.compile(
    "线|文|令|公路|国道|省道|来电|晚|早|上午|下午|中午|凌晨|夜|那天|当天|之?[前后]|开始|起|至|到|热线|车|工单|报|"
    "院士|台"
)
_COUNTY = r"(?:省|市|县|(?<![小社园校厂院景林])区(?!域))"
_HOME = re.compile(
    "(?:家庭住址|住址|地址|住所|(?<![居入])住(?:在)?|家住?在|家住|老家在?|房子在|嫁到|我是|寄到|送到|搬到)"
    rf"[是为:：\s]{{0,3}}(?:[\u4e00-\u9fff]{{1,6}}?{_COUNTY}){{0,3}}"
    r"(?P<home>[\u4e00-\u9fff]{1,16}(?:[（(][\u4e00-\u9fff0-9]{1,4}[）)])?\s?)$"
    rf"|[\u4e00-\u9fff]{{1,4}}{_COUNTY}(?P<postal>[\u4e00-\u9fff]{{2,14}}\s?)$"
)
"""Words of living somewhere, or a county right before: the whole address goes then, not the number alone."""
_LIVES = re.compile(
    r"(?:家住|我住|现住|租住|住在|住址是?[:：]?|家在)(?P<home>(?!这|那|本|该|同|一|农)[\u4e00-\u9fff]{2,8}?"
    "(?:小区|花园|家园|新城|新村|家属院|宿舍|公寓|佳苑|[苑庄村]))(?![委民长支口])"
)
_WHOSE = re.compile(r"[\u4e00-\u9fff]{1,3}家(?=[门的院房东西前后旁，。])")
"""``十五组张家``: a household within a village group."""
_MAY = re.compile("[号弄幢栋室楼层组排队户座#\\-]|单元|门市|门面|门牌|大厦|[家庄村房]")


def doors(text: str) -> Iterator[Place]:
    """Where a house, a flat or a home is named, as (start, end, kind)."""
    if _MAY.search(text) is None:
        return
    for match in _CHAIN.finditer(text):
        start, end = match.span()
        whose = _WHOSE.match(text, end) if match[0][-1] in "组队排巷" else None
        if whose is not None:
            yield _home(text, start), whose.end(), DOOR
        elif _is_door(text, start, end, match[0]):
            yield _home(text, start), end, DOOR
    for match in _LIVES.finditer(text):
        yield *match.span("home"), DOOR


def _is_door(text: str, start: int, end: int, chain: str) -> bool:
    """A building, unit or room says so itself; else two parts, or one after the name of a place."""
    before = text[max(0, start - 8) : start]
    if _HOUSE_BEFORE.search(before) and _BARE_NUMBER.fullmatch(chain):
        return True
    parts = len(_PARTS.findall(chain))
    if _COUNT.fullmatch(chain) and _PLACE_BEFORE.search(before) is None:
        return False
    if _IS_STRONG.search(chain):
        return _DATE_BEFORE.search(before) is None or chain[0] not in "0123456789" + _C or parts > 1
    if _NO_NUMBER.match(text, end) or _DATE_BEFORE.search(before):
        return False
    if _DAYS.fullmatch(chain) and _PLACE_BEFORE.search(before) is None:
        return False
    if _ROOM.search(chain) is not None or (parts > 1 and any(c in "号户室座排" for c in chain)):
        return True
    return chain[-1] in "号队排户室组" and _PLACE_BEFORE.search(before) is not None


def _home(text: str, start: int) -> int:
    """Where the address begins when the words before say that somebody lives there: after the subdistrict."""
    before = _HOME.search(text, max(0, start - 40), start)
    return start if before is None else before.start("home" if before["home"] else "postal")
