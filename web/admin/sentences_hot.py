"""Sentences of the log of acts: hot issues, themes, tasks before complaints."""

from __future__ import annotations

from hotline.errors import Say

KINDS: dict[str, Say] = {
    "hot_issue_watched": Say("关注热点", "watches"),
    "hot_issue_dismissed": Say("排除热点", "dismissed"),
    "hot_issue_back": Say("热点升级，重新出现", "grew and came back:"),
    "theme_made": Say("立题", "made the theme"),
    "theme_changed": Say("改题目", "changed the theme"),
    "theme_published": Say("审核公开题目", "published the theme"),
    "theme_step_added": Say("加办理步骤", "added a step to"),
    "theme_step_done": Say("报完成一步", "reported a step done of"),
    "theme_progress": Say("报进展", "reported progress of"),
    "theme_step_public": Say("审核公开步骤", "made a step public of"),
    "theme_closing_public": Say("审核公开办结情况", "made public how it ended:"),
    "theme_progress_public": Say("审核公开进展", "made progress public of"),
    "theme_answer_written": Say("写统一答复", "wrote the answer of"),
    "theme_answer_approved": Say("批准统一答复", "approved the answer of"),
    "theme_case_added": Say("列入诉求", "put a case into"),
    "theme_case_removed": Say("移出诉求", "took a case out of"),
    "theme_closed": Say("办结题目", "closed the theme"),
    "theme_dropped": Say("撤销题目", "dropped the theme"),
    "task_made": Say("交办未诉先办任务", "gave the task"),
    "task_answered": Say("回复未诉先办任务", "answered the task"),
    "task_sent_back": Say("退回未诉先办任务", "sent back the task"),
    "task_closed": Say("核销未诉先办任务", "closed the task"),
    "task_dropped": Say("撤销未诉先办任务", "dropped the task"),
}
