"""Commands about figures: the store that boards, scores and bulletins read."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hotline import place
from hotline.commands.running import data_option

if TYPE_CHECKING:
    from sla.facts_made import Told


@click.command()
@data_option
@click.option("--rebuild", "is_anew", is_flag=True, help="全部重做 / make all of it anew")
@click.option("--check", "is_check", is_flag=True, help="重做一份来比对 / compare with one made anew")
def facts(data: Path | None, *, is_anew: bool, is_check: bool) -> None:
    """数据跟上台账；--check 比对，--rebuild 重做。/ Bring the figures up with the ledger, or make them anew."""
    if is_anew and is_check:
        raise click.UsageError("--rebuild 或 --check，只选一个 / either --rebuild or --check")
    with place.opened(data):
        raise SystemExit(asyncio.run(_facts(is_anew=is_anew, is_check=is_check)))


async def _facts(*, is_anew: bool, is_check: bool) -> int:
    from hotline import city, db
    from sla import facts_made, facts_store

    await db.connect()
    try:
        await city.load()
        began = time.perf_counter()
        done = await (facts_made.rebuild() if is_anew else facts_store.refresh())
        seconds = time.perf_counter() - began
        click.echo(f"{done:,} 件，{seconds:.1f} 秒 / {done:,} cases, {seconds:.1f} s")
        return _compared(await facts_made.check()) if is_check else 0
    finally:
        await db.disconnect()


def _compared(found: Told) -> int:
    for table, n in found.counts.items():
        click.echo(f"{table:<10} {n:>12,}  不一致 / odd: {found.odd[table]:,}")
    zh, en = ("一致", "the same") if found.is_same else ("不一致：hotline facts --rebuild", "not the same")
    click.echo(f"{zh} / {en}")
    return 0 if found.is_same else 1


COMMANDS = {"facts": facts}
"""The commands of `hotline`, a few a file; `hotline.cli` names them all."""
