"""Which acts this person may do on this case now: asked of the ledger's own demands, nothing is written.

An act is a form with an address; a page opens one at a time. Up to three refused ones say why.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from cases import demands
from cases.demands import Ask
from cases.file import Text
from cases.moves import MOVES
from cases.states import CASE_STATES
from cases.views import CaseView
from hotline import clock
from hotline.actor import Actor
from hotline.errors import Refusal, Say
from hotline.permissions import may
from sla.rows import ClockRow, OrderRow
from web import forms
from web.cases import choices
from web.cases.choices import Standing
from web.cases.spec import Spec
from web.cases.specs import SPECS
from web.forms import Form

MOST_REFUSED = 3
_ANY_TEXT = Text(value="…")


class Act(msgspec.Struct, kw_only=True):
    """One act that may be done: its form, its address, what its selects offer."""

    code: str
    say: Say
    number: str
    path: str
    key: str
    template: str
    seq: int
    back: str
    is_plain: bool
    is_main: bool
    form: Form[Any]
    standing: Standing
    offered: dict[str, Any] | None = None

    @property
    def options(self) -> dict[str, Any]:
        """What its selects offer; worked out when it is shown."""
        if self.offered is None:
            self.offered = choices.of(self.code, self.standing)
        return self.offered

    @property
    def url(self) -> str:
        """The case page with this act open."""
        return f"/cases/{self.number}?act={self.code}"


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """An act that somebody might look for, and why it is not there."""

    say: Say
    why: Say
    is_state: bool

    @property
    def sentence(self) -> Say:
        """What is not possible and why, said once."""
        if self.why.zh.startswith("不能"):
            return self.why
        return Say(f"不能{self.say.zh}：{self.why.zh}", f"Not possible to {self.say.en.lower()}: {self.why.en}")


class Acts(msgspec.Struct, frozen=True, kw_only=True):
    """The acts of one page; ``likely`` is the filled one."""

    doable: Sequence[Act]
    refused: Sequence[Refused]
    likely: Act | None


def of(
    view: CaseView, actor: Actor, orders: Sequence[OrderRow] = (), back: str = "", clocks: Sequence[ClockRow] = ()
) -> Acts:
    """Everything the actor may do on the case now, the likely one first, and what they may not, with the reason."""
    doable: list[Act] = []
    refused: list[Refused] = []
    at = Standing(view, actor, orders, clocks)
    for spec in SPECS:
        event = spec.event(at) if may(actor, spec.need) else None
        if event is None:
            continue
        refusal = _refusal(at, event, spec)
        if refusal is None:
            doable.append(_act(at, spec, back))
        elif refusal.status == 409:
            refused.append(_refused(view, spec, refusal))
    doable.sort(key=lambda act: not act.is_main)
    likely = next((act for act in doable if act.is_main), None)
    return Acts(doable=doable, refused=_worth_saying(view, refused, has_likely=likely is not None), likely=likely)


def one(
    view: CaseView, actor: Actor, code: str, orders: Sequence[OrderRow] = (), back: str = "",
    clocks: Sequence[ClockRow] = (),
) -> Act | None:
    """One act, ready to be shown; None when it may not be done now."""
    return next((act for act in of(view, actor, orders, back, clocks).doable if act.code == code), None)


def spec_of(code: str) -> Spec | None:
    """The act's row in the table."""
    return next((spec for spec in SPECS if spec.code == code), None)


def _refusal(at: Standing, event: Any, spec: Spec) -> Refusal | None:
    """What the ledger would say now if every text were written; a field still to be filled in is no refusal."""
    view, actor = at.view, at.actor
    move, now = MOVES[event.kind], clock.now()
    texts = dict.fromkeys((*move.demands, "summary", "reason"), _ANY_TEXT)
    try:
        demands.check(Ask(file=view.file, event=event, texts=texts, actor=actor, now=now))
        spec.check(at, now)
    except Refusal as refusal:
        return None if refusal.status == 422 else refusal
    return None


def _act(at: Standing, spec: Spec, back: str) -> Act:
    view = at.view
    start = {**spec.start(at), "seq": view.seq, "back": back}
    return Act(
        code=spec.code, say=spec.say, number=view.case.number, path=f"/cases/{view.case.number}/{spec.slug}",
        key=spec.key, template=f"cases/acts/_{spec.code}.html", seq=view.seq, back=back, is_plain=spec.is_plain,
        is_main=spec.is_main(view), form=forms.blank(spec.form, start), standing=at,
    )  # fmt: skip


def _refused(view: CaseView, spec: Spec, refusal: Refusal) -> Refused:
    if refusal.code != "impossible_move":
        return Refused(say=spec.say, why=refusal.say, is_state=False)
    own, state = view.own, CASE_STATES[view.case.state]
    if spec.need == "case.handle" and own is not None:
        state = choices.ASSIGNMENT_STATES[own.state]
    why = Say(f"现在是“{state.zh}”。", f"It is “{state.en}” now.")
    return Refused(say=spec.say, why=why, is_state=True)


def _worth_saying(view: CaseView, refused: list[Refused], *, has_likely: bool) -> list[Refused]:
    """Rules before states; on a case that has ended, or where something can be done, states explain themselves."""
    rules = [one for one in refused if not one.is_state]
    states = [] if has_likely or not view.case.is_open else [one for one in refused if one.is_state]
    return (rules + states)[:MOST_REFUSED]
