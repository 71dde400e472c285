"""A special report's one topic (专报): a matter, a place, enterprises' requests or a mass cluster, with its figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from hotline import city, db
from hotline.errors import Say, invalid
from sla.bulletin_document import Cell, Chart, Column, Section, Table, change
from sla.bulletin_periods import Span
from sla.bulletin_reading import BEFORE, GREW, THIS, YEAR, YEARLY, Asking, name_of
from sla.facts import Figure
from sla.measures import MEASURES

_HEADS = {
    "county": Say("区县", "District"), "township": Say("街道乡镇", "Subdistrict"), "matter": Say("事项", "Matter"),
    "unit": Say("单位", "Unit"),
}  # fmt: skip


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """What the report is about: any of these together. ``matter`` is a code or how it begins."""

    matter: str = ""
    county: str = ""
    township: str = ""
    is_enterprise: bool = False
    cluster: UUID | None = None

    @property
    def is_empty(self) -> bool:
        """Nothing is asked for."""
        return self == Topic()


def check(topic: Topic) -> None:
    """422 by field for a topic that names nothing the city knows."""
    snapshot, wrong = city.current(), {}
    if topic.is_empty:
        wrong["matter"] = Say("请写明事项、地点或企业诉求。", "Choose a matter, a place or enterprises.")
    if topic.matter and not any(code.startswith(topic.matter) for code in snapshot.matters):
        wrong["matter"] = Say("没有这个事项，请核对编码。", "There is no such matter; check the code.")
    if topic.county and topic.county != "city" and snapshot.any_jurisdiction(topic.county) is None:
        wrong["county"] = Say("没有这个区县。", "There is no such district.")
    if topic.township and snapshot.township(topic.township) is None:
        wrong["township"] = Say("没有这个街道乡镇。", "There is no such subdistrict.")
    if wrong:
        raise invalid(wrong)


def name(topic: Topic) -> Say:
    """The topic in words, for the title."""
    snapshot, parts = city.current(), []
    if topic.township:
        parts.append(name_of("township", topic.township))
    elif topic.county:
        parts.append(name_of("county", topic.county))
    if topic.is_enterprise:
        parts.append(Say("企业诉求", "Enterprises' requests"))
    if topic.cluster is not None:
        parts.append(Say("聚集诉求", "Mass request"))
    if topic.matter:
        found = snapshot.matter(topic.matter)
        first = next((one for code, one in sorted(snapshot.matters.items()) if code.startswith(topic.matter)), None)
        group = Say(first.l1_zh, first.l1_en) if first is not None else Say(topic.matter, topic.matter)
        parts.append(found.name if found is not None else group)
    return Say("".join(one.zh for one in parts), ", ".join(one.en for one in reversed(parts)))


def _where(topic: Topic, args: list[object]) -> str:
    """Facts ``f`` of the topic."""
    parts = ["f.excluded IS NULL"]

    def arg(value: object) -> str:
        args.append(value)
        return f"${len(args)}"

    if topic.matter:
        parts.append(f"f.matter ^@ {arg(topic.matter)}")
    if topic.county:
        parts.append(f"f.county = {arg(topic.county)}")
    if topic.township:
        parts.append(f"f.township = {arg(topic.township)}")
    if topic.is_enterprise:
        parts.append("EXISTS (SELECT FROM cases c WHERE c.id = f.case_id AND c.is_enterprise)")
    if topic.cluster is not None:
        parts.append(
            "EXISTS (SELECT FROM cluster_member m WHERE m.case_id = f.case_id AND m.left_at IS NULL"
            f" AND m.cluster_id = {arg(topic.cluster)})"
        )
    return " AND ".join(parts)


async def _counted(ask: Asking, topic: Topic, span: Span, by: str = "''") -> list[Any]:
    """Facts of the topic in a span by an expression of ``f``, a row a measure and key."""
    args: list[object] = [span.first, span.end]
    rows: list[Any] = await ask.connection.fetch(
        f"SELECT f.measure, {by} AS key, count(*)::int AS total, count(*) FILTER (WHERE f.good)::int AS good"
        f" FROM fact f WHERE f.day >= $1 AND f.day < $2 AND {_where(topic, args)} GROUP BY 1, 2 ORDER BY 1, 2",
        *args,
    )
    return rows


async def units(connection: db.Connection, span: Span, what: Topic) -> list[str]:
    """Units that had a share in the topic's cases in the span."""
    args: list[object] = [span.first, span.end]
    rows = await connection.fetch(
        "SELECT DISTINCT f.unit FROM fact f WHERE f.measure = 'dispatched' AND f.unit <> '' AND f.day >= $1"
        f" AND f.day < $2 AND {_where(what, args)} ORDER BY 1",
        *args,
    )
    return [row["unit"] for row in rows]


async def topic(ask: Asking, what: Topic) -> list[Section]:
    """专题数据: how much, the line of days, where, who handles it and how it ends."""
    spans = (ask.span, ask.span.before, ask.span.year_ago)
    sums = [{row["measure"]: row for row in await _counted(ask, what, span)} for span in spans]
    requests = [one["requests"]["total"] if "requests" in one else 0 for one in sums]
    cases = sums[0]["cases"]["total"] if "cases" in sums[0] else 0
    ended = sums[0]["ended"]["total"] if "ended" in sums[0] else 0
    words = Say(
        f"{ask.span.name.zh}，{name(what).zh}共 {ask.n(requests[0])} 件诉求，"
        f"合 {ask.n(cases)} 个案件，办结 {ask.n(ended)} 件。",
        f"{ask.span.name.en}: {name(what).en}: {ask.n(requests[0])} requests in {ask.n(cases)} cases,"
        f" {ask.n(ended)} ended.",
    )
    if not requests[0]:
        words = Say(f"{ask.span.name.zh}没有这方面的诉求。", f"No such request in {ask.span.name.en}.")
    return [
        Section(key="topic", title=Say("总体情况", "Overview"), words=(words,),
                tables=(_volume(ask, requests), await _days(ask, what), _outcomes(ask, sums[0]))),
        Section(
            key="topic_where", title=Say("在哪里、归谁办", "Where, and whose it is"),
            tables=(
                await _by(ask, what, "county", Say("在哪个区县？", "In which district?")),
                await _by(ask, what, "township", Say("在哪个街道乡镇？", "In which subdistrict?")),
                await _by(ask, what, "matter", Say("是哪些事项？", "Which matters?")),
                await _by(ask, what, "unit", Say("归哪个单位办？", "Which unit handles it?")),
            ),
        ),
    ]  # fmt: skip


def _volume(ask: Asking, counts: list[int]) -> Table:
    now, before, year = (ask.n(one) for one in counts)
    return Table(
        key="topic_volume", title=Say("多了还是少了？", "More or fewer?"),
        columns=(
            Column(name=Say("指标", "Figure")), Column(name=THIS), Column(name=BEFORE),
            Column(name=GREW, is_percent=True), Column(name=YEAR), Column(name=YEARLY, is_percent=True),
        ),
        rows=((Say("诉求", "Requests"), now, before, change(now, before), year, change(now, year)),),
    )  # fmt: skip


async def _days(ask: Asking, what: Topic) -> Table:
    is_daily = ask.span.days <= 62
    by = "f.day::text" if is_daily else "to_char(f.day, 'YYYY-MM')"
    found = await _counted(ask, what, ask.span, by)
    counts = {row["key"]: row["total"] for row in found if row["measure"] == "requests"}
    places: list[str] = []
    for n in range(ask.span.days):
        place = (ask.span.first + timedelta(days=n)).isoformat()[: 10 if is_daily else 7]
        if place not in places:
            places.append(place)
    title = Say("每天多少件？", "How many a day?") if is_daily else Say("每月多少件？", "How many a month?")
    return Table(
        key="topic_trend", title=title,
        columns=(Column(name=Say("日期", "Date")), Column(name=Say("诉求", "Requests"))),
        rows=ask.rows(([place, counts.get(place, 0)] for place in places), (1,)) if counts else (),
        chart=Chart(title=title, columns=(1,), kind="line", most=62),
    )  # fmt: skip


def _outcomes(ask: Asking, sums: dict[str, Any]) -> Table:
    rows: list[list[Cell]] = []
    for measure, row in sums.items():
        if measure in MEASURES and MEASURES[measure].is_rate and row["total"]:
            figure = Figure(measure=measure, first=None, key="", total=row["total"], good=row["good"])
            rows.append([MEASURES[measure].name, *ask.of(figure)])
    return Table(
        key="topic_rates", title=Say("办得怎样？", "How well was it done?"),
        columns=(Column(name=Say("指标", "Figure")), Column(name=Say("分子", "Good")), Column(name=Say("分母", "Of")),
                 Column(name=THIS, is_percent=True, formula=Say("分子 ÷ 分母", "good ÷ of"))),
        rows=ask.rows(rows),
    )  # fmt: skip


def _parts(ask: Asking, counts: list[tuple[str, int]], by: str) -> dict[str, Cell]:
    """Each count as far as the reader may know it. Subdistricts add up to their district, the others to the whole."""
    wholes: dict[str, list[Sequence[Cell]]] = {}
    for key, n in counts:
        found = city.current().township(key) if by == "township" else None
        wholes.setdefault(found.county if found is not None else "", []).append([key, n])
    return {str(row[0]): row[1] for parts in wholes.values() for row in ask.rows(parts, (1,))}


async def _by(ask: Asking, what: Topic, by: str, title: Say) -> Table:
    counts = [(row["key"], row["total"]) for row in await _counted(ask, what, ask.span, f"f.{by}")
              if row["measure"] == "requests"]  # fmt: skip
    counts.sort(key=lambda one: (-one[1], one[0]))
    shown = _parts(ask, counts, by)
    return Table(
        key=f"topic_{by}", title=title,
        columns=(Column(name=_HEADS[by]), Column(name=Say("诉求", "Requests"))),
        rows=tuple((name_of(by, key), shown[key]) for key, _ in counts)[:20],
        chart=Chart(title=title, columns=(1,), most=20) if by in ("county", "matter") else None,
    )
