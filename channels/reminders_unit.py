"""A unit's own people hear that a case is theirs, or waits for their word; and one person that somebody handed work on.

Unlike what falls due this is told to the unit alone: where it has nobody, its work list says it.
"""

from __future__ import annotations

from uuid import UUID

from cases.file import CaseFile, Entry
from channels import reminders, standing
from channels.reminders import TO, Reminder
from hotline import city
from hotline.errors import Say
from hotline.work import Work

RULE = f"{TO}dispatched"


def _asked(rule: str) -> list[str]:
    found = city.current().rules.get(rule)
    return [one for one in str(found.value).split() if one != "none"] if found is not None else []


async def _tell(work: Work, unit: str, kind: str, text: Say, file: CaseFile, key: str, rule: str) -> None:
    asked = _asked(rule)
    if not asked:
        return
    own = await standing.near(work, unit)
    for to in asked:
        one = Reminder(unit, kind, to, text, file.case.urgency == "critical", key)
        reminders.tell(work, one, file, own.of_house(unit, to), own)


async def on_theirs(work: Work, file: CaseFile, entry: Entry) -> None:
    """派单、加派、下派: the unit's liaison (or whom the rule names) is told that there is a case to sign for."""
    event = entry.event
    unit: str = event.unit  # type: ignore[attr-defined]  # dispatched, co_handler_added, handed_down
    number = file.case.number
    text = Say(f"{number} 已交由本单位办理，请签收", f"{number} is your unit's now: please acknowledge it")
    await _tell(work, unit, event.kind, text, file, f"{event.kind}:{file.case.id}:{entry.row.seq}", RULE)


async def on_head_asked(work: Work, file: CaseFile, entry: Entry) -> None:
    """报请批准: the unit's head is told that a reply waits for their word."""
    share = file.assignments[entry.event.assignment]  # type: ignore[attr-defined]  # head_asked
    text = Say(f"{file.case.number} 的答复请您批准", f"{file.case.number}: a reply waits for your approval")
    key = f"head_asked:{file.case.id}:{entry.row.seq}"
    await _tell(work, share.unit, "head_asked", text, file, key, f"{TO}head_asked")


async def to_person(work: Work, person: UUID, kind: str, text: Say, key: str) -> None:
    """Tell one person something, by the doors and in the hours that they chose; not whoever stands in for them."""
    own = await standing.near(work, "", person)
    if person in own.people:
        reached = own.people[person]
        reminders.tell(work, Reminder(reached.unit, kind, "", text, False, key), None, [(reached, None)], own)
