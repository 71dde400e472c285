"""Why a row of a legacy export is refused: one code a reason, with the sentence for whoever mends the file. Pure."""

from __future__ import annotations

import msgspec

from hotline.errors import Say

SHOWN = 40
"""Characters of a cell that a report may quote; cells with personal words are never quoted."""

SENTENCES: dict[str, Say] = {
    "wrong_columns": Say("应有 {want} 列，这一行有 {got} 列。", "There should be {want} columns; this row has {got}."),
    "unclosed_quote": Say(
        "引号没有配对，这一行读不出来；后面的行照常读。",
        "A quotation mark is not closed; the lines after it were read.",
    ),
    "broken_bytes": Say("“{column}”有按 {encoding} 读不出的字节。", "“{column}” holds bytes that are not {encoding}."),
    "control_characters": Say("“{column}”有控制字符。", "“{column}” holds control characters."),
    "overlong": Say("“{column}”有 {got} 字，最多 {most} 字。", "“{column}” has {got} characters; at most {most}."),
    "lost_digits": Say(
        "“{column}”被表格软件存成了数值，末尾几位已丢。",
        "“{column}” was stored as a number by a spreadsheet and has lost its last digits.",
    ),
    "no_number": Say("没有原编号。", "The origin number is missing."),
    "duplicate": Say(
        "原编号与第 {first} 行重复，只收第一条。", "The same origin number as row {first}; only the first is taken in."
    ),
    "no_date": Say("“{column}”没有填。", "“{column}” is empty."),
    "bad_date": Say(
        "“{column}”里的“{value}”不是对照文件写明的日期格式。",
        "“{value}” in “{column}” is in none of the mapping's date formats.",
    ),
    "foreign_zone": Say(
        "“{column}”里的“{value}”自带时区，对照文件只认 {zone}。",
        "“{value}” in “{column}” brings a time zone of its own; the mapping says {zone} for all.",
    ),
    "time_gap": Say(
        "“{column}”里的“{value}”在 {zone} 不存在（夏令时拨快的那一小时）。",
        "“{value}” in “{column}” never was in {zone}: the clocks went forward over it.",
    ),
    "time_twice": Say(
        "“{column}”里的“{value}”在 {zone} 有过两次（夏令时拨慢），对照文件没说取哪次。",
        "“{value}” in “{column}” was twice in {zone}; the mapping's `ambiguous` does not say which.",
    ),
    "too_old": Say("“{column}”早于 {earliest}。", "“{column}” is before {earliest}."),
    "future_date": Say("“{column}”在将来。", "“{column}” is in the future."),
    "closed_before_opened": Say("办结早于受理。", "It was closed before it was opened."),
    "target_before_opened": Say("时限早于受理。", "It was due before it was opened."),
    "closed_without_date": Say(
        "状态是已办结，却没有办结时间。", "The status says closed, but there is no closing time."
    ),
    "open_with_closing_date": Say("有办结时间，状态却是未办结。", "There is a closing time, but the status says open."),
    "unknown_code": Say(
        "“{column}”里的“{value}”在对照表和本市目录里都没有。",
        "“{value}” in “{column}” is in neither the mapping nor the city's catalogue.",
    ),
    "unit_off": Say(
        "还没办结，而单位“{value}”现在不接单。", "It is still open, and the unit “{value}” takes no cases now."
    ),
    "no_words": Say("没有诉求内容。", "There is nothing that the requester said."),
    "bad_phone": Say("“{column}”不是电话号码。", "“{column}” is not a telephone number."),
}


class Fault(msgspec.Struct, frozen=True):
    """Why one row is refused; ``values`` fill the sentence and are never a person's words, name or number."""

    code: str
    values: dict[str, str] = {}

    @property
    def column(self) -> str:
        """The column it lies in, or nothing when it is the whole row."""
        return self.values.get("column", "")

    @property
    def say(self) -> Say:
        """The sentence in both languages."""
        zh, en = SENTENCES[self.code]
        return Say(zh.format(**self.values), en.format(**self.values))


class Refused(Exception):  # noqa: N818 - the row is refused, the import goes on
    """Raised while a row is read; carries its fault."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.fault = Fault(code, {name: shown(str(value)) for name, value in values.items()})


def shown(value: str) -> str:
    """A cell as a report may quote it: short, on one line, without broken bytes."""
    plain = "".join(c if c.isprintable() and not "\ud800" <= c <= "\udfff" else "?" for c in value)
    return plain if len(plain) <= SHOWN else plain[: SHOWN - 1] + "…"
