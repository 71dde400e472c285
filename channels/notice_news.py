"""News of notices for whoever subscribed: one message each and notice, when it is published and when it is put right.

A job; it tells what is untold. Its rows are keyed by news and subscription, so that it is safe twice and side by side.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from cases.notice_sources import HELD
from channels import notice_subscriptions, notify, texts, ways
from channels.rows import OutboxRow
from hotline import city, db, settings, vault
from hotline.actor import SYSTEM
from hotline.errors import Say
from hotline.work import Work, work

NAMES = {"published": "notice_published", "verified": "notice_verified"}
_NEXT = f"""
    SELECT w.notice_id, w.what, n.slug, n.number, n.unit, n.state = 'withdrawn' OR {HELD} AS is_over FROM notice_news w
    JOIN notice n ON n.id = w.notice_id WHERE w.told_at IS NULL ORDER BY w.at LIMIT 1 FOR UPDATE OF w SKIP LOCKED
"""
_TO = """
    SELECT id, channel, address, lang, token FROM notice_subscription
    WHERE confirmed_at IS NOT NULL AND unit = ANY($1::text[]) AND NOT EXISTS (
        SELECT FROM outbox_message m WHERE m.key = $2 || notice_subscription.id::text)
"""
_TOLD = "UPDATE notice_news SET told_at = $3 WHERE notice_id = $1 AND what = $2"
_encode = msgspec.json.Encoder().encode


async def tell() -> int:
    """Put the messages of all untold news into the outbox; how many."""
    n = 0
    while True:
        async with work(SYSTEM) as w:
            row = await w.connection.fetchrow(_NEXT)
            if row is None:
                return n
            if not row["is_over"]:
                n += await _spread(w, row)
            await w.connection.execute(_TOLD, row["notice_id"], row["what"], w.now)


async def _spread(work: Work, news: Mapping[str, Any]) -> int:
    """One message a subscriber of this unit, of one above it, or of all."""
    key = f"notice:{news['notice_id']}:{news['what']}:"
    rows = await work.connection.fetch(_TO, ["", *_upwards(news["unit"])], key)
    unit = city.current().unit(news["unit"])
    name = unit.name if unit is not None else Say(news["unit"], news["unit"])
    for row in rows:
        work.add(_message(key, NAMES[news["what"]], news, name, row, work))
    if rows:
        notify.hurry(work)
    return len(rows)


def _message(
    key: str, name: str, news: Mapping[str, Any], unit: Say, to: Mapping[str, Any], work: Work
) -> OutboxRow:
    lang, channel = to["lang"], to["channel"]
    path = f"/notices/{news['slug']}"
    whole = settings.current().public_url.rstrip("/") + path
    link = whole if channel == "email" else ways.site(path)
    values = {"unit": texts.cut(unit.in_(lang), texts.UNIT[lang]), "link": link or news["number"]}
    text = ways.worded(name, channel, lang, values)
    facts = ways.facts(name, lang, values)
    if channel == "email":
        end = notice_subscriptions.link(notice_subscriptions.unsealed(to["token"]))
        text += "\n\n" + Say(f"不想再收到，点这里退订：{end}", f"To stop these mails: {end}").in_(lang)
        facts = msgspec.structs.replace(facts, ends=f"{end}/end" if settings.current().public_url else "")
    return ways.row(
        key=f"{key}{to['id']}", name=name, channel=channel,
        address=vault.unseal(to["address"], notice_subscriptions.CONTEXT), text=text, facts=facts, now=work.now,
        is_waking=True,
    )  # fmt: skip


def _upwards(code: str) -> list[str]:
    found = []
    unit = city.current().unit(code)
    while unit is not None and unit.code not in found:
        found.append(unit.code)
        unit = city.current().unit(unit.parent) if unit.parent else None
    return found or [code]


async def sweep() -> int:
    """What is untold is told, and what was never confirmed is deleted; how many messages were written."""
    told = await tell()
    async with db.atomic() as connection:
        await notice_subscriptions.sweep(connection)
    return told
