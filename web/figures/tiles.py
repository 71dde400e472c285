"""The figures at the head of a board: each with the same weekdays before and last year, and the way to its cases."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from hotline import clock
from hotline.errors import Say
from sla import facts_spans
from sla.facts import Figure
from sla.measures import MEASURES
from web.figures.room import Room, percent
from web.figures.spans import Span

HEAD = ("requests", "cases", "ended", "direct", "dispatched", "response", "finished", "resolved", "rated", "breaches")
STOCK = Say("在办", "Open")


class Tile(msgspec.Struct, frozen=True, kw_only=True):
    """One figure. ``before`` and ``past``: how it was on the same weekdays before and last year."""

    name: Say
    value: str
    link: str = ""
    of: str = ""
    before: Say | None = None
    past: Say | None = None
    id: str = ""


async def head(room: Room) -> list[Tile]:
    """The tiles of a board."""
    spans = (room.span, room.span.before, room.span.year_before)
    now, before, past = [
        {one.measure: one for one in await room.counted(HEAD, span=span)} for span in spans
    ]  # fmt: skip
    tiles = [_tile(room, name, now.get(name), before.get(name), past.get(name)) for name in HEAD]
    return [*tiles[:3], *await _stock(room), *tiles[3:]]


def _tile(room: Room, name: str, now: Figure | None, before: Figure | None, past: Figure | None) -> Tile:
    measure = MEASURES[name]
    if measure.is_rate:
        return Tile(
            id=name, name=measure.name, value=percent(now.rate if now else None),
            link=room.link(name) if now and now.total else "",
            of=f"{now.good:,}/{now.total:,}" if now and now.total else "",
            before=_moved(now, before), past=_moved(now, past),
        )  # fmt: skip
    total = now.total if now else 0
    return Tile(
        id=name, name=measure.name, value=f"{total:,}", link=room.link(name) if total else "",
        before=_grown(total, before), past=_grown(total, past),
    )  # fmt: skip


def _grown(total: int, then: Figure | None) -> Say | None:
    """By how many percent a count is more or less; None against nothing."""
    if then is None or not then.total:
        return None
    by = 100 * (total - then.total) / then.total
    mark = "↑" if by > 0 else "↓" if by < 0 else "＝"
    return Say(f"{mark} {abs(by):.0f}%（{then.total:,}）", f"{mark} {abs(by):.0f}% ({then.total:,})")


def _moved(now: Figure | None, then: Figure | None) -> Say | None:
    """By how many points a rate went up or down; None where either is of nothing."""
    if now is None or then is None or now.rate is None or then.rate is None:
        return None
    by = now.rate - then.rate
    mark = "↑" if by > 0 else "↓" if by < 0 else "＝"
    return Say(
        f"{mark} {abs(by):.1f} 个百分点（{then.rate:.1f}%）", f"{mark} {abs(by):.1f} points ({then.rate:.1f}%)"
    )


async def _stock(room: Room) -> list[Tile]:
    """Open at the end of the days, and carried over into them (结转)."""
    within, span = room.sight.within, room.span
    left = (await facts_spans.stock(room.connection, span.last, within=within)).get("", 0)
    carried = (await facts_spans.stock(room.connection, span.first - timedelta(days=1), within=within)).get("", 0)
    return [Tile(
        id="stock", name=STOCK, value=f"{left:,}", link=_queue(room, span) if left else "",
        before=Say(f"期初结转 {carried:,}", f"{carried:,} carried over"),
    )]  # fmt: skip


def _queue(room: Room, span: Span) -> str:
    """The queue, which lists what is open now."""
    if span.last != clock.today():
        return ""
    name, code = room.sight.within or ("", "")
    return f"/cases?{name}={code}" if name in ("county", "unit") else "" if name else "/cases"
