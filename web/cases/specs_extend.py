"""Acts on the case page: an extension asked for, approved or refused; a longer promise that a statute gives."""

from __future__ import annotations

from datetime import datetime

from cases import events as e
from cases import events_extend as x
from hotline import clock
from sla import extending
from web.cases import asks, asks_extend, choices_extend
from web.cases.choices import Standing
from web.cases.spec import Spec, act

_HANDLE, _DECIDE = "case.handle", "extension.decide"


def _ask(at: Standing) -> e.Event | None:
    own, row = at.view.own, choices_extend.own_clock(at)
    if own is None or own.role == "below" or row is None:
        return None
    return x.ExtensionAsked(assignment=own.id, clock=row.id, was=row.due_at, wanted=row.due_at)


def _may_ask(at: Standing, now: datetime) -> None:
    if at.view.own is not None:
        extending.check(at.clocks, at.view.own, now)


def _decide(at: Standing) -> e.Event | None:
    share = choices_extend.waiting(at)
    return x.ExtensionRefused(assignment=share.id) if share is not None else None


def _may_decide(at: Standing, _: datetime) -> None:
    share = choices_extend.waiting(at)
    if share is not None:
        extending.may_decide(at.actor, share)


def _lawful(at: Standing) -> e.Event | None:
    lead, row = at.view.file.lead, choices_extend.lead_clock(at)
    if lead is None or row is None or row.due_at <= clock.now() or not extending.longer(row):
        return None
    return x.LawApplied(
        assignment=lead.id, clock=row.id, law="", profile=lead.profile, was=row.due_at, due=row.due_at
    )


def _admitted(at: Standing) -> e.Event | None:
    own = at.view.own
    runs = own is not None and any(
        row.stage == "admit" and row.subject_id == own.id and row.stopped_at is None for row in at.clocks
    )
    return x.Admitted(assignment=own.id) if own is not None and runs else None


SPECS: tuple[Spec, ...] = (
    act("admit", "admission", "决定受理", "Take the mediation up", _HANDLE, asks.Plain, _admitted, is_plain=True),
    act("extension", "extension-request", "申请延期", "Ask for extension", _HANDLE, asks_extend.Extension, _ask,
        check=_may_ask),
    act("extension_decision", "extension-decision", "答复延期", "Answer the extension", _DECIDE,
        asks_extend.ExtensionDecision, _decide, start=choices_extend.start_decision, check=_may_decide),
    act("statutory_limit", "statutory-limit", "适用法定期限", "Apply a statutory limit", _DECIDE,
        asks_extend.Statutory, _lawful),
)  # fmt: skip
