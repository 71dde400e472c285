"""Roles and what each may: data. A permission is explained in ``hotline.permissions``."""

from __future__ import annotations

from hotline.errors import Say


def _may(names: str) -> frozenset[str]:
    return frozenset(names.split())


_HEADS = _may(
    "case.list case.read case.approve case.handle alert.answer notice.reply board.read figures.own score.appeal"
    " data.ask knowledge.read knowledge.write outage.edit people.reset"
)
"""A unit's head and deputy may the same."""

ROLES: dict[str, tuple[Say, frozenset[str]]] = {
    "agent": (Say("坐席", "Agent"), _may("call.take case.list case.read case.accept requester.reveal knowledge.read")),
    "shift_supervisor": (
        Say("班长", "Shift supervisor"),
        _may(
            "call.take case.list case.read case.accept case.supervise requester.reveal alert.answer board.read"
            " figures.read figures.own floor.read recording.play knowledge.read outage.edit shift.hold"
        ),
    ),
    "counter": (
        Say("窗口核验员", "Counter clerk"),
        _may("call.take case.list case.read account.verify knowledge.read"),
    ),
    "dispatcher": (
        Say("派单员", "Dispatcher"),
        _may("case.list case.read case.accept case.dispatch report.read extension.decide knowledge.read"),
    ),
    "unit_handler": (
        Say("承办人", "Unit handler"),
        _may(
            "case.list case.read case.handle requester.reveal notice.reply figures.own knowledge.read knowledge.write"
            " outage.edit"
        ),
    ),
    "unit_head": (Say("单位负责人", "Unit head"), _HEADS),
    "unit_deputy": (Say("单位分管负责人", "Unit deputy in charge"), _HEADS),
    "unit_liaison": (
        Say("单位联络员", "Unit liaison"),
        _may(
            "case.list case.read case.handle requester.reveal notice.reply figures.own score.appeal data.ask"
            " knowledge.read knowledge.write outage.edit"
        ),
    ),
    "callback": (
        Say("回访员", "Callback agent"),
        _may("case.list case.read case.visit visit.read requester.reveal report.read knowledge.read"),
    ),
    "auditor": (
        Say("审核员", "Auditor"),
        _may(
            "case.list case.read case.audit case.visit visit.read case.reopen report.read alert.answer inspection.check"
            " claim.decide rating.decide bounty.review recording.play"
        ),
    ),
    "supervisor": (
        Say("督办员", "Supervisor"),
        _may(
            "case.list case.read case.supervise visit.read case.reopen report.read alert.answer board.read ladder.hold"
            " ladder.edit inspection.plan inspection.check promise.simulate figures.read figures.own score.freeze"
            " score.appeal theme.edit knowledge.read act.read"
        ),
    ),
    "coordination": (
        Say("协调办公室", "Coordination office"),
        _may(
            "case.list case.read case.dispatch case.audit case.visit case.supervise case.coordinate visit.read"
            " visit.policy case.reopen case.erase report.read alert.answer board.read conference.hold routing.edit"
            " promise.edit extension.decide suspension.decide ladder.hold ladder.edit inspection.plan inspection.check"
            " claim.decide promise.simulate rating.import rating.decide figures.read figures.own figures.export"
            " ledger.export score.edit score.freeze score.appeal bulletin.make theme.edit bounty.review bounty.pay"
            " data.ask data.answer knowledge.read knowledge.approve outage.edit shift.hold act.read"
        ),
    ),
    "level_leader": (
        Say("协调领导", "Coordinating leader"),
        _may("case.list case.read case.instruct figures.read figures.own"),
    ),
    "publication": (
        Say("公开员", "Publication officer"),
        _may(
            "case.list case.read notice.draft notice.verify figures.read figures.own figures.export bulletin.make"
            " theme.edit"
        ),
    ),
    "business_reviewer": (Say("业务审核人", "Business reviewer"), _may("case.list case.read notice.approve")),
    "secrecy_reviewer": (Say("保密审核人", "Secrecy reviewer"), _may("case.list case.read notice.clear")),
    "county_office": (
        Say("县区热线办", "County hotline office"),
        _may(
            "call.take case.list case.read case.accept case.dispatch board.read extension.decide figures.read"
            " figures.own score.appeal data.ask knowledge.read outage.edit"
        ),
    ),
    "knowledge_editor": (
        Say("知识编辑", "Knowledge editor"),
        _may("case.list case.read knowledge.read knowledge.write knowledge.approve"),
    ),
    "admin": (
        Say("管理员", "Administrator"),
        _may(
            "visit.read visit.policy routing.edit promise.edit ladder.edit promise.simulate rating.import figures.read"
            " figures.own ledger.export city.edit people.edit people.reset operations.read partner.edit act.read"
        ),
    ),
}
