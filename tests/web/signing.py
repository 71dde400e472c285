"""What the tests of signing in do again and again: sign in, try a password, set a rule, enrol a second factor."""

from __future__ import annotations

import re

import httpx
import pyotp

from hotline import city, city_verbs, clock, people
from hotline.errors import Refusal
from tests.web import house
from web import access


async def sign_in(client: httpx.AsyncClient, login: str, password: str = house.PASSWORD) -> httpx.Response:
    """The answer to a sign-in in a browser that had no session."""
    client.cookies.delete(access.SESSION)
    return await house.post(client, "/sign-in", {"login": login, "password": password}, page="/sign-in")


async def tried(login: str, address: str, password: str = "wrong password") -> int:
    """The status of a password tried from an address: 200 when it is right."""
    try:
        await people.proven(login, password, address)
    except Refusal as refusal:
        return refusal.status
    return 200


async def set_rule(key: str, value: str) -> None:
    """Another value of a rule of the city."""
    await city_verbs.set_rule(key, value)
    await city.load()


async def enrolled(client: httpx.AsyncClient, page: str) -> tuple[pyotp.TOTP, list[str]]:
    """A second factor made on this page: the application that shows its codes, and the recovery codes."""
    shown = await house.get(client, page)
    assert "<svg" in shown
    secret = re.search(r'class="code-shown">([A-Z2-7 ]+)<', shown)
    assert secret
    one = pyotp.TOTP(secret[1].replace(" ", ""))
    assert (await house.post(client, page, {"code": "000000"}, page=page)).status_code == 422
    answer = await house.post(client, page, {"code": one.at(clock.now())}, page=page)
    return one, re.findall(r'class="code-shown">([A-Z2-9-]{9})<', house.checked(answer))
