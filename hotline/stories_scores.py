"""The demo city's scores: a month from before its first case, an appeal that waits, the honour list."""

from __future__ import annotations

from collections.abc import Mapping

from hotline import clock, db
from hotline.actor import Actor
from hotline.places import DATA
from hotline.work import work
from sla import honours, scores_appeals, scores_frozen, scores_given, scores_period, scores_presets

_HONOURED = (
    ("HRS", "社保待遇咨询件件当天回电，解决率居部门首位。",
     "Called back on the same day about every pension question; first of the departments in what was solved."),
    ("130424", "路灯、井盖小事不过夜，群众满意率居县组前列。",
     "Small repairs do not wait overnight; among the first of the counties in satisfaction."),
)  # fmt: skip


async def tell(people: Mapping[str, Actor]) -> None:
    """The month before the first case, published by a sheet; one appeal that waits; two lines of honour. Done once."""
    async with db.reading() as connection:
        if await scores_frozen.listed(connection, scores_presets.OWN):
            return
        first = await connection.fetchval("SELECT min(opened_at) FROM cases")
    month = scores_period.of(clock.local_day(first) if first else clock.today(), "month").before()
    text = (DATA / "demo_scores.csv").read_text(encoding="utf-8")
    await scores_given.publish(people["supervisor"], scores_presets.OWN, month, text)
    async with work(people["congtai"]) as w:
        await scores_appeals.ask(w, scores_presets.OWN, month.text, unit="130403", item="satisfaction",
                                 ground="其中三件评价的是窗口排队，不是我区承办的事项，附办理记录。")  # fmt: skip
    for unit, zh, en in _HONOURED:
        async with work(people["publisher"]) as w:
            found = await honours.candidates(w.connection, scores_presets.OWN, month)
            one = next((one for one in found if one.unit == unit), None)
            made = one and await honours.propose(w, one, sentence_zh=zh, sentence_en=en)
        if made:
            async with work(people["supervisor"]) as w:
                await honours.approve(w, made)
