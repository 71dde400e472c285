"""The ledger under the hands of its database's owner: whatever is done to it is named; erasing by rule is accepted."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from cases import chain, ledger, seals, verbs
from cases.report import told
from hotline import acts, db, vault, verify
from hotline.actor import SYSTEM
from hotline.work import work
from tests import builders
from tests.cases.tampering import (
    ACT_CUT,
    ACTS_SWAPPED,
    ADDED,
    DELETED,
    ERASED,
    SWAPPED,
    VICTIM,
    lines_of,
    rehashed,
    tampered,
    write,
)
from tests.engines import Place

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def ledger_full(database: Place) -> Place:
    """Two closed cases and five acts under seals, a third case in the tail that is not sealed yet."""
    for _ in range(2):
        await builders.a_case("closed")
    for n in range(5):
        async with db.atomic() as connection:
            await acts.note(connection, SYSTEM, "person.signed_in", f"person:{n}")
    assert await seals.seal_all() > 20
    await builders.a_case("signed")
    return database


async def test_an_honest_ledger_is_whole_and_its_tail_is_told_apart(ledger_full: Place) -> None:
    report = await verify.database()
    assert report.is_clean, report.findings
    assert report.cases == 3
    assert report.events == sum(report.sealed[log] + report.unsealed[log] for log in "pi")
    assert report.sealed["a"] == report.acts == 5
    assert sum(report.unsealed.values()) > 3
    assert report.texts > 10
    assert report.published == report.seals == 3
    assert any("尚未封签" in line.zh for line in told(report))


@pytest.mark.parametrize(
    ("change", "code", "seq"),
    [
        ("UPDATE case_event SET data = replace(data, '0201', '0202') WHERE case_id = VICTIM AND seq = 3", "edited", 3),
        ("UPDATE case_event SET at = at + interval '1 second' WHERE case_id = VICTIM AND seq = 7", "edited", 7),
        ("UPDATE case_event SET actor = gen_random_uuid() WHERE case_id = VICTIM AND seq = 1", "edited", 1),
        ("UPDATE case_event SET hash = sha256('x') WHERE case_id = VICTIM AND seq = 2", "edited", 2),
        (DELETED, "deleted", 9),
        (SWAPPED, "reordered", 7),
        ("DELETE FROM case_event WHERE case_id = VICTIM AND seq = 14", "tail_cut", 14),
        ("UPDATE cases SET last_hash = sha256('x') WHERE id = VICTIM", "edited", 14),
        ("UPDATE cases SET last_seq = 13 WHERE id = VICTIM", "head", 14),
        ("UPDATE case_text SET value = value || '!' WHERE case_id = VICTIM AND field = 'words'", "text_altered", 1),
        ("UPDATE case_text SET sealed = sealed || 'x' WHERE case_id = VICTIM AND field = 'name'", "text_altered", 1),
        ("DELETE FROM case_text WHERE case_id = VICTIM AND field = 'words' AND seq = 1", "text_missing", 1),
        (ERASED, "text_erased", 1),
        (ADDED, "text_added", 2),
    ],
)
async def test_each_deed_in_a_case_is_named_with_its_case_and_event(
    ledger_full: Place, change: str, code: str, seq: int
) -> None:
    report = await tampered(ledger_full, change)
    first = report.findings[0]
    assert (first.code, first.seq) == (code, seq), report.findings
    async with db.reading() as connection:
        number = await connection.fetchval("SELECT number FROM cases ORDER BY id LIMIT 1")
    assert first.number == number
    assert number in first.zh
    assert number in first.en


async def test_a_public_event_that_was_moved_among_the_internal_ones_before_it_was_sealed_is_named(
    ledger_full: Place,
) -> None:
    report = await tampered(ledger_full, "UPDATE case_event SET log = 'i' WHERE position IS NULL AND kind = 'signed'")
    assert [(found.code, found.seq) for found in report.findings] == [("log", 7)]


async def test_two_events_whose_contents_were_swapped_are_reordered(ledger_full: Place) -> None:
    async def swap(owner: asyncpg.Connection) -> None:
        lines = await lines_of(owner)
        one, two = lines[6], lines[7]
        await write(owner, two._replace(seq=one.seq, prev=one.prev, hash=one.hash))
        await write(owner, one._replace(seq=two.seq, prev=two.prev, hash=two.hash))

    report = await tampered(ledger_full, swap)
    assert [(found.code, found.seq) for found in report.findings[:2]] == [("reordered", 7), ("reordered", 8)]


async def test_an_edit_with_its_own_hash_mended_is_named_by_its_follower(ledger_full: Place) -> None:
    async def edit(owner: asyncpg.Connection) -> None:
        line = (await lines_of(owner))[2]
        await write(owner, rehashed(line._replace(at=line.at - timedelta(days=1))))

    report = await tampered(ledger_full, edit)
    assert (report.findings[0].code, report.findings[0].seq) == ("edited", 3)
    assert "root_mismatch" in {found.code for found in report.findings}


async def test_a_case_rewritten_to_its_end_breaks_the_signed_root(ledger_full: Place) -> None:
    async def rewrite(owner: asyncpg.Connection) -> None:
        lines = await lines_of(owner)
        before = lines[1].hash
        for line in lines[2:]:
            fresh = rehashed(line._replace(at=line.at - timedelta(days=1)), before)
            await write(owner, fresh)
            before = fresh.hash
        await owner.execute(f"UPDATE cases SET last_hash = $1 WHERE id = ({VICTIM})", before)

    report = await tampered(ledger_full, rewrite)
    assert {found.code for found in report.findings} == {"root_mismatch"}


async def test_a_tail_cut_together_with_the_cases_row_is_missed_by_the_seal(ledger_full: Place) -> None:
    async def cut(owner: asyncpg.Connection) -> None:
        lines = await lines_of(owner)
        await owner.execute(f"DELETE FROM case_event WHERE case_id = ({VICTIM}) AND seq = $1", lines[-1].seq)
        await owner.execute(
            f"UPDATE cases SET last_seq = $1, last_hash = $2 WHERE id = ({VICTIM})", lines[-2].seq, lines[-2].hash
        )

    report = await tampered(ledger_full, cut)
    assert [found.code for found in report.findings] == ["missing"]
    assert report.findings[0].position is not None


async def test_a_case_taken_out_whole_is_missed_by_the_seals(ledger_full: Place) -> None:
    async def take(owner: asyncpg.Connection) -> None:
        victim = await owner.fetchval(VICTIM)
        root = await asyncpg.connect(ledger_full.root_url)
        await root.execute("SET session_replication_role = replica")
        for table in ("case_text", "case_event"):
            await root.execute(f"DELETE FROM {table} WHERE case_id = $1", victim)
        await root.execute("DELETE FROM cases WHERE id = $1", victim)
        await root.close()

    report = await tampered(ledger_full, take)
    assert {found.code for found in report.findings} == {"missing"}
    assert "14" in report.findings[0].en or "in all" in report.findings[0].en


async def test_events_whose_case_row_is_gone_are_named(ledger_full: Place) -> None:
    async def orphan(_owner: asyncpg.Connection) -> None:
        root = await asyncpg.connect(ledger_full.root_url)
        await root.execute("SET session_replication_role = replica")
        await root.execute(f"DELETE FROM cases WHERE id = ({VICTIM})")
        await root.close()

    report = await tampered(ledger_full, orphan)
    assert report.findings[0].code == "case_missing"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("UPDATE case_event SET position = position + 1000 WHERE case_id = VICTIM AND seq = 3", "position"),
        ("UPDATE ledger_seal SET root = sha256('x') WHERE log = 'p'", "seal"),
        ("UPDATE ledger_seal SET signature = 'x' WHERE log = 'i'", "signature"),
        ("UPDATE ledger_seal SET key_id = 'cafe' WHERE log = 'i'", "key"),
        ("DELETE FROM ledger_seal WHERE log = 'i'", "position"),
        ("UPDATE act SET subject = 'person:9' WHERE seq = 2", "edited"),
        ("DELETE FROM act WHERE seq = 2", "deleted"),
        ("DELETE FROM act WHERE seq = 5", "tail_cut"),
        (ACT_CUT, "missing"),
        (ACTS_SWAPPED, "reordered"),
    ],
)
async def test_seals_and_the_second_log_are_held_to_the_same(ledger_full: Place, change: str, code: str) -> None:
    report = await tampered(ledger_full, change)
    assert report.findings[0].code == code, report.findings


async def test_seals_taken_away_are_missed_by_the_published_file(ledger_full: Place) -> None:
    report = await tampered(ledger_full, "DELETE FROM ledger_seal WHERE log = 'a'")
    assert [found.code for found in report.findings] == ["seal_missing"]


async def test_a_ledger_sealed_anew_by_the_owner_differs_from_what_was_published(ledger_full: Place) -> None:
    """Even somebody who holds the signing key cannot take back a root that has left the database."""

    async def forge(owner: asyncpg.Connection) -> None:
        row = seals.SealRow(**await owner.fetchrow("SELECT * FROM ledger_seal WHERE log = 'a'"))
        at = row.at - timedelta(hours=1)
        digest = chain.seal_hash(row.prev, row.log, row.no, row.first_position, row.last_position, row.root, at)
        await owner.execute(
            "UPDATE ledger_seal SET at = $1, hash = $2, signature = $3 WHERE log = 'a'", at, digest, vault.sign(digest)
        )

    report = await tampered(ledger_full, forge)
    assert [found.code for found in report.findings] == ["published"]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE case_event SET kind = 'closed'",
        "UPDATE case_event SET position = 1000000 WHERE position = 1",
        "UPDATE case_event SET position = NULL",
        "DELETE FROM case_event",
        "TRUNCATE case_event, case_text",
        "UPDATE case_text SET value = 'x' WHERE value IS NOT NULL",
        "DELETE FROM case_text",
        "UPDATE ledger_seal SET no = no + 1",
        "DELETE FROM ledger_seal",
        "TRUNCATE ledger_seal",
    ],
)
async def test_with_its_triggers_on_the_ledger_refuses_even_its_owner(ledger_full: Place, change: str) -> None:
    async with ledger_full.as_owner() as owner:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
            await owner.execute(change)


async def test_an_export_proves_itself_without_a_database(ledger_full: Place, tmp_path: Path) -> None:
    target, roots = tmp_path / "ledger.jsonl.gz", seals.roots_path()
    assert await verify.export(target) > 30
    here = await verify.database()
    there = verify.file(target, roots)
    assert there.is_clean, there.findings
    assert (there.cases, there.events, there.acts, there.seals) == (here.cases, here.events, here.acts, here.seals)
    printed = list(seals.published(roots))[-1].hash
    assert verify.file(target, printed).is_clean
    assert [found.code for found in verify.file(target, "ab" * 32).findings] == ["published"]


async def test_the_command_tells_the_first_fault_and_its_exit_code(ledger_full: Place, tmp_path: Path) -> None:
    target = tmp_path / "ledger.jsonl"
    said: list[str] = []
    await verify.export(target)
    roots = str(seals.roots_path())
    assert verify.command(None, target, roots, said.append) == 0
    assert "账本完好" in said[0]
    target.write_text(target.read_text().replace('"seq":4,', '"seq":44,', 1))
    said.clear()
    assert verify.command(None, target, roots, said.append) == 1
    assert "第一处问题" in said[0]
    assert "First fault" in said[0]
    said.clear()
    assert verify.command(None, target, None, said.append, as_json=True) == 1
    assert json.loads(said[0])["findings"][0]["code"] == "deleted"


@pytest.mark.parametrize(
    ("kind", "change", "code"),
    [
        ("event", {"unit": "XXX"}, "edited"),
        ("event", None, "deleted"),
        ("act", {"subject": "x"}, "edited"),
        ("seal", {"last": 1}, "seal"),
        ("seal", {"signature": "00"}, "signature"),
    ],
)
async def test_an_export_that_was_touched_is_found_out(
    ledger_full: Place, tmp_path: Path, kind: str, change: dict[str, object] | None, code: str
) -> None:
    target = tmp_path / "ledger.jsonl"
    await verify.export(target)
    lines = [json.loads(line) for line in target.read_text().splitlines()]
    at = next(n for n, line in enumerate(lines) if line["t"] == kind)
    lines[at : at + 1] = [] if change is None else [{**lines[at], **change}]
    target.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert verify.file(target, seals.roots_path()).findings[0].code == code


async def test_an_export_holds_no_words_and_no_names(ledger_full: Place, tmp_path: Path) -> None:
    target = tmp_path / "ledger.jsonl"
    await verify.export(target)
    body = target.read_text()
    assert "王小明" not in body
    assert "13800000001" not in body
    assert builders.WORDS[:6] not in body


async def test_an_export_signed_by_another_hand_does_not_pass_for_ours(ledger_full: Place, tmp_path: Path) -> None:
    target, roots = tmp_path / "ledger.jsonl", tmp_path / "roots.jsonl"
    await verify.export(target)
    stranger = vault.Keys(tmp_path, [vault._fresh(use) for use in ("seal", "index", "sign")])
    ours = seals.roots_path().read_text().splitlines()
    theirs = [{**json.loads(line), "public": stranger.public_key().hex()} for line in ours]
    roots.write_text("".join(json.dumps(line) + "\n" for line in theirs))
    assert {found.code for found in verify.file(target, roots).findings} == {"signature"}


async def test_an_erasure_by_rule_is_accepted_and_counted(ledger_full: Place) -> None:
    receipt = await builders.a_case("closed")
    async with work(SYSTEM) as one:
        await verbs.erase(one, await ledger.opened(one, number=receipt.number), rule="retention.3y")
    report = await verify.database()
    assert report.is_clean, report.findings
    assert report.erased["retention.3y"] > 5
    assert any("retention.3y" in line.en for line in told(report))


async def test_texts_sealed_again_under_a_new_key_still_match(ledger_full: Place) -> None:
    """A rotation re-seals; the commitment is to the words, not to their cipher."""
    vault.rotate(ledger_full.settings.key_dir)
    async with db.atomic() as connection:
        rows = await connection.fetch("SELECT case_id, seq, field, sealed FROM case_text WHERE sealed IS NOT NULL")
        for row in rows:
            place = f"case_text.{row['field']}"
            again = vault.seal(vault.unseal(row["sealed"], place), place)
            await connection.execute(
                "UPDATE case_text SET sealed = $4 WHERE case_id = $1 AND seq = $2 AND field = $3", *row[:3], again
            )
    assert (await verify.database()).is_clean
