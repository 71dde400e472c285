"""The demo city's knowledge: articles in use, one that waits, one sent back, a draft, one past review. Done once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

from hotline import clock, db, knowledge_bringing, knowledge_decisions, knowledge_index, knowledge_sheet
from hotline import knowledge_verbs as verbs
from hotline.actor import SYSTEM, Actor
from hotline.knowledge_rows import Words
from hotline.places import DATA

FILE = DATA / "knowledge.csv"
STALE = "demo-12"


async def tell(people: dict[str, Actor]) -> int:
    """Put the articles in; how many were made."""
    body = await asyncio.to_thread(FILE.read_bytes)
    lines, faults, read = knowledge_sheet.read(body, FILE.name)
    async with db.atomic() as connection:
        if await connection.fetchval("SELECT EXISTS (SELECT FROM article WHERE key = $1)", STALE):
            return 0
        made = await knowledge_bringing.take_in(
            connection, SYSTEM, lines, faults, read, good_only=True, approver=people["editor"].id
        )
        await _past_review(connection)
        await _under_way(connection, people["cgb"], people["editor"])
    return made.made


async def _past_review(connection: db.Connection) -> None:
    """One has been forgotten: the demo shows what that looks like."""
    day = clock.today()
    key: UUID = await connection.fetchval(
        "UPDATE article SET review_on = $2, reviewed_at = reviewed_at - interval '368 days' WHERE key = $1"
        " RETURNING id",
        STALE, day - timedelta(days=3),
    )  # fmt: skip
    await knowledge_index.reindex(connection, [key], day)


async def _under_way(connection: db.Connection, writer: Actor, editor: Actor) -> None:
    """What the city management bureau has on its table."""
    today = clock.today()
    waits = Words(
        wordings=("共享单车乱停找谁", "单车堵住盲道"), matter="020502", valid_from=today,
        answer="请说清路口和车的颜色，运营企业 2 小时内挪走（演示）。",
        sources="本市共享单车停放管理规定（演示） | 演示",
        note="一家企业的车记下品牌。",
    )  # fmt: skip
    one = await verbs.write(connection, writer, writer.unit, waits)
    await verbs.submit(connection, writer, one)
    back = Words(wordings=("小广告贴到家门口找谁",), matter="020102", valid_from=today, answer="由街道清理。",
                 sources="《城市市容和环境卫生管理条例》 | 国务院令第 101 号")  # fmt: skip
    two = await verbs.write(connection, writer, writer.unit, back)
    await verbs.submit(connection, writer, two)
    await knowledge_decisions.send_back(connection, editor, two, "没有写几天清理，也没写号码停机找谁。")
    begun = Words(wordings=("店铺招牌要不要审批",), matter="020106", valid_from=today, answer="")
    await verbs.write(connection, writer, writer.unit, begun)
