"""Conferences held: planned, an agenda put together, positions taken, each item decided with binding force, minutes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from cases import verbs_conference
from cases.file import CaseFile, Entry
from hotline import acts, city, clock
from hotline.errors import Refusal, Say, conflict, invalid
from hotline.ids import new_id
from hotline.work import Work
from routing import agenda, conferences, minutes, precedents
from routing.conferences import HELD, PLANNED, Conference, Item, Meeting, Participant

MOST_ITEMS = 30
FURTHEST = timedelta(days=366)
_LAST = "SELECT coalesce(max(n), 0) FROM conference WHERE year = $1"
_JOIN = "INSERT INTO conference_participant (conference_id, unit) VALUES ($1, $2) ON CONFLICT DO NOTHING"


async def plan(work: Work, *, starts: datetime, place: str, chair: str) -> Conference:
    """召集: a number of its year, when, where and who is in the chair."""
    _within_reach(work, starts)
    year = clock.local(starts).year
    await work.connection.execute("SELECT pg_advisory_xact_lock(hashtext('conference'), $1)", year)
    n = await work.connection.fetchval(_LAST, year) + 1
    identifier = new_id()
    await work.connection.execute(
        "INSERT INTO conference (id, year, n, state, starts_at, place, chair, called_at, called_by) "
        "VALUES ($1, $2, $3, 'planned', $4, $5, $6, $7, $8)",
        identifier, year, n, starts, place.strip(), chair.strip(), work.now, work.actor.id,
    )  # fmt: skip
    made = await conferences.found(work.connection, identifier)
    await acts.note(work, work.actor, "conference_planned", f"conference:{made.number}")
    return made


def _within_reach(work: Work, starts: datetime) -> None:
    """A slip of the pen in the year would leave its cases waiting for ever, and number it in that year."""
    if starts - work.now > FURTHEST:
        raise invalid({"starts": Say("请选今后一年内的时间。", "Choose a time within a year.")})


async def change(work: Work, identifier: UUID, *, starts: datetime, place: str, chair: str) -> Conference:
    """Another time, place or chair, while it is planned."""
    _within_reach(work, starts)
    old = await _open(work, identifier)
    await work.connection.execute(
        "UPDATE conference SET starts_at = $2, place = $3, chair = $4 WHERE id = $1",
        identifier, starts, place.strip(), chair.strip(),
    )  # fmt: skip
    await acts.note(work, work.actor, "conference_changed", f"conference:{old.number}")
    return old


async def cancel(work: Work, identifier: UUID, *, reason: str) -> Conference:
    """取消: its items go back to the list of cases that wait for an agenda."""
    if not reason.strip():
        raise invalid({"reason": Say("请写明为何取消。", "Say why it is cancelled.")})
    old = await _open(work, identifier)
    await _postpone(work, identifier)
    await _end(work, identifier, "cancelled", reason.strip(), None)
    await acts.note(work, work.actor, "conference_cancelled", f"conference:{old.number}")
    return old


async def _open(work: Work, identifier: UUID) -> Conference:
    """The conference, locked, while it can still be changed; 409 once it is over."""
    one = await conferences.found(work.connection, identifier, lock=True)
    if one.state != PLANNED:
        over = conferences.STATES[one.state]
        raise conflict(
            "conference_over",
            f"会商 {one.number} {over.zh}，不能再改；新的问题请列入下一次。",
            f"Conference {one.number} is {over.en.lower()} and cannot be changed; take it to the next one.",
        )
    return one


async def _on_agenda(work: Work, identifier: UUID, item: UUID) -> Item:
    """The item while it is still to be discussed here; 409 once it was decided, taken off or withdrawn."""
    one = (await conferences.meeting(work.connection, identifier)).item(item)
    if one.state != "open":
        raise conflict(
            "not_on_agenda", "这件事已不在这次会商的议程上，请刷新。", "It is not on this agenda any more; refresh."
        )
    return one


async def _postpone(work: Work, identifier: UUID) -> None:
    await work.connection.execute(
        "UPDATE conference_item SET state = 'postponed' WHERE conference_id = $1 AND state = 'open'", identifier
    )


async def _end(work: Work, identifier: UUID, state: str, reason: str, digest: bytes | None) -> None:
    await work.connection.execute(
        "UPDATE conference SET state = $2, ended_at = $3, ended_by = $4, reason = $5, minutes_hash = $6 WHERE id = $1",
        identifier, state, work.now, work.actor.id, reason, digest,
    )  # fmt: skip


async def add_case(work: Work, identifier: UUID, file: CaseFile, *, question: str = "", cause: str = "") -> UUID:
    """列入议程. A case that is not in conference yet is called to it for ``cause``; 409 when it is on an agenda."""
    conference = await _open(work, identifier)
    if file.case.state != "in_conference":
        await verbs_conference.call(work, file, cause=cause or "by_hand", reason=question)
    taken = await work.connection.fetchval(
        "SELECT c.year || '-' || lpad(c.n::text, 2, '0') FROM conference_item i "
        "JOIN conference c ON c.id = i.conference_id WHERE i.case_id = $1 AND i.state = 'open'",
        file.case.id,
    )
    if taken is not None:
        raise conflict("on_agenda", f"这件事已在会商 {taken} 的议程上。", f"It is on the agenda of {taken} already.")
    await work.flush()
    known = await conferences.meeting(work.connection, identifier)
    if any(one.case_id == file.case.id and one.state == "decided" for one in known.items):
        raise conflict(
            "decided_here",
            "这次会商已对这件事作过决定，再议请列入下一次会商。",
            "This conference has decided the case; take it to the next one to discuss it again.",
        )
    if len(known.items) >= MOST_ITEMS:
        raise conflict(
            "agenda_full", f"一次会商最多 {MOST_ITEMS} 件，请列入下一次。", f"At most {MOST_ITEMS} cases."
        )
    asked = await agenda.concerned(work.connection, file)
    words = question.strip() or "；".join(dict.fromkeys(await agenda.reasons_of(work.connection, file.case.id)))
    item = await work.connection.fetchval(
        "INSERT INTO conference_item (id, conference_id, case_id, n, state, question, units) "
        "VALUES ($1, $2, $3, 1 + (SELECT coalesce(max(n), 0) FROM conference_item WHERE conference_id = $2), 'open', "
        "$4, $5) ON CONFLICT (conference_id, case_id) DO UPDATE SET state = 'open', question = EXCLUDED.question, "
        "units = EXCLUDED.units RETURNING id",
        new_id(), identifier, file.case.id, words[:1000], list(asked),
    )  # fmt: skip
    for unit in asked:
        await work.connection.execute(_JOIN, identifier, unit)
    await acts.note(work, work.actor, "conference_item_added", f"conference:{conference.number}",
                    {"case": file.case.number})  # fmt: skip
    return UUID(str(item))


async def edit_item(work: Work, identifier: UUID, item: UUID, *, question: str, units: Sequence[str]) -> None:
    """The question in dispute and the units concerned; those that are new take part."""
    await _open(work, identifier)
    await _on_agenda(work, identifier, item)
    known = city.current().units
    if not all(unit in known for unit in units):
        raise invalid({"units": Say("请从列表里选单位。", "Choose units from the list.")})
    if not question.strip():
        raise invalid({"question": Say("请写明争议的问题。", "Write the question in dispute.")})
    await work.connection.execute(
        "UPDATE conference_item SET question = $2, units = $3 WHERE id = $1",
        item, question.strip(), list(dict.fromkeys(units)),
    )  # fmt: skip
    for unit in units:
        await work.connection.execute(_JOIN, identifier, unit)


async def drop_item(work: Work, identifier: UUID, item: UUID) -> None:
    """Off this agenda: the case stays in conference and waits for another one."""
    await _open(work, identifier)
    await _on_agenda(work, identifier, item)
    await work.connection.execute("UPDATE conference_item SET state = 'postponed' WHERE id = $1", item)


async def take_position(work: Work, identifier: UUID, item: UUID, *, unit: str, words: str) -> None:
    """A unit concerned says what it thinks before the conference; writing again replaces it."""
    await _open(work, identifier)
    if unit not in (await _on_agenda(work, identifier, item)).units:
        raise conflict("not_asked", "这一项现在不用本单位表态。", "Your unit is not asked about this item now.")
    if not words.strip():
        raise invalid({"words": Say("请写下本单位的意见。", "Write your unit's position.")})
    await work.connection.execute(
        "INSERT INTO conference_position (item_id, unit, words, written_at, written_by) VALUES ($1, $2, $3, $4, $5) "
        "ON CONFLICT (item_id, unit) DO UPDATE SET words = $3, written_at = $4, written_by = $5",
        item, unit, words.strip(), work.now, work.actor.id,
    )  # fmt: skip


async def call_roll(work: Work, identifier: UUID, roll: Sequence[Participant]) -> None:
    """Who takes part, who came for each unit, and whether it was there. Units concerned stay on the list."""
    await _open(work, identifier)
    known = city.current().units
    whole = await conferences.meeting(work.connection, identifier)
    kept = {unit for one in whole.items if one.state != "postponed" for unit in one.units}
    await work.connection.execute(
        "DELETE FROM conference_participant WHERE conference_id = $1 AND NOT unit = ANY($2::text[])",
        identifier, [*kept, *(one.unit for one in roll)],
    )  # fmt: skip
    for one in roll:
        if one.unit not in known:
            raise invalid({"units": Say("请从列表里选单位。", "Choose units from the list.")})
        await work.connection.execute(
            "INSERT INTO conference_participant (conference_id, unit, person, is_present) VALUES ($1, $2, $3, $4) "
            "ON CONFLICT (conference_id, unit) DO UPDATE SET person = $3, is_present = $4",
            identifier, one.unit, one.person.strip()[:60], one.is_present,
        )  # fmt: skip


async def decide(
    work: Work,
    identifier: UUID,
    item: Item,
    file: CaseFile,
    *,
    unit: str,
    co_units: Sequence[str],
    words: str,
    profile: str,
    precedent: str = "",
) -> None:
    """决定一项: binding on dispatch. ``precedent``: "" none, "county" or "city", from today, for the case's matter."""
    conference = await _open(work, identifier)
    await _on_agenda(work, identifier, item.id)
    await verbs_conference.decide(
        work, file, unit=unit, co_units=co_units, profile=profile, words=words, conference=identifier, item=item.id,
        wants_precedent=bool(precedent),
    )  # fmt: skip
    await work.flush()
    await work.connection.execute(
        "UPDATE conference_item SET state = 'decided', lead_unit = $2, co_units = $3, decision = $4, "
        "wants_precedent = $5, decided_at = $6, decided_by = $7 WHERE id = $1",
        item.id, unit, list(co_units), words.strip(), bool(precedent), work.now, work.actor.id,
    )  # fmt: skip
    if precedent:
        await make_precedent(work, identifier, item.id, file, scope=precedent)
    await acts.note(work, work.actor, "conference_decided", f"conference:{conference.number}",
                    {"case": file.case.number, "unit": unit})  # fmt: skip


async def make_precedent(work: Work, identifier: UUID, item: UUID, file: CaseFile, *, scope: str) -> int:
    """列为先例: the decision becomes a line of the catalogue from today on, so that the next like case follows it."""
    whole = await conferences.meeting(work.connection, identifier)
    one = whole.item(item)
    if one.state != "decided" or one.precedent_line is not None:
        raise conflict("no_precedent", "这一项还没决定，或已是先例。", "It is not decided, or a precedent already.")
    line = await precedents.write(work, whole.conference, one, file, scope=scope)
    await work.connection.execute(
        "UPDATE conference_item SET precedent_line = $2 WHERE id = $1", item, line
    )
    await acts.note(work, work.actor, "conference_precedent", f"conference:{whole.conference.number}",
                    {"case": file.case.number, "line": line})  # fmt: skip
    return line


async def hold(work: Work, identifier: UUID) -> Meeting:
    """会议结束: what is undecided waits for the next one; the minutes' hash goes into the log of acts."""
    conference = await _open(work, identifier)
    if conference.starts_at > work.now:
        at = clock.local(conference.starts_at)
        raise conflict(
            "not_begun", f"会商定在 {at:%m-%d %H:%M}，还没开始。", f"The conference begins {at:%m-%d %H:%M}; not yet."
        )
    await _postpone(work, identifier)
    whole = await conferences.meeting(work.connection, identifier)
    if not any(one.state == "decided" for one in whole.items):
        raise conflict(
            "nothing_decided",
            "还没有一项作出决定；开不成请取消并写明原因。",
            "Nothing was decided; cancel the conference with a reason instead.",
        )
    if all(one.is_present is None for one in whole.participants):
        raise Refusal(409, "no_roll", Say("请先记录到会单位。", "First record which units were there."))
    digest = minutes.digest(await minutes.read(work.connection, whole))
    await _end(work, identifier, HELD, "", digest)
    await acts.note(
        work, work.actor, "conference_held", f"conference:{conference.number}", {"minutes": digest.hex()}
    )
    return await conferences.meeting(work.connection, identifier)


async def on_withdrawn(work: Work, file: CaseFile, entry: Entry) -> None:
    """A case that left the conference, or that its requester withdrew, leaves the agenda."""
    await work.connection.execute(
        "UPDATE conference_item SET state = 'withdrawn' WHERE case_id = $1 AND state = 'open'", file.case.id
    )


async def on_withdrawal_checked(work: Work, file: CaseFile, entry: Entry) -> None:
    """A withdrawal that was let go and ended the case takes it off the agenda."""
    if not file.case.is_open:
        await on_withdrawn(work, file, entry)


async def on_erased(work: Work, file: CaseFile, entry: Entry) -> None:
    """What was said about an erased case goes too; units, dates and the fact of the decision stay."""
    await work.connection.execute(
        "UPDATE conference_position SET words = '' WHERE item_id IN "
        "(SELECT id FROM conference_item WHERE case_id = $1)",
        file.case.id,
    )
    await work.connection.execute(
        "UPDATE conference_item SET question = '', decision = '' WHERE case_id = $1", file.case.id
    )
