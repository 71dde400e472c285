"""`hotline knowledge`: a sheet of articles taken in, as the page takes it in, or given out; the index made anew."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click

from hotline import place
from hotline.commands.running import data_option

if TYPE_CHECKING:
    from hotline.db import Connection

Echo = Callable[[str], object]
SHOWN = 20
"""Refused lines that the terminal lists."""


@click.command("knowledge")
@data_option
@click.option("--import", "source", type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="导入 CSV、XLSX、JSON / take in")  # fmt: skip
@click.option("--export", "target", type=click.Path(path_type=Path, dir_okay=False),
              help="导出到 .csv 或 .json / give out")  # fmt: skip
@click.option("--reindex", is_flag=True, help="同义词表改了以后，重做查找 / read all anew after the meanings changed")
@click.option("--good-only", is_flag=True, help="只收没有错的行 / take the good lines only")
@click.option("--approved-by", "login", default="", help="已由谁审定（登录名）；不写则待审定 / who approved it already")
def knowledge(
    data: Path | None, source: Path | None, target: Path | None, *, reindex: bool, good_only: bool, login: str
) -> None:
    """导入、导出知识；同一份导入两次不重复。/ Take articles in or give them out; twice makes nothing new."""
    if [source is not None, target is not None, reindex].count(True) != 1:
        raise click.UsageError("--import FILE / --export FILE / --reindex")
    if reindex:
        raise SystemExit(place.run(data, lambda: read_anew(click.echo)))
    if source is not None:
        raise SystemExit(place.run(data, lambda: take_in(source, good_only=good_only, login=login, echo=click.echo)))
    if target is not None:
        raise SystemExit(place.run(data, lambda: give_out(target, click.echo)))


async def take_in(file: Path, *, good_only: bool, login: str, echo: Echo) -> int:
    """0 when no line was refused, 1 when some were, 2 when the file is no sheet or nobody of that login may approve."""
    from hotline import db, knowledge_bringing, knowledge_sheet
    from hotline.actor import SYSTEM
    from hotline.errors import Refusal

    body = await asyncio.to_thread(file.read_bytes)
    try:
        lines, faults, read = knowledge_sheet.read(body, file.name)
    except Refusal as refusal:
        for say in refusal.fields.values() or [refusal.say]:
            echo(f"{say.zh} / {say.en}")
        return 2
    async with db.atomic() as connection:
        approver = await _approver(connection, login) if login else None
        if login and approver is None:
            echo(f"没有这个人，或今天不是知识编辑 / nobody of the login {login} may approve articles today")
            return 2
        found = await knowledge_bringing.take_in(
            connection, SYSTEM, lines, faults, read, good_only=good_only, approver=approver
        )
    echo(f"共 / lines {found.read}，新增 / new {found.made}，新版 / new versions {found.changed}，"
         f"已有 / known {found.known}，不收 / refused {len({one.row for one in found.faults})}")  # fmt: skip
    for one in found.faults[:SHOWN]:
        echo(f"  {one.row} {one.column.zh}：{one.say.zh} {one.value} / {one.column.en}: {one.say.en}")
    return 1 if found.faults else 0


async def _approver(connection: Connection, login: str) -> UUID | None:
    """The person of that login, if they may approve articles today."""
    from hotline import clock
    from hotline.knowledge_checks import APPROVE
    from hotline.roles import ROLES

    person: UUID | None = await connection.fetchval(
        "SELECT p.id FROM person p JOIN role_grant g ON g.person_id = p.id WHERE p.login = $1 AND p.is_active"
        " AND g.role = ANY ($2) AND g.valid_from <= $3 AND (g.valid_to IS NULL OR g.valid_to >= $3) LIMIT 1",
        login, [role for role, (_, may) in ROLES.items() if APPROVE in may], clock.today(),
    )  # fmt: skip
    return person


async def read_anew(echo: Echo) -> int:
    """Make what the search reads of every article anew."""
    from hotline import knowledge_index

    echo(f"{await knowledge_index.read_anew()} 条 / articles")
    return 0


async def give_out(file: Path, echo: Echo) -> int:
    """Write all articles that are not retired."""
    import msgspec

    from hotline import cells, db, knowledge_bringing, knowledge_sheet
    from hotline.actor import SYSTEM

    async with db.atomic() as connection:
        rows = await knowledge_bringing.given_out(connection, SYSTEM)
    if file.suffix.lower() == ".json":
        body = msgspec.json.format(msgspec.json.encode([knowledge_sheet.record(*row) for row in rows]))
    else:
        body = cells.sheet([knowledge_sheet.heads(), *(knowledge_sheet.cells(*row) for row in rows)])
    await asyncio.to_thread(file.write_bytes, body)
    echo(f"{len(rows)} 条 / articles")
    return 0


COMMANDS = {"knowledge": knowledge}
