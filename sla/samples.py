"""Samples of return visits and of closed cases: drawn by the system, kept with all that it takes to draw them again."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from cases import scope
from hotline import acts, clock, db, serials
from hotline.actor import Actor
from hotline.errors import Say, conflict, invalid, not_found
from hotline.ids import new_id
from hotline.work import Work
from sla import sampling

KINDS: dict[str, Say] = {
    "visits": Say("回访复核", "Audit of return visits"),
    "cases": Say("结案抽查", "Spot check of closed cases"),
}
STRATA: dict[str, Say] = {
    "none": Say("不分层", "Not stratified"),
    "caller": Say("每个回访员分别抽", "From each caller"),
    "unit": Say("每个单位分别抽", "From each unit"),
}
WANTED: dict[str, Say] = {"count": Say("件", "items"), "share": Say("%", "%")}
OUTCOMES: dict[str, Say] = {
    "solved": Say("已解决", "Solved"),
    "unsolved": Say("没解决", "Not solved"),
    "satisfied": Say("满意", "Satisfied"),
    "dissatisfied": Say("不满意", "Dissatisfied"),
}
MOST = 50_000
"""Items of a frame: a year of a small city; a larger population is narrowed."""
MOST_DRAWN = 5_000
"""Items that anybody could still re-check."""
_VISITS = """
    SELECT v.id AS item, v.case_id, CASE {strata} WHEN 'caller' THEN v.visitor::text
        WHEN 'unit' THEN coalesce(c.lead_unit, '-') ELSE '-' END AS stratum
    FROM visit v JOIN cases c ON c.id = v.case_id JOIN person p ON p.id = v.visitor
    JOIN request r ON r.id = v.request_id
    WHERE v.outcome = 'reached' AND r.state <> 'erased' AND v.at >= {since} AND v.at < {until} AND {scope}
"""
_CASES = """
    SELECT c.id AS item, c.id AS case_id,
        CASE {strata} WHEN 'unit' THEN coalesce(c.lead_unit, '-') ELSE '-' END AS stratum
    FROM cases c WHERE c.state IN ('closed', 'archived') AND c.lead_unit IS NOT NULL AND c.closed_at >= {since}
        AND c.closed_at < {until} AND {scope} AND EXISTS (SELECT FROM request r WHERE r.case_id = c.id
        AND r.state NOT IN ('erased', 'withdrawn'))
"""
_NARROWED = {
    "caller": "v.visitor = {}::text::uuid",
    "unit": "c.lead_unit = {}",
    "matter": "left(c.matter, length({0})) = {0}",
}
_OUTCOMES = {
    "visits": {
        "solved": "v.is_solved", "unsolved": "NOT v.is_solved", "satisfied": "v.grade = 'satisfied'",
        "dissatisfied": "v.grade = 'dissatisfied'",
    },
    "cases": {
        "solved": "c.close_reason = 'resolved'", "unsolved": "c.close_reason <> 'resolved'",
        "satisfied": "EXISTS (SELECT FROM request q WHERE q.case_id = c.id AND q.final_grade = 'satisfied')",
        "dissatisfied": "EXISTS (SELECT FROM request q WHERE q.case_id = c.id AND q.final_grade = 'dissatisfied')",
    },
}  # fmt: skip
_ROOT = "SELECT no, root FROM ledger_seal WHERE log = 'p' ORDER BY no DESC LIMIT 1"


class Criteria(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whom a sample is of: whole local days ``since`` to ``until``, and what narrows it ("" does not)."""

    since: date
    until: date
    caller: str = ""
    unit: str = ""
    matter: str = ""
    outcome: str = ""
    units: tuple[str, ...] = ()


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One draw, as it is on record for good."""

    id: UUID
    number: str
    kind: str
    inspection_id: UUID | None
    criteria: Criteria
    wanted: str
    amount: Decimal
    strata: str
    algorithm: str
    root: str
    root_no: int | None
    nonce: str
    seed: str
    frame_size: int
    frame_hash: str
    drawn_size: int
    drawn_at: datetime
    drawn_by: UUID

    @property
    def asked(self) -> sampling.Wanted:
        """How many were wanted."""
        return sampling.Wanted(self.wanted, float(self.amount))


class Framed(NamedTuple):
    """One item of a frame."""

    item: UUID
    case_id: UUID
    stratum: str


COLUMNS = ", ".join(Sample.__struct_fields__)


async def population(
    connection: db.Connection, actor: Actor, kind: str, criteria: Criteria, strata: str
) -> list[Framed]:
    """The frame: everything that the criteria name within the actor's scope, in the order of its ids."""
    where, args = scope.condition(actor)

    def place(value: object, as_: str = "") -> str:
        args.append(value)
        return f"${len(args)}{as_}"

    sql = (_VISITS if kind == "visits" else _CASES).format(
        strata=place(strata, "::text"), since=place(clock.on(criteria.since)),
        until=place(clock.on(criteria.until + timedelta(days=1))), scope=where,
    )  # fmt: skip
    for name, text in _NARROWED.items():
        if (value := getattr(criteria, name)) and not (name == "caller" and kind == "cases"):
            sql += " AND " + text.format(place(value, "::text"))
    if criteria.units:
        sql += f" AND c.lead_unit = ANY({place(list(criteria.units), '::text[]')})"
    if criteria.outcome:
        sql += " AND " + _OUTCOMES[kind][criteria.outcome]
    rows = await connection.fetch(f"{sql} ORDER BY 1 LIMIT {MOST + 1}", *args)
    return [Framed(**row) for row in rows]


async def draw(
    work: Work, *, kind: str, criteria: Criteria, wanted: sampling.Wanted, strata: str, inspection: UUID | None = None
) -> Sample:
    """Fix the frame, make the seed, draw, and keep it all in one transaction. 409 for an empty or a huge population."""
    if criteria.until < criteria.since:
        raise invalid({"until": Say("最后一天不能早于第一天。", "The last day is before the first.")})
    frame = await population(work.connection, work.actor, kind, criteria, strata)
    if not frame:
        raise conflict("empty_frame", "按这些条件没有可抽的，请放宽。", "Nothing matches these criteria; widen them.")
    if len(frame) > MOST:
        raise conflict(
            "large_frame", f"超过 {MOST} 件，请缩短时间段。", f"More than {MOST} items; take a shorter period."
        )
    year = clock.local_day(work.now).year
    number = f"抽样〔{year}〕{await serials.following(work.connection, 'sample', year)}号"
    sealed = await work.connection.fetchrow(_ROOT)
    root, root_no = (sealed["root"].hex(), sealed["no"]) if sealed else ("", None)
    nonce = secrets.token_hex(16)
    seed = sampling.seed_of(root, number, nonce)
    chosen = set(sampling.drawn({str(f.item): f.stratum for f in frame}, seed, wanted, by_stratum=strata != "none"))
    if len(chosen) > MOST_DRAWN:
        raise conflict(
            "large_sample",
            f"会抽中 {len(chosen)} 件，最多 {MOST_DRAWN} 件。",
            f"That draws {len(chosen)} items; {MOST_DRAWN} at most.",
        )
    row = Sample(
        id=new_id(), number=number, kind=kind, inspection_id=inspection, criteria=criteria, wanted=wanted.kind,
        amount=Decimal(str(wanted.amount)), strata=strata, algorithm=sampling.ALGORITHM, root=root, root_no=root_no,
        nonce=nonce, seed=seed, frame_size=len(frame), frame_hash=sampling.frame_hash(_lines(frame)),
        drawn_size=len(chosen), drawn_at=work.now, drawn_by=work.actor.id,
    )  # fmt: skip
    await _keep(work, row, frame, chosen)
    return row


async def _keep(work: Work, row: Sample, frame: Sequence[Framed], chosen: set[str]) -> None:
    values = {**msgspec.structs.asdict(row), "criteria": msgspec.json.encode(row.criteria).decode()}
    places = ", ".join(f"${n}" for n in range(1, len(values) + 1))
    await work.connection.execute(f"INSERT INTO sample ({COLUMNS}) VALUES ({places})", *values.values())
    await work.connection.copy_records_to_table(
        "sample_frame",
        records=[(row.id, n, f.item, f.case_id, f.stratum, str(f.item) in chosen) for n, f in enumerate(frame, 1)],
        columns=("sample_id", "position", "item", "case_id", "stratum", "is_drawn"),
    )
    await acts.note(
        work, work.actor, "sample_drawn", f"sample:{row.number}",
        {"seed": row.seed, "frame": row.frame_hash, "size": row.frame_size, "drawn": row.drawn_size},
    )  # fmt: skip


def _lines(frame: Sequence[Framed]) -> list[tuple[str, str]]:
    return [(str(one.item), one.stratum) for one in frame]


async def found(connection: db.Connection, sample: UUID) -> Sample:
    """The sample; the 404 refusal when there is none."""
    row = await connection.fetchrow(f"SELECT {COLUMNS} FROM sample WHERE id = $1", sample)
    if row is None:
        raise not_found()
    return _plain(row)


def _plain(row: Any) -> Sample:
    return Sample(**{**dict(row), "criteria": msgspec.json.decode(row["criteria"], type=Criteria)})


async def listed(
    connection: db.Connection, *, inspection: UUID | None = None, limit: int = 200
) -> list[tuple[Sample, int]]:
    """The last samples (of one plan), each with how many of its items are re-checked; also those left unused."""
    rows = await connection.fetch(
        f"SELECT {COLUMNS}, (SELECT count(*) FROM recheck r WHERE r.sample_id = s.id AND r.outcome <> 'unreached')::int"
        " AS done FROM sample s WHERE $1::uuid IS NULL OR inspection_id = $1 ORDER BY drawn_at DESC, id LIMIT $2",
        inspection, limit,
    )  # fmt: skip
    return [(_plain({k: v for k, v in row.items() if k != "done"}), row["done"]) for row in rows]


async def frame_of(connection: db.Connection, sample: UUID) -> list[tuple[Framed, bool]]:
    """The frame as it was fixed, in order, each item with whether it was drawn."""
    rows = await connection.fetch(
        "SELECT item, case_id, stratum, is_drawn FROM sample_frame WHERE sample_id = $1 ORDER BY position", sample
    )
    return [(Framed(row["item"], row["case_id"], row["stratum"]), row["is_drawn"]) for row in rows]


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """A sample drawn again: what was compared and whether it is the same; how the population has changed since."""

    seed: bool
    root: bool | None
    frame: bool
    draw: bool
    gone: int
    new: int

    @property
    def is_same(self) -> bool:
        """Everything that is on record follows from what is on record."""
        return self.seed and self.root is not False and self.frame and self.draw


async def redraw(connection: db.Connection, actor: Actor, sample: Sample) -> Proof:
    """Draw it once more from its own record: seed from root and nonce, root as sealed, frame by its hash, the items."""
    kept = await frame_of(connection, sample.id)
    sealed = None
    if sample.root_no is not None:
        sealed = await connection.fetchval("SELECT root FROM ledger_seal WHERE log = 'p' AND no = $1", sample.root_no)
    strata = {str(one.item): one.stratum for one, _ in kept}
    again = sampling.drawn(strata, sample.seed, sample.asked, by_stratum=sample.strata != "none")
    now = {one.item for one in await population(connection, actor, sample.kind, sample.criteria, sample.strata)}
    then = {one.item for one, _ in kept}
    return Proof(
        seed=sampling.seed_of(sample.root, sample.number, sample.nonce) == sample.seed,
        root=None if sample.root_no is None else (sealed or b"").hex() == sample.root,
        frame=sampling.frame_hash(_lines([one for one, _ in kept])) == sample.frame_hash,
        draw=set(again) == {str(one.item) for one, is_drawn in kept if is_drawn},
        gone=len(then - now), new=len(now - then),
    )  # fmt: skip
