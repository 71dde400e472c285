"""The first half of a bulletin: how much came in, by which way, on which days, about what, and what rose."""

from __future__ import annotations

from datetime import timedelta

from hotline import city
from hotline.errors import Say
from sla import bulletin_hot, facts
from sla.bulletin_document import BESIDE, Cell, Chart, Column, Section, Table, shown
from sla.bulletin_periods import Span
from sla.bulletin_reading import BEFORE, MOST, THIS, YEAR, Asking, compared, counts_by, grown, name_of, total
from sla.measures import MEASURES

COUNTS = ("requests", "cases", "dispatched", "ended", "praise")
RATES = ("direct", "signed", "contacted", "response", "finished", "resolved", "rated", "visits", "returned", "reworked")
_BY_MONTH = 62
"""Days from which the line of time is one of months."""


async def overview(ask: Asking) -> Section:
    """总体情况: counts and rates of the city, this period, before and a year ago; what stays open at its end."""
    spans = (ask.span, ask.span.before, ask.span.year_ago)
    names = COUNTS[:-1] if ask.is_public else COUNTS  # praise: a kind of its own, hidden or shown with the others
    counts = [await ask.sums(names, span) for span in spans]
    rates = [await ask.sums(RATES, span) for span in spans]
    carried = [await standing(ask, span) for span in spans]
    rows: list[list[Cell]] = [[MEASURES[one].name, *(sums[one].total for sums in counts)] for one in names]
    rows.append([Say("结转下期", "Carried over"), *carried])
    over = Say("期末前登记的案件 − 期末前办结的案件", "cases opened − cases ended, up to the end of the period")
    now = counts[0]
    words = Say(
        f"{ask.span.name.zh}，热线登记诉求 {ask.n(now['requests'].total)} 件，"
        f"派单 {ask.n(now['dispatched'].total)} 件，"
        f"办结 {ask.n(now['ended'].total)} 件，结转下期 {ask.n(carried[0])} 件。",
        f"In {ask.span.name.en} the hotline took {ask.n(now['requests'].total)} requests, dispatched"
        f" {ask.n(now['dispatched'].total)} shares, ended {ask.n(now['ended'].total)} cases and carries"
        f" {ask.n(carried[0])} over.",
    )
    if not now["requests"].total and not now["ended"].total:
        words = Say(
            f"{ask.span.name.zh}没有登记诉求，也没有办结。结转下期 {ask.n(carried[0])} 件。",
            f"In {ask.span.name.en} no request was taken and no case ended. {ask.n(carried[0])} are carried over.",
        )
    return Section(
        key="overview", title=Say("总体情况", "Overview"), words=(words,),
        tables=(
            Table(
                key="counts", title=Say("办了多少？", "How much was there?"),
                columns=compared(Say("指标", "Figure"), Say("见各行", "see each row")),
                rows=grown(rows, ask),
                formulas=(*(MEASURES[one].counts for one in names), over),
            ),
            Table(
                key="rates", title=Say("办得怎样？", "How well was it done?"),
                columns=(
                    Column(name=Say("指标", "Figure")), Column(name=Say("分子", "Good")),
                    Column(name=Say("分母", "Of")),
                    *(Column(name=one, is_percent=True, formula=Say("分子 ÷ 分母", "good ÷ of"))
                      for one in (THIS, BEFORE, YEAR)),
                ),
                rows=ask.rows(
                    [MEASURES[one].name, *ask.of(rates[0][one]), *(ask.of(before[one])[2] for before in rates[1:])]
                    for one in RATES
                ),
                formulas=tuple(MEASURES[one].counts for one in RATES),
                chart=Chart(title=Say("办得怎样？", "How well was it done?"), columns=(3, 4)),
            ),
        ),
    )  # fmt: skip


async def standing(ask: Asking, span: Span) -> int:
    """Cases that were open when the span ended, by the same facts."""
    beginning = span.first.replace(year=2000, month=1, day=1)
    found = await facts.counted(ask.connection, ["cases", "ended"], beginning, span.end)
    sums = {one.measure: one for one in found}
    return max(0, total(sums, "cases") - total(sums, "ended"))


async def ways(ask: Asking) -> Section:
    """诉求从哪里来: by channel, line and kind; and the line of days or months."""
    channel = Say("渠道", "Channel")
    return Section(
        key="ways", title=Say("诉求来源", "Where requests came from"),
        tables=(
            await counts_by(
                ask, "channel", Say("从哪个渠道来？", "Through which channel?"), channel,
                chart=Chart(title=Say("从哪个渠道来？", "Through which channel?"), columns=(1, 2)),
            ),
            await counts_by(ask, "line", Say("从哪条线路来？", "On which line?"), Say("线路", "Line")),
            await counts_by(ask, "kind", Say("是什么诉求？", "Of which kind?"), Say("类型", "Kind")),
            await _trend(ask),
            await counts_by(
                ask, "county", Say("来自哪个区县？", "From which district?"), Say("区县", "District"),
                chart=Chart(title=Say("来自哪个区县？", "From which district?"), columns=(1,), most=20),
            ),
        ),
    )  # fmt: skip


async def _trend(ask: Asking) -> Table:
    """Requests a day, or a month where the period is long; a single day is seen in its week."""
    span = ask.span
    first = span.first if span.days > 1 else span.first - timedelta(days=6)
    each = "day" if span.days <= _BY_MONTH else "month"
    found: dict[str, dict[str, int]] = {}
    for one in await facts.counted(ask.connection, ["requests", "ended"], first, span.end, each=each):
        if one.first is not None:
            found.setdefault(one.first.isoformat()[: 10 if each == "day" else 7], {})[one.measure] = one.total
    places = []
    day = first
    while day < span.end:
        place = day.isoformat()[: 10 if each == "day" else 7]
        if place not in places:
            places.append(place)
        day += timedelta(days=1)
    title = Say("每天多少件？", "How many a day?") if each == "day" else Say("每月多少件？", "How many a month?")
    return Table(
        key="trend", title=title,
        columns=(
            Column(name=Say("日期", "Date")),
            *(Column(name=MEASURES[one].name, formula=MEASURES[one].counts) for one in ("requests", "ended")),
        ),
        rows=ask.rows(([place, found.get(place, {}).get("requests", 0), found.get(place, {}).get("ended", 0)]
                       for place in places), (1, 2)) if found else (),
        chart=Chart(title=title, columns=(1, 2), kind="line", most=62),
    )  # fmt: skip


async def matters(ask: Asking) -> Section:
    """反映最多的事项."""
    return Section(key="matters", title=Say("反映最多的事项", "Most frequent matters"), tables=(await _most(ask),))


async def _most(ask: Asking) -> Table:
    title = Say("什么事反映最多？", "What is reported most?")
    return await counts_by(
        ask, "matter", title, Say("事项", "Matter"), most=MOST, chart=Chart(title=title, columns=(1, 2), most=MOST)
    )


async def rising(ask: Asking) -> Section:
    """热点: matters that grew most, at least by the city's number and share; the editor's cases stand after it."""
    least = int(city.current().rule("bulletin.rise_least"))
    share = float(city.current().rule("bulletin.rise_percent"))
    now, before = await ask.by(["requests"], "matter"), await ask.by(["requests"], "matter", ask.span.before)
    year = await ask.by(["requests"], "matter", ask.span.year_ago)
    grew = {
        key: total(sums, "requests") - total(before.get(key), "requests") for key, sums in now.items() if key
    }
    keys = [
        key for key in sorted(grew, key=lambda one: (-grew[one], one))
        if grew[key] >= least and 100 * grew[key] >= share * total(before.get(key), "requests")
    ][:MOST]  # fmt: skip
    if ask.is_public:  # what the table of matters hides beside a small one is not told here either
        hidden = {row[0] for row in (await _most(ask)).rows if BESIDE in row}
        keys = [key for key in keys if name_of("matter", key) not in hidden]
    rows: list[list[Cell]] = [
        [name_of("matter", key),
         *(total(sums.get(key), "requests") for sums in (now, before, year))]
        for key in keys
    ]  # fmt: skip
    note = Say(f"比上期多 {least} 件以上、且增长 {shown(share, 'zh')} % 以上的事项。",
               f"Matters with at least {least} more than before, grown by {shown(share, 'en')} % or more.")  # fmt: skip
    return Section(
        key="rising", title=Say("热点问题", "Rising issues"),
        tables=(
            Table(
                key="rising", title=Say("什么事多起来了？", "What has risen?"),
                columns=compared(Say("事项", "Matter"), MEASURES["requests"].counts),
                rows=grown(rows, ask), notes=(note,),
                nothing=Say("没有明显多起来的事项。", "No matter rose markedly."),
            ),
            await bulletin_hot.found(ask),
        ),
    )  # fmt: skip
