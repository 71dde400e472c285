"""Commands for the official account: its menu."""

from __future__ import annotations

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

    from channels import wechat_menu as engine

    made = engine.menu(place.of(data).public_url.rstrip("/")) if show else place.run(data, engine.create)
    click.echo(msgspec.json.format(msgspec.json.encode(made), indent=2).decode())


COMMANDS = {"wechat-menu": wechat_menu}
