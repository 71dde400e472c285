"""Whom a notice's steps are told to: the unit's people, and the centre's who have the next step."""

from __future__ import annotations

from cases.notice_rows import Notice
from channels.reminders import remind
from hotline import city, clock
from hotline.errors import Say
from hotline.work import Work

OFFICER, BUSINESS, SECRECY = "publication", "business_reviewer", "secrecy_reviewer"
UNIT: dict[str, tuple[str, Say]] = {
    "sent": ("liaison", Say("公示征求意见，请在{at}前申辩", "notice to be published; reply by {at}")),
    "published": ("head", Say("已公开，请在{at}前纠正并报告", "is published; correct it and report by {at}")),
    "due_soon": ("head", Say("快到纠正期限：{at}", "the correction is due soon, {at}")),
    "overdue": ("head", Say("逾期未纠正（{at}），已公开标明", "not corrected in time ({at}); marked in public")),
    "correction_refused": ("liaison", Say("纠正情况核实不符，请在{at}前重报", "found not so; report again by {at}")),
    "verified": ("liaison", Say("纠正已核实并公开", "the correction is verified and public")),
    "withdrawn": ("head", Say("已撤下", "was taken down")),
    "applied": ("head", Say("已生效，公示文字已更正", "is applied: the text was corrected in public")),
}
"""Steps that the unit hears of: which of its people, and the sentence."""
CENTRE: dict[str, tuple[tuple[str, ...], Say]] = {
    "replied": ((BUSINESS, SECRECY), Say("单位已回复，请审核", "the unit replied; please review")),
    "cleared_both": ((OFFICER,), Say("两道审核已过，可以公开", "approved by both; may be published")),
    "sent_back": ((OFFICER,), Say("退回修改", "sent back to be changed")),
    "corrected": ((OFFICER,), Say("单位报了纠正情况，请核实", "the unit reported its correction; verify it")),
    "overdue": ((OFFICER,), Say("逾期未纠正", "was not corrected in time")),
    "held": ((OFFICER,), Say("背后的案件不能公示了，页面已隐去，请撤下", "is hidden, its case may not be shown")),
    "let_go": ((OFFICER,), Say("又可以公开了，公开页已恢复", "may be shown again; its page is back")),
    "dissatisfied": ((OFFICER,), Say("有人对纠正不满意", "somebody is dissatisfied with the correction")),
    "file_looked_at": ((SECRECY,), Say("有证据图片待复核", "evidence waits for the second look")),
}
"""Steps that people of the centre hear of: which roles, and the sentence."""


async def tell(work: Work, one: Notice, step: str) -> None:
    """Tell whoever has to know of this step; nothing for the steps that are nobody's to hear of.

    Only number, matter and date are said, never a text of the notice.
    """
    row = one.row
    at = clock.local(row.reply_until if step == "sent" and row.reply_until else row.due_at or work.now)
    key = f"notice:{row.id}:{step}:{row.revision}"
    name = _name(one)
    if step in UNIT and (row.sent_at is not None or row.published_at is not None):
        to, said = UNIT[step]
        text = _filled(name, said, f"{at:%m-%d %H:%M}")
        await remind(work, unit=row.unit, kind="notice", case=None, text=text, to=to, key=key)
    if step in CENTRE and not (step == "cleared_both" and row.state != "approved"):
        roles, said = CENTRE[step]
        for role in roles:
            text = _filled(name, said, "")
            await remind(work, unit="", kind="notice", case=None, text=text, to=role, key=f"{key}:{role}")


def _name(one: Notice) -> Say:
    """The number once there is one; before that the matter."""
    row = one.row
    if row.is_erratum:
        return Say(f"{row.source_number}勘误", f"{row.source_number} (erratum)")
    if row.number:
        return Say(row.number, row.number)
    matter = city.current().matter(row.matter)
    return matter.name if matter is not None else Say(row.matter, row.matter)


def _filled(name: Say, said: Say, at: str) -> Say:
    return Say(f"{name.zh} {said.zh.format(at=at)}", f"{name.en}: {said.en.format(at=at)}")
