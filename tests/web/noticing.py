"""People who work on notices, and a notice brought to a stage through HTTP: for the tests of notices."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator, Mapping

import httpx

from hotline import db, people, settings
from tests import builders as b
from tests.web import house
from web import access

TEXTS = {
    "wrong": "路灯报修后超过期限没有修好 <b>&</b>。", "rule": "《城市照明管理规定》第二十五条。",
    "required": "十个工作日内修好并公布结果。",
}  # fmt: skip
WHO: dict[str, tuple[tuple[str, ...], str]] = {
    "publisher": (("publication",), "HOT"), "reviewer": (("business_reviewer",), "HOT"),
    "secrecy": (("secrecy_reviewer",), "GOV"),
    "both": (("business_reviewer", "secrecy_reviewer", "publication"), "HOT"), "agent": (("agent",), "HOT"),
    "unit": (("unit_handler",), "130403"), "other": (("unit_handler",), "CGB"),
}  # fmt: skip
TOKENS: dict[tuple[str, str], str] = {}


@contextlib.asynccontextmanager
async def signed_in(client: httpx.AsyncClient, who: str) -> AsyncIterator[None]:
    """``client`` is one person a role, signed in once in a module: a password costs a third of a second."""
    roles, unit = WHO[who]
    key = (settings.current().database_url, who)
    if key not in TOKENS:
        _, login = await house.a_person(*roles, unit=unit)
        TOKENS[key], _ = await people.sign_in(login, house.PASSWORD, "127.0.0.1")
    client.cookies.set(access.SESSION, TOKENS[key], domain="testserver.local")
    try:
        yield
    finally:
        client.cookies.delete(access.SESSION)


async def act(
    client: httpx.AsyncClient, who: str, path: str, data: Mapping[str, object] | None = None, *, page: str = "",
    files: object = None,
) -> httpx.Response:  # fmt: skip
    """One post by a person of a role, with the revision of the page they look at."""
    async with signed_in(client, who):
        shown = await client.get(page or path.rpartition("/")[0])
        found = re.search(r'name="revision" value="(\d+)"', shown.text)
        given = {**({"revision": found[1]} if found else {}), **(data or {})}
        return await house.post(client, path, given, page=page or path.rpartition("/")[0], files=files)


async def a_draft(client: httpx.AsyncClient, **change: str) -> str:
    """The address of a draft drawn from a closed case."""
    receipt = await b.a_case("closed")
    answer = await act(
        client,
        "publisher",
        "/notices/drafts",
        {**TEXTS, **change, "case": receipt.number},
        page=f"/notices/drafts/new?case={receipt.number}",
    )
    assert answer.status_code == 303, answer.text[:1500]
    return str(answer.headers["location"])


async def published(client: httpx.AsyncClient, **change: str) -> tuple[str, str]:
    """The staff's and the public address of a published notice."""
    page = await a_draft(client, **change)
    await go_public(client, page)
    async with db.reading() as connection:
        slug = await connection.fetchval("SELECT slug FROM notice WHERE id = $1", page.rpartition("/")[2])
    return page, f"/notices/{slug}"


async def go_public(client: httpx.AsyncClient, page: str) -> None:
    """A draft through review, the unit's reply, both approvals and publication."""
    for who, step, data in (
        ("publisher", "review", {}), ("unit", "reply", {"text": ""}), ("reviewer", "approval", {}),
        ("secrecy", "clearance", {}), ("publisher", "publication", {}),
    ):  # fmt: skip
        answer = await act(client, who, f"{page}/{step}", data)
        assert answer.status_code == 303, (who, step, answer.text[:3000])
