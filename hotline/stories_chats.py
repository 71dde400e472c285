"""Live chats of the demo city's yesterday and today, so that the floor's figures have something to show."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from channels import chat_citizen, chat_desk, chats, seats
from hotline import clock, db
from hotline.actor import Actor


class _Told(msgspec.Struct, frozen=True, kw_only=True):
    """One chat: how long ago it began, what was asked, seconds to the answer, the answer and the grade."""

    once: UUID
    hours: float
    asked: str
    seconds: int
    answer: str
    grade: str


_CHATS = (
    _Told(
        once=UUID("0198f5c0-0042-7000-8000-000000000001"), hours=26, asked="居住证在哪里办？要带什么材料？", seconds=42,
        answer="在居住地派出所办理，带身份证和居住证明，当场受理，15 天内取证。", grade="satisfied",
    ),
    _Told(
        once=UUID("0198f5c0-0042-7000-8000-000000000002"), hours=1.2, asked="医保异地备案怎么办？", seconds=64,
        answer="可以在国家医保服务平台客户端备案，也可以到医保窗口办理。", grade="basically_satisfied",
    ),
    _Told(
        once=UUID("0198f5c0-0042-7000-8000-000000000003"), hours=0.6, asked="周末公园几点关门？", seconds=215,
        answer="市内公园周末开放到 22 时。", grade="",
    ),
)  # fmt: skip


async def tell(agent: Actor, now: datetime) -> None:
    """Each chat that is not known yet: asked, taken, answered, over, graded."""
    async with db.reading() as connection:
        known = {row["once"] for row in await connection.fetch("SELECT once FROM chat")}
    for one in _CHATS:
        if one.once not in known:
            await _tell(agent, one, now - timedelta(hours=one.hours))


async def _tell(agent: Actor, one: _Told, began: datetime) -> None:
    token = chats.new_token()
    with clock.at(began):
        chat = await chat_citizen.begin(
            token, one.asked, once=one.once, lang="zh", county="", address="demo", held=""
        )
        await seats.pause(agent.id, "chat")
    with clock.at(began + timedelta(seconds=one.seconds)):
        await chat_desk.take(agent.id, chat)
        await chat_desk.say(agent, chat, one.answer, once=UUID(int=one.once.int + 1000))
    with clock.at(began + timedelta(seconds=one.seconds + 90)):
        await chat_desk.end(agent, chat, "answered")
        if one.grade:
            await chat_citizen.rate(token, one.grade)
        await seats.go(agent.id)
