"""The second transaction of intake: an acknowledged message becomes request, case, event, clock and receipt message.

Many messages are made in one transaction; when that fails each is tried alone, and after three tries a person sees it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from cases import accused, verbs
from cases.file import CaseFile
from cases.register import Said, register
from cases.rows import RequestRow
from channels import acknowledge, answering, emergency, joining, notify, numbers
from channels.acknowledge import Body
from channels.message import Decision, Inbound, Operator
from channels.rows import InboundRow
from hotline import city, clock, db, vault
from hotline.actor import CITIZEN, SYSTEM, Actor
from hotline.errors import Refusal, Say, plain
from hotline.ids import new_id
from hotline.work import Work, work

log = logging.getLogger(__name__)

BATCH = 100
TRIES = 3
_COLUMNS = ", ".join(InboundRow.__struct_fields__)
_NEXT = (
    f"SELECT {_COLUMNS} FROM inbound_message WHERE state = 'new' ORDER BY received_at LIMIT $1 FOR UPDATE SKIP LOCKED"
)
_ONE = f"SELECT {_COLUMNS} FROM inbound_message WHERE id = $1 AND state = 'new' FOR UPDATE"
_FAILED = """
    UPDATE inbound_message SET tries = tries + 1, error = $2,
        state = CASE WHEN tries + 1 >= $3 THEN 'parked' ELSE 'new' END
    WHERE id = $1 AND state = 'new'
"""
_ATTACH = """
    UPDATE attachment SET subject_kind = 'request', subject_id = $2, case_id = $3 WHERE id = ANY($1) AND case_id IS NULL
"""
_decode = msgspec.json.Decoder(Body).decode


async def make_all() -> int:
    """Make every waiting message into a case; returns how many. Safe twice and side by side (SKIP LOCKED)."""
    made = 0
    while (done := await _make_batch()) > 0:
        made += done
    return made


async def _make_batch() -> int:
    ids: list[UUID] = []
    try:
        async with work(SYSTEM) as w:
            rows = [InboundRow(**r) for r in await w.connection.fetch(_NEXT, BATCH)]
            ids = [row.id for row in rows]
            for row in rows:
                await _make(w, row)
    except db.AWAY:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, one message's trouble is not its neighbours'
        log.error("a batch of %d messages failed; each is tried alone\n%s", len(ids), plain(error))  # noqa: TRY400
        return sum([await make_one(one) for one in ids])
    return len(ids)


async def make_one(message: UUID) -> bool:
    """Make one message into a case in a transaction of its own; a failure is counted, the third parks it."""
    try:
        async with work(SYSTEM) as w:
            record = await w.connection.fetchrow(_ONE, message)
            if record is None:
                return False
            await _make(w, InboundRow(**record))
    except db.AWAY:
        raise
    except Exception as error:  # noqa: BLE001 - it is counted and a person sees it
        log.error("message %s could not be made into a case\n%s", message, plain(error))  # noqa: TRY400
        async with db.atomic() as connection:
            await connection.execute(_FAILED, message, type(error).__name__, TRIES)
        return False
    return True


async def make_here(w: Work, message: Inbound, received_at: datetime) -> CaseFile:
    """A case from a message that is stored elsewhere already (an arrival), within the caller's transaction.

    It gets number, query code and InboundMessage here, as by every other door. Raises the 422 refusal of ``check``.
    """
    message = acknowledge.tidy(message)
    acknowledge.check(message)
    number, code = await numbers.receipt_no(clock.local_day(w.now)), numbers.new_code()
    row = InboundRow(
        id=new_id(), channel=message.channel, provider_id=message.provider_id, receipt_no=number,
        code_hash=numbers.code_hash(number, code), received_at=received_at, body=b"",
    )  # fmt: skip
    w.add(row)
    return await _make_case(w, row, message, code)


async def _make(w: Work, row: InboundRow) -> None:
    w.track(row)
    body = _decode(vault.unseal(row.body or b"", row.receipt_no))
    await _make_case(w, row, body.message, body.code)


async def _make_case(w: Work, row: InboundRow, message: Inbound, code: str) -> CaseFile:
    who = _actor(message.operator)
    w.actor = who
    decision = message.decision or _automatic(message) or await answering.automatic(w.connection, message)
    if decision is not None and decision.outcome == "join" and message.operator is not None:
        theirs = await joining.follow_up(w, message, decision.target)
        if theirs is not None:
            return await _made(w, row, message, *theirs)
    is_accepted = decision is not None and decision.outcome == "accept"
    file = await _register(w, row, message, code, is_accepted=is_accepted)
    own = file.first_request  # it may be another case's by the end of this
    if decision is not None:
        w.actor = who if message.decision is not None else SYSTEM
        await _decide(w, file, message, decision)
    return await _made(w, row, message, file, own)


async def _made(w: Work, row: InboundRow, message: Inbound, file: CaseFile, request: RequestRow) -> CaseFile:
    """Attach what came with it, and note that the message is a case now, or a part of one."""
    w.actor = SYSTEM
    if message.attachments:
        await w.flush()
        await w.connection.execute(_ATTACH, list(message.attachments), request.id, request.case_id)
    row.state, row.body, row.case_id = "made", None, file.case.id
    return file


async def _register(w: Work, row: InboundRow, message: Inbound, code: str, *, is_accepted: bool) -> CaseFile:
    place = city.current().find_place(message.place) if message.place and not message.township else None
    if place is not None and message.county not in {"", place.county}:
        place = None  # the district that was chosen stands; a township of another one is not its
    w.kept.setdefault("receipts", {})[row.receipt_no] = (code, is_accepted)
    said = Said(
        receipt_no=row.receipt_no, code_hash=row.code_hash, kind=message.kind, words=message.words.strip(),
        channel=message.channel, filed_at=message.filed_at or row.received_at,
        filed_by=message.operator.id if message.operator else None, line=_line(message.line), urgency=message.urgency,
        title=message.title, place=message.place, point=message.point,
        county=_county(message, place.county if place else ""),
        township=message.township or (place.township if place else None) or None, matter=message.matter or None,
        name=message.name, phone=message.phone, address=message.address, proxy_name=message.proxy_name,
        organisation_code=message.organisation_code or None, reply_by=message.reply_by,
        reply_to=message.reply_to, second_by=message.second_by, second_to=message.second_to,
        account=message.account, portal=message.portal or None, lang="en" if message.lang == "en" else "zh",
        about_unit=message.about_unit or None, about_person=message.about_person, is_anonymous=message.is_anonymous,
        is_confidential=message.is_confidential, is_minor=message.is_minor,
        is_investigation=message.is_investigation, is_vulnerable=message.is_vulnerable,
        origin_no=message.origin_no or None,
        origin_system=message.origin_system or (message.channel if message.origin_no else None),
    )  # fmt: skip
    file, _ = await register(w, said)
    return file


def _line(number: str) -> str:
    """The line by its number of today: 961890 is 12345."""
    line = city.current().line(number)
    return line.number if line else number


def _county(message: Inbound, found: str) -> str:
    """The owner county: the township's, else the one that was chosen, else what the place names (rules.md 9)."""
    of_township = city.current().county_of(message.township) if message.township else None
    return of_township or message.county or found or city.CITY


def _actor(operator: Operator | None) -> Actor:
    if operator is None:
        return CITIZEN
    return Actor(id=operator.id, kind="staff", name=operator.name, unit=operator.unit, roles=frozenset(operator.roles))


def _automatic(message: Inbound) -> Decision | None:
    """Matter and place given by the requester are enough, where the city allows it and no flag asks for a person."""
    danger = _emergency(message)
    if danger is not None:
        return danger
    about = message.about_unit or message.about_person or accused.is_said(message.words, message.kind)
    flagged = message.is_confidential or message.is_minor or message.is_investigation or about
    told = message.matter and message.county and message.kind not in {"report", "enquiry"}
    if told and not flagged and int(city.current().rule("intake.auto_accept")):
        return Decision(outcome="accept", matter=message.matter)
    return None


def _emergency(message: Inbound) -> Decision | None:
    """Marked as an emergency by its sender: handed over at once, with the sentence that tells them to call."""
    number = message.emergency or (emergency.marked(message.words) if message.channel in emergency.DOORS else "")
    known = city.current().related_numbers.get(number)
    if known is None or known.treatment != "EMERGENCY":
        return None
    reply = Say(f"紧急情况请立即拨打 {number}。", f"This is an emergency: call {number} now.").in_(message.lang)
    return Decision(outcome="transfer", target=number, reply=reply)


async def _decide(w: Work, file: CaseFile, message: Inbound, decision: Decision) -> None:
    """Do what the desk decided. A refusal leaves the case registered, in the queue, where a person sees it."""
    mark = w.mark(file.case.id, [file.case, *file.requests.values()])
    try:
        if decision.outcome == "accept":
            case = file.case
            await verbs.accept(
                w, file, matter=decision.matter or message.matter, county=case.county, township=case.township,
                title=message.title, summary=decision.summary, urgency=message.urgency,
                decided_by=decision.decided_by or ("person" if message.operator else "catalogue"),
                no_place=decision.no_place or None,
            )  # fmt: skip
        elif decision.outcome == "answer":
            await answering.answer(w, file, decision)
        elif decision.outcome == "transfer":
            await verbs.transfer(w, file, target=decision.target, reference=decision.reference, reply=decision.reply)
        elif decision.outcome == "decline":
            await verbs.decline(w, file, reason=decision.reason, channel=decision.channel, reply=decision.reply)
        elif decision.outcome == "join":
            await joining.join(w, file, decision.target, reason=decision.reason)
    except Refusal as refusal:
        log.warning("the decision on %s was refused: %s", file.case.number, refusal.code)
        w.rewind(mark)
        file.assignments = {}
        if decision.outcome == "accept" and not file.case.is_sealed:  # the others have theirs
            notify.send_receipt(w, file)


async def again(connection: db.Connection, receipt_no: str) -> bool:
    """A person wants a parked message tried anew: three more tries. False when it is parked no longer."""
    done = await connection.execute(
        "UPDATE inbound_message SET state = 'new', tries = 0, error = NULL WHERE receipt_no = $1 AND state = 'parked'",
        receipt_no,
    )
    return str(done) == "UPDATE 1"


async def waiting(connection: db.Connection) -> Sequence[dict[str, object]]:
    """Messages not yet made, oldest first, parked ones included: for the operations page."""
    rows = await connection.fetch(
        "SELECT receipt_no, channel, received_at, state, tries, error FROM inbound_message "
        "WHERE state <> 'made' ORDER BY received_at LIMIT 100"
    )
    return [dict(row) for row in rows]
