"""Hot issues, themes and tasks through their pages: found with the reason, decided, answered to all who asked."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from PIL import Image

from cases import rebuild
from cases.search import indexable
from channels import reminders_hot
from hotline import city, clock, db, open_jobs
from sla import hot, hot_ahead, hot_due, hot_evidence, theme_answers, theme_cases
from tests import builders as b
from tests.engines import Place
from tests.web import house

pytestmark = pytest.mark.anyio

TOWN, OTHER = "130403001", "130403002"
WORDS = "联纺路一带暖气片冰凉，暖气不热好几天，家里老人受不了。"
_QUIET = """
    INSERT INTO cases (id, number, state, kind, urgency, matter, title, summary, county, township, place, line, channel,
        is_confidential, is_minor, is_investigation, is_vulnerable, is_enterprise, unit_codes, opened_at, rework_count,
        return_count, urge_count, request_count, supervision, is_provisional, is_open, grams, last_seq, last_hash)
    SELECT md5($6 || $1 || i)::uuid, $6 || $1 || i, 'closed', 'assistance', 'normal', $1, '路灯', '', '130403',
        ($2::text[])[i % cardinality($2::text[]) + 1], '', '12345', 'phone', false, false, false, false, false, '{}',
        $3::timestamptz - i * $4::interval, 0, 0, 0, 1, 0, false, false, $5, 1, sha256('x')
    FROM generate_series(1, $7) i
"""


async def value(sql: str, *args: Any) -> Any:
    async with db.reading() as connection:
        return await connection.fetchval(sql, *args)


async def quiet(
    matter: str, every: timedelta, count: int, words: str, *, ago: timedelta = timedelta(hours=7), tag: str = "Q",
    towns: tuple[str, ...] = (TOWN, OTHER, OTHER),
) -> None:  # fmt: skip
    """Cases of the nameless that come up evenly until ``ago``; rows only, told nobody."""
    async with db.atomic() as connection:
        edge = clock.now() - ago
        await connection.execute(_QUIET, matter, list(towns), edge, every, indexable(words), tag, count)


async def surge(count: int, **change: Any) -> list[str]:
    """So many people ask about the same in one township within an hour; their numbers."""
    town = city.current().townships[TOWN].name_zh
    given = {"matter": "020402", "words": WORDS, "place": f"丛台区{town}联纺路"}
    return [(await b.a_receipt(**{**given, "phone": f"139{n:08}", **change})).number for n in range(count)]


@pytest.fixture(scope="module")
async def numbers(database: Place) -> list[str]:
    """Eight weeks of street lights and a little heating; then nine people without heating, and a sealed tenth."""
    await quiet("020201", timedelta(hours=3), 440, "和平路路灯不亮")
    await quiet("020402", timedelta(hours=30), 44, "小区供暖缴费问题")
    found = await surge(9)
    await b.a_receipt(matter="020402", words=f"举报某单位，{WORDS}", kind="report", phone="13700000001")
    assert await hot.look(reminders_hot.issue) == 1
    return found


async def issue() -> UUID:
    found: UUID = await value("SELECT id FROM hot_issue WHERE matter ^@ '0204'")
    return found


@pytest.mark.requirement("000-15")
@pytest.mark.requirement("001-09")
async def test_what_comes_up_is_found_with_its_words_place_and_how_unusual_and_told_once(
    client: httpx.AsyncClient, numbers: list[str]
) -> None:
    async with house.signed_in(client, "supervisor", unit="SUP"):
        page = await house.get(client, "/hot")
        assert "丛台区" in page
        one = f"/hot/issues/{await issue()}"
        assert one in page
        page = await house.get(client, one)
        reason = re.search(r'id="reason">([^<]+)', page)
        assert reason
        assert re.search("来件 9 件，平常.*约 0.\\d 件（一般 0–\\d 件）；碰巧这么多的机会不到", reason[1]), reason[1]
        assert re.search('<th scope="row">[^<]*暖气[^<]*</th><td class="n">9</td>', page), "the words of all nine"
        assert re.search('丛台区[^<]*街道</th><td class="n">9</td>', page)
        assert all(number in page for number in numbers)
        assert "139000" not in page
        trends = await house.get(client, "/hot/trends?period=day&county=130403")
        assert "重复来件" in trends
        assert (await client.get("/hot/trends?period=x&county=y&matter=z")).status_code == 200
        assert await house.get(client, "/hot/ahead")
    async with house.signed_in(client, "unit_handler", unit="CGB"):
        assert (await client.get("/hot")).status_code == 403
    told = "SELECT count(*) FROM staff_notice WHERE kind = 'hot_issue'"
    before = await value(told)
    assert before >= 2, "supervisors and the coordination office"
    assert await hot.look(reminders_hot.issue) == 0
    assert await value(told) == before


def photo() -> bytes:
    """A picture."""
    made = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(made, "PNG")
    return made.getvalue()


async def a_theme(client: httpx.AsyncClient) -> str:
    """A supervisor makes a theme of the issue, with a step for the county; its address."""
    async with house.signed_in(client, "supervisor", unit="SUP"):
        page = await house.get(client, f"/hot/themes/new?issue={await issue()}")
        given = {name: re.findall(rf'name="{name}" value="([^"]*)" checked', page) for name in ("matters", "areas")}
        assert given == {"matters": ["020402"], "areas": [TOWN]} or given["areas"] == ["130403"], given
        asked = {
            **given, "title": "联纺路片区供暖不热", "why": "供暖季开始后同一片区多人反映室温不达标。",
            "grade": "county",
            "unit": "130403", "since": f"{clock.today() - timedelta(days=3)}", "issue": str(await issue()),
        }  # fmt: skip
        wrong = await house.post(client, "/hot/themes/new", {**asked, "unit": "", "grade": "x"}, page="/hot/themes/new")
        assert wrong.status_code == 422
        assert "供暖季开始后" in wrong.text, "what was typed is kept"
        answer = await house.post(client, "/hot/themes/new", asked, page="/hot/themes/new")
        assert answer.status_code == 303, answer.text
        where = answer.headers["location"].partition("?")[0]
        assert await value("SELECT state FROM hot_issue WHERE id = $1", await issue()) == "theme"
        step = {"what": "换热站检修，逐栋测温", "unit": "130403", "due": f"{clock.today() + timedelta(days=2)}"}
        answer = await house.post(client, f"{where}/steps", step, page=f"{where}?act=step")
        assert answer.status_code == 303, answer.text
        late = await house.post(client, f"{where}/steps", {**step, "due": "2020-01-01"}, page=f"{where}?act=step")
        assert "期限已过" in late.text
        assert (await house.post(client, f"{where}/publication", page=where)).status_code == 409, "never by its author"
    return where


ANSWER = {"answer": "换热站已检修，十一月二十日起室温不低于十八度。", "sources": "《供热条例》第二十条"}


def id_of(where: str) -> UUID:
    return UUID(where.rpartition("/")[2])


async def revision_of(where: str) -> int:
    return int(await value("SELECT revision FROM theme WHERE id = $1", id_of(where)))


async def the_unit_does_its_step_and_proves_it(client: httpx.AsyncClient, where: str) -> None:
    async with house.signed_in(client, "unit_handler", "unit_liaison", unit="130403", jurisdiction="130403"):
        assert "换热站检修" in await house.get(client, "/hot/own")
        step = await value("SELECT id FROM theme_step WHERE theme_id = $1", id_of(where))
        report = await house.post(
            client, f"{where}/progress", {"words": "已检修两处换热站，室温回升。"}, page=f"{where}?act=report",
            files={"files": ("测温.png", photo(), "image/png")},
        )  # fmt: skip
        assert report.status_code == 303, report.text
        done = {"step": str(step), "note": "更换循环泵一台"}
        assert (await house.post(client, f"{where}/done", done, page=f"{where}?act=done")).status_code == 303
        assert (await house.post(client, f"{where}/done", done, page=where)).status_code == 409
        assert (await house.post(client, f"{where}/answer", {"answer": "x"}, page=where)).status_code == 403
    async with house.signed_in(client, "unit_handler", unit="CGB"):
        assert (await client.get(where)).status_code == 404


async def an_answer_is_written_and_not_approved_by_its_author(client: httpx.AsyncClient, where: str) -> None:
    async with house.signed_in(client, "supervisor", unit="SUP"):
        bad = await house.post(
            client, f"{where}/answer", {"answer": "王先生13812345678反映的暖气片冰凉，暖气不热好几天已处理"},
            page=f"{where}?act=answer",
        )  # fmt: skip
        assert bad.status_code == 422
        assert "可能让人认出" in bad.text
        assert (await house.post(client, f"{where}/answer", ANSWER, page=f"{where}?act=answer")).status_code == 303
        revision = await revision_of(where)
        own = await house.post(client, f"{where}/approval", {"revision": revision}, page=where)
        assert own.status_code == 409


async def a_second_person_publishes_and_approves_what_they_read(
    client: httpx.AsyncClient, where: str, slug: str
) -> None:
    revision = await revision_of(where)
    async with house.signed_in(client, "coordination", unit="GOV"):
        assert (await house.post(client, f"{where}/publication", page=where)).status_code == 303
        await words_after_publication_are_read_by_a_second_person(client, where, slug)
        entry = await value("SELECT id FROM theme_progress WHERE theme_id = $1 ORDER BY at LIMIT 1", id_of(where))
        shown = await house.post(client, f"{where}/progress/public", {"id": str(entry)}, page=where)
        assert shown.status_code == 303, shown.text
        stale = await house.post(client, f"{where}/approval", {"revision": revision}, page=where)
        assert stale.status_code == 409, "what they approve is what they read"
        revision = await revision_of(where)
        assert (await house.post(client, f"{where}/approval", {"revision": revision}, page=where)).status_code == 303
        page = await house.get(client, "/hot/themes")
        assert "2/2" in page


async def the_answer_reaches_everybody_once_and_late_joiners_too() -> str:
    """The number of the case that joined late."""
    assert await theme_answers.deliver() == 9
    assert await theme_answers.deliver() == 0
    sent = "SELECT count(*) FROM outbox_message WHERE key LIKE 'theme:%'"
    assert await value(sent) == 9
    late = (await surge(1, phone="13912121212"))[0]
    await open_jobs.watch_themes({})
    assert await open_jobs.answer_themes({}) == 1, "whoever joins later hears it too"
    assert await value(sent) == 10
    wrong = (await surge(1, phone="13912121213"))[0]
    await theme_cases.gather_all()
    await value("UPDATE cases SET matter = '020201' WHERE number = $1", wrong)
    await theme_cases.gather_all()
    assert await theme_answers.deliver() == 0, "the matter was put right before the answer went out"
    return late


async def the_public_reads_what_somebody_looked_through(client: httpx.AsyncClient, slug: str) -> None:
    public = await house.get(client, f"/themes/{slug}")
    for words in ("联纺路片区供暖不热", "换热站检修", "已检修两处换热站", ANSWER["answer"], ANSWER["sources"]):
        assert words in public, words
    assert re.search(r"发给反映过这类事的 10\+? 人", public)
    assert "更换循环泵" not in public, "what nobody looked through is not public"
    assert not re.search("1391212|王小明|暖气片冰凉", public)
    assert f"/themes/{slug}" in await house.get(client, "/themes")


async def the_ledger_makes_the_same_of(number: str) -> None:
    case_id = await value("SELECT id FROM cases WHERE number = $1", number)
    async with db.reading() as connection:
        _, want = await rebuild.replayed(connection, [case_id])
        wrong = [one.names for one in rebuild.differences(want, await rebuild.held(connection, [case_id]))]
    of_clocks = re.compile(r"cases\.(next_|is_provisional)|_index")
    assert not [name for names in wrong for name in names if not of_clocks.search(name)]
    assert await value("SELECT count(*) FROM case_event WHERE kind = 'responded' AND log = 'p'") == 10


async def it_is_closed_with_words_that_a_second_person_reads(
    client: httpx.AsyncClient, where: str, slug: str, late: str
) -> None:
    async with house.signed_in(client, "coordination", unit="GOV"):
        assert "联纺路片区供暖不热" in await house.get(client, f"/cases/{late}")
        page = await house.get(client, where)
        proof = re.search(r'href="(/hot/files/[0-9a-f-]+)">测温.png', page)
        assert proof
        assert (await client.get(proof[1])).headers["content-type"] == "image/png"
        assert (await house.post(client, f"{where}/close", {"closing": ""}, page=where)).status_code == 422
        done = {"closing": "片区室温全部达标，来件回落。"}
        assert (await house.post(client, f"{where}/close", done, page=f"{where}?act=close")).status_code == 303
        assert (await house.post(client, f"{where}/steps", {}, page=where)).status_code == 422
        assert "片区室温全部达标" not in await house.get(client, f"/themes/{slug}"), "nobody else has read it"
        own = await house.post(client, f"{where}/closing/public", {}, page=where)
        assert own.status_code == 409
    async with house.signed_in(client, "supervisor", unit="SUP"):
        assert (await house.post(client, f"{where}/closing/public", {}, page=where)).status_code == 303
    assert (await client.get(proof[1])).status_code in (303, 401)
    assert "片区室温全部达标" in await house.get(client, f"/themes/{slug}")


async def no_minor_is_counted_in_the_open(client: httpx.AsyncClient, slug: str, numbers: list[str]) -> None:
    await value("UPDATE cases SET is_minor = TRUE WHERE number = ANY($1)", numbers)
    assert "反映过这类事的 &lt;5 人" in await house.get(client, f"/themes/{slug}"), "no minor is counted in the open"
    (one,) = [one for one in await hot.found(clock.now(), hot.limits()) if one.hit.matter.startswith("0204")]
    assert (one.evidence.people >= 9, list(one.evidence.words), list(one.evidence.places)) == (True, [], [])


@pytest.mark.requirement("000-09")
@pytest.mark.requirement("003-14")
async def test_a_theme_has_owner_plan_progress_and_proof_and_its_answer_reaches_all_who_asked_once(
    client: httpx.AsyncClient, numbers: list[str]
) -> None:
    where = await a_theme(client)
    slug = await value("SELECT slug FROM theme WHERE id = $1", id_of(where))
    assert await value("SELECT count(*) FROM theme_case WHERE theme_id = $1", id_of(where)) == 9, "never the report"
    assert (await client.get(f"/themes/{slug}")).status_code == 404
    await the_unit_does_its_step_and_proves_it(client, where)
    await an_answer_is_written_and_not_approved_by_its_author(client, where)
    await a_second_person_publishes_and_approves_what_they_read(client, where, slug)
    late = await the_answer_reaches_everybody_once_and_late_joiners_too()
    await the_public_reads_what_somebody_looked_through(client, slug)
    await the_ledger_makes_the_same_of(late)
    await it_is_closed_with_words_that_a_second_person_reads(client, where, slug, late)
    await no_minor_is_counted_in_the_open(client, slug, numbers)


async def words_after_publication_are_read_by_a_second_person(client: httpx.AsyncClient, where: str, slug: str) -> None:
    """Signed in as the one who published: new words take it back, a new step waits; neither is passed by its author."""
    page, theme = f"/themes/{slug}", id_of(where)
    assert "换热站检修" in await house.get(client, page)
    due = f"{clock.today() + timedelta(days=4)}"
    step = {"what": "加装测温点", "unit": "130403", "due": due}
    assert (await house.post(client, f"{where}/steps", step, page=where)).status_code == 303
    assert "加装测温点" not in await house.get(client, page)
    added = {"id": str(await value("SELECT id FROM theme_step WHERE what = '加装测温点'"))}
    assert (await house.post(client, f"{where}/steps/public", added, page=where)).status_code == 409
    form = await house.get(client, f"{where}/change")
    asked = {name: re.findall(rf'name="{name}" value="([^"]*)" checked', form) for name in ("matters", "areas")}
    asked |= {"title": "联纺路片区供暖不热", "why": "供暖季开始后室温不达标。", "grade": "county", "unit": "130403",
              "since": f"{clock.today() - timedelta(days=3)}"}  # fmt: skip
    assert (await house.post(client, f"{where}/change", asked, page=f"{where}/change")).status_code == 303
    assert (await client.get(page)).status_code == 404
    assert (await house.post(client, f"{where}/publication", page=where)).status_code == 409, "their own words now"
    await value("UPDATE theme SET made_by = (SELECT answer_by FROM theme WHERE id = $1) WHERE id = $1", theme)
    mine = await house.post(client, f"{where}/publication", page=where)
    assert mine.status_code == 409, "and their own step"
    await value("UPDATE theme_step SET made_by = NULL WHERE theme_id = $1", theme)
    old = await house.post(client, f"{where}/publication", {"revision": "1"}, page=where)
    assert old.status_code == 409, "only what they have read"
    assert (await house.post(client, f"{where}/publication", page=where)).status_code == 303
    assert "加装测温点" in await house.get(client, page)
    done = {"step": added["id"], "note": "已装"}
    assert (await house.post(client, f"{where}/done", done, page=f"{where}?act=done")).status_code == 303


@pytest.mark.requirement("000-15")
async def test_a_task_before_complaints_is_answered_with_proof_and_closed_by_somebody_else_or_climbs(
    client: httpx.AsyncClient, numbers: list[str]
) -> None:
    asked = {
        "what": "排查和平路片区路灯线路", "why": "近八周反复出现", "matter": "020201", "area": OTHER,
        "unit": "130403", "due": f"{clock.today() + timedelta(days=1)}", "source": "repeat",
    }  # fmt: skip
    async with house.signed_in(client, "supervisor", unit="SUP"):
        assert f"source=repeat&amp;matter=020201&amp;area={OTHER}" in await house.get(client, "/hot/ahead")
        answer = await house.post(client, "/hot/tasks/new", {**asked, "matter": ""}, page="/hot/tasks/new")
        assert answer.status_code == 422
        answer = await house.post(client, "/hot/tasks/new", asked, page="/hot/tasks/new")
        assert answer.status_code == 303, answer.text
        where = answer.headers["location"]
        assert "排查和平路片区路灯线路" in await house.get(client, "/hot/tasks")
    task = UUID(where.rpartition("/")[2])
    told = "SELECT array_agg(DISTINCT kind ORDER BY kind) FROM staff_notice WHERE key LIKE '%' || $1::uuid || '%'"
    assert await value(told, task) == ["task_new"]
    due = await value("SELECT due_at FROM proactive_task WHERE id = $1", task)
    for hours, kinds in ((-1, 1), (1, 1), (49, 1), (50, 0)):
        assert await hot_due.watch(reminders_hot.due, due + timedelta(hours=hours)) == kinds, hours
    assert await value(told, task) == ["task_centre", "task_head", "task_late", "task_new", "task_soon"]
    async with house.signed_in(client, "unit_handler", unit="CGB"):
        assert (await client.get(where)).status_code == 404
        assert (await house.post(client, f"{where}/reply", {"reply": "x"}, page="/hot/own")).status_code == 404
    async with house.signed_in(client, "unit_handler", unit="130403", jurisdiction="130403"):
        assert "排查和平路" in await house.get(client, "/hot/own")
        empty = await house.post(client, f"{where}/reply", {"reply": ""}, page=where)
        assert empty.status_code == 422
        assert (await house.post(client, f"{where}/reply", {"reply": "已更换线缆"}, page=where)).status_code == 303
    async with house.signed_in(client, "supervisor", unit="SUP"):
        back = {"closing": "请附照片说明", "decision": "back"}
        assert (await house.post(client, f"{where}/decision", back, page=where)).status_code == 303
        early = await house.post(client, f"{where}/decision", {"closing": "好", "decision": "close"}, page=where)
        assert early.status_code == 409
    async with house.signed_in(client, "unit_handler", unit="130403", jurisdiction="130403"):
        assert "请附照片说明" in await house.get(client, where)
        assert (await house.post(client, f"{where}/reply", {"reply": "已附"}, page=where)).status_code == 303
    async with house.signed_in(client, "supervisor", unit="SUP"):
        done = {"closing": "现场核实属实", "decision": "close"}
        assert (await house.post(client, f"{where}/decision", done, page=where)).status_code == 303
    await value("UPDATE proactive_task SET made_at = made_at - interval '9 days', replied_at = replied_at - interval"
                " '8 days' WHERE id = $1", task)  # fmt: skip
    async with house.signed_in(client, "supervisor", unit="SUP"):
        assert re.search('交办前 8 天</th><td class="n">\\d+</td>', await house.get(client, where))


def test_a_word_that_may_be_a_name_is_not_shown(database: Place) -> None:
    names = ("王建国", "李娜", "赵志强局长", "刘伟")
    assert [hot_evidence.may_name(one) for one in names] == [True] * len(names)
    assert not any(hot_evidence.may_name(one) for one in ("暖气不热", "停水通知", "路灯", "供水", "噪声", "井盖"))


async def test_a_dismissed_issue_comes_back_only_when_it_grows(client: httpx.AsyncClient, numbers: list[str]) -> None:
    await surge(12, matter="020401", words="自来水发黄有味，水龙头放出来都是黄水。")
    assert await hot.look(reminders_hot.issue) == 1
    found = "SELECT row(state, level)::text FROM hot_issue WHERE matter ^@ '020401'"
    one = f"/hot/issues/{await value('SELECT id FROM hot_issue WHERE matter = $1', '020401')}"
    async with house.signed_in(client, "supervisor", unit="SUP"):
        assert (await house.post(client, f"{one}/watch", page=one)).status_code == 303
        assert (await house.post(client, f"{one}/dismissal", {"reason": ""}, page=one)).status_code == 422
        assert (await house.post(client, f"{one}/dismissal", {"reason": "冲管"}, page=one)).status_code == 303
        assert (await house.post(client, f"{one}/watch", page=one)).status_code == 409
    assert await hot.look(reminders_hot.issue) == 0
    assert await value(found) == "(dismissed,2)"
    with pytest.raises(asyncpg.PostgresError):
        await value("UPDATE hot_issue SET state = 'dismissed', reason = '' WHERE matter = '020401'")
    minute, words = timedelta(minutes=1), "自来水发黄有味，水龙头放出来都是黄水。"
    await quiet("020401", minute, 34, words, ago=minute, tag="G", towns=(TOWN,))
    assert await hot.look(reminders_hot.issue) == 1
    assert await value(found) == "(new,3)"
    async with house.signed_in(client, "supervisor", unit="SUP"):
        assert (await house.post(client, f"{one}/dismissal", {"reason": "冲管"}, page=one)).status_code == 303
    towns = tuple(sorted(code for code in city.current().townships if code.startswith("130403")))[1:5]
    await quiet("020401", minute / 4, 160, words, ago=minute, tag="S", towns=towns)
    assert await hot.look(reminders_hot.issue) == 1, "the whole county is more than the township that was dealt with"
    wide = "SELECT array_agg(row(kind, state, level)::text ORDER BY kind) FROM hot_issue WHERE matter ^@ '020401'"
    assert await value(wide) == ["(county,new,3)", "(township,dismissed,3)"]
    assert await hot.look(reminders_hot.issue, clock.now() + timedelta(days=9)) == 0
    assert await value("SELECT count(*) FROM hot_issue WHERE state <> 'over'") == 0, "theme and task have ended too"


async def test_every_page_is_there_in_english_and_says_when_it_is_empty(
    client: httpx.AsyncClient, numbers: list[str]
) -> None:
    async with house.signed_in(client, "coordination", unit="GOV"):
        for state in ("new", "watched", "theme", "task", "dismissed", "over"):
            await house.get(client, f"/hot?state={state}&lang=en&county=130421")
        for path in ("/hot/trends?county=130403&matter=0202", "/hot/ahead", "/hot/themes?state=dropped",
                     "/hot/themes/new", "/hot/tasks?state=dropped", "/hot/tasks/new"):  # fmt: skip
            await house.get(client, path)
    async with house.signed_in(client, "unit_handler", unit="CGB"):
        assert "No steps to do." in await house.get(client, "/hot/own")
        assert (await client.get("/hot/themes")).status_code == 403
    async with house.signed_in(client, "agent", unit="HOT"):
        assert (await client.get("/hot/own?lang=zh")).status_code == 403
    assert (await client.get("/themes/2020-9")).status_code == 404


async def test_a_season_is_foretold_only_from_a_year_that_is_known(numbers: list[str]) -> None:
    began, week = timedelta(days=364 - 27), timedelta(days=7)
    await quiet("020201", timedelta(hours=1), 44 * 24, "路灯", ago=began, tag="L")
    async with db.reading() as connection:
        assert await hot_ahead.foretold(connection, clock.now()) == [], "last year's hotline had just begun"
    await quiet("020201", week / 12, 70, "路灯", ago=began + timedelta(days=44), tag="M")
    async with db.reading() as connection:
        (one,) = await hot_ahead.foretold(connection, clock.now())
    assert (one.matter, one.expected > 2 * one.usual) == ("0202", True)
