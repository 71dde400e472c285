"""验证办理记录的凭证：不联网，只要 Python 3.9 以上。/ Checks a proof of a case offline, with Python 3.9 or later alone.

    python verify.py 凭证.json [--roots roots.jsonl] [--keys keys.json] [--earlier 以前的凭证.json]

``--roots`` and ``--keys`` are what the city has published, best fetched elsewhere or earlier than the proof. This file
stands on its own: it imports nothing of the hotline, so that nobody has to trust the hotline to check it.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import json
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, NamedTuple

from cases.curve import signature_holds

FORMAT = "hotline.proof.1"
LATE = timedelta(minutes=10)
"""Sealing takes a minute at most; what is older than this and not sealed is worth a question."""
CITY_ZONE = timezone(timedelta(hours=8))
KINDS = {
    "registered": ("登记", "entered"), "accepted": ("受理", "accepted"), "declined": ("不予受理", "not taken up"),
    "transferred": ("转接", "passed on"), "answered": ("当场答复", "answered at once"),
    "dispatched": ("交单位办理", "given to an office"), "signed": ("单位接到", "the office has it"),
    "contacted": ("与您联系", "the office was in touch"), "handled": ("单位答复", "the office's answer"),
    "approved": ("审核通过", "answer approved"), "promised": ("承诺时限", "a date was promised"),
    "visited": ("回访", "return visit"), "visit_missed": ("回访未接通", "return visit not answered"),
    "visit_answered": ("回访评价", "rating by message"), "rated": ("评价", "rated"), "closed": ("办结", "closed"),
    "reworked": ("重新办理", "to be done again"), "reopened": ("重新打开", "opened again"),
    "words_added": ("补充", "words added"), "urged": ("催办", "urged"), "withdrawn": ("撤回", "withdrawn"),
    "info_asked": ("请您补充", "more was asked for"), "info_ended": ("补充完毕", "more was received"),
    "suspended": ("列入计划", "put on the plan"), "resumed": ("恢复办理", "resumed"),
    "extension_granted": ("延期", "more time was given"), "merged": ("并到另一件", "joined to another"),
    "unmerged": ("从另一件拆回", "taken out again"), "split_from": ("由另一件拆出", "cut from another"),
    "imported": ("由旧系统转入", "taken over"), "erased": ("按规则擦除", "erased under a rule"),
}  # fmt: skip
TEXTS = {
    "words": ("诉求", "words"), "place": ("地点", "place"), "point": ("位置", "spot"), "reply": ("答复", "answer"),
    "reason": ("理由", "reason"), "list": ("要补充的", "what is missing"), "told": ("说明", "explanation"),
}  # fmt: skip


class Said(NamedTuple):
    """One sentence in both languages, with a code for machines."""

    code: str
    zh: str
    en: str


class Verdict:
    """What came of it: ``problems`` make it false, ``notes`` do not; ``lines`` tell the history that was checked."""

    def __init__(self) -> None:
        self.problems: list[Said] = []
        self.notes: list[Said] = []
        self.lines: list[Said] = []

    @property
    def is_true(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.problems

    def wrong(self, code: str, zh: str, en: str) -> None:
        """Note what is wrong."""
        self.problems.append(Said(code, zh, en))

    def note(self, code: str, zh: str, en: str) -> None:
        """Note what one should know."""
        self.notes.append(Said(code, zh, en))


def digest(*fields: Any) -> str:
    """SHA-256 in hex of the fields as a compact JSON array."""
    return hashlib.sha256(json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()


def check(
    proof: Any,
    roots: list[dict[str, Any]] | None = None,
    keys: dict[str, str] | None = None,
    earlier: Any = None,
) -> Verdict:
    """Check a proof as read from its JSON, against published roots and keys where they are given. Never raises."""
    verdict = Verdict()
    try:
        if proof["format"] != FORMAT:
            verdict.wrong("format", "这不是办理记录的凭证，或版本不认识。", "This is no proof, or of a later version.")
            return verdict
        trusted = _trusted(verdict, proof, roots, keys)
        sealed = _roots(verdict, proof["roots"], roots, trusted)
        ends = {one["case"]: _chain(verdict, one, proof, sealed, trusted) for one in proof["chains"]}
        if not ends:
            verdict.wrong("missing", "凭证里一条记录也没有。", "There is not one event in the proof.")
        if earlier is not None:
            _compare(verdict, earlier, ends)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        what = type(error).__name__
        verdict.wrong("broken", f"文件不完整或格式不对（{what}）。", f"The file is damaged or misshapen ({what}).")
    return verdict


def _trusted(
    verdict: Verdict, proof: Any, roots: list[dict[str, Any]] | None, keys: dict[str, str] | None
) -> dict[str, str]:
    found = {one["key"]: one["public"] for one in roots or []}
    found.update(keys or {})
    if not found:
        found = dict(proof["keys"])
        shown = "；".join(f"{key}：{public}" for key, public in found.items())
        verdict.note(
            "own_keys", f"没有另给公钥，用的是凭证自带的，请与公布的核对：{shown}",
            f"No public key was given; the proof's own were used. Compare them with the published ones: {shown}",
        )  # fmt: skip
    if roots is None:
        verdict.note("no_roots", "没有给出公布的封签，未与之核对。", "No published roots were given to compare with.")
    return found


def _signed(verdict: Verdict, what: tuple[str, str], one: Any, message: str, trusted: dict[str, str]) -> None:
    zh, en = what
    public = trusted.get(one["key"])
    if public is None or one.get("public", public) != public:
        verdict.wrong("unknown_key", f"{zh}：签名的密钥 {one['key']} 不是本市公布的。",
                      f"{en}: signed by key {one['key']}, which the city has not published.")  # fmt: skip
    elif not signature_holds(bytes.fromhex(public), bytes.fromhex(one["signature"]), bytes.fromhex(message)):
        verdict.wrong("signature", f"{zh}：签名不对。", f"{en}: the signature is wrong.")


def _roots(
    verdict: Verdict, given: Any, published: list[dict[str, Any]] | None, trusted: dict[str, str]
) -> dict[tuple[str, int], Any]:
    known = {(one["log"], one["no"]): one["hash"] for one in published or []}
    found = {}
    for one in given:
        zh, en = f"封签 {one['log']} 第 {one['no']} 号", f"root {one['log']} no. {one['no']}"
        fields = (one[name] for name in ("prev", "log", "no", "first", "last", "root", "at"))
        if digest("hotline.seal.1", *fields) != one["hash"]:
            verdict.wrong("root", f"{zh}：内容被改动。", f"{en}: its content was changed.")
            continue
        _signed(verdict, (zh, en), one, one["hash"], trusted)
        if published is not None and known.get((one["log"], one["no"])) != one["hash"]:
            verdict.wrong("not_published", f"{zh}：不在给出的公布封签之中，或与之不同。",
                          f"{en}: not among the published roots that were given, or another.")  # fmt: skip
        found[one["log"], one["no"]] = one
    return found


def _chain(
    verdict: Verdict, chain: Any, proof: Any, roots: dict[tuple[str, int], Any], trusted: dict[str, str]
) -> list[str]:
    """Check one case's events; their hashes in order, as far as they hold."""
    hashes: list[str] = []
    before, sealed_to, old = "00" * 32, 0, 0
    for expected, event in enumerate(chain["events"], 1):
        seq = event["seq"]
        if seq != expected:
            said = (f"第 {expected} 条不见了。", f"Event {expected} is missing.")
            if seq < expected:
                said = (f"第 {expected} 条之前多出了一条。", f"An event was added before event {expected}.")
            verdict.wrong("missing" if seq > expected else "added", *said)
            return hashes
        before = _event_hash(verdict, chain["case"], event, before)
        old += "hash" in event
        hashes.append(before)
        if event.get("place") is not None:
            if not _is_sealed(verdict, event, before, roots):
                return hashes
            sealed_to = seq
        _tell(verdict, event)
    _end(verdict, chain, proof, before, trusted)
    _tail(verdict, chain["events"][sealed_to:], proof["made_at"])
    if old:
        verdict.note(
            "old", f"{old} 条记录早于现在的格式：位置可证，内容不在凭证里。",
            f"{old} events are older than this format: their place is proven, their content is not here.",
        )  # fmt: skip
    return hashes


def _event_hash(verdict: Verdict, case: str, event: Any, before: str) -> str:
    if "hash" in event:
        return str(event["hash"])
    body = event.get("body")
    if body is None:
        parts = event.get("parts", [])
        if len({one["name"] for one in parts}) != len(parts):
            verdict.wrong("added", f"第 {event['seq']} 条里有一项写了两次。",
                          f"Event {event['seq']} says one thing twice.")  # fmt: skip
        shown = [digest("hotline.part.2", one["blind"], one["name"], one["value"]) for one in parts]
        made = sorted([*shown, *event.get("hidden", [])])
        body = digest("hotline.body.2", event["kind"], event["version"], event["at"], event["actor_kind"], *made)
        _texts(verdict, event, {one["name"]: one["value"] for one in parts})
    return digest("hotline.event.2", before, case, event["seq"], body)


def _texts(verdict: Verdict, event: Any, parts: dict[str, str]) -> None:
    seq, texts = event["seq"], event.get("texts", {})
    for name, text in texts.items():
        zh, en = TEXTS.get(name, (name, name))
        committed = json.loads(parts.get(f"texts.{name}", "null"))
        if committed is None:
            verdict.wrong("text_added", f"第 {seq} 条：多出一段文字“{zh}”。",
                          f"Event {seq}: the text “{en}” was added.")  # fmt: skip
        elif text.get("erased"):
            verdict.note("erased", f"第 {seq} 条的文字“{zh}”已按规则 {text['erased']} 擦除。",
                         f"Event {seq}: the text “{en}” was erased under rule {text['erased']}.")  # fmt: skip
        elif committed != _commitment(text["salt"], text["value"]):
            verdict.wrong("text", f"第 {seq} 条：文字“{zh}”被改动。",
                          f"Event {seq}: the text “{en}” was changed.")  # fmt: skip
    for name in parts:
        if name.startswith("texts.") and name[6:] not in texts:
            zh, en = TEXTS.get(name[6:], (name[6:], name[6:]))
            verdict.wrong("text_missing", f"第 {seq} 条：文字“{zh}”不见了。",
                          f"Event {seq}: the text “{en}” is missing.")  # fmt: skip


def _commitment(salt: str, value: str) -> str:
    return "hmac-sha256:" + hmac.new(bytes.fromhex(salt), value.encode(), "sha256").hexdigest()


def _is_sealed(verdict: Verdict, event: Any, own: str, roots: dict[tuple[str, int], Any]) -> bool:
    place, seq = event["place"], event["seq"]
    root = roots.get((place["log"], place["seal"]))
    if root is None:
        verdict.wrong("no_root", f"第 {seq} 条：它的封签不在凭证里，或不可信。",
                      f"Event {seq}: its root is not in the proof, or cannot be trusted.")  # fmt: skip
        return False
    n, size = place["position"] - root["first"], root["last"] - root["first"] + 1
    leaf = hashlib.sha256(b"\x00" + bytes.fromhex(own)).digest()
    if not climbs(leaf, n, size, [bytes.fromhex(one) for one in place["path"]], bytes.fromhex(root["root"])):
        verdict.wrong(
            "changed", f"第 {seq} 条与封签不符：这一条或它以前的，有改动、缺少或增加。",
            f"Event {seq} is not what was sealed: it, or one before it, was changed, removed or added.",
        )  # fmt: skip
        return False
    return True


def climbs(one: bytes, n: int, size: int, path: list[bytes], root: bytes) -> bool:
    """Whether leaf ``one`` stands at ``n`` (from 0) in the Merkle tree (RFC 6962) of ``size`` leaves with this root."""
    steps = iter(path)
    if not 0 <= n < size:
        return False
    while size > 1:
        if n ^ 1 < size:
            step = next(steps, None)
            if step is None:
                return False
            one = hashlib.sha256(b"\x01" + (step + one if n & 1 else one + step)).digest()
        n, size = n >> 1, (size + 1) >> 1
    return one == root and next(steps, None) is None


def _end(verdict: Verdict, chain: Any, proof: Any, last: str, trusted: dict[str, str]) -> None:
    signed, count = chain["signed"], len(chain["events"])
    if count != chain["last_seq"]:
        kind = "missing" if count < chain["last_seq"] else "added"
        verdict.wrong(kind, f"应有 {chain['last_seq']} 条，实有 {count} 条。",
                      f"There should be {chain['last_seq']} events; there are {count}.")  # fmt: skip
    elif last != chain["last_hash"]:
        verdict.wrong("changed", "最后几条与热线签名的不符：有改动、缺少或增加。",
                      "The last events are not those that the city signed: changed, removed or added.")  # fmt: skip
    head = digest("hotline.head.1", chain["case"], proof["number"], chain["last_seq"], chain["last_hash"], signed["at"])
    _signed(verdict, ("记录的末尾", "the end of the history"), signed, head, trusted)


def _tail(verdict: Verdict, events: Any, made_at: str) -> None:
    if not events:
        return
    verdict.note(
        "unsealed", f"最后 {len(events)} 条还没有封签（一分钟内会封），过后请再下载一份。",
        f"The last {len(events)} are not sealed yet (it takes up to a minute); download the proof again later.",
    )  # fmt: skip
    shown = [_moment(one["at"]) for one in events if one.get("at")]
    if shown and _moment(made_at) - min(shown) > LATE:
        verdict.note("late", "其中有的十分钟前就该封了，请向热线询问。",
                     "Some should have been sealed long ago: ask the hotline why.")  # fmt: skip


def _tell(verdict: Verdict, event: Any) -> None:
    if "kind" not in event:
        verdict.lines.append(Said("inside", f"{event['seq']:>3}  （内部记录，只有哈希）", "(internal, its hash only)"))
        return
    zh, en = KINDS.get(event["kind"], (event["kind"], event["kind"]))
    at = f"{_moment(event['at']).astimezone(CITY_ZONE):%Y-%m-%d %H:%M:%S}"
    verdict.lines.append(Said(event["kind"], f"{event['seq']:>3}  {at}  {zh}", en))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))  # noqa: FURB162 - Python 3.9 and 3.10 know no Z


def _compare(verdict: Verdict, earlier: Any, now: dict[str, list[str]]) -> None:
    """Whatever an earlier proof held must stand in this one unchanged."""
    for chain in earlier["chains"]:
        before = "00" * 32
        hashes = now.get(chain["case"], [])
        for event in chain["events"]:
            before = _event_hash(Verdict(), chain["case"], event, before)
            if event["seq"] > len(hashes):
                verdict.wrong("missing", f"以前的凭证有第 {event['seq']} 条，现在没有了。",
                              f"An earlier proof has event {event['seq']}; it is gone.")  # fmt: skip
                break
            if hashes[event["seq"] - 1] != before:
                verdict.wrong("changed", f"第 {event['seq']} 条与以前的凭证不同。",
                              f"Event {event['seq']} is not what an earlier proof says.")  # fmt: skip
                break


def main(arguments: list[str] | None = None) -> int:
    """The command: 0 when the history is proven, 1 when it is not, 2 when a file cannot be read."""
    parser = argparse.ArgumentParser(description="验证办理记录的凭证 / check a proof of a case's history")
    parser.add_argument("proof", help="下载的凭证 / the proof")
    parser.add_argument("--roots", help="公布的封签 roots.jsonl / the published roots")
    parser.add_argument("--keys", help="公布的公钥 keys.json / the published public keys")
    parser.add_argument("--earlier", help="以前下载的凭证 / an earlier proof of the same case")
    given = parser.parse_args(arguments)
    try:
        proof, earlier, keys = (_read(name) for name in (given.proof, given.earlier, given.keys))
        roots = [json.loads(line) for line in _lines(given.roots)] if given.roots else None
    except (OSError, ValueError) as error:
        sys.stderr.write(f"读不了这个文件 / cannot be read: {error}\n")
        return 2
    verdict = check(proof, roots, keys, earlier)
    for said in (*verdict.lines, *verdict.notes, *verdict.problems):
        mark = "✗ " if said in verdict.problems else ("· " if said in verdict.notes else "")
        sys.stdout.write(f"{mark}{said.zh} / {said.en}\n")
    sys.stdout.write("✓ 记录属实，没有改动。/ The history is true and unchanged.\n" if verdict.is_true
                     else "✗ 这份记录不能相信。/ This history cannot be relied on.\n")  # fmt: skip
    return 0 if verdict.is_true else 1


def _read(name: str | None) -> Any:
    return json.loads(Path(name).read_text(encoding="utf-8")) if name else None


def _lines(name: str) -> list[str]:
    return [line for line in Path(name).read_text(encoding="utf-8").splitlines() if line.strip()]


if __name__ == "__main__":
    sys.exit(main())
