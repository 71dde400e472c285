"""Bulletins through HTTP: made of cases, passed by the gate and by others, frozen, the same to the byte ever after."""

from __future__ import annotations

import io
import re
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import docx
import httpx
import openpyxl
import pytest

from cases import seals
from hotline import acts, clock, db, worker
from sla import (
    bulletin_contents,
    bulletin_document,
    bulletin_files,
    bulletin_hot,
    bulletin_html,
    bulletin_lists,
    bulletin_periods,
    bulletin_supervision,
    bulletin_units,
    bulletins,
    facts_store,
    scores_frozen,
)
from sla.bulletin_reading import Asking
from sla.bulletin_special import Topic
from sla.facts import Figure
from tests import builders as b
from tests.web import house

pytestmark = pytest.mark.anyio
KEEP_ALL = bulletin_files.keep_all


@pytest.fixture(scope="module")
def day() -> date:
    """The day of the cases, also when midnight comes between two tests."""
    return clock.today()


@pytest.fixture(scope="module")
def month(day: date) -> Any:
    """The month in which the cases are; its bulletin is made on the second day of the next."""
    return day.replace(day=1)


def after(month: Any) -> datetime:
    """A working moment of the next month."""
    following = (month + timedelta(days=32)).replace(day=1)
    return clock.on(following + timedelta(days=1), 10)


@pytest.fixture(scope="module", autouse=True)
async def cases(database: object, day: date) -> str:
    """Two cases to their end and one at work; the number of the first."""
    with clock.at(min(clock.now(), clock.on(day + timedelta(days=1)) - timedelta(seconds=1))):
        one = await b.a_case("closed", words="和平路路灯不亮，晚上看不清")
        await b.a_case("closed", words="中华大街井盖松动，车轮一压就响")
        await b.a_case("signed", words="人民路下水道堵了")
    await facts_store.refresh()
    return one.number


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are made when they are asked for: keeping them at each issue costs more than all the rest."""

    async def later(_: object) -> None:
        return

    monkeypatch.setattr(bulletin_files, "keep_all", later)


async def make(client: httpx.AsyncClient, month: Any, **change: Any) -> str:
    """A draft by a publication officer; the address of its page."""
    given = {"kind": "monthly", "audience": "internal", "first": month.isoformat(), **change}
    answer = await house.post(client, "/bulletins", given, page="/bulletins/new")
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def step(client: httpx.AsyncClient, place: str, name: str, **given: Any) -> httpx.Response:
    """Press a button of the page."""
    return await house.post(client, f"{place}/{name}", given, page=place)


async def issued(client: httpx.AsyncClient, month: Any, **change: Any) -> str:
    """A bulletin from draft to issue, each step by whom it belongs to; its address."""
    async with house.signed_in(client, "publication", unit="HOT"):
        place = await make(client, month, **change)
        assert (await step(client, place, "review")).status_code == 303
    async with house.signed_in(client, "business_reviewer", unit="HOT"):
        assert (await step(client, place, "approval")).status_code == 303
    if change.get("audience") == "public":
        async with house.signed_in(client, "secrecy_reviewer", unit="GOV"):
            assert (await step(client, place, "clearance")).status_code == 303
    async with house.signed_in(client, "publication", unit="HOT"):
        assert (await step(client, place, "issue")).status_code == 303
    return place


async def row_at(place: str) -> bulletins.BulletinRow:
    """The row behind a page."""
    async with db.reading() as connection:
        identifier = re.search(r"[0-9a-f-]{36}", place)
        assert identifier
        return await bulletins.found(connection, UUID(identifier[0]))


@pytest.mark.requirement("004-44", "001-19")
async def test_a_monthly_bulletin_goes_from_cases_to_an_issue_that_units_sign(
    client: httpx.AsyncClient, month: Any
) -> None:
    with clock.at(after(month)):
        place = await issued(client, month)
        async with house.signed_in(client, "unit_liaison", unit="130403"):
            listed = await house.get(client, "/bulletins")
            page = await house.get(client, place)
            assert "待签阅" in listed
            assert f"月报 {month.year} 年第 1 期" in page
            assert (await step(client, place, "reading")).status_code == 303
            assert (await step(client, place, "reading")).status_code == 303  # a second time nothing happens
        async with house.signed_in(client, "unit_liaison", unit="SUP"):
            await house.get(client, place, status=404)
        async with house.signed_in(client, "publication", unit="HOT"):
            page = await house.get(client, place)
            assert "1 / 1" in page
            assert (await step(client, place, "archive")).status_code == 303
    document = (await row_at(place)).document
    tables = {one.key: one for section in document.sections for one in section.tables}
    counts = {row[0][0]: row[1] for row in tables["counts"].rows}  # type: ignore[index]
    assert (counts["诉求量"], counts["派单量"], counts["办结量"], counts["结转下期"]) == (3, 3, 2, 1)
    assert [row[:2] for row in tables["carried"].rows] == [(("丛台区人民政府", "Congtai District Government"), 1)]


async def test_files_hold_the_numbers_and_come_out_to_the_byte_after_the_data_have_changed(
    client: httpx.AsyncClient, month: Any, day: date
) -> None:
    with clock.at(after(month)):
        place = await issued(client, month, kind="daily", first=day.isoformat())
        await KEEP_ALL(await row_at(place))
        async with db.reading() as connection:
            kept = await bulletin_lists.files_known(connection, (await row_at(place)).id)
        assert [(one.format, one.lang) for one in kept] == [(one, "zh") for one in ("docx", "html", "pdf", "xlsx")]
    await b.a_case("closed", words="公园座椅坏了没人修")
    await facts_store.refresh()
    with clock.at(after(month) + timedelta(days=40)):
        before = await files(client, place)  # each is compared with its hash of the issue
        row = await row_at(place)
        assert row.hash == bulletin_document.digest(row.frozen or "")
        async with db.reading() as connection:
            noted = await acts.recent(connection, kind="bulletin.issued", subject=f"bulletin:{row.id}")
            with pytest.raises(Exception, match="never changed"):
                await connection.execute("UPDATE bulletin SET frozen = '{}' WHERE id = $1", row.id)
            await connection.execute("UPDATE bulletin_file SET hash = $2 WHERE bulletin_id = $1", row.id, bytes(32))
        assert noted[0].details["hash"] == (row.hash or b"").hex()
        assert not (await bulletin_files.made(row, "html", "zh")).is_same  # and a file that differs says so
        async with house.signed_in(client, "publication", unit="HOT"):
            page = await house.get(client, place)
        assert "现在重做与首次不同" in page
        assert 'id="differs"' in page
    hold_the_numbers(before)


def hold_the_numbers(got: dict[tuple[str, str], bytes]) -> None:
    """Each file opens again with its library, and says of the day what was counted."""
    book = openpyxl.load_workbook(io.BytesIO(got["zh", "xlsx"]))
    rows = {row[0]: row[1] for row in book["办了多少？"].iter_rows(min_row=6, values_only=True)}
    assert rows["诉求量"] >= 3
    assert any(one._charts for one in book.worksheets)
    paper = docx.Document(io.BytesIO(got["zh", "docx"]))
    cells = [[cell.text for cell in row.cells] for table in paper.tables for row in table.rows]
    assert ["诉求量", str(rows["诉求量"])] in [one[:2] for one in cells]
    assert "总体情况" in "\n".join(one.text for one in paper.paragraphs)
    assert got["en", "pdf"].startswith(b"%PDF-1.")
    assert b"STSong-Light" in got["zh", "pdf"]
    assert b"Page" in got["zh", "pdf"]
    assert "<5" not in got["zh", "html"].decode()


async def files(client: httpx.AsyncClient, place: str) -> dict[tuple[str, str], bytes]:
    """Every file of an issue as it is downloaded, each the same as when it was first made."""
    found = {}
    async with house.signed_in(client, "publication", unit="HOT"):
        for lang, form in (*(("zh", one) for one in ("pdf", "docx", "xlsx", "html", "json")), ("en", "pdf")):
            answer = await client.get(f"{place}/files/{lang}/{form}")
            assert (answer.status_code, answer.headers.get("x-bulletin-same")) == (200, "yes"), form
            found[lang, form] = answer.content
    return found


@pytest.mark.requirement("002-03")
async def test_inspection_bulletins_are_numbered_without_a_gap_and_archived(
    client: httpx.AsyncClient, month: Any
) -> None:
    last = after(month).date() - timedelta(days=2)
    with clock.at(after(month)):
        async with house.signed_in(client, "publication", unit="HOT"):
            dropped = await make(client, month, kind="inspection", last=month.isoformat())
            assert (await step(client, dropped, "drop")).status_code == 303
        places = [await issued(client, month, kind="inspection", last=(last - timedelta(days=n)).isoformat())
                  for n in range(2)]  # fmt: skip
        assert [(await row_at(one)).number for one in places] == [
            f"督查通报 {month.year} 年第 {n} 期" for n in (1, 2)
        ]
        async with house.signed_in(client, "publication", unit="HOT"):
            assert (await step(client, places[0], "archive")).status_code == 303
            assert "已归档" in await house.get(client, "/bulletins?kind=inspection")
            assert "这段时间没有督查" in await house.get(client, places[0])


async def test_the_gate_stops_what_tells_who_somebody_is_and_a_guess_needs_a_reason(
    client: httpx.AsyncClient, month: Any, cases: str
) -> None:
    with clock.at(after(month)):
        async with house.signed_in(client, "publication", unit="HOT"):
            place = await make(client, month, kind="weekly")
            words = {"cases": "王小明反映路灯不亮，电话 13800000001，已修好。", "cited": cases}
            assert (await step(client, place, "words", **words)).status_code == 303
            page = await house.get(client, place)
            assert "13800000001</mark>" in page
            assert (await step(client, place, "review")).status_code == 409
            finds = re.findall(r'name="digest" value="([0-9a-f]+)"', page)
            for digest in finds:  # neither a name that the case holds nor a number may be kept
                await step(client, place, "finds", digest=digest, reason="不是人名")
            assert (await step(client, place, "review")).status_code == 409
            told = {"cases": "一处路灯不亮，两天修好，诉求人满意。", "cited": cases}
            assert (await step(client, place, "words", **told)).status_code == 303
            lost = await step(client, place, "words", **told, revision=1)
            assert lost.status_code == 409  # somebody took a step since: what was typed is in the form
            assert "两天修好" in lost.text
            assert (await step(client, place, "words", cases="好", cited="260101-99999")).status_code == 303
            assert "没有编号为" in await house.get(client, place)


async def test_nobody_approves_their_own_and_a_public_issue_needs_three_persons(
    client: httpx.AsyncClient, month: Any
) -> None:
    with clock.at(after(month)):
        async with house.signed_in(client, "publication", "business_reviewer", "secrecy_reviewer", unit="HOT"):
            place = await make(client, month, audience="public")
            assert (await step(client, place, "review")).status_code == 303
            assert (await step(client, place, "approval")).status_code == 409
            assert (await step(client, place, "clearance")).status_code == 409
        async with house.signed_in(client, "business_reviewer", "secrecy_reviewer", "publication", unit="HOT"):
            assert (await step(client, place, "approval")).status_code == 303
            assert (await step(client, place, "clearance")).status_code == 409
            assert (await step(client, place, "issue")).status_code == 409  # nobody cleared it yet
        async with house.signed_in(client, "secrecy_reviewer", unit="GOV"):
            assert (await step(client, place, "return", reason="口径再核对一遍")).status_code == 303
        async with house.signed_in(client, "publication", unit="HOT"):
            assert "口径再核对一遍" in await house.get(client, place)


async def test_a_public_issue_hides_what_is_small_and_its_erratum_supersedes_it(
    client: httpx.AsyncClient, month: Any
) -> None:
    with clock.at(after(month)):
        day = {"kind": "daily", "audience": "public", "first": clock.today().replace(day=1).isoformat()}
        place = await issued(client, month, **day)
        old = await row_at(place)
        assert (await client.get("/bulletins/public")).status_code == 200
        page = await house.get(client, f"/bulletins/public/{old.slug}")
        assert "没有登记诉求" in page  # an empty period says so
        async with house.signed_in(client, "publication", unit="HOT"):
            answer = await step(client, place, "erratum", reason="渠道漏了一项")
            assert answer.status_code == 303
            assert (await step(client, place, "erratum", reason="渠道漏了一项")).status_code == 409
            fresh = answer.headers["location"]
            assert set(old.hands) <= set((await row_at(fresh)).hands)  # the words are theirs: none approves their own
            assert (await step(client, fresh, "review")).status_code == 303
        for role, name in (("business_reviewer", "approval"), ("secrecy_reviewer", "clearance")):
            async with house.signed_in(client, role, unit="HOT"):
                assert (await step(client, fresh, name)).status_code == 303
        async with house.signed_in(client, "publication", unit="HOT"):
            assert (await step(client, fresh, "issue")).status_code == 303
    new = await row_at(fresh)
    again = await house.get(client, f"/bulletins/public/{old.slug}")
    assert f"/bulletins/public/{new.slug}" in again
    assert (await row_at(place)).frozen == old.frozen
    assert (new.document.replaces.zh, new.document.reason.zh) == (old.number, "渠道漏了一项")
    feed = (await client.get("/bulletins/public/feed.xml")).text
    assert old.slug in feed
    assert new.called.zh == new.number
    assert new.called.en in await house.get(client, "/bulletins/public?lang=en")
    assert new.slug in feed
    answer = await client.get(f"/bulletins/public/{new.slug}/zh/pdf")
    assert answer.content.startswith(b"%PDF")
    assert (await client.get("/bulletins/public/internal-monthly-2026-1")).status_code == 404


async def test_small_counts_are_hidden_and_no_single_one_can_be_worked_out() -> None:
    rows = [["甲", 12, 3], ["乙", 4, 0], ["丙", 7, 2]]
    assert bulletin_document.guarded(rows, (1,)) == (("甲", 12, "<5"), ("乙", "<5", 0), ("丙", "*", "<5"))
    two = bulletin_document.guarded([["甲", 12], ["乙", 4], ["丙", 4]], (1,))
    assert two == (("甲", "*"), ("乙", "<5"), ("丙", "<5")), "8 left of the total could only be 4 and 4"
    ones = [["一日", 1], ["二日", 1], ["三日", 6], ["四日", 0]]  # of 8 in all the hidden ones can only be ones
    assert [row[1] for row in bulletin_document.guarded(ones, (1,))] == ["*"] * 4
    assert [row[1] for row in bulletin_document.guarded([["甲", 3], ["乙", 0]], (1,))] == ["*", "*"]
    async with db.reading() as connection:
        ask = Asking(connection=connection, span=bulletin_periods.of("daily", clock.today()), is_public=True)
    known = {total: ask.of(figure(total, 3)) for total in (4, 8)}
    assert known == {4: ("<5", "<5", "<5"), 8: ("<5", 8, "<5")}  # the rate of 8 would tell the 3
    assert ask.of(figure(8, 6)) == (6, 8, 75.0)


def figure(total: int, good: int) -> Figure:
    """A rate's sums."""
    return Figure(measure="rated", first=None, key="", total=total, good=good)


async def test_no_table_of_a_public_issue_tells_what_another_hides(
    monkeypatch: pytest.MonkeyPatch, database: object
) -> None:
    given = {"130403": (40, 30), "130402": (6, 6), "CGB": (3, 1)}

    async def by(_: Asking, measures: Any, __: str, ___: Any = None) -> Any:
        return {unit: {one: Figure(measure=one, first=None, key=unit, total=n[0], good=n[1]) for one in measures}
                for unit, n in given.items()}  # fmt: skip

    monkeypatch.setattr(Asking, "by", by)
    async with db.reading() as connection:
        ask = Asking(connection=connection, span=bulletin_periods.of("daily", clock.today()), is_public=True)
        tables = [*(await bulletin_units.units(ask)).tables, *(await bulletin_units.floor(ask)).tables]
    counties, departments, floor = tables
    assert [row[1] for row in counties.rows] == ["*", 40]  # else 49 in all less 46 tells of the third
    assert [row[1] for row in departments.rows] == ["<5"]
    assert {str(row[0].zh) for row in floor.rows} == {"丛台区人民政府"}  # type: ignore[union-attr]


async def test_the_public_is_not_told_whose_head_was_called_to_account(
    monkeypatch: pytest.MonkeyPatch, database: object
) -> None:
    paper = {"measure": "accountability", "cited_zh": "问责办法", "cited_en": "the rule", "n": 6, "done": 0}
    rows = [{**paper, "unit": unit, "subject": subject, "post": "局长"}
            for unit, subject in (("CGB", "head"), ("130403", "person"), ("130402", "unit"))]  # fmt: skip

    async def papers(*_: object) -> Any:
        return rows

    async with db.reading() as connection:
        span = bulletin_periods.of("daily", clock.today())
        real = await bulletin_supervision.accountability(Asking(connection=connection, span=span))
        monkeypatch.setattr(bulletin_supervision, "_fetched", papers)
        asks = [Asking(connection=connection, span=span, is_public=one) for one in (True, False)]
        public, internal = [(await bulletin_supervision.accountability(ask)).tables[0].rows for ask in asks]
    assert not real.tables[0].rows
    assert [(row[2].zh, row[3]) for row in public] == [("对人的，不列单位", 12), ("邯山区人民政府", 6)]  # type: ignore[union-attr]
    assert len(internal) == 3


async def test_the_public_reads_of_hot_issues_that_a_person_looked_at(database: object) -> None:
    span = bulletin_periods.of("daily", clock.today())
    async with db.atomic() as connection:
        await connection.execute(
            "INSERT INTO hot_issue (id, number, matter, kind, area, county, state, level, found_at, seen_at, hours,"
            " observed, expected, low, high, chance, requesters, repeats, points, words, places, settled_at)"
            " SELECT gen_random_uuid(), 'hot-' || state, matter, 'city', 'city', 'city', state, 1, $1, $1, 24, 30, 9,"
            " 1, 20, 0.001, 25, 0, '[]', '[]', '[]', settled"
            " FROM (VALUES ('new', '0201', NULL::timestamptz), ('watched', '0202', $1)) x (state, matter, settled)",
            clock.now(),
        )
        asks = [Asking(connection=connection, span=span, is_public=one) for one in (True, False)]
        told = [[row[6].zh for row in (await bulletin_hot.found(ask)).rows] for ask in asks]  # type: ignore[union-attr]
        await connection.execute("DELETE FROM hot_issue WHERE number LIKE 'hot-%'")
    assert (told[0], len(told[1])) == (["关注中"], 2)


async def test_made_twice_it_is_the_same_draft_and_a_period_under_way_is_never_final(
    client: httpx.AsyncClient, month: Any
) -> None:
    async with house.signed_in(client, "publication", unit="HOT"):
        last = clock.today().isoformat()
        first = await make(client, month, kind="special", last=last, matter="0202")
        assert await make(client, month, kind="special", last=last, matter="0202") == first
        page = await house.get(client, first)
        assert "还没过完" in page
        assert (await step(client, first, "review")).status_code == 409
        wrong = {"kind": "special", "audience": "internal", "first": "2026-11-01", "last": "2026-11-02"}
        answer = await house.post(client, "/bulletins", {**wrong, "matter": "99"}, page="/bulletins/new")
        assert answer.status_code == 422
        assert "没有这个事项" in answer.text
        assert (await house.post(client, "/bulletins", wrong, page="/bulletins/new")).status_code == 422
    async with house.signed_in(client, "unit_handler", unit="130403"):
        assert (await client.get("/bulletins")).status_code == 403
        assert (await client.get(first)).status_code == 403


async def test_drafts_make_themselves_at_their_hour_and_once(client: httpx.AsyncClient, month: Any) -> None:
    far = month + timedelta(days=80)  # past whatever the other tests made, and no first or second of a month
    monday = clock.on(next(one for n in range(14) if (one := far + timedelta(n)).weekday() == 0 and one.day > 9), 7)
    with clock.at(monday):
        assert dict(await worker.sweep_once())["draft_bulletins"] == 0
    with clock.at(monday + timedelta(hours=2)):
        assert dict(await worker.sweep_once())["draft_bulletins"] == 3  # yesterday's, last week's, last month's
        assert dict(await worker.sweep_once())["draft_bulletins"] == 0
        async with house.signed_in(client, "publication", unit="HOT"):
            sunday = clock.local_day(monday) - timedelta(days=1)
            assert f"{sunday.year} 年 {sunday.month} 月 {sunday.day} 日" in await house.get(client, "/bulletins")


async def test_nothing_is_sent_for_review_while_the_figures_are_behind(
    client: httpx.AsyncClient, month: Any, day: date
) -> None:
    await seals.seal_all()

    async def busy() -> int:
        """Another process is at it, and has not come to the end."""
        async with db.atomic() as connection:
            await connection.execute("UPDATE fact_mark SET position = 0")
        return 0

    with clock.at(after(month)):
        async with house.signed_in(client, "publication", unit="HOT"):
            place = await make(client, month, kind="special", last=day.isoformat(), county="130403")
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(facts_store, "refresh", busy)
                answer = await step(client, place, "review")
            assert answer.status_code == 409
            assert "数据还在汇总" in answer.text
            await facts_store.refresh()
            assert (await step(client, place, "review")).status_code == 303


async def test_ranks_and_the_red_and_black_list_come_from_sheets_that_were_frozen(month: Any) -> None:
    coordinator, span = await b.person("coord"), bulletin_periods.of("monthly", month)
    with clock.at(after(month)):
        for preset in ("handan", "yulin"):
            sheet = await scores_frozen.freeze(coordinator, preset, scores_frozen.period_of(f"{month:%Y-%m}"))
        async with db.reading() as connection:
            document = await bulletin_contents.computed(connection, span, "internal", Topic())
            public = await bulletin_contents.computed(connection, span, "public", Topic())
    assert not next(one for section in public.sections for one in section.tables if one.key == "black").rows
    tables = {one.key: one for section in document.sections for one in section.tables}
    ranked = [row for key, one in tables.items() if key.startswith("rank_") for row in one.rows]
    assert ("丛台区人民政府", "Congtai District Government") in [tuple(row[0]) for row in ranked]  # type: ignore[arg-type]
    assert not any("本期没有派给它" in str(row[-1]) for row in ranked)
    assert any("不排名：" in note.zh for key, one in tables.items() if key.startswith("rank_") for note in one.notes)
    assert {row[4] for row in tables["counts"].rows} == {None}  # a year ago there was no hotline: not "none"
    assert sheet.hash[:16] in tables["red"].notes[0].zh
    assert {len(row) for row in tables["red"].rows} <= {len(tables["red"].columns)}
    assert bulletin_document.opened(bulletin_document.frozen(document)) == document
    for lang in ("zh", "en"):
        assert "Traceback" not in bulletin_html.article(document, lang, "")
