"""The privacy gate before a bulletin: what the editor wrote, against all that the cited cases hold. Fails closed."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import msgspec

from cases import gate, redaction
from cases.gate import Found, Known
from hotline import db
from hotline.errors import Say, conflict, invalid
from hotline.work import Work
from sla import bulletins
from sla.bulletin_contents import WORDS
from sla.bulletins import BulletinRow

_GUESSED = frozenset({redaction.NAME, redaction.DOOR, "address"})
"""Kinds that are told by their look and may be mistaken: a person keeps one, with a reason that the approvers read."""
MOST_CITED = 10


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A find that a person kept: its keyed digest, never the words themselves."""

    digest: str
    kind: str
    reason: str
    by: UUID


class Find(msgspec.Struct, frozen=True, kw_only=True):
    """One find as its editor sees it; ``may_keep``: it is a guess, and touches nothing that a case holds."""

    found: Found
    may_keep: bool

    @property
    def digest(self) -> str:
        """The find's digest, as forms carry it."""
        return self.found.digest.hex()


def texts(row: BulletinRow) -> dict[str, str]:
    """All that a person wrote into it."""
    words = msgspec.to_builtins(row.written)
    names = [name for key in WORDS for name in (key, f"{key}_en")]
    return {name: words[name] for name in names if words[name]} | ({"reason": row.reason} if row.reason else {})


def kept(row: BulletinRow) -> list[Kept]:
    """What was kept, in order."""
    return msgspec.json.decode(row.kept, type=list[Kept])


async def finds(connection: db.Connection, row: BulletinRow) -> list[Find]:
    """What still stops it. Raises 409 for a cited case of which nothing may be told."""
    known = await _known(connection, row.cited)
    settled = {one.digest for one in kept(row)}
    return [
        Find(found=one, may_keep=_is_guess(one) and not _is_held(one.text, known.names))
        for one in gate.finds(texts(row), known) if one.digest.hex() not in settled or not _is_guess(one)
    ]  # fmt: skip


def _is_guess(one: Found) -> bool:
    """A word that looks like a name, a place or a handle; an account with a digit in it is taken for one."""
    is_word = one.kind == redaction.ACCOUNT and not any(letter.isdigit() for letter in one.text)
    return one.kind in _GUESSED or is_word


async def pass_(connection: db.Connection, row: BulletinRow) -> None:
    """409 while there is a find that nobody settled."""
    if await finds(connection, row):
        raise conflict(
            "gate", "文字里还有可能认出人的内容，请按标出的改好再往下走。",
            "The words still hold something that may tell who somebody is; mend what is marked first.",
        )  # fmt: skip


async def keep(work: Work, row: BulletinRow, digest: str, reason: str) -> None:
    """Keep one find that is no person's: a place that reads like a name, say. 422 without a reason."""
    if not reason.strip():
        say = Say("保留要写理由，审核人会看到。", "Keeping it needs a reason; the reviewers read it.")
        raise invalid({"reason": say})
    one = next((find for find in await finds(work.connection, row) if find.digest == digest), None)
    if one is None:
        raise conflict("gone", "这一处已经不在了，请看最新的。", "This find is gone; look at the latest.")
    if not one.may_keep:
        raise conflict("must_go", "号码、案件里的姓名地址和诉求人原话不能保留，请改写。",
                       "Numbers, a case's names and addresses and a requester's words must be rewritten.")  # fmt: skip
    more = Kept(digest=digest, kind=one.found.kind, reason=reason.strip(), by=work.actor.id)
    row.kept = msgspec.json.encode([*kept(row), more], order="sorted").decode()
    row.hands = list(dict.fromkeys([*row.hands, work.actor.id]))
    await bulletins.stepped(work, row, "bulletin.kept", find=one.found.kind)


async def _known(connection: db.Connection, cited: Iterable[str]) -> Known:
    """What the cited cases hold of their people, all together, in the clear for this comparison only."""
    names, numbers, addresses, words = (list[str]() for _ in range(4))
    for number in cited:
        row = await connection.fetchrow(
            "SELECT id, kind, is_minor, is_investigation, is_confidential FROM cases WHERE number = $1", number
        )
        if row is None:
            raise conflict("no_case", f"没有编号为 {number} 的案件，请核对。", f"There is no case {number}; check it.")
        if row["kind"] == "report" or row["is_minor"] or row["is_investigation"] or row["is_confidential"]:
            raise conflict(
                "not_publishable", f"{number} 是举报、保密、涉未成年人或正在调查的事项，不能写进通报。",
                f"{number} is a report, confidential, about a minor or under investigation: no bulletin tells of it.",
            )  # fmt: skip
        one = await gate.known(connection, row["id"])
        names += one.names
        numbers += one.numbers
        addresses += one.addresses
        words += one.words
    return Known(names=tuple(names), numbers=tuple(numbers), addresses=tuple(addresses), words=tuple(words))


def _is_held(text: str, names: Iterable[str]) -> bool:
    return any(name and (name in text or text in name) for name in names)
