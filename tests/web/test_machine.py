"""The machine room through HTTP: what the page, /metrics and /ready tell, and alarms that reach a person."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID

import httpx
import msgspec
import pytest

from cases import ledger, verbs
from channels import outbox
from channels.carrier import Outgoing
from hotline import acts, city, clock, db, rounds, settings, vault
from hotline.actor import CITIZEN
from hotline.errors import Refusal
from hotline.machine import alarms, measures, planned, pulse, uptime
from hotline.machine.signals import SIGNALS, Reading, words
from hotline.work import work
from tests import builders
from tests.engines import Place
from tests.web import house
from tests.web.administration import noted
from web import measured

LONG_AGO = timedelta(hours=3)


@pytest.fixture
async def quiet(database: Place) -> AsyncIterator[datetime]:
    """A house in which nothing is wrong and nobody went round yet; the moment it is."""
    async with db.atomic() as connection:
        for table in ("machine_alarm", "machine_signal", "machine_round", "machine_process", "staff_notice"):
            await connection.execute(f"DELETE FROM {table}")
        await connection.execute("UPDATE rule SET value = '1000000' WHERE key = 'alarm.seal'")
        await connection.execute("UPDATE rule SET value = '1000000' WHERE key = 'alarm.outbox'")
    return clock.now()


async def beat(at: datetime) -> None:
    """A worker says that it lives."""
    with clock.at(at):
        await pulse.say("worker")


async def go(at: datetime, *, alive: bool = False) -> list[str]:
    """A web process goes round at a moment; the kinds of what it told."""
    with clock.at(at):
        news = await rounds.go("web")
        if alive:
            await pulse.say("worker")
    return [f"{one.kind} {one.alarm.key}" for one in news if one.alarm.key == "worker"]


async def dead_worker(begin: datetime) -> datetime:
    """The worker lived three hours ago and is silent since; the alarm is open and told at the moment returned.

    It was bad before everybody slept, which is no alarm at the first look; and a clock that ran ahead left a worker of
    tomorrow, which is no worker.
    """
    async with db.atomic() as connection:
        for name, at in (("h:1", begin - LONG_AGO), ("h:2", begin + timedelta(days=1))):
            await connection.execute(
                "INSERT INTO machine_process (name, kind, began_at, at, figures) VALUES ($1, 'worker', $2, $2, '{}')",
                name, at,
            )  # fmt: skip
        await connection.execute(
            "INSERT INTO machine_signal (key, value, is_bad, since, at) VALUES ('worker', 600, TRUE, $1, $1)",
            begin - LONG_AGO,
        )
    assert await go(begin) == []
    opened = begin + timedelta(minutes=1)
    assert await go(opened) == ["opened worker"]
    return opened


async def told(role_person: UUID) -> list[str]:
    """What a person's list of notices holds of alarms, oldest first."""
    async with db.reading() as connection:
        rows = await connection.fetch(
            "SELECT zh FROM staff_notice WHERE person_id = $1 AND kind = 'machine_alarm' ORDER BY at, zh", role_person
        )
    return [row["zh"] for row in rows]


@pytest.mark.requirement("004-48")
async def test_a_dead_worker_is_told_by_the_web_process_until_somebody_has_it(
    client: httpx.AsyncClient, admin: UUID, quiet: datetime
) -> None:
    opened = await dead_worker(quiet)
    assert [one[:len("系统告警 后台：")] for one in await told(admin)] == ["系统告警 后台："]
    assert '/admin/operations#alarms-title">系统告警 后台' in await house.get(client, "/reminders")
    page = await house.get(client, "/admin/operations")
    assert "▲ 后台" in page
    assert "启动 hotline worker" in page
    assert await go(opened + timedelta(minutes=5)) == []
    assert await go(opened + timedelta(minutes=16)) == ["again worker"]
    alarm = re.search(r"/admin/operations/alarms/([0-9a-f-]+)/take", page)
    assert alarm
    assert (await house.post(client, f"/admin/operations/alarms/{alarm[1]}/take")).status_code == 303
    assert (await house.post(client, f"/admin/operations/alarms/{alarm[1]}/take")).status_code == 409
    assert (await noted("alarm:worker"))[0].kind == "alarm_acknowledged"
    assert "朱辉 在处理" in await house.get(client, "/admin/operations")
    assert await go(opened + timedelta(minutes=40)) == []
    shift = timedelta(minutes=481)
    assert await go(opened + shift) == ["again worker", "escalated worker"], "whoever took it has gone home"
    assert f"/admin/operations/alarms/{alarm[1]}/take" in await house.get(client, "/admin/operations")
    assert "接手系统告警 后台" in await house.get(client, "/admin/acts?kind=alarm_acknowledged")


async def test_an_alarm_that_nobody_takes_goes_further_up_once(
    client: httpx.AsyncClient, admin: UUID, quiet: datetime
) -> None:
    above, _ = await house.a_person("shift_supervisor", unit="HOT")
    opened = await dead_worker(quiet)
    assert "escalated worker" in await go(opened + timedelta(minutes=31))
    assert [one[:10] for one in await told(above) if "后台" in one] == ["告警无人处理 后台："]
    at = opened + timedelta(minutes=62)
    assert "escalated worker" not in await go(at)
    for _ in range(8):
        at += timedelta(minutes=1)
        await beat(at)
        await go(at)
    assert "告警已解除：后台" in await told(above)


async def test_where_nobody_of_the_first_is_in_those_above_are_told_at_once(
    client: httpx.AsyncClient, quiet: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    above, _ = await house.a_person("shift_supervisor", "coordination", unit="HOT")
    rules = city.current().rules
    nobody = msgspec.structs.replace(rules["alarm.to"], value="nobody_at_all")
    monkeypatch.setattr(city.current(), "rules", {**rules, "alarm.to": nobody})
    await dead_worker(quiet)
    assert len([one for one in await told(above) if one.startswith("系统告警 后台")]) == 1, "once, with two roles"


async def test_an_alarm_is_over_when_it_stays_good_and_what_flaps_must_stay_so_longer(
    client: httpx.AsyncClient, admin: UUID, quiet: datetime
) -> None:
    at = await dead_worker(quiet)
    calms = []
    for _ in range(3):
        await beat(at)
        good, minutes = at, 0
        while "cleared worker" not in await go(at):
            at += timedelta(minutes=1)
            minutes += 1
            await beat(at)
            assert minutes < 60
        calms.append(round((at - good).total_seconds() / 60))
        at += timedelta(minutes=5)
        await go(at)
        at += timedelta(minutes=2)
        assert await go(at) == ["opened worker"]
    assert calms == [6, 11, 21], "a round that finds it good, then the calm"


async def test_what_nobody_takes_is_told_ever_less_often_but_never_no_more(client: httpx.AsyncClient) -> None:
    minutes = [alarms.pause(told).total_seconds() / 60 for told in range(1, 10)]
    assert minutes == [15, 15, 30, 60, 120, 240, 480, 480, 480]


async def test_who_lives_goes_round_one_at_a_time(client: httpx.AsyncClient, quiet: datetime) -> None:
    with clock.at(quiet):
        await rounds.go("worker")
        async with db.reading() as connection:
            before = await connection.fetchval("SELECT by_whom FROM machine_round")
        await rounds.go("web")
        async with db.reading() as connection:
            after = await connection.fetchval("SELECT by_whom FROM machine_round")
    assert (before, after) == ("worker", "worker")


async def test_with_the_database_away_people_are_told_by_the_doors_that_were_remembered(
    client: httpx.AsyncClient, admin: UUID, quiet: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Outgoing] = []

    async def take(message: Outgoing) -> str:
        sent.append(message)
        return "id"

    async def away(_: str) -> None:
        raise db.Away("ConnectionRefusedError")

    async def refuse(_: Outgoing) -> str:
        raise RuntimeError("whatever a provider's library raises")

    say = pulse.say

    async with db.atomic() as connection:
        await connection.execute(
            "INSERT INTO person_reach (person_id, doors, proven, sms, changed_at) "
            "VALUES ($1, '{sms}', '{sms}', $2, now())",
            admin, vault.seal("13800000077", "person_reach.sms"),
        )  # fmt: skip
    monkeypatch.setitem(outbox.SENDERS, "sms", refuse)
    monkeypatch.setitem(rounds._away, "told", 0.0)
    await rounds.go("worker")
    rounds._contacts.clear()
    monkeypatch.setitem(rounds._away, "asked", -2 * rounds.REMEMBER)
    assert await rounds.go("web") == []  # another went round; this one knows whom to tell all the same
    monkeypatch.setattr(pulse, "say", away)
    steady = 1000.0
    monkeypatch.setattr(rounds.time, "monotonic", lambda: steady)
    await rounds.once("web")
    assert sent == []
    steady += 61
    await rounds.once("web")
    monkeypatch.setitem(outbox.SENDERS, "sms", take)
    await rounds.once("web")  # nobody was reached, so it is tried again
    await rounds.once("web")
    assert [one.address for one in sent] == ["13800000077"]
    assert "数据库连不上" in sent[0].text
    monkeypatch.setattr(pulse, "say", say)
    await rounds.once("web")
    await rounds.once("web")
    assert ["恢复了" in one.text for one in sent] == [False, True]
    assert max(len(one.text) for one in sent) <= 70


async def test_what_cannot_be_measured_is_a_signal_and_hides_no_other(
    client: httpx.AsyncClient, admin: UUID, quiet: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_: db.Connection) -> list[Reading]:
        raise FileNotFoundError("/var/lib/hotline/data/spool")

    async with db.atomic() as connection:
        await connection.execute(
            "INSERT INTO machine_signal (key, value, is_bad, since, at) VALUES ('door:fax', 60, TRUE, $1, $1)", quiet
        )
    with monkeypatch.context() as spoilt:
        spoilt.setitem(measured.PARTS, "doors", broken)
        await go(quiet)
        with clock.at(quiet + timedelta(minutes=2)):
            assert "opened blind" in [f"{one.kind} {one.alarm.key}" for one in await rounds.go("web")]
        assert "1 组测不了" in await house.get(client, "/admin/operations")
    assert await signal("door:fax"), "nothing is known of it"
    await go(quiet + timedelta(minutes=3))
    assert not await signal("door:fax"), "a door that was taken away is bad no more, for Prometheus neither"


async def signal(key: str) -> bool:
    """Whether something is kept of a signal."""
    async with db.reading() as connection:
        return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM machine_signal WHERE key = $1)", key))


async def test_the_page_names_every_signal_in_words_with_its_guide(client: httpx.AsyncClient, admin: UUID) -> None:
    async with db.atomic() as connection:
        await connection.execute("DELETE FROM person_reach")
    page = await house.get(client, "/admin/operations")
    english = await house.get(client, "/admin/operations?lang=en")
    guide = await house.get(client, "/admin/operations/guide?lang=zh")
    for code, one in SIGNALS.items():
        if code not in ("outbox", "door"):  # each where a door has something to say
            assert f'id="signal-{code}"' in page
        assert f'id="{one.guide}"' in guide
    assert "No alarm is open" in english or "open" in english
    assert "nobody who is told of them has set up" in english
    assert words("certificate", -1.0).en == "ended, or cannot be read"


async def test_uptime_counts_the_minutes_in_which_a_process_reported(
    client: httpx.AsyncClient, quiet: datetime
) -> None:
    async with db.atomic() as connection:
        await connection.execute("DELETE FROM uptime_day")
    now = clock.on(clock.local_day(quiet), 12)
    for minutes in (*range(40), *range(50, 60)):
        with clock.at(now - timedelta(days=1) + timedelta(minutes=minutes)):
            await uptime.mark("web")
            await uptime.mark("web")
    with clock.at(now):
        async with db.reading() as connection:
            yesterday, today = await uptime.days(connection, "web")
        assert (yesterday.up, yesterday.whole, today.up, today.whole) == (50, 720, 0, 721)
        async with house.signed_in(client, "admin", unit="HOT"):  # at that hour: a session of midnight is idle by noon
            answer = await client.get("/admin/operations/uptime.csv")
    assert answer.status_code == 200
    assert f"web,{clock.local_day(now - timedelta(days=1))},50,720,6.9444" in answer.text


async def test_work_that_was_announced_beforehand_is_not_counted_and_cannot_be_announced_afterwards(
    client: httpx.AsyncClient, admin: UUID, quiet: datetime
) -> None:
    async with db.atomic() as connection:
        await connection.execute("DELETE FROM uptime_day")
    noon = clock.on(clock.local_day(quiet) + timedelta(days=2), 12)
    page = "/admin/operations/planned"
    form = {"begins": f"{clock.local(noon):%Y-%m-%dT%H:%M}", "ends": f"{clock.local(noon):%Y-%m-%dT}13:30",
            "reason": "升级数据库"}  # fmt: skip
    late = {**form, "begins": f"{clock.local(quiet + timedelta(hours=3)):%Y-%m-%dT%H:%M}"}
    refused = await house.post(client, page, late, page=page)
    assert refused.status_code == 422
    assert "至少提前 24 小时公布" in refused.text
    assert "升级数据库" in refused.text, "what was typed is kept"
    for begins, ends in ((form["begins"], form["begins"]), ("2999-12-31T23:59", "9999-12-31T23:59")):
        assert (await house.post(client, page, {**form, "begins": begins, "ends": ends}, page=page)).status_code == 422
    assert (await house.post(client, page, form, page=page)).status_code == 303
    assert (await house.post(client, page, {**form, "reason": "换硬盘"}, page=page)).status_code == 303
    both = await house.get(client, page)
    second = re.search(r"换硬盘.*?/planned/([0-9a-f-]+)/withdraw", both)
    assert second
    assert (await house.post(client, f"{page}/{second[1]}/withdraw", page=page)).status_code == 303
    assert (await house.post(client, f"{page}/{second[1]}/withdraw", page=page)).status_code == 409
    left = re.search(r"升级数据库.*?/planned/([0-9a-f-]+)/withdraw", await house.get(client, page))
    assert left
    for minutes in (*range(60), *range(80, 120)):  # up but for twenty minutes, ten of them within
        with clock.at(noon + timedelta(minutes=minutes - 10)):
            await uptime.mark("web")
    with clock.at(noon + timedelta(minutes=109)):
        async with db.reading() as connection:
            (day,) = await uptime.days(connection, "web")
        async with db.atomic() as connection:
            with pytest.raises(Refusal, match="window_begun"):
                await planned.withdraw(connection, CITIZEN, UUID(left[1]))
    assert (day.up, day.whole) == (30, 30)
    log = await house.get(client, "/admin/acts?kind=window_announced")
    assert f"公布维护窗口 {clock.local(noon):%Y-%m-%d} 12:00" in log


async def test_a_clock_that_was_set_is_noticed() -> None:
    watch, begin = pulse.Watch(), clock.now()
    assert watch.look(begin, 0.0) == 0.0
    assert watch.look(begin + timedelta(seconds=20.5), 20.0) == 0.0
    assert round(watch.look(begin - timedelta(hours=1), 40.0)) == -3640
    assert watch.look(begin - timedelta(hours=1) + timedelta(seconds=20), 60.0) < -3600
    assert watch.look(begin - timedelta(hours=1) + timedelta(seconds=700), 740.0) == 0.0


async def test_metrics_show_the_signals_alarms_and_every_process_in_one_scrape(
    client: httpx.AsyncClient, admin: UUID, quiet: datetime
) -> None:
    await pulse.say("worker")
    await rounds.go("web")
    text = (await client.get("/metrics")).text
    for line in (
        r'hotline_signal\{signal="disk"\} ', r'hotline_signal_bad\{signal="disk"\} 0', r"hotline_workers_alive 1",
        r"hotline_alarms_open ", r"hotline_live_pages ", r'hotline_uptime_percent\{part="web",span="month"\} ',
        r'hotline_process_memory_bytes\{process="[^"]+"\} ', r"hotline_sign_in_failures ",
    ):  # fmt: skip
        assert re.search(line, text), line


async def test_events_and_acts_are_never_before_their_predecessors_when_the_clock_was_set_back(
    client: httpx.AsyncClient, database: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipt = await builders.a_receipt()
    desk = await builders.person("agent")
    async with db.atomic() as connection:
        before = (await acts.note(connection, desk, "file_read", "case:x")).at
    monkeypatch.setattr(settings, "_current", msgspec.structs.replace(settings.current(), time_shift=-3600.0))
    assert clock.now() < before
    async with work(desk) as w:
        file = await ledger.opened(w, number=receipt.number)
        await verbs.add_words(w, file, file.first_request, words="钟被拨回去以后")
        after = (await acts.note(w.connection, desk, "file_read", "case:x")).at
    async with db.reading() as connection:
        times = [
            row["at"]
            for row in await connection.fetch(
                "SELECT at FROM case_event e JOIN cases c ON c.id = e.case_id WHERE c.number = $1 ORDER BY seq",
                receipt.number,
            )
        ]
        readings = {one.code: one.value for one in await measures.read(connection)}
    assert times == sorted(times)
    assert after >= before
    assert readings["ahead"] is not None
    assert readings["ahead"] > 3000
