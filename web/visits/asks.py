"""What the screen of return visits asks for, and the choices it offers: one struct a form."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from cases.states import GRADES, TEXTS
from cases.states_visit import CAUSES, OBJECTIVE, OWN_FAULT
from hotline.errors import Say
from web.forms import label

LATER = "later"
GRADE_CHOICES: dict[str, Say] = {**GRADES, LATER: Say("以后自己评", "Will rate later")}
OUTCOMES: dict[str, Say] = {
    "unreached": Say("未接、关机、空号", "No answer, switched off, wrong number"),
    "later": Say("接通，约个时间再打（不算一次）", "Reached; call at an hour they name (no try)"),
    "refused": Say("接通但不愿回答，以后不再打", "Reached but would not answer; no more calls"),
}
CHANNELS: dict[str, Say] = {"phone": Say("电话", "Telephone"), "site": Say("现场核实", "On site")}
CAUSE_GROUPS: tuple[tuple[Say, dict[str, Say]], ...] = (
    (Say("单位自身（退回重办）", "The unit's own doing (rework)"), OWN_FAULT),
    (Say("客观原因（解释说明，记录在案）", "Not in the unit's power (explained, on record)"), OBJECTIVE),
)
_HELP = Say("请选一项。", "Choose one.")
_WHY = Say("请选不满意的原因。", "Choose why they are dissatisfied.")


class Visit(msgspec.Struct, kw_only=True):
    """What the requester said."""

    was_contacted: Annotated[bool | None, label("承办单位联系过您吗？", "Did the unit contact you?", missing=_HELP)]
    is_solved: Annotated[bool | None, label("问题解决了吗？", "Is the problem solved?", missing=_HELP)]
    is_truthful: Annotated[
        bool | None, label("刚才读的答复属实吗？", "Is the answer just read out true?", missing=_HELP)
    ]
    grade: Annotated[str, label("您对办理满意吗？", "Are you satisfied with the handling?", missing=_HELP)]
    cause: Annotated[str, label("不满意在哪里？", "What are you dissatisfied with?")] = ""
    said: Annotated[str, label("诉求人补充的话", "What the requester added", most=1000)] = ""
    channel: Annotated[str, label("方式", "By")] = "phone"
    seq: int | None = None

    def check(self) -> dict[str, Say]:
        """Only the choices that were offered; whoever is dissatisfied was asked why."""
        wrong: dict[str, Say] = {}
        if self.grade not in GRADE_CHOICES:
            wrong["grade"] = _HELP
        if self.channel not in CHANNELS:
            wrong["channel"] = _HELP
        if (self.cause and self.cause not in CAUSES) or (self.grade == "dissatisfied" and not self.cause):
            wrong["cause"] = _WHY
        return wrong


class Missed(msgspec.Struct, kw_only=True):
    """A try that got no answers, and when the next is planned."""

    outcome: Annotated[Literal["unreached", "later", "refused"], label("怎么没回访成", "What happened")]
    next_at: Annotated[datetime | None, label("下次什么时候打", "When to try again")] = None
    other_at: Annotated[datetime | None, label("其他时间", "Another time")] = None
    seq: int | None = None


class Cause(msgspec.Struct, kw_only=True):
    """Why somebody is dissatisfied who answered by message, or whose cause is decided anew."""

    cause: Annotated[str, label("不满意的原因", "Why they are dissatisfied", missing=_WHY)]
    found: Annotated[str, label("怎么核实的", "How it was found out", most=1000, missing=TEXTS["reason"])]
    seq: int | None = None

    def check(self) -> dict[str, Say]:
        """Only what is offered."""
        return {} if self.cause in CAUSES else {"cause": _WHY}


class Rework(msgspec.Struct, kw_only=True):
    """Back to the unit at fault."""

    assignment: Annotated[str, label("退给哪个单位", "Back to which unit")]
    reason: Annotated[
        str,
        label(
            "哪里没办好", "What was not done", most=1000, missing=Say("请写明哪里没办好。", "Say what was not done.")
        ),
    ]
    seq: int | None = None


class Close(msgspec.Struct, kw_only=True):
    """Closing; without a reason the unit's result stands."""

    result: Annotated[str, label("结案原因", "Reason for closing")] = ""
    seq: int | None = None


class Wish(msgspec.Struct, kw_only=True):
    """The part of the day they want to be called in."""

    part: Annotated[str, label("希望什么时候接电话", "When they want to be called")] = ""
    seq: int | None = None


class Followed(msgspec.Struct, kw_only=True):
    """What came of looking into a rating "dissatisfied" of a closed case."""

    outcome: Annotated[
        Literal["unreached", "proposed", "answered"], label("核实结果", "What came of it", missing=_HELP)
    ]
    cause: Annotated[str, label("不满意的原因", "Why they are dissatisfied")] = ""
    said: Annotated[str, label("诉求人的话", "What they said", most=1000)] = ""
    answer: Annotated[str, label("怎么向诉求人解释的", "What they were told", most=1000)] = ""
    seq: int | None = None


class Reopen(msgspec.Struct, kw_only=True):
    """Reopening a closed case."""

    assignment: Annotated[str, label("退给哪个单位", "Back to which unit", missing=_HELP)]
    reason: Annotated[str, label("哪里没办好", "What was not done", most=1000, missing=TEXTS["reason"])]
    seq: int | None = None
