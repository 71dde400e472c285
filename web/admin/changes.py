"""What every record of administration shares: its versions, what changed from what to what, and who did it when."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, TypeVar

import msgspec

from hotline import acts, city, clock, db, people
from hotline.actor import Actor
from hotline.errors import Refusal, Say, conflict, not_found
from web import trying
from web.forms import Form

S = TypeVar("S", bound=msgspec.Struct)
Row = dict[str, Any]

VERSIONED = {"unit": "code", "matter": "code", "line": "number"}
"""Tables of the city whose rows are versions from a day on, and the column that names the record."""


async def versions(connection: db.Connection, table: str, key: str) -> list[Row]:
    """Every version of a record, the latest first. A 404 refusal when there is none."""
    rows = await connection.fetch(f"SELECT * FROM {table} WHERE {VERSIONED[table]} = $1 ORDER BY valid_from DESC", key)
    if not rows:
        raise not_found()
    return [dict(row) for row in rows]


async def used(connection: db.Connection, column: str) -> dict[str, tuple[int, int]]:
    """How many cases there are by a column's value: open now, and opened within 30 days. Never the whole table."""
    rows = await connection.fetch(
        f"""SELECT value, sum(open)::int AS open, sum(recent)::int AS recent FROM (
            SELECT {column} AS value, count(*) AS open, 0 AS recent FROM cases WHERE is_open GROUP BY 1
            UNION ALL SELECT {column}, 0, count(*) FROM cases WHERE opened_at > $1 GROUP BY 1
        ) AS counted WHERE value IS NOT NULL GROUP BY 1""",
        clock.now() - timedelta(days=30),
    )
    return {row["value"]: (row["open"], row["recent"]) for row in rows}


def mark(*rows: Mapping[str, Any]) -> str:
    """What a form carries to notice that somebody else changed the record since it was drawn."""
    return hashlib.sha256(repr([sorted(row.items()) for row in rows]).encode()).hexdigest()[:16]


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[str]]:
    """Each field that changes: the text it had and the text it gets."""
    return {
        name: [_text(before.get(name)), _text(value)]
        for name, value in after.items()
        if _text(before.get(name)) != _text(value)
    }


async def unchanged(connection: db.Connection, subject: str, given: str, now: str) -> None:
    """Refuse with 409, naming who and when, if the record is no longer as the form had it."""
    if given == now:
        return
    last = next(iter(await acts.recent(connection, subject=subject, limit=1)), None)
    names = await people.names({last.actor}) if last else {}
    who = names.get(last.actor, "") if last else ""
    at = f"{clock.local(last.at):%H:%M}" if last else ""
    raise conflict(
        "changed_meanwhile",
        f"{who or '别人'} {at} 刚改过，您写的还在下面。请看变更记录，再点一次就按您写的保存。",
        f"{who or 'Somebody'} changed this at {at}. What you wrote is kept below; see the history, then save again.",
    )


async def tried(form: Form[S], do: Callable[[S], Awaitable[None]]) -> int:
    """``trying.tried`` where nothing comes of it but the status: 200, 422 or 409."""
    return (await trying.tried(form, do))[0]


def is_preview(form: Form[Any]) -> bool:
    """Whether the person asked first what the change would move."""
    return form.text("step") == "preview"


async def note(
    connection: db.Connection,
    actor: Actor,
    kind: str,
    subject: str,
    changed: Mapping[str, Sequence[str]],
    *,
    on: date | None = None,
    **more: object,
) -> None:
    """Note a change of reference data in its own transaction: what it was, what it is, from which day."""
    data: dict[str, object] = {"changed": dict(changed), **more}
    if on is not None:
        data["on"] = on.isoformat()
    await acts.note(connection, actor, kind, subject, data)


async def renew() -> None:
    """This process reads the city anew after the commit; the others do within seconds."""
    await city.refresh()


def nothing() -> Refusal:
    """The form says what is there already."""
    say = Say("没有改动：写的和现在一样。", "Nothing to save: it says what is there already.")
    return Refusal(422, "unchanged", say)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return " ".join(str(one) for one in value)
    return str(value)
