"""POST requests: a form becomes a message once; the answer carries its number at once, so that tokens are for form."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from channels import acknowledge, keyring, open311
from hotline import clock, db, jobs
from hotline.errors import Refusal, Say

_SAME = """
    SELECT receipt_no FROM inbound_message
    WHERE channel = $1 AND provider_id = ANY($2::text[]) AND received_at > $3 ORDER BY received_at LIMIT 1
"""
_TOKEN = "SELECT receipt_no FROM inbound_message WHERE channel = $1 AND (receipt_no = $2 OR id = $3)"  # noqa: S105 - SQL


async def filed(form: Mapping[str, Sequence[str]], query: Mapping[str, str]) -> tuple[list[dict[str, Any]], int]:
    """The answer and its status: 201 for a new request, 200 for a form that came within the last day.

    Raises 403 without a key for this, 404 for an unknown jurisdiction, 422 (told as 400) for what is to be mended.
    """
    key = next((value for value in form.get("api_key", ()) if value), query.get("api_key", ""))
    partner = (await keyring.known(key, "open311")).partner
    today = clock.today()
    message = open311.message(partner, form, today.isoformat())
    same = open311.form_id(partner, form)
    before = [f"{same}:{day}" for day in (today.isoformat(), (today - timedelta(days=1)).isoformat())]
    async with db.reading() as connection:
        number = await connection.fetchval(_SAME, open311.CHANNEL, before, clock.now() - timedelta(days=1))
    if number is not None:
        return [_told(number, "")], 200
    receipt = await acknowledge.acknowledge(message)
    if receipt.is_repeat:
        return [_told(receipt.number, "")], 200
    jobs.nudge_soon("make_cases")
    return [_told(receipt.number, receipt.code)], 201


def _told(number: str, code: str) -> dict[str, Any]:
    notice = (
        f"已收到，编号 {number}，查询码 {code}。Received as {number}, query code {code}."
        if code else f"这件已经收到，编号 {number}。Received before as {number}."
    )  # fmt: skip
    return {"service_request_id": number, "service_notice": notice, "account_id": None}


async def of_token(connection: db.Connection, token: str) -> list[dict[str, Any]]:
    """The request of a token: its number is its own. The 404 refusal for anything else."""
    message: UUID | None = None
    with contextlib.suppress(ValueError):
        message = UUID(token)
    number = await connection.fetchval(_TOKEN, open311.CHANNEL, token, message)
    if number is None:
        raise Refusal(404, "token", Say("没有这个 token。", "No such token."))
    return [{"service_request_id": number, "token": token}]
