"""Whatever is sent to the doors of machines, the answer is one of theirs: never a 500, always well-formed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import httpx
import msgspec
import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels import keyring
from tests.engines import Place
from tests.partnering import a_partner, bearer

pytestmark = pytest.mark.anyio
MILD = settings(
    max_examples=40, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
NAMES = (
    "service_code", "lat", "long", "address_string", "address_id", "jurisdiction_id", "description", "email", "phone",
    "first_name", "last_name", "media_url", "account_id", "attribute[kind]", "attribute[affects][]", "attribute[x]",
    "attribute[since]", "attribute[times]", "attribute[]", "nothing",
)  # fmt: skip
QUERIES = (
    "service_request_id", "service_code", "start_date", "end_date", "status", "page", "page_size", "extensions",
    "before", "jurisdiction_id",
)  # fmt: skip
GOOD = ("020201", "36.6125", "114.4897", "丛台区", "130403", "open,closed", "2026-11-01T00:00:00+08:00", "true", "1",
        "a@b.cn", "13800000001", "2026-11-01T00:00:00+00:00~00000000-0000-0000-0000-000000000000")  # fmt: skip
ANY = st.text(st.characters(codec="utf-8"), max_size=60)
VALUES = st.sampled_from(GOOD) | ANY | st.just("") | st.just("null") | st.floats().map(str) | st.integers().map(str)


@pytest.fixture(scope="module")
async def key(database: Place) -> AsyncIterator[str]:
    """A key that may do everything, as often as it likes."""
    yield await a_partner("fuzz", "open311", scopes=["open311", "file", "read", "words", "rate"], per_minute=60_000)
    keyring.forget()


def _is_well_formed(answer: httpx.Response, form: str) -> None:
    assert answer.status_code < 500, (answer.request.url, answer.text[:300])
    if answer.status_code >= 400 and "application/json" in answer.headers["content-type"]:
        msgspec.json.decode(answer.content)
    elif form == "xml":
        fromstring(answer.content)


@MILD
@given(
    form=st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=12), suffix=st.sampled_from(["json", "xml"]),
)  # fmt: skip
async def test_any_form_is_a_request_or_a_refusal(
    client: httpx.AsyncClient, key: str, form: list[tuple[str, str]], suffix: str
) -> None:
    body = urlencode([("api_key", key), *form]).encode()
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = await client.post(f"/open311/v2/requests.{suffix}", content=body, headers=headers)
    _is_well_formed(answer, suffix)
    assert answer.status_code in {200, 201, 400, 404}


@MILD
@given(
    query=st.lists(st.tuples(st.sampled_from(QUERIES), VALUES), max_size=6), suffix=st.sampled_from(["json", "xml"]),
    path=st.sampled_from(["requests", "services", "requests/x", "tokens/x", "services/020201", "discovery"]),
)  # fmt: skip
async def test_any_question_has_an_answer(
    client: httpx.AsyncClient, database: Place, query: list[tuple[str, str]], suffix: str, path: str
) -> None:
    answer = await client.get(f"/open311/v2/{path}.{suffix}?{urlencode(query)}")
    _is_well_formed(answer, suffix)
    assert answer.status_code in {200, 400, 404}


@MILD
@given(body=st.binary(max_size=200), kind=st.sampled_from([
    "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "multipart/form-data", "text/xml",
    "application/json", "", "x", "application/x-www-form-urlencoded; charset=utf-16", "multipart/form-data; boundary=",
]))  # fmt: skip
async def test_any_bytes_are_refused_plainly(client: httpx.AsyncClient, key: str, body: bytes, kind: str) -> None:
    headers = {"content-type": kind}
    answer = await client.post(f"/open311/v2/requests.json?api_key={key}", content=body, headers=headers)
    _is_well_formed(answer, "json")
    assert answer.status_code in {400, 403, 413}
    partner = await client.post("/api/v1/requests", content=body, headers=bearer(key, **headers))
    _is_well_formed(partner, "json")


JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | ANY,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY, inner, max_size=3), max_leaves=8,
)  # fmt: skip


@MILD
@given(
    given_body=st.dictionaries(
        st.sampled_from(["words", "origin_no", "kind", "county", "matter", "phone", "point", "name", "reply_by", "x"]),
        st.sampled_from(GOOD) | JSON, max_size=6,
    )
)  # fmt: skip
async def test_any_json_is_filed_or_refused(client: httpx.AsyncClient, key: str, given_body: dict[str, Any]) -> None:
    headers = bearer(key, **{"content-type": "application/json"})
    answer = await client.post("/api/v1/requests", content=msgspec.json.encode(given_body), headers=headers)
    _is_well_formed(answer, "json")
    assert answer.status_code in {200, 202, 422}


@MILD
@given(number=ANY, words=ANY)
async def test_any_number_and_words_are_taken_calmly(
    client: httpx.AsyncClient, key: str, number: str, words: str
) -> None:
    from urllib.parse import quote

    here = f"/api/v1/requests/{quote(number, safe='')}"
    for answer in (
        await client.get(here, headers=bearer(key)),
        await client.post(f"{here}/words", json={"words": words}, headers=bearer(key)),
        await client.post(f"{here}/rating", json={"grade": words}, headers=bearer(key)),
        await client.get("/api/v1/requests", params={"origin_no": number}, headers=bearer(key)),
        await client.get(f"/open311/v2/requests/{quote(number, safe='')}.xml"),
    ):
        assert answer.status_code < 500, (answer.request.url, answer.text[:300])
