"""Commands that look after an installation: doctor, backup, restore."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from hotline import place
from hotline.commands.running import data_option


@click.command()
@data_option
def doctor(data: Path | None) -> None:
    """检查哪里不对、怎么修；有毛病以 1 结束。/ What is wrong here, how to mend it; 1 if anything is."""
    from hotline import doctor as engine

    findings = engine.examine(place.of(data))
    for finding in findings:
        click.echo(f"{finding.mark} {finding.name:<10} {finding.found.zh}\n  {'':<10} {finding.found.en}")
        if finding.mend is not None:
            click.echo(f"  → {finding.mend.zh}\n    {finding.mend.en}")
    raise SystemExit(1 if any(one.level == "bad" for one in findings) else 0)


@click.command()
@data_option
@click.option("--to", "file", type=click.Path(path_type=Path, dir_okay=False), help="写到哪个文件 / the file to write")
def backup(data: Path | None, file: Path | None) -> None:
    """备份数据库、附件、账本的根；密钥另存。/ Database, files, ledger roots; NOT the keys: keep them apart."""
    from hotline import backup as engine

    with place.opened(data) as one:
        told = asyncio.run(engine.backup(one, file))
    click.echo(f"{told.file}  {told.size / 1e6:.1f} MB")
    click.echo(told.manifest.sentence())


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), help="新的数据目录 / a new data folder")
@click.option("--keys", type=click.Path(path_type=Path, file_okay=False, exists=True), help="密钥目录 / the key folder")
@click.option("--drill", is_flag=True, help="只演练：恢复到临时目录，比对后删除 / restore aside, compare, remove")
def restore(file: Path, into: Path | None, keys: Path | None, *, drill: bool) -> None:
    """恢复到新目录，并比对件数和账本的根。/ Restore into a new folder; compares case count and ledger root."""
    from hotline import backup as engine

    if drill == (into is not None):
        raise click.UsageError("--into 目录 或 --drill，二选一 / either --into DIR or --drill")
    outcome = engine.drill(file, keys) if drill else engine.restore(file, into or Path(), keys)
    for line in outcome.lines:
        click.echo(f"{line.zh}\n{line.en}")
    raise SystemExit(0 if outcome.is_same else 1)


COMMANDS = {"doctor": doctor, "backup": backup, "restore": restore}
