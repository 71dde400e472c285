"""Finds number plates, e-mail addresses, accounts and documents: words that are one by their form or by what is before.

Texts come in as ``cases.spelling`` gives them. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cases.numbers import DIGIT, ID, Place

PLATE, EMAIL, ACCOUNT = "plate", "email", "account"

_PROVINCE = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼翼"
_PLATE = re.compile(
    rf"(?:[{_PROVINCE}]\s?[A-Za-z][·.\-\s]{{0,2}}|WJ\s?[{_PROVINCE}]?[·.\-\s]{{0,2}}|(?<![\u4e00-\u9fff])[军空海][A-Z])"
    rf"(?=[A-Za-z]{{0,4}}[\s·\-]?[{DIGIT}])"
    rf"(?:[A-Za-z0-9]{{5,6}}|[A-Za-z0-9]{{4}}[挂学警港澳领试超]?|[{DIGIT}]{{5,6}}"
    rf"|(?:[A-Za-z{DIGIT}][\s·\-]?){{4,5}}[A-Za-z{DIGIT}])"
    r"[挂学警港澳领]?"
)
_AT = re.compile(
    r"\s{0,2}(?:@|[\[(（【{]\s?(?:at|@|艾特|爱特)\s?[\])）】}]|艾特|爱特|\sat\s|#|圈a|圈A)\s{0,2}"
    r"(?P<domain>[A-Za-z0-9\-]{1,40}(?:\s?(?:[.。,，·]|点|\sdot\s|[\[(（]\s?(?:dot|点|\.)\s?[\])）])\s?[A-Za-z0-9\-]{1,30}){1,4})",
    re.IGNORECASE,
)
_LOCAL = re.compile(r"[A-Za-z0-9._%+\-]{1,64}\Z")
_ENDS = re.compile(r"(?:com|cn|net|org|edu|gov|info|cc|me|hk|tw|io|biz|top|vip|xyz)$", re.IGNORECASE)

_WHERE = (
    r"(?:[微薇威维徽葳卫V]\s?(?:信|♥|心|芯|星|x)|v\s?[信x♥]|w\s?x|weixin|we\s?chat|\+\s?[微薇威v]|加\s?[微薇威v]"
    r"|Q\s?Q|扣\s?扣|抠抠|企鹅"
    r"|抖音|快手|微博|小红书|支付宝|钉钉|telegram|飞机|电报|whats\s?app|陌陌|探探|闲鱼|视频号|公众号|贴吧|知乎"
    r"|skype|facebook|twitter|instagram|line|旺旺|B站|哔哩)"
)
_FILL = r"(?:\s|号码?|[账帐][号户]|群号?|搜索?|加|ID|名|昵称|是|为|叫|[:：，,]|里){0,5}"
_ACCOUNT = re.compile(
    rf"{_WHERE}{_FILL}(?P<value>@[\w\-]{{2,20}}?(?=已|的|说|发|天|在|上|[^\w\-]|$)"
    rf"|@?[A-Za-z0-9_](?:[A-Za-z0-9_\-]|[ ](?=\d)){{3,29}}|[{DIGIT}]{{5,12}})"
    r"|旺旺(?:号|[账帐]号|名)?[:：是\s]{0,2}(?P<shop>[\w\-]{2,15}?)(?=不|的|说|已|[^\w\-]|$)"
    r"|(?:telegram|推特|微博|抖音|快手|飞机)\s?(?P<at>@[\w\-]{2,20}?)(?=已|的|说|发|天|[^\w\-]|$)",
    re.IGNORECASE,
)
_MAY_ACCOUNT = re.compile(
    f"(?=[微薇威维徽葳卫VvWw+加Qq扣抠企抖快小支钉Tt飞电陌探闲视公贴知SsFfIiLl旺B哔])(?:{_WHERE})", re.IGNORECASE
)
_PAPER = re.compile(
    r"(?:护照|通行证|台胞证|回乡证|军官证|士官证|警官证|退伍证|驾驶证|驾照|行驶证|社保卡|社会保障卡|医保卡|残疾证|居住证"
    r"|身份证|学号|工号|准考证|学籍号|病历号|住院号|就诊卡|证件|优待证|老年证|士兵证|passport)(?:编?号码?|[是为]|[:：\s]|no\.?){0,4}"
    r"(?P<value>[A-Za-z]{0,3}\d[A-Za-z0-9\-]{3,24}|[A-Za-z]{1,3}[A-Za-z0-9\-]{4,24}"
    r"|[\u4e00-\u9fff]{0,3}字?第\s?\d{4,12}号?)",
    re.IGNORECASE,
)


def plates(text: str) -> Iterator[Place]:
    """Number plates, in letters of either case, with dots, blanks or Chinese numerals; 翼 is often meant for 冀."""
    for match in _PLATE.finditer(text):
        yield *match.span(), PLATE


def emails(text: str) -> Iterator[Place]:
    """E-mail addresses, the sign and the dots written out too; # only before a well-known ending."""
    for match in _AT.finditer(text):
        local = _LOCAL.search(text, max(0, match.start() - 64), match.start())
        is_sign = "@" in match[0]
        if local is not None and (is_sign or _ENDS.search(match["domain"])):
            yield local.start(), match.end(), EMAIL


def accounts(text: str) -> Iterator[Place]:
    """Accounts of other services, by the service's name (or a disguise) before them; a bare number has five digits."""
    if _MAY_ACCOUNT.search(text) is None:
        return
    for match in _ACCOUNT.finditer(text):
        group = match.lastgroup or "value"
        value = match[group]
        if group != "value" or not value.isdigit() or len(value) >= 5:
            yield *match.span(group), ACCOUNT


def papers(text: str) -> Iterator[Place]:
    """Numbers of passports, permits, cards and of pupils and employees, by the paper's name before them."""
    for match in _PAPER.finditer(text):
        yield *match.span("value"), ID
