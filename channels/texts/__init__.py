"""What people are told: a folder a message, in it ``zh.txt`` and ``en.txt``, and a file more where a door differs.

``zh.wechat.txt`` holds the template's state (at most 5 characters) and remark, a line each; ``zh.email.txt`` a mail's
subject. A new message is a new folder. All are read once, and checked, when this module is imported.
"""

from __future__ import annotations

from pathlib import Path
from string import Formatter

import msgspec

from hotline.errors import Say

SIGNATURE = "【邯郸12345】"
ONE_SMS, TWO_SMS = 70, 134
"""Characters. The signature is Chinese, so that English is sent in the same code: two parts of 67."""
MOST = {"zh": ONE_SMS, "en": TWO_SMS}
SUBJECT = 16
"""A subject longer than this is cut, so that the whole stays one SMS."""
UNIT = {"zh": 18, "en": 40}
WHY = 18
"""The longest reason that a message gives for a later date."""
IN_WORDS = {"zh": 5, "en": 12}
"""The longest state of ``cases.track.STATES`` in a sentence."""
LINK = 30
"""A public address without ``https://``: ``12345.example.gov.cn/notices/2026-3``."""
STATE, REMARK = {"zh": 5, "en": 10}, 20
"""Characters that the fields of a WeChat template hold."""
_LONGEST = {
    "number": "261122-00417", "code": "583920", "second": "261122-00418",
    "due": "12月31日", "subject": "字" * SUBJECT, "state": "字" * 5,
    "unit": "字" * UNIT["zh"], "days": "365", "tries": "10", "minutes": "120", "grade": "basically satisfied",
    "target": "字" * 12, "names": "字" * 20, "where": "请凭编号和查询码查询", "reply": "字" * 10,
    "when": "12月31日14:30–16:30", "items": "字" * 10, "why": "字" * WHY, "link": "字" * LINK,
    "amount": "100000", "supply": "字" * 16,
}  # fmt: skip
"""The longest that a text's values become; a reply may be longer, ``shorten`` cuts it where it must fit.

The items that are asked for are never cut: a list goes out whole, in as many parts as it takes."""


class Text(msgspec.Struct, frozen=True):
    """One message: its words, and what a WeChat template and the subject of a mail say instead."""

    words: Say
    state: Say
    remark: Say
    subject: Say


def write(name: str, lang: str = "zh", **values: str) -> str:
    """The text ``name`` in ``lang`` with its values. KeyError for a missing value: a bug, not a blank in an SMS."""
    return TEXTS[name].words.in_(lang).format_map(values)


def state(name: str, lang: str = "zh", **values: str) -> str:
    """The state of a WeChat template, at most 5 Chinese characters; "" where the message has none."""
    return cut(TEXTS[name].state.in_(lang).format_map(values), STATE[lang])


def remark(name: str, lang: str = "zh", **values: str) -> str:
    """The remark of a WeChat template, at most 20 characters."""
    return cut(TEXTS[name].remark.in_(lang).format_map(values), REMARK)


def subject(name: str, lang: str = "zh", **values: str) -> str:
    """The subject of a mail; it holds the receipt number, by which an answer finds its case."""
    return TEXTS[name].subject.in_(lang).format_map(values) or Say("邯郸12345", "Handan 12345").in_(lang)


def shorten(name: str, lang: str, **values: str) -> str:
    """``write`` with the reply cut so that the whole is one Chinese or two English SMS."""
    rest = len(SIGNATURE + write(name, lang, **{**values, "reply": ""}))
    return write(name, lang, **{**values, "reply": cut(values["reply"], max(MOST[lang] - rest, 1))})


def cut(text: str, most: int) -> str:
    """The text on one line, at most ``most`` characters."""
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + "…"


def subject_of(title: str) -> str:
    """The subject in a message, at most SUBJECT characters."""
    return cut(title, SUBJECT)


def _read(folder: Path) -> Text:
    def pair(ending: str) -> Say:
        return Say(*((folder / f"{lang}{ending}.txt").read_text(encoding="utf-8").strip() for lang in ("zh", "en")))

    has = {one: any(folder.glob(f"*.{one}.txt")) for one in ("wechat", "email")}
    zh, en = (one.split("\n") for one in pair(".wechat")) if has["wechat"] else (["", ""], ["", ""])
    return Text(
        words=pair(""), state=Say(zh[0], en[0]), remark=Say(zh[1], en[1]),
        subject=pair(".email") if has["email"] else Say("", ""),
    )  # fmt: skip


def values_of(text: str) -> set[str]:
    """The names of the values that a text takes."""
    return {field for _, field, _, _ in Formatter().parse(text) if field}


def wrongs(name: str, text: Text) -> list[str]:
    """What keeps a text from being sent: a language without its words, other values in one, too long for an SMS."""
    found = []
    own = values_of(text.words.zh)
    for part in msgspec.structs.fields(Text):
        say: Say = getattr(text, part.name)
        if bool(say.zh) != bool(say.en) or (part.name == "words" and not say.zh):
            found.append(f"{name}: {part.name} lacks a language")
        if part.name == "words" and own != values_of(say.en):
            found.append(f"{name}: the languages take other values")
        found += [f"{name}: {part.name} takes {one}, its words do not" for one in _both(say) - own - {"number"}]
    found += [f"{name}: nobody knows how long {one} becomes" for one in own - set(_LONGEST)]
    for lang, most in () if found else MOST.items():
        values = {**_LONGEST, "unit": "字" * UNIT[lang], "state": "字" * IN_WORDS[lang]}
        long = len(SIGNATURE + text.words.in_(lang).format_map(values))
        if long > most:
            found.append(f"{name}: {long} characters in {lang}, at most {most} fit")
    return found


def _both(say: Say) -> set[str]:
    return values_of(say.zh) | values_of(say.en)


def load(folder: Path) -> dict[str, Text]:
    """Every text of the folder. Raises ValueError that names whatever is wrong with any."""
    found = {one.name: _read(one) for one in sorted(folder.iterdir()) if (one / "zh.txt").exists()}
    wrong = [line for name, text in found.items() for line in wrongs(name, text)]
    if wrong:
        raise ValueError("; ".join(wrong))
    return found


TEXTS = load(Path(__file__).parent)
