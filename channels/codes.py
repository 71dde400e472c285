"""What an account's holder is sent: a code, or that they have an account already. Rows of the outbox, of no case."""

from __future__ import annotations

from channels import texts
from channels.rows import OutboxRow
from hotline import account_codes, clock, db, vault
from hotline.ids import new_id
from hotline.work import Work

CODE, RESET, KNOWN = "account_code", "account_reset", "account_known"


async def send(work: Work, phone: str, name: str, *, code: str = "", lang: str = "zh") -> None:
    """One SMS to a number in the caller's transaction. It never waits for the end of the quiet hours: who asked waits.

    An older one to the same number that has not left yet is dropped: its code would be the wrong one.
    """
    values = {"code": code, "minutes": str(account_codes.minutes())} if code else {}
    prefix = _prefix(phone)
    await work.connection.execute(
        "UPDATE outbox_message SET state = 'dropped', next_at = NULL WHERE state = 'queued' AND key ^@ $1", prefix
    )
    row = new_id()
    work.add(OutboxRow(
        id=row, key=f"{prefix}{row}", case_id=None, request_id=None, channel="sms",
        address=vault.seal(vault.normal_phone(phone), "outbox"), name=name, is_waking=False, created_at=clock.now(),
        body=vault.seal(texts.SIGNATURE + texts.write(name, lang, **values), "outbox"), next_at=clock.now(),
    ))  # fmt: skip


async def forget(connection: db.Connection, phone: str) -> None:
    """The account is closed: its number goes from what it was sent, and what was not sent is not sent any more."""
    await connection.execute(
        "UPDATE outbox_message SET address = NULL, body = ''::bytea, next_at = NULL,"
        " state = CASE WHEN state = 'queued' THEN 'dropped' ELSE state END WHERE key ^@ $1",
        _prefix(phone),
    )


def _prefix(phone: str) -> str:
    return f"account:{vault.phone_index(phone).hex()}:"
