"""`hotline sample`: draw an audit's sample again from its published list and seed; needs no database."""

from __future__ import annotations

import csv
from pathlib import Path

import click


@click.command()
@click.option("--frame", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="名单（CSV，有 item、stratum 两列）/ the list, a CSV with item and stratum")  # fmt: skip
@click.option("--seed", required=True, help="种子，64 位十六进制 / the seed, 64 hex digits")
@click.option("--count", type=click.IntRange(1), help="抽多少件 / how many items")
@click.option("--share", type=click.FloatRange(0, 100, min_open=True), help="抽百分之多少 / percent of the list")
@click.option("--stratified", is_flag=True, help="每层分别抽 / of each stratum")
def sample(frame: Path, seed: str, count: int | None, share: float | None, *, stratified: bool) -> None:
    """用名单和种子重抽，一行一件；名单里有 drawn 列的，同时核对。/ Draw again, one item a line, and compare."""
    from sla import sampling

    if (count is None) == (share is None):
        message = "--count 和 --share 写一个 / give one of them"
        raise click.UsageError(message)
    with frame.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    if not rows or not {"item", "stratum"} <= set(rows[0]):
        message = "名单要有 item、stratum 两列 / the list needs the columns item and stratum"
        raise click.BadParameter(message, param_hint="--frame")
    wanted = sampling.Wanted("count", count) if count is not None else sampling.Wanted("share", share or 0)
    strata = {row["item"]: row["stratum"] for row in rows}
    found = sampling.drawn(strata, seed, wanted, by_stratum=stratified)
    for item in found:
        click.echo(item)
    click.echo(f"frame {sampling.frame_hash(list(strata.items()))}", err=True)
    if "drawn" not in rows[0]:
        return
    if {row["item"] for row in rows if row["drawn"] == "1"} != set(found):
        message = "与名单上的抽中结果不一致 / not what the list says was drawn"
        raise click.ClickException(message)
    click.echo("一致 / the same", err=True)


COMMANDS = {"sample": sample}
