"""Open data: a month is frozen, made anonymous, looked at, published by a second person; taken down it leaves a stone.

What is published of a month never grows: late arrivals stay out, and another version has the same rows or fewer, whole
classes at a time (sla/anonymity.py). The files are kept as they were published, byte for byte.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import ClassVar
from uuid import UUID

import msgspec

from hotline import acts, city, clock, db
from hotline.errors import Refusal, Say, conflict, invalid, not_found
from hotline.ids import new_id
from hotline.permissions import demand, refused
from hotline.work import ORDER, Row, Work
from sla import opendata_files, opendata_rows
from sla.anonymity import LEAST, Case, Result, anonymous, without
from sla.opendata_rows import excluded_now, taken

ORDER += ["opendata_release", "opendata_file"]
NEED = "figures.export"
STATES: dict[str, Say] = {
    "draft": Say("待发布", "To be published"),
    "published": Say("已发布", "Published"),
    "refused": Say("不发布", "Not published"),
    "withdrawn": Say("已撤下", "Taken down"),
}


class ReleaseRow(Row, kw_only=True):
    """One version of a month. ``frozen`` is what its files are made of; it never leaves the house."""

    table: ClassVar[str] = "opendata_release"

    id: UUID
    month: date
    version: int
    state: str = "draft"
    made_at: datetime
    made_by: UUID
    k: int
    harsh_share: int
    licence: str
    frozen: bytes
    frozen_hash: str
    report: str
    decided_at: datetime | None = None
    decided_by: UUID | None = None
    reason: str | None = None
    withdrawn_at: datetime | None = None
    withdrawn_by: UUID | None = None

    @property
    def name(self) -> str:
        """As 2026-10."""
        return f"{self.month:%Y-%m}"

    @property
    def told(self) -> Report:
        """The figures of its anonymity."""
        return msgspec.json.decode(self.report, type=Report)


class FileRow(Row, kw_only=True):
    """One file as it was made."""

    table: ClassVar[str] = "opendata_file"
    identity: ClassVar[tuple[str, ...]] = ("release_id", "name")
    is_final: ClassVar[bool] = True

    release_id: UUID
    name: str
    data: bytes
    sha256: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """How the rows came to be as they are: by step, left out, grades withheld, people behind the smallest class."""

    rows: int
    classes: int
    by_step: dict[str, int]
    suppressed: int
    withheld: int
    smallest: int


class Frozen(msgspec.Struct, frozen=True):
    """What a version is made of."""

    cases: list[Case]
    names: dict[str, dict[str, tuple[str, str]]]


COLUMNS = ", ".join(ReleaseRow.__struct_fields__)
_LIST = COLUMNS.replace("frozen,", "''::bytea AS frozen,")
_PUBLIC = f"SELECT {_LIST} FROM opendata_release WHERE state IN ('published', 'withdrawn')"


def first_day(text: str) -> date:
    """The month ``2026-10``. Raises the 422 refusal for anything else."""
    try:
        found = datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a month of the calendar, no moment
    except ValueError:
        found = date.min
    if not 2000 <= found.year < 9000:
        say = Say("月份请写成 2026-10 这样。", "Write a month like 2026-10.")
        raise invalid({"month": say})
    return found


def next_month(month: date) -> date:
    """The first day of the month after."""
    return (month + timedelta(days=32)).replace(day=1)


async def make(work: Work, month: date) -> ReleaseRow:
    """Freeze a month and make its files. 422 while its outcomes are not yet in, 409 when there is one already."""
    demand(work.actor, NEED)
    rule = city.current().rule
    ready = next_month(month) + timedelta(days=int(rule("opendata.after_days")))
    if clock.local_day(work.now) < ready:
        say = Say(f"{month:%Y-%m} 的数据要到 {ready} 才能生成：等结果出来。",
                  f"{month:%Y-%m} can be made from {ready} on, once its outcomes are in.")  # fmt: skip
        raise Refusal(422, "too_early", say, fields={"month": say})
    await work.connection.execute("SELECT pg_advisory_xact_lock(hashtext('opendata'))")
    before = await _versions(work.connection, month)
    if any(one.state in ("draft", "published") for one in before):
        raise conflict("there", "这个月已有一份，要先撤下或不发布。", "There is one of this month: take it down first.")
    base = next((one for one in before if one.withdrawn_at is not None), None)
    k, share = max(LEAST, int(rule("opendata.k"))), int(rule("opendata.harsh_share"))
    if base is not None:
        k, share = base.k, base.harsh_share
    if base is None:
        cases = await taken(work.connection, month, next_month(month))
    else:
        cases = thawed(base.frozen).cases
        cases = without(cases, await excluded_now(work.connection, [UUID(one.id) for one in cases]), k, share)
    result = anonymous(cases, k, share)
    frozen = zlib.compress(msgspec.json.encode(Frozen(cases, opendata_rows.names_of(cases))), 9)
    row = ReleaseRow(
        id=new_id(), month=month, version=len(before) + 1, made_at=work.now, made_by=work.actor.id, k=k,
        harsh_share=share, licence=str(rule("opendata.licence")), frozen=frozen,
        frozen_hash=sha256(frozen).hexdigest(), report=msgspec.json.encode(_report(result)).decode(),
    )  # fmt: skip
    work.add(row)
    for name, data in files_of(row, result).items():
        work.add(FileRow(release_id=row.id, name=name, data=data, sha256=sha256(data).hexdigest()))
    await noted(work, "opendata_made", row)
    return row


def thawed(frozen: bytes) -> Frozen:
    """The frozen rows again, with the names that their codes had."""
    return msgspec.json.decode(zlib.decompress(frozen), type=Frozen)


def _report(result: Result) -> Report:
    return Report(
        rows=len(result.rows), classes=len(result.classes), by_step=result.by_step, suppressed=result.suppressed,
        withheld=result.withheld, smallest=result.smallest,
    )  # fmt: skip


def files_of(row: ReleaseRow, result: Result | None = None) -> Mapping[str, bytes]:
    """The files of a version, by name: made of its frozen rows alone, the same bytes each time."""
    held = thawed(row.frozen)
    made = result or anonymous(held.cases, row.k, row.harsh_share)
    about = opendata_files.About(
        month=row.name, version=row.version, made_at=row.made_at, k=row.k, licence=row.licence,
        report={**msgspec.to_builtins(_report(made)), "suppressed": _left_out(made.suppressed, row.k)},
    )  # fmt: skip
    return opendata_files.made(made.rows, held.names, about)


def _left_out(n: int, k: int) -> int | str:
    """How many were left out, as the public is told: beside a total from elsewhere a few would be somebody."""
    return n if n == 0 or n >= k else f"<{k}"


async def noted(work: Work, kind: str, row: ReleaseRow) -> None:
    """The act in the log, in the transaction that did it."""
    await work.flush()
    await acts.note(work, work.actor, kind, f"opendata:{row.id}", {"month": row.name, "version": row.version})


async def opened(work: Work, identifier: UUID) -> ReleaseRow:
    """A version, locked and tracked. 404 when there is none."""
    sql = f"SELECT {COLUMNS} FROM opendata_release WHERE id = $1 FOR UPDATE"
    found = await work.connection.fetchrow(sql, identifier)
    if found is None:
        raise not_found()
    work.waited()
    row = ReleaseRow(**found)
    work.track(row)
    return row


async def decide(work: Work, row: ReleaseRow, *, is_good: bool, reason: str = "") -> None:
    """Publish it or not; never by who made it, never below k. 409 when it was decided, 422 without a reason not to."""
    demand(work.actor, NEED)
    if row.made_by == work.actor.id:
        raise refused(NEED)
    if row.state != "draft":
        raise conflict("decided", "这一份已有结果，请看最新状态。", "This was decided already; look at its state.")
    if not is_good and not reason.strip():
        raise invalid({"reason": Say("不发布要写明理由。", "Say why it is not published.")})
    if is_good and row.told.rows and row.told.smallest < row.k:
        raise conflict("not_anonymous", "有一类不足 k 人，不能发布。", "A class has fewer people than k.")
    if is_good and await excluded_now(work.connection, [UUID(one.id) for one in thawed(row.frozen).cases]):
        say = Say("生成以后，里面有的撤回了或不能公开了。请点“不发布”，再重新生成。",
                  "Since it was made, some of it was withdrawn or closed. Refuse it, and make it again.")  # fmt: skip
        raise Refusal(409, "no_longer_open", say)
    row.state = "published" if is_good else "refused"
    row.decided_at, row.decided_by, row.reason = work.now, work.actor.id, reason.strip() or None
    await noted(work, f"opendata_{row.state}", row)


async def withdraw(work: Work, row: ReleaseRow, reason: str) -> None:
    """Take it down with a reason that everybody reads; the stone stays."""
    demand(work.actor, NEED)
    if row.state != "published":
        raise conflict("not_published", "没有发布，撤不了。", "It is not published.")
    if not reason.strip():
        raise invalid({"reason": Say("撤下要写明理由，公众会看到。", "Say why; the public reads it.")})
    row.state, row.withdrawn_at, row.withdrawn_by, row.reason = "withdrawn", work.now, work.actor.id, reason.strip()
    await noted(work, "opendata_withdrawn", row)


async def _versions(connection: db.Connection, month: date) -> list[ReleaseRow]:
    rows = await connection.fetch(
        f"SELECT {COLUMNS} FROM opendata_release WHERE month = $1 ORDER BY version DESC", month
    )
    return [ReleaseRow(**row) for row in rows]


async def listed(connection: db.Connection) -> list[ReleaseRow]:
    """Every version for those who make them, newest month first, without its frozen rows."""
    sql = f"SELECT {_LIST} FROM opendata_release ORDER BY month DESC, version DESC LIMIT 200"
    return [ReleaseRow(**row) for row in await connection.fetch(sql)]


async def public(connection: db.Connection) -> list[ReleaseRow]:
    """What is in the open, newest month first, and what was taken down."""
    rows = await connection.fetch(f"{_PUBLIC} ORDER BY month DESC, version DESC")
    return [ReleaseRow(**row) for row in rows]


async def one(connection: db.Connection, identifier: UUID) -> ReleaseRow:
    """A version whole, or the 404 refusal."""
    found = await connection.fetchrow(f"SELECT {COLUMNS} FROM opendata_release WHERE id = $1", identifier)
    if found is None:
        raise not_found()
    return ReleaseRow(**found)


async def files(connection: db.Connection, ids: list[UUID]) -> dict[UUID, list[tuple[str, int, str]]]:
    """Name, size and SHA-256 of each version's files."""
    sql = "SELECT release_id, name, length(data) AS size, sha256 FROM opendata_file WHERE release_id = ANY($1)"
    found: dict[UUID, list[tuple[str, int, str]]] = {}
    for row in await connection.fetch(f"{sql} ORDER BY name", ids):
        found.setdefault(row["release_id"], []).append((row["name"], row["size"], row["sha256"]))
    return found


async def file(connection: db.Connection, month: date, name: str) -> bytes:
    """A published file. 404 when there is none, 410 with the reason when it was taken down."""
    release = await connection.fetchrow(f"{_PUBLIC} AND month = $1 ORDER BY version DESC LIMIT 1", month)
    if release is None:
        raise not_found()
    if release["state"] == "withdrawn":
        why = release["reason"]
        say = Say(f"这个月的数据已撤下：{why}", f"The data of this month were taken down: {why}")
        raise Refusal(410, "taken_down", say)
    return await file_of(connection, release["id"], name)


async def file_of(connection: db.Connection, release: UUID, name: str) -> bytes:
    """A file of a version, as it was made; the 404 refusal for a name that it has not."""
    sql = "SELECT data FROM opendata_file WHERE release_id = $1 AND name = $2"
    data: bytes | None = await connection.fetchval(sql, release, name)
    if data is None:
        raise not_found()
    return data
