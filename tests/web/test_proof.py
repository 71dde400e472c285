"""A citizen's proof through HTTP: true as it is, refused once anything in it was changed, and it names nobody."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from cases import ledger, merging, offline, offline_roots, seals, verbs, verbs_audit, verbs_site
from channels.message import Receipt
from hotline import clock, db
from hotline.actor import SYSTEM
from hotline.work import work
from tests import builders as b
from tests.web import house

pytestmark = pytest.mark.anyio
NOTE = b.HANDLED["note"]
Proof = dict[str, Any]


@pytest.fixture(scope="module")
async def receipt(database: object) -> Receipt:
    """A case that was answered, visited and closed, and sealed; then a word was added that is not sealed yet."""
    one = await b.a_case("closed")
    await b.a_case("signed", words="另一个人的事，夜里施工太吵。")
    await seals.seal_all()
    return one


async def looked_up(client: httpx.AsyncClient, receipt: Receipt, code: str = "") -> httpx.Response:
    """Number and code shown at the look-up."""
    return await house.post(client, "/track", {"number": receipt.number, "code": code or receipt.code}, page="/track")


async def downloaded(client: httpx.AsyncClient, receipt: Receipt) -> Proof:
    """The proof as its holder gets it, by the link of their page."""
    await looked_up(client, receipt)
    assert f"/track/{receipt.number}/proof" in await house.get(client, f"/track/{receipt.number}")
    page = await house.get(client, f"/track/{receipt.number}/proof")
    assert f"/track/{receipt.number}/proof.json" in page
    answer = await client.get(f"/track/{receipt.number}/proof.json")
    assert answer.headers["cache-control"] == "no-store"
    found: Proof = answer.json()
    return found


async def published(client: httpx.AsyncClient) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Roots and keys as anybody downloads them."""
    roots = [json.loads(line) for line in (await client.get("/proof/roots.jsonl")).text.splitlines()]
    return roots, (await client.get("/proof/keys.json")).json()


def events(proof: Proof) -> list[dict[str, Any]]:
    """The events of the proof's only chain."""
    found: list[dict[str, Any]] = proof["chains"][0]["events"]
    return found


def one_of(proof: Proof, kind: str) -> dict[str, Any]:
    """The first event of a kind."""
    return next(one for one in events(proof) if one.get("kind") == kind)


def last_sealed(proof: Proof) -> dict[str, Any]:
    """An event with a place."""
    return [one for one in events(proof) if one.get("place")][-1]


_once: dict[str, tuple[str, tuple[list[dict[str, Any]], dict[str, str]]]] = {}


async def as_downloaded(client: httpx.AsyncClient, receipt: Receipt) -> tuple[Proof, Any]:
    """The proof and what was published, fetched once: each test has a copy of its own to spoil."""
    if receipt.number not in _once:
        _once[receipt.number] = json.dumps(await downloaded(client, receipt)), await published(client)
    proof, known = _once[receipt.number]
    return json.loads(proof), known


async def test_a_true_history_is_accepted_and_shows_words_and_answer(
    client: httpx.AsyncClient, receipt: Receipt
) -> None:
    proof = await downloaded(client, receipt)
    verdict = offline.check(proof, *await published(client))
    assert verdict.problems == []
    assert verdict.notes == []
    assert one_of(proof, "registered")["texts"]["words"]["value"] == b.WORDS
    assert one_of(proof, "handled")["texts"]["reply"]["value"] == b.HANDLED["reply"]
    assert [one["seq"] for one in events(proof)] == list(range(1, len(events(proof)) + 1))


async def test_it_holds_no_note_no_name_no_number_and_no_id_of_the_staff(
    client: httpx.AsyncClient, receipt: Receipt
) -> None:
    text = json.dumps(await downloaded(client, receipt), ensure_ascii=False)
    async with db.reading() as connection:
        people = await connection.fetch("SELECT id::text, name FROM person")
        inside = await connection.fetch(
            "SELECT coalesce(value, '') AS value FROM case_text t JOIN cases c ON c.id = t.case_id "
            "WHERE c.number = $1 AND t.audience <> 'requester' AND t.field <> 'title'", receipt.number,
        )  # fmt: skip
    assert [one["name"] for one in people if one["id"] in text or one["name"] in text] == []
    assert [one["value"] for one in inside if one["value"] and one["value"] in text] == []
    assert NOTE not in text
    assert "13800000001" not in text
    assert "夜里施工" not in text


def _change(proof: Proof) -> None:
    last_sealed(proof)["at"] = "2026-01-01T00:00:00.000000Z"


def _remove(proof: Proof) -> None:
    del events(proof)[4]


def _remove_and_renumber(proof: Proof) -> None:
    _remove(proof)
    for seq, one in enumerate(events(proof), 1):
        one["seq"] = seq
    proof["chains"][0]["last_seq"] -= 1


def _cut(proof: Proof) -> None:
    del events(proof)[-1]


def _cut_and_restate(proof: Proof) -> None:
    _cut(proof)
    proof["chains"][0]["last_seq"] -= 1


def _add(proof: Proof) -> None:
    events(proof).insert(4, copy.deepcopy(events(proof)[3]))


def _add_at_the_end(proof: Proof) -> None:
    events(proof).append({"seq": len(events(proof)) + 1, "body": "ab" * 32})


def _change_words(proof: Proof) -> None:
    one_of(proof, "handled")["texts"]["reply"]["value"] = "本来就没坏。"


def _change_words_with_their_commitment(proof: Proof) -> None:
    one = one_of(proof, "handled")
    text = one["texts"]["reply"]
    text["value"] = "本来就没坏。"
    part = next(part for part in one["parts"] if part["name"] == "texts.reply")
    part["value"] = json.dumps(offline._commitment(text["salt"], text["value"]))


def _lose_words(proof: Proof) -> None:
    del one_of(proof, "registered")["texts"]["words"]


def _add_words(proof: Proof) -> None:
    one_of(proof, "registered")["texts"]["extra"] = {"value": "x", "salt": "00"}


def _wrong_path(proof: Proof) -> None:
    last_sealed(proof)["place"]["path"][0] = "00" * 32


def _wrong_position(proof: Proof) -> None:
    last_sealed(proof)["place"]["position"] += 1


def _wrong_signature(proof: Proof) -> None:
    signed = proof["roots"][0]["signature"]
    proof["roots"][0]["signature"] = f"{int(signed[:2], 16) ^ 1:02x}{signed[2:]}"


def _unknown_key(proof: Proof) -> None:
    proof["roots"][0]["key"] = "deadbeef"


def _other_key_under_the_name(proof: Proof) -> None:
    proof["roots"][0]["public"] = "ab" * 32


def _another_root(proof: Proof) -> None:
    proof["roots"][0]["root"] = "ab" * 32


def _say_twice(proof: Proof) -> None:
    one = one_of(proof, "registered")
    one["parts"].append(dict(one["parts"][0], value='"other"'))


def _invent_beside_a_hidden_one(proof: Proof) -> None:
    one = next(one for one in events(proof) if "body" in one)
    one |= {"kind": "handled", "at": proof["made_at"], "texts": {"reply": {"value": "编的", "salt": "00"}}}


def _change_and_cover_with_a_bare_hash(proof: Proof) -> None:
    before, hashes = "00" * 32, []
    for one in events(proof):
        before = offline._event_hash(offline.Verdict(), proof["chains"][0]["case"], one, before)
        hashes.append(before)
    _change_words_with_their_commitment(proof)
    at = events(proof).index(one_of(proof, "handled"))
    for one in events(proof)[: at + 1]:
        one.pop("place", None)
    covered = events(proof)[at + 1]
    events(proof)[at + 1] = {"seq": covered["seq"], "hash": hashes[at + 1], "place": covered.get("place")}


def _say_erased(proof: Proof) -> None:
    one_of(proof, "handled")["texts"]["reply"] = {"erased": "R-1"}


def _say_erased_and_speak(proof: Proof) -> None:
    one_of(proof, "handled")["texts"]["reply"] = {"erased": "R-1", "value": "本来就没坏。"}


def _pass_as_of_another_day(proof: Proof) -> None:
    proof["made_at"] = "2027-01-01T00:00:00.000000Z"


def _twice(proof: Proof) -> None:
    proof["chains"] *= 2


def _beyond_the_calendar(proof: Proof) -> None:
    proof["made_at"] = "9999-12-31T23:59:59.000000Z"


def _misshapen(proof: Proof) -> None:
    last_sealed(proof)["place"] = "here"


@pytest.mark.parametrize(
    ("tamper", "code"),
    [
        (_change, "changed"), (_remove, "missing"), (_remove_and_renumber, "changed"), (_cut, "missing"),
        (_cut_and_restate, "changed"), (_add, "added"), (_add_at_the_end, "added"), (_change_words, "text"),
        (_change_words_with_their_commitment, "changed"), (_lose_words, "text_missing"),
        (_add_words, "text_added"), (_wrong_path, "changed"), (_wrong_position, "changed"),
        (_wrong_signature, "signature"), (_unknown_key, "unknown_key"), (_other_key_under_the_name, "unknown_key"),
        (_another_root, "root"), (_say_twice, "added"), (_misshapen, "broken"),
        (_invent_beside_a_hidden_one, "added"), (_change_and_cover_with_a_bare_hash, "changed"),
        (_say_erased, "text_missing"), (_say_erased_and_speak, "text_added"), (_pass_as_of_another_day, "mixed"),
        (_twice, "added"), (_beyond_the_calendar, "broken"),
    ],
)  # fmt: skip
async def test_a_changed_proof_is_refused_with_a_sentence(
    client: httpx.AsyncClient, receipt: Receipt, tamper: Callable[[Proof], None], code: str
) -> None:
    proof, known = await as_downloaded(client, receipt)
    tamper(proof)
    problems = offline.check(proof, *known).problems
    assert code in {one.code for one in problems}, problems
    assert all(one.zh.endswith("。") and one.en.endswith(".") for one in problems)


async def test_a_root_that_was_not_published_and_an_earlier_proof_that_says_otherwise_are_named(
    client: httpx.AsyncClient, receipt: Receipt
) -> None:
    proof, (roots, keys) = await downloaded(client, receipt), await published(client)
    other = [one for one in roots if one["hash"] != proof["roots"][0]["hash"]]
    assert {one.code for one in offline.check(proof, other, keys).problems} == {"not_published"}
    earlier = copy.deepcopy(proof)
    assert offline.check(proof, roots, keys, earlier).problems == []
    earlier["chains"][0]["events"][2]["body"] = "00" * 32
    assert {one.code for one in offline.check(proof, roots, keys, earlier).problems} == {"changed"}


async def test_a_proof_that_vouches_for_itself_is_not_proven_and_a_kept_key_outweighs_the_roots(
    client: httpx.AsyncClient, receipt: Receipt
) -> None:
    proof, (roots, keys) = await as_downloaded(client, receipt)
    alone = offline.check(proof)
    assert (alone.is_true, alone.is_proven, [one.code for one in alone.doubts]) == (True, False, ["own_keys"])
    assert offline.check(proof, roots).is_proven
    assert offline.check(proof, None, keys).is_proven
    other = {next(iter(keys)): "ab" * 32}
    assert "unknown_key" in {one.code for one in offline.check(proof, roots, other).problems}


@pytest.mark.parametrize("field", ["hash", "prev", "last"])
async def test_published_roots_that_are_no_chain_are_refused(
    client: httpx.AsyncClient, receipt: Receipt, field: str
) -> None:
    proof, (roots, keys) = await as_downloaded(client, receipt)
    forked = {**roots[0], field: 10**6 if field == "last" else "cd" * 32}
    forked["hash"] = "cd" * 32 if field == "hash" else offline_roots._root_hash(forked)
    assert "forked" in {one.code for one in offline.check(proof, [*roots, forked], keys).problems}
    following = {**roots[0], "no": roots[0]["no"] + 10**6}
    following["hash"] = offline_roots._root_hash(following)
    after = {**following, "no": following["no"] + 1}
    after["hash"] = offline_roots._root_hash(after)
    found = offline.check(proof, [*roots, following, after], keys).problems
    assert [one.code for one in found] == ["forked"], "it covers the same entries again"


async def test_what_the_page_does_not_tell_is_a_hash_also_in_the_proof(
    client: httpx.AsyncClient, receipt: Receipt
) -> None:
    one = await b.a_case("signed", words="有人夜里倒渣土，请来查。")
    await b.act("congtai", one.number, verbs_audit.claim, b.lead, claim="beyond_remit", reason="不归我们", basis="三定")
    await b.act("audit", one.number, verbs_audit.decide_claim, b.lead, is_upheld=False, reason="归你们管")
    starts = clock.now() + timedelta(hours=2)
    async with work(await b.person("congtai")) as w:
        file = await ledger.opened(w, number=one.number)
        await verbs_site.plan(
            w, file, unit=b.lead(file).unit, starts=starts, ends=starts + timedelta(hours=1), units=(), spot="东门"
        )
    await seals.seal_all()
    proof = await downloaded(client, one)
    assert offline.check(proof, *await published(client)).problems == []
    assert not {"claim_decided", "site_visit_planned"} & {one.get("kind") for one in events(proof)}


async def test_the_last_minute_is_not_sealed_yet_and_says_so(client: httpx.AsyncClient, receipt: Receipt) -> None:
    fresh = await b.a_receipt(words="刚刚反映的事，路面塌了一块。")
    verdict = offline.check(await downloaded(client, fresh), *await published(client))
    assert [one.code for one in verdict.notes] == ["unsealed"]
    assert verdict.problems == []


async def test_erased_words_say_under_which_rule(client: httpx.AsyncClient, receipt: Receipt) -> None:
    gone = await b.a_case("closed", words="已经过了保存期的一件事，井盖松动。")
    async with work(SYSTEM) as w:
        await verbs.erase(w, await ledger.opened(w, number=gone.number), rule="R-1")
    await seals.seal_all()
    proof = await downloaded(client, gone)
    verdict = offline.check(proof, *await published(client))
    assert verdict.problems == []
    assert "R-1" in next(one for one in verdict.notes if one.code == "erased").en
    assert "井盖松动" not in json.dumps(proof, ensure_ascii=False)


async def test_who_was_merged_into_another_case_has_both_chains_and_nobody_elses_words(
    client: httpx.AsyncClient, receipt: Receipt
) -> None:
    parent = await b.a_case("signed", words="路灯不亮，我先说的。", name="赵先")
    child = await b.a_receipt(words="路灯不亮，我后说的。", matter="020201")
    async with work(await b.person("dispatcher")) as w:
        files = await merging.opened(w, [await _case_id(one) for one in (parent, child)])
        await merging.merge(w, files[await _case_id(parent)], files[await _case_id(child)], reason="同一盏灯")
    await b.act("congtai", parent.number, verbs.contact, b.lead, way="phone")
    await seals.seal_all()
    proof = await downloaded(client, child)
    assert offline.check(proof, *await published(client)).problems == []
    assert len(proof["chains"]) == 2
    text = json.dumps(proof, ensure_ascii=False)
    assert "我后说的" in text
    assert not any(one in text for one in ("我先说的", parent.number, "同一盏灯"))
    without = {**proof, "chains": proof["chains"][:1]}
    assert {one.code for one in offline.check(without, *await published(client)).problems} == {"missing"}
    async with work(await b.person("dispatcher")) as w:
        files = await merging.opened(w, [await _case_id(one) for one in (parent, child)])
        await merging.unmerge(w, files[await _case_id(parent)], files[await _case_id(child)], reason="不是一盏灯")
    await b.act("congtai", parent.number, verbs.contact, b.lead, way="phone")
    await seals.seal_all()
    after = await downloaded(client, child)
    assert offline.check(after, *await published(client), proof).problems == []
    assert len(after["chains"][1]["events"]) == len(proof["chains"][1]["events"]) + 1, "up to where it was taken out"


async def _case_id(receipt: Receipt) -> UUID:
    async with db.reading() as connection:
        found: UUID = await connection.fetchval("SELECT id FROM cases WHERE number = $1", receipt.number)
    return found


async def test_without_the_code_there_is_no_proof_whether_the_case_exists_or_not(
    client: httpx.AsyncClient, receipt: Receipt
) -> None:
    for number in (receipt.number, "260101-99999"):
        answer = await client.get(f"/track/{number}/proof.json")
        assert (answer.status_code, answer.headers["location"]) == (303, "/track")
    there = await looked_up(client, receipt, "000000")
    nowhere = await house.post(client, "/track", {"number": "260101-99999", "code": "000000"}, page="/track")
    assert (there.status_code, nowhere.status_code) == (422, 422)


async def test_the_downloaded_verifier_runs_alone_and_ends_with_the_verdict(
    client: httpx.AsyncClient, receipt: Receipt, tmp_path: Path
) -> None:
    proof = await downloaded(client, receipt)
    (tmp_path / "verify.py").write_text((await client.get("/proof/verify.py")).text, encoding="utf-8")
    (tmp_path / "roots.jsonl").write_text((await client.get("/proof/roots.jsonl")).text, encoding="utf-8")
    ends = []
    for name in ("true", "false"):
        if name == "false":
            _change_words(proof)
        (tmp_path / f"{name}.json").write_text(json.dumps(proof), encoding="utf-8")
        words = [sys.executable, "-I", "verify.py", f"{name}.json", "--roots", "roots.jsonl"]
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
        ends.append((done.returncode, done.stdout.splitlines()[-1][:1], done.stderr))
    assert ends == [(0, "✓", ""), (1, "✗", "")]


async def test_the_page_of_roots_shows_each_with_its_signature_and_every_download_answers(
    client: httpx.AsyncClient, receipt: Receipt
) -> None:
    page = await house.get(client, "/proof")
    roots, keys = await published(client)
    assert all(one["signature"] in page and one["root"] in page and one["key"] in keys for one in roots)
    assert 'href="/proof"' in await house.get(client, "/")
    feed = await client.get("/proof/feed.xml")
    assert feed.headers["content-type"].startswith("application/atom+xml")
    assert all(f"urn:sha256:{one['hash']}" in feed.text for one in roots)
    assert (await client.get("/proof/roots.jsonl?from=2001-01-01&to=2001-01-02")).text == ""
    for span in ("from=yesterday", "from=0001-01-01", "to=9999-12-31"):
        assert (await client.get(f"/proof/roots.jsonl?{span}")).status_code == 422
    offline_page = await client.get("/proof/verify.html")
    assert offline_page.headers["content-disposition"].startswith("attachment")
    assert "/* script */" not in offline_page.text
    assert "hotline.event.2" in offline_page.text
