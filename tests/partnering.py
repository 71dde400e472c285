"""Partners and their keys for tests, made as administration makes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from channels import keyring, partners, webhooks
from hotline import db
from hotline.actor import SYSTEM_ID

ALL = ("file", "read", "words", "rate")


async def a_partner(
    code: str, channel: str = "province", *, scopes: Sequence[str] = ALL, hook: str = "", **more: Any
) -> str:
    """A partner with one key; its token. ``hook`` is the address of its receiver, told all events."""
    given: dict[str, Any] = {"name_zh": f"对接{code}", "name_en": f"Partner {code}", "channel": channel, **more}
    if hook:
        given |= {
            "hook_url": hook, "hook_secret": partners.sealed(partners.new_secret()), "is_hook_on": True,
            "hook_events": list(webhooks.EVENTS), "is_intranet": True,
        }  # fmt: skip
    async with db.atomic() as connection:
        await partners.add(connection, code, given)
        _, token = await partners.make_key(connection, code, scopes, SYSTEM_ID)
    keyring.forget()
    return token


def bearer(token: str, **more: str) -> dict[str, str]:
    """The headers of a call."""
    return {"authorization": f"Bearer {token}", **more}


async def secret_of(code: str) -> str:
    """The secret that the partner's receiver checks with."""
    async with db.reading() as connection:
        return partners.unsealed(await partners.found(connection, code))
