"""Commands that run the house: up, web, worker."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import click

from hotline import place

data_option = click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False), help="数据放哪里 / where the data lie [var/data]"
)


@click.command()
@data_option
@click.option("--host", help="听哪个地址 / address to listen on [127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="端口，0 为任意空闲 / port, 0 for any free one [8000]")
@click.option("--no-demo", is_flag=True, help="不放演示人员 / without the demo people")
@click.option("--embedded-ok", is_flag=True, help="正式使用也用自带数据库 / built-in servers for real work too")
def up(data: Path | None, host: str | None, port: int | None, *, no_demo: bool, embedded_ok: bool) -> None:
    """开起来，直到 Ctrl-C。/ Start everything and keep it running until Ctrl-C."""
    import msgspec

    from hotline import settings
    from hotline import up as house
    from hotline.servers import BusyError

    one = place.of(data)
    one = msgspec.structs.replace(one, host=one.host if host is None else host, port=one.port if port is None else port)
    settings.use(one)
    try:
        house.up(one, demo=not no_demo, embedded_ok=embedded_ok, say=click.echo)
    except BusyError:
        address = house.running_address(one)
        if address:
            click.echo(f"已经开着 / already running: {address}", err=True)
        raise


@click.command()
@data_option
@click.option("--host", help="听哪个地址 / address to listen on [127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="端口 / port [8000]")
@click.option(
    "--side", type=click.Choice(["all", "public", "staff"]),
    help="只开市民和服务商用的、只开工作人员用的、或全部 / which routes: citizens', the staff's, or all [all]",
)
@click.option("--tls-cert", help="直接用 TLS：证书文件 / speak TLS: the certificate's file")
@click.option("--tls-key", help="直接用 TLS：私钥文件 / speak TLS: the key's file")
@click.option("--handle", type=int, hidden=True, help="a listening socket inherited from `hotline up`")
def web(
    data: Path | None, host: str | None, port: int | None, side: str | None, tls_cert: str | None, tls_key: str | None,
    handle: int | None,
) -> None:  # fmt: skip
    """只开网页。/ The web process alone."""
    import msgspec
    import uvicorn

    from hotline import logs, settings

    logs.open_logs("web")
    told = {"side": side, "tls_cert": tls_cert, "tls_key": tls_key}
    with place.opened(data) as found:
        one = msgspec.structs.replace(found, **{name: value for name, value in told.items() if value is not None})
        has_said = "HOTLINE_SECURE_COOKIES" in os.environ
        one = msgspec.structs.replace(one, secure_cookies=one.secure_cookies or (bool(one.tls_cert) and not has_said))
        settings.use(one)
        os.environ.update(place.environment(one))
        config = uvicorn.Config(
            "hotline.app:create_app",
            factory=True,
            host=host or one.host,
            port=one.port if port is None else port,
            timeout_graceful_shutdown=3,  # open live pages would keep it waiting for ever
            timeout_keep_alive=75,  # longer than a proxy keeps a line: else it may send into one that is being closed
            access_log=False,
            log_config=None,
            ssl_certfile=one.tls_cert or None,
            ssl_keyfile=one.tls_key or None,
            server_header=False,
            proxy_headers=False,
        )
        server = uvicorn.Server(config)
        server.run(sockets=None if handle is None else [socket.socket(fileno=handle)])


@click.command()
@data_option
def worker(data: Path | None) -> None:
    """只开后台。/ The worker alone."""
    with place.opened(data):
        from hotline import worker as engine

        engine.run()


COMMANDS = {"up": up, "web": web, "worker": worker}
