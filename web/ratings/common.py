"""What the pages of ratings share: who may open them, their tabs, the months."""

from __future__ import annotations

from typing import Any

from litestar import Request

from hotline.actor import Actor
from hotline.errors import Say
from hotline.permissions import may, refused

AnyRequest = Request[Any, Any, Any]
DECIDE, IMPORT = "rating.decide", "rating.import"
ANY = (DECIDE, IMPORT, "case.handle", "board.read")
"""Any of these opens the figures; everybody sees as far as their reach goes."""
GROUPS: dict[str, Say] = {
    "cases": Say("案件", "Cases"),
    "bodies": Say("单位", "Bodies"),
    "counter": Say("窗口", "Counters"),
    "third": Say("第三方", "Third parties"),
}


def admitted(actor: Actor, *needs: str) -> None:
    """Raise the 403 refusal for whoever has none of the permissions."""
    if not any(may(actor, need) for need in needs or ANY):
        raise refused((needs or ANY)[0])


def tabs(actor: Actor, here: str, period: str = "") -> list[tuple[Say, str, bool]]:
    """The tabs that this person may open: words, address, whether it is this one."""
    tail = f"&period={period}" if period else ""
    found = [(say, f"/ratings?of={code}{tail}", code == here) for code, say in GROUPS.items()]
    if may(actor, DECIDE) or may(actor, "case.handle"):
        found.append((Say("申诉", "Appeals"), "/ratings/appeals", here == "appeals"))
    if may(actor, IMPORT):
        found.append((Say("导入", "Import"), "/ratings/import", here == "import"))
    return found
