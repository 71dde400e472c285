"""The counter through HTTP: found, looked at, verified or refused, registered on the spot; what is kept of it."""

from __future__ import annotations

import re
from uuid import UUID

import httpx
import pytest

from hotline import acts, db
from hotline.accounts import Account
from tests import accounts as citizens
from tests.web import house

pytestmark = pytest.mark.anyio


async def kinds_of_acts(account: Account) -> list[str]:
    """What the log says was done with an account, newest first."""
    async with db.reading() as connection:
        return [act.kind for act in await acts.recent(connection, subject=f"account:{account.code}")]


async def row_of(account: UUID) -> dict[str, object]:
    """The row."""
    async with db.reading() as connection:
        return dict(await connection.fetchrow("SELECT * FROM account WHERE id = $1", account))


async def complained(client: httpx.AsyncClient) -> str:
    """Where the choice of a complaint leads."""
    answer = await house.post(client, "/ask", {"kind": "complaint"}, page="/ask")
    return str(answer.headers["location"])


@pytest.mark.requirement("004-18")
async def test_an_account_opens_only_after_a_clerk_has_seen_the_document(client: httpx.AsyncClient) -> None:
    account = await citizens.an_account(name="李小红")
    async with citizens.signed_in(client, account):
        assert await complained(client) == "/ask/verify"
        assert "先核实身份" in await house.get(client, "/rate-a-body")
    async with house.signed_in(client, "counter", name="许洁"):
        assert (await client.get("/")).headers["location"] == "/counter"
        found = await house.post(client, "/counter", {"q": account.shown_code}, page="/counter")
        here = found.headers["location"]
        assert here == f"/counter/{account.code}"
        page = await house.get(client, here)
        assert "李小红" in page
        assert account.phone not in page, "the clerk compares names; the number is masked"
        wrong = await house.post(client, f"{here}/verification", {}, page=here)
        assert wrong.status_code == 422
        seen = {"document": "resident_id", "tail": "123x", "has_number": "yes"}
        answer = await house.post(client, f"{here}/verification", seen, page=here)
        assert answer.status_code == 303
        assert "····123X" in await house.get(client, here)
        slip = await house.get(client, f"{here}/slip")
        assert account.shown_code in slip
        assert "李小红" not in slip, "a slip that is lost names nobody"
        assert account.phone not in slip
    noted = await kinds_of_acts(account)
    assert (noted[-1], noted.count("account.verified")) == ("account.registered", 1)
    assert noted.index("account.opened") < noted.index("account.verified"), "each look is noted"
    row = await row_of(account.id)
    assert (row["document"], row["document_tail"]) == ("resident_id", "123X")
    async with citizens.signed_in(client, account):
        assert await complained(client) == "/ask/about"
        assert "评议哪个单位" in await house.get(client, "/rate-a-body")


async def test_somebody_is_found_by_their_number_which_never_stands_in_an_address(client: httpx.AsyncClient) -> None:
    phone = citizens.number()
    first, second = await citizens.an_account(phone), await citizens.an_account(phone)
    async with house.signed_in(client, "counter", name="许洁"):
        answer = await house.post(client, "/counter", {"q": f"+86 {phone}"}, page="/counter")
        assert answer.status_code == 200
        assert first.shown_code in answer.text
        assert second.shown_code in answer.text
        assert phone not in str(answer.url)
        nobody = await house.post(client, "/counter", {"q": "13700000000"}, page="/counter")
        assert "没有这个账户" in nobody.text
        empty = await house.post(client, "/counter", {"q": ""}, page="/counter")
        assert empty.status_code == 422


async def test_a_refusal_needs_a_reason_that_its_holder_reads(client: httpx.AsyncClient) -> None:
    account = await citizens.an_account()
    here = f"/counter/{account.code}"
    async with house.signed_in(client, "counter", name="许洁"):
        none = await house.post(client, f"{here}/refusal", {"reason": ""}, page=here)
        assert none.status_code == 422
        await house.post(client, f"{here}/refusal", {"reason": "证件过期"}, page=here)
    async with citizens.signed_in(client, account):
        assert "证件过期" in await house.get(client, "/me")
    assert (await row_of(account.id))["state"] == "pending"


async def test_the_clerk_sees_no_form_for_their_own_account_and_a_post_is_refused(client: httpx.AsyncClient) -> None:
    account = await citizens.an_account(name="许洁")
    here = f"/counter/{account.code}"
    async with house.signed_in(client, "counter", name="许洁"):
        page = await house.get(client, here)
        assert 'id="is-own"' in page
        assert "/verification" not in page
        seen = {"document": "resident_id", "tail": "1234", "has_number": "yes"}
        answer = await house.post(client, f"{here}/verification", seen, page="/counter")
        assert answer.status_code == 409
        assert "/correction" not in page
        renamed = await house.post(client, f"{here}/correction", {"name": "许杰"}, page="/counter")
        assert renamed.status_code == 409, "under another name it would be theirs to verify"
    assert (await row_of(account.id))["state"] == "pending"


async def test_an_enterprise_shows_licence_and_letter(client: httpx.AsyncClient) -> None:
    account = await citizens.an_account(company="邯郸某公司", name="赵经理")
    here = f"/counter/{account.code}"
    async with house.signed_in(client, "counter", name="许洁"):
        page = await house.get(client, here)
        assert "营业执照和授权委托书" in page
        assert citizens.FIRM in page
        own = {"document": "resident_id", "tail": "1234", "has_number": "yes"}
        assert (await house.post(client, f"{here}/verification", own, page=here)).status_code == 422
        both = {**own, "document": "licence_and_letter"}
        assert (await house.post(client, f"{here}/verification", both, page=here)).status_code == 303


async def test_a_clerk_registers_somebody_and_the_slip_has_the_code_for_their_password(
    client: httpx.AsyncClient,
) -> None:
    phone = citizens.number()
    async with house.signed_in(client, "counter", name="许洁"):
        given = {"kind": "person", "phone": phone, "name": "王大爷"}
        slip = await house.post(client, "/counter/register", given, page="/counter/register")
        assert slip.status_code == 200
        assert slip.headers["cache-control"] == "no-store"
        secret = re.search(r'id="slip-secret">(\d{6})<', slip.text)
        assert secret
        again = await house.post(client, "/counter/register", given, page="/counter/register")
        assert again.status_code == 422
        assert "已有账户" in again.text
    reset = {"phone": phone, "code": secret[1], "password": citizens.PASSWORD}
    answer = await house.post(client, "/account/reset/code", reset, page="/account/reset/code")
    assert answer.headers["location"] == "/me"
    assert "待核实" in await house.get(client, "/me")
    client.cookies.delete("hl_account")


async def test_name_and_number_are_corrected_and_an_account_suspended_and_restored(client: httpx.AsyncClient) -> None:
    account = await citizens.an_account(state="verified")
    here, new = f"/counter/{account.code}", citizens.number()
    async with house.signed_in(client, "counter", name="许洁"):
        wrong = await house.post(client, f"{here}/correction", {"name": "李晓红", "phone": "1"}, page=here)
        assert wrong.status_code == 422
        assert "李晓红" in wrong.text
        await house.post(client, f"{here}/correction", {"name": "李晓红", "phone": new}, page=here)
        page = await house.get(client, here)
        assert "李晓红" in page
        assert (await house.post(client, f"{here}/suspension", {"reason": ""}, page=here)).status_code == 422
        await house.post(client, f"{here}/suspension", {"reason": "冒用"}, page=here)
        answer = await house.post(
            client, "/account/sign-in", {"phone": new, "password": citizens.PASSWORD}, page="/account/sign-in"
        )
        assert answer.status_code == 403
        assert "已停用" in answer.text
        await house.post(client, f"{here}/restoration", page=here)
        assert (await house.post(client, f"{here}/restoration", page=here)).status_code == 409
        code = await house.post(client, f"{here}/password-code", page=here)
        assert 'id="slip-secret"' in code.text
    assert (await row_of(account.id))["state"] == "verified"


async def test_only_clerks_come_to_the_counter_and_an_unknown_code_is_not_found(client: httpx.AsyncClient) -> None:
    account = await citizens.an_account()
    async with house.signed_in(client, "agent"):
        assert (await client.get("/counter")).status_code == 403
        assert (await client.get(f"/counter/{account.code}")).status_code == 403
    async with house.signed_in(client, "counter", name="许洁"):
        assert (await client.get("/counter/ZZZZZZZZ")).status_code == 404
        assert (await client.get("/counter/x")).status_code == 404
