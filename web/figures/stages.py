"""Where does it stick? How long each stage takes, in the middle and at worst, and how much of it is in time."""

from __future__ import annotations

from cases.wording import STAGES as NAMES
from hotline.errors import Say
from sla import facts_spans
from sla.facts_spans import Took
from sla.measures import STAGES
from web.chart import Chart, Line, Series
from web.figures.room import Room, shown

HEADS = (
    Say("次数", "Times"), Say("一半在多久内", "Median"), Say("九成在多久内", "90th percentile"), Say("按时", "In time")
)  # fmt: skip


def _name(measure: str) -> Say:
    one = NAMES[STAGES[measure]]
    return Say(one.zh, one.en[:1].upper() + one.en[1:])


def lasting(minutes: float | None) -> Say:
    """A length of time in a cell: minutes, hours with a place, days from three on."""
    if minutes is None:
        return Say("–", "–")
    if minutes < 90:
        return Say(f"{minutes:.0f} 分钟", f"{minutes:.0f} min")
    if minutes < 3 * 1440:
        return Say(f"{minutes / 60:.1f} 小时", f"{minutes / 60:.1f} h")
    return Say(f"{minutes / 1440:.1f} 天", f"{minutes / 1440:.1f} days")


async def chart(room: Room) -> Chart:
    """Median and 90th percentile of each stage, in hours around the clock."""
    span = room.span
    took = await facts_spans.times(room.connection, list(STAGES), span.first, span.end, within=room.sight.within)
    kept = {one.measure: one for one in await room.counted(list(STAGES))}
    there = [one for one in STAGES if one in took]

    def hours(one: Took, which: str) -> float:
        return round((getattr(one, which) or 0) / 60, 1)

    rows = [
        Line(name=_name(one), link=room.link(one), cells=[
            f"{took[one].n:,}", lasting(took[one].median), lasting(took[one].most), shown(kept.get(one), one)
        ])
        for one in there
    ]  # fmt: skip
    return room.chart(
        "stages", Say("卡在哪一环？", "Where does it stick?"), by=Say("环节", "Stage"),
        names=[_name(one) for one in there], heads=HEADS, rows=rows, is_flat=True, is_whole=False,
        unit=Say("小时", "h"),
        series=[
            Series(name=Say("一半在多少小时内", "Median, hours"), data=[hours(took[one], "median") for one in there]),
            Series(name=Say("九成在多少小时内", "90th percentile, hours"), look="past",
                   data=[hours(took[one], "most") for one in there]),
        ],
        nothing=Say("这段时间没有走完的环节。", "No stage was finished in these days."),
    )  # fmt: skip
