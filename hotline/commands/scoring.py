"""`hotline score`: any preset's scores from a sheet, without a database; and a frozen period computed again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hotline import place
from hotline.commands.running import data_option

if TYPE_CHECKING:
    from hotline.errors import Say
    from sla.scores import Row, Worked
    from sla.scores_formula import Formula
    from sla.scores_frozen import Verdict


@click.command()
@data_option
@click.option("--preset", help="哪个办法，默认本市的 / which formula; the city's own by default")
@click.option("--figures", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="数据表（CSV）：一行一个单位，一列一项 / a CSV, one row a unit, a column an item")  # fmt: skip
@click.option("--verify", "period", help="把公布的一期重算一遍，如 2026-10 / compute a published period again")
@click.option("--columns", is_flag=True, help="这个办法的表有哪些列 / the columns of its sheet")
@click.option("--list", "list_all", is_flag=True, help="有哪些办法 / the presets there are")
@click.option("--json", "as_json", is_flag=True, help="机器可读 / for machines")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
def score(
    data: Path | None, preset: str | None, figures: Path | None, period: str | None, lang: str, *, columns: bool,
    list_all: bool, as_json: bool,
) -> None:  # fmt: skip
    """按办法算分，写出每项的算式；重算公布的一期，不一致的以 1 结束。/ Scores with their arithmetic."""
    from sla import scores_presets

    name = preset or scores_presets.OWN
    if list_all:
        click.echo("\n".join(f"{one}  {scores_presets.preset(one).name.in_(lang)}" for one in scores_presets.names()))
    elif columns:
        click.echo("\n".join(_columns(scores_presets.preset(name), lang)))
    elif period:
        _verify(data, name, period, lang, as_json=as_json)
    elif figures:
        _score(name, figures, lang, as_json=as_json)
    else:
        message = "要写 --figures、--verify、--columns 或 --list / give one of these"
        raise click.UsageError(message)


def _columns(formula: Formula, lang: str) -> list[str]:
    from sla import scores_csv, scores_words

    heads = {
        "unit": ("单位", "unit"), "n": ("件数，可省", "number of cases, may be absent"),
        "group": ("组别：", "group: "),
    }  # fmt: skip
    found = []
    for code in scores_csv.columns(formula):
        item = formula.item(code)
        if item is None:
            said = heads[code][lang == "en"]
            groups = "、".join(one.code for one in formula.groups) if code == "group" else ""
            found.append(f"{code}  {said}{groups}")
        else:
            where = f" [{', '.join(item.groups)}]" if item.groups else ""
            found.append(f"{code}  {item.name.in_(lang)}{where}  {scores_words.formula(item).in_(lang)}")
    return found


def _score(name: str, figures: Path, lang: str, *, as_json: bool) -> None:
    from hotline.errors import Refusal, Say
    from sla import scores, scores_csv, scores_presets

    formula = scores_presets.preset(name)
    try:
        text = figures.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise Refusal(422, "figures_wrong", Say("表要存成 UTF-8。", "Save the sheet as UTF-8.")) from None
    rows = scores.scored(formula, scores_csv.read(formula, text))
    if as_json:
        told = {"preset": name, "formula": formula.name, "source": formula.source, "rows": [_row(one) for one in rows]}
        click.echo(json.dumps(_said(told, lang), ensure_ascii=False, indent=1))
        return
    click.echo("\n".join(_told(formula, rows, lang)))


def _row(row: Row) -> dict[str, Any]:
    return {
        "unit": row.unit, "group": row.group, "total": row.total, "exact": row.exact, "full": row.full,
        "rank": row.rank, "tier": row.tier, "is_ranked": row.is_ranked, "n": row.sample,
        "reasons": list(row.reasons), "arithmetic": row.words,
        "items": {one.code: _item(one) for one in row.items},
    }  # fmt: skip


def _item(one: Worked) -> dict[str, Any]:
    return {
        "name": one.name, "figure": one.value, "points": one.shown, "exact": one.points, "weight": one.weight,
        "arithmetic": one.words, "interval": [one.low, one.high] if one.low else None,
    }  # fmt: skip


def _said(value: Any, lang: str) -> Any:
    """Every sentence in one language."""
    from hotline.errors import Say

    if isinstance(value, Say):
        return value.in_(lang)
    if isinstance(value, dict):
        return {key: _said(one, lang) for key, one in value.items()}
    return [_said(one, lang) for one in value] if isinstance(value, list) else value


def _told(formula: Formula, rows: Sequence[Row], lang: str) -> list[str]:
    lines = [formula.name.in_(lang)]
    for group in formula.groups:
        own = [one for one in rows if one.group == group.code]
        if own:
            lines += ["", f"{group.name.in_(lang)}（{len(own)}）" if lang == "zh" else f"{group.name.en} ({len(own)})"]
        for row in own:
            lines += _unit(formula, row, lang)
    return lines


def _unit(formula: Formula, row: Row, lang: str) -> list[str]:
    tier = next((one.name.in_(lang) for one in formula.tiers if one.code == row.tier), "")
    lines = [f"{row.rank or '–':>3}  {row.unit}  {row.total or '–'}" + (f"  {tier}" if tier else "")]
    lines += [f"       {one.name.in_(lang)}  {one.shown or '–'}  {one.words.in_(lang)}" for one in row.items]
    words: list[Say] = [row.words, *row.reasons]
    return lines + [f"       {one.in_(lang)}" for one in words if one.zh]


def _verify(data: Path | None, preset: str, period: str, lang: str, *, as_json: bool) -> None:
    with place.opened(data):
        found = asyncio.run(_again(preset, period))
    if as_json:
        click.echo(json.dumps([
            {"revision": one.revision, "hash": one.hash, "holds": one.holds, "units": one.units} for one in found
        ]))  # fmt: skip
    else:
        click.echo("\n".join(_verdict(one, lang) for one in found))
    raise SystemExit(0 if all(one.holds for one in found) else 1)


def _verdict(one: Verdict, lang: str) -> str:
    said = {True: ("一致", "the same"), False: ("不一致", "NOT the same")}[one.holds][lang == "en"]
    if lang == "en":
        return f"revision {one.revision}: {one.units} units, {said}  {one.hash}"
    return f"第 {one.revision} 版：{one.units} 个单位，重算{said}  {one.hash}"


async def _again(preset: str, period: str) -> list[Verdict]:
    from hotline import city, db
    from sla import scores_frozen

    wanted = scores_frozen.period_of(period)
    await db.connect()
    try:
        await city.load()
        async with db.reading() as connection:
            return await scores_frozen.verify(connection, preset, wanted)
    finally:
        await db.disconnect()


COMMANDS = {"score": score}
