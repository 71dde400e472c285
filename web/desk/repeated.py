"""A submit that came twice because its answer was lost on the way: the same receipt, and no word of the second lost."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import uuid5

import msgspec

from channels import intake
from channels.acknowledge import Body
from channels.message import Receipt
from hotline import db, unfinished, vault
from hotline.actor import Actor
from hotline.errors import Say
from hotline.ids import new_id
from web.desk.call import Call
from web.forms import Form
from web.render import Flash

_STORED = """
SELECT m.body, m.receipt_no, r.words FROM inbound_message m LEFT JOIN request r ON r.receipt_no = m.receipt_no
WHERE m.id = $1
"""
_AGAIN = Say("刚才已经登记成功，编号在下面，没有重复登记。", "It was logged the first time; nothing is doubled.")
_CHANGED = Say(
    "断线前已经登记成功，后来改的内容没有记进去，另存为草稿，在“我登记的”里；改错字请用“更正错字”。",
    "It was logged before the line broke. What you changed since is not in it: it is kept as a draft under “Logged by"
    " me”; to mend a typo use “Correct a typo”.",
)


_ASIDE = frozenset({
    "draft", "call", "chat", "line", "channel", "matter_q", "place_pick", "proposed", "related", "later_at",
})  # fmt: skip
"""What a form holds beside what becomes the case: where it came from, what was looked up, what was proposed."""


def mark(value: Call) -> str:
    """What was submitted, as a digest: whether a second submit says the same.

    All that becomes the case counts: one that was made confidential since is another.
    """
    said = {name: given for name, given in msgspec.structs.asdict(value).items() if name not in _ASIDE}
    return hashlib.sha256(msgspec.json.encode(said)).hexdigest()


async def finish(known: unfinished.Receipt) -> None:
    """Make the case of a submit that was broken off after its acknowledgement; the sweep would, a little later."""
    async with db.reading() as connection:
        message = await connection.fetchval("SELECT id FROM inbound_message WHERE receipt_no = $1", known.number)
    if message is not None:
        await intake.make_one(message)


async def before(receipt: Receipt, value: Call) -> tuple[str, bool]:
    """Query code of the first submit, "" where it is gone, and whether the second says something else."""
    async with db.reading() as connection:
        row: Any = await connection.fetchrow(_STORED, receipt.message)
    if row["body"] is None:
        return "", (row["words"] or value.words).strip() != value.words.strip()
    body = msgspec.json.decode(vault.unseal(row["body"], row["receipt_no"]), type=Body)
    return body.code, body.message.words.strip() != value.words.strip()


async def said(actor: Actor, form: Form[Call], mark: str, *, is_changed: bool) -> Flash:
    """What to say of the second submit; what was changed since the first is kept as a draft of its own, once."""
    if not is_changed:
        return Flash(_AGAIN)
    fields = {name: texts for name, texts in form.typed.items() if name in Call.__struct_fields__ and name != "call"}
    draft = uuid5(form.good.draft or new_id(), mark)
    if await unfinished.receipt_of(actor, draft) is not None:
        draft = new_id()  # it has become a case of its own
    await unfinished.save(actor, draft, {**fields, "draft": [str(draft)]})
    return Flash(_CHANGED, "note")
