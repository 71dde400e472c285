"""What was erased stays erased: the journal outside the database holds it, and a restore goes by it."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cases import seals, verbs
from hotline import backup, db, erasures, ward
from hotline.servers import EngineError
from tests import builders
from tests.engines import Place
from tests.houses import command

RULE = "person_right"
SAID = "我叫王小明，电话 13800000001。"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short-named folder that the servers' user can walk through."""
    here = Path(tempfile.mkdtemp(prefix="hle"))
    here.chmod(0o711)
    yield here
    shutil.rmtree(here, ignore_errors=True)


async def erase(number: str) -> None:
    """Erase a closed case as the administrator would."""
    await builders.act("admin", number, verbs.erase, rule=RULE)


def lines_of(database: Place) -> list[erasures.Erasure]:
    return erasures.read(erasures.journal(database.settings))


async def legible(number: str) -> int:
    """How many texts of a case can still be read."""
    async with db.reading() as connection:
        count: int = await connection.fetchval(
            "SELECT count(*) FROM case_text t JOIN cases c ON c.id = t.case_id "
            "WHERE c.number = $1 AND t.erased_at IS NULL",
            number,
        )
    return count


async def test_each_erasure_is_written_down_once_and_without_a_word_of_it(database: Place) -> None:
    receipt = await builders.a_case("closed", words=SAID)
    assert await erasures.keep() == 0
    await erase(receipt.number)
    assert sorted(await asyncio.gather(erasures.keep(), erasures.keep())) in ([0, 1], [1, 1])
    assert await erasures.keep() == 0
    (line,) = [one for one in lines_of(database) if one.case == receipt.number]
    assert line.rule == RULE
    assert (1, "words") in line.texts
    path = erasures.journal(database.settings)
    assert path.stat().st_mode & 0o777 == 0o600
    told = path.read_text(encoding="utf-8")
    assert not [word for word in ("王小明", "13800000001", "路灯", "丛台") if word in told]


async def test_what_a_crash_tore_is_written_again(database: Place) -> None:
    await erase((await builders.a_case("closed")).number)
    await erasures.keep()
    path = erasures.journal(database.settings)
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    assert await erasures.keep() == 1
    assert path.read_bytes() == whole


async def test_a_lost_journal_is_written_again_from_the_ledger(database: Place) -> None:
    await erase((await builders.a_case("closed")).number)
    await erasures.keep()
    before = lines_of(database)
    erasures.journal(database.settings).unlink()
    assert await erasures.keep() == len(before)
    assert lines_of(database) == before


async def test_a_line_of_another_installation_erases_nothing(database: Place) -> None:
    receipt = await builders.a_case("closed")
    stranger = erasures.Erasure(
        case=receipt.number, id=receipt.message, seq=9, at=builders.clock.now(), rule=RULE, texts=((1, "words"),)
    )
    told = await erasures.replay([stranger])
    assert (told.erased, told.unknown) == (0, 1)
    assert await legible(receipt.number) > 0


async def test_a_case_that_is_open_again_is_named_and_left_alone(database: Place) -> None:
    receipt = await builders.a_case("signed")
    async with db.reading() as connection:
        case_id = await connection.fetchval("SELECT id FROM cases WHERE number = $1", receipt.number)
    line = erasures.Erasure(
        case=receipt.number, id=case_id, seq=99, at=builders.clock.now(), rule=RULE, texts=((1, "words"),)
    )
    told = await erasures.replay([line])
    assert told.open_cases == [receipt.number]
    assert "once closed" in told.sentences()[-1].en
    assert await legible(receipt.number) > 0


async def test_a_restore_erases_what_was_erased_since_and_its_ledger_says_so(database: Place, folder: Path) -> None:
    early, late = await builders.a_case("closed", words=SAID), await builders.a_case("closed", words=SAID)
    await erase(early.number)
    await seals.seal_all()
    made = await backup.backup(database.settings, folder / "b.tar")
    await erase(late.number)
    await erasures.keep()
    path = erasures.journal(database.settings)

    words = ("restore", str(made.file), "--erasures", str(path))
    lame = await asyncio.to_thread(command, *words, "--into", str(folder / "d"))
    assert lame.returncode == 1, "without the keys nothing can be erased"
    own = str(folder / "d" / "ledger" / erasures.JOURNAL)
    assert f"hotline erasures --data {folder / 'd'} --replay {own}" in lame.stdout

    shutil.copytree(database.settings.key_dir, folder / "d-keys")
    seen = await asyncio.to_thread(command, "doctor", "--data", str(folder / "d"))
    assert "1 cases that were erased can be read again" in seen.stdout
    done = await asyncio.to_thread(command, "erasures", "--data", str(folder / "d"), "--replay", own)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 erasures replayed" in done.stdout
    drilled = await asyncio.to_thread(command, *words, "--drill", "--keys", str(folder / "d-keys"))
    assert drilled.returncode == 0, drilled.stdout + drilled.stderr
    assert "case count agrees" in drilled.stdout
    assert "1 erasures replayed" in drilled.stdout
    proved = await asyncio.to_thread(command, "verify", "--data", str(folder / "d"), "--json")
    assert proved.returncode == 0, proved.stdout + proved.stderr
    assert f'"{RULE}"' in proved.stdout
    kept = {one.case for one in erasures.read(folder / "d" / "ledger" / erasures.JOURNAL)}
    assert kept >= {early.number, late.number}
    assert backup.journals_near(made.file, database.settings) == [path]
    finding = await _finding(database)
    assert finding.level == "good", finding


async def _finding(database: Place) -> ward.Finding:
    return next(one for one in await ward.examine(database.settings) if one.name == "erasures")


async def test_replaying_twice_erases_once_and_the_ledger_verifies(database: Place) -> None:
    from hotline import verify

    receipt = await builders.a_case("closed", words=SAID)
    async with db.reading() as connection:
        row = await connection.fetchrow("SELECT id, last_seq FROM cases WHERE number = $1", receipt.number)
    line = erasures.Erasure(
        case=receipt.number, id=row["id"], seq=row["last_seq"] + 1, at=builders.clock.now(), rule=RULE,
        texts=((1, "words"),),
    )  # fmt: skip
    erasures.add(erasures.journal(database.settings), [line])
    finding = await _finding(database)
    assert finding.level == "bad"
    assert "can be read again" in finding.found.en
    assert (await erasures.replay([line])).erased == 1
    assert (await erasures.replay([line])).before == 1
    assert await legible(receipt.number) == 0
    await erasures.keep()
    assert (await _finding(database)).level == "good"
    report = await verify.database()
    assert report.is_clean, report
    assert report.erased[RULE] > 0


async def test_the_worker_writes_the_journal(database: Place) -> None:
    from hotline import worker

    await erase((await builders.a_case("closed")).number)
    assert ("keep_erasures", 1) in await worker.sweep_once()


def test_a_journal_that_cannot_be_read_is_said_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "j").write_text("{}\n")
    with pytest.raises(EngineError, match="Line 1 of the journal"):
        erasures.read(tmp_path / "j")
