"""`hotline due`: what a promise comes to, and why, without a database: the seed calendar and the default profiles."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sla.calendar import Calendar


@click.command()
@click.option("--profile", required=True, help="时限档案，如 STD5 / clock profile, such as STD5")
@click.option("--from", "start", required=True, help="起点，如 2026-02-13T10:00+08:00 / the start, with its zone")
@click.option("--stage", default="finish", show_default=True, help="环节 / stage")
@click.option("--json", "as_json", is_flag=True, help="机器可读 / for machines")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
def due(profile: str, start: str, stage: str, lang: str, *, as_json: bool) -> None:
    """某个时限到哪一刻，怎么算的：照随附的日历和默认时限。/ When a promise is due, and how that was counted.

    By the calendar and numbers shipped; what a city changed is under Administration → Rules and Calendar.
    """
    from hotline import clock
    from sla import explain, targets

    try:
        moment = clock.utc(datetime.fromisoformat(start))
    except ValueError:
        message = "写成 2026-02-13T10:00+08:00，带时区 / write it so, with its zone"
        raise click.BadParameter(message, param_hint="--from") from None
    days = _calendar()
    try:
        promise = targets.due(days, profile, stage, moment)
    except KeyError:
        known = ", ".join(sorted(targets.PROFILES))
        message = f"“{profile}”没有“{stage}”这个时限 / no such promise; profiles: {known}"
        raise click.BadParameter(message, param_hint="--profile/--stage") from None
    said = explain.explain(days, promise)
    at = clock.local(promise.due_at)
    if as_json:
        answer = {"due": at.isoformat(), "provisional": promise.provisional, "explanation": said.in_(lang)}
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    click.echo(f"{at:%Y-%m-%d %H:%M}  {said.in_(lang)}")


def _calendar() -> Calendar:
    from hotline import seeds
    from hotline.city_nouns import Day
    from hotline.errors import Say
    from sla.calendar import Calendar

    columns, records = seeds.rows("calendar.csv")
    days: dict[date, Day] = {}
    for record in records:
        row = dict(zip(columns, record, strict=True))
        days[row["day"]] = Day(is_working=row["is_working"], name=Say(row["name_zh"], row["name_en"]))
    return Calendar(days)


COMMANDS = {"due": due}
