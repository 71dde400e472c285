"""What an account's holder is sent: a code, or that they have an account already. Messages of no case."""

from __future__ import annotations

from channels import notify
from hotline import account_codes, db, vault
from hotline.ids import new_id
from hotline.work import Work

CODE, RESET, KNOWN = "account_code", "account_reset", "account_known"


async def send(work: Work, phone: str, name: str, *, code: str = "", lang: str = "zh") -> None:
    """One SMS to a number in the caller's transaction. It never waits for the end of the quiet hours: who asked waits.

    An older one to the same number that has not left yet is dropped: its code would be the wrong one.
    """
    prefix = _prefix(phone)
    await work.connection.execute(
        "UPDATE outbox_message SET state = 'dropped', next_at = NULL WHERE state = 'queued' AND key ^@ $1", prefix
    )
    number, key = vault.normal_phone(phone), f"{prefix}{new_id()}"
    if code:
        notify.tell(
            work, channel="sms", address=number, name=name, lang=lang, key=key, code=code,
            minutes=str(account_codes.minutes()),
        )  # fmt: skip
    else:
        notify.tell(work, channel="sms", address=number, name=name, lang=lang, key=key)


async def forget(connection: db.Connection, phone: str) -> None:
    """The account is closed: its number goes from what it was sent, and what was not sent is not sent any more."""
    await connection.execute(
        "UPDATE outbox_message SET address = NULL, body = ''::bytea, facts = NULL, next_at = NULL,"
        " state = CASE WHEN state = 'queued' THEN 'dropped' ELSE state END WHERE key ^@ $1",
        _prefix(phone),
    )


def _prefix(phone: str) -> str:
    return f"account:{vault.phone_index(phone).hex()}:"
