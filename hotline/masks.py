"""How phone numbers are spelt in one way, and how names and numbers look masked. Pure."""

from __future__ import annotations

import re
import unicodedata

_SEPARATORS = re.compile(r"[\s\-‐-―−－.·/()\u200b\u200e\u200f\ufeff]+")
_EXTENSION = re.compile(r"(?:转|轉|分机|ext\.?|x|#|;).*$", re.IGNORECASE)
_DOUBLE = frozenset(
    (  # noqa: SIM905 - names read better as a text
        "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 "
        "濮阳 公冶 太叔 申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 闾丘 子车 亓官 司寇 巫马 "
        "公西 颛孙 壤驷 公良 漆雕 乐正 宰父 谷梁 拓跋 夹谷 轩辕 令狐 段干 百里 呼延 东郭 南门 羊舌 "
        "微生 公户 公玉 公仪 梁丘 公仲 公上 公门 公山 公坚 左丘 公伯 西门 公祖 第五 公乘 贯丘 公皙 "
        "南荣 东里 东宫 仲长 子书 子桑 即墨 达奚 褚师 欧陽 司馬 諸葛 長孫"
    ).split()
)


def normal_phone(text: str) -> str:
    """One spelling for one number: ``１３８-0000 0001``, ``+86 138…`` and ``0086138…`` all give ``13800000001``.

    A mainland number loses +86 and gets its area code's 0 back; a foreign one keeps ``+``; an extension is
    dropped. The answer holds digits and at most a leading plus, and is "" when no digit is there.
    """
    if len(text) == 11 and text.isascii() and text.isdigit() and text[0] == "1":
        return text  # as nearly all of them are written
    plain = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))
    plain = _EXTENSION.sub("", plain)
    is_foreign = plain.startswith("+")
    digits = "".join(c for c in plain if c.isascii() and c.isdigit())
    if digits.startswith("00") and len(digits) > 10:
        digits, is_foreign = digits[2:], True
    if digits.startswith("86") and (is_foreign or (len(digits) == 13 and digits[2] == "1")):
        rest = digits[2:].lstrip("0")
        return rest if _is_mobile(rest) or len(rest) < 9 else "0" + rest
    if len(digits) == 12 and digits.startswith("01") and _is_mobile(digits[1:]):
        return digits[1:]  # a 0 was dialled before a mobile number
    return f"+{digits}" if is_foreign and digits else digits


def _is_mobile(digits: str) -> bool:
    return len(digits) == 11 and digits[0] == "1" and digits[1] in "3456789"


def is_phone(text: str) -> bool:
    """Whether a call could reach it: a mainland mobile or landline number, or a foreign one with its +."""
    number = normal_phone(text)
    if number.startswith("+"):
        return 8 <= len(number) <= 16
    if number.startswith("0"):
        return 10 <= len(number) <= 12
    return _is_mobile(number) or 7 <= len(number) <= 8


def mask_phone(number: str) -> str:
    """``138****0001``: the first three and last four stay (domain.md 2.15); shorter numbers keep less."""
    shown = normal_phone(number)
    if not shown:
        return "****" if number.strip() else ""
    if shown.startswith("0") and len(shown) > 9:
        area = 3 if shown[1] in "12" else 4
        return f"{shown[:area]}-****{shown[-3:]}"
    if len(shown) >= 11:
        head = 4 if shown.startswith("+") else 3
        return f"{shown[:head]}****{shown[-4:]}"
    return "****" + shown[-2:] if len(shown) > 4 else "****"


def mask_name(name: str) -> str:
    """``王**``: the family name stays (two characters when it is a double one); a Latin name keeps its initial."""
    clean = " ".join(name.split())
    if not clean:
        return ""
    if clean.isascii():
        return clean[0] + "***"
    for dot in "·•・":
        if dot in clean:
            return clean.split(dot)[0][:1] + "**"
    keep = 2 if len(clean) > 2 and clean[:2] in _DOUBLE else 1
    return clean[:keep] + "*" * max(1, min(len(clean) - keep, 3))
