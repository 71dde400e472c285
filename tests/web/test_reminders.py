"""Reminders to people through their own pages: who is told, by which door, when, who stands in, and the proof."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from cases import ledger, verbs
from channels import reminders, staff_hours
from hotline import clock, db, people, reach_codes, vault
from hotline.actor import SYSTEM
from hotline.errors import Say
from hotline.work import work
from sla import supervision, sweep
from tests import builders as b
from tests.conftest import shared_app
from tests.engines import Place
from tests.web import house
from web import access

pytestmark = pytest.mark.anyio
UNIT = "130404"
"""A county without demo people of its own."""


@pytest.fixture(scope="module")
async def client(database: Place) -> AsyncIterator[httpx.AsyncClient]:
    """One browser for all of them."""
    transport = httpx.ASGITransport(app=shared_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver", timeout=30) as one:
        yield one


async def rows(sql: str, *args: Any) -> list[dict[str, Any]]:
    async with db.reading() as connection:
        return [dict(row) for row in await connection.fetch(sql, *args)]


async def told(number: str = "", kind: str = "due_soon") -> list[dict[str, Any]]:
    return await rows(
        "SELECT n.*, p.login FROM staff_notice n JOIN person p ON p.id = n.person_id "
        "LEFT JOIN cases c ON c.id = n.case_id WHERE n.kind = $2 AND ($1 = '' OR c.number = $1) ORDER BY n.at",
        number, kind,
    )  # fmt: skip


async def post(
    client: httpx.AsyncClient, path: str, data: dict[str, Any] | None = None, page: str = "/reminders/settings",
    status: int = 303,
) -> str:  # fmt: skip
    answer = await house.post(client, path, {name: str(value) for name, value in (data or {}).items()}, page=page)
    assert answer.status_code == status, (answer.status_code, answer.text[:1500])
    return answer.text


async def say(text: str = "请尽快", **given: Any) -> None:
    async with work(SYSTEM, now=given.pop("at", None)) as w:
        number = given.pop("number", "")
        case = await ledger.opened(w, number=number) if number else None
        await reminders.remind(w, **{"unit": UNIT, "kind": "test", "case": case, "text": Say(text, "please"), **given})


async def the_warning(number: str) -> Any:
    (row,) = await rows(
        "SELECT warn_at, due_at FROM clock k JOIN cases c ON c.id = k.case_id WHERE c.number = $1 AND stage = 'finish'",
        number,
    )
    return row


async def prove(client: httpx.AsyncClient, person: Any) -> None:
    """Nothing is sent to a number before its code came back: a wrong one is refused, the right one opens the door."""
    await say("还没核实", key="early")
    assert not await rows("SELECT 1 FROM outbox_message WHERE key ^@ 'early:'")
    (sent,) = await rows("SELECT body FROM outbox_message WHERE key ^@ $1", f"reach_code:{person}:")
    code = re.search(r"\d{6}", vault.unseal(sent["body"], "outbox"))
    assert code
    wrong = f"{(int(code[0]) + 1) % 1_000_000:06d}"
    assert "验证码不对" in await post(client, "/reminders/settings/code", {"door": "sms", "code": wrong}, status=422)
    await post(client, "/reminders/settings/code", {"door": "sms", "code": code[0]})
    await post(client, "/reminders/read", {})


async def test_a_liaison_is_told_on_the_page_and_by_the_door_they_chose_once_and_within_one_sms(
    client: httpx.AsyncClient,
) -> None:
    receipt = await b.a_case("registered")
    async with house.signed_in(client, "unit_liaison", "unit_handler", unit=UNIT) as person:
        page = await house.get(client, "/reminders/settings")
        assert "没有登记外出" in page
        given = {"doors": "sms", "sms": "", "quiet": "12:00-13:00"}
        wrong = await post(client, "/reminders/settings", given, status=422)
        assert 'id="e-quiet"' in wrong
        missing = await post(client, "/reminders/settings", {"doors": "sms"}, status=422)
        assert 'id="e-sms"' in missing
        chosen = {"doors": "sms", "sms": "+86 138 0000 0009", "by_door": "other"}
        await post(client, "/reminders/settings", chosen, status=303)
        assert "13800000009" in await house.get(client, "/reminders/settings")
        assert not (await house.htmx(client, "/reminders/bell")).partition("<")[0].strip()
        await prove(client, person)
        for _ in range(2):
            await say("字" * 200, number=receipt.number, key="once")
        assert "1" in await house.htmx(client, "/reminders/bell")
        page = await house.get(client, "/reminders?only=unread")
        (notice,) = await rows("SELECT * FROM staff_notice WHERE person_id = $1 AND read_at IS NULL", person)
        assert f'id="notice-{notice["id"]}"' in page
        (message,) = await rows("SELECT * FROM outbox_message WHERE key = $1", f"{notice['key']}:sms")
        assert message["next_at"] == notice["permitted_at"]
        assert len(reminders.sms("字" * 200)) == 70
        await post(client, f"/reminders/{notice['id']}", status=303)
        assert "没有未读的提醒" in await house.get(client, "/reminders?only=unread")
    async with house.signed_in(client, "unit_handler", unit="CGB"):
        assert "还没有提醒" in await house.get(client, "/reminders")
        await post(client, f"/reminders/{notice['id']}", status=404)


async def test_whoever_is_away_is_stood_in_for_along_a_chain_that_never_runs_in_a_circle(
    client: httpx.AsyncClient,
) -> None:
    unit, page = "130406", "/reminders/settings"
    today, last = f"{clock.today()}", f"{clock.today() + timedelta(days=3)}"
    second, login = await house.a_person("unit_handler", unit=unit, name="乙")
    async with house.signed_in(client, "unit_deputy", unit=unit, name="甲") as first:
        wrong = await post(client, "/reminders/away", {"first": last, "last": today, "substitute": second}, page, 422)
        assert 'id="e-last"' in wrong
        stranger, _ = await house.a_person("unit_handler", unit="CGB")
        given = {"first": today, "last": last, "substitute": stranger}
        assert 'id="e-substitute"' in await post(client, "/reminders/away", given, page, 422)
        await post(client, "/reminders/away", {**given, "substitute": second}, page, 303)
        assert "乙" in await house.get(client, page)
    await say(unit=unit, to="deputy", key="away")
    (notice,) = await rows("SELECT * FROM staff_notice WHERE key LIKE 'away:%'")
    assert (notice["person_id"], notice["instead_of"]) == (second, first)
    await whoever_moved_stands_in_for_nobody(unit, second)
    token, _ = await people.sign_in(login, house.PASSWORD, "127.0.0.1")
    client.cookies.set(access.SESSION, token, domain="testserver.local")
    refused = await post(client, "/reminders/away", {**given, "substitute": first}, page, 422)
    assert "最后又轮到您" in refused
    client.cookies.delete(access.SESSION)
    async with db.atomic() as connection:  # a circle all the same, as no form lets anybody make one
        await connection.execute(
            "INSERT INTO absence (id, person_id, substitute_id, first_day, last_day, noted_at, noted_by) "
            "VALUES (gen_random_uuid(), $1, $2, $3, $3, now(), $1)",
            second, first, clock.today(),
        )  # fmt: skip
    await say(unit=unit, to="deputy", key="circle")
    found = await rows("SELECT person_id FROM staff_notice WHERE key LIKE 'circle:%'")
    assert {row["person_id"] for row in found}.isdisjoint({first, second})
    assert found or await rows("SELECT 1 FROM unheard WHERE key = 'circle'")


async def whoever_moved_stands_in_for_nobody(unit: str, substitute: UUID) -> None:
    """What concerns the unit no longer goes to somebody who is of another one by now."""
    move = "UPDATE person SET unit = $2 WHERE id = $1 RETURNING 1"
    await rows(move, substitute, "CGB")
    await say(unit=unit, to="deputy", key="moved")
    found = await rows("SELECT person_id FROM staff_notice WHERE key ^@ 'moved:'")
    assert substitute not in {row["person_id"] for row in found}
    await rows(move, substitute, unit)


async def test_nothing_is_sent_at_night_or_on_rest_days_unless_it_is_critical(client: httpx.AsyncClient) -> None:
    friday_night = clock.on(clock.today().replace(year=2026, month=11, day=27), 22, 30)
    monday = clock.on(clock.today().replace(year=2026, month=11, day=30), 8)
    assert staff_hours.permitted(friday_night) == monday
    assert staff_hours.permitted(friday_night, "20:00-08:45") == monday + timedelta(minutes=45)
    assert staff_hours.permitted(friday_night, at_work="22:00-23:00") == monday, "hours that lie in the quiet ones"
    midnight_of_a_monday = clock.on(clock.today().replace(year=2026, month=11, day=30), 0, 1)
    assert staff_hours.permitted(midnight_of_a_monday) == monday
    holiday = clock.on(clock.today().replace(year=2026, month=10, day=1), 10)
    assert clock.local_day(staff_hours.permitted(holiday)).isoformat() == "2026-10-08"
    with clock.at(friday_night):  # who gets a role is no head before that day
        async with house.signed_in(client, "unit_head", unit="130407") as person:
            for n in range(7):
                sent = {"doors": "email", "email": f"head{n}@example.com"}
                await post(client, "/reminders/settings", sent, status=303)
            assert "要得太多了" in await house.get(client, "/reminders/settings")
            codes = await rows("SELECT 1 FROM outbox_message WHERE key ^@ $1", f"reach_code:{person}:")
            assert len(codes) == reach_codes.TRIES, "nobody lets the centre write to a stranger as often as they like"
            for key, critical in (("calm", False), ("urgent", True)):
                await say(unit="130407", to="head", key=key, critical=critical, at=friday_night)
    found = {row["key"].partition(":")[0]: row["permitted_at"] for row in
             await rows("SELECT key, permitted_at FROM staff_notice WHERE person_id = $1", person)}  # fmt: skip
    assert found == {"calm": monday, "urgent": friday_night}


async def test_a_sealed_case_is_named_by_its_number_alone_and_a_unit_without_people_is_its_parents(
    client: httpx.AsyncClient,
) -> None:
    receipt = await b.a_case("registered", kind="report")
    async with house.signed_in(client, "unit_liaison", unit="130408") as person:
        await say("举报路灯工程", unit="130408100", number=receipt.number, key="sealed")
        page = await house.get(client, "/reminders")
    (notice,) = await rows("SELECT zh FROM staff_notice WHERE person_id = $1", person)
    assert notice["zh"] == f"{receipt.number}有一条提醒，请登录查看"
    assert "路灯工程" not in page


async def test_the_centres_own_are_told_by_their_role_and_whoever_supervises_jointly_is_told_too(
    client: httpx.AsyncClient,
) -> None:
    receipt = await b.a_case("signed")
    async with house.signed_in(client, "unit_liaison", unit="CGB") as body:
        await b.act("supervisor", receipt.number, supervision.order, b.lead, rule="repeat", bodies=("CGB",))
        await say(unit="", to="supervisor", key="centre")
    assert body in {one["person_id"] for one in await told(receipt.number, "ordered")}
    found = await rows(
        "SELECT p.unit FROM staff_notice n JOIN person p ON p.id = n.person_id WHERE n.key LIKE 'centre:%'"
    )
    assert "SUP" in {one["unit"] for one in found}


@pytest.mark.requirement("004-14")
async def test_every_overdue_stage_raises_its_alert_by_itself_through_a_worker_and_the_proof_shows_it(
    client: httpx.AsyncClient,
) -> None:
    receipt = await b.a_case("signed")
    row = await the_warning(receipt.number)
    with clock.at(row["due_at"] + timedelta(seconds=2)):
        await the_worker()
        async with house.signed_in(client, "supervisor"):
            page = await house.get(client, "/board/alerts")
            assert receipt.number in page
            day = clock.local_day(row["due_at"]).isoformat()
            proof = await house.get(client, f"/reminders/proof?from={clock.local_day(row['warn_at'])}&to={day}")
            assert "一件不漏" in proof
            assert receipt.number in proof
            answer = await client.get(f"/reminders/proof.csv?from={day}&to={day}")
            lines = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
            own = [one for one in lines if one["案件 case"] == receipt.number and one["事项 act"] == "breach"]
            assert own
            assert own[0]["台账记录 ledger events"] == "1"
    assert await told(receipt.number, "breached")
    async with house.signed_in(client, "unit_handler", unit=UNIT):
        await house.get(client, "/reminders/proof", status=403)


async def test_an_act_that_waits_too_long_is_an_alarm_on_every_page_of_who_answers_for_it(
    client: httpx.AsyncClient,
) -> None:
    receipt = await b.a_case("signed")
    row = await the_warning(receipt.number)
    await sweep.sweep(row["warn_at"] - timedelta(seconds=1))
    with clock.at(row["warn_at"] + timedelta(minutes=9)):
        async with house.signed_in(client, "supervisor", "admin"):
            assert "9 分钟" in await house.htmx(client, "/reminders/late")
            assert "停了五分钟以上" in await house.get(client, "/admin/operations")
            await sweep.sweep()
            assert "分钟" not in await house.htmx(client, "/reminders/late")


async def test_a_reminder_given_while_a_form_is_filled_in_does_not_refuse_the_form(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("signed")
    async with work(SYSTEM) as w:
        file = await ledger.opened(w, number=receipt.number)
        seq = file.case.last_seq
        await verbs_remind(w, file)
    async with work(await b.person("congtai")) as w:
        file = await ledger.opened(w, number=receipt.number)
        ledger.unchanged(file, await ledger.past_reminders(w, file, seq))
        await verbs.contact(w, file, file.lead, way="phone")
        await w.flush()
        seen = await ledger.past_reminders(w, file, seq)
        with pytest.raises(Exception, match="changed_meanwhile"):
            ledger.unchanged(file, seen)


async def verbs_remind(w: Any, file: Any) -> None:
    from cases.events_remind import DueSoon

    due = clock.now() + timedelta(hours=1)
    await ledger.append(w, file, DueSoon(clock=file.case.id, stage="finish", due=due, unit="130403"))


async def the_worker() -> None:
    """One round of the real worker's own job, by the name under which arq knows it."""
    from hotline import worker

    job = next(one for one in worker.WorkerSettings.cron_jobs if one.name == "cron:sweep_clocks")
    await job.coroutine({})  # type: ignore[call-arg]
