"""One message of one person within a conversation: who they are to us, which requests are theirs, what we said last."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from cases import states
from channels import notify
from channels.heard import Heard, Medium, Position
from channels.rows import ArrivalRow, CorrespondentRow
from hotline import city, vault
from hotline.work import Work

_THEIRS = """
    SELECT q.turn, t.* FROM unnest($1::int[], $2::bytea[], $3::text[]) AS q (turn, address, channel)
    CROSS JOIN LATERAL (
        SELECT r.id, r.receipt_no AS number, r.case_id, r.channel, r.filed_at, r.rated_at, r.is_anonymous,
            r.state AS request_state, r.info_until, r.asked_until, c.info_asked_at, c.state,
            c.closed_at, c.close_reason, c.kind = 'report' OR c.is_confidential AS is_sealed
        FROM request r JOIN cases c ON c.id = r.case_id
        WHERE (r.phone_index = q.address OR r.reply_index = q.address)
            AND (q.channel IN (r.channel, r.reply_by, r.second_by) OR (q.channel = 'sms' AND r.asked_until IS NOT NULL))
        ORDER BY r.filed_at DESC, r.receipt_no DESC LIMIT 20
    ) AS t ORDER BY t.filed_at DESC, t.number DESC
"""
_UPSERT = """
    INSERT INTO correspondent AS c (channel, address_index, address, lang, last_in_at, changed_at)
    SELECT * FROM unnest($1::text[], $2::bytea[], $3::bytea[], $4::text[], $5::timestamptz[], $5::timestamptz[])
    ON CONFLICT (channel, address_index) DO UPDATE SET sent_since = 0,
        last_in_at = greatest(c.last_in_at, excluded.last_in_at), changed_at = excluded.changed_at
    RETURNING c.*
"""
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_encode = msgspec.json.Encoder().encode


class Talk(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Where a conversation stands: the request talked about, what was asked, what waits for words."""

    number: str = ""
    at: datetime | None = None
    wants_place: str = ""
    said: str = ""
    said_at: datetime | None = None
    media: tuple[Medium, ...] = ()
    position: Position | None = None
    held_at: datetime | None = None


_decode = msgspec.json.Decoder(Talk).decode


class Own(msgspec.Struct, frozen=True, kw_only=True):
    """One of their requests as far as a conversation needs it."""

    id: UUID
    number: str
    case_id: UUID
    channel: str
    filed_at: datetime
    rated_at: datetime | None
    is_anonymous: bool
    request_state: str
    state: str
    closed_at: datetime | None
    close_reason: str | None
    is_sealed: bool
    info_asked_at: datetime | None = None
    info_until: datetime | None = None
    asked_until: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether words can still be added."""
        return self.state in states.OPEN and self.request_state not in {"withdrawn", "erased"}

    @property
    def has_ended(self) -> bool:
        """Whether it ended in a way that is rated."""
        return self.state in states.RATEABLE and self.close_reason != "withdrawn" and self.request_state != "erased"

    def is_asked(self, now: datetime) -> bool:
        """Whether a message asks them for a grade now, since no call reached them."""
        return self.state == "callback" and self.asked_until is not None and now <= self.asked_until

    def is_late(self, now: datetime) -> bool:
        """Whether they were asked for a grade, gave none in time, and nobody has closed the case yet."""
        return (
            self.state == "callback" and self.request_state == "exempt" and self.asked_until is not None
            and now > self.asked_until
        )


class Turn:
    """The message, its writer, and what the answer is written into."""

    def __init__(self, work: Work, row: ArrivalRow, heard: Heard, who: CorrespondentRow) -> None:
        self.work, self.row, self.heard, self.who = work, row, heard, who
        self.talk = _decode(vault.unseal(who.talk, "correspondent.talk")) if who.talk else Talk()
        self.theirs: list[Own] = []

    def own(self, number: str) -> Own | None:
        """Their request of this number; None when it is not theirs."""
        return next((one for one in self.theirs if one.number == number), None)

    def is_recent(self, moment: datetime | None) -> bool:
        """Whether a conversation that stood so at ``moment`` still goes on (rule ``talk.hours``)."""
        hours = float(city.current().rule("talk.hours"))
        return moment is not None and self.row.received_at - moment <= timedelta(hours=hours)

    def about(self, number: str, case_id: UUID | None) -> None:
        """The conversation is about this request from now on."""
        self.talk.number, self.talk.at = number, self.row.received_at
        self.row.case_id = case_id

    def tell(self, name: str, own: Own | None = None, **values: str) -> None:
        """Answer by the door that they wrote by, at once: they are awake."""
        notify.tell(
            self.work, channel=self.heard.channel, address=self.heard.sender, name=name, lang=self.who.lang,
            case_id=own.case_id if own else None, is_waking=False, key="", **values,
        )  # fmt: skip

    def end(self, outcome: str) -> None:
        """The message was read: what it was, and what is remembered of the conversation."""
        self.row.state, self.row.body, self.row.outcome = "done", None, outcome
        self.row.next_at = self.row.error = None
        self.who.talk = vault.seal(_encode(self.talk).decode(), "correspondent.talk")


def _addresses(heard: Heard) -> list[bytes]:
    """The blind indexes, under every live key, by which their requests are found."""
    if heard.channel == "sms":
        return vault.phone_indexes(heard.sender)
    return vault.reply_indexes(heard.channel, heard.sender)


async def learn(work: Work, turns: Sequence[Turn]) -> None:
    """Load which requests are whose, newest first: one statement for all who wrote."""
    asked = [(n, index, turn.heard.channel) for n, turn in enumerate(turns) for index in _addresses(turn.heard)]
    for record in await work.connection.fetch(_THEIRS, *map(list, zip(*asked, strict=True))):
        found = dict(record)
        turns[found.pop("turn")].theirs.append(Own(**found))


async def writers(work: Work, messages: Sequence[Heard]) -> Mapping[tuple[str, str], CorrespondentRow]:
    """Whoever wrote these messages, each once, as rows that are watched for changes; by channel and address."""
    newest = {(one.channel, vault.reply_index(one.channel, one.sender)): one for one in messages}
    ordered = sorted(newest.items(), key=lambda pair: pair[0])
    records = await work.connection.fetch(
        _UPSERT, [key[0] for key, _ in ordered], [key[1] for key, _ in ordered],
        [vault.seal(one.sender, "correspondent") for _, one in ordered], [one.lang for _, one in ordered],
        [one.at for _, one in ordered],
    )  # fmt: skip
    rows = {(row["channel"], bytes(row["address_index"])): CorrespondentRow(**row) for row in records}
    for key, row in rows.items():
        work.track(row)
        if newest[key].lang == "en" or _CHINESE.search(newest[key].words):  # a digit or a keyword tells no language
            row.lang = newest[key].lang
    return {(one.channel, one.sender): rows[key] for key, one in newest.items()}
