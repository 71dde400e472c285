"""Files that come with an act on a case: looked at before the act, kept with it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from litestar import Request

from hotline import city, files
from hotline.actor import Actor
from hotline.errors import Refusal, Say, invalid
from hotline.media import Clean
from hotline.work import Work
from web import fields

Sent = Sequence[tuple[str, Clean]]
"""Names and contents, cleaned of where and with what they were taken."""


async def looked_at(request: Request[Any, Any, Any], name: str, *, are_photos: bool = False) -> Sent:
    """The files of the field ``name``; 422 there for too many, for one that cannot be taken or is no photograph."""
    sent = [one for one in (await fields.uploads(request)).get(name, []) if one.filename]
    most = int(city.current().rule("upload.files"))
    if len(sent) > most:
        zh, en = ("张", "photographs") if are_photos else ("个", "files")
        raise invalid({name: Say(f"一次最多传 {most} {zh}。", f"At most {most} {en} at a time.")})
    found = []
    for one in sent:
        try:
            clean = await asyncio.to_thread(files.look, await one.read(), one.filename)
        except Refusal as refusal:
            raise invalid({name: next(iter(refusal.fields.values()), refusal.say)}) from None
        if are_photos and not clean.media_type.startswith("image/"):
            raise invalid({name: Say(f"“{one.filename}”不是照片。", f"“{one.filename}” is no photograph.")})
        found.append((one.filename, clean))
    return found


async def keep(work: Work, sent: Sent, subject: tuple[str, UUID], actor: Actor, case_id: UUID) -> None:
    """Keep them for the staff under ``subject``, in the transaction of the act."""
    for name, clean in sent:
        await files.keep(
            work.connection, clean, name, subject=subject, audience="staff", actor=actor, case_id=case_id
        )
