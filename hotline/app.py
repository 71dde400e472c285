"""The web application: routes, guard, failures and headers put together. What a page does is in ``web``."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib.util
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from types import MappingProxyType

import structlog
from litestar import Litestar
from litestar.di import Provide
from litestar.enums import ScopeType
from litestar.routes import ASGIRoute
from litestar.static_files import create_static_files_router
from litestar.types import ASGIApp, LifeSpanReceive, LifeSpanScope, LifeSpanSend, Receive, Scope, Send

from channels import doors, spool, twilio_voice
from hotline import city, db, jobs, logs, reactions, rounds, settings, sounds, vault
from hotline.machine import pulse
from hotline.permissions import PUBLIC
from routing import book, models
from web import access, failures, guards, live, navigation, observe, proxies, rooms, security, sides
from web.routes import ROUTES

FORM_LIMIT = 256 * 1024
"""Bytes of a request's body. A route that takes files says its own ``request_max_body_size``."""
CITY_CHECK = 5.0
"""Seconds between two looks whether units, matters or the calendar changed."""
START_PATIENCE = 60.0
"""Seconds that a start waits for PostgreSQL: a service manager gives up on what fails ten times in a row, and a server
that is just being restarted is no reason to."""


class Application(rooms.Quick, Litestar):
    """Litestar with our headers and our log line on every response: files, 404 and 500 included.

    ``doors`` are routes that have to bear a rush (guards.IS_RUSH): they are reached without the router.
    """

    doors: Mapping[str, ASGIApp] = MappingProxyType({})

    async def __call__(
        self, scope: Scope | LifeSpanScope, receive: Receive | LifeSpanReceive, send: Send | LifeSpanSend
    ) -> None:
        """One request, or the life of the process."""
        if scope["type"] == ScopeType.HTTP:
            proxies.resolve(scope)
            observe.name_request(scope)
            send = observe.watched(scope, security.secured(scope, send))  # type: ignore[arg-type]
            path = scope["path"]  # type: ignore[typeddict-item] # a request has one
            if path in self.doors:
                scope["path_template"] = path  # type: ignore[typeddict-unknown-key]
                await self.doors[path](scope, receive, send)  # type: ignore[arg-type]
                return
        await super().__call__(scope, receive, send)


def create_app(side: str = "") -> Application:
    """The application as uvicorn's factory. Raises when a route declares no permission that exists.

    ``side`` is ``public``, ``staff`` or ``all`` (the settings' one by default): what it does not serve is a 404.
    """
    logs.open_logs("web")
    side = side or settings.current().side
    static = create_static_files_router(
        "/static", [Path(live.__file__).parent / "static"], opt={"needs": PUBLIC}, resolve_symlinks=False
    )
    app = Application(
        route_handlers=[rooms.Quick("/", route_handlers=sides.routes(side, ROUTES)), static],
        guards=[guards.guard],
        dependencies={"actor": Provide(access.current_actor, sync_to_thread=False)},
        exception_handlers=failures.HANDLERS,
        lifespan=[_open],
        openapi_config=None,
        logging_config=None,
        request_max_body_size=FORM_LIMIT,
        multipart_form_part_limit=200,
    )
    undeclared = undeclared_routes(app)
    if undeclared:
        msg = f"routes without a permission that exists: {', '.join(undeclared)}"
        raise RuntimeError(msg)
    navigation.open_places(route.path for route in app.routes)
    asgi = [route for route in app.routes if isinstance(route, ASGIRoute)]
    app.doors = {one.path: one.route_handler.fn for one in asgi if one.route_handler.opt.get(guards.IS_RUSH)}
    return app


def undeclared_routes(app: Litestar) -> list[str]:
    """Method and path of every route whose ``opt["needs"]`` names no permission."""
    return [
        f"{method} {route.path}"
        for route in app.routes
        for handler in getattr(route, "route_handlers", [])
        for method in sorted(handler.http_methods)
        if method != "OPTIONS" and not guards.declares(handler.opt.get(guards.NEEDS))
    ]


@contextlib.asynccontextmanager
async def _open(_: Litestar) -> AsyncIterator[None]:
    """Everything a web process stands on, from its start to its end."""
    vault.open_keys()
    security.use_key(vault.index("web.form-token"))
    if importlib.util.find_spec("hotline.flow") is not None:
        from hotline import flow  # noqa: PLC0415 - the roof's table, which may be missing in a reduced build

        reactions.fill(flow.FLOW)
    await _connect()
    try:
        await city.load()
        await book.load()
        await models.load()
        twilio_voice.open_phones()
        doors.open_doors()
        gc.freeze()  # what is there now stays: the collector need not walk through it at every turn
        async with live.HUB.listening():
            live.end_on_signals()
            pulse.EXTRA["pages"] = lambda: float(live.HUB.pages)
            warmed = asyncio.to_thread(sounds.same, "重", "中")  # its tables, for which the first typed word would wait
            kept = [asyncio.create_task(one) for one in (_keep_city_fresh(), rounds.watch("web"), warmed)]
            observe.READY.is_open = True
            yield
            observe.READY.is_open = False
            for one in kept:
                one.cancel()
    finally:
        await jobs.close()
        await db.disconnect()


async def _connect() -> None:
    """The pool, once PostgreSQL answers. Raises db.Away when it does not within ``START_PATIENCE``."""
    until = time.monotonic() + START_PATIENCE
    while True:
        try:
            return await db.connect(patience=db.WEB_PATIENCE)
        except db.AWAY as error:
            structlog.get_logger("web").warning("away", kind=type(error).__qualname__)
            if time.monotonic() > until:
                raise
        await asyncio.sleep(2)


async def _keep_city_fresh() -> None:
    """Read reference data anew within seconds of a change, whichever process made it; hand over what was spooled."""
    while True:
        await asyncio.sleep(CITY_CHECK)
        try:
            await city.refresh()
            await book.refresh()
            await models.refresh()
            await spool.drain()  # the worker may run on another machine
        except Exception as error:  # noqa: BLE001 - the old snapshot serves until the database is back
            structlog.get_logger("city").warning("not_refreshed", kind=type(error).__qualname__)
