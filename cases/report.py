"""What a proof of the ledger comes to, and how it is told in both languages. Pure."""

from __future__ import annotations

from datetime import datetime

import msgspec

from cases.findings import Finding
from hotline import clock
from hotline.errors import Say


class Report(msgspec.Struct, kw_only=True):
    """What was walked and what was wrong. ``unsealed`` is the tail that no root covers yet, apart from any fault."""

    cases: int = 0
    events: int = 0
    texts: int = 0
    erased: dict[str, int] = {}
    acts: int = 0
    seals: int = 0
    sealed: dict[str, int] = {}
    unsealed: dict[str, int] = {}
    oldest_unsealed: datetime | None = None
    published: int = 0
    has_texts: bool = True
    findings: list[Finding] = []
    wrong: int = 0

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found."""
        return self.wrong == 0


def told(report: Report, *, has_roots: bool = True) -> list[Say]:
    """The report as sentences: the first fault first, then the others, then what was walked and the unsealed tail."""
    lines: list[Say] = []
    if report.is_clean:
        lines.append(Say("账本完好。", "The ledger is whole."))
    else:
        first = report.findings[0]
        lines.append(Say(f"第一处问题：{first.zh}", f"First fault: {first.en}"))
        lines += [found.say for found in report.findings[1:]]
        if report.wrong > len(report.findings):
            more = report.wrong - len(report.findings)
            lines.append(Say(f"另有 {more} 处未列出。", f"{more} more are not listed."))
    lines.append(
        Say(
            f"工单 {report.cases} 件，事件 {report.events} 条，操作 {report.acts} 条，封签 {report.seals} 个，"
            f"对过公布的根 {report.published} 个。",
            f"{report.cases} cases, {report.events} events, {report.acts} acts, {report.seals} seals, "
            f"{report.published} published roots compared.",
        )
    )
    if report.has_texts:
        lines.append(Say(f"文字 {report.texts} 段，都核对过。", f"{report.texts} texts, each checked."))
    for rule, count in sorted(report.erased.items()):
        lines.append(Say(f"按规则 {rule} 擦除 {count} 段。", f"{count} texts erased under rule {rule}."))
    tail = sum(report.unsealed.values())
    if tail:
        oldest = report.oldest_unsealed
        since = f"{clock.local(oldest):%Y-%m-%d %H:%M}" if oldest is not None else "?"
        lines.append(Say(f"尚未封签 {tail} 条，最早 {since}。", f"{tail} entries not yet sealed, oldest {since}."))
    if not has_roots:
        lines.append(
            Say(
                "没有给出公布的根：整本重写的账本这样看不出来。",
                "No published root was given: a ledger rewritten as a whole would not show.",
            )
        )
    return lines
