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
from typing import Any

from cases.offline_roots import check_signature, digest, good_roots, trusted_keys
from cases.offline_says import ENDS, KINDS, TEXTS, Said, Verdict

FORMAT = "hotline.proof.1"
LATE = timedelta(minutes=10)
"""Sealing takes a minute at most; what is older than this and not sealed is worth a question."""
CITY_ZONE = timezone(timedelta(hours=8))
SHAPES = (
    frozenset({"seq", "hash", "place"}), frozenset({"seq", "body", "place"}),
    frozenset({"seq", "kind", "version", "at", "actor_kind", "parts", "hidden", "texts", "place"}),
)  # fmt: skip
"""What an event may hold: from before parts, hidden, shown. Anything more would be read and is not covered."""


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
        trusted = trusted_keys(verdict, proof, roots, keys)
        sealed = good_roots(verdict, proof["roots"], roots, trusted)
        _says_when(verdict, proof)
        ends: dict[str, list[str]] = {}
        for one in proof["chains"]:
            if one["case"] in ends:
                verdict.wrong("added", "同一件事写了两次。", "One case is in the proof twice.")
            ends[one["case"]] = _chain(verdict, one, proof, sealed, trusted)
        if not ends:
            verdict.wrong("missing", "凭证里一条记录也没有。", "There is not one event in the proof.")
        for one in proof["chains"]:
            _joins(verdict, one, ends)
        if earlier is not None:
            _compare(verdict, earlier, ends)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, ArithmeticError, RecursionError) as error:
        what = type(error).__name__
        verdict.wrong("broken", f"文件不完整或格式不对（{what}）。", f"The file is damaged or misshapen ({what}).")
    return verdict


def _says_when(verdict: Verdict, proof: Any) -> None:
    """Of which receipt and moment the proof is: an old one is true for its day only. All chains are of one moment."""
    at = f"{_moment(proof['made_at']).astimezone(CITY_ZONE):%Y-%m-%d %H:%M:%S}"
    verdict.lines.append(Said("as_of", f"{proof['number']}，截至 {at}", f"as of {at}"))
    if any(one["signed"]["at"] != proof["made_at"] for one in proof["chains"]):
        verdict.wrong("mixed", "热线签名的时间不是凭证写的时间，或几份凭证拼在了一起。",
                      "It was not signed when it says, or is put together from several proofs.")  # fmt: skip


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
        if not _is_shaped(verdict, event, is_later=old < len(hashes)):
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
    _tail(verdict, chain["events"][sealed_to:], chain["signed"]["at"])
    if not old:
        _erased(verdict, chain["events"])
    else:
        verdict.note(
            "old", f"{old} 条记录早于现在的格式：位置可证，内容不在凭证里。",
            f"{old} events are older than this format: their place is proven, their content is not here.",
        )  # fmt: skip
    return hashes


def _is_shaped(verdict: Verdict, event: Any, *, is_later: bool) -> bool:
    """Whether the event holds what its hash covers and no more; bare hashes are sealed and stand at the beginning."""
    if not any(set(event) <= shape for shape in SHAPES):
        verdict.wrong("added", f"第 {event['seq']} 条里有指纹没有包括的内容。",
                      f"Event {event['seq']} holds something that its fingerprint does not cover.")  # fmt: skip
        return False
    if "hash" in event and (is_later or event.get("place") is None):
        verdict.wrong("changed", f"第 {event['seq']} 条只有哈希，接不上它以前的。",
                      f"Event {event['seq']} is a hash only and is not tied to those before it.")  # fmt: skip
        return False
    return True


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
        elif set(text) not in ({"erased"}, {"salt", "value"}):
            verdict.wrong("text_added", f"第 {seq} 条的文字“{zh}”多了或少了内容。",
                          f"Event {seq}: the text “{en}” holds more or less than it should.")  # fmt: skip
        elif "erased" in text:
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


def _erased(verdict: Verdict, events: Any) -> None:
    """Whatever is said to be erased was erased in an event of this chain, under that rule."""
    rules = {json.loads(one["value"]) for event in events if event.get("kind") == "erased"
             for one in event["parts"] if one["name"] == "rule"}  # fmt: skip
    for event in events:
        if any(text.get("erased", None) not in {None, *rules} for text in event.get("texts", {}).values()):
            verdict.wrong("text_missing", f"第 {event['seq']} 条的文字说是擦除了，记录里却没有擦除这一步。",
                          f"Event {event['seq']}: a text is said to be erased, but no event erased it.")  # fmt: skip


def _joins(verdict: Verdict, chain: Any, ends: dict[str, list[str]]) -> None:
    """Where the case was joined to another or taken out of it, that one's chain is here and is the one it was."""
    for event in chain["events"]:
        if event.get("kind") in {"merged", "unmerged"}:
            said = {one["name"]: json.loads(one["value"]) for one in event["parts"]}
            other = ends.get(said["into" if event["kind"] == "merged" else "parent"])
            if other is None:
                verdict.wrong("missing", f"第 {event['seq']} 条说并到了另一件，那一件的记录不在凭证里。",
                              f"Event {event['seq']} names another case, whose history is not here.")  # fmt: skip
            elif other[said["seq"] - 1 : said["seq"]] != [said["hash"]]:
                verdict.wrong("changed", f"另一件的第 {said['seq']} 条不是并案时的那一条。",
                              f"Event {said['seq']} of the other case is not what it was then.")  # fmt: skip


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
    check_signature(verdict, ("记录的末尾", "the end of the history"), signed, head, trusted)


def _tail(verdict: Verdict, events: Any, made_at: str) -> None:
    if not events:
        return
    verdict.note(
        "unsealed", f"最后 {len(events)} 条还没有封签（一分钟内会封），过后请再下载一份。",
        f"The last {len(events)} are not sealed yet (it takes up to a minute); download the proof again later.",
    )  # fmt: skip
    shown = [_moment(one["at"]) for one in events if one.get("at")]
    if shown and _moment(made_at) - min(shown) > LATE:
        verdict.doubt("late", "其中有的十分钟前就该封了，还不能算证明了，请向热线询问。",
                      "Some should have been sealed long ago and are not proven: ask the hotline why.")  # fmt: skip


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
    """The command: 0 when proven, 1 when false, 2 when a file cannot be read, 3 when true only by its own word."""
    parser = argparse.ArgumentParser(description="验证办理记录的凭证 / check a proof of a case's history")
    parser.add_argument("proof", help="下载的凭证 / the proof")
    parser.add_argument("--roots", help="公布的封签 roots.jsonl / the published roots")
    parser.add_argument("--keys", help="公布的公钥 keys.json / the published public keys")
    parser.add_argument("--earlier", help="以前下载的凭证 / an earlier proof of the same case")
    given = parser.parse_args(arguments)
    try:
        proof, earlier, keys = (_read(name) for name in (given.proof, given.earlier, given.keys))
        roots = [json.loads(line) for line in _lines(given.roots)] if given.roots else None
    except (OSError, ValueError, RecursionError) as error:
        sys.stderr.write(f"读不了这个文件 / cannot be read: {error}\n")
        return 2
    verdict = check(proof, roots, keys, earlier)
    for said in (*verdict.lines, *verdict.notes, *verdict.doubts, *verdict.problems):
        mark = "✗ " if said in verdict.problems else "? " if said in verdict.doubts else ""
        sys.stdout.write(f"{mark or ('· ' if said in verdict.notes else '')}{said.zh} / {said.en}\n")
    code = 1 if not verdict.is_true else 0 if verdict.is_proven else 3
    sys.stdout.write(ENDS[code] + "\n")
    return code


def _read(name: str | None) -> Any:
    return json.loads(Path(name).read_text(encoding="utf-8")) if name else None


def _lines(name: str) -> list[str]:
    return [line for line in Path(name).read_text(encoding="utf-8").splitlines() if line.strip()]


if __name__ == "__main__":
    sys.exit(main())
