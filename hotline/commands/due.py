"""`hotline due`: what a promise comes to, and why: by the city's own calendar and profiles where its database answers.

Without one, by those that are shipped; it says which. The host's zone and clock have no part in it.
"""

from __future__ import annotations

import asyncio
import json
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from hotline.commands.running import data_option

if TYPE_CHECKING:
    from hotline.errors import Say
    from sla.calendar import Calendar
    from sla.explain import Ground
    from sla.targets import Book


class Source(msgspec.Struct, frozen=True):
    """By what it is counted: the calendar, the profiles, the citations of statutes, and where they come from."""

    code: str
    days: Calendar
    book: Book
    laws: dict[str, Say]


@click.command()
@data_option
@click.option("--profile", required=True, help="时限档案，如 STD5 / clock profile, such as STD5")
@click.option("--from", "start", required=True, help="起点，如 2026-02-13T10:00+08:00 / the start, with its zone")
@click.option("--stage", default="finish", show_default=True, help="环节 / stage")
@click.option("--shipped", is_flag=True, help="只用随附的日历和档案 / only what is shipped, not the city's own")
@click.option("--json", "as_json", is_flag=True, help="机器可读 / for machines")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
def due(
    data: Path | None, profile: str, start: str, stage: str, lang: str, *, shipped: bool, as_json: bool
) -> None:
    """某个时限到哪一刻，怎么算的。/ When a promise is due, and how that was counted.

    By the city's own calendar and profiles when its database is set or runs, else by those shipped.
    """
    from hotline import clock
    from sla import explain, targets

    moment = _moment(start)
    source = as_shipped() if shipped else _source(data)
    code = profile.strip().upper()
    try:
        promise = targets.due(source.days, code, stage.strip(), moment, source.book)
    except KeyError:
        raise _unknown(source.book, code, stage) from None
    except (ValueError, OverflowError):
        message = "日历只到 1900 至 2199 年 / the calendar reaches from 1900 to 2199"
        raise click.BadParameter(message, param_hint="--from") from None
    ground = _ground(source, code, stage.strip())
    heading, said = explain.headline(source.days, promise), explain.explain(source.days, promise, (), ground)
    at = clock.local(promise.due_at)
    if as_json:
        click.echo(json.dumps({
            "due": at.isoformat(), "provisional": promise.provisional,
            "explanation": f"{heading.in_(lang)} {said.in_(lang)}", "profile": code, "stage": promise.stage,
            "start": clock.local(moment).isoformat(), "version": ground.version, "source": source.code,
        }, ensure_ascii=False))  # fmt: skip
        return
    click.echo(f"{at:%Y-%m-%d %H:%M}  {heading.in_(lang)}")
    click.echo(said.in_(lang))
    click.echo(_SOURCES[source.code][lang == "en"])


_SOURCES = {
    "city": ("按本市的日历和档案。", "By the city's own calendar and profiles."),
    "shipped": ("按随附的日历和默认档案，没有连数据库。", "By the calendar and profiles shipped, no database."),
}


def _moment(start: str) -> datetime:
    from hotline import clock

    try:
        return clock.utc(datetime.fromisoformat(start.strip()))
    except (ValueError, OverflowError):
        message = "写成 2026-02-13T10:00+08:00，带时区 / write it as 2026-02-13T10:00+08:00, with its zone"
        raise click.BadParameter(message, param_hint="--from") from None


def _unknown(book: Book, profile: str, stage: str) -> click.BadParameter:
    from sla.targets import STAGES

    if profile not in book.profiles:
        known = ", ".join(sorted(book.profiles))
        return click.BadParameter(
            f"没有“{profile}”这个档案，有 {known} / no such profile; there are {known}", param_hint="--profile"
        )
    known = ", ".join(one for one in STAGES if book.target(profile, one) is not None)
    return click.BadParameter(
        f"{profile} 没有“{stage}”这个时限，有 {known} / no such stage; it has {known}",
        param_hint="--stage",
    )


def _ground(source: Source, profile: str, stage: str) -> Ground:
    from sla.explain import Ground

    law = source.laws.get(source.book.profiles[profile].law) if stage == "finish" else None
    return Ground(law=law, version=source.book.version(profile, stage))


def _source(data: Path | None) -> Source:
    """The city's own where its database is set, or runs in the data folder; else what is shipped."""
    from hotline import place

    one = place.of(data)
    if place.is_external(one):
        return asyncio.run(_city())
    from hotline.embedded import Engines

    engines = Engines(one.data_dir)
    if not (engines.postgres.data.exists() and engines.is_up()):
        return as_shipped()
    place.on(engines, one)
    return asyncio.run(_city())


async def _city() -> Source:
    from hotline import city, db
    from sla import calendar, targets

    await db.connect()
    try:
        snapshot = await city.load()
    finally:
        await db.disconnect()
    laws = {code: one.citation for code, one in snapshot.statutes.items()}
    return Source("city", calendar.of(snapshot), targets.of(snapshot), laws)


def as_shipped() -> Source:
    """The calendar, numbers and laws that come with the product."""
    from hotline import seeds
    from hotline.city_nouns import Day
    from hotline.errors import Say
    from sla.calendar import Calendar
    from sla.targets import DEFAULTS

    columns, records = seeds.rows("calendar.csv")
    days: dict[date, Day] = {}
    for record in records:
        row = dict(zip(columns, record, strict=True))
        days[row["day"]] = Day(is_working=row["is_working"], name=Say(row["name_zh"], row["name_en"]))
    return Source("shipped", Calendar(days), DEFAULTS, {})


COMMANDS = {"due": due}
