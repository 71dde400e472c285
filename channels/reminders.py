"""Reminders to people of the staff: who of a unit is told, by which of the doors they chose, once and in time.

The list of notices has it at once, whatever the hour: nobody is woken by a list. What leaves by SMS, WeChat or e-mail
waits for the permitted hour unless it is critical.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, NamedTuple
from uuid import UUID

from cases import wording
from cases.file import CaseFile, Entry
from channels import staff_hours, standing, texts, ways
from channels.carrier import Facts
from channels.notify import hurry
from channels.standing import Reached
from hotline import city, jobs, reach_kinds, settings, vault
from hotline.errors import Say
from hotline.ids import new_id
from hotline.work import ORDER, Row, Work

ORDER += ["staff_notice", "unheard"]
NAME = "staff_reminder"
CHANNEL = "staff"
"""The name under which an open page hears that its person has a new notice: ``staff.<person>``."""
TO = "remind.to."
"""Rules ``remind.to.<kind of event>``: who is told of it, in words of ``standing.ORDER``."""
CENTRE = "remind.centre"
"""The rule that names, for stages that the centre keeps itself, the role that is told."""

STAGES = {"instructed": "instruction_report"}
"""The stage that begins at the centre with an event which names none."""


class NoticeRow(Row, kw_only=True):
    """One thing that one person is told; ``instead_of`` is whom it was for when they stand in."""

    table: ClassVar[str] = "staff_notice"
    is_final: ClassVar[bool] = True

    id: UUID
    key: str
    person_id: UUID
    instead_of: UUID | None
    unit: str
    kind: str
    case_id: UUID | None
    zh: str
    en: str
    is_critical: bool
    at: datetime
    permitted_at: datetime


class UnheardRow(Row, kw_only=True):
    """A reminder for which there was nobody in the unit nor above it."""

    table: ClassVar[str] = "unheard"
    identity: ClassVar[tuple[str, ...]] = ("key",)
    is_final: ClassVar[bool] = True

    key: str
    unit: str
    kind: str
    case_id: UUID | None
    at: datetime


async def remind(
    work: Work, *, unit: str, kind: str, case: CaseFile | None, text: Say, critical: bool = False, to: str = "liaison",
    key: str = "",
) -> None:  # fmt: skip
    """Tell ``unit``'s liaison, deputy or head ``text``: in the list of their notices, and by the doors they chose.

    ``unit`` "" is the centre, and ``to`` then a role of it. Whoever is away is stood in for; a unit without such a
    person is its parent's to tell. Of a sealed case nothing but the number is said. Held until the permitted hour
    unless ``critical``. ``key`` makes a second one impossible; without it it is the kind and the case's last event.
    """
    own = key or f"{kind}:{new_id() if case is None else f'{case.case.id}:{case.case.last_seq}'}"
    if key and await _was_said(work, key):
        return
    await _put(work, Reminder(unit=unit, kind=kind, to=to, text=text, is_critical=critical, key=own), case)


class Reminder(NamedTuple):
    """One thing to be said to whoever answers for a unit."""

    unit: str
    kind: str
    to: str
    text: Say
    is_critical: bool
    key: str


async def _put(work: Work, one: Reminder, case: CaseFile | None) -> None:
    """The rows of it, one set a person; nobody is told the same thing twice under two offices."""
    said: set[str] = work.kept.setdefault("reminded", set())
    everybody = await standing.of_work(work)
    known = everybody.told(one.unit, one.to)
    if not known and one.key not in said:
        said.add(one.key)
        identifier = case.case.id if case is not None else None
        work.add(UnheardRow(key=one.key, unit=one.unit, kind=one.kind, case_id=identifier, at=work.now))
    tell(work, one, case, known, everybody)


def tell(
    work: Work, one: Reminder, case: CaseFile | None, known: Sequence[tuple[Reached, UUID | None]],
    among: standing.Standing,
) -> None:  # fmt: skip
    """Put it in the lists of these people, each with the one they stand in for, and send it by their doors."""
    said: set[str] = work.kept.setdefault("reminded", set())
    identifier = case.case.id if case is not None else None
    shown = _sealed(case) if case is not None and case.case.is_sealed else one.text
    for person, instead_of in known:
        key = f"{one.key}:{person.id}"
        if key in said:
            continue
        said.add(key)
        row = NoticeRow(
            id=new_id(), key=key, person_id=person.id, instead_of=instead_of, unit=one.unit, kind=one.kind,
            case_id=identifier, zh=shown.zh, en=shown.en, is_critical=one.is_critical, at=work.now,
            permitted_at=work.now if one.is_critical else _permitted(work, person, among.hours.get(person.unit, "")),
        )  # fmt: skip
        work.add(row)
        _send(work, person, row, case)
        _tell(work, person.id)


async def remind_person(
    work: Work, person: UUID, *, kind: str, text: Say, key: str, critical: bool = False
) -> None:
    """Tell this very person, not who stands in for them; by the doors they chose. ``key`` makes a second impossible."""
    everybody = await standing.of_work(work)
    known = everybody.people.get(person)
    if known is None or await _was_said(work, key):
        return
    one = Reminder(unit="", kind=kind, to="", text=text, is_critical=critical, key=key)
    tell(work, one, None, [(known, None)], everybody)


def _permitted(work: Work, person: Reached, at_work: str) -> datetime:
    """When the person may be sent something; worked out once a transaction for all who are alike."""
    known: dict[tuple[str, str, str], datetime] = work.kept.setdefault("permitted", {})
    key = (person.quiet, person.unit, at_work)
    if key not in known:
        known[key] = staff_hours.permitted(work.now, *key)
    return known[key]


async def _was_said(work: Work, key: str) -> bool:
    """Whether this was said already, in this transaction or before."""
    said: set[str] = work.kept.setdefault("reminded", set())
    if any(one == key or one.startswith(f"{key}:") for one in said):
        return True
    return bool(
        await work.connection.fetchval(
            "SELECT EXISTS (SELECT FROM staff_notice WHERE key ^@ $1) OR EXISTS (SELECT FROM unheard WHERE key = $2)",
            f"{key}:", key,
        )
    )  # fmt: skip


def _sealed(case: CaseFile) -> Say:
    number = case.case.number
    return Say(f"{number}有一条提醒，请登录查看", f"{number}: a reminder, please sign in")


def _send(work: Work, person: Reached, row: NoticeRow, case: CaseFile | None) -> None:
    """An outbox row for each door that the person chose; it leaves when they may be sent something."""
    words = Say(row.zh, row.en).in_(person.lang)
    if not row.is_critical and reach_kinds.of(row.kind) in person.muted:
        return
    for door in person.doors:
        if door not in person.addresses:
            continue
        number = case.case.number if case is not None else ""
        one = ways.row(
            key=f"{row.key}:{door}", name=NAME, channel=door,
            address=vault.unseal(person.addresses[door], f"person_reach.{door}"),
            text=sms(words) if door == "sms" else words,
            facts=Facts(number=number, remark=texts.cut(words, texts.REMARK), title=texts.cut(words, 60), url=_site()),
            now=work.now, is_waking=not row.is_critical, case_id=row.case_id,
        )  # fmt: skip
        one.next_at = row.permitted_at
        work.add(one)
        hurry(work)


def sms(words: str) -> str:
    """The words signed, in one SMS of at most 70 characters."""
    return texts.SIGNATURE + texts.cut(words, texts.ONE_SMS - len(texts.SIGNATURE))


def _site() -> str:
    url = settings.current().public_url.rstrip("/")
    return f"{url}/reminders" if url else ""


def _tell(work: Work, person: UUID) -> None:
    """Once it is committed, the bells of these people hear of it."""
    told: set[str] = work.kept.setdefault("bells", set())
    if not told:
        work.after(lambda: jobs.publish("live", " ".join(sorted(told))))
    told.add(f"{CHANNEL}.{person}")


async def on_told(work: Work, file: CaseFile, entry: Entry) -> None:
    """Whoever the city's rule names for this kind of event is told its sentence."""
    event = entry.event
    rule = city.current().rules.get(TO + event.kind)
    unit = str(getattr(event, "unit", "") or "")
    asked = str(rule.value).split() if rule is not None else []
    if not unit:
        stage = getattr(event, "stage", STAGES.get(event.kind, ""))
        asked = _at_the_centre(stage) if asked and asked != ["none"] else []
    if asked in ([], ["none"]):
        return
    sentence = wording.for_staff(event)
    text = Say(f"{file.case.number} {sentence.zh}", f"{file.case.number}: {sentence.en}")
    key = f"{event.kind}:{file.case.id}:{entry.row.seq}"
    is_critical = file.case.urgency == "critical"
    for to in asked:
        if to != "none":
            await _put(work, Reminder(unit, event.kind, to, text, is_critical, key), file)


def _at_the_centre(stage: str) -> list[str]:
    """The role that keeps this stage at the centre, when one is named: ``accept:shift_supervisor …``."""
    named = dict(one.split(":", 1) for one in str(city.current().rule(CENTRE)).split() if ":" in one)
    return [named[stage]] if stage in named else []
