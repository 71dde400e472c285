"""Boards through HTTP: every promise in one band with its list, the forecast, acts in bulk, a unit's own day."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import httpx
import pytest

from hotline import clock, db
from sla import figures, forecast
from tests import builders as b
from tests.engines import Place
from tests.web import house

pytestmark = pytest.mark.anyio
NOON = clock.on(date(2026, 11, 25), 12)
"""A Wednesday."""
STD5 = {"matter": "020101", "words": "路口占道经营，挡了盲道。"}


async def dispatched(at: datetime, until: str = "dispatched", **change: object) -> str:
    """A case of 丛台区 that came then."""
    with clock.at(at):
        return (await b.a_case(until, **{**STD5, **change})).number


async def set_clock(number: str, stage: str, **values: object) -> None:
    """Put a case's clock where a test wants it."""
    sets = ", ".join(f"{name} = ${n}" for n, name in enumerate(values, 3))
    async with db.reading() as connection:
        await connection.execute(
            f"UPDATE clock k SET {sets} FROM cases c WHERE c.id = k.case_id AND c.number = $1 AND k.stage = $2",
            number, stage, *values.values(),
        )  # fmt: skip


@pytest.fixture(scope="module")
async def numbers(database: Place) -> dict[str, str]:
    """A case for each band of its finish clock, at NOON: of one unit, all else of them out of the way."""
    found = {band: await dispatched(clock.on(date(2026, 11, 24), 10)) for band in figures.BANDS}
    async with db.reading() as connection:
        await connection.execute("UPDATE clock SET stopped_at = $1, outcome = 'met' WHERE stage <> 'finish'", NOON)
    for band, due in {"late": -1, "today": 3, "risk": 24, "likely": 72, "paused": -1, "running": 72}.items():
        await set_clock(found[band], "finish", due_at=NOON + timedelta(hours=due), warn_at=NOON + timedelta(hours=30))
    await set_clock(found["risk"], "finish", warn_at=NOON - timedelta(hours=1))
    await set_clock(found["paused"], "finish", paused_at=NOON - timedelta(hours=2), paused_for="suspended")
    async with db.reading() as connection:
        await connection.execute(
            "INSERT INTO forecast (clock_id, chance, basis, n, at) SELECT k.id, 83, 'unit', 40, $2 "
            "FROM clock k JOIN cases c ON c.id = k.case_id WHERE c.number = $1 AND stage = 'finish'",
            found["likely"], NOON,
        )  # fmt: skip
    return found


async def test_every_running_promise_is_in_one_band_and_each_figure_opens_its_list(
    client: httpx.AsyncClient, numbers: dict[str, str]
) -> None:
    with clock.at(NOON):
        async with house.signed_in(client, "supervisor", unit="SUP"):
            page = await house.get(client, "/board")
            trouble = re.search(r'<table class="sheet" id="trouble">.*?</table>', page, re.DOTALL)
            assert trouble
            row = re.search(r"丛台区人民政府</td>(.*?)</tr>", trouble[0], re.DOTALL)
            assert row
            assert re.findall(r">(\d+)<", row[1]) == ["1", "1", "1", "1", "1"]
            assert 'id="pressed-130403"' in page
            assert 'class="band-likely"' in page
            for band, number in numbers.items():
                shown = await house.get(client, f"/board/promises?unit=130403&band={band}")
                if band == "running":
                    assert shown.count('id="row-') == len(numbers) - 1, "all that is not paused"
                    continue
                assert number in shown
                assert shown.count('id="row-') == 1, band
            likely = await house.get(client, "/board/promises?band=likely")
            assert "83 %" in likely
            assert "n=40" in likely
            assert numbers["today"] in await house.get(client, "/board/promises?hour=14")
            assert numbers["today"] not in await house.get(client, "/board/promises?hour=15")


async def test_the_forecast_learns_from_past_times_and_says_what_is_likely_late_and_why(
    client: httpx.AsyncClient, numbers: dict[str, str]
) -> None:
    number = await dispatched(clock.on(date(2026, 11, 24), 10), county="130404", place="复兴区前进大街")
    async with db.reading() as connection:
        case_id = await connection.fetchval("SELECT id FROM cases WHERE number = $1", number)
        await connection.execute(
            "INSERT INTO clock (id, case_id, subject, subject_id, unit, stage, profile, measure, amount, started_at, "
            "due_at, warn_at, is_provisional, stopped_at, outcome) "
            "SELECT gen_random_uuid(), $1, 'assignment', gen_random_uuid(), '130404', 'finish', 'STD5', 'wd', 5, t, "
            "t + interval '100 hours', t + interval '80 hours', false, t + i * interval '5 hours', "
            "CASE WHEN i <= 20 THEN 'met' ELSE 'late' END "
            "FROM generate_series(1, 40) AS i, (SELECT $2::timestamptz AS t) AS x",
            case_id, NOON - timedelta(days=20),
        )  # fmt: skip
    with clock.at(NOON):
        async with db.reading() as connection:
            await connection.execute(
                "UPDATE clock SET started_at = $2, due_at = $3, warn_at = $3, stopped_at = NULL, outcome = NULL "
                "WHERE case_id = $1 AND stage = 'finish' AND subject_id IN (SELECT id FROM assignment)",
                case_id, NOON - timedelta(hours=60), NOON + timedelta(hours=40),
            )  # fmt: skip
        assert await forecast.learn() >= 2
        await forecast.tell()
        await forecast.tell()
        async with db.reading() as connection:
            told = await connection.fetchrow(
                "SELECT f.chance, f.basis, f.n FROM forecast f JOIN clock k ON k.id = f.clock_id "
                "WHERE k.case_id = $1 AND k.stopped_at IS NULL AND k.unit = '130404' AND k.stage = 'finish'", case_id,
            )  # fmt: skip
        # of 40 a share of 28 in 40 took longer than 60 % of their time, 20 in 40 longer than all of it
        assert 60 <= told["chance"] <= 75
        assert told["basis"] in ("matter", "unit")
        assert told["n"] == 40
        async with house.signed_in(client, "supervisor", unit="SUP"):
            page = await house.get(client, "/board/forecast")
            row = re.search(r"复兴区人民政府</a></td><td class=\"cap\">办结</td>(.*?)</tr>", page)
            assert row
            assert re.findall(r">([\d.]+)", row[1]) == ["40", "102.5", "180.5", "50"]
            assert "占道经营" in await house.get(client, "/board/forecast?unit=130404")


def chosen(page: str) -> list[str]:
    """The clocks that a list or a preview offers."""
    return re.findall(r'name="clock" value="([^"]+)"', page)


async def test_many_are_reminded_after_a_rehearsal_that_says_who_cannot_and_a_second_click_reminds_nobody_again(
    client: httpx.AsyncClient, numbers: dict[str, str]
) -> None:
    with clock.at(NOON):
        centre = (await b.a_receipt(words="路灯不亮，麻烦看看。")).number
        handled = await dispatched(clock.on(date(2026, 11, 24), 10), "handled")
        async with house.signed_in(client, "supervisor", unit="SUP"):
            listed = await house.get(client, "/board/promises")
            clocks = chosen(listed)
            assert len(clocks) > 4
            nothing = await house.post(client, "/board/bulk", {"act": "remind"}, page="/board/promises")
            assert (nothing.status_code, "请先勾选" in nothing.text) == (422, True)
            form = {"act": "remind", "clock": clocks, "back": "/board/promises?band=late"}
            shown = await house.post(client, "/board/bulk", form, page="/board/promises")
            assert shown.status_code == 200
            able = chosen(shown.text)
            assert numbers["late"] in shown.text
            unable = re.search(r'id="unable">.*?</ul>', shown.text, re.DOTALL)
            assert unable
            assert "中心自己的" in unable[0]
            assert centre in unable[0] or handled in unable[0]
            assert await reminded(numbers["late"]) == 0, "a rehearsal reminds nobody"
            form = {"act": "remind", "clock": able, "step": "apply", "back": "/board/promises?band=late"}
            missing = await house.post(client, "/board/bulk", form, page="/board/promises")
            assert (missing.status_code, "还没写催办的话" in missing.text) == (422, True)
            form["words"] = "今天下班前请回话。"
            done = await house.post(client, "/board/bulk", form, page="/board/promises")
            assert done.text.count("✓ <a") == len(able)
            again = await house.post(client, "/board/bulk", form, page="/board/promises")
            assert "✓ <a" not in again.text
            assert await reminded(numbers["late"]) == 1
            order = {"act": "order", "clock": able[:1], "step": "apply", "rule": "none"}
            refused = await house.post(client, "/board/bulk", order, page="/board/promises")
            assert (refused.status_code, "请选督办事由" in refused.text) == (422, True)
        async with house.signed_in(client, "unit_head", unit="130403"):
            assert (await house.post(client, "/board/bulk", form, page="/board/promises")).status_code == 403


async def reminded(number: str) -> int:
    """How often a case was reminded."""
    async with db.reading() as connection:
        return int(
            await connection.fetchval(
                "SELECT count(*) FROM case_event e JOIN cases c ON c.id = e.case_id "
                "WHERE c.number = $1 AND e.kind = 'reminded'",
                number,
            )
        )


async def test_a_units_day_has_what_presses_first_what_today_brings_by_hour_and_what_stands_apart(
    client: httpx.AsyncClient, numbers: dict[str, str]
) -> None:
    for band in ("today", "paused"):
        await set_state(numbers[band], "in_progress")
    with clock.at(NOON):
        async with house.signed_in(client, "unit_handler", unit="130403"):
            page = await house.get(client, "/work")
    bands = [page.index(f'id="band-{band}"') for band in ("sign", "today", "soon", "other", "paused")]
    assert bands == sorted(bands)
    part = page[bands[4] :]
    assert numbers["paused"] in part[: part.index("</ul>") if "</ul>" in part else None]
    assert numbers["today"] in page[bands[1] : bands[2]]
    assert re.search(r'<th scope="row">14:00–15:00</th><td>1</td>', page)


async def set_state(number: str, state: str) -> None:
    """A share's state, put in directly."""
    async with db.reading() as connection:
        await connection.execute(
            "UPDATE assignment a SET state = $2 FROM cases c WHERE c.id = a.case_id AND c.number = $1", number, state
        )


@pytest.mark.parametrize("role", ["county_office", "unit_head", "coordination"])
async def test_every_tab_that_the_board_offers_opens(client: httpx.AsyncClient, role: str) -> None:
    async with house.signed_in(client, role, unit="130403", jurisdiction="130403" if role == "county_office" else ""):
        bar = re.search(r'<nav class="tabs".*?</nav>', await house.get(client, "/board"), re.DOTALL)
        assert bar
        assert re.search(r'href="/board"[^>]*aria-current="page"', bar[0])
        for path in re.findall(r'href="([^"]+)"', bar[0]):
            await house.get(client, path)
