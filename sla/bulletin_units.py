"""How the units did: rates side by side, who is under the floor and exactly why, praise, what they carry over."""

from __future__ import annotations

from collections.abc import Mapping

from hotline import city
from hotline.errors import Say
from sla import facts
from sla.bulletin_document import FEW, Cell, Column, Section, Table
from sla.bulletin_reading import Asking, Sums, counts_by, name_of, total
from sla.facts import Figure
from sla.measures import MEASURES

SHARES = ("signed", "contacted", "finished", "resolved", "rated", "returned", "reworked")
_GROUPS = {
    "county": Say("区县", "Districts and counties"),
    "department": Say("市直部门和其他单位", "City departments and others"),
}


def group_of(unit: str) -> str:
    """Counties are compared with counties, everybody else with everybody else."""
    found = city.current().unit(unit)
    return "county" if found is not None and found.kind == "county" else "department"


async def units(ask: Asking) -> Section:
    """各单位办理情况: counties and departments apart, by on-time rate; no ranks are given here."""
    found = await ask.by(("dispatched", *SHARES), "unit")
    dispatched = _dispatched(ask, found)
    tables = []
    for group, title in _GROUPS.items():
        mine = {key: sums for key, sums in found.items() if key and group_of(key) == group}
        keys = sorted(mine, key=lambda one: (-_rate(mine[one].get("finished")), -total(mine[one], "dispatched"), one))
        tables.append(
            Table(
                key=f"units_{group}", title=title,
                columns=(
                    Column(name=Say("单位", "Unit")),
                    Column(name=MEASURES["dispatched"].name, formula=MEASURES["dispatched"].counts),
                    *(Column(name=MEASURES[one].name, formula=MEASURES[one].counts, is_percent=True) for one in SHARES),
                ),
                rows=tuple(
                    (name_of("unit", key), dispatched[key], *(ask.rate(mine[key].get(one)) for one in SHARES))
                    for key in keys
                ),
                nothing=Say("这段时间没有承办。", "None had a case in this period."),
            )
        )  # fmt: skip
    return Section(key="units", title=Say("各单位办理情况", "How the units did"), tables=tuple(tables))


def _dispatched(ask: Asking, found: Mapping[str, Sums]) -> dict[str, Cell]:
    """What each unit was given, as far as the reader may know it: all units add up to the city's known figure."""
    keys = sorted(key for key in found)
    rows = ask.rows(([key, total(found[key], "dispatched")] for key in keys), (1,))
    return dict(zip(keys, (row[1] for row in rows), strict=True))


def _rate(figure: Figure | None) -> float:
    return figure.rate if figure is not None and figure.rate is not None else -1.0


async def floor(ask: Asking) -> Section:
    """低于底线的单位: named with the figure, the floor and how many broke which promise (domain.md 2.11)."""
    rules = city.current()
    floors = {
        "finished": float(rules.rule("bulletin.floor_finished")), "rated": float(rules.rule("bulletin.floor_rated"))
    }
    least = int(rules.rule("bulletin.floor_least"))
    least = max(least, FEW) if ask.is_public else least
    found = await ask.by(("dispatched", *SHARES), "unit")
    dispatched = _dispatched(ask, found)
    lines: list[tuple[float, str, str, Figure]] = []
    for key, sums in found.items():
        for measure, bar in floors.items():
            figure = sums.get(measure)
            if key and figure is not None and figure.total >= least and _rate(figure) < bar and _is_told(ask, figure):
                lines.append((_rate(figure), key, measure, figure))
    lines.sort(key=lambda one: (one[2], one[0], one[1]))
    rows: list[list[Cell]] = [
        [name_of("unit", key), MEASURES[measure].name, round(worth, 2), floors[measure],
         _why(ask, found[key], dispatched[key], measure, figure)]
        for worth, key, measure, figure in lines
    ]  # fmt: skip
    note = Say(f"不足 {least} 件的单位不列入。", f"Units with fewer than {least} are left out.")
    if ask.is_public:
        note = Say(f"不足 {least} 件、或没做到的不足 {FEW} 件的单位不列入。",
                   f"Units with fewer than {least}, or fewer than {FEW} that fell short, are left out.")  # fmt: skip
    return Section(
        key="floor", title=Say("低于底线的单位", "Units under the floor"),
        tables=(
            Table(
                key="floor", title=Say("谁低于底线，为什么？", "Who is under the floor, and why?"),
                columns=(
                    Column(name=Say("单位", "Unit")), Column(name=Say("指标", "Figure")),
                    Column(name=Say("本期", "This period"), is_percent=True,
                           formula=Say("见口径", "see the definitions")),
                    Column(name=Say("底线", "Floor"), is_percent=True, formula=Say("城市规定", "the city's rule")),
                    Column(name=Say("原因", "Why")),
                ),
                rows=tuple(map(tuple, rows)), notes=(note,),
                nothing=Say("没有低于底线的单位。", "No unit is under the floor."),
            ),
        ),
    )  # fmt: skip


def _is_told(ask: Asking, figure: Figure) -> bool:
    """For the public a rate of few unkept promises, beside its whole, would tell how many there were."""
    return not ask.is_public or figure.total - figure.good >= FEW


def _why(ask: Asking, sums: Sums, dispatched: Cell, measure: str, figure: Figure) -> Say:
    """「7 件，1 件签收超时，1 件办结超期」."""
    if measure == "rated":
        bad = ask.n(figure.total - figure.good)
        whole = ask.n(figure.total)
        return Say(f"评价 {whole} 件，{bad} 件没评满意", f"{whole} rated, {bad} not as satisfied")
    zh, en = [f"承办 {dispatched} 件"], [f"{dispatched} cases"]
    for one, say in (
        ("signed", Say("件签收超时", "acknowledged late")), ("contacted", Say("件首联超时", "contacted late")),
        ("finished", Say("件办结超期", "finished late or not yet")),
    ):  # fmt: skip
        late = sums[one].total - sums[one].good if one in sums else 0
        if late:
            zh.append(f"{ask.n(late)} {say.zh}")
            en.append(f"{ask.n(late)} {say.en}")
    return Say("，".join(zh), ", ".join(en))


async def praise(ask: Asking) -> Section:
    """表扬: which units citizens praised."""
    table = await counts_by(
        ask, "unit", Say("谁受了表扬？", "Who was praised?"), Say("单位", "Unit"), measure="praise",
        nothing=Say("这段时间没有表扬件。", "No praise in this period."),
    )  # fmt: skip
    rows = tuple(row for row in table.rows if row[1])
    return Section(
        key="praise", title=Say("表扬", "Praise"),
        tables=(Table(key=table.key, title=table.title, columns=table.columns, rows=rows, nothing=table.nothing),),
    )


async def carried(ask: Asking) -> Section:
    """结转: what each unit still had open when the period ended."""
    beginning = ask.span.first.replace(year=2000, month=1, day=1)
    open_by: dict[str, int] = {}
    for one in await facts.counted(ask.connection, ["cases", "ended"], beginning, ask.span.end, by="unit"):
        sign = 1 if one.measure == "cases" else -1
        open_by[one.key] = open_by.get(one.key, 0) + sign * one.total
    keys = [key for key in sorted(open_by, key=lambda one: (-open_by[one], one)) if open_by[key] > 0]
    whole = sum(max(0, n) for n in open_by.values())
    formula = Say("期末前登记的案件 − 期末前办结的案件", "cases opened − cases ended, up to the end of the period")
    words = Say(f"结转到下期 {ask.n(whole)} 件。", f"{ask.n(whole)} cases are carried over.")
    return Section(
        key="carried", title=Say("结转件", "Carried over"), words=(words,),
        tables=(
            Table(
                key="carried", title=Say("哪些单位还没办完？", "Who still has cases open?"),
                columns=(Column(name=Say("单位", "Unit")), Column(name=Say("结转件", "Carried over"), formula=formula)),
                rows=ask.rows(
                    ([name_of("unit", key) if key else Say("未派单", "not dispatched"), open_by[key]] for key in keys),
                    (1,),
                ),
                nothing=Say("都办完了，没有结转。", "Everything is done: nothing is carried over."),
            ),
        ),
    )  # fmt: skip
