"""A version is asked for, learned from cases, judged on those held back, and put in service only if it is better."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from cases import verbs
from hotline import city, db, worker
from routing import guess, keeping, lessons, models, retraining
from routing.figures import Figures
from routing.training import train
from tests import builders, engines
from tests.routing.test_classifier import some_lessons, trained


def an_outcome(accuracy: float, against: float) -> retraining.Outcome:
    """What training might have come to."""

    def of(share: float) -> Figures:
        return Figures(n=10, accuracy=share, macro_f1=share, top_3=1, coverage_95=0, coverage_97=0, surest_80=1, ece=0)

    return retraining.Outcome(keeping.pack(trained()), of(accuracy), of(against), b"[]", b"[]")


@pytest.fixture
async def school(database: engines.Place, monkeypatch: pytest.MonkeyPatch) -> lessons.School:
    """Enough lessons, whatever cases there are; the live model is in place and is taken away afterwards."""
    taught = some_lessons(8)
    one = lessons.School(taught[:18], taught[18:], 24)

    async def read(_: db.Connection) -> lessons.School:
        return one

    monkeypatch.setattr(lessons, "read", read)
    monkeypatch.setattr(retraining, "_least", lambda: 20)
    monkeypatch.setattr(guess, "_live", None)
    await models.load()
    return one


async def asked() -> str:
    """A version that is asked for."""
    async with db.atomic() as connection:
        return await retraining.ask(connection)


async def states() -> dict[str, str]:
    """The state of each version."""
    async with db.reading() as connection:
        return {one.version: one.state for one in await models.versions(connection)}


async def test_the_shipped_model_is_live_from_the_first_day_and_decides_nothing_itself(school: lessons.School) -> None:
    assert (await states())["start"] == "live"
    found = guess.suggest("楼下饭店油烟太大，开不了窗")
    assert found.model == "start"
    assert found.ranked[0].matter == "020107"
    assert not found.is_sure


async def test_a_version_that_is_no_better_is_refused_and_keeps_its_figures(
    school: lessons.School, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def apart(*_: object) -> retraining.Outcome:
        return an_outcome(0.7, 0.7)

    monkeypatch.setattr(retraining, "_apart", apart)
    version = await asked()
    assert await asked() == version, "asked for twice it is one"
    assert await worker.train_model({}) == "refused"
    assert await worker.train_model({}) == "", "nothing is asked for any more"
    async with db.reading() as connection:
        one = await models.version(connection, version)
    assert (one.state, one.why, one.has_weights) == ("refused", "not_better", False)
    assert one.figures is not None
    assert one.figures.accuracy == 0.7
    assert guess.suggest("路灯").model == "start"
    again = await asked()
    assert await worker.train_model({}) == "refused"
    async with db.reading() as connection:
        assert (await models.version(connection, again)).why == "same"
    assert await worker.ask_for_model({}) is False, "nothing new to learn"


async def test_training_that_breaks_off_is_said_so_and_can_be_asked_for_again(
    school: lessons.School, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def apart(*_: object) -> retraining.Outcome:
        raise ValueError("陵西大街的路灯")

    monkeypatch.setattr(retraining, "_apart", apart)
    monkeypatch.setattr(lessons.School, "fingerprint", lambda _: "a day when it broke")
    version = await asked()
    assert await worker.train_model({}) == "refused"
    async with db.reading() as connection:
        assert (await models.version(connection, version)).why == "failed"
    assert await asked() != version
    monkeypatch.setattr(retraining, "_least", lambda: 1000)
    assert await worker.train_model({}) == "refused", "too few now"


async def test_a_better_version_goes_live_everywhere_and_one_can_go_back(
    school: lessons.School, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def apart(*_: object) -> retraining.Outcome:
        return an_outcome(0.9, 0.7)

    monkeypatch.setattr(retraining, "_apart", apart)
    monkeypatch.setattr(lessons.School, "fingerprint", lambda _: "another day's")
    version = await asked()
    other = guess.current()
    assert await worker.train_model({}) == "live"
    assert (await states())["start"] == "retired"
    assert guess.suggest("路灯不亮").model == version
    guess.use(other)  # another process has not noticed yet
    await models.refresh()
    assert guess.suggest("路灯不亮").model == version
    await city.load()
    async with db.atomic() as connection:
        await models.put_live(connection, "start", await builders.person("admin"), "投诉说建议不准")
    await models.refresh()
    assert guess.suggest("路灯不亮").model == "start"
    assert (await states())[version] == "retired"


async def test_a_version_that_cannot_be_read_is_stood_in_for_by_the_shipped_one(school: lessons.School) -> None:
    async with db.atomic() as connection:
        await connection.execute("UPDATE model SET state = 'retired' WHERE state = 'live'")
        await connection.execute(
            "INSERT INTO model (version, source, state, trained_at, live_at, weights, figures, per_matter) "
            "VALUES ('broken', 'cases', 'live', now(), now(), 'nonsense', '{\"n\": 3}', '{')"
        )
    await models.load()
    assert guess.suggest("路灯不亮").model == "start"
    await models.refresh()  # and it is not read again every few seconds
    async with db.atomic() as connection:
        assert (await models.version(connection, "broken")).figures is None
        assert await models.details(connection, "broken") == ([], [])
        await models.put_live(connection, "start", await builders.person("admin"), "坏了")


def test_what_was_learned_is_judged_on_what_was_not(monkeypatch: pytest.MonkeyPatch) -> None:
    taught = some_lessons(12)
    monkeypatch.setattr(retraining.starting, "lessons", lambda: taught[:6])
    poor = train([type(one)("灯" if one.label == "水" else one.label, one.title, one.text) for one in taught])
    outcome = retraining.learn(taught[:24], taught[24:], keeping.pack(poor))
    assert outcome.is_better
    assert outcome.figures.n == 12
    assert not retraining.learn(taught[:24], taught[24:], outcome.weights).is_better


@pytest.mark.usefixtures("database")
async def test_reports_and_confidential_cases_teach_nothing_and_others_without_names_and_numbers() -> None:
    said = "请找王小明，电话13912345678，{}的路灯坏了"
    await builders.a_case(words=said.format("甲街"))
    report = await builders.a_case(words=said.format("乙街"))
    await builders.a_case("dispatched", words=said.format("丙街"))
    hidden = await builders.a_case(words=said.format("丁街"))
    joined = await builders.a_case(words=said.format("己街"))
    back = await builders.a_case("dispatched", words=said.format("戊街"))
    await builders.act("congtai", back.number, verbs.ask_return, builders.lead, ground="function", basis="不归我们管")
    async with db.atomic() as connection:
        await connection.execute("UPDATE cases SET is_confidential = true WHERE number = $1", hidden.number)
        await connection.execute("UPDATE cases SET kind = 'report' WHERE number = $1", report.number)
        await connection.execute("UPDATE request SET kind = 'report' WHERE receipt_no = $1", joined.number)
        found = await lessons.read(connection)
    texts = [one.text for one in [*found.taught, *found.held]]
    assert any("甲街" in text for text in texts)
    assert not any(street in text for text in texts for street in ("乙街", "丙街", "丁街", "戊街", "己街"))
    assert not any("13912345678" in text for text in texts)


def test_the_command_judges_a_file_and_says_what_is_wrong_with_a_bad_one(tmp_path: Path) -> None:
    file = tmp_path / "messages.jsonl.gz"
    with gzip.open(file, "wt", encoding="utf-8") as out:
        for n, one in enumerate(some_lessons(12)):
            out.write(json.dumps({"id": n, "label": one.label, "title": one.title, "text": one.text}) + "\n")
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"label": "a", "text": "b"}\n{"text": 5}\n', encoding="utf-8")
    command = [sys.executable, "-m", "hotline", "eval", "routing"]
    words = [*command, "--data", file, "--train", file, "--json"]
    found = json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout)
    assert {"accuracy", "macro_f1", "coverage_95", "coverage_97", "ece", "n"} <= set(found)
    assert found["accuracy"] > 0.9
    few = tmp_path / "few.csv"
    few.write_text("label,text\n没听过的,完全别的话\n", encoding="utf-8")
    words = [*command, "--data", few, "--train", file, "--json"]
    judged = json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout)
    assert (judged["n"], judged["accuracy"]) == (1, 0), "one message is enough where another file teaches"
    wrong = subprocess.run([*command, "--data", bad], capture_output=True, text=True, check=False)
    assert wrong.returncode == 1
    assert "bad.jsonl, line 2" in wrong.stderr
    assert "Traceback" not in wrong.stderr
