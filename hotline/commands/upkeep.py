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
@click.option(
    "--erasures", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="擦除记录；不给就在备份旁和数据目录里找 / the journal; else looked for beside FILE and in the data",
)
@click.option("--drill", is_flag=True, help="只演练：恢复到临时目录，比对后删除 / restore aside, compare, remove")
def restore(file: Path, into: Path | None, keys: Path | None, erasures: Path | None, *, drill: bool) -> None:
    """恢复到新目录，比对件数和账本的根，再擦除备份后擦除过的。/ Restore, compare, erase what was erased since."""
    from hotline import backup as engine

    if drill == (into is not None):
        raise click.UsageError("--into 目录 或 --drill，二选一 / either --into DIR or --drill")
    keys = keys or (place.of(None).key_dir if drill else None)
    journals = [erasures] if erasures is not None else engine.journals_near(file, place.of(None))
    outcome = engine.drill(file, keys, journals) if drill else engine.restore(file, into or Path(), keys, journals)
    for line in outcome.lines:
        click.echo(f"{line.zh}\n{line.en}")
    raise SystemExit(0 if outcome.is_same and outcome.is_erased else 1)


@click.command()
@data_option
@click.option(
    "--replay", multiple=True, type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="重做这份记录里的擦除，可多份 / erase again what this journal names; may be repeated",
)
@click.option("--json", "as_json", is_flag=True, help="机器可读 / for machines")
def erasures(data: Path | None, replay: tuple[Path, ...], *, as_json: bool) -> None:
    """补写擦除记录；--replay 在恢复后重做。/ Write the journal of erasures; --replay erases again after a restore."""
    from hotline import erasures as engine

    raise SystemExit(engine.command(data, replay, click.echo, as_json=as_json))


COMMANDS = {"doctor": doctor, "backup": backup, "restore": restore, "erasures": erasures}
