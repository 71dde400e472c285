"""`hotline reminders-proof`: whether each act that fell due in a period was done, once, and how late."""

from __future__ import annotations

import asyncio
import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hotline import place
from hotline.commands.running import data_option

if TYPE_CHECKING:
    from sla.proof import Proof


@click.command("reminders-proof")
@data_option
@click.option("--from", "first", required=True, help="第一天，如 2026-11-01 / the first day")
@click.option("--to", "last", help="最后一天，默认今天 / the last day; today by default")
@click.option("--json", "as_json", is_flag=True, help="机器可读 / for machines")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
def reminders_proof(data: Path | None, first: str, last: str | None, lang: str, *, as_json: bool) -> None:
    """提醒证明：到点该办的是否都办了、晚了多少；有漏的以 1 结束。/ Was all done that fell due; 1 if not."""
    from hotline import clock

    begin = _day(first, "--from")
    end = _day(last, "--to") if last else clock.today()
    if end < begin:
        raise click.BadParameter("早于 --from / before --from", param_hint="--to")
    with place.opened(data):
        found = asyncio.run(_prove(clock.on(begin), clock.on(end + timedelta(days=1))))
    click.echo(json.dumps(_data(found), ensure_ascii=False) if as_json else "\n".join(_told(found, lang)))
    raise SystemExit(0 if found.holds else 1)


def _day(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter("写成 2026-11-01 / write it so", param_hint=option) from None


async def _prove(begin: datetime, end: datetime) -> Proof:
    from hotline import city, db
    from sla import proof

    await db.connect()
    try:
        await city.load()
        async with db.reading() as connection:
            return await proof.prove(connection, begin, end, state=proof.MISSING)
    finally:
        await db.disconnect()


def _data(found: Proof) -> dict[str, object]:
    return {
        "from": found.begin.isoformat(), "to": found.end.isoformat(), "holds": found.holds, "due": found.count(),
        "worst_seconds": found.worst,
        "acts": [
            {"act": one.act, "state": one.state, "number": one.number, "worst": one.worst, "p99": one.p99}
            for one in found.sums
        ],
        "missing": [
            {"act": one.act, "case": one.number, "due": one.due_at.isoformat()} for one in found.lines
        ],
    }  # fmt: skip


def _told(found: Proof, lang: str) -> list[str]:
    from hotline import clock
    from sla import proof

    lines = []
    for one in found.sums:
        act = proof.ACTS[one.act].in_(lang) if one.act in proof.ACTS else one.act
        late = "" if one.worst is None else f"  max {one.worst:.1f} s, p99 {one.p99 or 0:.1f} s"
        lines.append(f"{one.number:>8}  {act} · {proof.STATES[one.state].in_(lang)}{late}")
    lines += [f"  ! {one.number} {one.act} {clock.local(one.due_at):%Y-%m-%d %H:%M:%S}" for one in found.lines]
    verdict = ("一件不漏，没有重复。", "Nothing is missing, nothing was done twice.") if found.holds else (
        "有漏办或重复的。", "Something is missing or was done twice."
    )
    return [*lines, verdict[lang == "en"]]


COMMANDS = {"reminders-proof": reminders_proof}
