"""Commands about the data: migrate, seed, person, verify, rebuild, import, due, sweep. Engines stand elsewhere."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from hotline import place
from hotline.commands.running import data_option


@click.command()
@data_option
def migrate(data: Path | None) -> None:
    """把数据库升到本版结构。/ Bring the database to this version's schema."""
    from hotline import migrate as engine

    with place.opened(data) as one:
        ran, _ = asyncio.run(engine.prepare(one.owner_url or one.database_url, one.database_url))
    for name in ran:
        click.echo(name)
    click.echo(f"{len(ran)} 步 / steps")


@click.command()
@data_option
@click.option("--demo", is_flag=True, help="也放演示人员和案件 / the demo people and cases too")
@click.option("--people-only", is_flag=True, help="演示案件稍后再放 / the demo's cases later")
@click.option("--accounts", is_flag=True, help="只列演示账号 / only list the demo accounts")
def seed(data: Path | None, *, demo: bool, people_only: bool, accounts: bool) -> None:
    """放入城市资料，--demo 加演示人员；可重复。/ Put in the city, with --demo its demo people; safe to repeat."""
    if accounts:
        from hotline import demo_people

        click.echo(demo_people.told())
        return
    with place.opened(data):
        asyncio.run(_seed(demo=demo, has_cases=not people_only))


async def _seed(*, demo: bool, has_cases: bool) -> None:
    """Keys are made only beside a database that holds nothing yet (hotline.vault)."""
    from hotline import city, db, jobs, seeds, settings, vault

    await db.connect(is_lasting=not demo)
    try:
        async with db.reading() as connection:
            has_any = await connection.fetchval("SELECT EXISTS (SELECT FROM cases)")
            is_new = not has_any and not await connection.fetchval("SELECT EXISTS (SELECT FROM person)")
        vault.open_keys(create=is_new)
        await seeds.reference()
        await city.load()
        if demo:
            await seeds.demo()
        if demo and has_cases and not has_any and settings.current().demo_cases:
            await _tell()
    finally:
        await jobs.close()
        await db.disconnect()


async def _tell() -> None:
    """The demo's cases: they want the whole house, whose import alone costs two seconds."""
    from hotline import flow, stories
    from routing import book

    flow.fill()
    await book.load()
    await stories.tell()


@click.group()
def person() -> None:
    """人员。/ People."""


@person.command("add")
@data_option
@click.argument("login")
@click.option("--name", required=True, help="姓名 / name")
@click.option("--role", "roles", multiple=True, required=True, help="角色，可多个 / role, may be repeated")
@click.option("--unit", default="", help="单位代码 / unit code")
@click.option("--jurisdiction", default="", help="区县代码 / county code")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh")
@click.password_option(help="不给就问 / asked for when not given")
def person_add(
    data: Path | None,
    login: str,
    *,
    name: str,
    roles: tuple[str, ...],
    unit: str,
    jurisdiction: str,
    lang: str,
    password: str,
) -> None:
    """加一个人。/ Enter a person."""
    from hotline import people

    async def add() -> None:
        await people.add(login, name, password, unit=unit, jurisdiction=jurisdiction, roles=roles, lang=lang)

    place.run(data, add)
    click.echo(f"{login} ✓")


@click.command()
@data_option
@click.option("--export", "target", type=click.Path(path_type=Path), help="导出账本到文件 / write the ledger to a file")
@click.option(
    "--from", "--file", "source", type=click.Path(path_type=Path, exists=True),
    help="只验一份导出的账本 / prove an exported one",
)
@click.option("--root", help="公布的根：文件，或封签的哈希 / what was published: a file, or a seal's hash")
@click.option("--json", "as_json", is_flag=True, help="机器可读 / for machines")
def verify(data: Path | None, target: Path | None, source: Path | None, root: str | None, *, as_json: bool) -> None:
    """验证账本：改、删、换序、截尾、缺件。/ Verify the ledger: edits, deletions, order, tail, missing cases."""
    from hotline import verify as engine

    raise SystemExit(engine.command(data, source, root, click.echo, target=target, as_json=as_json))


@click.command()
@data_option
@click.option("--check", is_flag=True, help="只比对，不改 / compare only, change nothing")
def rebuild(data: Path | None, *, check: bool) -> None:
    """由账本重算现状，应与现有一致。/ Compute the present from the ledger again; it must come out the same."""
    from hotline import rebuild as engine

    raise SystemExit(engine.command(data, click.echo, check=check))


@click.command("import")
@data_option
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--mapping", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=True)
@click.option("--report", type=click.Path(path_type=Path, dir_okay=False), help="拒收的行 / refused rows go here")
def import_(data: Path | None, file: Path, mapping: Path, report: Path | None) -> None:
    """导入旧系统的导出（CSV、XLSX），可中断、可重来。/ Take in a legacy export; may be interrupted and repeated."""
    from hotline import importing

    raise SystemExit(importing.command(data, file, mapping, report, click.echo))


@click.command()
@data_option
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--rate", type=click.FloatRange(min=0), default=0.0, help="每秒最多几条 / messages a second at most")
@click.option("--source", default="", help="来源名，与编号合用 / name of the source, beside the ids")
def feed(data: Path | None, file: Path, rate: float, source: str) -> None:
    """把一批来件（JSON 行）按网页来件受理。/ Put messages (JSON lines) through the same intake as the web form."""
    from hotline import feeding

    raise SystemExit(feeding.command(data, file, rate, source, click.echo))


@click.command()
@data_option
def sweep(data: Path | None) -> None:
    """马上做一遍定时的事。/ Do what is periodic once, now."""
    from hotline import worker

    async def once() -> None:
        for name, count in await worker.sweep_once():
            click.echo(f"{name:<28} {count}")

    place.run(data, once)


COMMANDS = {
    "migrate": migrate,
    "seed": seed,
    "person": person,
    "verify": verify,
    "rebuild": rebuild,
    "import": import_,
    "feed": feed,
    "sweep": sweep,
}
