"""The second factor: enrolled, asked for, not to be guessed, lost, and asked for again before what is grave."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import httpx

from hotline import clock, db, factors, people, person_reset
from hotline.errors import Refusal
from tests.web import house
from tests.web.administration import instead, noted
from tests.web.signing import enrolled, set_rule, sign_in
from web import access

FRESH = "三只猫 walk at dawn"


async def test_a_code_is_asked_for_taken_once_and_a_recovery_code_once(client: httpx.AsyncClient) -> None:
    person, login = await house.a_person("agent")
    await sign_in(client, login)
    one, codes = await enrolled(client, "/security/factor")
    assert len(set(codes)) == 8
    now = clock.now()
    now -= timedelta(seconds=now.timestamp() % 30)  # the beginning of a time step
    for seconds, given, status in (
        (60, "", 303), (61, "", 422), (120, "-30", 303), (180, "30", 303), (240, "-90", 422), (240, "90", 422),
    ):  # fmt: skip
        with clock.at(now + timedelta(seconds=seconds)):
            assert (await sign_in(client, login)).headers["location"] == "/sign-in/factor"
            assert access.SESSION not in client.cookies
            code = one.at(clock.now() + timedelta(seconds=int(given or 0)))
            answer = await house.post(client, "/sign-in/factor", {"code": code}, page="/sign-in/factor")
            assert answer.status_code == status, (seconds, given)
    for status in (303, 422):
        await sign_in(client, login)
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
    await sign_in(client, login)
    one, _ = await enrolled(client, "/security/factor")
    await sign_in(client, login)
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
    await sign_in(client, login)
    one, _ = await enrolled(client, "/security/factor")
    with clock.at(clock.now() + timedelta(minutes=5)):
        await sign_in(client, login)
        for code, status in (("000000", 422), ("", 422), (one.at(clock.now()), 303)):
            answer = await house.post(client, "/sign-in/factor", {"code": code}, page="/sign-in/factor")
            assert answer.status_code == status
    assert "此后有 1 次没输对密码或动态码" in await house.get(client, "/preferences")


async def test_a_secret_that_somebody_saw_before_it_was_in_use_is_another_later(client: httpx.AsyncClient) -> None:
    person, login = await house.a_person("agent")
    await sign_in(client, login)

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
    await sign_in(client, login)
    _, codes = await enrolled(client, "/security/factor")
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
    await set_rule("factor.roles", "admin coordination")
    try:
        answer = await sign_in(client, login)
        assert answer.headers["location"] == "/sign-in/enrol"
        assert (await client.get("/sign-in/enrol")).headers["cache-control"] == "no-store", "it shows the secret"
        await enrolled(client, "/sign-in/enrol")
        answer = await house.post(client, "/sign-in/enrolled", page="/sign-in")
        assert answer.headers["location"] == "/board"
        ended = client.cookies[access.SESSION]
        assert (await house.post(client, "/security/factor/end", {"code": "1"}, page="/security")).status_code == 409
    finally:
        await set_rule("factor.roles", "none")
    async with instead(client, "admin"):
        page = await house.get(client, f"/people/{person}/sessions")
        assert "停用其动态码" in page
        assert (await house.post(client, f"/people/{person}/factor/end")).status_code == 303
    assert await people.actor_of(ended) is None
    assert (await noted(f"person:{person}"))[0].kind == "factor_reset"
    await sign_in(client, login)
    assert "管理员已停用您的动态码" in await house.get(client, "/preferences")


async def test_a_grave_act_asks_who_has_a_second_factor_for_it_again(client: httpx.AsyncClient) -> None:
    person, _ = await house.a_person("agent")
    _, login = await house.a_person("admin")
    await sign_in(client, login)
    one, _ = await enrolled(client, "/security/factor")
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
