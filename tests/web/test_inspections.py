"""Audits through their pages: a sample on record, a blind second person, a closing overturned, plans, withdrawals."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
from click.testing import CliRunner

from cases import ledger, rebuild, verbs, verbs_audit, views
from hotline import clock, db
from hotline.commands.sampling import sample as command
from hotline.errors import Refusal
from hotline.work import work
from sla import claims, rechecks, records
from sla import findings as findings_of
from tests import builders as b
from tests.web import house

pytestmark = pytest.mark.anyio

TODAY = {"since": "", "until": "", "wanted": "count", "amount": "50", "strata": "none"}
SECOND = {"outcome": "reached", "was_contacted": "no", "is_solved": "no", "is_truthful": "no", "grade": "dissatisfied"}
DISSENT = "诉求人说没人来过，路灯还是黑的。"


async def value(sql: str, *args: Any) -> Any:
    async with db.reading() as connection:
        return await connection.fetchval(sql, *args)


async def drawn(client: httpx.AsyncClient, **typed: str) -> str:
    """A supervisor draws a sample; its address."""
    day = f"{clock.today()}"
    async with house.signed_in(client, "supervisor", unit="HOT"):
        sent = {"kind": "visits", **TODAY, "since": day, "until": day, **typed}
        answer = await house.post(client, "/inspections/samples/new", sent, page="/inspections/samples/new")
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]


async def a_rated_case() -> str:
    """A case that was called, rated satisfied and closed by the demo's caller."""
    number = (await b.a_case("callback")).number
    word = {"was_contacted": True, "is_solved": True, "grade": "satisfied"}
    await b.act("callback", number, verbs.visit, b.request, **word)
    await b.act("callback", number, verbs.close)
    return number


async def item_of(sample: str, number: str) -> str:
    """The page of a case's item in a sample."""
    position = await value(
        "SELECT position FROM sample_frame f JOIN cases c ON c.id = f.case_id WHERE sample_id = $1 AND c.number = $2",
        UUID(sample.rpartition("/")[2]), number,
    )  # fmt: skip
    return f"{sample}/items/{position}"


async def grades(unit: str) -> int:
    """How many satisfied grades the month counts for a unit."""
    async with db.reading() as connection:
        sheets = await records.sheets(connection, await b.person("supervisor"), "")
    return next((one.satisfied for one in sheets if one.unit == unit), 0)


async def same_after_rebuild(number: str) -> None:
    case_id = await value("SELECT id FROM cases WHERE number = $1", number)
    async with db.reading() as connection:
        _, want = await rebuild.replayed(connection, [case_id])
        have = await rebuild.held(connection, [case_id])
    wrong = [one.names for one in rebuild.differences(want, have)]
    ours = [name for names in wrong for name in names if not re.search(r"cases\.(next_|is_prov)|_index", name)]
    assert not ours


async def test_every_page_opens_empty_and_in_english_and_tells_what_comes_here(client: httpx.AsyncClient) -> None:
    pages = {
        "/inspections": "Nothing was drawn yet", "/inspections/figures": "No return visit",
        "/inspections/plans": "No plans yet", "/inspections/findings": "No findings",
        "/inspections/claims": "No claim waits", "/inspections/plans/new": "Purpose",
        "/inspections/samples/new": "nobody chooses it", "/inspections/withdrawals": "No withdrawal waits",
        "/inspections/withdrawals?list=month": "Nothing was withdrawn", "/inspections/claims?state=upheld": "None in",
    }  # fmt: skip
    async with house.signed_in(client, "coordination", unit="GOV"):
        for path, said in pages.items():
            both = "&" if "?" in path else "?"
            assert said in await house.get(client, f"{path}{both}lang=en"), path
        await client.get("/inspections?lang=zh")


@pytest.mark.requirement("000-07")
async def test_an_audit_that_draws_a_closed_case_overturns_its_closing(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    number = await a_rated_case()
    counted = await grades("130403")
    sample = await drawn(client)
    page = await item_of(sample, number)
    async with house.signed_in(client, "auditor", unit="HOT"):
        assert await _proof(client, sample, tmp_path / "frame.csv")
        blind = await house.get(client, page)
        assert b.HANDLED["reply"] in blind
        assert b.HANDLED["note"] not in blind, "nothing of what the unit says"
        assert 'id="beside"' not in blind
        assert "/cases/" not in blind[blind.index("r-item") :], "no way from here to the first answers"
        led = {"whose": "caller", "what": "led", "words": "x"}
        early = await house.post(client, f"{page}/findings", led, page=page)
        assert early.status_code == 409, "first the answers, then the findings"
        half = {name: text for name, text in SECOND.items() if name != "is_solved"}
        answer = await house.post(client, page, {**half, "note": DISSENT}, page=page)
        assert answer.status_code == 422
        assert DISSENT in answer.text
        answer = await house.post(client, page, {**SECOND, "note": DISSENT}, page=page)
        assert answer.status_code == 303, answer.text
        both = await house.get(client, page)
        assert both.count("✗") == 4
        assert (await house.post(client, page, SECOND, page=page)).status_code == 409, "a second answer is one answer"
        found = {"whose": "caller", "what": "misrecorded", "words": DISSENT, "reopen": "yes", "annul": "yes"}
        assert (await house.post(client, f"{page}/findings", found, page=page)).status_code == 303
        results = await house.get(client, sample)
        assert "100.0 %" in results[results.index('id="rates"') :]
        figures = await house.get(client, "/inspections/figures")
        assert "件数少" in figures
    row = await value("SELECT row(state, close_reason, rework_count)::text FROM cases WHERE number = $1", number)
    assert row == "(rework,,1)"
    assert await value(
        "SELECT count(*) FROM clock k JOIN cases c ON c.id = k.case_id WHERE c.number = $1 AND k.stage = 'finish' "
        "AND k.stopped_at IS NULL", number,
    ) == 1  # fmt: skip
    assert await grades("130403") == counted - 1, "an annulled grade counts nowhere"
    await same_after_rebuild(number)


async def _proof(client: httpx.AsyncClient, sample: str, file: Path) -> bool:
    """The page that draws again, and the command line over the published list, agree with the record."""
    page = await house.get(client, f"{sample}/redraw")
    frame = (await client.get(f"{sample}/frame.csv")).text
    seed = re.search(r"--seed ([0-9a-f]{64})", page)
    assert seed
    file.write_text(frame, encoding="utf-8")
    told = CliRunner().invoke(command, ["--frame", str(file), "--seed", seed[1], "--count", "50"])
    rows = list(csv.DictReader(io.StringIO(frame)))
    return told.exit_code == 0 and "一致" in told.output and "✗" not in page and all(r["drawn"] == "1" for r in rows)


async def test_neither_caller_nor_handler_nor_acceptor_re_checks_and_what_is_drawn_stays_drawn(
    client: httpx.AsyncClient,
) -> None:
    number = await a_rated_case()
    sample = await drawn(client, strata="caller")
    page = await item_of(sample, number)
    async with house.signed_in(client, "auditor", unit="130403"):
        assert "请换一位同事复核" in await house.get(client, page)
        assert (await house.post(client, page, SECOND, page=page)).status_code == 409
    caller = await b.person("callback")
    async with work(caller) as w:
        file = await ledger.opened(w, number=number)
        why = await rechecks.why_not(w.connection, file, caller)
    assert why is not None
    assert "回访或结过这件" in why.zh
    with pytest.raises(Exception, match="never changed"):
        async with db.atomic() as connection:
            await connection.execute("UPDATE sample SET seed = $1", "0" * 64)
    async with house.signed_in(client, "supervisor", unit="HOT"):
        sent = {"kind": "visits", **TODAY, "since": "2020-01-01", "until": "2020-01-02"}
        answer = await house.post(client, "/inspections/samples/new", sent, page="/inspections/samples/new")
        assert answer.status_code == 409
        assert "没有可抽的" in answer.text


async def test_a_caller_appeals_once_and_the_grade_comes_back_when_somebody_else_agrees(
    client: httpx.AsyncClient,
) -> None:
    number = await a_rated_case()
    counted = await grades("130403")
    page = await item_of(await drawn(client), number)
    async with house.signed_in(client, "auditor", unit="HOT"):
        await house.post(client, page, SECOND, page=page)
        found = {"whose": "caller", "what": "grade_differs", "words": DISSENT, "annul": "yes"}
        assert (await house.post(client, f"{page}/findings", found, page=page)).status_code == 303
        finding = await value("SELECT id FROM finding ORDER BY found_at DESC LIMIT 1")
        here = f"/inspections/findings/{finding}"
        own = await house.post(client, f"{here}/appeal-decision", {"decision": "uphold", "reason": "x"}, page=here)
        assert own.status_code == 409, "nothing was appealed yet"
    assert await grades("130403") == counted - 1
    async with house.signed_in(client, "callback", unit="HOT"):
        assert (await client.get(here)).status_code == 404, "not another caller's"
    async with work(await b.person("callback")) as w:
        await findings_of.appeal(w, finding, words="录音里说的是满意。")
    with pytest.raises(Refusal, match="appealed"):
        async with work(await b.person("callback")) as w:
            await findings_of.appeal(w, finding, words="再说一次")
    async with house.signed_in(client, "auditor", unit="HOT"):
        decided = {"decision": "uphold", "reason": "听过录音，申诉属实。"}
        assert (await house.post(client, f"{here}/appeal-decision", decided, page=here)).status_code == 303
        assert "申诉成立" in await house.get(client, here)
    assert await grades("130403") == counted
    await same_after_rebuild(number)


@pytest.mark.requirement("000-28")
async def test_a_plan_samples_closed_cases_tests_a_unit_and_its_findings_are_put_right(
    client: httpx.AsyncClient,
) -> None:
    number = await a_rated_case()
    day = f"{clock.today()}"
    async with house.signed_in(client, "supervisor", unit="HOT") as me:
        plan = {"purpose": "查路灯类结案", "method": "mystery", "starts": day, "ends": day, "units": "130403"}
        new = "/inspections/plans/new"
        assert (await house.post(client, new, plan, page=new)).status_code == 422, "somebody has to do it"
        answer = await house.post(client, new, {**plan, "inspectors": str(me)}, page=new)
        assert answer.status_code == 303, answer.text
        here = answer.headers["location"]
        script = {"unit": "130403", "way": "phone", "question": "路灯坏了找谁？", "expected": "区城管局"}
        assert (await house.post(client, f"{here}/tests", script, page=f"{here}?act=script")).status_code == 303
        test = await value("SELECT id FROM mystery_test ORDER BY no DESC LIMIT 1")
        result = {"verdict": "wrong", "wait_seconds": "95", "answer": "答不归我们管"}
        form = f"{here}?act=result&test={test}"
        assert "区城管局" in await house.get(client, form)
        assert (await house.post(client, f"{here}/tests/{test}", result, page=form)).status_code == 303
        assert (await house.post(client, f"{here}/tests/{test}", result, page=form)).status_code == 409
        note = {"unit": "130403", "what": "refused", "words": "推给别人", "case": number, "test": str(test)}
        assert (await house.post(client, f"{here}/findings", note, page=f"{here}?act=note")).status_code == 303
        assert "推诿、拒办" in await house.get(client, f"{here}/print")
    finding = await value("SELECT id FROM finding WHERE source = 'mystery' ORDER BY found_at DESC LIMIT 1")
    page = f"/inspections/findings/{finding}"
    async with house.signed_in(client, "unit_handler", unit="CGB"):
        assert (await client.get(page)).status_code == 404
    async with house.signed_in(client, "unit_handler", unit="130403"):
        assert "推给别人" in await house.get(client, "/inspections/findings") + await house.get(client, page)
        assert (await house.post(client, f"{page}/reply", {"words": "已培训"}, page=page)).status_code == 303
    async with house.signed_in(client, "auditor", unit="HOT"):
        back = await house.post(client, f"{page}/verification", {"is_right": "no"}, page=page)
        assert back.status_code == 422, "say what is missing"
        assert (await house.post(client, f"{page}/verification", {"is_right": "yes"}, page=page)).status_code == 303
        assert "已销号" in await house.get(client, page)
        story = await house.get(client, f"/cases/{number}")
        assert "推诿、拒办" in story, "the finding stands in the case's story"
    spot = await drawn(client, kind="cases", strata="unit", unit="130403")
    where = await item_of(spot, number)
    async with house.signed_in(client, "auditor", unit="HOT"):
        await house.post(client, where, {**SECOND, "outcome": "heard"}, page=where)
        found = {"whose": "unit", "what": "false_result", "words": "现场没修", "reopen": "yes"}
        assert (await house.post(client, f"{where}/findings", found, page=where)).status_code == 303
    assert await value("SELECT state FROM cases WHERE number = $1", number) == "rework"


async def test_who_was_talked_into_withdrawing_is_found_and_the_case_goes_on(client: httpx.AsyncClient) -> None:
    number = (await b.a_case("contacted")).number
    await b.act("congtai", number, verbs_audit.wish_withdrawal, b.request, told_by="unit", words="不用办了")
    page = f"/inspections/withdrawals/{number}"
    async with house.signed_in(client, "auditor", unit="HOT"):
        assert "单位刚联系过" in await house.get(client, "/inspections/withdrawals")
        told = {"outcome": "reached", "by_unit": "yes", "is_solved": "no", "is_free": "yes", "said": "他们让我撤的"}
        answer = await house.post(client, f"{page}/check", told, page=page)
        assert answer.status_code == 422, "what is not let go needs its ledger"
        answer = await house.post(client, f"{page}/check", {**told, "ledger": "unsolved"}, page=page)
        assert answer.status_code == 303, answer.text
        assert number in await house.get(client, "/inspections/withdrawals?list=unsolved")
        month = await house.get(client, "/inspections/withdrawals?list=month")
        assert number in month
        assert 'id="rates"' in month
    assert await value("SELECT state FROM cases WHERE number = $1", number) == "active"
    cause = "SELECT count(*) FROM supervision_record r JOIN cases c ON c.id = case_id WHERE number = $1 AND cause = $2"
    assert await value(cause, number, "withdrawal_solicited") == 1
    paper = "SELECT count(*) FROM ladder_paper p JOIN cases c ON c.id = p.case_id WHERE c.number = $1 AND measure = $2"
    assert await value(paper, number, "accountability") == 1, "recorded against the unit by itself"
    async with house.signed_in(client, "auditor", unit="HOT"):
        done = await house.post(client, f"{page}/strike", {"reason": "路灯已修好"}, page=page)
        assert done.status_code == 303, done.text
        assert number not in await house.get(client, "/inspections/withdrawals?list=unsolved")
    await same_after_rebuild(number)


async def test_a_withdrawal_of_free_will_ends_the_case_and_counts_in_no_score(database: object) -> None:
    number = (await b.a_case("signed")).number
    await b.act("agent", number, verbs_audit.wish_withdrawal, b.request, words="自己修好了")
    await b.act("audit", number, verbs_audit.check_withdrawal, b.request, verdict="free", is_solved=True)
    row = await value(
        "SELECT row(c.state, close_reason, a.excluded)::text FROM cases c JOIN assignment a ON a.case_id = c.id "
        "WHERE number = $1", number,
    )  # fmt: skip
    assert row == "(closed,withdrawn,withdrawn)"
    assert await value(
        "SELECT count(*) FROM clock k JOIN cases c ON c.id = k.case_id WHERE number = $1 AND stopped_at IS NULL", number
    ) == 0
    early = (await b.a_receipt()).number
    await b.act("agent", early, verbs.withdraw, b.request)
    await b.act("audit", early, verbs_audit.check_withdrawal, b.request, verdict="kept", is_solved=False,
                ledger="unsolved")  # fmt: skip
    assert await value("SELECT state FROM cases WHERE number = $1", early) == "registered", "taken up again"
    running = "SELECT stage FROM clock k JOIN cases c ON c.id = k.case_id WHERE number = $1 AND stopped_at IS NULL"
    assert await value(running, early) == "accept"
    await same_after_rebuild(number)
    await same_after_rebuild(early)


async def test_an_upheld_claim_closes_politely_counts_nowhere_and_is_reversed_by_somebody_else(
    client: httpx.AsyncClient,
) -> None:
    number = (await b.a_case("signed")).number
    where = f"/cases/{number}?act=claim"
    async with house.signed_in(client, "unit_handler", unit="130403"):
        page = await house.get(client, where)
        said = {"claim": "unreasonable", "reason": "要求拆除全街路灯", "basis": "城市照明管理规定第八条"}
        seq = re.search(r'name="seq" value="(\d+)"', page)
        assert seq
        answer = await house.post(client, f"/cases/{number}/claim", {**said, "seq": seq[1]}, page=where)
        assert answer.status_code == 303, answer.text
    with pytest.raises(Refusal, match="claimed"):
        await b.act("congtai", number, claims.claim, b.lead, claim="beyond_remit", reason="x", basis="y")
    share = str(await value("SELECT a.id FROM assignment a JOIN cases c ON c.id = a.case_id WHERE number = $1", number))
    async with house.signed_in(client, "auditor", unit="HOT"):
        assert number in await house.get(client, "/inspections/claims")
        where = f"/cases/{number}?act=claim_decision"
        assert "要求拆除全街路灯" in await house.get(client, where)
        given = {"assignment": share, "decision": "uphold", "reason": "确属不合理"}
        silent = await house.post(client, f"/cases/{number}/claim-decision", given, page=where)
        assert silent.status_code == 422, "nothing is put aside without a word to the requester"
        kind = {**given, "reply": "您好，路灯是公共设施，不能拆除，谢谢理解。"}
        assert (await house.post(client, f"/cases/{number}/claim-decision", kind, page=where)).status_code == 303
        assert (await house.post(client, f"/cases/{number}/claim-reversal",
                                 {"assignment": share, "reason": "x"}, page=f"/cases/{number}")).status_code == 409
    state = "SELECT row(c.state, close_reason, excluded)::text FROM cases c JOIN assignment a ON a.case_id = c.id"
    assert await value(f"{state} WHERE number = $1", number) == "(closed,unreasonable,unreasonable)"
    outbox = "SELECT count(*) FROM outbox_message m JOIN cases c ON c.id = m.case_id WHERE c.number = $1 AND name = $2"
    assert await value(outbox, number, "answered") == 1
    assert await value(outbox, number, "rate") == 0
    await b.act("supervisor", number, verbs_audit.reverse_claim,
                lambda file: next(iter(file.assignments.values())), reason="申诉成立")  # fmt: skip
    assert await value("SELECT excluded FROM assignment WHERE id = $1::text::uuid", share) is None
    await same_after_rebuild(number)


async def test_a_refused_claim_leaves_the_clock_as_it_ran_and_a_late_one_is_refused(client: httpx.AsyncClient) -> None:
    number = (await b.a_case("signed")).number
    due = "SELECT due_at FROM clock k JOIN cases c ON c.id = k.case_id WHERE number = $1 AND stage = 'finish'"
    before = await value(due, number)
    await b.act("congtai", number, claims.claim, b.lead, claim="beyond_remit", reason="不归我们管", basis="权力清单")
    await b.act("audit", number, verbs_audit.decide_claim, b.lead, is_upheld=False, reason="属于贵局职责")
    assert await value(due, number) == before
    assert await value("SELECT state FROM cases WHERE number = $1", number) == "active"
    other = (await b.a_case("signed")).number
    with pytest.raises(Refusal, match="claim_late"):
        await b.act("congtai", other, claims.claim, b.lead, at=await value(due, other) + timedelta(hours=1),
                    claim="beyond_remit", reason="x", basis="y")  # fmt: skip
    await value(f"UPDATE clock SET started_at = started_at - interval '60 days', due_at = due_at - interval '60 days' "
                f"WHERE id = ({due.replace('due_at', 'k.id')})", other)  # fmt: skip
    async with house.signed_in(client, "unit_handler", unit="130403"):
        page = await house.get(client, f"/cases/{other}?act=claim")
    assert '/claim"' not in page, "nobody fills in a form that can only be refused"
    assert re.search("不能再申请认定|a claim is made before that", page)


async def test_a_sample_drawn_by_the_first_result_tells_it_to_nobody_before_all_is_re_checked(
    client: httpx.AsyncClient,
) -> None:
    number = await a_rated_case()
    sample = await drawn(client, outcome="satisfied")
    identifier = UUID(sample.rpartition("/")[2])
    drawer = await value("SELECT drawn_by FROM sample WHERE id = $1", identifier)
    async with house.signed_in(client, "auditor", unit="HOT"):
        for where in (sample, f"{sample}/redraw"):
            told = await house.get(client, where)
            assert "全部复核后显示" in told
            assert "<dd>满意" not in told
    async with db.reading() as connection:
        case_id = await connection.fetchval("SELECT id FROM cases WHERE number = $1", number)
        file, auditor = await views.read(connection, case_id), await b.person("supervisor")
        who = msgspec.structs.replace(auditor, id=drawer)
        why = await rechecks.why_not(connection, file, who, identifier)
        assert why is not None
        assert "按原来的结果抽" in why.zh
        assert await rechecks.why_not(connection, file, auditor, identifier) is None
