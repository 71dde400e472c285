"""Partners: bodies that file and follow requests by machine, with their keys. Their web hooks: ``channels/webhooks``.

A key is ``hl_<prefix>_<secret>``, shown once; only its SHA-256 is kept (the secret has 192 random bits of its own).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from cases import wording
from hotline import clock, db, vault
from hotline.errors import Say, conflict, not_found
from hotline.ids import new_id

SOURCES = {
    code: wording.CHANNELS[code]
    for code in (
        "province", "state_site", "city_site", "app", "weibo", "enterprise_cloud", "grid", "kiosk", "partner",
        "open311",
    )
}  # fmt: skip
"""As which source of a case a partner files (seed 003-01)."""
SCOPES = {
    "file": Say("提交诉求", "File requests"),
    "read": Say("查办理情况", "Read their state"),
    "words": Say("补充内容", "Add words"),
    "rate": Say("转交评价", "Pass on ratings"),
    "open311": Say("Open311 提交", "File by Open311"),
}
CODE = r"[a-z][a-z0-9_]{1,31}"


class Partner(msgspec.Struct, frozen=True, kw_only=True):
    """One partner. ``hook_secret`` is sealed; ``hook_off_at``: its receiver said 410 Gone, so nothing is sent."""

    code: str
    name_zh: str
    name_en: str
    channel: str
    is_on: bool
    per_minute: int
    hook_url: str
    hook_secret: bytes | None
    hook_events: tuple[str, ...]
    is_hook_on: bool
    is_intranet: bool
    hook_off_at: datetime | None
    created_at: datetime
    changed_at: datetime

    @property
    def name(self) -> Say:
        """Its name in both languages."""
        return Say(self.name_zh, self.name_en)


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """A key as it is kept: whose, its first letters, the hash of the whole and what it opens."""

    id: UUID
    partner: str
    prefix: str
    hash: bytes
    scopes: tuple[str, ...]
    created_at: datetime
    created_by: UUID
    used_at: datetime | None
    ended_at: datetime | None

    def fits(self, token: str) -> bool:
        """Whether ``token`` is this key, in a time that tells nothing."""
        return hmac.compare_digest(self.hash, _digest(token)) and self.ended_at is None


_PARTNER = ", ".join(Partner.__struct_fields__)
_KEY = ", ".join(Key.__struct_fields__)


def _read(record: Mapping[str, Any]) -> Partner:
    return Partner(**{**record, "hook_events": tuple(record["hook_events"])})


def _read_key(record: Mapping[str, Any]) -> Key:
    return Key(**{**record, "scopes": tuple(record["scopes"])})


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


async def every(connection: db.Connection) -> list[Partner]:
    """All partners by code."""
    return [_read(r) for r in await connection.fetch(f"SELECT {_PARTNER} FROM partner ORDER BY code")]


async def found(connection: db.Connection, code: str, *, lock: bool = False) -> Partner:
    """The partner, locked for change if asked. The 404 refusal when there is none."""
    tail = " FOR UPDATE" if lock else ""
    record = await connection.fetchrow(f"SELECT {_PARTNER} FROM partner WHERE code = $1{tail}", code)
    if record is None:
        raise not_found()
    return _read(record)


async def hooked(connection: db.Connection, codes: Sequence[str]) -> dict[str, Partner]:
    """Those of these partners whose web hook is on."""
    rows = await connection.fetch(
        f"SELECT {_PARTNER} FROM partner WHERE code = ANY($1) AND is_on AND is_hook_on", list(codes)
    )
    return {record["code"]: _read(record) for record in rows}


async def add(connection: db.Connection, code: str, given: Mapping[str, object]) -> None:
    """A new partner with its columns (``name_zh``, ``channel`` …). The 409 refusal when the code is taken."""
    now = clock.now()
    columns = {**given, "code": code, "created_at": now, "changed_at": now}
    places = ", ".join(f"${n}" for n in range(1, len(columns) + 1))
    done = await connection.fetchval(
        f"INSERT INTO partner ({', '.join(columns)}) VALUES ({places}) ON CONFLICT (code) DO NOTHING RETURNING code",
        *columns.values(),
    )
    if done is None:
        raise conflict("code_taken", f"代码 {code} 已经有了，请换一个。", f"The code {code} is taken; choose another.")


async def change(connection: db.Connection, code: str, given: Mapping[str, object]) -> None:
    """Give the partner these values of its columns. Its channel stays: repeats of its messages are known by it."""
    sets = ", ".join(f"{name} = ${n}" for n, name in enumerate(given, 3))
    await connection.execute(
        f"UPDATE partner SET {sets}, changed_at = $2 WHERE code = $1", code, clock.now(), *given.values()
    )


def new_secret() -> str:
    """A web hook's secret as receivers of Standard Webhooks take it."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


def sealed(secret: str) -> bytes:
    """A web hook's secret as the table holds it."""
    return vault.seal(secret, "partner.hook")


def unsealed(partner: Partner) -> str:
    """The web hook's secret; "" where there is none."""
    return vault.unseal(partner.hook_secret, "partner.hook") if partner.hook_secret else ""


async def keys_of(connection: db.Connection, partner: str) -> list[Key]:
    """A partner's keys, the latest first; ended ones too."""
    rows = await connection.fetch(
        f"SELECT {_KEY} FROM partner_key WHERE partner = $1 ORDER BY created_at DESC, id", partner
    )
    return [_read_key(record) for record in rows]


async def keys_by(connection: db.Connection, person: UUID) -> list[str]:
    """The partners of the keys in force that this person made, and so has seen."""
    rows = await connection.fetch(
        "SELECT DISTINCT partner FROM partner_key WHERE created_by = $1 AND ended_at IS NULL ORDER BY partner", person
    )
    return [row["partner"] for row in rows]


async def make_key(connection: db.Connection, partner: str, scopes: Sequence[str], by: UUID) -> tuple[Key, str]:
    """A fresh key of a partner, and the token, which nobody can show again."""
    prefix, rest = secrets.token_hex(4), secrets.token_urlsafe(24)
    token = f"hl_{prefix}_{rest}"
    key = Key(
        id=new_id(), partner=partner, prefix=prefix, hash=_digest(token), scopes=tuple(scopes), created_at=clock.now(),
        created_by=by, used_at=None, ended_at=None,
    )  # fmt: skip
    places = ", ".join(f"${n}" for n in range(1, len(Key.__struct_fields__) + 1))
    await connection.execute(f"INSERT INTO partner_key ({_KEY}) VALUES ({places})", *msgspec.structs.astuple(key))
    return key, token


async def end_key(connection: db.Connection, partner: str, key: UUID) -> str:
    """End a key at once; its prefix. The 409 refusal when it has ended or is another's."""
    prefix: str | None = await connection.fetchval(
        "UPDATE partner_key SET ended_at = $3 WHERE id = $2 AND partner = $1 AND ended_at IS NULL RETURNING prefix",
        partner, key, clock.now(),
    )  # fmt: skip
    if prefix is None:
        raise conflict("key_ended", "这把密钥已经停用了。", "This key has ended already.")
    return prefix


async def by_prefix(connection: db.Connection, prefix: str) -> tuple[Key, Partner] | None:
    """The key with these first letters, and whose it is."""
    record = await connection.fetchrow(f"SELECT {_KEY} FROM partner_key WHERE prefix = $1", prefix)
    if record is None:
        return None
    key = _read_key(record)
    return key, await found(connection, key.partner)


async def used(connection: db.Connection, key: UUID, at: datetime) -> None:
    """Note that the key was used; written once a minute at most."""
    await connection.execute(
        "UPDATE partner_key SET used_at = $2 WHERE id = $1 AND coalesce(used_at < $3, true)",
        key, at, at - timedelta(minutes=1),
    )  # fmt: skip
