"""What a proof of the ledger may find wrong, each as a code and a sentence in both languages. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from hotline.errors import Say

_LOG = {"p": Say("公开日志", "public log"), "i": Say("内部日志", "internal log"), "a": Say("操作日志", "log of acts")}


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing wrong. ``number`` is the case's number ("act" in the second log), ``seq`` its event's."""

    code: str
    zh: str
    en: str
    case_id: UUID | None = None
    number: str = ""
    seq: int | None = None
    log: str = ""
    seal: int | None = None
    position: int | None = None

    @property
    def say(self) -> Say:
        """The sentence."""
        return Say(self.zh, self.en)


def _where(number: str, seq: int, kind: str = "") -> Say:
    shown = f" {kind}" if kind else ""
    if number == "act":
        return Say(f"操作日志第 {seq} 条{shown}", f"act {seq}{shown}")
    return Say(f"工单 {number} 第 {seq} 条{shown}", f"case {number}, event {seq}{shown}")


def _span(first: int, last: int) -> Say:
    if first == last:
        return Say("", "")
    return Say(f"（到第 {last} 条，共 {last - first + 1} 条）", f" (to {last}, {last - first + 1} in all)")


def edited(case_id: UUID | None, number: str, seq: int, kind: str) -> Finding:
    """The content no longer gives the hash that was stored with it."""
    at = _where(number, seq, kind)
    return Finding(
        code="edited", case_id=case_id, number=number, seq=seq,
        zh=f"{at.zh}：被改动，内容与它的哈希不符。", en=f"{at.en}: edited, its content does not give its hash.",
    )  # fmt: skip


def rewritten(case_id: UUID | None, number: str, seq: int) -> Finding:
    """The event holds together, but what comes after was chained to another hash."""
    at = _where(number, seq)
    return Finding(
        code="edited", case_id=case_id, number=number, seq=seq,
        zh=f"{at.zh}：被改动后重算了哈希，后面记的是另一个哈希。",
        en=f"{at.en}: edited and hashed again; what follows was chained to another hash.",
    )  # fmt: skip


def reordered(case_id: UUID | None, number: str, seq: int, kind: str) -> Finding:
    """The content belongs to another place of the same chain."""
    at = _where(number, seq, kind)
    return Finding(
        code="reordered", case_id=case_id, number=number, seq=seq,
        zh=f"{at.zh}：顺序被调换，它原本不在这个位置。", en=f"{at.en}: reordered, it was written at another place.",
    )  # fmt: skip


def deleted(case_id: UUID | None, number: str, first: int, last: int) -> Finding:
    """Entries are gone from the middle (or the beginning) of a chain."""
    at, span = _where(number, first), _span(first, last)
    return Finding(
        code="deleted", case_id=case_id, number=number, seq=first,
        zh=f"{at.zh}：被删除{span.zh}。", en=f"{at.en}: deleted{span.en}.",
    )  # fmt: skip


def cut(case_id: UUID | None, number: str, first: int, last: int) -> Finding:
    """The end of a chain is gone: its row knows of more."""
    at, span = _where(number, first), _span(first, last)
    return Finding(
        code="tail_cut", case_id=case_id, number=number, seq=first,
        zh=f"{at.zh}：末尾被截断{span.zh}。", en=f"{at.en}: the tail was cut{span.en}.",
    )  # fmt: skip


def head(case_id: UUID | None, number: str, seq: int) -> Finding:
    """There are more entries than the row at the chain's end knows of."""
    at = _where(number, seq)
    return Finding(
        code="head", case_id=case_id, number=number, seq=seq,
        zh=f"{at.zh}：链尾登记里没有这一条，是后塞入的，或登记被改过。",
        en=f"{at.en}: unknown to the record of the chain's end; slipped in, or that record was altered.",
    )  # fmt: skip


def no_case(case_id: UUID, seq: int) -> Finding:
    """Events whose case row is gone."""
    return Finding(
        code="case_missing", case_id=case_id, number=str(case_id), seq=seq,
        zh=f"工单 {case_id} 不见了，它的事件还在。", en=f"Case {case_id} is missing; its events are still there.",
    )  # fmt: skip


def position(log: str, at: int, number: str, seq: int) -> Finding:
    """A position that is taken twice, or that no seal covers."""
    where, name = _where(number, seq), _LOG[log]
    return Finding(
        code="position", number=number, seq=seq, log=log, position=at,
        zh=f"{where.zh}：在{name.zh}中的位置 {at} 不成立（重复，或没有封签）。",
        en=f"{where.en}: its position {at} in the {name.en} cannot be (taken twice, or under no seal).",
    )  # fmt: skip


def wrong_log(case_id: UUID, number: str, seq: int, kind: str) -> Finding:
    """A public event among the internal ones or the other way round: its hash does not say in which log it stands."""
    at = _where(number, seq, kind)
    return Finding(
        code="log", case_id=case_id, number=number, seq=seq,
        zh=f"{at.zh}：放错了日志（公开与内部对调）。", en=f"{at.en}: stands in the wrong log (public for internal).",
    )  # fmt: skip


def missing(log: str, seal_no: int, gone: Sequence[int]) -> Finding:
    """Sealed positions without an event: events, or a whole case, were removed after sealing."""
    name = _LOG[log]
    shown = ", ".join(map(str, gone[:10])) + ("…" if len(gone) > 10 else "")
    what = Say("事件或整件工单", "events, or a whole case,") if log != "a" else Say("操作", "acts")
    return Finding(
        code="missing", log=log, seal=seal_no, position=gone[0],
        zh=f"{name.zh}第 {seal_no} 号封签：位置 {shown} 的{what.zh}已不见（共 {len(gone)} 条）。",
        en=f"{name.en}, seal {seal_no}: {what.en} at position {shown} are missing ({len(gone)} in all).",
    )  # fmt: skip


_TEXT = {
    "missing": Say("文字被直接删去，没有擦除记录", "was removed without an erasure"),
    "erased": Say("文字被擦除，却没有写明规则的擦除事件", "was erased, but no event names the rule"),
    "altered": Say("文字被改动，与事件中的承诺值不符", "was altered: it does not match the event's commitment"),
    "added": Say("文字是后加的，事件里没有它", "was added: the event knows nothing of it"),
    "key": Say("文字的密钥不在，无法核对", "cannot be checked: its key is missing"),
}


def text(why: str, case_id: UUID, number: str, seq: int, field: str) -> Finding:
    """A text that is not what its event committed to; ``why`` is missing, erased, altered, added or key."""
    at, said = _where(number, seq), _TEXT[why]
    return Finding(
        code=f"text_{why}", case_id=case_id, number=number, seq=seq,
        zh=f"{at.zh}的“{field}”：{said.zh}。", en=f"{at.en}, “{field}” {said.en}.",
    )  # fmt: skip


def kin(case_id: UUID, number: str, seq: int) -> Finding:
    """A merge, unmerge or split that the other case knows nothing of, or knows otherwise."""
    at = _where(number, seq)
    return Finding(
        code="kin", case_id=case_id, number=number, seq=seq,
        zh=f"{at.zh}：说的是另一件的一条记录，那边没有，或不是这一条。",
        en=f"{at.en}: it names an event of another case, which is not there or is another.",
    )  # fmt: skip


_SEAL = {
    "chain": Say(
        "与前一号接不上（缺号、错位或被换）", "does not follow from the one before (missing, moved or replaced)"
    ),
    "edited": Say("被改动，内容与它的哈希不符", "was edited: its content does not give its hash"),
    "key": Say("签名所用的密钥不认识", "is signed with a key that is not known"),
    "signature": Say("签名不对", "has a wrong signature"),
    "root": Say(
        "所封事件的根与封签不符：其中有事件被改写或调换",
        "root mismatch: one of the sealed events was rewritten or moved",
    ),
    "published": Say("与已公布的根不符", "is not what was published"),
    "gone": Say(
        "已经公布，这里却没有：被截断，或这是更旧的备份",
        "was published but is not here: cut off, or this is an older backup",
    ),
}
_SEAL_CODE = {
    "root": "root_mismatch", "published": "published", "gone": "seal_missing", "signature": "signature", "key": "key",
}  # fmt: skip


def seal(why: str, log: str, no: int, first: int, last: int) -> Finding:
    """A seal that is wrong; ``why`` is a key of the table above."""
    said, name = _SEAL[why], _LOG[log]
    return Finding(
        code=_SEAL_CODE.get(why, "seal"), log=log, seal=no, position=first,
        zh=f"{name.zh}第 {no} 号封签（位置 {first} 至 {last}）：{said.zh}。",
        en=f"{name.en}, seal {no} (positions {first} to {last}) {said.en}.",
    )  # fmt: skip


def unknown_root(digest: str) -> Finding:
    """A published hash that no seal has."""
    return Finding(
        code="published",
        zh=f"已公布的根 {digest[:16]}… 不在这份账本里：账本被改写，或比公布的旧。",
        en=f"The published root {digest[:16]}… is not in this ledger: it was rewritten, or is older.",
    )


def member(name: str) -> Finding:
    """A file of an export is not what its manifest says."""
    return Finding(
        code="member", zh=f"导出包里的 {name} 与清单不符或不见了。",
        en=f"{name} of the export is not what its manifest says, or is missing.",
    )  # fmt: skip
