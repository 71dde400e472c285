"""The access token of an official account: fetched once for all processes, renewed in time, replaced when refused.

It stands sealed in PostgreSQL, which whoever sends needs anyway. One process claims the fetching in one statement and
asks WeChat without holding a connection; the others use the old token while it lives, or wait a moment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec

from channels import wechat_api as api
from channels.carrier import Later
from hotline import clock, db, settings, vault

STALE = frozenset({40001, 40014, 42001})
"""Codes that say: another token, please (domain.md 6.1)."""
MARGIN = timedelta(minutes=5)
"""So long before its end a token is renewed; WeChat lets the old one live as long."""
CLAIM = timedelta(seconds=15)
"""How long a process may take to fetch one: more than a call's patience, or two would be asked for."""
PAUSE = timedelta(seconds=2)
"""After a failure nobody asks for so long: fifty senders do not ask fifty times."""
LOOKS, GLANCE = 100, 0.1
"""How often, and how many seconds apart, the others look whether it is there."""

_CONTEXT = "wechat_token"
_READ = "SELECT token, fresh_until, dead_at FROM wechat_token WHERE app = $1"
_CLAIM = """
    INSERT INTO wechat_token AS t (app, claimed_until) VALUES ($1, $3)
    ON CONFLICT (app) DO UPDATE SET claimed_until = $3
    WHERE (t.claimed_until IS NULL OR t.claimed_until <= $2)
        AND (t.token IS NULL OR t.fresh_until <= $2 OR t.token = $4)
    RETURNING app
"""
_KEEP = "UPDATE wechat_token SET token = $2, fresh_until = $3, dead_at = $4, claimed_until = NULL WHERE app = $1"
_FAILED = "UPDATE wechat_token SET claimed_until = $2 WHERE app = $1"
_T = TypeVar("_T")


class Held(msgspec.Struct, frozen=True):
    """A token with its sealed form, by which a refused one is told from its successor."""

    app: str
    token: str
    sealed: bytes
    fresh_until: datetime
    dead_at: datetime


class Till:
    """Where one process keeps the token between two calls."""

    def __init__(self) -> None:
        self.held: Held | None = None

    async def token(self, refused: Held | None = None) -> Held:
        """A token that is good, as far as anyone knows; never ``refused``. Raises Later when none is to be had."""
        app, now = settings.current().wechat_app, clock.now()
        held = self.held
        if held is not None and held != refused and held.app == app and now < held.fresh_until:
            return held
        for _ in range(LOOKS):
            self.held = await self._looked(app, refused)
            if self.held is not None:
                return self.held
            await asyncio.sleep(GLANCE)
        raise Later("token")

    async def call(self, ask: Callable[[str], Awaitable[_T]]) -> _T:
        """What ``ask(token)`` gives; with another token, once, where WeChat does not know this one any more."""
        held = await self.token()
        try:
            return await ask(held.token)
        except api.Refused as refused:
            if refused.code not in STALE:
                raise
        held = await self.token(held)
        try:
            return await ask(held.token)
        except api.Refused as refused:
            if refused.code not in STALE:
                raise
            raise Later(str(refused.code)) from None

    async def _looked(self, app: str, refused: Held | None) -> Held | None:
        """What stands there when it is good; a new one when it falls to us to fetch it; None: look again."""
        held, now = await _read(app), clock.now()
        is_good = held is not None and (refused is None or held.sealed != refused.sealed)
        if held is not None and is_good and now < held.fresh_until:
            return held
        if await _claim(app, held.sealed if held is not None and not is_good else b""):
            return await _fetch(app, refused.token if refused is not None else "")
        return held if held is not None and is_good and now < held.dead_at else None


_own = Till()


async def call(ask: Callable[[str], Awaitable[_T]]) -> _T:
    """``Till.call`` of this process."""
    return await _own.call(ask)


async def _read(app: str) -> Held | None:
    async with db.reading() as connection:
        row = await connection.fetchrow(_READ, app)
    if row is None or row["token"] is None:
        return None
    token = vault.unseal(row["token"], _CONTEXT)
    return Held(app, token, row["token"], row["fresh_until"], row["dead_at"])


async def _claim(app: str, refused: bytes) -> bool:
    now = clock.now()
    async with db.borrowed() as connection:
        return await connection.fetchval(_CLAIM, app, now, now + CLAIM, refused) is not None


async def _fetch(app: str, refused: str) -> Held:
    try:
        answer = await _asked(app)
        if answer.get("access_token") == refused:
            answer = await _asked(app, by_force=True)
        token, lasts = str(answer["access_token"]), timedelta(seconds=float(answer["expires_in"]))
    except BaseException as error:
        async with db.borrowed() as connection:
            await connection.execute(_FAILED, app, clock.now() + PAUSE)
        if isinstance(error, api.Refused):
            raise Later(str(error.code)) from None
        if isinstance(error, KeyError | ValueError):
            raise Later("no_token") from None
        raise
    now = clock.now()
    held = Held(app, token, vault.seal(token, _CONTEXT), now + lasts - min(MARGIN, lasts / 2), now + lasts)
    async with db.borrowed() as connection:
        await connection.execute(_KEEP, app, held.sealed, held.fresh_until, held.dead_at)
    return held


async def _asked(app: str, *, by_force: bool = False) -> dict[str, Any]:
    """The stable token: it and what the city's other systems fetch for the same account leave each other alone.

    By force, of which WeChat allows a score a day, only where it gave the one again that it had just refused.
    """
    secret = settings.current().wechat_secret
    wanted = {"grant_type": "client_credential", "appid": app, "secret": secret, "force_refresh": by_force}
    return await api.post("/cgi-bin/stable_token", wanted)


def forget() -> None:
    """Start this process anew as to tokens: another installation's settings are in use."""
    _own.held = None
