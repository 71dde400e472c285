"""Sentences of what leaves the house: exports of the ledger, open data."""

from __future__ import annotations

from hotline.errors import Say

KINDS: dict[str, Say] = {
    "ledger_export_asked": Say("申请导出整本账本", "asked for an export of the whole ledger"),
    "ledger_export_approved": Say("批准导出整本账本", "approved an export of the whole ledger"),
    "ledger_export_refused": Say("不批准导出整本账本", "refused an export of the whole ledger"),
    "ledger_export_withdrawn": Say("撤回导出账本的申请", "took back the asking for an export of the ledger"),
    "ledger_export_ready": Say("生成账本导出包", "made an export of the ledger"),
    "ledger_export_failed": Say("账本导出包没有做成", "failed to make an export of the ledger"),
    "ledger_export_downloaded": Say("下载整本账本", "downloaded the whole ledger"),
    "ledger_export_expired": Say("删除到期的账本导出包", "removed an expired export of the ledger"),
    "opendata_made": Say("生成开放数据", "made the open data"),
    "opendata_published": Say("发布开放数据", "published the open data"),
    "opendata_refused": Say("不发布开放数据", "refused the open data"),
    "opendata_withdrawn": Say("撤下开放数据", "took down the open data"),
}
URLS = {"ledger_export": "/exports/{}", "opendata": "/opendata/releases/{}"}
