"""Passwords, slips, second factors, pauses, sessions: how staff get in, how they are kept out, and how it ends."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pyotp
import pytest

from channels import partners
from hotline import city, city_verbs, clock, db, factors, locks, people, person_reset, sessions, signing
from hotline.errors import Refusal
from tests import partnering
from tests.web import house
from tests.web.administration import instead, noted
from web import access, live

FRESH = "三只猫 walk at dawn"


async def _sign_in(client: httpx.AsyncClient, login: str, password: str = house.PASSWORD) -> httpx.Response:
    client.cookies.delete(access.SESSION)
    return await house.post(client, "/sign-in", {"login": login, "password": password}, page="/sign-in")


async def _tried(login: str, address: str, password: str = "wrong password") -> int:
    try:
        await people.proven(login, password, address)
    except Refusal as refusal:
        return refusal.status
    return 200


async def _rule(key: str, value: str) -> None:
    await city_verbs.set_rule(key, value)
    await city.load()


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
                assert [await _tried(name, address) for _ in range(6)] == [422] * 5 + [429], (name, minutes)
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
    assert await _tried(login, "10.2.0.1", house.PASSWORD) == 200
    found = [await _tried(login, f"10.3.{n}.1") for n in range(31)]
    assert found == [422] * 30 + [429], "strange addresses together"
    assert await _tried(login, "10.4.0.1", house.PASSWORD) == 429, "another strange address must wait"
    assert await _tried(login, "10.2.0.1", house.PASSWORD) == 200, "the own desk need not"
    found = [await _tried(f"guess.{n}", "10.2.0.1") for n in range(61)]
    assert found == [422] * 60 + [429], "one address, many logins"
    _, newcomer = await house.a_person("agent")
    assert await _tried(newcomer, "10.2.0.1", house.PASSWORD) == 429
    assert await _tried(login, "10.2.0.1", house.PASSWORD) == 200


async def test_newcomers_who_know_their_passwords_make_no_pause_of_their_office_longer(database: object) -> None:
    await _rule("sign_in.address_tries", "3")
    try:
        found = [await _tried(f"guess.{n}", "10.7.0.1") for n in range(2)]
        for _ in range(3):
            _, newcomer = await house.a_person("agent")
            found.append(await _tried(newcomer, "10.7.0.1", house.PASSWORD))
        found += [await _tried(f"guess.{n}", "10.7.0.1") for n in range(2, 4)]
        assert found == [422, 422, 200, 200, 200, 422, 429]
        async with db.reading() as connection:
            assert [one.pauses for one in await locks.held(connection) if one.address == "10.7.0.1"] == [1]
    finally:
        await _rule("sign_in.address_tries", "60")


async def test_an_administrator_sees_who_has_to_wait_and_lifts_it(client: httpx.AsyncClient, admin: UUID) -> None:
    person, login = await house.a_person("agent", name="等候人")
    for _ in range(5):
        await _tried(login, "10.5.0.1")
    page = await house.get(client, "/people/locks")
    row = next(part for part in page.split("<tr>") if "等候人" in part)
    assert "10.5.0.1" in row
    key = re.search(r'name="lock" value="([^"]+)"', row)
    assert key
    assert (await house.post(client, "/people/locks", {"lock": key[1]})).status_code == 303
    assert await _tried(login, "10.5.0.1", house.PASSWORD) == 200
    assert (await noted(f"person:{person}"))[0].kind == "lock_lifted"
    assert (await house.post(client, "/people/locks", {"lock": key[1]})).status_code == 404


async def test_who_signs_in_reads_when_they_were_here_last_and_what_was_tried_since(client: httpx.AsyncClient) -> None:
    _, login = await house.a_person("agent")
    await _sign_in(client, login)
    assert "上次登录" not in await house.get(client, "/preferences")
    for _ in range(2):
        await _sign_in(client, login, "wrong password")
    await _sign_in(client, login)
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
    await _sign_in(client, login)
    form = {"old_password": "wrong", "password": FRESH, "password_again": FRESH}
    answer = await house.post(client, "/security/password", form, page="/security/password")
    assert (answer.status_code, FRESH in answer.text) == (422, False)
    form |= {"old_password": house.PASSWORD, "password_again": "other than that"}
    assert (await house.post(client, "/security/password", form, page="/security/password")).status_code == 422
    form["password_again"] = FRESH
    assert (await house.post(client, "/security/password", form, page="/security/password")).status_code == 303
    assert await people.actor_of(elsewhere) is None
    assert await people.actor_of(client.cookies[access.SESSION]) is not None
    assert await _tried(login, "127.0.0.1", FRESH) == 200


@pytest.mark.requirement("001-14")
async def test_a_slip_is_shown_once_used_once_and_expires(client: httpx.AsyncClient, admin: UUID) -> None:
    person, login = await house.a_person("agent")
    token, _ = await people.sign_in(login, house.PASSWORD, "127.0.0.1")
    answer = await house.post(client, f"/people/{person}/slip", page=f"/people/{person}")
    code = re.search(r'id="slip-code">([A-Z2-9-]+)<', house.checked(answer))
    assert code
    assert await people.actor_of(token) is None, "the old sessions end"
    assert await _tried(login, "127.0.0.1", house.PASSWORD) == 422, "the old password has stopped"
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
    assert (await _sign_in(client, login, FRESH)).headers["location"] == "/desk"


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
    assert (await _sign_in(client, login)).headers["location"] == "/sign-in/password"
    assert (await client.get("/desk")).status_code == 303, "not in yet"
    same = {"password": house.PASSWORD, "password_again": house.PASSWORD}
    assert (await house.post(client, "/sign-in/password", same, page="/sign-in/password")).status_code == 422
    form = {"password": FRESH, "password_again": FRESH}
    answer = await house.post(client, "/sign-in/password", form, page="/sign-in/password")
    assert answer.headers["location"] == "/desk"
    assert (await client.get("/desk")).status_code == 200
    await _rule("password.days", "90")
    try:
        with clock.at(clock.now() + timedelta(days=91)):
            assert (await _sign_in(client, login, FRESH)).headers["location"] == "/sign-in/password"
    finally:
        await _rule("password.days", "0")


# The second factor


async def _enrolled(client: httpx.AsyncClient, page: str) -> tuple[pyotp.TOTP, list[str]]:
    shown = await house.get(client, page)
    assert "<svg" in shown
    secret = re.search(r'class="code-shown">([A-Z2-7 ]+)<', shown)
    assert secret
    one = pyotp.TOTP(secret[1].replace(" ", ""))
    assert (await house.post(client, page, {"code": "000000"}, page=page)).status_code == 422
    answer = await house.post(client, page, {"code": one.at(clock.now())}, page=page)
    return one, re.findall(r'class="code-shown">([A-Z2-9-]{9})<', house.checked(answer))


async def test_a_code_is_asked_for_taken_once_and_a_recovery_code_once(client: httpx.AsyncClient) -> None:
    person, login = await house.a_person("agent")
    await _sign_in(client, login)
    one, codes = await _enrolled(client, "/security/factor")
    assert len(set(codes)) == 8
    now = clock.now()
    now -= timedelta(seconds=now.timestamp() % 30)  # the beginning of a time step
    for seconds, given, status in (
        (60, "", 303), (61, "", 422), (120, "-30", 303), (180, "30", 303), (240, "-90", 422), (240, "90", 422),
    ):  # fmt: skip
        with clock.at(now + timedelta(seconds=seconds)):
            assert (await _sign_in(client, login)).headers["location"] == "/sign-in/factor"
            assert access.SESSION not in client.cookies
            code = one.at(clock.now() + timedelta(seconds=int(given or 0)))
            answer = await house.post(client, "/sign-in/factor", {"code": code}, page="/sign-in/factor")
            assert answer.status_code == status, (seconds, given)
    for status in (303, 422):
        await _sign_in(client, login)
        form = {"code": codes[0].lower()}
        assert (await house.post(client, "/sign-in/factor", form, page="/sign-in/factor")).status_code == status
    kinds = [act.kind for act in await noted(f"person:{person}")]
    assert kinds[:2] == ["signed_in", "recovery_code_used"]
    async with db.reading() as connection:
        secret = await connection.fetchval("SELECT secret FROM person_factor WHERE person_id = $1", person)
    assert one.secret.encode() not in secret, "sealed"


async def _shows(person: UUID, code: str) -> int:
    try:
        await factors.demand(person, code)
    except Refusal as refusal:
        return refusal.status
    return 200


async def test_codes_are_not_to_be_guessed(client: httpx.AsyncClient) -> None:
    person, login = await house.a_person("agent")
    await _sign_in(client, login)
    one, _ = await _enrolled(client, "/security/factor")
    await _sign_in(client, login)
    found = [
        (await house.post(client, "/sign-in/factor", {"code": f"{n:06}"}, page="/sign-in/factor")).status_code
        for n in range(6)
    ]
    assert found == [422] * 5 + [429]
    start = clock.now()
    for quarter in range(1, 7):
        with clock.at(start + timedelta(minutes=16 * quarter)):
            found = [await _shows(person, "000000") for _ in range(5)]
            assert found == [422 if quarter < 6 else 429] * 5, "thirty a day"
    later = start + timedelta(hours=3)
    with clock.at(later):
        assert await _shows(person, one.at(later)) == 429
        async with db.atomic() as connection:
            await person_reset.make(connection, person, person)
        assert await _shows(person, one.at(later)) == 200, "an administrator's help ends the wait"


async def test_wrong_codes_are_told_at_the_next_sign_in(client: httpx.AsyncClient) -> None:
    _, login = await house.a_person("agent")
    await _sign_in(client, login)
    one, _ = await _enrolled(client, "/security/factor")
    with clock.at(clock.now() + timedelta(minutes=5)):
        await _sign_in(client, login)
        for code, status in (("000000", 422), ("", 422), (one.at(clock.now()), 303)):
            answer = await house.post(client, "/sign-in/factor", {"code": code}, page="/sign-in/factor")
            assert answer.status_code == status
    assert "此后有 1 次没输对密码或动态码" in await house.get(client, "/preferences")


async def test_a_secret_that_somebody_saw_before_it_was_in_use_is_another_later(client: httpx.AsyncClient) -> None:
    person, login = await house.a_person("agent")
    await _sign_in(client, login)

    async def shown() -> str:
        async with db.atomic() as connection:
            return await factors.begin(connection, person)

    first, start = await shown(), clock.now()
    with clock.at(start + timedelta(minutes=14)):
        assert await shown() == first, "a page that was loaded again"
    with clock.at(start + timedelta(minutes=16)):
        second = await shown()
    await people.set_password(person, FRESH)
    assert len({first, second, await shown()}) == 3


async def test_the_buttons_of_the_second_factor_ask_for_the_code_first_and_a_recovery_code_leaves_its_trace(
    client: httpx.AsyncClient,
) -> None:
    person, login = await house.a_person("agent")
    await _sign_in(client, login)
    _, codes = await _enrolled(client, "/security/factor")
    for path in ("/security/factor/codes", "/security/factor/end"):
        answer = await house.post(client, path, page="/security")
        assert (answer.status_code, "r-errors" in answer.text) == (200, False), "nothing was typed yet"
        assert (await house.post(client, path, {"code": ""}, page="/security")).status_code == 422
    assert (await house.post(client, "/security/factor/end", {"code": codes[0]}, page="/security")).status_code == 303
    assert [act.kind for act in await noted(f"person:{person}")][:2] == ["factor_removed", "recovery_code_used"]


async def test_a_role_that_must_have_one_adds_it_before_going_in_and_a_lost_device_is_an_administrators_matter(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    person, login = await house.a_person("coordination")
    await _rule("factor.roles", "admin coordination")
    try:
        answer = await _sign_in(client, login)
        assert answer.headers["location"] == "/sign-in/enrol"
        assert (await client.get("/sign-in/enrol")).headers["cache-control"] == "no-store", "it shows the secret"
        await _enrolled(client, "/sign-in/enrol")
        answer = await house.post(client, "/sign-in/enrolled", page="/sign-in")
        assert answer.headers["location"] == "/board"
        ended = client.cookies[access.SESSION]
        assert (await house.post(client, "/security/factor/end", {"code": "1"}, page="/security")).status_code == 409
    finally:
        await _rule("factor.roles", "none")
    async with instead(client, "admin"):
        page = await house.get(client, f"/people/{person}/sessions")
        assert "停用其动态码" in page
        assert (await house.post(client, f"/people/{person}/factor/end")).status_code == 303
    assert await people.actor_of(ended) is None
    assert (await noted(f"person:{person}"))[0].kind == "factor_reset"
    await _sign_in(client, login)
    assert "管理员已停用您的动态码" in await house.get(client, "/preferences")


async def test_a_grave_act_asks_who_has_a_second_factor_for_it_again(client: httpx.AsyncClient) -> None:
    person, _ = await house.a_person("agent")
    _, login = await house.a_person("admin")
    await _sign_in(client, login)
    one, _ = await _enrolled(client, "/security/factor")
    path, form = f"/people/{person}/roles", {"role": "auditor"}
    later = clock.now() + timedelta(minutes=11)
    with clock.at(later):
        assert (await house.post(client, f"/people/{person}/slip")).status_code == 403, "another's way in"
        answer = await house.post(client, path, form)
        assert answer.status_code == 403
        assert "/security/proof" in answer.text
        proof = {"code": one.at(clock.now()), "next": "/people"}
        assert (await house.post(client, "/security/proof", proof, page="/security/proof")).status_code == 303
        assert (await house.post(client, path, form)).status_code == 303


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
    await _sign_in(client, login)
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
    assert await _tried(login, "10.6.0.1", house.PASSWORD) == 422, "a slip first"
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
