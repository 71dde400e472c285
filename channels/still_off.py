"""Whoever was told that an outage is over and says it is not: the outage is flagged, and a request of its own made."""

from __future__ import annotations

from typing import Any

from cases import verbs_outage
from cases.file import CaseFile
from cases.outage_rows import KINDS
from cases.rows import RequestRow
from channels import intake, notify_still
from channels.message import Inbound
from hotline import vault
from hotline.ids import new_id
from hotline.work import Work


async def flag(work: Work, file: CaseFile, request: RequestRow, *, channel: str, said: str = "") -> dict[str, Any]:
    """Note it on the case and tell the staff; what the new request is to say, as fields of ``Inbound``."""
    one = await verbs_outage.still(work, file, request, channel=channel)
    await notify_still.tell(work, one)
    case = file.case
    told = "撤回" if one.state == "withdrawn" else "已恢复"
    words = f"{KINDS[one.kind].zh}：{one.number}通知{told}，诉求人说还没有恢复。{said.strip()}"
    return {
        "words": words, "matter": case.matter or "", "county": "" if case.county == "city" else case.county,
        "township": case.township or "", "place": case.place, "is_confidential": case.is_confidential,
    }  # fmt: skip


async def by_page(work: Work, file: CaseFile, request: RequestRow) -> tuple[str, str]:
    """The same from the page of their receipt: number and query code of the new request, answered as the old one."""
    known = await flag(work, file, request, channel="web")
    message = Inbound(
        channel="web", provider_id=f"still:{new_id()}", name=_open(request.name, "name"),
        phone=_open(request.phone, "phone"), reply_by=request.reply_by, reply_to=_open(request.reply_to, "reply_to"),
        lang=request.lang, **known,
    )  # fmt: skip
    new = await intake.make_here(work, message, work.now)
    number = new.first_request.receipt_no
    return number, str(work.kept["receipts"][number][0])


def _open(sealed: bytes | None, field: str) -> str:
    return vault.unseal(sealed, f"case_text.{field}") if sealed is not None else ""
