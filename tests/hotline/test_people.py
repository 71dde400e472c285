"""People, their roles by date, their sessions, and the limit on tries."""

from __future__ import annotations

import asyncio
import statistics
import time
from datetime import timedelta

import pytest

from hotline import clock, db, people, sessions, tries
from hotline.errors import Refusal
from tests.web.house import PASSWORD, a_person


async def test_a_right_password_opens_a_session_and_the_token_is_kept_only_as_a_hash(database: object) -> None:
    person, login = await a_person("agent", "callback", unit="CGB")
    token, actor = await people.sign_in(f"  {login.upper()} ", PASSWORD, "10.0.0.1")
    assert (actor.id, actor.kind, actor.roles, actor.unit) == (person, "staff", frozenset({"agent", "callback"}), "CGB")
    assert "CGB" in actor.units
    async with db.reading() as connection:
        rows = await connection.fetch("SELECT * FROM session WHERE person_id = $1", person)
    assert len(rows) == 1
    assert token not in str(dict(rows[0]))
    assert await people.actor_of(token) == actor


async def test_learning_the_actor_costs_one_statement(database: object) -> None:
    _, login = await a_person("agent")
    token, _ = await people.sign_in(login, PASSWORD, "10.0.0.2")
    seen: list[str] = []
    mark = db.statements.set(seen)
    try:
        await people.actor_of(token)
    finally:
        db.statements.reset(mark)
    assert len([sql for sql in seen if not sql.startswith("SELECT pg_advisory_unlock_all")]) == 1


async def test_an_unknown_login_and_a_wrong_password_get_the_same_answer(database: object) -> None:
    _, login = await a_person("agent")
    answers = []
    for name in (login, "nobody.here"):
        with pytest.raises(Refusal) as refused:
            await people.sign_in(name, "wrong password", "10.0.0.3")
        answers.append((refused.value.status, refused.value.code, refused.value.say, refused.value.fields))
    assert answers[0] == answers[1]


async def test_an_unknown_login_takes_as_long_as_a_known_one(database: object) -> None:
    _, login = await a_person("agent")
    took: dict[str, list[float]] = {login: [], "nobody.here": []}
    for n in range(4):
        for name, times in took.items():
            began = time.perf_counter()
            with pytest.raises(Refusal):
                await people.sign_in(name, "wrong password", f"10.0.1.{n}")
            times.append(time.perf_counter() - began)
    known, unknown = (statistics.median(times) for times in took.values())
    assert unknown > known * 0.4, "an unknown login would give itself away by its speed"


async def test_sixty_parallel_guesses_are_five_tries_and_the_right_password_must_wait_too(database: object) -> None:
    _, login = await a_person("agent")

    async def guess(n: int) -> int:
        try:
            await people.sign_in(login, f"guess number {n}", "10.0.0.4")
        except Refusal as refusal:
            return refusal.status
        return 200

    found = await asyncio.gather(*(guess(n) for n in range(60)))
    assert sorted(found) == [422] * 5 + [429] * 55
    with pytest.raises(Refusal) as refused:
        await people.sign_in(login, PASSWORD, "10.0.0.4")
    assert refused.value.status == 429
    assert (await people.sign_in(login, PASSWORD, "10.0.0.5"))[1].login == login, "another address is not locked out"
    with clock.at(clock.now() + timedelta(minutes=15) + timedelta(seconds=1)):
        assert (await people.sign_in(login, PASSWORD, "10.0.0.4"))[1].login == login


async def test_tries_while_paused_do_not_make_the_pause_longer(database: object) -> None:
    start, pause = clock.now(), timedelta(hours=1)
    with clock.at(start):
        for _ in range(5):
            await tries.count("code", "26-1", limit=5, pause=pause)
    for minutes in (10, 30, 59):
        with clock.at(start + timedelta(minutes=minutes)), pytest.raises(Refusal):
            await tries.count("code", "26-1", limit=5, pause=pause)
    with clock.at(start + pause + timedelta(seconds=1)):
        await tries.count("code", "26-1", limit=5, pause=pause)


async def test_a_right_password_forgets_the_wrong_ones_before_it(database: object) -> None:
    _, login = await a_person("agent")
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(Refusal):
                await people.sign_in(login, "wrong password", "10.0.0.6")
        await people.sign_in(login, PASSWORD, "10.0.0.6")


async def test_signing_in_again_ends_the_browsers_old_session(database: object) -> None:
    _, login = await a_person("agent")
    old, _ = await people.sign_in(login, PASSWORD, "10.0.0.7")
    new, _ = await people.sign_in(login, PASSWORD, "10.0.0.7", old=old)
    assert old != new
    assert await people.actor_of(old) is None
    assert await people.actor_of(new) is not None


async def test_signing_out_ends_the_session_on_the_server(database: object) -> None:
    _, login = await a_person("agent")
    token, _ = await people.sign_in(login, PASSWORD, "10.0.0.8")
    await people.sign_out(token)
    await people.sign_out(token)
    assert await people.actor_of(token) is None


async def test_a_session_ends_when_idle_and_at_the_end_of_the_shift_whatever_happens(database: object) -> None:
    _, login = await a_person("agent")
    start = clock.now()
    with clock.at(start):
        token, _ = await people.sign_in(login, PASSWORD, "10.0.0.9")
    moment, step = start, timedelta(minutes=50)
    while moment + step < start + people.ABSOLUTE:
        moment += step
        with clock.at(moment):
            assert await people.actor_of(token) is not None, moment - start
    with clock.at(start + people.ABSOLUTE + timedelta(seconds=1)):
        assert await people.actor_of(token) is None
    with clock.at(start):
        token, _ = await people.sign_in(login, PASSWORD, "10.0.0.9")
    with clock.at(start + people.IDLE - timedelta(minutes=1)):
        assert await people.actor_of(token, is_own=False) is not None
    with clock.at(start + people.IDLE + timedelta(minutes=1)):
        assert await people.actor_of(token) is None, "what a page fetched by itself kept the session awake"
        assert await sessions.sweep() >= 1


async def test_who_leaves_is_out_at_once_and_cannot_come_back(database: object) -> None:
    person, login = await a_person("agent")
    token, _ = await people.sign_in(login, PASSWORD, "10.0.0.10")
    await people.leave(person)
    await people.leave(person)
    assert await people.actor_of(token) is None
    with pytest.raises(Refusal) as refused:
        await people.sign_in(login, PASSWORD, "10.0.0.10")
    assert refused.value.status == 422
    assert not (await people.one(person)).is_active


async def test_a_role_counts_only_on_the_days_of_its_grant(database: object) -> None:
    person, login = await a_person("agent", "callback")
    token, actor = await people.sign_in(login, PASSWORD, "10.0.0.11")
    async with db.reading() as connection:
        await connection.execute(
            "UPDATE role_grant SET valid_from = $2, valid_to = $3 WHERE person_id = $1 AND role = 'callback'",
            person, clock.today() - timedelta(days=9), clock.today() - timedelta(days=1),
        )  # fmt: skip
    assert (await people.actor_of(token)).roles == {"agent"}  # type: ignore[union-attr]
    one = await people.one(person)
    await people.change(
        person, name="李四", unit="", jurisdiction="", lang="en", roles=frozenset({"callback"}), version=one.version,
        by=actor.id,
    )  # fmt: skip
    assert (await people.actor_of(token)).roles == {"callback"}  # type: ignore[union-attr]


async def test_two_administrators_on_one_record_one_wins_and_the_other_is_told(database: object) -> None:
    person, _ = await a_person("agent")
    one = await people.one(person)

    async def change(name: str) -> int:
        try:
            await people.change(
                person, name=name, unit="", jurisdiction="", lang="zh", roles=frozenset({"agent"}),
                version=one.version, by=person,
            )  # fmt: skip
        except Refusal as refusal:
            return refusal.status
        return 200

    assert sorted(await asyncio.gather(change("甲"), change("乙"))) == [200, 409]


@pytest.mark.parametrize(
    ("login", "name", "password", "roles", "field"),
    [
        ("a b", "王", PASSWORD, (), "login"),
        ("okay", "", PASSWORD, (), "name"),
        ("okay", "王", "short", (), "password"),
        ("okay", "王", PASSWORD, ("king",), "roles"),
        ("TAKEN", "王", PASSWORD, (), "login"),
    ],
)
async def test_a_person_is_refused_by_field(
    database: object, login: str, name: str, password: str, roles: tuple[str, ...], field: str
) -> None:
    if login == "TAKEN":
        _, login = await a_person()
    with pytest.raises(Refusal) as refused:
        await people.add(login, name, password, roles=roles)
    assert refused.value.status == 422
    assert list(refused.value.fields) == [field]


async def test_people_are_found_by_part_of_a_name_and_a_percent_sign_is_no_wildcard(database: object) -> None:
    await a_person("agent", name="赵一百%")
    assert [one.name for one in await people.search("一百%")] == ["赵一百%"]
    assert await people.search("%%%") == []
    assert await people.search("赵", role="auditor") == []
    found = [one.login for one in await people.search(limit=2)]
    assert [one.login for one in await people.search(after=found[0], limit=1)] == found[1:]
