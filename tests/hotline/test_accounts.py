"""Accounts below the web: organisation codes, numbers held by who answers from them, sessions, the counter."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from hotline import account_codes, account_sessions, accounts, acts, clock, counter, credentials, db, organisations
from hotline.accounts import Newcomer
from hotline.errors import Refusal
from tests import builders as b
from tests.accounts import FIRM, PASSWORD, an_account, number
from tests.engines import Place

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def signed_in(phone: str, password: str = PASSWORD) -> str:
    """A session's token."""
    token, _ = await account_sessions.sign_in(phone, password, "192.0.2.1", device="phone")
    return token


@pytest.mark.parametrize(
    ("code", "is_good"),
    [
        ("91350100M000100Y43", True),  # the example of GB 32100-2015
        ("91350100M000100Y44", False),
        ("91350100m000100y43", True),
        ("９１３５０１００Ｍ０００１００Ｙ４３", True),
        ("9135 0100 M000 100Y 43", True),
        ("91350100M000100I43", False),
        ("91350100M000100Y4", False),
        ("", False),
    ],
)
def test_the_code_of_an_organisation_is_known_by_its_check_character(code: str, is_good: bool) -> None:
    assert organisations.is_code(organisations.tidy(code)) is is_good


async def test_one_number_swapped_for_another_in_a_code_is_always_seen() -> None:
    good = "91350100M000100Y43"
    for at in range(18):
        for other in organisations.ALPHABET.replace(good[at], ""):
            assert not organisations.is_code(good[:at] + other + good[at + 1 :])


async def test_names_and_numbers_are_sealed_and_found_again() -> None:
    one = await an_account(name="欧阳秋实")
    async with db.reading() as connection:
        row = await connection.fetchrow("SELECT * FROM account WHERE id = $1", one.id)
        assert one.phone.encode() not in bytes(row["phone"])
        assert "欧阳" not in str(dict(row))
        assert await accounts.holder(connection, one.phone) is None, "nobody has answered from it yet"
        await accounts.confirm(connection, one.id)
        held = await accounts.holder(connection, f"+86 {one.phone}")
    assert held is not None
    assert (held.id, held.name, held.state) == (one.id, "欧阳秋实", "pending")


async def test_anybody_may_type_a_number_but_one_alone_holds_it() -> None:
    phone = number()
    first = await an_account(phone, is_confirmed=True)
    second = await an_account(phone)
    async with db.atomic() as connection:
        with pytest.raises(Refusal) as refused:
            await accounts.confirm(connection, second.id)
        assert refused.value.code == "number_taken"
        held = await accounts.holder(connection, phone)
    assert held is not None
    assert held.id == first.id


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"phone": "0310-3012345"}, "phone"),
        ({"phone": "12"}, "phone"),
        ({"name": " "}, "name"),
        ({"password": "short"}, "password"),
        ({"kind": "enterprise", "company": "某公司", "organisation_code": "91350100M000100Y44"}, "organisation_code"),
        ({"kind": "enterprise", "organisation_code": "91350100M000100Y43"}, "company"),
    ],
)
async def test_a_registration_is_refused_by_field(change: dict[str, str], field: str) -> None:
    with pytest.raises(Refusal) as refused:
        await an_account(**change)
    assert list(refused.value.fields) == [field]


async def test_signing_in_gives_a_session_and_ends_the_browsers_old_one() -> None:
    one = await an_account(is_confirmed=True)
    token = await signed_in(one.phone)
    found = await account_sessions.account_of(token)
    assert found is not None
    assert found.id == one.id
    new, _ = await account_sessions.sign_in(one.phone, PASSWORD, "192.0.2.1", device="computer", old=token)
    assert await account_sessions.account_of(token) is None
    await account_sessions.sign_out(new)
    assert await account_sessions.account_of(new) is None


async def test_who_registered_with_somebody_elses_number_does_not_shut_them_out() -> None:
    phone = number()
    await an_account(phone, password="the stranger's own")
    mine = await an_account(phone)
    found = await account_sessions.account_of(await signed_in(phone))
    assert found is not None
    assert found.id == mine.id


async def test_an_unknown_number_and_a_wrong_password_get_one_answer_and_the_sixth_waits() -> None:
    one = await an_account(is_confirmed=True)
    said = []
    for phone in (one.phone, number()):
        with pytest.raises(Refusal) as refused:
            await signed_in(phone, "wrong wrong wrong")
        said.append((refused.value.status, refused.value.say))
    assert said[0] == said[1]
    for _ in range(4):
        with pytest.raises(Refusal):
            await signed_in(one.phone, "wrong wrong wrong")
    with pytest.raises(Refusal) as locked:
        await signed_in(one.phone)
    assert locked.value.status == 429


async def test_a_session_ends_after_its_time_and_long_ones_last(monkeypatch: pytest.MonkeyPatch) -> None:
    one = await an_account(is_confirmed=True)
    short = await signed_in(one.phone)
    long, _ = await account_sessions.sign_in(one.phone, PASSWORD, "192.0.2.1", device="phone", is_long=True)
    later = clock.now() + timedelta(hours=13)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert await account_sessions.account_of(short) is None
    assert await account_sessions.account_of(long) is not None


async def test_a_code_is_good_once_for_its_own_purpose_and_only_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    one = await an_account()
    async with db.atomic() as connection:
        code = await account_codes.give(connection, one.id, account_codes.CONFIRM)
        for purpose, said in ((account_codes.RESET, code), (account_codes.CONFIRM, "x"), (account_codes.CONFIRM, "")):
            with pytest.raises(Refusal):
                await account_codes.take(connection, one.id, purpose, said)
        await account_codes.take(connection, one.id, account_codes.CONFIRM, f" {code[:3]} {code[3:]} ")
        with pytest.raises(Refusal):
            await account_codes.take(connection, one.id, account_codes.CONFIRM, code)
        code = await account_codes.give(connection, one.id, account_codes.CONFIRM)
        later = clock.now() + timedelta(minutes=11)
        monkeypatch.setattr(clock, "now", lambda: later)
        with pytest.raises(Refusal):
            await account_codes.take(connection, one.id, account_codes.CONFIRM, code)


async def test_closing_takes_every_personal_field_and_every_session() -> None:
    one = await an_account(is_confirmed=True)
    token = await signed_in(one.phone)
    async with db.atomic() as connection:
        await accounts.close(connection, one)
        row = await connection.fetchrow("SELECT * FROM account WHERE id = $1", one.id)
    personal = ("phone", "phone_index", "name", "company", "organisation_code", "document", "document_tail")
    assert [row[name] for name in personal] == [None] * 7
    assert (row["state"], row["password_hash"]) == ("closed", "")
    assert await account_sessions.account_of(token) is None
    assert (await an_account(one.phone, is_confirmed=True)).id != one.id, "the number is free again"


async def test_the_clerk_verifies_keeps_four_characters_and_it_is_noted() -> None:
    clerk, one = await b.person("counter"), await an_account()
    async with db.atomic() as connection:
        with pytest.raises(Refusal) as refused:
            await counter.verify(connection, clerk, one.code, document="library card", tail="12", has_number=False)
        assert set(refused.value.fields) == {"document", "tail", "has_number"}
        await counter.verify(
            connection, clerk, one.shown_code.lower(), document="resident_id", tail="123x", has_number=True
        )
        row = await connection.fetchrow("SELECT * FROM account WHERE id = $1", one.id)
        assert (row["state"], row["document"], row["document_tail"]) == ("verified", "resident_id", "123X")
        assert row["verified_by"] == clerk.id
        noted = await acts.recent(connection, subject=f"account:{one.code}")
        assert [act.kind for act in noted] == ["account.verified", "account.registered"]
        with pytest.raises(Refusal) as again:
            await counter.verify(connection, clerk, one.code, document="passport", tail="1234", has_number=True)
        assert again.value.code == "account_state"


async def test_the_clerk_cannot_verify_what_may_be_their_own_account() -> None:
    clerk = await b.person("counter")
    namesake, other = await an_account(name=clerk.name), await an_account()
    async with db.atomic() as connection:
        for account, signed in ((namesake, None), (other, other)):
            with pytest.raises(Refusal) as refused:
                await counter.verify(
                    connection, clerk, account.code, document="resident_id", tail="1234", has_number=True,
                    signed_in=signed,
                )  # fmt: skip
            assert refused.value.code == "own_account"


async def test_a_suspended_account_is_out_until_it_is_restored() -> None:
    clerk, one = await b.person("counter"), await an_account()
    async with db.atomic() as connection:
        await counter.verify(connection, clerk, one.code, document="passport", tail="1234", has_number=True)
    token = await signed_in(one.phone)
    async with db.atomic() as connection:
        await counter.suspend(connection, clerk, one.code, reason="冒用他人身份")
    assert await account_sessions.account_of(token) is None
    with pytest.raises(Refusal) as refused:
        await signed_in(one.phone)
    assert refused.value.code == "suspended"
    async with db.atomic() as connection:
        await counter.restore(connection, clerk, one.code)
    assert await account_sessions.account_of(await signed_in(one.phone)) is not None


async def test_a_clerk_registers_somebody_who_sets_their_own_password_with_the_code() -> None:
    clerk, phone = await b.person("counter"), number()
    who = Newcomer(kind="enterprise", phone=phone, name="赵经理", company="邯郸某公司", organisation_code=FIRM)
    async with db.atomic() as connection:
        account, code = await counter.register(connection, clerk, who)
        assert (account.is_confirmed, account.state, account.organisation_code) == (True, "pending", FIRM)
        await account_codes.take(connection, account.id, account_codes.RESET, code)
        await accounts.set_password(connection, account.id, await accounts.new_password(PASSWORD))
        with pytest.raises(Refusal) as refused:
            await counter.register(connection, clerk, who)
    assert list(refused.value.fields) == ["phone"]
    assert await signed_in(phone)


async def test_what_nobody_confirmed_is_swept_after_its_time_and_the_rest_stays(database: Place) -> None:
    old, kept, fresh = await an_account(), await an_account(is_confirmed=True), await an_account()
    here = await an_account()
    await signed_in(here.phone)
    async with database.as_owner() as owner:
        await owner.execute(
            "UPDATE account SET registered_at = registered_at - interval '31 days' WHERE id = ANY($1)",
            [old.id, kept.id, here.id],
        )
    async with db.atomic() as connection:
        await accounts.sweep(connection)
        left: set[UUID] = {r["id"] for r in await connection.fetch("SELECT id FROM account")}
    assert old.id not in left
    assert {kept.id, fresh.id, here.id} <= left, "who is signed in keeps their page"


async def test_a_password_of_nobody_is_never_right() -> None:
    assert not await credentials.is_right("anything", "")
    assert await account_sessions.account_of(str(uuid4())) is None
