"""Calls that are settled: the receipt to read out, what I logged today, and the desk's tabs with their counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from cases import scope, views
from cases.states import KINDS
from cases.wording import CHANNELS
from channels import chat_desk
from channels.notify import say_day
from hotline import city, clock, db, unfinished
from hotline.actor import Actor
from hotline.errors import Say, not_found
from web import units

_COUNTED = 100
_MINE = """
SELECT r.receipt_no AS number, c.title, c.kind, c.state, c.opened_at, c.lead_unit, c.place, c.county, c.next_due,
    c.is_open
FROM request r JOIN cases c ON c.id = r.case_id
WHERE r.filed_by = $1 AND r.filed_at >= $2 ORDER BY r.filed_at DESC LIMIT 200
"""
_COUNTS = """
SELECT (SELECT count(*) FROM request WHERE filed_by = $1 AND filed_at >= $2) AS mine,
       (SELECT count(*) FROM (
           SELECT FROM cases c WHERE c.is_open AND c.state = 'registered' AND {} LIMIT 100) x) AS waiting,
       (SELECT count(*) FROM draft WHERE person = $1 AND kind = 'call' AND NOT is_blank) AS drafts
"""
_RECEIPT = """
SELECT c.id, r.id AS request FROM request r JOIN cases c ON c.id = r.case_id WHERE r.receipt_no = $1 AND r.filed_by = $2
"""
_MESSAGES = "SELECT channel, state, created_at FROM outbox_message WHERE request_id = $1 ORDER BY created_at"
_DUE = "SELECT due_at FROM clock WHERE case_id = $1 AND stage = 'finish' AND stopped_at IS NULL ORDER BY due_at LIMIT 1"
_SOON = timedelta(minutes=2)
"""So long the receipt's page asks by itself whether a message has left; one that waits for the morning keeps no session
awake."""
SENT = {
    "queued": Say("排队中", "queued"),
    "sent": Say("已发出", "sent"),
    "delivered": Say("已送达", "delivered"),
    "failed": Say("没发出，请改口头告知", "failed; tell them now"),
    "dropped": Say("没发，对方已退订，请改口头告知", "not sent, they want none; tell them now"),
}


class Logged(msgspec.Struct, frozen=True, kw_only=True):
    """A request that I logged, by the number that its requester was told, with the case that it is in now."""

    number: str
    title: str
    kind: Say
    state: str
    opened_at: datetime
    unit: Say
    place: str
    next_due: datetime | None
    is_open: bool


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """The receipt of one call."""

    number: str
    code: str
    state: str
    title: str
    sentence: Say
    messages: list[Say]
    is_sealed: bool
    is_waiting: bool = False


async def logged_today(actor: Actor) -> list[Logged]:
    """My cases of the city's day, newest first."""
    async with db.reading() as connection:
        rows = await connection.fetch(_MINE, actor.id, clock.on(clock.today()))
    snapshot = city.current()
    return [_logged(snapshot, row) for row in rows]


def _logged(snapshot: city.City, row: Mapping[str, Any]) -> Logged:
    return Logged(
        number=row["number"], title=row["title"], kind=KINDS[row["kind"]], state=row["state"],
        opened_at=row["opened_at"], unit=units.name(snapshot, row["lead_unit"]), place=row["place"],
        next_due=row["next_due"], is_open=row["is_open"],
    )  # fmt: skip


async def tabs(actor: Actor, path: str) -> list[tuple[Say, str, int | None, bool]]:
    """The desk's tabs: the call, mine today, waiting for acceptance, and what was handed over."""
    where, args = scope.condition(actor, 3)
    async with db.reading() as connection:
        row = await connection.fetchrow(_COUNTS.format(where), actor.id, clock.on(clock.today()), *args)
        chat = await chat_desk.strip(connection, actor.id)
    return [
        (Say("新诉求", "New call"), "/desk", None, path == "/desk"),
        (Say("网上客服", "Chats"), "/chats", chat.waiting + chat.unread, path == "/chats"),
        (Say("我登记的", "Logged by me"), "/desk/mine", row["mine"] + row["drafts"], path == "/desk/mine"),
        (Say("待受理", "To accept"), "/cases?state=registered", row["waiting"], False),
        (Say("转接记录", "Transfers"), "/transfers", None, False),
    ]


async def receipt(actor: Actor, number: str) -> Shown:
    """What the agent reads out now; 404 for a number that somebody else logged."""
    async with db.reading() as connection:
        found = await connection.fetchrow(_RECEIPT, number, actor.id)
        code = await unfinished.code_of(actor, number)
        if found is None and not code:
            raise not_found()
        if found is None:
            return Shown(
                number=number,
                code=code,
                state="registered",
                title="",
                sentence=_bare(number, code),
                messages=[],
                is_sealed=True,
            )
        file = await views.read(connection, found["id"])
        due = await connection.fetchval(_DUE, found["id"])
        sent = await connection.fetch(_MESSAGES, found["request"])
    case, request = file.case, file.request_no(number)
    is_joined = request is not None and request.home_id is not None
    return Shown(
        number=number, code=code, state=case.state, title=case.title, is_sealed=case.is_sealed,
        sentence=_together(number, code, due) if is_joined else _sentence(case, number, code, due),
        messages=[_sent(row) for row in sent],
        is_waiting=any(row["state"] == "queued" and row["created_at"] > clock.now() - _SOON for row in sent),
    )  # fmt: skip


def _sent(row: Mapping[str, Any]) -> Say:
    door, how = CHANNELS.get(row["channel"], Say("消息", "message")), SENT[row["state"]]
    return Say(f"{door.zh}{how.zh}", f"{door.en} {how.en}")


def _bare(number: str, code: str) -> Say:
    zh = f"您的来件已收到，编号 {number}" + (f"，查询码 {code}" if code else "") + "。查询请拨 12345。"
    en = f"We have your message. Number {number}" + (f", code {code}" if code else "") + ". Call 12345 to ask about it."
    return Say(zh, en)


def _together(number: str, code: str, due: datetime | None) -> Say:
    """What is said to somebody whose request goes with others': nothing that another one wrote."""
    zh = f"这件事已经有人反映，现在合并办理。您的编号 {number}" + (f"、查询码 {code}" if code else "") + " 单独有效"
    en = f"This is being dealt with already, and yours goes with it. Your own number is {number}"
    en += f", code {code}" if code else ""
    if due is None:
        return Say(f"{zh}，办完单独告诉您。", f"{en}; you will be told yourself.")
    day = say_day(due)
    return Say(f"{zh}，{day.zh}前答复，办完单独告诉您。", f"{en}; answer by {day.en}, and you will be told yourself.")


def _sentence(case: Any, number: str, code: str, due: datetime | None) -> Say:
    """What is said to the requester, by what became of it."""
    zh_code, en_code = (f"，查询码 {code}", f", code {code}") if code else ("", "")
    if case.state == "declined":
        return Say(
            f"您反映的事不予受理，理由和途径刚才说过了。编号 {number}{zh_code}。",
            f"It was not taken up, for the reason given. Number {number}{en_code}.",
        )
    if case.state == "transferred":
        return Say(f"已为您转接。编号 {number}{zh_code}。", f"You are being transferred. Number {number}{en_code}.")
    if case.state == "answered":
        return Say(
            f"已经答复您。编号 {number}{zh_code}，可以凭编号评价。",
            f"You have been answered. Number {number}{en_code}; you may rate it.",
        )
    if case.is_sealed or case.lead_unit is None:
        return _bare(number, code)
    unit, day = units.name(city.current(), case.lead_unit), say_day(due)
    return Say(
        f"您反映的“{case.title}”已受理，编号 {number}{zh_code}，交{unit.zh}办理，{day.zh}前答复。",
        f"Your report “{case.title}” is accepted. Number {number}{en_code}. {unit.en} has it; answer by {day.en}.",
    )
