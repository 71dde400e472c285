"""/api/v1: a partner files once, follows its own, adds words, passes ratings on; another's are not there."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest

from cases import verbs
from channels import arrivals, intake, keyring, partners, spool
from hotline import clock, db, settings
from hotline.actor import SYSTEM_ID
from tests import builders
from tests.conftest import shared_app
from tests.engines import Place
from tests.partnering import a_partner, bearer
from web.partners import openapi, shapes

pytestmark = pytest.mark.anyio
REQUESTS = "/api/v1/requests"
BODY: dict[str, Any] = {
    "words": "和平路与陵西大街口的路灯三天不亮。", "place": "丛台区和平路", "county": "130403", "matter": "020201",
    "phone": "13800000001", "name": "王小明",
}  # fmt: skip


@pytest.fixture(autouse=True)
def document(client: httpx.AsyncClient) -> None:
    """Every answer of this module is one that the OpenAPI document promises: its status, its very fields."""

    async def promised(answer: httpx.Response) -> None:
        path = re.sub(r"(?<=/requests/)[^/]+", "{number}", answer.request.url.path)
        call = next((c for c in openapi.CALLS if (c.path, c.method.upper()) == (path, answer.request.method)), None)
        if call is None:
            return
        kinds = {**call.gives, **dict.fromkeys(call.fails, shapes.Failure)}
        assert str(answer.status_code) in kinds, (call.method, call.path, answer.status_code)
        told = msgspec.json.decode(await answer.aread())
        again = msgspec.to_builtins(msgspec.convert(told, kinds[str(answer.status_code)]))
        assert _shape(again) == _shape(told)

    client.event_hooks["response"].append(promised)


def _shape(value: Any) -> Any:
    """The names of a value's fields, however deep; a list's first element stands for all."""
    if isinstance(value, dict):
        return {name: _shape(inner) for name, inner in value.items()}
    return [_shape(one) for one in value[:1]] if isinstance(value, list) else None


@pytest.fixture(scope="module")
async def province(database: Place) -> str:
    """The provincial platform's key."""
    return await a_partner("prov", "province")


@pytest.fixture(scope="module")
async def weibo(database: Place) -> str:
    """Another partner's key."""
    return await a_partner("weibo_desk", "weibo")


async def filed(client: httpx.AsyncClient, token: str, origin_no: str, **more: Any) -> dict[str, Any]:
    """A request filed and made into a case; the receipt."""
    answer = await client.post(REQUESTS, json={**BODY, "origin_no": origin_no, **more}, headers=bearer(token))
    assert answer.status_code == 202, answer.text
    await intake.make_all()
    receipt: dict[str, Any] = answer.json()
    return receipt


@pytest.mark.requirement("003-12")
async def test_the_same_origin_number_is_one_case_however_often_it_is_filed(
    client: httpx.AsyncClient, province: str
) -> None:
    body = {**BODY, "origin_no": "HB-2026-0001"}
    answers = await asyncio.gather(*[client.post(REQUESTS, json=body, headers=bearer(province)) for _ in range(20)])
    assert sorted({a.status_code for a in answers}) == [200, 202]
    assert sum(a.status_code == 202 for a in answers) == 1
    assert len({a.json()["number"] for a in answers}) == 1
    await intake.make_all()
    later = await client.post(REQUESTS, json={**body, "words": "又发一次"}, headers=bearer(province))
    assert later.status_code == 200
    assert later.json() == {**answers[0].json(), "code": "", "is_repeat": True}
    found = await db.pool().fetch("SELECT number, channel, origin_no, origin_system FROM cases WHERE origin_no = $1",
                                  "HB-2026-0001")  # fmt: skip
    assert [tuple(one) for one in found] == [(later.json()["number"], "province", "HB-2026-0001", "prov")]


@pytest.mark.requirement("003-01")
@pytest.mark.parametrize("channel", sorted(set(partners.SOURCES) - {"open311"}))
async def test_every_listed_source_files_under_its_own_name_and_number(
    client: httpx.AsyncClient, channel: str
) -> None:
    token = await a_partner(f"x_{channel}", channel)
    receipt = await filed(client, token, "2026/17")
    row = await db.pool().fetchrow(
        "SELECT c.channel, c.origin_system, r.origin_no, r.origin_system AS of_request FROM cases c "
        "JOIN request r ON r.case_id = c.id WHERE c.number = $1", receipt["number"],
    )  # fmt: skip
    assert tuple(row) == (channel, f"x_{channel}", "2026/17", f"x_{channel}")


@pytest.mark.requirement("003-03")
async def test_weibo_and_an_app_come_in_by_the_same_interface(client: httpx.AsyncClient, weibo: str) -> None:
    app = await a_partner("city_app", "app")
    for token in (weibo, app):
        receipt = await filed(client, token, "post-5521")
        state = (await client.get(f"{REQUESTS}/{receipt['number']}", headers=bearer(token))).json()
        assert (state["state"], state["unit"]["code"], state["origin_no"]) == ("in_progress", "130403", "post-5521")
        assert state["due"]


@pytest.mark.requirement("001-05")
async def test_the_enterprise_cloud_files_with_the_organisations_code(client: httpx.AsyncClient) -> None:
    token = await a_partner("qyy", "enterprise_cloud")
    receipt = await filed(client, token, "Q1", organisation_code="91130400MA0ABCDE1X")
    row = await db.pool().fetchrow(
        "SELECT c.is_enterprise, r.requester_kind, r.organisation_code FROM cases c JOIN request r ON r.case_id = c.id "
        "WHERE c.number = $1", receipt["number"],
    )  # fmt: skip
    assert tuple(row) == (True, "enterprise", "91130400MA0ABCDE1X")


async def test_without_a_number_of_its_own_the_idempotency_key_counts(client: httpx.AsyncClient, weibo: str) -> None:
    key = bearer(weibo, **{"idempotency-key": "k-1"})
    first = await client.post(REQUESTS, json=BODY, headers=key)
    again = await client.post(REQUESTS, json=BODY, headers=key)
    other = await client.post(REQUESTS, json={**BODY, "words": "另一件"}, headers=key)
    neither = await client.post(REQUESTS, json=BODY, headers=bearer(weibo))
    assert (first.status_code, again.status_code, other.status_code) == (202, 200, 202)
    assert first.json()["number"] == again.json()["number"] != other.json()["number"]
    assert (neither.status_code, set(neither.json()["fields"])) == (422, {"origin_no"})
    await intake.make_all()
    assert await db.pool().fetchval("SELECT origin_system FROM request WHERE receipt_no = $1", first.json()["number"])


async def test_a_partner_sees_its_own_requests_and_no_others(
    client: httpx.AsyncClient, province: str, weibo: str
) -> None:
    receipt = await filed(client, province, "own-1")
    here = f"{REQUESTS}/{receipt['number']}"
    assert (await client.get(here, headers=bearer(province))).status_code == 200
    by_origin = await client.get(REQUESTS, params={"origin_no": "own-1"}, headers=bearer(province))
    assert by_origin.json()["number"] == receipt["number"]
    for call in (
        client.get(here, headers=bearer(weibo)),
        client.get(REQUESTS, params={"origin_no": "own-1"}, headers=bearer(weibo)),
        client.post(f"{here}/words", json={"words": "x"}, headers=bearer(weibo)),
        client.post(f"{here}/rating", json={"grade": "satisfied"}, headers=bearer(weibo)),
        client.get(f"{REQUESTS}/261101-99999", headers=bearer(weibo)),
    ):
        answer = await call
        assert (answer.status_code, answer.json()["error"]) == (404, "not_found")


async def test_what_was_acknowledged_can_be_asked_for_before_it_is_a_case(
    client: httpx.AsyncClient, province: str, weibo: str
) -> None:
    answer = await client.post(REQUESTS, json={**BODY, "origin_no": "soon"}, headers=bearer(province))
    here = f"{REQUESTS}/{answer.json()['number']}"
    assert (await client.get(here, headers=bearer(province))).json()["state"] == "received"
    assert (await client.get(here, headers=bearer(weibo))).status_code == 404
    found = await client.get(REQUESTS, params={"origin_no": "soon"}, headers=bearer(province))
    assert found.json()["number"] == answer.json()["number"]
    await intake.make_all()


async def test_nothing_personal_and_nothing_internal_comes_back(client: httpx.AsyncClient, province: str) -> None:
    receipt = await filed(client, province, "private", words="王小明家住三单元，电话 13800000001。")
    number = receipt["number"]
    await builders.act("congtai", number, verbs.sign, builders.lead)
    await builders.act("congtai", number, verbs.contact, builders.lead, way="phone")
    await builders.act("congtai", number, verbs.handle, builders.lead, **builders.HANDLED)
    here = f"{REQUESTS}/{number}"
    before = await client.get(here, headers=bearer(province))
    assert before.json()["reply"] == ""  # not audited yet
    await builders.act("audit", number, verbs.approve)
    after = await client.get(here, headers=bearer(province))
    assert after.json()["reply"] == "路灯已修好并试亮。"
    for text in (before.text, after.text):
        for secret in ("王小明", "13800000001", "三单元", "更换灯头"):
            assert secret not in text


async def test_of_a_sealed_request_only_the_state_is_told(client: httpx.AsyncClient, province: str) -> None:
    receipt = await filed(client, province, "sealed", kind="report", matter="")
    number = receipt["number"]
    await builders.act("dispatcher", number, verbs.accept, matter="020201", county="130403", summary="有人举报一事")
    state = (await client.get(f"{REQUESTS}/{number}", headers=bearer(province))).json()
    assert (state["unit"], state["reply"], state["reason"]) == (None, "", "")


async def test_the_same_words_twice_are_added_once(client: httpx.AsyncClient, province: str) -> None:
    receipt = await filed(client, province, "words")
    here = f"{REQUESTS}/{receipt['number']}/words"
    other = await filed(client, province, "words-2")
    key = bearer(province, **{"idempotency-key": "w-1"})
    codes = [(await client.post(here, json={"words": "昨晚又灭了。"}, headers=key)).status_code for _ in range(2)]
    plain = bearer(province)
    codes += [(await client.post(here, json={"words": "还是不亮。"}, headers=plain)).status_code for _ in range(2)]
    assert codes == [201, 200, 201, 200]
    taken = await client.post(f"{REQUESTS}/{other['number']}/words", json={"words": "昨晚又灭了。"}, headers=key)
    assert (taken.status_code, taken.json()["error"]) == (409, "key_used")
    added = await db.pool().fetchval(
        "SELECT count(*) FROM case_event e JOIN cases c ON c.id = e.case_id "
        "WHERE c.number = $1 AND e.kind = 'words_added'", receipt["number"],
    )  # fmt: skip
    assert added == 2


@pytest.mark.parametrize(
    ("given", "grade"),
    [({"grade": "neutral"}, "neutral"), ({"grade": "very_satisfied", "scale": "five"}, "satisfied")],
)
async def test_a_rating_is_kept_as_it_was_given(
    client: httpx.AsyncClient, province: str, given: dict[str, str], grade: str
) -> None:
    receipt = await filed(client, province, f"rate-{grade}")
    number, here = receipt["number"], f"{REQUESTS}/{receipt['number']}/rating"
    early = await client.post(here, json=given, headers=bearer(province))
    assert (early.status_code, early.json()["error"]) == (409, "not_rateable")
    for login, verb, parts, more in (
        ("congtai", verbs.sign, (builders.lead,), {}),
        ("congtai", verbs.contact, (builders.lead,), {"way": "phone"}),
        ("congtai", verbs.handle, (builders.lead,), builders.HANDLED), ("audit", verbs.approve, (), {}),
        ("callback", verbs.visit, (builders.request,), {"was_contacted": True, "is_solved": True}),
        ("callback", verbs.close, (), {}),
    ):  # fmt: skip
        await builders.act(login, number, verb, *parts, **more)
    codes = [(await client.post(here, json=given, headers=bearer(province))).status_code for _ in range(2)]
    other = await client.post(here, json={"grade": "dissatisfied"}, headers=bearer(province))
    assert (codes, other.status_code, other.json()["error"]) == ([201, 200], 409, "rated")
    row = await db.pool().fetchrow(
        "SELECT t.grade, t.raw_grade, t.scale, t.channel FROM rating t JOIN request r ON r.id = t.request_id "
        "WHERE r.receipt_no = $1", number,
    )  # fmt: skip
    assert tuple(row) == (grade, given["grade"], given.get("scale", "four"), "province")
    shown = (await client.get(f"{REQUESTS}/{number}", headers=bearer(province))).json()
    five = {"neutral": "basically_satisfied"}.get(given["grade"], given["grade"])
    assert (shown["grade"], shown["grade_five"]) == (grade, five), "out again, in both scales"


async def test_a_grade_that_answers_the_return_visit_keeps_its_scale_and_is_one_however_often_it_comes(
    client: httpx.AsyncClient, province: str
) -> None:
    receipt = await filed(client, province, "answers")
    number, here = receipt["number"], f"{REQUESTS}/{receipt['number']}/rating"
    at = clock.on(clock.today() + timedelta(days=1), 10)
    for login, verb, parts, more in (
        ("congtai", verbs.sign, (builders.lead,), {}),
        ("congtai", verbs.contact, (builders.lead,), {"way": "phone"}),
        ("congtai", verbs.handle, (builders.lead,), builders.HANDLED), ("audit", verbs.approve, (), {}),
        *[("callback", verbs.miss_visit, (builders.request,), {"next_at": None, "at": at + timedelta(hours=4 * n)})
          for n in range(3)],
    ):  # fmt: skip
        await builders.act(login, number, verb, *parts, **more)
    given = {"grade": "very_satisfied", "scale": "five"}
    with clock.at(at + timedelta(hours=10)):
        codes = [(await client.post(here, json=given, headers=bearer(province))).status_code for _ in range(2)]
    assert codes == [201, 200]
    file = await builders.act("callback", number, verbs.close, at=at + timedelta(hours=11))
    rows = await db.pool().fetch("SELECT grade, raw_grade, scale FROM rating WHERE case_id = $1", file.case.id)
    assert [tuple(row) for row in rows] == [("satisfied", "very_satisfied", "five")]


async def test_a_grade_of_the_other_scale_is_refused(client: httpx.AsyncClient, province: str) -> None:
    receipt = await filed(client, province, "scale")
    here = f"{REQUESTS}/{receipt['number']}/rating"
    for given in ({"grade": "very_satisfied"}, {"grade": "neutral", "scale": "five"}, {"grade": "best"}):
        answer = await client.post(here, json=given, headers=bearer(province))
        assert (answer.status_code, set(answer.json()["fields"])) == (422, {"grade"})


@pytest.mark.parametrize("token", ["", "hl_00000000_" + "x" * 32, "nonsense", "hl_é"])
async def test_without_a_key_in_force_nothing_is_told(client: httpx.AsyncClient, province: str, token: str) -> None:
    headers = [(b"x-api-key", token.encode())]
    for method, path in (("POST", REQUESTS), ("GET", f"{REQUESTS}/261101-00001"), ("GET", REQUESTS)):
        answer = await client.request(method, path, headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (401, "no_key")


async def test_a_key_opens_only_its_scopes_and_ends_when_it_is_ended(client: httpx.AsyncClient) -> None:
    token = await a_partner("reader", "grid", scopes=["read"])
    answer = await client.post(REQUESTS, json={**BODY, "origin_no": "1"}, headers=bearer(token))
    assert (answer.status_code, answer.json()["error"]) == (403, "scope")
    assert (await client.get(f"{REQUESTS}/261101-00001", headers=bearer(token))).status_code == 404
    async with db.atomic() as connection:
        key = (await partners.keys_of(connection, "reader"))[0]
        await partners.end_key(connection, "reader", key.id)
    keyring.forget()
    assert (await client.get(f"{REQUESTS}/261101-00001", headers=bearer(token))).status_code == 401


async def test_a_partner_that_is_off_is_not_served(client: httpx.AsyncClient) -> None:
    token = await a_partner("off", "grid")
    async with db.atomic() as connection:
        await partners.change(connection, "off", {"is_on": False})
    keyring.forget()
    assert (await client.get(REQUESTS, params={"origin_no": "1"}, headers=bearer(token))).status_code == 401


async def test_too_many_calls_in_a_minute_are_refused(client: httpx.AsyncClient) -> None:
    token = await a_partner("hasty", "grid", per_minute=3)
    path, asked = f"{REQUESTS}/261101-00001", bearer(token)
    codes = [(await client.get(path, headers=asked)).status_code for _ in range(5)]
    assert codes in ([404, 404, 404, 429, 429], [404, 404, 404, 404, 429])  # a minute may end in between


async def test_a_key_is_kept_as_a_hash_and_shows_when_it_was_used(client: httpx.AsyncClient) -> None:
    token = await a_partner("hashed", "grid")
    await client.get(f"{REQUESTS}/261101-00001", headers=bearer(token))
    row = await db.pool().fetchrow("SELECT prefix, hash, used_at FROM partner_key WHERE partner = 'hashed'")
    assert row["prefix"] == token[3:11]
    assert token.encode() not in row["hash"]
    assert row["used_at"] is not None


@pytest.mark.parametrize(
    ("content", "kind", "status", "error"),
    [
        (b"{", "application/json", 400, "bad_json"),
        (b"\xff\xfe", "application/json", 400, "bad_json"),
        (b'{"words": ' + b"[" * 50_000, "application/json", 422, "invalid"),
        (b"[]", "application/json", 422, "invalid"),
        (b"words=x", "application/x-www-form-urlencoded", 415, "not_json"),
        (b'{"words": "x", "origin_no": "1", "spelt_wrong": 1}', "application/json", 422, "invalid"),
        (b'{"words": ["x"], "origin_no": "1"}', "application/json", 422, "invalid"),
        (b'{"words": "x", "origin_no": "1", "county": "999999"}', "application/json", 422, "invalid"),
        (b'{"words": "x", "origin_no": "1", "organisation_code": "abc"}', "application/json", 422, "invalid"),
        (b'{"words": "", "origin_no": "1"}', "application/json", 422, "invalid"),
        (b'{"words": "' + b"x" * 70_000 + b'", "origin_no": "1"}', "application/json", 413, "http_413"),
    ],
)
async def test_what_cannot_be_taken_is_refused_in_words(
    client: httpx.AsyncClient, province: str, content: bytes, kind: str, status: int, error: str
) -> None:
    headers = bearer(province, **{"content-type": kind})
    answer = await client.post(REQUESTS, content=content, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (status, error), answer.text
    assert set(answer.json()["say"]) == {"zh", "en"}


async def test_control_characters_and_emoji_do_no_harm(client: httpx.AsyncClient, province: str) -> None:
    body = r'{"origin_no": "emoji", "words": "路燈\u0000不亮💡\u0007了"}'
    headers = bearer(province, **{"content-type": "application/json"})
    answer = await client.post(REQUESTS, content=body.encode(), headers=headers)
    assert answer.status_code == 202, answer.text
    await intake.make_all()
    words = await db.pool().fetchval("SELECT words FROM request WHERE receipt_no = $1", answer.json()["number"])
    assert words.startswith("路燈不亮💡")


@pytest.mark.parametrize("path", ["matters", "jurisdictions", "units", "health"])
async def test_the_citys_codes_are_public(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(f"/api/v1/{path}")
    assert answer.status_code == 200
    assert len(answer.json()) > (0 if path == "health" else 15)


async def test_wrong_addresses_and_methods_answer_in_json(client: httpx.AsyncClient) -> None:
    for method, path, status in (("PUT", REQUESTS, 405), ("GET", "/api/v1/nothing", 404)):
        answer = await client.request(method, path)
        assert (answer.status_code, set(answer.json())) == (status, {"error", "say", "fields"})


async def test_a_partners_key_belongs_to_nobody_at_the_staff_pages(client: httpx.AsyncClient, province: str) -> None:
    answer = await client.get("/cases", headers=bearer(province))
    assert answer.status_code == 303
    assert SYSTEM_ID  # the key was made by the system here: it lends no rights


async def test_the_document_names_every_address_and_nothing_else(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/openapi.json")
    told = answer.json()
    assert told["openapi"] == "3.1.0"
    served = {
        (method.lower(), re.sub(r":\w+}", "}", route.path))
        for route in shared_app().routes for handler in getattr(route, "route_handlers", [])
        for method in handler.http_methods if route.path.startswith("/api/v1/") and method in {"GET", "POST"}
    }  # fmt: skip
    served -= {("get", "/api/v1/openapi.json"), ("get", "/api/v1/docs")}
    assert {(method, path) for path, calls in told["paths"].items() for method in calls} == served
    refs = set(re.findall(r'"#/components/schemas/(\w+)"', answer.text))
    assert refs <= set(told["components"]["schemas"])
    filing = told["components"]["schemas"]["Filing"]
    assert filing["required"] == ["words"]
    assert filing["additionalProperties"] is False
    assert len({one["operationId"] for calls in told["paths"].values() for one in calls.values()}) == len(openapi.CALLS)


async def test_while_the_database_is_away_requests_are_kept_and_filed_afterwards(
    client: httpx.AsyncClient, province: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {**BODY, "origin_no": "away-1"}
    await client.get(REQUESTS, params={"origin_no": "x"}, headers=bearer(province))  # the key is known here

    async def away(_: object) -> None:
        raise db.Away

    with monkeypatch.context() as patch:
        patch.setattr(arrivals, "_away_until", 0.0)
        patch.setattr("channels.acknowledge.acknowledge", away)
        kept = await client.post(REQUESTS, json=body, headers=bearer(province))
        twice = await client.post(REQUESTS, json=body, headers=bearer(province))
        wrong = await client.post(REQUESTS, json={**body, "county": "999999"}, headers=bearer(province))
    assert (kept.status_code, twice.status_code, wrong.status_code) == (202, 202, 422)
    assert kept.json() == {"number": "", "code": "", "origin_no": "away-1", "is_repeat": False, "is_spooled": True}
    assert b"\xe8" not in b"".join(path.read_bytes() for path in settings.current().spool_dir.iterdir())
    assert (await spool.drain()).done == 2
    await intake.make_all()
    found = await client.get(REQUESTS, params={"origin_no": "away-1"}, headers=bearer(province))
    assert found.json()["state"] == "in_progress"
    assert await db.pool().fetchval("SELECT count(*) FROM request WHERE origin_no = 'away-1'") == 1


async def test_a_database_that_is_away_lets_a_known_key_in_and_answers_503_to_a_question(
    client: httpx.AsyncClient, province: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await client.get(REQUESTS, params={"origin_no": "x"}, headers=bearer(province))
    keyring.forget()

    def away() -> None:
        raise db.Away

    monkeypatch.setattr(db, "reading", away)
    answer = await client.get(REQUESTS, params={"origin_no": "x"}, headers=bearer(province))
    assert (answer.status_code, answer.json()["error"]) == (503, "unavailable")
    assert (await client.get("/api/v1/health")).json() == {"status": "spooling"}
