"""What an agent's correction of a case demands: who, until when, and that it changes something."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from cases.ask import Ask
from cases.file import CaseFile
from cases.rows import RequestRow
from cases.states import UNDISPATCHED
from hotline import city, masks
from hotline.actor import Actor
from hotline.errors import Say, conflict, invalid
from hotline.permissions import may

FIELDS: dict[str, Say] = {
    "words": Say("诉求内容", "the words"),
    "place": Say("具体地点", "the place"),
    "name": Say("诉求人姓名", "the requester’s name"),
    "phone": Say("联系电话", "the telephone number"),
}
NOTHING = Say("没有改动，请写更正后的内容。", "Nothing is changed; write it as it should be.")
SEALED = frozenset({"name", "phone"})


def is_theirs(actor: Actor, request: RequestRow) -> bool:
    """A correction is for whoever logged the request, and for those who dispatch."""
    return request.filed_by == actor.id or may(actor, "case.dispatch")


def is_in_time(file: CaseFile, request: RequestRow, actor: Actor, now: datetime) -> bool:
    """Before dispatch any time; then whoever logged it has ``correct.hours``, those who dispatch until the end."""
    if file.case.state in UNDISPATCHED or may(actor, "case.dispatch"):
        return True
    return now - request.filed_at <= timedelta(hours=int(city.current().rule("correct.hours")))


def _allowed(ask: Ask) -> None:
    request = ask.file.requests.get(ask.event.request)
    if request is None or request.state == "erased":
        raise invalid({"request": Say("请选一个诉求。", "Choose a request.")})
    if not is_theirs(ask.actor, request):
        raise conflict(
            "not_logged_by_you",
            "错字由登记人或派单员更正，请找他们。",
            "A typo is corrected by whoever logged it, or by a dispatcher; ask them.",
        )
    if not is_in_time(ask.file, request, ask.actor, ask.now):
        hours = int(city.current().rule("correct.hours"))
        raise conflict(
            "correction_late",
            f"已派单且登记超过 {hours} 小时，请找派单员更正，或用“补充”。",
            f"It is dispatched and was logged more than {hours} hours ago: ask a dispatcher, or add words.",
        )


def _fits(ask: Ask) -> None:
    name = ask.event.field
    if name not in FIELDS:
        raise invalid({"": Say("这一项不能更正。", "That field cannot be corrected.")})
    if name not in ask.texts:
        return  # only asked whether it may be offered
    new, old = ask.texts[name].value.strip(), ask.texts[f"old_{name}"].value
    if not new or new == old:
        raise invalid({name: NOTHING})
    if name == "phone" and not masks.is_phone(new):
        raise invalid({name: Say("号码位数不对，请核对。", "That number has the wrong length.")})
    if name == "name" and ask.file.requests[ask.event.request].is_anonymous:
        raise invalid({name: Say("这是匿名件，不能补姓名。", "It was filed anonymously; no name goes with it.")})


RULES: dict[str, Callable[[Ask], None]] = {"correction_allowed": _allowed, "correction_fits": _fits}
