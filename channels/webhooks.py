"""What partners hear of their requests: each event an outbox row of its own transaction, posted later and signed.

The signature is that of Standard Webhooks (``webhook-id``, ``webhook-timestamp``, ``webhook-signature``), so that
receivers need no code of ours. Never a person's name, number or words; of a sealed case neither unit nor reply.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Awaitable, Callable
from datetime import datetime
from email.utils import parsedate_to_datetime
from uuid import UUID

import aiohttp
import msgspec

from cases import events as e
from cases import ledger, track
from cases.file import CaseFile, Entry
from cases.rows import RequestRow
from channels import hook_target, partners
from channels.carrier import Later, Never, Outgoing
from channels.partners import Partner
from channels.rows import OutboxRow
from hotline import acts, city, clock, db, vault
from hotline.actor import SYSTEM
from hotline.errors import Refusal, Say
from hotline.ids import new_id
from hotline.reactions import Reaction
from hotline.work import Work

CHANNEL = "webhook"
PING = "ping"
PATIENCE = 10.0
"""Seconds that a receiver may take: it should store what it gets and work later."""
EVENTS: dict[str, Say] = {
    "registered": Say("已登记", "Registered"),
    "info_asked": Say("待补充", "More is asked for"),
    "accepted": Say("已受理", "Accepted"),
    "declined": Say("不予受理", "Declined"),
    "transferred": Say("已转接", "Transferred"),
    "answered": Say("直接答复", "Answered at once"),
    "dispatched": Say("已派单", "Dispatched"),
    "replied": Say("已有答复", "Replied"),
    "reworked": Say("退回重办", "Back for rework"),
    "closed": Say("已结案", "Closed"),
    "withdrawn": Say("已撤回", "Withdrawn"),
    "words_added": Say("已补充", "Words added"),
    "urged": Say("已催办", "Urged"),
    "rated": Say("已评价", "Rated"),
}
"""What a partner may ask to be told, by the name in the message."""
_NAMES = {kind: kind for kind in EVENTS} | {"approved": "replied", "info_lapsed": "closed", "reopened": "reworked"}
DueOf = Callable[[Work, CaseFile], Awaitable[datetime | None]]
_encode = msgspec.json.Encoder().encode


class UnitTold(msgspec.Struct, frozen=True, kw_only=True):
    """Who works on it."""

    code: str
    name_zh: str
    name_en: str


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a web hook. ``id`` is the event's own for ever: a receiver that has seen it answers 200 and stops.

    Retries may overtake: of two messages about one ``number`` the one with the later ``at`` is the later, and of the
    same moment the one with the higher ``seq`` (which counts within one case: a merged request goes on in another's).
    """

    id: UUID
    event: str
    at: datetime
    seq: int = 0
    number: str = ""
    origin_no: str = ""
    state: str = ""
    unit: UnitTold | None = None
    due: datetime | None = None
    reply: str = ""
    grade: str = ""


def teller(due_of: DueOf) -> Reaction:
    """The reaction that tells the partners of a case; ``due_of`` says when its unit promised to be done."""

    async def tell(work: Work, file: CaseFile, entry: Entry) -> None:
        own = [r for r in file.requests.values() if r.origin_system and track.is_for(entry, r)]
        if not own:
            return
        name = _NAMES[entry.event.kind]
        wanted = await _hooked(work, own)
        for request in own:
            partner = wanted.get(request.origin_system or "")
            if partner is not None and name in partner.hook_events:
                due = await due_of(work, file)
                told = await _told(work, file, entry, request, due)
                _put(work, partner, told, key=f"{request.id}:{entry.row.seq}", case=file.case.id, request=request.id)

    return tell


async def _hooked(work: Work, requests: list[RequestRow]) -> dict[str, Partner]:
    """The partners of these requests whose hook is on, looked up once a transaction."""
    kept: dict[str, Partner | None] = work.kept.setdefault("partners", {})
    codes = {one.origin_system or "" for one in requests} - set(kept)
    if codes:
        found = await partners.hooked(work.connection, sorted(codes))
        kept.update({code: found.get(code) for code in codes})
    return {code: one for code, one in kept.items() if one is not None}


async def _told(work: Work, file: CaseFile, entry: Entry, request: RequestRow, due: datetime | None) -> Told:
    state = track.state_of(file, request, [])
    unit = city.current().unit(file.case.lead_unit) if file.case.lead_unit and not file.case.is_sealed else None
    return Told(
        id=new_id(), event=_NAMES[entry.event.kind], at=entry.row.at, seq=entry.row.seq, number=request.receipt_no,
        origin_no=request.origin_no or "", state=state,
        unit=UnitTold(code=unit.code, name_zh=unit.name_zh, name_en=unit.name_en) if unit else None,
        due=due if state in track.WAITING else None,
        reply="" if file.case.is_sealed else await _reply(work, file, entry, request),
        grade=request.final_grade or "" if request.rated_at is not None else "",
    )  # fmt: skip


async def _reply(work: Work, file: CaseFile, entry: Entry, request: RequestRow) -> str:
    """The public reply, once there is one that an audit has passed."""
    if not isinstance(entry.event, e.Approved | e.Closed | e.Rated):
        return track.reply_of([entry])[0]
    before = await ledger.entries(work.connection, file.case.id)
    own = [one for one in before if one.row.seq < entry.row.seq and track.is_for(one, request)]
    return track.reply_of([*own, entry])[0]


def _put(work: Work, partner: Partner, told: Told, *, key: str, case: UUID | None, request: UUID | None) -> None:
    work.add(OutboxRow(
        id=told.id, key=f"hook:{partner.code}:{key}", case_id=case, request_id=request, channel=CHANNEL,
        address=vault.seal(partner.code, "outbox"), body=vault.seal(_encode(told).decode(), "outbox"),
        created_at=work.now, next_at=work.now, name=told.event, is_waking=False,
    ))  # fmt: skip


def ping(work: Work, partner: Partner) -> UUID:
    """A message that says nothing, the way all others go: whether the receiver hears and checks it. Its id."""
    told = Told(id=new_id(), event=PING, at=work.now)
    _put(work, partner, told, key=f"{PING}:{told.id}", case=None, request=None)
    return told.id


def signature(secret: str, message: str, timestamp: int, body: bytes) -> str:
    """``v1,<base64 of HMAC-SHA256>`` over ``id.timestamp.body`` under the secret after ``whsec_``."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return "v1," + base64.b64encode(hmac.digest(key, f"{message}.{timestamp}.".encode() + body, "sha256")).decode()


async def send(message: Outgoing) -> str:
    """Post one message to its partner's receiver. 2xx is received; 410 switches the hook off.

    Raises Later (busy, away, 5xx, 408, 425, 429) or Never (another answer, a forbidden address, switched off).
    """
    async with db.reading() as connection:
        partner = (await partners.hooked(connection, [message.address])).get(message.address)
    if partner is None:
        raise Never("off")
    wrong = hook_target.wrong(partner.hook_url, is_intranet=partner.is_intranet)
    if wrong is not None:
        raise Never("address")
    try:
        headers = _headers(partner, message)
    except (Refusal, ValueError) as error:  # its secret cannot be read: no other partner's trouble
        raise Later(error.code if isinstance(error, Refusal) else "secret", is_one=True) from None
    status, after = await _post(partner, message, headers)
    if 200 <= status < 300:
        return ""
    if status == 410:
        await _switch_off(partner)
        raise Never("410")
    if status in (408, 425, 429) or status >= 500:
        raise Later(str(status), after=after, is_one=True)
    raise Never(str(status))


def _headers(partner: Partner, message: Outgoing) -> dict[str, str]:
    now, body = int(clock.now().timestamp()), message.text.encode()
    return {
        "content-type": "application/json", "user-agent": "hotline-webhook/1", "webhook-id": str(message.id),
        "webhook-timestamp": str(now),
        "webhook-signature": signature(partners.unsealed(partner), str(message.id), now, body),
    }  # fmt: skip


async def _post(partner: Partner, message: Outgoing, headers: dict[str, str]) -> tuple[int, float | None]:
    connector = aiohttp.TCPConnector(resolver=hook_target.Resolver(is_intranet=partner.is_intranet), force_close=True)
    try:
        async with (
            aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=PATIENCE)) as session,
            session.post(
                partner.hook_url, data=message.text.encode(), headers=headers, allow_redirects=False
            ) as answer,
        ):
            return answer.status, _after(answer.headers.get("retry-after", ""))
    except TimeoutError:
        raise Later("timeout", is_one=True) from None
    except aiohttp.ClientConnectorError as error:
        if isinstance(error.os_error, hook_target.Refused):
            raise Never("private_address") from None
        raise Later("connect", is_one=True) from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise Later(type(error).__name__, is_one=True) from None


def _after(text: str) -> float | None:
    """Seconds that a Retry-After header asks for: a number, or a date; at most a day."""
    try:
        seconds = float(text) if text.isdigit() else (parsedate_to_datetime(text) - clock.now()).total_seconds()
    except (ValueError, TypeError):
        return None
    return min(max(seconds, 1.0), 86_400.0)


async def _switch_off(partner: Partner) -> None:
    """The receiver is gone for good: nothing more is sent until somebody switches it on again."""
    async with db.atomic() as connection:
        await partners.change(connection, partner.code, {"is_hook_on": False, "hook_off_at": clock.now()})
        await acts.note(connection, SYSTEM, "partner_hook_gone", f"partner:{partner.code}")
