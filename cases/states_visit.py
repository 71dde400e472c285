"""Words of a return visit beyond its first answers."""

from __future__ import annotations

from hotline.errors import Say

REOPEN_CAUSES: dict[str, Say] = {
    "rating": Say("诉求人评价不满意，回访核实", "A rating of “dissatisfied”, confirmed in a call"),
    "audit": Say("回访复核发现问题", "An audit of the return visit"),
    "inspection": Say("抽查、暗访发现问题", "A spot check or mystery test"),
    "withdrawal": Say("撤单并非出于本人意愿", "A withdrawal that was not of free will"),
    "error": Say("结案有误", "Closed in error"),
}
