"""Sentences of the log of acts: articles of the knowledge."""

from __future__ import annotations

from hotline.errors import Say

KINDS: dict[str, Say] = {
    "article_written": Say("写知识", "wrote article"),
    "article_submitted": Say("送审知识", "submitted article"),
    "article_taken_back": Say("撤回送审的知识", "took back article"),
    "article_dropped": Say("作废知识草稿", "dropped the draft of article"),
    "article_approved": Say("审定知识", "approved article"),
    "article_sent_back": Say("退回知识", "sent back article"),
    "article_retired": Say("下架知识", "retired article"),
    "article_reviewed": Say("复核知识", "reviewed article"),
    "article_handed_over": Say("换知识的归口单位", "handed over article"),
    "articles_imported": Say("导入知识", "imported articles"),
    "articles_exported": Say("导出知识", "exported articles"),
}
URLS = {"article": "/knowledge/{}"}
