"""A message about something that has a case already (domain.md 2.12).

The requester's own becomes words and a reminder there, anybody else's a request of its own that is merged into it.
"""

from __future__ import annotations

from cases import ledger, merging, states, track, verbs
from cases.file import CaseFile
from cases.rows import RequestRow
from channels.message import Inbound
from hotline import vault
from hotline.errors import not_found
from hotline.work import Work

_ID = "SELECT coalesce(merged_into, id) FROM cases WHERE number = $1"
_GONE = frozenset({"withdrawn", "erased"})


async def opened(work: Work, number: str) -> CaseFile:
    """The case of this number, locked, or the one that it was merged into. Raises the 404 refusal for none."""
    found = await work.connection.fetchval(_ID, number)
    if found is None:
        raise not_found()
    return await ledger.opened(work, case_id=found)


def own_request(file: CaseFile, message: Inbound) -> RequestRow | None:
    """The live request on this case that the same requester made: same number, account or address; None if another's.

    Whoever asks for secrecy or stays anonymous is nobody that we know. A report, and a complaint about a body that the
    request does not name, are never further words: whoever works on that case would read them.
    """
    if message.is_anonymous or message.is_confidential or message.kind == "report":
        return None
    phones = vault.phone_indexes(message.phone) if message.phone else []
    addresses = vault.reply_indexes(message.reply_by, message.reply_to) if message.reply_to else []
    for one in file.requests.values():
        is_theirs = (
            one.phone_index in phones or one.reply_index in addresses
            or (message.account is not None and one.account_id == message.account)
        )  # fmt: skip
        is_about = message.about_unit in ("", one.about_unit)
        if is_theirs and is_about and one.state not in _GONE:
            return one
    return None


async def follow_up(work: Work, message: Inbound, number: str) -> tuple[CaseFile, RequestRow] | None:
    """The words and a reminder on the requester's own open case ``number``; None when it is not theirs or has ended.

    A second reminder within ``urge.hours`` is only words.
    """
    if await work.connection.fetchval(_ID, number) is None:
        return None
    file = await opened(work, number)
    request = own_request(file, message)
    if request is None or file.case.state not in states.OPEN:
        return None
    await add(work, file, request, words=message.words.strip(), channel=message.channel)
    return file, request


async def add(work: Work, file: CaseFile, request: RequestRow, *, words: str, channel: str) -> bool:
    """补充 and, once in ``urge.hours``, 催办; whether it reminded."""
    await verbs.add_words(work, file, request, words=words, channel=channel)
    if not track.may_urge(request, work.now):
        return False
    await verbs.urge(work, file, request, channel=channel)
    return True


async def join(work: Work, child: CaseFile, number: str, *, reason: str) -> CaseFile:
    """Merge the case just registered into the one of this number; raises the refusals of ``cases.merging.merge``."""
    parent = await opened(work, number)
    await merging.merge(work, parent, child, reason=reason)
    return parent
