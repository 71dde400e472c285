"""The demo city's shifts: a hand-over that was taken, one that waits, and a number that is proposed to be refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from channels import calls, refused, shift, shift_facts
from hotline import clock, db
from hotline.actor import Actor

_NUMBER = "13800009099"
_BEFORE = ("供水公司答应今晚 20:00 前恢复光明南大街供水，到时问一下", "二号话机有杂音，已报修")
_WATCH = "夜里降温，供暖来电可能增多；新来的两位坐席多看几眼。"
_WHY = "一周内反复打来唱歌、说笑，三次劝导都不听，占线影响别人。"


async def tell(people: Mapping[str, Actor], now: datetime) -> None:
    """Tell it once."""
    async with db.reading() as connection:
        if await connection.fetchval("SELECT EXISTS (SELECT FROM shift_note)"):
            return
    with clock.at(now - timedelta(hours=16)):
        await _written(people["shift"], "\n".join(_BEFORE), "")
    async with db.reading() as connection:
        first = (await shift.waiting(connection))[0]
        items = await shift.open_items(connection)
    with clock.at(now - timedelta(hours=15)):
        await shift.take(people["coord"], first.id)
        await shift.finish(people["coord"], items[0].id)
    with clock.at(now - timedelta(hours=1)):
        async with db.reading() as connection:
            left = [one.id for one in await shift.open_items(connection)]
        await _written(people["coord"], "", _WATCH, left)
    await _refusal(people["agent"], now)


async def _written(actor: Actor, text: str, watch: str, carried: Sequence[UUID] = ()) -> None:
    async with db.atomic() as connection:
        facts = await shift_facts.now(connection)
        await shift.write(connection, actor, text=text, watch=watch, carried=carried, facts=facts)


async def _refusal(agent: Actor, now: datetime) -> None:
    made = []
    for hours in (70, 30, 2):
        with clock.at(now - timedelta(hours=hours)):
            async with db.atomic() as connection:
                made.append(await calls.add(
                    connection, direction=calls.IN, purpose="call", number=_NUMBER, line="12345", dialled="12345",
                    state=calls.ENDED, outcome=calls.ANSWERED, agent=agent.id,
                ))  # fmt: skip
                await connection.execute("UPDATE call SET settled = 'nuisance' WHERE id = $1", made[-1])
    ask = refused.Ask(ground="repeated", words=_WHY, calls=tuple(made), is_persuaded=True)
    with clock.at(now - timedelta(hours=2) + timedelta(minutes=5)):
        await refused.propose(agent, made[-1], ask)
