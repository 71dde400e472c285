"""Why an issue is one, in a sentence: how many where, how many are usual then and there, by what chance."""

from __future__ import annotations

from hotline import areas
from hotline.errors import Say
from sla import hot_lists
from sla.hot_lists import Issue

_USUAL = {
    3: Say("平常这个钟点、这类日子", "usually, at this hour of such a day"),
    24: Say("平常这样的 24 小时", "usually, in such 24 hours"),
    168: Say("平常一周", "in a usual week"),
}
_TURNED = 1.25


def reason(one: Issue) -> Say:
    """The whole reason."""
    window, usual = hot_lists.WINDOWS[one.hours], _USUAL[one.hours]
    if one.high == 0:
        said = Say(f"{usual.zh}几乎没有", f"{usual.en}, hardly any")
    else:
        said = Say(f"{usual.zh}约 {number(one.expected)} 件（一般 {one.low}–{one.high} 件）",
                   f"{usual.en}, about {number(one.expected)} (mostly {one.low}–{one.high})")  # fmt: skip
    zh = (
        f"{one.area_say.zh}“{one.matter_say.zh}”{window.zh}来件 {one.observed} 件，"
        f"{said.zh}；{chance(one.chance).zh}"
    )
    en = (
        f"{one.area_say.en}: {one.observed} cases of “{one.matter_say.en}” in {window.en}; "
        f"{said.en}. {chance(one.chance).en}"
    )
    turn = season(one.season)
    return Say(zh + turn.zh + "。", en + turn.en)


def usually(one: Issue) -> Say:
    """How many are usual, in short."""
    if one.high == 0:
        return Say("平常几乎没有", "usually hardly any")
    return Say(f"平常约 {number(one.expected)}", f"usually about {number(one.expected)}")


def number(value: float) -> str:
    """A usual count as people say it."""
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}"


def chance(value: float) -> Say:
    """How likely it would be by chance."""
    for size, zh in ((1e9, "十亿"), (1e8, "一亿"), (1e7, "一千万"), (1e6, "一百万"), (1e5, "十万")):
        if value <= 1 / size:
            return Say(f"碰巧这么多的机会不到{zh}分之一", f"By chance that happens less than once in {size:,.0f}.")
    return Say(f"碰巧这么多的机会约为 {value:.0e}", f"By chance that happens about {value:.0e} of the time.")


def season(turn: float) -> Say:
    """How last year's season moves the usual, where it does."""
    percent = round(abs(turn - 1) * 100)
    if turn >= _TURNED:
        return Say(f"；已算上这个季节通常多 {percent} %", f" This season usually brings {percent} % more.")
    if turn <= 1 / _TURNED:
        return Say(f"；这个季节通常少 {percent} %", f" This season usually brings {percent} % less.")
    return Say("", "")


def place(name: str, kind: str) -> Say:
    """A place within the area."""
    if kind == "township":
        return areas.area_name(name)
    return Say(name, name)
