"""Who wants nothing more by a door: STOP, unsubscribed, blocked. Found by blind index, never by number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from hotline import db, vault

_SILENT = """
    SELECT address_index FROM correspondent WHERE channel = $1 AND is_silent AND address_index = ANY($2::bytea[])
"""
_HUSH = """
    UPDATE correspondent SET is_silent = TRUE, silent_since = coalesce(silent_since, $3), changed_at = $3
    WHERE channel = $1 AND address_index = ANY($2::bytea[]) RETURNING channel
"""
_NEW = """
    INSERT INTO correspondent (channel, address_index, address, is_silent, silent_since, changed_at)
    VALUES ($1, $2, $3, TRUE, $4, $4) ON CONFLICT (channel, address_index) DO UPDATE SET
        is_silent = TRUE, silent_since = coalesce(correspondent.silent_since, excluded.silent_since),
        changed_at = excluded.changed_at
"""


def plain(channel: str, address: str) -> str:
    """The address in the one spelling that is indexed: a number without spaces, dashes and our country's code."""
    return vault.normal_phone(address) if channel == "sms" else address


def indexes(channel: str, address: str) -> list[bytes]:
    """The blind indexes under which a correspondent of this door may be found, the current one first."""
    return vault.reply_indexes(channel, plain(channel, address))


async def among(connection: db.Connection, channel: str, addresses: Mapping[UUID, str]) -> set[UUID]:
    """The keys of those addresses to whom nothing may be sent by this door."""
    by_index: dict[bytes, list[UUID]] = {}
    for key, address in addresses.items():
        for index in indexes(channel, address):
            by_index.setdefault(index, []).append(key)
    found: Sequence[Mapping[str, bytes]] = await connection.fetch(_SILENT, channel, list(by_index))
    return {key for row in found for key in by_index[bytes(row["address_index"])]}


async def hush(connection: db.Connection, channel: str, address: str, now: datetime) -> None:
    """Note that the provider says so: nothing more to this address by this door, until they write again."""
    mine = indexes(channel, address)
    if await connection.fetchval(_HUSH, channel, mine, now) is None:
        sealed = vault.seal(plain(channel, address), "correspondent")
        await connection.execute(_NEW, channel, mine[0], sealed, now)
