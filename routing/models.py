"""Versions of the model in the database: which is live, its figures, and the one that this process answers with."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from hotline import acts, city, clock, db
from hotline.actor import Actor
from hotline.errors import Refusal, Say, not_found
from routing import guess, keeping, starting
from routing.classifier import Classifier
from routing.figures import Figures

log = logging.getLogger(__name__)

PRECISION = "routing.precision"
KEPT = 10
"""Retired versions whose weights are kept, to go back to."""
WHYS: dict[str, Say] = {
    "": Say("随系统带来", "Came with the installation"),
    "better": Say("在留作检验的案件上比当时在用的好", "Better on held-back cases than the one that was live"),
    "not_better": Say("在留作检验的案件上没有比在用的好，不上线", "Not better on held-back cases than the live one"),
    "few": Say("可学的案件还不够", "Not enough cases to learn from yet"),
    "failed": Say("训练没有做完，原因在运行日志里；明晚再试", "Training broke off, the log says why; again tomorrow"),
    "same": Say("自上次训练以来没有新的案件可学", "Nothing new to learn since the last training"),
}
"""Why a version is in the state it is in, by code; anything else is a person's own words."""


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One version with its figures (None before any were taken)."""

    version: str
    source: str
    state: str
    asked_at: datetime
    asked_by: UUID | None
    trained_at: datetime | None
    lessons: int
    figures: Figures | None
    against: str | None
    against_figures: Figures | None
    live_at: datetime | None
    live_by: UUID | None
    why: str
    has_weights: bool

    @property
    def may_go_live(self) -> bool:
        """Whether one may go back to it."""
        return self.state == "retired" and (self.source == "shipped" or self.has_weights)


_COLUMNS = """version, source, state, asked_at, asked_by, trained_at, lessons, figures, against, against_figures,
    live_at, live_by, why, weights IS NOT NULL AS has_weights"""


def _version(row: Any) -> Version:
    found = dict(row)
    for name in ("figures", "against_figures"):
        found[name] = _decoded(found[name], Figures, None)
    return Version(**found)


def _decoded(text: str, kind: Any, instead: Any) -> Any:
    """What a row keeps as JSON; ``instead`` where it has none or another release wrote it in another form."""
    try:
        return msgspec.json.decode(text, type=kind) if text else instead
    except (msgspec.DecodeError, msgspec.ValidationError):
        log.warning("figures of a model cannot be read: they are left out")
        return instead


async def versions(connection: db.Connection, *, before: datetime | None = None, limit: int = 50) -> list[Version]:
    """The live one first, then the newest; at most ``limit``. Those asked for ``before``: by their age alone."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM model WHERE $1::timestamptz IS NULL OR asked_at < $1 "
        "ORDER BY $1 IS NULL AND state = 'live' DESC, asked_at DESC, version LIMIT $2",
        before, limit,
    )  # fmt: skip
    return [_version(row) for row in rows]


async def version(connection: db.Connection, name: str) -> Version:
    """One version. Raises the 404."""
    row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM model WHERE version = $1", name)
    if row is None:
        raise not_found()
    return _version(row)


async def details(connection: db.Connection, name: str) -> tuple[list[dict[str, Any]], list[list[Any]]]:
    """A version's figures by matter (label, n, taken, right), and its commonest mistakes (was, taken for, times)."""
    row = await connection.fetchrow("SELECT per_matter, confused FROM model WHERE version = $1", name)
    if row is None:
        raise not_found()
    return _decoded(row["per_matter"], list[dict[str, Any]], []), _decoded(row["confused"], list[list[Any]], [])


async def put_live(connection: db.Connection, name: str, actor: Actor, why: str) -> None:
    """Put a version in service in place of the live one, in the caller's transaction; noted in the log of acts.

    409 when it is live already, was refused, has no weights any more, or they cannot be read.
    """
    rows = await connection.fetch(f"SELECT {_COLUMNS} FROM model ORDER BY version FOR UPDATE")
    found = {row["version"]: _version(row) for row in rows}
    wanted = found.get(name)
    if wanted is None:
        raise not_found()
    if wanted.state != "candidate" and not wanted.may_go_live:
        raise Refusal(409, "model_not_retired", Say(
            "只能换回用过的版本。", "Only a version that was in service can be put back."))  # fmt: skip
    if wanted.source == "cases":
        await _read(connection, name)
    before = next((one.version for one in found.values() if one.state == "live"), "")
    await connection.execute("UPDATE model SET state = 'retired' WHERE version = $1", before)
    await connection.execute(
        "UPDATE model SET state = 'live', live_at = $2, live_by = $3, why = $4, trained_at = coalesce(trained_at, $2) "
        "WHERE version = $1", name, clock.now(), actor.id, why,
    )  # fmt: skip
    await _thin_out(connection)
    await acts.note(connection, actor, "model_live", f"model:{name}", {"before": before})


async def _read(connection: db.Connection, name: str) -> None:
    try:
        keeping.unpack(await connection.fetchval("SELECT weights FROM model WHERE version = $1", name))
    except keeping.Unreadable:
        say = Say("这个版本的数据读不出来，换别的版本。", "This version cannot be read; choose another.")
        raise Refusal(409, "model_unreadable", say) from None


async def _thin_out(connection: db.Connection) -> None:
    """Weights are megabytes: those of versions long retired go, their figures stay."""
    await connection.execute(
        "UPDATE model SET weights = NULL WHERE weights IS NOT NULL AND state = 'retired' AND version NOT IN ("
        "SELECT version FROM model WHERE state = 'retired' AND weights IS NOT NULL ORDER BY live_at DESC LIMIT $1)",
        KEPT,
    )  # fmt: skip


async def load() -> Classifier:
    """Read the live version and put it in place for this process; the shipped one when it cannot be read."""
    async with db.reading() as connection:
        row = await connection.fetchrow("SELECT version, source, weights FROM model WHERE state = 'live'")
    one = _classifier(row)
    guess.use(one)
    return one


def _classifier(row: Any) -> Classifier:
    if row is not None and row["source"] == "cases":
        try:
            return Classifier(keeping.unpack(row["weights"]), row["version"], _precision())
        except keeping.Unreadable as error:
            log.warning("model %s cannot be read (%s): the shipped one answers", row["version"], error)
            return Classifier(starting.model(), starting.VERSION, None, stands_for=row["version"])
    return Classifier(starting.model(), starting.VERSION, None)


def _precision() -> float:
    return float(city.current().rule(PRECISION)) / 100


async def refresh() -> None:
    """Notice that another version was put in service, or another precision is wanted; else one tiny query."""
    live = guess.current()
    async with db.reading() as connection:
        name = await connection.fetchval("SELECT version FROM model WHERE state = 'live'")
    if not isinstance(live, Classifier) or name != live.stands_for or live.is_outdated(_precision()):
        await load()
