"""Passwords, slips, pauses, sessions: how staff get in, how they are kept out, and how it ends."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from channels import partners
from hotline import clock, db, locks, people, sessions, signing
from hotline.errors import Refusal
from tests import partnering
from tests.web import house
from tests.web.administration import noted
from tests.web.signing import set_rule, sign_in, tried
from web import access, live

FRESH = "三只猫 walk at dawn"


# Pauses


@pytest.mark.requirement("001-18")
async def test_each_pause_is_twice_as_long_and_says_when_it_ends_for_known_and_unknown_logins_alike(
    client: httpx.AsyncClient,
) -> None:
    _, login = await house.a_person("agent")
    start = clock.now()
    for name, address in ((login, "10.1.0.1"), ("nobody.at.all", "10.1.0.2")):
        after = timedelta()
        for minutes in (15, 30, 60, 120, 240, 240):
            with clock.at(start + after):
                assert [await tried(name, address) for _ in range(6)] == [422] * 5 + [429], (name, minutes)
            with clock.at(start + after + timedelta(minutes=minutes, seconds=-5)):
                with pytest.raises(Refusal) as refused:
                    await people.proven(name, house.PASSWORD, address)
                at = f"{clock.local(start + after + timedelta(minutes=minutes)):%H:%M}"
                assert f"请 1 分钟后（{at}）再试" in refused.value.say.zh
            after += timedelta(minutes=minutes, seconds=1)


@pytest.mark.requirement("001-18")
async def test_nobody_outside_locks_a_person_out_at_their_own_desk_nor_an_office_behind_one_address(
    database: object,
) -> None:
    _, login = await house.a_person("agent")
    assert await tried(login, "10.2.0.1", house.PASSWORD) == 200
    found = [await tried(login, f"10.3.{n}.1") for n in range(31)]
    assert found == [422] * 30 + [429], "strange addresses together"
    assert await tried(login, "10.4.0.1", house.PASSWORD) == 429, "another strange address must wait"
    assert await tried(login, "10.2.0.1", house.PASSWORD) == 200, "the own desk need not"
    found = [await tried(f"guess.{n}", "10.2.0.1") for n in range(61)]
    assert found == [422] * 60 + [429], "one address, many logins"
    _, newcomer = await house.a_person("agent")
    assert await tried(newcomer, "10.2.0.1", house.PASSWORD) == 429
    assert await tried(login, "10.2.0.1", house.PASSWORD) == 200


async def test_newcomers_who_know_their_passwords_make_no_pause_of_their_office_longer(database: object) -> None:
    await set_rule("sign_in.address_tries", "3")
    try:
        found = [await tried(f"guess.{n}", "10.7.0.1") for n in range(2)]
        for _ in range(3):
            _, newcomer = await house.a_person("agent")
            found.append(await tried(newcomer, "10.7.0.1", house.PASSWORD))
        found += [await tried(f"guess.{n}", "10.7.0.1") for n in range(2, 4)]
        assert found == [422, 422, 200, 200, 200, 422, 429]
        async with db.reading() as connection:
            assert [one.pauses for one in await locks.held(connection) if one.address == "10.7.0.1"] == [1]
    finally:
        await set_rule("sign_in.address_tries", "60")


async def test_an_administrator_sees_who_has_to_wait_and_lifts_it(client: httpx.AsyncClient, admin: UUID) -> None:
    person, login = await house.a_person("agent", name="等候人")
    for _ in range(5):
        await tried(login, "10.5.0.1")
    page = await house.get(client, "/people/locks")
    row = next(part for part in page.split("<tr>") if "等候人" in part)
    assert "10.5.0.1" in row
    key = re.search(r'name="lock" value="([^"]+)"', row)
    assert key
    assert (await house.post(client, "/people/locks", {"lock": key[1]})).status_code == 303
    assert await tried(login, "10.5.0.1", house.PASSWORD) == 200
    assert (await noted(f"person:{person}"))[0].kind == "lock_lifted"
    assert (await house.post(client, "/people/locks", {"lock": key[1]})).status_code == 404


async def test_who_signs_in_reads_when_they_were_here_last_and_what_was_tried_since(client: httpx.AsyncClient) -> None:
    _, login = await house.a_person("agent")
    await sign_in(client, login)
    assert "上次登录" not in await house.get(client, "/preferences")
    for _ in range(2):
        await sign_in(client, login, "wrong password")
    await sign_in(client, login)
    page = await house.get(client, "/preferences")
    assert re.search(r"上次登录：[^。]+从 127.0.0.1。此后有 2 次没输对密码", page)


# Passwords


@pytest.mark.requirement("001-14")
@pytest.mark.parametrize(
    "password",
    ["short", "1234567890", "13800000001", "qwertyuiop", "Password2026!", "aaaaaaaaaa", "abcabcabcabc", "me.pw 1234"],
)
async def test_bad_passwords_are_refused(database: object, password: str) -> None:
    with pytest.raises(Refusal) as refused:
        await people.add("me.pw", "王小明", password)
    assert "password" in refused.value.fields


async def test_a_changed_password_needs_the_old_one_and_ends_the_sessions_elsewhere(client: httpx.AsyncClient) -> None:
    _, login = await house.a_person("agent")
    elsewhere, _ = await people.sign_in(login, house.PASSWORD, "127.0.0.1")
    await sign_in(client, login)
    form = {"old_password": "wrong", "password": FRESH, "password_again": FRESH}
    answer = await house.post(client, "/security/password", form, page="/security/password")
    assert (answer.status_code, FRESH in answer.text) == (422, False)
    form |= {"old_password": house.PASSWORD, "password_again": "other than that"}
    assert (await house.post(client, "/security/password", form, page="/security/password")).status_code == 422
    form["password_again"] = FRESH
    assert (await house.post(client, "/security/password", form, page="/security/password")).status_code == 303
    assert await people.actor_of(elsewhere) is None
    assert await people.actor_of(client.cookies[access.SESSION]) is not None
    assert await tried(login, "127.0.0.1", FRESH) == 200


@pytest.mark.requirement("001-14")
async def test_a_slip_is_shown_once_used_once_and_expires(client: httpx.AsyncClient, admin: UUID) -> None:
    person, login = await house.a_person("agent")
    token, _ = await people.sign_in(login, house.PASSWORD, "127.0.0.1")
    answer = await house.post(client, f"/people/{person}/slip", page=f"/people/{person}")
    code = re.search(r'id="slip-code">([A-Z2-9-]+)<', house.checked(answer))
    assert code
    assert await people.actor_of(token) is None, "the old sessions end"
    assert await tried(login, "127.0.0.1", house.PASSWORD) == 422, "the old password has stopped"
    assert code[1] not in await house.get(client, f"/people/{person}")
    client.cookies.delete(access.SESSION)
    form = {"login": login, "code": code[1].lower().replace("-", " "), "password": FRESH, "password_again": FRESH}
    for wrong in ({"code": "AAAA-AAAA-AAAA-AAAA"}, {"login": "nobody.here"}, {"password": "1234567890"}):
        given = {**form, **wrong} | ({"password_again": wrong["password"]} if "password" in wrong else {})
        answer = await house.post(client, "/reset", given, page="/reset")
        assert answer.status_code == 422, wrong
    weak = {**form, "password": "1234567890", "password_again": "1234567890"}
    for _ in range(6):
        assert (await house.post(client, "/reset", weak, page="/reset")).status_code == 422, "no pause for that"
    with clock.at(clock.now() + timedelta(hours=25)):
        assert (await house.post(client, "/reset", form, page="/reset")).status_code == 422, "expired"
    assert (await house.post(client, "/reset", form, page="/reset")).status_code == 303
    assert (await house.post(client, "/reset", form, page="/reset")).status_code == 422, "used"
    assert [one.kind for one in await noted(f"person:{person}")] == ["password_slip_used", "password_slip_made"]
    assert (await sign_in(client, login, FRESH)).headers["location"] == "/desk"


async def test_a_head_helps_the_people_of_the_unit_and_nobody_else(client: httpx.AsyncClient) -> None:
    own, _ = await house.a_person("unit_handler", unit="130403")
    foreign, _ = await house.a_person("unit_handler", unit="CGB")
    centre, _ = await house.a_person("unit_handler", "auditor", unit="130403")
    above, _ = await house.a_person("unit_head", unit="130403")
    async with house.signed_in(client, "unit_head", unit="130403") as head:
        page = await house.get(client, "/team")
        assert "没有找到这个人" in await house.get(client, "/team?q=nobody.of.that.name")
        assert (f"/people/{own}/slip" in page, f"/people/{foreign}/slip" in page, f"/people/{centre}/slip" in page) == (
            True, False, False,
        )  # fmt: skip
        asked = (own, foreign, centre, above, head)
        found = [(await house.post(client, f"/people/{one}/slip")).status_code for one in asked]
    assert found == [200, 404, 404, 404, 409]


async def test_whom_an_administrator_entered_chooses_a_password_before_going_in(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    login = "new.comer"
    await people.add(login, "新来的", house.PASSWORD, roles=("agent",), unit="HOT", by=admin)
    assert (await sign_in(client, login)).headers["location"] == "/sign-in/password"
    assert (await client.get("/desk")).status_code == 303, "not in yet"
    same = {"password": house.PASSWORD, "password_again": house.PASSWORD}
    assert (await house.post(client, "/sign-in/password", same, page="/sign-in/password")).status_code == 422
    form = {"password": FRESH, "password_again": FRESH}
    answer = await house.post(client, "/sign-in/password", form, page="/sign-in/password")
    assert answer.headers["location"] == "/desk"
    assert (await client.get("/desk")).status_code == 200
    await set_rule("password.days", "90")
    try:
        with clock.at(clock.now() + timedelta(days=91)):
            assert (await sign_in(client, login, FRESH)).headers["location"] == "/sign-in/password"
    finally:
        await set_rule("password.days", "0")


# Sessions


async def test_sessions_are_listed_in_plain_words_and_ended_one_by_one(client: httpx.AsyncClient, admin: UUID) -> None:
    person, login = await house.a_person("agent")
    phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0) AppleWebKit/605 MicroMessenger/8.0"
    async with db.atomic() as connection:
        await sessions.open_one(connection, person, sessions.Origin(address="10.9.0.1", agent=phone))
        stranger = await sessions.open_one(connection, person, sessions.Origin(address="10.9.0.2", how="oidc"))
        found = {one.address: one.id for one in await sessions.of(connection, person)}
    page = await house.get(client, f"/people/{person}/sessions")
    assert "苹果手机，微信" in page
    answer = await house.post(client, f"/people/{person}/sessions/{found['10.9.0.1']}/end")
    assert answer.status_code == 303
    await sign_in(client, login)
    page = await house.get(client, "/security")
    assert ("10.9.0.1" in page, "10.9.0.2" in page, "这一处" in page) == (False, True, True)
    theirs = (await people.actor_of(stranger)).session  # type: ignore[union-attr]
    assert (await house.post(client, f"/security/sessions/{theirs}/end", page="/security")).status_code == 303
    assert await people.actor_of(stranger) is None
    async with db.reading() as connection:
        foreign = await connection.fetchval("SELECT id FROM session WHERE person_id = $1", admin)
    answer = await house.post(client, f"/security/sessions/{foreign}/end", page="/security")
    assert answer.status_code == 404, "another's session is not theirs to end"


async def test_signed_out_everywhere_by_an_administrator_is_out_of_a_half_sign_in_too(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    person, _ = await house.a_person("agent")
    async with db.atomic() as connection:
        await sessions.open_one(connection, person, sessions.Origin())
    token, _ = await signing.begin(person, sessions.Origin())
    assert (await house.post(client, f"/people/{person}/sessions/end", page=f"/people/{person}")).status_code == 303
    assert await sessions.count(person) == 0
    with pytest.raises(Refusal, match="sign_in_again"):
        await signing.finish(token, sessions.Origin())


async def test_who_comes_back_keeps_the_login_and_the_past_and_gets_roles_and_password_anew(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    person, login = await house.a_person("agent")
    await partnering.a_partner("neighbour")
    async with db.atomic() as connection:
        await connection.execute("UPDATE role_grant SET valid_to = $2 WHERE person_id = $1", person, clock.today())
        await partners.make_key(connection, "neighbour", ["read"], person)
    page = await house.get(client, f"/people/{person}/leave")
    assert 'href="/admin/partners/neighbour"' in page, "a key in force that they have seen"
    assert (await house.post(client, f"/people/{person}/leave")).status_code == 303
    assert (await house.post(client, f"/people/{person}/back", page=f"/people/{person}")).status_code == 303
    one = await people.one(person)
    assert (one.login, one.is_active, one.roles) == (login, True, ())
    assert await tried(login, "10.6.0.1", house.PASSWORD) == 422, "a slip first"
    assert [act.kind for act in await noted(f"person:{person}")] == ["person_back", "person_left"]
    await house.post(client, f"/people/{person}/back", page=f"/people/{person}")
    assert "这个人在岗" in await house.get(client, f"/people/{person}")


@pytest.mark.requirement("001-14")
async def test_an_open_page_of_who_left_closes_and_so_does_a_sign_in_on_its_way(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = live.Hub()
    monkeypatch.setattr(live, "LOOK", 0.05)
    look, looks = hub.look, iter((RuntimeError("whatever"),))

    async def breaks_once() -> None:
        for error in looks:
            raise error
        await look()

    monkeypatch.setattr(hub, "look", breaks_once)
    watch = asyncio.create_task(hub._watch())
    actors: list[Any] = []
    for _ in range(2):
        _, login = await house.a_person("agent")
        token, actor = await people.sign_in(login, house.PASSWORD, "127.0.0.1")
        actors.append((token, actor))
    pages = [hub.stream(frozenset({"queue"}), actor.session) for _, actor in actors]
    for page in pages:
        await anext(page)
    waiting = asyncio.create_task(anext(pages[1]))
    await people.leave(actors[0][1].id)
    with pytest.raises(StopAsyncIteration):
        await asyncio.wait_for(anext(pages[0]), 3)
    assert not waiting.done(), "who stays goes on hearing"
    assert await people.actor_of(actors[0][0]) is None
    watch.cancel()
    waiting.cancel()
    await asyncio.gather(watch, waiting, return_exceptions=True)
