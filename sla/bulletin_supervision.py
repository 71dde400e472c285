"""What supervision did: reminders, cards, orders, papers by rule, leaders' instructions, notices, inspections.

Counts by rule and unit only. A person is never named; internal issues give the post where the city's rule says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cases.states_audit import FINDINGS
from cases.wording_ladder import MEASURES as PAPERS
from hotline import city, clock
from hotline.errors import Say
from sla.bulletin_document import Cell, Column, Section, Table
from sla.bulletin_reading import Asking, name_of, total
from sla.inspections import METHODS, VERDICTS
from sla.measures import MEASURES

UNIT = Column(name=Say("单位", "Unit"))
_NOT_NAMED = Say("对人的，不列单位", "about persons: the unit is not named")
_STEPS = ("breaches", "yellow", "red", "orders")
_REMINDED = """
    SELECT coalesce(e.data::jsonb ->> 'unit', '') AS unit, count(*)::int AS n FROM case_event e
    WHERE e.kind IN ('reminded', 'overdue_told') AND e.at >= $1 AND e.at < $2 GROUP BY 1
"""
_JOINT = "SELECT unit, count(*)::int AS n FROM supervision_order WHERE joint_at >= $1 AND joint_at < $2 GROUP BY 1"
_PAPERS = """
    SELECT measure, unit, cited_zh, cited_en, post, subject, count(*)::int AS n,
        count(*) FILTER (WHERE ended_at IS NOT NULL)::int AS done
    FROM ladder_paper WHERE state NOT IN ('draft', 'dropped') AND coalesce(effective_at, drafted_at) >= $1
    AND coalesce(effective_at, drafted_at) < $2 GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 7 DESC, 2, 3, 5, 6
"""
_INSTRUCTIONS = """
    SELECT unit, count(*)::int AS n, count(*) FILTER (WHERE reported_at < $2)::int AS reported,
        count(*) FILTER (WHERE due_at < least($2, coalesce(reported_at, $2)))::int AS late
    FROM instruction WHERE given_at >= $1 AND given_at < $2 GROUP BY 1 ORDER BY 2 DESC, 1
"""
_NOTICES = """
    SELECT count(*) FILTER (WHERE published_at >= $1 AND published_at < $2)::int AS published,
        count(*) FILTER (WHERE verified_at >= $1 AND verified_at < $2)::int AS verified,
        count(*) FILTER (WHERE published_at < $2 AND due_at < $2 AND (corrected_at IS NULL OR corrected_at >= $2)
            AND (withdrawn_at IS NULL OR withdrawn_at >= $2))::int AS late,
        count(*) FILTER (WHERE withdrawn_at >= $1 AND withdrawn_at < $2)::int AS withdrawn FROM notice
"""


async def _fetched(ask: Asking, sql: str) -> list[Any]:
    """Rows of the period's moments, from the first midnight up to the one after the last day."""
    found: list[Any] = await ask.connection.fetch(sql, clock.on(ask.span.first), clock.on(ask.span.end))
    return found


def _counted(*heads: tuple[Say, Say]) -> tuple[Column, ...]:
    return tuple(Column(name=name, formula=formula) for name, formula in heads)


async def ladder(ask: Asking) -> Section:
    """督办: reminders, cards, orders and joint ones by unit; the most steps first."""
    found = await ask.by(_STEPS, "unit")
    reminded = {row["unit"]: row["n"] for row in await _fetched(ask, _REMINDED)}
    joint = {row["unit"]: row["n"] for row in await _fetched(ask, _JOINT)}
    steps: list[tuple[str, list[int]]] = []
    for key in {*found, *reminded, *joint} - {""}:
        own = [total(found.get(key), one) for one in _STEPS]
        steps.append((key, [own[0], reminded.get(key, 0), *own[1:], joint.get(key, 0)]))
    steps.sort(key=lambda one: ([-n for n in reversed(one[1])], one[0]))
    rows: list[list[Cell]] = [[name_of("unit", key), *counts] for key, counts in steps if any(counts)]
    columns = _counted(
        (MEASURES["breaches"].name, MEASURES["breaches"].counts),
        (Say("催办", "Reminders"), Say("督办员催办、超期次日书面催办", "by a supervisor, or in writing once overdue")),
        *((MEASURES[one].name, MEASURES[one].counts) for one in _STEPS[1:]),
        (Say("联合督办", "Joint"), Say("转为联合督办的督办单", "orders that became joint ones")),
    )
    return Section(
        key="ladder", title=Say("督办情况", "Supervision"),
        tables=(
            Table(
                key="ladder", title=Say("督办了谁？", "Whom did supervision reach?"), columns=(UNIT, *columns),
                rows=ask.rows(rows), nothing=Say("这段时间没有催办、黄红牌和督办单。", "No reminder, card or order."),
            ),
        ),
    )  # fmt: skip


async def accountability(ask: Asking) -> Section:
    """通报、约谈、问责: how many under which rule, by unit; no person is named.

    A unit has one head: the public is not told of which unit a paper about a person is.
    """
    names_posts = not ask.is_public and str(city.current().rule("bulletin.posts_named")) == "yes"
    merged: dict[tuple[str, str, str, str, str], list[int]] = {}
    for row in await _fetched(ask, _PAPERS):
        unit = "" if ask.is_public and row["subject"] != "unit" else row["unit"]
        key = (row["measure"], row["cited_zh"], row["cited_en"], unit, row["post"] if names_posts else "")
        counts = merged.setdefault(key, [0, 0])
        counts[0] += row["n"]
        counts[1] += row["done"]
    rows: list[list[Cell]] = [
        [PAPERS[measure], Say(zh, en), _with_post(name_of("unit", unit) if unit else _NOT_NAMED, post), *counts]
        for (measure, zh, en, unit, post), counts in merged.items()
    ]  # fmt: skip
    columns = (
        Column(name=Say("措施", "Measure")), Column(name=Say("依据", "Under which rule")), UNIT,
        *_counted(
            (Say("件数", "Papers"), Say("本期生效的文书", "papers that took effect in the period")),
            (Say("已了结", "Done"), Say("其中已了结的", "of them done by now")),
        ),
    )  # fmt: skip
    return Section(
        key="accountability", title=Say("通报、约谈和问责", "Bulletins, interviews and accountability"),
        tables=(
            Table(
                key="accountability", title=Say("依哪条规定，对哪个单位？", "Under which rule, against whom?"),
                columns=columns, rows=ask.rows(rows),
                nothing=Say("这段时间没有通报、约谈和问责。", "No bulletin about a unit, interview or accountability."),
            ),
        ),
    )  # fmt: skip


def _with_post(unit: Say, post: str) -> Say:
    return Say(f"{unit.zh}（{post}）", f"{unit.en} ({post})") if post else unit


async def instructions(ask: Asking) -> Section:
    """领导批示: how many were given in the period, reported on, late."""
    rows = [
        [name_of("unit", row["unit"]) if row["unit"] else Say("热线中心", "The centre"), row["n"], row["reported"],
         row["late"]]
        for row in await _fetched(ask, _INSTRUCTIONS)
    ]  # fmt: skip
    given = sum(int(row[1]) for row in rows)
    reported, late = sum(int(row[2]) for row in rows), sum(int(row[3]) for row in rows)
    words = Say(
        f"领导批示 {ask.n(given)} 件，已报告 {ask.n(reported)} 件，逾期 {ask.n(late)} 件。",
        f"{ask.n(given)} instructions were given, {ask.n(reported)} reported on, {ask.n(late)} late.",
    )
    columns = _counted(
        (Say("批示", "Given"), Say("本期作出的批示", "instructions given in the period")),
        (Say("已报告", "Reported"), Say("其中期末前已报告", "of them reported on by its end")),
        (Say("逾期", "Late"), Say("其中过了报告期限的", "of them past their date")),
    )
    return Section(
        key="instructions", title=Say("领导批示", "Leaders' instructions"), words=(words,) if given else (),
        tables=(
            Table(
                key="instructions", title=Say("批示办得怎样？", "How do the instructions stand?"),
                columns=(UNIT, *columns), rows=ask.rows(rows, (1, 2, 3)),
                nothing=Say("这段时间没有领导批示。", "No instruction in this period."),
            ),
        ),
    )  # fmt: skip


async def exposure(ask: Asking) -> Section:
    """曝光与纠正: notices published, corrected, overdue, taken down."""
    row = (await _fetched(ask, _NOTICES))[0]
    heads = (
        ("published", Say("本期公示", "Published"), Say("本期发布的公示", "published in the period")),
        ("verified", Say("本期核实纠正", "Corrected"), Say("本期核实已纠正的", "verified as corrected in the period")),
        ("late", Say("期末逾期未纠正", "Overdue"), Say("期末过了纠正期限还没报纠正的", "past their date at its end")),
        ("withdrawn", Say("本期撤下", "Taken down"), Say("本期撤下的", "taken down in the period")),
    )
    rows = [[name, row[key]] for key, name, _ in heads] if any(row.values()) else []
    return Section(
        key="exposure", title=Say("曝光与纠正", "Exposure and correction"),
        tables=(
            Table(
                key="exposure", title=Say("曝光的纠正了吗？", "Was what was exposed put right?"),
                columns=(Column(name=Say("公示", "Notices")), Column(name=Say("件数", "How many"))),
                rows=ask.rows(rows), formulas=tuple(formula for *_, formula in heads) if rows else (),
                nothing=Say("这段时间没有公示。", "No notice in this period."),
            ),
        ),
    )  # fmt: skip


async def inspections(ask: Asking) -> Section:
    """督查: what was inspected in the period, what tests gave, what was found and whether it is put right."""
    tables = (await _plans(ask), await _tests(ask), await _findings(ask))
    return Section(key="inspections", title=Say("督查情况", "Inspections"), tables=tables)


async def _plans(ask: Asking) -> Table:
    found = await ask.connection.fetch(
        "SELECT method, count(*)::int AS n, count(ended_at)::int AS ended, sum(cardinality(units))::int AS units"
        " FROM inspection WHERE starts < $2 AND ends >= $1 GROUP BY 1 ORDER BY 1",
        ask.span.first, ask.span.end,
    )  # fmt: skip
    return Table(
        key="inspection_plans", title=Say("督查了什么？", "What was inspected?"),
        columns=(
            Column(name=Say("方式", "Method")),
            *_counted(
                (Say("督查", "Inspections"), Say("期间内进行的督查计划", "plans that ran in the period")),
                (Say("已结束", "Ended"), Say("其中已结束", "of them ended")),
                (Say("单位次", "Units"), Say("各计划的单位数之和", "units of each plan, added up")),
            ),
        ),
        rows=ask.rows([METHODS[row["method"]], row["n"], row["ended"], row["units"]] for row in found),
        nothing=Say("这段时间没有督查。", "No inspection in this period."),
    )  # fmt: skip


async def _tests(ask: Asking) -> Table:
    found = await _fetched(
        ask,
        "SELECT unit, verdict, count(*)::int AS n FROM mystery_test WHERE done_at >= $1 AND done_at < $2"
        " GROUP BY 1, 2 ORDER BY 1",
    )
    counts: dict[str, dict[str, int]] = {}
    for row in found:
        counts.setdefault(row["unit"], {})[row["verdict"]] = row["n"]
    rows: list[Sequence[Cell]] = [
        [name_of("unit", unit), *(got.get(one, 0) for one in VERDICTS)] for unit, got in counts.items()
    ]
    return Table(
        key="inspection_tests", title=Say("模拟办事结果怎样？", "What did the tests show?"),
        columns=(UNIT, *(Column(name=say, formula=Say("模拟办事件数", "tests")) for say in VERDICTS.values())),
        rows=ask.rows(rows), nothing=Say("这段时间没有模拟办事。", "No mystery test in this period."),
    )


async def _findings(ask: Asking) -> Table:
    found = await _fetched(
        ask,
        "SELECT unit, what, count(*)::int AS n, count(*) FILTER (WHERE state = 'closed')::int AS closed"
        " FROM finding WHERE found_at >= $1 AND found_at < $2 AND unit <> '' AND state <> 'lifted'"
        " GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2",
    )
    return Table(
        key="inspection_findings", title=Say("查出什么问题，改了没有？", "What was found, and is it put right?"),
        columns=(
            UNIT, Column(name=Say("问题", "Finding")),
            *_counted(
                (Say("件数", "Findings"), Say("本期查出、申诉未撤的", "found in the period and not lifted on appeal")),
                (Say("已销号", "Closed"), Say("其中核实已整改的", "of them verified as put right")),
            ),
        ),
        rows=ask.rows(
            [name_of("unit", row["unit"]), FINDINGS.get(row["what"], Say(row["what"], row["what"])), row["n"],
             row["closed"]] for row in found
        ),
        nothing=Say("这段时间没有查出问题。", "Nothing was found in this period."),
    )  # fmt: skip
