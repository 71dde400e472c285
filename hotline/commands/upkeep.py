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
@click.option("--scheduled", is_flag=True, help="放进 HOTLINE_BACKUP_DIR，记结果，删旧的 / into its folder, noted")
def backup(data: Path | None, file: Path | None, *, scheduled: bool) -> None:
    """备份数据库、附件、账本的根；密钥另存。/ Database, files, ledger roots; NOT the keys: keep them apart."""
    from hotline import backup as engine

    if scheduled:
        _noted(data, "make_backup")
    with place.opened(data) as one:
        told = asyncio.run(engine.backup(one, file))
    click.echo(f"{told.file}  {told.size / 1e6:.1f} MB")
    click.echo(told.manifest.sentence())


def _noted(data: Path | None, job: str) -> None:
    """Do it as the worker would, with its result noted; ends with 1 when it is not good."""
    from hotline import schedule

    is_good = place.run(data, getattr(schedule, job))
    wrong = "没有成功，或没设 HOTLINE_BACKUP_DIR / not good, or HOTLINE_BACKUP_DIR is not set"
    click.echo("成功 / good" if is_good else wrong)
    raise SystemExit(0 if is_good else 1)


@click.command()
@data_option
def seal(data: Path | None) -> None:
    """马上封存台账，把根写到数据目录。/ Seal the ledger now and write its roots beside the data."""
    from cases import seals

    click.echo(f"{place.run(data, seals.seal_all)} 条 / entries")


@click.command("upgrade-database")
@data_option
@click.option(
    "--old-bin", type=click.Path(path_type=Path, exists=True, file_okay=False), required=True,
    help="旧版 PostgreSQL 的 bin 目录 / the old version's bin folder",
)
def upgrade_database(data: Path | None, old_bin: Path) -> None:
    """把自带数据库的数据换到新的大版本；旧的留着。/ Carry the embedded data over to the new major version."""
    from hotline import upgrading
    from hotline.errors import Say

    def tell(line: Say) -> None:
        click.echo("\n".join(one for one in line if one))

    one = place.of(data)
    kept = upgrading.upgrade(one.data_dir, old_bin.absolute(), one.key_dir, tell)
    click.echo(f"成功。旧数据留在 {kept}，确认无误后可删。")
    click.echo(f"Done. The old data stay in {kept}; remove them once you are sure.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=False)
@click.option("--drill-newest", is_flag=True, help="演练最新的自动备份，记结果 / drill the newest scheduled one, noted")
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), help="新的数据目录 / a new data folder")
@click.option("--keys", type=click.Path(path_type=Path, file_okay=False, exists=True), help="密钥目录 / the key folder")
@click.option(
    "--erasures", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="擦除记录；不给就在备份旁和数据目录里找 / the journal; else looked for beside FILE and in the data",
)
@click.option("--drill", is_flag=True, help="只演练：恢复到临时目录，比对后删除 / restore aside, compare, remove")
def restore(
    file: Path | None, into: Path | None, keys: Path | None, erasures: Path | None, *, drill: bool, drill_newest: bool
) -> None:
    """恢复到新目录，比对件数和账本的根，再擦除备份后擦除过的。/ Restore, compare, erase what was erased since."""
    from hotline import backup as engine

    if drill_newest:
        _noted(None, "make_drill")
    if file is None or drill == (into is not None):
        raise click.UsageError("备份文件，加 --into 目录 或 --drill / a backup, with either --into DIR or --drill")
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


COMMANDS = {
    "doctor": doctor, "backup": backup, "restore": restore, "erasures": erasures, "seal": seal,
    "upgrade-database": upgrade_database,
}  # fmt: skip
