"""`hotline import-ratings FILE`: a sheet of ratings from elsewhere taken in, as the page of imports takes it in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import click

from hotline import place
from hotline.commands.running import data_option

Echo = Callable[[str], object]
SHOWN = 20
"""Refused rows that the terminal lists; the report has them all."""


@click.command("import-ratings")
@data_option
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--source", required=True, help="来源，每次都用同一个名字 / the source, always by the same name")
@click.option("--kind", type=click.Choice(["counter", "third", "body"]), default="counter", show_default=True,
              help="窗口、第三方、单位评议 / whose ratings")  # fmt: skip
@click.option("--scale", type=click.Choice(["four", "five", "hundred"]), default="four", show_default=True,
              help="等级制，表里写了的以表为准 / the scale; a column in the sheet wins")  # fmt: skip
@click.option("--dry-run", "dry", is_flag=True, help="只检查，不导入 / check only")
@click.option("--report", type=click.Path(path_type=Path, dir_okay=False), help="不收的行写到这里 / refused rows")
def import_ratings(
    data: Path | None, file: Path, source: str, kind: str, scale: str, *, dry: bool, report: Path | None
) -> None:
    """导入窗口、第三方评价（CSV、XLSX），重复不重复计。/ Take in ratings from elsewhere; twice makes nothing new."""
    raise SystemExit(place.run(data, lambda: take_in(
        file, kind=kind, source=source, scale=scale, dry=dry, report=report, echo=click.echo
    )))  # fmt: skip


async def take_in(
    file: Path, *, kind: str, source: str, scale: str, dry: bool, report: Path | None, echo: Echo
) -> int:
    """Take it in; 0 when no row was refused, 1 when some were (``report`` has them), 2 when the file is no sheet."""
    from cases import outside, outside_sheet
    from hotline.actor import SYSTEM
    from hotline.errors import Refusal
    from hotline.work import work

    read = await asyncio.to_thread(file.read_bytes)
    given = outside.Given(data=read, name=file.name, kind=kind, source=source, scale=scale)
    try:
        async with work(SYSTEM) as w:
            outcome = await outside.take_in(w, given, dry=dry)
    except Refusal as refusal:
        for say in refusal.fields.values() or [refusal.say]:
            echo(f"{say.zh} / {say.en}")
        return 2
    echo(
        f"{'只检查 / checked only: ' if dry else ''}共 / rows {outcome.read}，新增 / new {outcome.made}，"
        f"已有 / known {outcome.known}，不收 / refused {len(outcome.refused)}"
    )
    for one in outcome.refused[:SHOWN]:
        echo(f"  {one.row}: {one.no or '-'} {one.say.zh} / {one.say.en}")
    if outcome.refused and report is not None:
        await asyncio.to_thread(report.write_bytes, outside_sheet.report(outcome.refused))
    return 1 if outcome.refused else 0


COMMANDS = {"import-ratings": import_ratings}
