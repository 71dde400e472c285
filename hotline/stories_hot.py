"""The demo city's theme with a plan, progress and an answer that waits for approval, a task, and what emerges now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from channels import reminders_hot
from hotline import clock, db
from hotline.actor import Actor
from hotline.work import work
from sla import hot, proactive, theme_answers, theme_steps, themes

_WHY = "入秋以来丛台区多处路灯不亮、井盖和路面损坏，分散在多个街道，单件修复后同类问题仍反复出现。"
_STEPS = (
    ("全区路灯、井盖排查建账", 12, "排查路灯和井盖，建立台账，缺陷点位全部编号。"), ("集中更换故障灯具和井盖", -20, ""),
)  # fmt: skip
_ANSWER = "丛台区已完成路灯、井盖排查，故障点位正在集中更换，全部更换后由街道逐处复查。新发现的损坏仍可随时反映。"
_SOURCES = "《城市道路管理条例》第二十条\n《河北省城市市政公用设施管理办法》"


async def tell(people: Mapping[str, Actor], now: datetime) -> None:
    """Tell it once."""
    async with db.reading() as connection:
        if await connection.fetchval("SELECT EXISTS (SELECT FROM theme)"):
            return
    await _theme(people, now)
    async with work(people["supervisor"], now=now - timedelta(days=3)) as w:
        await proactive.make(
            w, source="season", matter="0302", area="130403", unit="130403",
            what="供暖前对老旧小区管网逐栋打压试水", why="去年供暖头两周同类来件集中，先查先修。",
            due=clock.local_day(now) + timedelta(days=9),
        )  # fmt: skip
    young = msgspec.structs.replace(hot.limits(), days=1)  # a city of yesterday finds nothing by itself yet
    await hot.look(reminders_hot.issue, now, young)


async def _theme(people: Mapping[str, Actor], now: datetime) -> None:
    began, today = now - timedelta(days=20), clock.local_day(now)
    plan = themes.Plan(
        title="丛台区路灯、井盖集中整治", why=_WHY, grade="county", unit="130403", matters=["0202"], areas=["130403"],
        since=today - timedelta(days=30),
    )  # fmt: skip
    async with work(people["supervisor"], now=began) as w:
        one = await themes.make(w, plan)
        steps = [
            await theme_steps.add(w, one.id, what=what, unit="130403", due=today - timedelta(days=ago))
            for what, ago, _ in _STEPS
        ]
    async with work(people["coord"], now=began + timedelta(days=1)) as w:
        await themes.publish(w, one.id)
    async with work(people["congtai"], now=now - timedelta(days=13)) as w:
        await theme_steps.done(w, one.id, steps[0], note=_STEPS[0][2])
        entry = await theme_steps.report(w, one.id, words="已排查主次干道，故障路灯和破损井盖全部建账，开始更换。")
    async with work(people["coord"], now=now - timedelta(days=12)) as w:
        await theme_steps.show(w, one.id, entry)
    async with work(people["supervisor"], now=now - timedelta(hours=5)) as w:
        await theme_answers.write(w, one.id, answer=_ANSWER, sources=_SOURCES)
