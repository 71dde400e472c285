"""Sentences of the log of acts: outages, gaps in the knowledge."""

from __future__ import annotations

from hotline.errors import Say

KINDS: dict[str, Say] = {
    "outage_entered": Say("登记停供", "entered the outage"),
    "outage_moved": Say("改预计恢复时间", "moved the expected end of"),
    "outage_corrected": Say("更正停供通知", "corrected the outage"),
    "outage_over": Say("登记恢复", "ended the outage"),
    "outage_again": Say("改为没有恢复", "let go on the outage"),
    "outage_withdrawn": Say("撤回停供通知", "withdrew the outage"),
    "outage_called": Say("已打电话告知停供恢复", "told a caller by telephone of the end of the outage"),
    "gap_raised": Say("报知识缺口", "raised the gap"),
    "gap_drafted": Say("按缺口起草知识", "drafted an article for the gap"),
    "gap_settled": Say("补上知识缺口", "settled the gap"),
    "gap_refused": Say("不补知识缺口", "refused the gap"),
    "gap_given": Say("改缺口由谁补", "gave to another unit the gap"),
}
