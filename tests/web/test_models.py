"""The page of the models: figures, trying words, asking for a new version, going back to an earlier one."""

from __future__ import annotations

import html

import httpx
import msgspec
import pytest

from hotline import clock, db
from hotline.actor import SYSTEM
from routing import guess, keeping, models
from routing.figures import Figures
from tests.routing.test_classifier import trained
from tests.web import house

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
async def live(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process answers with the live model, and forgets it afterwards."""
    monkeypatch.setattr(guess, "_live", None)
    await models.load()


async def a_version(name: str, **columns: object) -> None:
    """A version learned from cases, as training leaves it."""
    measured = Figures(
        n=240, accuracy=0.81, macro_f1=0.74, top_3=0.93, coverage_95=0.61, coverage_97=0.5, surest_80=0.9, ece=0.02
    )
    given = {
        "state": "retired", "lessons": 1200, "weights": keeping.pack(trained()), "live_at": clock.now(),
        "figures": msgspec.json.encode(measured).decode(), "confused": '[["020201","030401",2]]', "why": "better",
        "per_matter": '[{"label":"020201","n":9,"taken":8,"right":7}]', **columns,
    }  # fmt: skip
    names = ", ".join(given)
    values = ", ".join(f"${n + 2}" for n in range(len(given)))
    async with db.atomic() as connection:
        await connection.execute(
            f"INSERT INTO model (version, source, trained_at, {names}) VALUES ($1, 'cases', now(), {values})",
            name, *given.values(),
        )  # fmt: skip


async def test_the_shipped_model_stands_there_alone_and_words_can_be_tried(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "coordination"):
        page = await house.get(client, "/models")
        assert "还没有从本市案件学过" in page
        answer = await house.post(client, "/models/trial", {"words": "路灯坏了，晚上看不见路"}, page="/models")
        assert "路灯不亮" in answer.text
        assert "<mark>路灯" in answer.text
        assert "只提建议" in answer.text
        strange = await house.post(client, "/models/trial", {"words": "<b>qzx wvk</b>"}, page="/models")
        assert "没有认得的" in strange.text
        empty = await house.post(client, "/models/trial", {"words": " "}, page="/models")
        assert empty.status_code == 422


async def test_a_new_version_is_asked_for_once(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "admin"):
        for _ in range(2):
            answer = await house.post(client, "/models/training", page="/models")
            assert answer.status_code == 303
        page = await house.get(client, "/models")
        assert "已安排训练" in page
        assert "model-train" not in page
        assert "安排训练模型" in await house.get(client, "/admin/acts")
    async with db.atomic() as connection:
        assert await connection.fetchval("SELECT count(*) FROM model WHERE state = 'candidate'") == 1
        await connection.execute("DELETE FROM model WHERE state = 'candidate'")


async def test_one_goes_back_to_an_earlier_version_with_a_reason(client: httpx.AsyncClient) -> None:
    await a_version("2026-11-20.1")
    async with house.signed_in(client, "coordination"):
        page = await house.get(client, "/models/2026-11-20.1")
        assert all(said in page for said in ("81.0%", "停电", "最常认错的"))
        without = await house.post(client, "/models/2026-11-20.1/service", {"reason": ""}, page="/models/2026-11-20.1")
        assert without.status_code == 422
        done = await house.post(
            client, "/models/2026-11-20.1/service", {"reason": "新版本把油烟认成噪声"}, page="/models/2026-11-20.1"
        )
        assert done.status_code == 303
        page = await house.get(client, "/models/2026-11-20.1")
        assert "新版本把油烟认成噪声" in page
        assert "启用模型" in page
        assert "model-back" not in page
        again = await house.post(client, "/models/2026-11-20.1/service", {"reason": "再来一次"}, page="/models")
        assert again.status_code == 409
        assert guess.suggest("路灯不亮").model == "2026-11-20.1"
        for name in ("no-such", "%00"):
            await house.get(client, f"/models/{name}", status=404)
    async with db.atomic() as connection:
        await models.put_live(connection, "start", SYSTEM, "better")


async def test_a_refused_version_cannot_be_put_in_service(client: httpx.AsyncClient) -> None:
    await a_version("2026-11-21.1", state="refused", weights=None, live_at=None, why="not_better")
    async with house.signed_in(client, "admin"):
        assert "没有比在用的好" in await house.get(client, "/models")
        assert "model-back" not in await house.get(client, "/models/2026-11-21.1")
        answer = await house.post(client, "/models/2026-11-21.1/service", {"reason": "试试"}, page="/models")
        assert answer.status_code == 409


async def test_an_agent_does_not_see_models(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "agent"):
        await house.get(client, "/models", status=403)


async def test_one_that_cannot_be_read_is_not_put_in_service(client: httpx.AsyncClient) -> None:
    await a_version("2026-11-19.1", weights=b"nonsense", figures='{"n": 1}', per_matter="{")
    async with house.signed_in(client, "admin"):
        page = "/models/2026-11-19.1"
        answer = await house.post(client, f"{page}/service", {"reason": "换回去"}, page=page)
    assert answer.status_code == 409
    assert "读不出来" in answer.text
    assert guess.suggest("路灯不亮").model == "start"


async def test_older_versions_are_a_page_further(client: httpx.AsyncClient) -> None:
    async with db.atomic() as connection:
        await connection.execute(
            "INSERT INTO model (version, source, state, why, trained_at, asked_at) SELECT 'old.' || n, 'cases', "
            "'refused', 'few', now(), now() - n * interval '1 day' FROM generate_series(100, 155) AS n"
        )
    async with house.signed_in(client, "admin"):
        page = await house.get(client, "/models")
        assert "old.155" not in page
        older = html.unescape(page.split('id="older" href="')[1].split('"')[0])
        page = await house.get(client, older)
        assert "old.155" in page
        assert "old.100" not in page
        for odd in ("nonsense", "0001-01-01T00:00:00%2B14:00"):
            assert "old.100" in await house.get(client, f"/models?before={odd}")
    async with db.atomic() as connection:
        await connection.execute("DELETE FROM model WHERE version LIKE 'old.%'")
