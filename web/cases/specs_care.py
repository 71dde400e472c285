"""Acts on cases that are not routed plainly; ``web/cases/specs.py`` takes them in."""

from __future__ import annotations

from cases import demands_care, levels
from cases import events as base
from cases import events_care as e
from cases.views import CaseView
from hotline.ids import new_id
from web.cases import asks_care, choices_care
from web.cases.choices import Standing
from web.cases.spec import Spec, act

_SUPERVISE = "case.supervise"


def _summarised(at: Standing) -> base.Event | None:
    return e.Summarised() if at.view.case.is_open else None


def _about(at: Standing) -> base.Event | None:
    view = at.view
    if not view.case.is_open or view.is_shielded:
        return None
    return e.AboutNamed(request=view.file.first_request.id, unit="HOT")


def _flagged(at: Standing) -> base.Event | None:
    return e.Flagged(kinds=("threat",)) if at.view.case.is_open and not at.view.case.risk else None


def _seen(at: Standing) -> base.Event | None:
    case = at.view.case
    return e.RiskSeen() if case.risk and case.risk_seen_at is None else None


def _cleared(at: Standing) -> base.Event | None:
    return e.FlagCleared() if at.view.case.risk else None


def _police(at: Standing) -> base.Event | None:
    return e.PoliceTold(number="110") if at.view.case.risk else None


def _verified(at: Standing) -> base.Event | None:
    own = at.view.own
    if own is None or own.role != "lead" or own.verified_at is not None:
        return None
    if not demands_care.verifies_first(at.view.file):
        return None
    return e.VerifiedFacts(assignment=own.id, finding="true")


def _statutory(at: Standing) -> base.Event | None:
    if at.view.case.state not in ("registered", "accepted"):
        return None
    return base.Transferred(target=choices_care.DISCIPLINE, is_statutory=True)


def _climb(at: Standing) -> base.Event | None:
    own, case = at.view.own, at.view.file.case
    following = levels.next_of(case)
    if own is None or own.role != "lead" or not case.level or following is None:
        return None
    return e.Escalated(level=following[0], unit=following[1], cause="asked", leader=new_id())


def _instructed(at: Standing) -> base.Event | None:
    case = at.view.file.case
    return e.Instructed(level=case.level) if case.leader == at.actor.id and case.is_open else None


def _yes(_: CaseView) -> bool:
    return True


SPECS: tuple[Spec, ...] = (
    act("seen", "risk-seen", "已知晓风险", "Take note of the risk", _SUPERVISE, asks_care.Seen, _seen, is_main=_yes),
    act("police", "police", "通报 110", "Tell 110", _SUPERVISE, asks_care.Police, _police),
    act("clear", "risk-clearance", "解除敏感", "Clear the flag", _SUPERVISE, asks_care.Clear, _cleared),
    act(
        "statutory", "statutory-channel", "转纪检等法定渠道", "To a statutory channel", "case.accept",
        asks_care.Statutory, _statutory, start=choices_care.start_statutory,
    ),
    act(
        "verify", "verification", "记录核实", "Record what was verified", "case.handle", asks_care.Verify, _verified,
        is_main=_yes,
    ),
    act("instruct", "instruction", "批示", "Write an instruction", "case.instruct", asks_care.Instruct, _instructed,
        is_main=_yes),
    act("climb", "next-level", "提请上一级协调", "Ask the next level", "case.handle", asks_care.Climb, _climb),
    act(
        "summary", "summary", "写转述", "Write the summary", "case.dispatch", asks_care.Summary, _summarised,
        start=choices_care.start_summary,
    ),
    act(
        "about", "complained-about", "记被投诉单位", "Whom it is about", "case.accept", asks_care.About, _about,
        start=choices_care.start_about,
    ),
    act("flag", "risk", "标记敏感", "Flag a risk", "case.read", asks_care.Flag, _flagged),
)  # fmt: skip
