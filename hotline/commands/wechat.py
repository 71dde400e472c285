"""Commands for the official account: its menu."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from hotline import place
from hotline.commands.running import data_option


@click.command("wechat-menu")
@data_option
@click.option("--show", is_flag=True, help="只看，不建 / show it only")
def wechat_menu(data: Path | None, *, show: bool) -> None:
    """在公众号建菜单：我要反映、查进度、公示。/ Make the official account's menu: report, look up, notices."""
    import msgspec

    with place.opened(data) as one:
        from channels import wechat_menu as engine

        made = engine.menu(one.public_url.rstrip("/")) if show else asyncio.run(_create())
    click.echo(msgspec.json.format(msgspec.json.encode(made), indent=2).decode())


async def _create() -> dict[str, object]:
    from channels import wechat_api
    from channels import wechat_menu as engine
    from hotline import db

    await db.connect()
    try:
        return await engine.create()
    finally:
        await wechat_api.close()
        await db.disconnect()


COMMANDS = {"wechat-menu": wechat_menu}
