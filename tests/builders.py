"""Cases made the way the house makes them: a message through intake, then verbs. Keyword arguments change the story."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from cases import ledger, verbs
from cases.file import CaseFile
from channels import acknowledge, intake
from channels.message import Inbound, Receipt
from hotline import city, clock, db
from hotline.actor import Actor
from hotline.work import work
from sla import clocks

WORDS = "和平路与陵西大街口的路灯三天不亮，晚上过马路看不清。"


def a_message(**change: Any) -> Inbound:
    """A web message about a street light in 丛台区, with a phone number and an SMS answer."""
    given: dict[str, Any] = {
        "channel": "web",
        "provider_id": str(uuid4()),
        "words": WORDS,
        "kind": "assistance",
        "place": "丛台区和平路",
        "county": "130403",
        "name": "王小明",
        "phone": "13800000001",
        "reply_by": "sms",
    }
    return Inbound(**{**given, **change})


async def a_receipt(**change: Any) -> Receipt:
    """The message acknowledged and made into a case."""
    receipt = await acknowledge.acknowledge(a_message(**change))
    await intake.make_one(receipt.message)
    return receipt


async def person(login: str) -> Actor:
    """The demo person as an actor, without signing in."""
    async with db.reading() as connection:
        row = await connection.fetchrow(
            "SELECT id, name, unit, jurisdiction, ARRAY(SELECT role FROM role_grant WHERE person_id = p.id) AS roles "
            "FROM person p WHERE login = $1",
            login,
        )
    return Actor(
        id=row["id"], kind="staff", name=row["name"], login=login, roles=frozenset(row["roles"]), unit=row["unit"],
        units=city.current().subtree(row["unit"]), jurisdiction=row["jurisdiction"],
    )  # fmt: skip


async def act(login: str, number: str, verb: Any, /, *parts: Any, at: datetime | None = None, **given: Any) -> CaseFile:
    """Do a verb on a case as a person; ``parts`` may be functions of the file (its lead, its first request)."""
    who = await person(login)
    async with work(who, now=at) as w:
        file = await ledger.opened(w, number=number)
        await verb(w, file, *[part(file) if callable(part) else part for part in parts], **given)
    return file


def lead(file: CaseFile) -> Any:
    """The lead assignment."""
    return file.lead


def request(file: CaseFile) -> Any:
    """The first request."""
    return file.first_request


HANDLED: dict[str, Any] = {
    "result": "resolved",
    "note": "更换灯头两只，线路绝缘正常。",
    "reply": "路灯已修好并试亮。",
    "is_substantiated": True,
    "has_contacted": True,
    "is_solved": True,
}


async def a_case(until: str = "closed", **change: Any) -> Receipt:
    """A case brought to a stage: registered, dispatched, signed, handled, callback, visited or closed."""
    receipt = await a_receipt(**{"matter": "020201", **change})
    if change.get("about_person") and until != "registered":  # a person takes up what complains about somebody
        await act("dispatcher", receipt.number, verbs.accept, matter="020201", county="130403")
    steps: list[tuple[str, str, Any, tuple[Any, ...], dict[str, Any]]] = [
        ("signed", "congtai", verbs.sign, (lead,), {}),
        ("contacted", "congtai", verbs.contact, (lead,), {"way": "phone"}),
        ("handled", "congtai", verbs.handle, (lead,), HANDLED),
        ("callback", "audit", verbs.approve, (), {}),
        ("visited", "callback", verbs.visit, (request,), {"was_contacted": True, "is_solved": True}),
        ("closed", "callback", verbs.close, (), {}),
    ]
    for name, login, verb, parts, given in steps:
        if until in {"registered", "dispatched"}:
            break
        await act(login, receipt.number, verb, *parts, **given)
        if name == until:
            break
    return receipt


__all__ = ["HANDLED", "a_case", "a_message", "a_receipt", "act", "clock", "clocks", "db", "lead", "person", "request"]
