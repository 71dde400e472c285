"""The words of the verifier, and what comes of a check: a part of ``cases/offline.py``, handed out with it."""

from __future__ import annotations

from typing import NamedTuple

KINDS = {
    "registered": ("登记", "entered"), "accepted": ("受理", "accepted"), "declined": ("不予受理", "not taken up"),
    "transferred": ("转接", "passed on"), "answered": ("当场答复", "answered at once"),
    "dispatched": ("交单位办理", "given to an office"), "signed": ("单位接到", "the office has it"),
    "contacted": ("与您联系", "the office was in touch"), "handled": ("单位答复", "the office's answer"),
    "approved": ("审核通过", "answer approved"), "promised": ("承诺时限", "a date was promised"),
    "visited": ("回访", "return visit"), "visit_missed": ("回访未接通", "return visit not answered"),
    "visit_answered": ("回访评价", "rating by message"), "rated": ("评价", "rated"), "closed": ("办结", "closed"),
    "reworked": ("重新办理", "to be done again"), "reopened": ("重新打开", "opened again"),
    "words_added": ("补充", "words added"), "urged": ("催办", "urged"), "withdrawn": ("撤回", "withdrawn"),
    "info_asked": ("请您补充", "more was asked for"), "info_ended": ("补充完毕", "more was received"),
    "suspended": ("列入计划", "put on the plan"), "resumed": ("恢复办理", "resumed"),
    "extension_granted": ("延期", "more time was given"), "merged": ("并到另一件", "joined to another"),
    "unmerged": ("从另一件拆回", "taken out again"), "split_from": ("由另一件拆出", "cut from another"),
    "split_off": ("另一件事另办", "a second matter got its own number"), "admitted": ("受理调解", "mediation taken up"),
    "info_lapsed": ("没有等到补充", "nothing more came"), "law_applied": ("按法定期限", "by a date in law"),
    "lead_due_moved": ("改了时限", "the date was moved"), "responded": ("统一答复", "an official answer"),
    "site_visit_planned": ("约定上门", "a visit was arranged"), "site_visit_moved": ("上门改期", "the visit was moved"),
    "site_visit_cancelled": ("上门取消", "the visit was cancelled"), "visit_wished": ("约定回访时间", "when to call"),
    "withdrawal_wished": ("要求撤回", "asked to withdraw"), "withdrawal_checked": ("核实撤回", "the wish was checked"),
    "claim_decided": ("说明情况", "the answer was explained"),
    "imported": ("由旧系统转入", "taken over"), "erased": ("按规则擦除", "erased under a rule"),
}  # fmt: skip
TEXTS = {
    "words": ("诉求", "words"), "place": ("地点", "place"), "point": ("位置", "spot"), "reply": ("答复", "answer"),
    "reason": ("理由", "reason"), "list": ("要补充的", "what is missing"), "told": ("说明", "explanation"),
    "channel": ("可以找谁", "where to turn"), "answer": ("统一答复", "official answer"),
}  # fmt: skip
ENDS = {
    0: "✓ 记录属实，没有改动。/ The history is true and unchanged.",
    1: "✗ 这份记录不能相信。/ This history cannot be relied on.",
    3: "? 前后一致，但还没有证明：见带问号的。/ It agrees with itself, but is not proven: see the lines marked “?”.",
}
"""The last line by the code that the command ends with."""


class Said(NamedTuple):
    """One sentence in both languages, with a code for machines."""

    code: str
    zh: str
    en: str


class Verdict:
    """What came of it: ``problems`` make it false, ``doubts`` leave it unproven, ``notes`` do neither.

    ``lines`` tell the history that was checked.
    """

    def __init__(self) -> None:
        self.problems: list[Said] = []
        self.doubts: list[Said] = []
        self.notes: list[Said] = []
        self.lines: list[Said] = []

    @property
    def is_true(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.problems

    @property
    def is_proven(self) -> bool:
        """Whether it is true by what was published, not only by what the proof says of itself."""
        return not self.problems and not self.doubts

    def wrong(self, code: str, zh: str, en: str) -> None:
        """Note what is wrong."""
        self.problems.append(Said(code, zh, en))

    def doubt(self, code: str, zh: str, en: str) -> None:
        """Note what keeps it from being proven."""
        self.doubts.append(Said(code, zh, en))

    def note(self, code: str, zh: str, en: str) -> None:
        """Note what one should know."""
        self.notes.append(Said(code, zh, en))
