"""What rules may ask, in words: fields, operators and values; typed text to codes, and codes to a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import msgspec

from cases.states import KINDS, URGENCIES
from cases.wording import CHANNELS
from hotline.city import City
from hotline.errors import Say
from routing import rules
from routing.rules import Condition, Rule

OPERATORS: dict[str, Say] = {
    "one_of": Say("是", "is one of"),
    "none_of": Say("不是", "is none of"),
    "begins": Say("代码开头是", "code begins with"),
    "has_any": Say("含有任一词", "holds any of"),
    "has_none": Say("不含", "holds none of"),
    "between": Say("在时段", "between"),
}
LONGEST = 40
"""Characters of one word that is looked for."""
MOST_VALUES = 50
_SPLIT = re.compile(r"[,，、;；\n]+")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WEEKDAYS = {str(n): Say(f"周{zh}", en) for n, (zh, en) in enumerate(zip("一二三四五六日", _DAYS, strict=True), 1)}
_NONE = Say("没有", "none")
_ANY = Say("任一", "any")


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One fact that may be asked: its operators, and its values by code (None: free words, codes or hours)."""

    say: Say
    operators: tuple[str, ...] = ("one_of", "none_of")
    choices: Callable[[City], Mapping[str, Say]] | None = None
    hint: Say = Say("多个值用顿号隔开", "several values: separate by commas")
    is_code: bool = False


def _lines(snapshot: City) -> Mapping[str, Say]:
    return {number: Say(f"{number} {one.name_zh}", f"{number} {one.name_en}") for number, one in snapshot.lines.items()}


def _matters(snapshot: City) -> Mapping[str, Say]:
    return {code: one.name for code, one in snapshot.matters.items()}


def _counties(snapshot: City) -> Mapping[str, Say]:
    known = {code: one.name for code, one in snapshot.jurisdictions.items()}
    return {"none": Say("地点不详", "unknown place"), **known}


def _townships(snapshot: City) -> Mapping[str, Say]:
    return {code: one.name for code, one in snapshot.townships.items()}


def _abouts(snapshot: City) -> Mapping[str, Say]:
    return {"none": _NONE, "any": _ANY, **{code: one.name for code, one in snapshot.units.items()}}


FIELDS: dict[str, Field] = {
    "words": Field(
        say=Say("诉求内容", "Words"), operators=("has_any", "has_none"),
        hint=Say("词，如 噪声、夜间施工", "words, such as 噪声"),
    ),
    "matter": Field(
        say=Say("事项", "Matter"), operators=("one_of", "none_of", "begins"), choices=_matters, is_code=True,
        hint=Say("事项名或代码；开头两位是大类、四位是中类", "names or codes; two digits a division, four a group"),
    ),
    "county": Field(say=Say("区县", "District"), choices=_counties, hint=Say("如 丛台区、地点不详", "such as 丛台区")),
    "township": Field(
        say=Say("乡镇街道", "Subdistrict"), operators=("one_of", "none_of", "begins"), choices=_townships, is_code=True,
        hint=Say("名称或九位代码", "names or nine-digit codes"),
    ),
    "kind": Field(say=Say("类型", "Kind"), choices=lambda _: KINDS, hint=Say("如 投诉、求助", "such as complaint")),
    "urgency": Field(say=Say("紧急程度", "Urgency"), choices=lambda _: URGENCIES, hint=Say("一般、紧急、特急", "")),
    "line": Field(say=Say("线路", "Line"), choices=_lines, hint=Say("号码，如 12369", "a number, such as 12369")),
    "channel": Field(
        say=Say("来源", "Door"), choices=lambda _: CHANNELS, hint=Say("如 微信、短信、网页", "such as WeChat")
    ),
    "hours": Field(
        say=Say("来件时刻", "Time of day"), operators=("between",), hint=Say("如 22:00-06:00", "such as 22:00-06:00")
    ),
    "weekday": Field(
        say=Say("星期", "Weekday"), choices=lambda _: _WEEKDAYS, hint=Say("如 周六、周日", "such as Saturday")
    ),
    "day": Field(
        say=Say("工作日", "Working day"), operators=("one_of",),
        choices=lambda _: {"working": Say("工作日", "working day"), "rest": Say("休息日", "rest day")},
        hint=Say("工作日 或 休息日", "working day or rest day"),
    ),
    "flags": Field(
        say=Say("标记", "Marks"),
        choices=lambda _: {
            "vulnerable": Say("特殊群体", "vulnerable"), "minor": Say("涉未成年人", "a minor"),
            "investigation": Say("正在调查", "under investigation"), "repeat": Say("重复来电", "called before"),
        },
        hint=Say("特殊群体、涉未成年人、正在调查、重复来电", "vulnerable, a minor, under investigation, called before"),
    ),
    "requester": Field(
        say=Say("诉求人", "Requester"),
        choices=lambda _: {
            "person": Say("个人", "person"), "enterprise": Say("企业", "enterprise"),
            "anonymous": Say("匿名", "anonymous"),
        },
        hint=Say("个人、企业、匿名", "person, enterprise, anonymous"),
    ),
    "about": Field(
        say=Say("被投诉单位", "Body complained about"), choices=_abouts,
        hint=Say("单位名或代码；任一、没有", "names or codes; any, none"),
    ),
}  # fmt: skip


def read(field: str, operator: str, text: str, snapshot: City) -> Condition | Say:
    """A condition from what was chosen and typed, names turned into codes; or the sentence that says what is wrong."""
    known = FIELDS.get(field)
    if known is None:
        return Say("请选条件的项目。", "Choose what the condition asks.")
    if operator not in known.operators:
        names = [OPERATORS[one] for one in known.operators]
        return Say(
            f"“{known.say.zh}”只能用：{'、'.join(one.zh for one in names)}。",
            f"“{known.say.en}” takes: {', '.join(one.en for one in names)}.",
        )
    values = [one.strip() for one in _SPLIT.split(text) if one.strip()]
    if not values:
        return Say(f"还没写“{known.say.zh}”的值。", f"Write a value for “{known.say.en}”.")
    if len(values) > MOST_VALUES:
        return Say(f"一个条件最多 {MOST_VALUES} 个值。", f"A condition takes at most {MOST_VALUES} values.")
    return _coded(field, operator, values, snapshot)


def _coded(field: str, operator: str, values: Sequence[str], snapshot: City) -> Condition | Say:
    known = FIELDS[field]
    if operator == "between":
        for value in values:
            try:
                rules.hours(_plain_hours(value))
            except ValueError:
                return Say(f"“{value}”不是时段，请写成 22:00-06:00。", f"“{value}” is no span; write 22:00-06:00.")
        return Condition(field, operator, tuple(_plain_hours(one) for one in values))
    if operator in ("has_any", "has_none"):
        long = next((one for one in values if len(one) > LONGEST), None)
        if long is not None:
            return Say(f"词太长：“{long[:20]}…”，最多 {LONGEST} 字。", f"“{long[:20]}…” is longer than {LONGEST}.")
        return Condition(field, operator, tuple(one.casefold() for one in values))
    if operator == "begins":
        wrong = next((one for one in values if not (one.isascii() and one.isdigit())), None)
        if wrong is not None:
            return Say(f"“{wrong}”不是代码的开头，请写数字。", f"“{wrong}” does not begin a code; write digits.")
        return Condition(field, operator, tuple(values))
    codes = [_code(one, known, snapshot) for one in values]
    lost = next((one for one, code in zip(values, codes, strict=True) if code is None), None)
    if lost is not None:
        return Say(f"“{known.say.zh}”里没有“{lost}”。", f"There is no “{lost}” in “{known.say.en}”.")
    return Condition(field, operator, tuple(dict.fromkeys(code for code in codes if code)))


def _plain_hours(text: str) -> str:
    for dash in ("–", "—", "－", "~", "～", "至", "到"):
        text = text.replace(dash, "-")
    return text.replace("：", ":").replace(" ", "")


def _code(text: str, field: Field, snapshot: City) -> str | None:
    """The code that a code, a whole name in either language, or a name's only beginning means."""
    choices = field.choices(snapshot) if field.choices is not None else {}
    if text in choices:
        return text
    lower = text.casefold()
    for code, say in choices.items():
        if lower in (say.zh.casefold(), say.en.casefold(), f"{code} {say.zh}".casefold()):
            return code
    return None


def shown(condition: Condition, snapshot: City) -> str:
    """The values as the form shows them again: names where there are such, else as they were typed."""
    return "、".join(_value(condition, one, snapshot).zh for one in condition.values)


def say(condition: Condition, snapshot: City) -> Say:
    """A condition as a sentence's part."""
    field = FIELDS.get(condition.field)
    name = field.say if field is not None else Say(condition.field, condition.field)
    operator = OPERATORS.get(condition.operator, Say(condition.operator, condition.operator))
    values = [_value(condition, one, snapshot) for one in condition.values]
    quoted = condition.operator in ("has_any", "has_none")
    zh = "、".join(f"“{one.zh}”" if quoted else one.zh for one in values)
    en = ", ".join(f"“{one.en}”" if quoted else one.en for one in values)
    return Say(f"{name.zh}{operator.zh}{zh}", f"{name.en.lower()} {operator.en} {en}")


def _value(condition: Condition, value: str, snapshot: City) -> Say:
    field = FIELDS.get(condition.field)
    if field is None or field.choices is None or condition.operator == "begins":
        return Say(value, value)
    return field.choices(snapshot).get(value, Say(value, value))


def sentence(rule: Rule, snapshot: City) -> Say:
    """The rule as one sentence: when, then whom."""
    whens = [say(one, snapshot) for one in rule.conditions]
    zh, en = "，且".join(one.zh for one in whens) or "任何诉求", " and ".join(one.en for one in whens) or "any request"
    then = outcome(rule, snapshot)
    return Say(f"{zh} → {then.zh}", f"{en} → {then.en}")


def outcome(rule: Rule, snapshot: City) -> Say:
    """What a rule decides: the lead, who helps, the urgency."""
    parts = [Say("人工派单", "a person dispatches") if rule.by_hand else unit_name(rule.unit, snapshot)]
    if rule.co_handlers:
        names = [unit_name(one, snapshot) for one in rule.co_handlers]
        parts.append(Say(f"协办 {'、'.join(n.zh for n in names)}", f"with {', '.join(n.en for n in names)}"))
    if rule.urgency:
        parts.append(Say(f"定为{URGENCIES[rule.urgency].zh}", f"set to {URGENCIES[rule.urgency].en.lower()}"))
    return Say("，".join(one.zh for one in parts), ", ".join(one.en for one in parts))


def unit_name(code: str, snapshot: City) -> Say:
    """A unit as a rule names it: by its name, or by what it is to the case."""
    if code in rules.SYMBOLS:
        return rules.SYMBOLS[code]
    unit = snapshot.unit(code)
    return unit.name if unit is not None else Say(f"{code}（没有这个单位）", f"{code} (no such unit)")
