"""A requester's own proof: their case's public history with what anybody needs to check it against the sealed roots.

No staff, no notes, nobody else's words: what is not theirs stands as a hash, so that nothing can be missing or added
unseen. The format is docs/exchange.md's; ``cases/offline.py`` checks it with nothing but Python.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from cases import chain, ledger, seals, shown, track, views
from cases.events import Dispatched, Erased, decode
from cases.events_merge import Merged, Unmerged
from cases.file import Entry
from cases.own import Own
from cases.own import entries as own_entries
from cases.rows import RequestRow
from cases.seals import Root, SealRow
from hotline import clock, db, vault
from hotline.errors import not_found

FORMAT = "hotline.proof.1"
_SEAL = f"""
    SELECT {seals.SEAL_COLUMNS} FROM ledger_seal WHERE log = $1 AND first_position <= $2
    ORDER BY first_position DESC LIMIT 1
"""
_MERGES = "SELECT kind, data FROM case_event WHERE case_id = $1 AND kind IN ('merged', 'unmerged') ORDER BY seq"
_LEAVES = "SELECT hash FROM case_event WHERE log = $1 AND position BETWEEN $2 AND $3 ORDER BY position"


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where an event stands in its log: in which seal, at which position, and the way up to the seal's root."""

    log: str
    position: int
    seal: int
    path: list[str]


class Opened(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A text with the salt that opens its commitment, or the rule under which it was erased."""

    value: str | None = None
    salt: str | None = None
    erased: str | None = None


class Shown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An event that the requester may read: its shown parts, and the commitments of those that are not.

    Else only ``seq`` with ``body``; with ``hash`` for one from before events had parts.
    """

    seq: int
    kind: str = ""
    version: int = 0
    at: str = ""
    actor_kind: str = ""
    parts: list[dict[str, str]] = []
    hidden: list[str] = []
    texts: dict[str, Opened] = {}
    body: str = ""
    hash: str = ""
    place: Place | None = None


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """The city's word for how long the chain was at that moment."""

    at: str
    key: str
    signature: str


class Chain(msgspec.Struct, frozen=True, kw_only=True):
    """One case that the request was on: all of its events in order, and the signed end."""

    case: UUID
    last_seq: int
    last_hash: str
    signed: Signed
    events: list[Shown]


class OwnProof(msgspec.Struct, frozen=True, kw_only=True):
    """The file. ``keys`` and ``roots`` are what the city says of itself; whoever checks has them from elsewhere too."""

    format: str
    number: str
    made_at: str
    chains: list[Chain]
    roots: list[Root]
    keys: dict[str, str]


class _Seals:
    """The seals that a proof's places need, with their leaves, each read once."""

    def __init__(self, connection: db.Connection) -> None:
        self._connection = connection
        self._leaves: dict[tuple[str, int], list[bytes]] = {}
        self.rows: dict[tuple[str, int], SealRow] = {}

    async def place(self, log: str, position: int) -> Place | None:
        """Where this position is sealed; None when no seal covers it yet."""
        row = next((one for one in self.rows.values() if one.log == log and _covers(one, position)), None)
        if row is None:
            record = await self._connection.fetchrow(_SEAL, log, position)
            row = SealRow(**record) if record is not None else None
            if row is None or not _covers(row, position):
                return None
            found = await self._connection.fetch(_LEAVES, log, row.first_position, row.last_position)
            self.rows[log, row.no] = row
            self._leaves[log, row.no] = [chain.leaf(one["hash"]) for one in found]
        steps = await asyncio.to_thread(chain.path, self._leaves[log, row.no], position - row.first_position)
        return Place(log=log, position=position, seal=row.no, path=[one.hex() for one in steps])


def _covers(seal: SealRow, position: int) -> bool:
    return seal.first_position <= position <= seal.last_position


async def made(number: str) -> OwnProof:
    """The proof of the receipt ``number``, under one snapshot. The 404 refusal when no case has it (yet)."""
    async with db.reading() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        case_id = await connection.fetchval("SELECT case_id FROM request WHERE receipt_no = $1", number)
        file = await views.read(connection, case_id) if case_id is not None else None
        request = file.request_no(number) if file is not None else None
        if file is None or request is None:
            raise not_found()
        open_to = _open_to(await own_entries(connection, file, request), request)
        walk, now, chains = _Seals(connection), clock.now(), []
        for one, until in (await _ways(connection, request.home_id or case_id)).items():
            entries = (await ledger.entries(connection, one))[:until]
            events = await _shown(walk, entries, request, open_to)
            chains.append(_signed(number, now, one, events, entries[-1].row.hash))
    roots = sorted((seals.root_of(one) for one in walk.rows.values()), key=lambda one: (one.log, one.no))
    return OwnProof(
        format=FORMAT, number=number, made_at=chain.moment(now), chains=chains, roots=roots,
        keys={key: public.hex() for key, public in vault.public_keys().items()},
    )  # fmt: skip


def _open_to(own: Own, request: RequestRow) -> set[tuple[UUID, int]]:
    """The entries that this requester's page tells of; a unit's result only once it was given as the answer."""
    answers = {(one.row.case_id, one.row.seq) for one, _ in track.answers_of(own.answers)}
    leads = {one.event.unit for one in (*own.story, *own.answers) if isinstance(one.event, Dispatched)}
    return {(one.row.case_id, one.row.seq) for one in own.story if shown.is_told(one, request, leads)} | answers


async def _ways(connection: db.Connection, home: UUID) -> dict[UUID, int | None]:
    """The cases that the request was on, home first: each whole, or up to the entry with which it was taken out."""
    ways: dict[UUID, int | None] = {home: None}
    for row in await connection.fetch(_MERGES, home):
        event = decode(row["kind"], row["data"])
        if isinstance(event, Merged):
            ways[event.into] = None
        elif isinstance(event, Unmerged):
            ways[event.parent] = event.seq
    return ways


async def _shown(
    walk: _Seals, entries: Sequence[Entry], request: RequestRow, open_to: set[tuple[UUID, int]]
) -> list[Shown]:
    last = max((one.row.seq for one in entries if one.row.position is not None), default=0)
    own = [one for one in entries if (one.row.case_id, one.row.seq) in open_to]
    gone = {(one.row.seq, name) for one in own for name in shown.texts_of(one, request) if one.texts[name].erased_at}
    events: list[Shown] = []
    for entry in entries:
        is_open = (entry.row.case_id, entry.row.seq) in open_to or (
            isinstance(entry.event, Erased) and not gone.isdisjoint(entry.event.erased)
        )
        place, is_old = None, entry.row.salt is None  # of which a proof has nothing but the place
        if entry.row.position is not None and (is_open or is_old or entry.row.seq == last):
            place = await walk.place(entry.row.log, entry.row.position)
        events.append(_event(entry, request, place, is_open=is_open))
    return events


def _event(entry: Entry, request: RequestRow, place: Place | None, *, is_open: bool) -> Shown:
    row = entry.row
    if row.salt is None:
        return Shown(seq=row.seq, hash=row.hash.hex(), place=place)
    parts = chain.parts(row.salt, row.actor, row.unit, row.data)
    if not is_open:
        made = [one.commitment for one in parts]
        body = chain.body_hash(row.kind, row.version, chain.moment(row.at), row.actor_kind, made)
        return Shown(seq=row.seq, body=body.hex(), place=place)
    texts = shown.texts_of(entry, request)
    names = shown.fields_of(entry, request) | {f"texts.{name}" for name in texts}
    return Shown(
        seq=row.seq, kind=row.kind, version=row.version, at=chain.moment(row.at), actor_kind=row.actor_kind,
        parts=[one._asdict() for one in parts if one.name in names],
        hidden=sorted(one.commitment for one in parts if one.name not in names),
        texts=_texts(entry, texts), place=place,
    )  # fmt: skip


def _texts(entry: Entry, names: Sequence[str]) -> dict[str, Opened]:
    found: dict[str, Opened] = {}
    for name in names:
        text = entry.texts[name]
        if text.salt is None:
            found[name] = Opened(erased=text.erased_rule)
        else:
            found[name] = Opened(value=text.value, salt=text.salt.hex())
    return found


def _signed(number: str, at: datetime, case_id: UUID, events: list[Shown], last_hash: bytes) -> Chain:
    digest = chain.head_hash(case_id, number, len(events), last_hash, at)
    signed = Signed(at=chain.moment(at), key=vault.signing_key_id(), signature=vault.sign(digest).hex())
    return Chain(case=case_id, last_seq=len(events), last_hash=last_hash.hex(), signed=signed, events=events)


def written(proof: OwnProof) -> bytes:
    """The proof as the file that one downloads: JSON that a person can read too."""
    return msgspec.json.format(msgspec.json.encode(proof), indent=1) + b"\n"
