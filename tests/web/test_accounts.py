"""Accounts through HTTP: registering on every portal, one answer for known and unknown, changes, my page."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator

import httpx
import pytest

from cases import states
from channels import intake, outbox
from hotline import account_codes, account_sessions, db, vault
from hotline.errors import Refusal
from tests import accounts as citizens
from tests import builders as b
from tests.web import house
from tests.web.test_citizen import answered, sent
from web import access

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
async def nobody_has_tried(client: httpx.AsyncClient) -> AsyncIterator[None]:
    """All tests come from one address."""
    async with db.reading() as connection:
        await connection.execute("DELETE FROM try_count")
    yield
    client.cookies.delete(access.ACCOUNT)


@pytest.fixture
def sms(monkeypatch: pytest.MonkeyPatch) -> None:
    """An SMS door; what it would send is read from the outbox."""

    async def never(*_: object) -> str:
        raise AssertionError

    monkeypatch.setitem(outbox.SENDERS, "sms", never)


async def texted(phone: str) -> str:
    """The last SMS to a number that waits to be sent."""
    async with db.reading() as connection:
        rows = await connection.fetch(
            "SELECT address, body FROM outbox_message WHERE channel = 'sms' AND state = 'queued' ORDER BY id DESC"
        )
    mine = [row for row in rows if vault.unseal(row["address"], "outbox") == phone]
    return vault.unseal(mine[0]["body"], "outbox") if mine else ""


def code_in(text: str) -> str:
    """The six digits."""
    found = re.search(r"验证码(\d{6})", text)
    assert found, text
    return found[1]


def a_person(phone: str, **change: str) -> dict[str, str]:
    """What one registers with."""
    return {"phone": phone, "name": "李小红", "password": citizens.PASSWORD, **change}


@pytest.mark.requirement("004-17")
async def test_registering_and_signing_in_are_on_the_citys_and_on_every_countys_pages(
    client: httpx.AsyncClient,
) -> None:
    home = await house.get(client, "/")
    assert 'href="/account/sign-in"' in home
    counties = re.findall(r'href="/county/(\w+)"', home)
    assert len(counties) >= 20
    for county in counties:
        page = await house.get(client, f"/county/{county}")
        assert f'href="/account/register?county={county}"' in page
        assert 'id="to-sign-in"' in page
    await house.get(client, "/account/register?county=130403")
    page = await house.get(client, "/account/register/person?county=130403")
    assert 'name="county" value="130403"' in page
    phone = citizens.number()
    answer = await house.post(
        client, "/account/register/person", a_person(phone, county="130403"), page="/account/register/person"
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/me")
    cookie = next(line for line in answer.headers.get_list("set-cookie") if line.startswith(access.ACCOUNT))
    assert "HttpOnly" in cookie
    me = await house.get(client, "/me")
    assert "待核实" in me
    async with db.reading() as connection:
        row = await connection.fetchrow("SELECT * FROM account WHERE phone_index = $1", vault.phone_index(phone))
    assert (row["portal"], row["state"], row["is_confirmed"]) == ("130403", "pending", False)
    await house.post(client, "/account/sign-out", page="/me")
    assert (await client.get("/me")).headers["location"] == "/account/sign-in?next=%2Fme"
    answer = await house.post(
        client, "/account/sign-in", {"phone": phone, "password": citizens.PASSWORD, "next": "/account"},
        page="/account/sign-in",
    )  # fmt: skip
    assert answer.headers["location"] == "/account"
    page = await house.get(client, "/county/130403")
    assert 'id="to-me"' in page, "the header shows that one is signed in"
    assert "李*" in page


async def test_a_number_is_confirmed_by_the_code_that_was_sent_to_it(client: httpx.AsyncClient, sms: None) -> None:
    phone = citizens.number()
    answer = await house.post(
        client, "/account/register/person", a_person(phone), page="/account/register/person"
    )
    assert answer.headers["location"] == "/account/confirm"
    code = code_in(await texted(phone))
    wrong = await house.post(client, "/account/confirm", {"code": f"{(int(code) + 1) % 10**6:06d}"}, page="/me")
    assert wrong.status_code == 422
    await house.post(client, "/account/confirm/again", page="/account/confirm")
    new = code_in(await texted(phone))
    assert (await house.post(client, "/account/confirm", {"code": code}, page="/me")).status_code == (
        422 if new != code else 303
    )
    right = await house.post(client, "/account/confirm", {"code": new}, page="/me")
    assert right.headers["location"] == "/me"
    async with db.reading() as connection:
        assert await connection.fetchval(
            "SELECT is_confirmed FROM account WHERE phone_index = $1", vault.phone_index(phone)
        )
        waiting = await connection.fetch("SELECT is_waking FROM outbox_message WHERE state = 'queued'")
    assert not any(row["is_waking"] for row in waiting), "who asked for a code does not wait for the morning"


async def test_a_code_may_be_guessed_at_five_times(client: httpx.AsyncClient, sms: None) -> None:
    phone = citizens.number()
    await house.post(client, "/account/register/person", a_person(phone), page="/account/register/person")
    tried = [
        (await house.post(client, "/account/confirm", {"code": "x"}, page="/me")).status_code for _ in range(6)
    ]
    assert tried == [422] * 5 + [429]
    right = await house.post(client, "/account/confirm", {"code": code_in(await texted(phone))}, page="/me")
    assert right.status_code == 429


async def test_whether_a_number_has_an_account_shows_nowhere(client: httpx.AsyncClient, sms: None) -> None:
    known, unknown = (await citizens.an_account(is_confirmed=True)).phone, citizens.number()

    async def seen(phone: str) -> list[tuple[int, str, str]]:
        found = []
        for path, data in (
            ("/account/register/person", a_person(phone)),
            ("/account/sign-in", {"phone": phone, "password": "wrong wrong wrong"}),
            ("/account/reset", {"phone": phone}),
            ("/account/reset/code", {"phone": phone, "code": "123456", "password": "wrong wrong wrong"}),
            ("/account/reset/code", {"phone": phone, "code": "123456", "password": "1234567890"}),
        ):
            answer = await house.post(client, path, data, page="/preferences")
            text = re.sub(r"[0-9a-f]{32,64}", "…", answer.text).replace(phone, "N")
            found.append((answer.status_code, answer.headers.get("location", ""), text))
            client.cookies.delete(access.ACCOUNT)
        return found

    assert await seen(known) == await seen(unknown)
    assert "您已有账户" in await texted(known) or "验证码" in await texted(known)


async def test_a_forgotten_password_is_set_anew_by_a_code_and_ends_every_session(
    client: httpx.AsyncClient, sms: None
) -> None:
    one = await citizens.an_account(is_confirmed=True)
    old, _ = await account_sessions.sign_in(one.phone, citizens.PASSWORD, "192.0.2.7", device="phone")
    page = await house.post(client, "/account/reset", {"phone": one.phone}, page="/account/reset")
    assert one.phone in page.text
    code = code_in(await texted(one.phone))
    for _ in range(7):
        with contextlib.suppress(Refusal):
            await account_codes.count(vault.normal_phone(one.phone), "203.0.113.9")  # a stranger guesses
    given = {"phone": one.phone, "code": code, "password": "another long password"}
    short = await house.post(client, "/account/reset/code", {**given, "password": "short"}, page="/account/reset/code")
    assert short.status_code == 422
    assert code not in short.text
    answer = await house.post(client, "/account/reset/code", given, page="/account/reset/code")
    assert answer.headers["location"] == "/me"
    assert await account_sessions.account_of(old) is None
    await house.get(client, "/me")
    again = await house.post(client, "/account/reset/code", given, page="/account/reset/code")
    assert again.status_code == 422, "a code is good once"


async def test_one_address_cannot_register_without_end(client: httpx.AsyncClient) -> None:
    found = []
    for _ in range(11):
        answer = await house.post(
            client, "/account/register/person", a_person(citizens.number()), page="/account/register/person"
        )
        found.append(answer.status_code)
        client.cookies.delete(access.ACCOUNT)
    assert found == [303] * 10 + [429]


async def test_a_registration_comes_back_filled_in_without_its_password(client: httpx.AsyncClient) -> None:
    answer = await house.post(
        client,
        "/account/register/enterprise",
        a_person("12", company="邯郸某公司", organisation_code="91350100M000100Y44"),
        page="/account/register/enterprise",
    )
    assert answer.status_code == 422
    assert "邯郸某公司" in answer.text
    assert citizens.PASSWORD not in answer.text
    assert 'href="#f-organisation_code"' in answer.text
    assert (await client.get("/account/register/robot")).status_code == 404


@pytest.mark.requirement("004-20")
async def test_the_unverified_may_browse_and_ask_and_a_complaint_meets_a_page_that_keeps_what_was_typed(
    client: httpx.AsyncClient,
) -> None:
    await house.get(client, "/notices")
    complaint = {"kind": {"kind": "complaint"}}
    answer = await house.post(client, "/ask", complaint["kind"], page="/ask")
    assert answer.headers["location"] == "/ask/verify"
    page = await house.get(client, "/ask/verify")
    assert "投诉要先核实身份，可带身份证到窗口，或先咨询。" in page
    assert 'href="tel:12345"' in page
    for way in ("/ask/about", "/ask/what", "/ask/check"):
        assert (await client.get(way)).headers["location"] == "/ask/verify", way
    assert (await house.post(client, "/ask/send", page="/ask")).headers["location"] == "/ask/verify"

    await house.post(client, "/ask", {"kind": "assistance"}, page="/ask")
    await house.post(client, "/ask/what", {"words": "窗口的人态度很差，等了三小时。"}, page="/ask/what")
    await house.post(client, "/ask", complaint["kind"], page="/ask")
    page = await house.get(client, "/ask/verify")
    assert 'id="is-kept"' in page
    answer = await house.post(client, "/ask/verify/enquiry", page="/ask/verify")
    assert answer.headers["location"] == "/ask/where"
    assert "等了三小时" in await house.get(client, "/ask/what"), "the words are still there"

    pending = await citizens.an_account()
    async with citizens.signed_in(client, pending):
        await house.post(client, "/ask", complaint["kind"], page="/ask")
        assert pending.shown_code in await house.get(client, "/ask/verify")
        await citizens.verified(pending)
        assert (await client.get("/ask/verify")).headers["location"] == "/ask"
        answer = await house.post(client, "/ask", complaint["kind"], page="/ask")
        assert answer.headers["location"] == "/ask/about"
        await house.post(client, "/ask/about", {"about_unit": "130403", "about": ""}, page="/ask/about")
        assert "等了三小时" in await house.get(client, "/ask/what")


async def test_a_report_needs_no_account_and_the_city_may_drop_the_rule(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = await house.post(client, "/ask", {"kind": "report"}, page="/ask")
    assert answer.headers["location"] == "/ask/about"
    from web.public import verify

    monkeypatch.setattr(verify, "is_ruled", lambda: False)
    answer = await house.post(client, "/ask", {"kind": "complaint"}, page="/ask")
    assert answer.headers["location"] == "/ask/about"


async def test_a_complaint_of_a_verified_account_cannot_be_anonymous(client: httpx.AsyncClient) -> None:
    about = {"kind": {"kind": "complaint"}, "about": {"about_unit": "130403", "about": ""}}
    async with citizens.signed_in(client, await citizens.an_account(state="verified")) as account:
        await answered(client, about, last="reach")
        page = await house.get(client, "/ask/reach")
        assert 'value="none"' not in page
        assert account.phone in page, "the number is filled in"
        answer = await house.post(client, "/ask/reach", {"reach": "none"}, page="/ask/reach")
        assert answer.status_code == 422


@pytest.mark.parametrize(
    ("before", "chosen", "after"),
    [
        ("assistance", {"reach": "none"}, "complaint"),
        ("assistance", {"reach": "email", "email": "a@example.cn"}, "report"),
    ],
)
async def test_who_changes_the_kind_is_asked_again_where_the_new_kind_does_not_offer_the_way_they_chose(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, before: str, chosen: dict[str, str], after: str
) -> None:
    async def never(*_: object) -> str:
        raise AssertionError

    monkeypatch.setitem(outbox.SENDERS, "email", never)
    async with citizens.signed_in(client, await citizens.an_account(state="verified")):
        await answered(client, {"kind": {"kind": before}, "reach": chosen})
        about = {"about_unit": "130403", "about": ""}
        answer = await house.post(client, "/ask", {"kind": after}, page="/ask")
        assert answer.headers["location"] == "/ask/about"
        answer = await house.post(client, "/ask/about", about, page="/ask/about")
        assert answer.headers["location"] == "/ask/reach", "an anonymous complaint, or a report answered by e-mail"
        assert (await client.get("/ask/check")).headers["location"] == "/ask/reach"
        await house.post(client, "/ask/reach", {"reach": "web"}, page="/ask/reach")
        await house.post(client, "/ask", {"kind": "enquiry"}, page="/ask")
        await house.post(client, "/ask/send", page="/ask/check")
        page = await house.get(client, "/ask/sent")
    found = re.search(r'id="number">([0-9-]+)<', page)
    assert found
    await intake.make_all()
    async with db.reading() as connection:
        unit = await connection.fetchval("SELECT about_unit FROM request WHERE receipt_no = $1", found[1])
    assert not unit, "what the check did not show is not sent either"
    await house.post(client, "/ask/clear", page="/ask")


async def test_nobody_is_promised_an_e_mail_that_no_door_would_send(client: httpx.AsyncClient) -> None:
    assert "email" not in outbox.SENDERS
    await answered(client, last="reach")
    for given in ({"reach": "email"}, {"reach": "web", "second": "email"}):
        answer = await house.post(client, "/ask/reach", {**given, "email": "a@example.cn"}, page="/ask/reach")
        assert answer.status_code == 422, given
    await house.post(client, "/ask/clear", page="/ask")
    async with house.signed_in(client, "agent", unit="HOT"):
        assert 'value="email"' not in await house.get(client, "/desk")


@pytest.mark.requirement("004-08")
async def test_anybody_asks_a_question_and_reads_the_answer_by_number_and_code_or_on_their_page(
    client: httpx.AsyncClient,
) -> None:
    question = {"kind": {"kind": "enquiry"}, "what": {"words": "居住证到哪里办？"}}
    unknown, code = await sent(client, question)
    await house.post(client, "/ask/clear", page="/ask")
    person, firm = await citizens.an_account(), await citizens.an_account(company="邯郸某公司", name="赵经理")
    numbers = {}
    for account in (person, firm):
        async with citizens.signed_in(client, account):
            numbers[account.id], _ = await sent(client, question)
            await house.post(client, "/ask/clear", page="/ask")
    await intake.make_all()
    from cases import verbs

    for number in (unknown, *numbers.values()):
        await b.act("agent", number, verbs.answer, reply="到任一派出所，带身份证和照片。")
    answer = await house.post(client, "/track", {"number": unknown, "code": code}, page="/track")
    assert "到任一派出所" in await house.get(client, answer.headers["location"])
    for account in (person, firm):
        client.cookies.delete("hl_track")
        async with citizens.signed_in(client, account):
            me = await house.get(client, "/me")
            assert "新答复" in me
            assert [n for n in (unknown, *numbers.values()) if n in me] == [numbers[account.id]]
            answer = await client.get(f"/me/{numbers[account.id]}")
            assert "到任一派出所" in await house.get(client, answer.headers["location"])
            assert "新答复" not in await house.get(client, "/me"), "it has been read"
            assert (await client.get(f"/me/{unknown}")).status_code == 404


@pytest.mark.requirement("004-19")
async def test_an_enterprises_requests_carry_its_code_are_flagged_and_counted_apart(
    client: httpx.AsyncClient,
) -> None:
    firm = await citizens.an_account(company="邯郸某公司", name="赵经理", state="verified")
    async with citizens.signed_in(client, firm):
        await answered(client, last="reach")
        assert "邯郸某公司（赵经理）" in await house.get(client, "/ask/reach")
        number, _ = await sent(client, {"reach": {"reach": "sms", "phone": firm.phone, "name": firm.signature}})
        await house.post(client, "/ask/clear", page="/ask")
    other, _ = await sent(client)
    await intake.make_all()
    async with db.reading() as connection:
        row = await connection.fetchrow(
            "SELECT requester_kind, organisation_code, account_id FROM request WHERE receipt_no = $1", number
        )
    assert tuple(row) == ("enterprise", citizens.FIRM, firm.id)
    async with house.signed_in(client, "supervisor"):
        board = await house.get(client, "/board")
        count = re.search(r'href="/cases\?requester=enterprise"><strong>(\d+)<', board)
        assert count
        flagged = await house.get(client, "/cases?requester=enterprise")
        rest = await house.get(client, "/cases?requester=people&sort=new")
        assert number in flagged
        assert other not in flagged
        assert flagged.count("<tr id=") == int(count[1])
        assert number not in rest
        case = await house.get(client, f"/cases/{number}")
        assert "企业诉求" in case
        assert citizens.FIRM in case


async def test_whoever_stays_anonymous_while_signed_in_leaves_no_trace_of_the_account(
    client: httpx.AsyncClient,
) -> None:
    async with citizens.signed_in(client, await citizens.an_account(company="邯郸某公司", state="verified")):
        number, _ = await sent(client, {"reach": {"reach": "none"}})
    await intake.make_all()
    async with db.reading() as connection:
        row = await connection.fetchrow(
            "SELECT requester_kind, organisation_code, account_id FROM request WHERE receipt_no = $1", number
        )
    assert tuple(row) == ("anonymous", None, None)


async def test_a_closed_case_is_rated_from_ones_own_page(client: httpx.AsyncClient) -> None:
    account = await citizens.an_account()
    receipt = await b.a_case("closed", account=account.id)
    async with citizens.signed_in(client, account):
        assert "请您评价" in await house.get(client, "/me")
        await client.get(f"/me/{receipt.number}")
        answer = await house.post(
            client, f"/track/{receipt.number}/rating", {"grade": "satisfied"}, page=f"/track/{receipt.number}"
        )
        assert answer.status_code == 303
        page = await house.get(client, f"/track/{receipt.number}")
        assert states.GRADES["satisfied"].zh in page
        await house.post(client, "/account/sign-out", page="/me")
    assert (await client.get(f"/track/{receipt.number}")).headers["location"] == "/track", "signing out closes it"


async def test_one_changes_name_number_and_password_and_sees_where_one_is_signed_in(
    client: httpx.AsyncClient, sms: None
) -> None:
    one = await citizens.an_account(is_confirmed=True)
    elsewhere, _ = await account_sessions.sign_in(one.phone, citizens.PASSWORD, "192.0.2.8", device="computer")
    async with citizens.signed_in(client, one):
        page = await house.get(client, "/account")
        assert one.phone not in page, "a number is masked on every page"
        assert page.count("/end") == 2
        await house.post(client, "/account/change/name", {"name": "李晓红"}, page="/account/change/name")
        new = citizens.number()
        wrong = await house.post(client, "/account/change/number", {"phone": new, "old": "no"}, page="/account")
        assert wrong.status_code == 422
        await house.post(client, "/account/change/number", {"phone": new, "old": citizens.PASSWORD}, page="/account")
        await house.get(client, "/account/change/number-code")
        code = code_in(await texted(new))
        await house.post(client, "/account/change/number-code", {"code": code}, page="/account")
        page = await house.get(client, "/account")
        assert "李晓红" in page
        assert new[-4:] in page
        await house.post(client, "/account/sessions/end", page="/account")
        assert await account_sessions.account_of(elsewhere) is None
        given = {"old": citizens.PASSWORD, "password": "another long password"}
        answer = await house.post(client, "/account/change/password", given, page="/account")
        assert answer.status_code == 303
        await house.get(client, "/account")
    await account_sessions.sign_in(new, "another long password", "192.0.2.9", device="phone")


async def test_a_verified_name_is_not_ones_own_to_change(client: httpx.AsyncClient) -> None:
    async with citizens.signed_in(client, await citizens.an_account(state="verified")):
        answer = await house.post(client, "/account/change/name", {"name": "别人"}, page="/account")
        assert answer.status_code == 422
        assert "请带证件到窗口" in answer.text


async def test_closing_the_account_takes_the_person_and_leaves_the_request(
    client: httpx.AsyncClient, sms: None
) -> None:
    one = await citizens.an_account(is_confirmed=True)
    receipt = await b.a_case("dispatched", account=one.id)
    async with citizens.signed_in(client, one):
        await house.post(client, "/account/reset", {"phone": one.phone}, page="/account")
        no = await house.post(client, "/account/change/close", {"old": "wrong"}, page="/account/change/close")
        assert no.status_code == 422
        yes = await house.post(client, "/account/change/close", {"old": citizens.PASSWORD}, page="/account")
        assert yes.headers["location"] == "/"
    assert await texted(one.phone) == "", "what was not sent is not sent any more"
    async with db.reading() as connection:
        assert await connection.fetchval("SELECT count(*) FROM request WHERE receipt_no = $1", receipt.number) == 1
    answer = await house.post(client, "/track", {"number": receipt.number, "code": receipt.code}, page="/track")
    assert answer.status_code == 303


async def test_without_an_sms_door_the_pages_send_one_to_the_counter(client: httpx.AsyncClient) -> None:
    assert "到窗口" in await house.get(client, "/account/reset")
    async with citizens.signed_in(client, await citizens.an_account()):
        assert "号码在窗口一并确认" in await house.get(client, "/me")
        assert "到窗口" in await house.get(client, "/account/change/number")


async def test_a_staff_session_is_no_account_and_an_account_no_staff_session(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "agent"):
        assert (await client.get("/me")).headers["location"].startswith("/account/sign-in")
    async with citizens.signed_in(client, await citizens.an_account(state="verified")):
        assert (await client.get("/cases")).headers["location"].startswith("/sign-in")
        token = client.cookies[access.ACCOUNT]
        client.cookies.set(access.SESSION, token, domain="testserver.local")
        assert (await client.get("/cases")).headers["location"].startswith("/sign-in")
        client.cookies.delete(access.SESSION)


async def test_pages_of_an_account_are_kept_by_nobody_and_speak_english(client: httpx.AsyncClient) -> None:
    async with citizens.signed_in(client, await citizens.an_account()):
        for path in ("/me", "/account", "/account/change/close", "/", "/ask", "/rate-a-body"):
            answer = await client.get(f"{path}?lang=en")
            assert answer.headers["cache-control"] == "no-store", path
            text = re.sub(r"<(script|title)[^>]*>.*?</\1>", "", answer.text, flags=re.DOTALL)
            chinese = set(re.findall("[\u4e00-\u9fff]+", re.sub(r"<[^>]+>", " ", text)))
            assert chinese <= {"中文", "李", "李小红"}, (path, chinese)
    await client.get("/?lang=zh")


async def test_a_post_with_an_ended_session_keeps_what_was_typed(client: httpx.AsyncClient) -> None:
    answer = await house.post(client, "/rate-a-body/130403", {"grade": "neutral", "words": "窗口少"}, page="/")
    assert answer.status_code == 401
    assert "窗口少" in answer.text
