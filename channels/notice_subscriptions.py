"""Who wants to hear of new notices: an address, sealed, for one unit or all. By e-mail only once it was confirmed.

By SMS and WeChat one asks for it by writing to us, which shows whose door it is; by e-mail a mail with a link asks
first. One tap ends it, and what was ended or never confirmed is deleted.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID

import msgspec

from channels import notify, silence
from channels.turn import Turn
from hotline import city, clock, db, settings, vault
from hotline.errors import not_found
from hotline.ids import new_id
from hotline.work import Work

CONTEXT = "notice_subscription"
PATH = "/notices/subscriptions/"
_FOUND = """
    SELECT id, confirmed_at FROM notice_subscription
    WHERE channel = $1 AND address_index = ANY($2::bytea[]) AND unit = $3
"""
_NEW = """
    INSERT INTO notice_subscription
        (id, channel, address, address_index, unit, lang, token, token_digest, created_at, confirmed_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (channel, address_index, unit) DO NOTHING RETURNING id
"""
_RENEW = "UPDATE notice_subscription SET token = $2, token_digest = $3, lang = $4, created_at = $5 WHERE id = $1"
_BY_LINK = "SELECT id, channel, unit, lang, confirmed_at FROM notice_subscription WHERE token_digest = $1"
_END = "DELETE FROM notice_subscription WHERE channel = $1 AND address_index = ANY($2::bytea[]) RETURNING id"


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """One subscription as its holder sees it; ``unit`` "" is all."""

    id: UUID
    channel: str
    unit: str
    lang: str
    is_confirmed: bool


def digest(token: str) -> bytes:
    """What is kept of a link's token."""
    return hashlib.sha256(token.encode()).digest()


def sealed(token: str) -> bytes:
    """A link's token as it is kept, to be written into each message: one link confirms, and later ends."""
    return vault.seal(token, f"{CONTEXT}.token")


def unsealed(token: bytes) -> str:
    """The same in the clear."""
    return vault.unseal(token, f"{CONTEXT}.token")


def link(token: str) -> str:
    """The whole address of the page that confirms or ends."""
    return f"{settings.current().public_url.rstrip('/')}{PATH}{token}"


async def ask(work: Work, address: str, *, unit: str = "", lang: str = "zh") -> None:
    """Somebody wants mails at this address: a mail with a link asks whether it was they. Nothing is told apart here.

    An address that is confirmed already is asked nothing; one that waits gets a fresh link.
    """
    plain = address.strip()
    record = await work.connection.fetchrow(_FOUND, "email", silence.indexes("email", plain.lower()), unit)
    if record is not None and record["confirmed_at"] is not None:
        return
    token = secrets.token_urlsafe(24)
    if record is None:
        await _add(work, "email", plain, unit, lang, token, is_confirmed=False)
    else:
        await work.connection.execute(_RENEW, record["id"], sealed(token), digest(token), lang, work.now)
    days = str(city.current().rule("notice.confirm_days"))
    notify.tell(
        work, channel="email", address=plain, name="notice_confirm", lang=lang, link=link(token), days=days
    )  # fmt: skip


async def _add(
    work: Work, channel: str, address: str, unit: str, lang: str, token: str, *, is_confirmed: bool
) -> None:
    at = work.now if is_confirmed else None
    index = silence.indexes(channel, address.lower())[0]
    await work.connection.execute(
        _NEW, new_id(), channel, vault.seal(address, CONTEXT), index, unit, lang, sealed(token), digest(token),
        work.now, at,
    )  # fmt: skip


async def by_token(connection: db.Connection, token: str) -> Subscription:
    """The subscription of a link; the 404 refusal for one that there is not, or that was ended."""
    record = await connection.fetchrow(_BY_LINK, digest(token))
    if record is None:
        raise not_found()
    return Subscription(
        id=record["id"], channel=record["channel"], unit=record["unit"], lang=record["lang"],
        is_confirmed=record["confirmed_at"] is not None,
    )  # fmt: skip


async def confirm(work: Work, token: str) -> Subscription:
    """It was they. From now on the same link ends the subscription; said twice is said once."""
    one = await by_token(work.connection, token)
    await work.connection.execute(
        "UPDATE notice_subscription SET confirmed_at = coalesce(confirmed_at, $2) WHERE id = $1", one.id, work.now
    )
    return msgspec.structs.replace(one, is_confirmed=True)


async def end(work: Work, token: str) -> bool:
    """One tap: the subscription is deleted, with its address. False when it is gone already."""
    return (
        await work.connection.fetchval(
            "DELETE FROM notice_subscription WHERE token_digest = $1 RETURNING id", digest(token)
        ) is not None
    )  # fmt: skip


async def follow(turn: Turn, *, wants: bool) -> str:
    """订阅公示, 退订公示 by SMS or WeChat: whoever writes owns the door, nothing has to be confirmed."""
    channel, address = turn.heard.channel, silence.plain(turn.heard.channel, turn.heard.sender)
    indexes = silence.indexes(channel, address.lower())
    if not wants:
        await turn.work.connection.execute(_END, channel, indexes)
        turn.tell("notice_ended")
        return "stop"
    turn.who.is_silent, turn.who.silent_since = False, None  # who asks for messages gets them
    if await turn.work.connection.fetchrow(_FOUND, channel, indexes, "") is None:
        await _add(turn.work, channel, address, "", turn.who.lang, secrets.token_urlsafe(24), is_confirmed=True)
    turn.tell("notice_followed")
    return "start"


async def sweep(connection: db.Connection) -> int:
    """Delete what was not confirmed in the city's days; how many."""
    edge = clock.now() - timedelta(days=int(city.current().rule("notice.confirm_days")))
    gone = await connection.fetch(
        "DELETE FROM notice_subscription WHERE confirmed_at IS NULL AND created_at < $1 RETURNING id", edge
    )
    return len(gone)
