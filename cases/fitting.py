"""Whether one case may go into another, and come out again: each hindrance a 409 with its reason. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cases import states
from cases.file import CaseFile
from cases.moves_merge import HOLDING, MERGEABLE
from hotline import city
from hotline.errors import Refusal, Say, conflict, invalid

Pair = Callable[[CaseFile, CaseFile], Refusal | None]
OWN_RESULTS = frozenset(states.RESULTS_OF) | {"report"}
"""Kinds that end in their own way, by their own rules: they go together with their like only."""


def why_not(parent: CaseFile, child: CaseFile) -> Refusal | None:
    """Why ``child`` may not go into ``parent``: the 409 refusal, or None when it may."""
    return next((refusal for one in _TOGETHER if (refusal := one(parent, child)) is not None), None)


def why_not_apart(parent: CaseFile, child: CaseFile, reason: str = "-") -> Refusal | None:
    """Why ``child`` may not come out of ``parent`` again: the 409 refusal (422 without a reason), or None."""
    if child.case.state != "merged" or child.case.merged_into != parent.case.id:
        return conflict("not_merged", "这件没有并在那一件里。", "This case is not merged into that one.")
    if parent.case.state not in states.OPEN:
        return _ended(parent, "主办件", "The case that it went into")
    for one in parent.requests.values():
        if one.home_id == child.case.id and one.visited_at is not None:
            return conflict(
                "visited",
                f"{one.receipt_no} 已经回访过，不能再拆回。",
                f"{one.receipt_no} was called back already, so it stays.",
            )
    if not reason.strip():
        return invalid({"reason": states.TEXTS["reason"]}, "text_missing")
    return None


def _ended(file: CaseFile, zh: str, en: str) -> Refusal:
    state, number = states.CASE_STATES[file.case.state], file.case.number
    return conflict(
        "ended", f"{zh} {number} {state.zh}，不能再动。", f"{en} {number} has ended: {state.en.lower()}."
    )


def _itself(parent: CaseFile, child: CaseFile) -> Refusal | None:
    if parent.case.id != child.case.id:
        return None
    return conflict("itself", "不能并入自己，请另选一件。", "A case cannot go into itself; choose another.")


def _own_child(parent: CaseFile, child: CaseFile) -> Refusal | None:
    if parent.case.merged_into != child.case.id:
        return None
    return conflict(
        "own_child",
        f"{parent.case.number} 已经并在 {child.case.number} 里，不能反过来再并。",
        f"{parent.case.number} is merged into {child.case.number} already; it cannot take that in.",
    )


def _already(parent: CaseFile, child: CaseFile) -> Refusal | None:
    for one in (child, parent):
        if one.case.state == "merged":
            return conflict(
                "merged_already",
                f"{one.case.number} 已经并入别的件，请用那一件，或先拆回。",
                f"{one.case.number} is merged into another already; use that one, or unmerge it first.",
            )
    return None


def _open(parent: CaseFile, child: CaseFile) -> Refusal | None:
    for one in (child, parent):
        if one.case.state in states.ENDED:
            return _ended(one, "", "Case")
    return None


def _answered(parent: CaseFile, child: CaseFile) -> Refusal | None:
    if child.case.state == "in_conference":
        return conflict(
            "in_conference",
            f"{child.case.number} 在会商，先等会商决定。",
            f"{child.case.number} is in conference; wait for the decision.",
        )
    for one, allowed in ((child, MERGEABLE), (parent, HOLDING)):
        if one.case.state not in allowed:
            return conflict(
                "answered_already",
                f"{one.case.number} 已有答复，在等回访，不能再合并。",
                f"{one.case.number} has its answer and waits for the return visit; it is too late to merge.",
            )
    return None


def _holds(parent: CaseFile, child: CaseFile) -> Refusal | None:
    held = {one.home_id for one in child.requests.values() if one.home_id is not None}
    if not held:
        return None
    return conflict(
        "holds_others",
        f"{child.case.number} 里已并有 {len(held)} 件，请反过来，把另一件并入它，或先拆回。",
        f"{child.case.number} holds {len(held)} merged cases; merge the other into it, or unmerge those first.",
    )


def _risk_seen(parent: CaseFile, child: CaseFile) -> Refusal | None:
    if not child.case.risk or child.case.risk_seen_at is not None:
        return None
    return conflict(
        "risk_unseen",
        f"{child.case.number} 有风险提示，班长还没看过，看过再合并。",
        f"{child.case.number} is flagged for risk and the supervisor has not seen it; merge it afterwards.",
    )


def _stands(parent: CaseFile, child: CaseFile) -> Refusal | None:
    """The clocks of a critical case never stand, so it makes none that stands its own."""
    if parent.case.paused is None or child.case.urgency != "critical":
        return None
    return conflict(
        "standing",
        f"{parent.case.number} 的时限停着，特急件不能并进去；请先恢复办理，或不再等补充。",
        f"The clocks of {parent.case.number} stand; a critical case cannot go into it. Resume it, or stop waiting.",
    )


def _all_open(parent: CaseFile, child: CaseFile) -> Refusal | None:
    for one in child.requests.values():
        if one.state != "open":
            state = states.REQUEST_STATES[one.state]
            return conflict(
                "request_settled",
                f"{one.receipt_no} {state.zh}，不能再合并。",
                f"{one.receipt_no} cannot be merged any more: {state.en.lower()}.",
            )
    return None


def _sealed(parent: CaseFile, child: CaseFile) -> Refusal | None:
    if parent.case.is_sealed == child.case.is_sealed:
        return None
    return conflict(
        "sealed",
        "举报、保密件不能和普通件合并，免得泄露来源。",
        "A report or confidential case never goes together with a plain one: its source could leak.",
    )


def _same_law(parent: CaseFile, child: CaseFile) -> Refusal | None:
    kinds = parent.case.kind, child.case.kind
    if kinds[0] != kinds[1] and OWN_RESULTS.intersection(kinds):
        names = [states.KINDS[kind] for kind in kinds]
        return conflict(
            "other_kind",
            f"{names[0].zh}和{names[1].zh}的办理规定不同，不能合并。",
            f"{names[0].en} and {names[1].en.lower()} follow different rules and cannot be merged.",
        )
    if _about(parent) != _about(child):
        return conflict(
            "about_unit",
            "投诉单位的件只能和投诉同一单位的件合并。",
            "A complaint about a body goes together only with complaints about the same one.",
        )
    return None


def _about(file: CaseFile) -> set[str]:
    return {one.about_unit for one in file.requests.values() if one.about_unit}


def _room(parent: CaseFile, child: CaseFile) -> Refusal | None:
    most = int(city.current().rule("merge.most"))
    if len(parent.requests) + len(child.requests) <= most:
        return None
    return conflict(
        "full",
        f"{parent.case.number} 已有 {len(parent.requests)} 个诉求，一件最多 {most} 个。",
        f"{parent.case.number} holds {len(parent.requests)} requests; one case takes {most} at most.",
    )


_TOGETHER: Sequence[Pair] = (
    _itself, _own_child, _already, _open, _answered, _holds, _risk_seen, _stands, _all_open, _sealed, _same_law, _room,
)  # fmt: skip

__all__ = ["Say", "why_not", "why_not_apart"]
