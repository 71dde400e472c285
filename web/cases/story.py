"""The case as a story: its steps, its timeline in groups, and what happened since a page was drawn. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from cases.file import CaseFile
from cases.rows import AssignmentRow
from cases.states import CASE_STATES, ENDED
from cases.views import CaseView, Line
from cases.wording import STAGES
from hotline import city
from hotline.errors import Say
from web import units
from web.cases.messages import Message

CLOCK_KINDS = frozenset({
    "promised", "warned", "breached", "reminded", "ordered", "order_signed", "order_answered", "due_soon",
    "info_asked", "info_ended", "info_lapsed", "suspension_asked", "suspension_refused", "suspended",
    "review_due", "resumed",
    "overdue_told", "order_reviewed", "order_joined", "order_ended", "carded", "card_cancelled", "alert_escalated",
    "measured", "measure_stepped",
    "extension_asked", "extension_granted", "extension_refused", "extension_lapsed", "law_applied", "lead_due_moved",
})  # fmt: skip
BY_ITSELF = frozenset({
    "promised", "routing_missed", "urgency_set", "warned", "breached", "due_soon", "overdue_told", "extension_lapsed",
})  # fmt: skip
"""Written in the transaction of somebody's act, but nobody's doing."""
FILTERS = {
    "": Say("全部", "All"),
    "people": Say("人", "People"),
    "clocks": Say("时限", "Deadlines"),
    "messages": Say("消息", "Messages"),
}
TEXT_LABELS = {
    "words": Say("原话", "Words"),
    "place": Say("地点", "Place"),
    "title": Say("标题", "Title"),
    "summary": Say("转述", "Summary"),
    "channel": Say("途径", "Channel"),
    "reason": Say("理由", "Reason"),
    "basis": Say("依据", "Basis"),
    "told": Say("告诉诉求人的原因", "Reason for the requester"),
    "answer": Say("统一答复", "Official answer"),
    "citation": Say("法条", "Statute"),
    "said": Say("诉求人的话", "Said"),
    "finding": Say("核实情况", "Found"),
    "leader": Say("负责领导", "Leader"),
    "instruction": Say("批示", "Instruction"),
    "risk": Say("敏感词", "Risk words"),
    "decision": Say("会商决定", "Decision"),
    "spot": Say("上门地点", "Where to meet"),
    "outcome": Say("上门结果", "Outcome of the visit"),
    "list": Say("请补充", "Asked for"),
    "plan": Say("计划", "Plan"),
    "old_words": Say("原来写的", "As it was written"),
    "old_place": Say("原来写的", "As it was written"),
}
_NOT_REPEATED = {"registered": {"words", "place", "point", "title"}, "accepted": {"summary", "place", "title"},
                 "corrected": {"title"}}
_FOLD_FROM = 3


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the timeline: a sentence with its texts, or a run of folded system records."""

    at: datetime
    who: str = ""
    behalf: str = ""
    say: Say | None = None
    is_public: bool = False
    is_system: bool = False
    is_minor: bool = False
    seq: int = 0
    kind: str = ""
    note: str = ""
    reply: str = ""
    texts: Sequence[tuple[Say, str]] = ()
    folded: Sequence[Item] = ()


def timeline(view: CaseView, messages: Sequence[Message], only: str) -> list[Item]:
    """The story, oldest first; ``only`` is a key of FILTERS."""
    if only == "messages":
        return [_told(one) for one in messages]
    items = [_item(line) for line in view.lines if _is_in(line, only)]
    if only:
        return items
    items += [_told(one) for one in messages]
    items.sort(key=lambda one: one.at)
    return _folded(items)


def _is_in(line: Line, only: str) -> bool:
    if only == "clocks":
        return line.kind in CLOCK_KINDS
    return only != "people" or not (line.is_system or line.kind in BY_ITSELF)


def _told(one: Message) -> Item:
    texts = [(Say("内容", "Words"), one.words)] if one.words else []
    return Item(at=one.at, say=one.say, is_public=one.has_left, is_system=True, is_minor=True, texts=texts)


def _item(line: Line) -> Item:
    skip = _NOT_REPEATED.get(line.kind, set()) | {"note", "reply"}
    who = line.who
    if who and line.unit:
        name = units.name(city.current(), line.unit)
        who = f"{name.zh} {who}" if line.unit != "HOT" else who
    is_system = line.is_system or line.kind in BY_ITSELF
    return Item(
        at=line.at,
        who="" if is_system else who,
        behalf="" if is_system else line.behalf,
        say=line.say,
        is_public=line.is_public and line.kind != "promised",
        is_system=is_system,
        is_minor=line.kind == "promised",
        seq=line.seq,
        kind=line.kind,
        note=line.texts.get("note", ""),
        reply=line.texts.get("reply", ""),
        texts=[(TEXT_LABELS.get(name, Say(name, name)), text) for name, text in line.texts.items() if name not in skip],
    )


def _folded(items: list[Item]) -> list[Item]:
    """Runs of plain system records become one entry that opens."""
    out: list[Item] = []
    run: list[Item] = []
    for item in [*items, None]:
        if item is not None and item.is_minor:
            run.append(item)
            continue
        if len(run) >= _FOLD_FROM:
            out.append(Item(at=run[0].at, is_system=True, folded=run))
        else:
            out += run
        run = []
        if item is not None:
            out.append(item)
    return out


def since(view: CaseView, seq: int | None) -> list[Item]:
    """What happened after the page with ``seq`` was drawn, people's acts first of all."""
    if seq is None:
        return []
    later = [line for line in view.lines if line.seq > seq]
    of_people = [line for line in later if not line.is_system and line.kind not in BY_ITSELF]
    return [_item(line) for line in of_people or later]


def steps(view: CaseView) -> list[tuple[Say, str, datetime | None]]:
    """受理 派单 签收 办理 审核 回访 结案, each done, now or next; cases that ended early have their own short line."""
    case, lead = view.case, view.file.lead or _last_lead(view.file)
    if case.state in ENDED and lead is None:
        end = CASE_STATES[case.state]
        return [(Say("登记", "Logged"), "done", case.opened_at), (end, "now", case.closed_at)]
    audited = next((line.at for line in reversed(view.lines) if line.kind == "approved"), None)
    visited = max((one.visited_at for one in view.file.requests.values() if one.visited_at), default=None)
    rounds = lead.round if lead else 1
    work = Say(
        "办理" if rounds == 1 else f"办理（第 {rounds} 次）", "Handle" if rounds == 1 else f"Handle (round {rounds})"
    )
    stages: list[tuple[Say, datetime | None]] = [
        (Say("受理", "Accept"), case.accepted_at),
        (Say("派单", "Dispatch"), lead.dispatched_at if lead else None),
        (Say("签收", "Acknowledge"), lead.signed_at if lead else None),
        (work, lead.handled_at if lead and lead.state in ("handled", "ended") else None),
        (Say("审核", "Audit"), audited if case.state in ("callback", "closed", "archived") else None),
        (
            Say("回访", "Visit"),
            visited if case.state in ("callback", "closed", "archived") and not view.file.unsettled else None,
        ),
        (Say("结案", "Close"), case.closed_at),
    ]
    return _marked(stages, is_open=case.is_open)


def _last_lead(file: CaseFile) -> AssignmentRow | None:
    leads = [one for one in file.assignments.values() if one.role == "lead" and one.state == "ended"]
    return leads[-1] if leads else None


def _marked(stages: list[tuple[Say, datetime | None]], *, is_open: bool) -> list[tuple[Say, str, datetime | None]]:
    out: list[tuple[Say, str, datetime | None]] = []
    is_now_found = not is_open
    for say, at in stages:
        if at is not None and not (is_open and is_now_found):
            out.append((say, "done", at))
        elif not is_now_found:
            out.append((say, "now", None))
            is_now_found = True
        else:
            out.append((say, "next", None))
    return out


__all__ = ["FILTERS", "STAGES", "Item", "since", "steps", "timeline"]
