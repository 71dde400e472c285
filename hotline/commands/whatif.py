"""`hotline simulate-promises`: real history under another profile, calendar or staffing, from our cases or a CSV."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from hotline import place
from hotline.commands.running import data_option

if TYPE_CHECKING:
    from sla.replay import Outcome
    from sla.replay_file import Shape
    from sla.replay_scenario import Scenario

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_DAY = click.DateTime(["%Y-%m-%d"])


@click.command("simulate-promises")
@click.option("--profile", type=_FILE, help="时限档案，TOML 或 JSON / profiles, TOML or JSON")
@click.option("--calendar", type=_FILE, help="日历改动，TOML 或 JSON / changes of the calendar")
@click.option("--staff", help="人数，或 CSV：unit,handlers,now,capacity / hands, or a CSV")
@click.option("--order", type=click.Choice(["as_was", "fifo", "due"]), default="as_was", show_default=True,
              help="改人力时谁先办 / who is served first when hands change")  # fmt: skip
@click.option("--from", "since", type=_DAY, required=True, help="从哪天 / first day")
@click.option("--to", "until", type=_DAY, required=True, help="到哪天 / last day")
@click.option("--history", type=_FILE, help="CSV 导出；不写则用本库案件 / a CSV export; our own cases without it")
@click.option("--columns", default="", help="opened=OPEN_DT,closed=… 对照表头 / names of the export's columns")
@click.option("--dates", default="", help="日期格式，如 %m/%d/%Y；默认 ISO 8601 / strptime form")
@click.option("--zone", default="Asia/Shanghai", show_default=True, help="导出里的时区 / the export's time zone")
@click.option("--as", "default", default="STD5", show_default=True, help="没写明的按哪个档案 / rows that tell none")
@click.option("--list", "listed", type=click.IntRange(0), default=200, show_default=True,
              help="列出几件 / promises to list")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="机器可读 / for machines")
@data_option
def simulate_promises(since: datetime, until: datetime, *, data: Path | None, as_json: bool, **given: Any) -> None:
    """换一套时限、日历或人力，过去哪些会超期、哪里会积压。/ What if: broken promises and longer queues."""
    one = _scenario(since.date(), until.date(), given)
    if given["history"] is not None:
        outcome = _of_file(one, given["history"], _shape(given), given["listed"])
    else:
        outcome = place.run(data, lambda: _of_database(one, given["listed"]))
    _tell(one, outcome, as_json=as_json)


def _scenario(since: date, until: date, given: dict[str, Any]) -> Scenario:
    from sla import replay_scenario as scenario

    parts: dict[str, Any] = {"order": given["order"]}
    if given["profile"] is not None:
        parts["profiles"] = scenario.read_profiles(_text(given["profile"]))
    if given["calendar"] is not None:
        parts |= scenario.read_calendar(_text(given["calendar"]))
    if given["staff"]:
        file = Path(given["staff"])
        parts["staff"] = scenario.read_staff(_text(file) if file.is_file() else given["staff"])
    return scenario.Scenario(since=since, until=until, **parts)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeError:
        message = f"{path.name} 要用 UTF-8 / must be UTF-8"
        raise click.BadParameter(message) from None


def _shape(given: dict[str, Any]) -> Shape:
    from hotline import seeds
    from sla import replay_file, targets

    pairs = [pair.partition("=") for pair in given["columns"].split(",") if pair.strip()]
    try:
        zone = ZoneInfo(given["zone"])
    except (ZoneInfoNotFoundError, ValueError):
        message = f"没有时区 {given['zone']} / no such time zone"
        raise click.BadParameter(message, param_hint="--zone") from None
    if given["default"] not in targets.PROFILES:
        message = f"没有这个档案，有 / no such profile; there are: {', '.join(targets.PROFILES)}"
        raise click.BadParameter(message, param_hint="--as")
    columns, records = seeds.rows("matters.csv")
    code, profile = columns.index("code"), columns.index("profile")
    return replay_file.Shape(
        columns={name.strip(): column.strip() for name, _, column in pairs}, dates=given["dates"], zone=zone,
        profile=given["default"], matters={row[code]: row[profile] for row in records},
    )  # fmt: skip


def _of_file(one: Scenario, file: Path, shape: Shape, listed: int) -> Outcome:
    """Without a database: the calendar and numbers shipped. What is open counts as late as of the period's end."""
    import msgspec

    from hotline import clock
    from hotline.commands.due import as_shipped
    from sla import replay, replay_file, targets
    from sla import replay_scenario as scenario

    scenario.check(one, targets.DEFAULTS)
    end = datetime.combine(one.until + timedelta(days=1), time(), clock.CITY_ZONE)
    rules = scenario.rules(one, scenario.over(one, as_shipped().days), min(clock.now(), end))
    return replay.replay(replay_file.read(file, shape), msgspec.structs.replace(rules, listed=listed))


async def _of_database(one: Scenario, listed: int) -> Outcome:
    from sla import whatif

    return await whatif.replayed(one, listed=listed)


def _tell(one: Scenario, outcome: Outcome, *, as_json: bool) -> None:
    import msgspec

    from sla import replay_sums

    if as_json:
        whole = {"scenario": one, "outcome": outcome, "units": replay_sums.units(outcome)}
        click.echo(msgspec.json.encode(whole).decode())
        return
    for line in replay_sums.told(outcome):
        click.echo(line)


COMMANDS = {"simulate-promises": simulate_promises}
