"""The ladder of one case: each step with the rule it rests on and what was answered; cards given and taken back.

Keys 1 to 4 give yellow, red, an order, a bulletin; a step that the ladder does not give says why instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from cases import demands_ladder
from cases.rows import AssignmentRow
from cases.states import BULLETIN, CARDS, ENDED, RED, STEPS, SUPERVISED, YELLOW
from cases.views import CaseView
from hotline import clock, db, people
from hotline.actor import Actor
from hotline.errors import Say, invalid
from hotline.permissions import may
from hotline.work import Work
from sla import ladder_cards, ladder_lists, ladder_orders, ladder_papers, ladder_rules
from sla.rows import OrderRow
from sla.rows_ladder import PaperRow
from web import forms
from web.access import Who
from web.cases.asks import ORDER_RULES
from web.cases_access import opened_for, view_for
from web.forms import Form
from web.ladder.asks import Cancel, Give, GiveOrder
from web.ladder.orders import STATES
from web.ladder.shared import GIVES, HOLDS, AnyRequest, Do, bodies, common, done, offered
from web.render import render
from web.worklists import unit_name

GIVABLE = {"yellow": YELLOW, "red": RED, "order": SUPERVISED, "bulletin": BULLETIN}
KEYS = {"yellow": "Digit1", "red": "Digit2", "order": "Digit3", "bulletin": "Digit4"}


class Rung(msgspec.Struct, frozen=True, kw_only=True):
    """One step that was taken: what, of whom, when, under which rule, what came of it."""

    level: int
    say: Say
    unit: str
    at: datetime
    by: UUID | None
    rule: str
    ground: Say
    points: int = 0
    state: Say
    answer: str = ""
    url: str = ""
    record: UUID | None = None
    is_cancelled: bool = False


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """A step that may be given now, or why not: its code, key and address."""

    code: str
    say: Say
    key: str
    url: str
    why: Say | None


def _ground(book: ladder_rules.Book, code: str) -> Say:
    rule = book.get(code)
    return rule.ground if rule is not None else Say(code, code)


def rungs(
    book: ladder_rules.Book,
    cards: Sequence[ladder_lists.Card],
    orders: Sequence[ladder_lists.Seen],
    papers: Sequence[ladder_lists.Seen],
) -> list[Rung]:
    """What stands on the case in the order of time."""
    found = [_card_rung(book, one) for one in cards]
    found += [_order_rung(book, seen.row) for seen in orders]
    found += [_paper_rung(seen.row) for seen in papers]
    return sorted(found, key=lambda one: one.at)


def _card_rung(book: ladder_rules.Book, one: ladder_lists.Card) -> Rung:
    level = YELLOW if one.cause == "yellow" else RED
    return Rung(
        level=level,
        say=STEPS[level],
        unit=one.unit,
        at=one.at,
        by=one.by,
        rule=one.rule,
        ground=_ground(book, one.rule),
        points=one.points,
        state=Say("已取消", "Cancelled") if one.is_cancelled else Say("有效", "Stands"),
        record=one.id,
        is_cancelled=one.is_cancelled,
    )


def _order_rung(book: ladder_rules.Book, row: OrderRow) -> Rung:
    code = ladder_orders.rule_of(row)
    return Rung(
        level=SUPERVISED,
        say=Say(row.number, row.number),
        unit=row.unit,
        at=row.issued_at,
        by=row.issued_by,
        rule=code,
        ground=_ground(book, code),
        state=STATES[row.state],
        answer=row.reply or "",
        url=f"/ladder/orders/{row.id}",
    )


def _paper_rung(row: PaperRow) -> Rung:
    return Rung(
        level=row.level,
        say=Say(row.number, row.number),
        unit=row.unit,
        at=row.effective_at or row.drafted_at,
        by=row.drafted_by,
        rule=row.rule,
        ground=Say(row.cited_zh, row.cited_en),
        state=ladder_papers.STATES[row.state],
        answer=row.report,
        url=f"/ladder/papers/{row.id}",
    )


@get("/ladder/cases/{number:str}", opt={"needs": "case.read"})
async def show(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """The ladder of the case; ``give`` opens the form of a step, ``cancel`` that of a card."""
    return await _show(request, actor, number)


async def _show(
    request: AnyRequest,
    actor: Actor,
    number: str,
    *,
    form: Form[Any] | None = None,
    give: str = "",
    cancel: str = "",
    status: int = 200,
) -> Response[str]:
    view = await view_for(actor, number)
    give = give or request.query_params.get("give", "")
    cancel = cancel or request.query_params.get("cancel", "")
    async with db.reading() as connection:
        book = await ladder_rules.in_force(connection)
        found = rungs(
            book,
            await ladder_lists.cards(connection, actor, view.case.id),
            await ladder_lists.orders(connection, actor, clock.now(), state="", case=view.case.id),
            await ladder_lists.papers(connection, actor, state="", case=view.case.id),
        )
        told = await ladder_lists.instructions(connection, actor, state="", case=view.case.id)
    shares = shares_of(view)
    choices = _choices(view, actor, shares)
    names = await people.names({one.by for one in found if one.by is not None})
    is_open = give in GIVABLE and any(one.code == give and one.why is None for one in choices)
    return render(
        request,
        "ladder/case.html",
        region="#r-ladder",
        status=status,
        view=view,
        case=view.case,
        rungs=found,
        names=names,
        choices=choices,
        give=give if is_open else "",
        cancel=cancel,
        form=form or _blank(give, cancel, view, shares),
        shares={str(one.id): unit_name(one.unit) for one in shares},
        grounds=ORDER_RULES,
        bodies=bodies(),
        offered=offered(),
        told=told,
        at=clock.now(),
        points_of={code: _points(book, level) for code, level in GIVABLE.items()},
        may_cancel=may(actor, HOLDS),
        live=f"case.{view.case.id}",
        **common(actor, ""),
    )


def _points(book: ladder_rules.Book, level: int) -> int:
    rule = book.get(ladder_cards.BY_HAND.get(level, ""))
    return rule.points if rule is not None else 0


def _blank(give: str, cancel: str, view: CaseView, shares: Sequence[AssignmentRow]) -> Form[Any]:
    if cancel and not give:
        return forms.blank(Cancel)
    start: dict[str, object] = {"seq": view.seq}
    if len(shares) == 1:
        start["assignment"] = shares[0].id
    return forms.blank(GiveOrder if give == "order" else Give, start)


def shares_of(view: CaseView) -> list[AssignmentRow]:
    """The live shares of the case, the lead first."""
    return sorted(view.file.live, key=lambda one: (one.role != "lead", one.dispatched_at))


def _choices(view: CaseView, actor: Actor, shares: Sequence[AssignmentRow]) -> list[Choice]:
    """What may be given by hand now; nothing on a case that ended or to somebody who gives none."""
    if not may(actor, GIVES) or view.case.state in ENDED or not shares:
        return []
    found = []
    for code, level in GIVABLE.items():
        if code != "order" and not may(actor, HOLDS):
            continue
        refusals = [demands_ladder.out_of_order(view.file, one.unit, level) for one in shares]
        why = refusals[0].say if refusals[0] is not None and all(refusals) else None
        lead = shares[0].unit
        url = (
            f"/ladder/new/bulletin?case={view.case.number}&unit={lead}"
            if code == "bulletin"
            else (f"/ladder/cases/{view.case.number}?give={code}#r-give")
        )
        found.append(Choice(code=code, say=STEPS[level], key=KEYS[code], url=url, why=why))
    return found


async def _taken(
    request: AnyRequest, actor: Actor, number: str, form: Form[Any], do: Do, said: Say, **opened: str
) -> Response[str]:
    """Take a step on the case's ladder and show it, or show it with the form that was ``opened`` as typed."""
    return await done(
        request, actor, form, do, to=f"/ladder/cases/{number}", said=said,
        again=lambda status: _show(request, actor, number, form=form, status=status, **opened),
    )  # fmt: skip


@post("/ladder/cases/{number:str}/card/{code:str}", opt={"needs": HOLDS}, status_code=200)
async def card(request: AnyRequest, actor: Who, number: FromPath[str], code: FromPath[str]) -> Response[str]:
    """黄牌 or 红牌 by hand."""
    form = await forms.read(request, Give)
    level = next((level for level, cause in CARDS.items() if cause == code), None)

    async def do(w: Work, given: Give) -> None:
        if level is None:
            raise invalid({"": Say("请选黄牌或红牌。", "Choose yellow or red.")})
        file = await opened_for(w, number, given.seq)
        share = _share(file.assignments, given.assignment)
        await ladder_cards.card(w, file, share, level=level, reason=given.reason)

    said = Say("牌已出，单位已告知。", "The card is given.")
    return await _taken(request, actor, number, form, do, said, give=code)


def _share(shares: dict[UUID, AssignmentRow], identifier: UUID) -> AssignmentRow:
    if identifier not in shares:
        raise invalid({"assignment": Say("请选一个单位。", "Choose a unit.")})
    return shares[identifier]


@post("/ladder/cases/{number:str}/order", opt={"needs": GIVES}, status_code=200)
async def order(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """督办单, joint where other bodies are named."""
    form = await forms.read(request, GiveOrder)

    async def do(w: Work, given: GiveOrder) -> object:
        if given.ground not in ORDER_RULES:
            raise invalid({"ground": Say("请选督办事由。", "Choose the ground.")})
        file = await opened_for(w, number, given.seq)
        share = _share(file.assignments, given.assignment)
        named = tuple(filter(None, given.bodies))
        return await ladder_orders.order(w, file, share, rule=given.ground, words=given.reason, bodies=named)

    said = Say("督办单已发出。", "The order is issued.")
    return await _taken(request, actor, number, form, do, said, give="order")


@post("/ladder/cases/{number:str}/cancel/{record:uuid}", opt={"needs": HOLDS}, status_code=200)
async def cancel(request: AnyRequest, actor: Who, number: FromPath[str], record: FromPath[UUID]) -> Response[str]:
    """取消 a card: its points are given back."""
    form = await forms.read(request, Cancel)

    async def do(w: Work, given: Cancel) -> None:
        await ladder_cards.cancel(w, await opened_for(w, number), record, reason=given.reason)

    said = Say("牌已取消，扣分已退还。", "The card is cancelled and its points given back.")
    return await _taken(request, actor, number, form, do, said, cancel=str(record))


ROUTES = [show, card, order, cancel]
