"""`hotline simulate`: a local Twilio and WeChat beside `hotline up`, with a page to phone, text and chat from."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hotline.commands.running import data_option

if TYPE_CHECKING:
    from hotline.settings import Settings


@click.command()
@data_option
@click.option("--hotline", "address", default="", help="热线在哪里 / where the hotline answers [http://127.0.0.1:8000]")
@click.option("--host", default="127.0.0.1", show_default=True, help="听哪个地址 / address to listen on")
@click.option("--port", type=click.IntRange(0, 65535), help="端口 / port [8099]")
def simulate(data: Path | None, address: str, host: str, port: int | None) -> None:
    """本机的短信、电话、微信替身，带一个可以打电话、发短信、聊微信的网页。/ A local Twilio and WeChat with a page."""
    from hotline import place, up
    from hotline.errors import Say
    from hotline.servers import EngineError
    from hotline.simulate import fixed

    one = place.of(data)
    hotline = address or up.running_address(one) or f"http://{one.host}:{one.port}"
    try:
        asyncio.run(_serve(one, hotline, host, fixed.PORT if port is None else port))
    except OSError as error:
        told = Say(f"端口用不了（{error.strerror}）：换一个 --port。", f"The port cannot be used ({error.strerror}).")
        raise EngineError(told.zh, told.en) from None
    except KeyboardInterrupt:
        return


async def _serve(one: Settings, hotline: str, host: str, port: int) -> None:
    from channels import wechat_menu
    from hotline.simulate import fixed, page, standin

    made = standin.StandIn(hotline, public=one.public_url, credentials=fixed.credentials(one))
    made.wechat.menu = wechat_menu.menu(hotline)  # as `hotline wechat menu` would have set it at WeChat
    async with standin.opened(made, host=host, port=port, more=page.table(made)):
        click.echo(f"ready {made.address}")
        click.echo(f"热线 / the hotline: {hotline}")
        if port != fixed.PORT:
            click.echo(f"让它发到这里 / let it send here: HOTLINE_SIMULATE_URL={made.address} hotline up")
        await asyncio.Event().wait()


COMMANDS = {"simulate": simulate}
