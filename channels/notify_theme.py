"""What requesters hear of an official answer: the answer itself, by their own door, and where all of it stands."""

from __future__ import annotations

from cases.events_theme import Responded
from cases.file import CaseFile, Entry
from channels import notify, ways
from hotline.errors import Say
from hotline.work import Work


async def on_responded(work: Work, file: CaseFile, entry: Entry) -> None:
    """Once for a theme and requester: the outbox takes no second message of the same key."""
    event = entry.event
    assert isinstance(event, Responded)  # noqa: S101 - the flow lists this for the kind
    request = file.requests[event.request]
    text = entry.texts.get("answer")
    reply = ((text.value or "") if text is not None else "").strip()
    where = ways.site(f"/themes/{event.slug}") or Say("请凭编号和查询码查询。", "use number and code to read it.").in_(
        request.lang
    )
    ended = reply if reply[-1:] in "。！？.!?…" else reply + "。"
    notify.send(work, file, request, "theme_answered", key=f"theme:{event.theme}", reply=ended, where=where)
