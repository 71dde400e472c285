"""Keys and roots as the verifier checks them: a part of ``cases/offline.py``, handed out with it."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from cases.curve import signature_holds
from cases.offline_says import Verdict


def digest(*fields: Any) -> str:
    """SHA-256 in hex of the fields as a compact JSON array."""
    return hashlib.sha256(json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()


def trusted_keys(
    verdict: Verdict, proof: Any, roots: list[dict[str, Any]] | None, keys: dict[str, str] | None
) -> dict[str, str]:
    """The public keys to believe: those given; else those beside the given roots; else the proof's own, and say so."""
    found = dict(keys or {}) or {one["key"]: one["public"] for one in roots or [] if one["public"]}
    if not found:
        found = dict(proof["keys"])
        shown = "；".join(f"{key}：{public}" for key, public in found.items())
        verdict.doubt(
            "own_keys", f"没有另给公钥，用的是凭证自带的，谁都可以造一份。请另给公布的公钥或封签；自带的是：{shown}",
            "No public key was given; the proof's own were used, and anybody can make such a proof. "
            f"Give the published keys or roots too. The proof's own: {shown}",
        )  # fmt: skip
    if roots is None:
        verdict.note("no_roots", "没有给出公布的封签，未与之核对。", "No published roots were given to compare with.")
    return found


def check_signature(
    verdict: Verdict, what: tuple[str, str], one: Any, message: str, trusted: dict[str, str]
) -> None:
    """Note it where the signature of ``one`` over ``message`` (hex) is not by a trusted key, or is wrong."""
    zh, en = what
    public = trusted.get(one["key"])
    if public is None or one.get("public", public) != public:
        verdict.wrong("unknown_key", f"{zh}：签名的密钥 {one['key']} 不是本市公布的。",
                      f"{en}: signed by key {one['key']}, which the city has not published.")  # fmt: skip
    elif not signature_holds(bytes.fromhex(public), bytes.fromhex(one["signature"]), bytes.fromhex(message)):
        verdict.wrong("signature", f"{zh}：签名不对。", f"{en}: the signature is wrong.")


def good_roots(
    verdict: Verdict, given: Any, published: list[dict[str, Any]] | None, trusted: dict[str, str]
) -> dict[tuple[str, int], Any]:
    """The proof's roots by log and number, as far as each is what it says; signed and published, or it is noted."""
    known = _published(verdict, published or [])
    found = {}
    for one in given:
        zh, en = f"封签 {one['log']} 第 {one['no']} 号", f"root {one['log']} no. {one['no']}"
        if _root_hash(one) != one["hash"]:
            verdict.wrong("root", f"{zh}：内容被改动。", f"{en}: its content was changed.")
            continue
        check_signature(verdict, (zh, en), one, one["hash"], trusted)
        if published is not None and known.get((one["log"], one["no"])) != one["hash"]:
            verdict.wrong("not_published", f"{zh}：不在给出的公布封签之中，或与之不同。",
                          f"{en}: not among the published roots that were given, or another.")  # fmt: skip
        found[one["log"], one["no"]] = one
    return found


def _root_hash(one: Any) -> str:
    return digest("hotline.seal.1", *(one[name] for name in ("prev", "log", "no", "first", "last", "root", "at")))


def _published(verdict: Verdict, lines: list[dict[str, Any]]) -> dict[tuple[str, int], str]:
    """The hash of each published root by log and number; they must be one chain, as far as they are given."""
    by: dict[tuple[str, int], dict[str, Any]] = {}
    for one in lines:
        before = by.setdefault((one["log"], one["no"]), one)
        if before["hash"] != one["hash"] or _root_hash(one) != one["hash"]:
            verdict.wrong("forked", f"公布的封签 {one['log']} 第 {one['no']} 号有两种，或被改动。",
                          f"Published root {one['log']} no. {one['no']} has two forms, or was changed.")  # fmt: skip
    for (log, no), one in by.items():
        last = by.get((log, no - 1))
        if last is not None and (last["hash"], last["last"] + 1) != (one["prev"], one["first"]):
            verdict.wrong("forked", f"公布的封签 {log} 第 {no} 号接不上前一号。",
                          f"Published root {log} no. {no} does not follow the one before.")  # fmt: skip
    return {at: one["hash"] for at, one in by.items()}
