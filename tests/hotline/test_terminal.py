"""What an operator proves from the terminal: the ledger, exported and touched; a backup, drilled."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cases import seals
from tests import builders as b
from tests.engines import Place


@pytest.fixture(scope="module")
async def city(database: Place) -> Place:
    """A city with two cases, one of them closed and rated, under a sealed ledger."""
    await b.a_case("closed")
    await b.a_case("signed")
    await seals.seal_all()
    return database


def hotline(place: Place, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command on this place's database and keys."""
    return subprocess.run(
        [sys.executable, "-m", "hotline", *arguments],
        env={**os.environ, **place.environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.requirement("000-10")
def test_every_act_is_in_a_log_that_is_exported_and_proved_elsewhere_and_a_touched_copy_is_named(
    city: Place, tmp_path: Path
) -> None:
    whole = hotline(city, "verify")
    assert whole.returncode == 0, whole.stdout + whole.stderr
    assert "账本完好" in whole.stdout
    export = tmp_path / "ledger.jsonl"
    assert hotline(city, "verify", "--export", str(export)).returncode == 0
    roots = city.settings.ledger_dir / "roots.jsonl"
    alone = {"DATABASE_URL": "", "HOTLINE_DATA_DIR": str(tmp_path / "nowhere")}
    elsewhere = subprocess.run(
        [sys.executable, "-m", "hotline", "verify", "--from", str(export), "--root", str(roots)],
        env={**os.environ, **alone}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert elsewhere.returncode == 0, elsewhere.stdout + elsewhere.stderr
    export.write_text(re.sub(r'"kind":"signed"', '"kind":"closed"', export.read_text(), count=1))
    touched = hotline(city, "verify", "--from", str(export), "--root", str(roots))
    assert touched.returncode == 1
    assert "第一处问题" in touched.stdout


@pytest.mark.requirement("000-25")
def test_a_restore_drill_has_the_same_case_count_and_ledger_root(city: Place, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar"
    made = hotline(city, "backup", "--to", str(file))
    assert made.returncode == 0, made.stdout + made.stderr
    drill = hotline(city, "restore", str(file), "--drill", "--keys", str(city.settings.key_dir))
    assert drill.returncode == 0, drill.stdout + drill.stderr
    assert "case count agrees: 2" in drill.stdout
