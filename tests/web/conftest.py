"""Who sits at the browser of the web tests."""

from __future__ import annotations

from uuid import UUID

import httpx
import pytest

from hotline import people
from tests.engines import Place
from tests.web import house
from web import access


@pytest.fixture(scope="module")
async def administrator(database: Place) -> tuple[UUID, str]:
    """One administrator of the module and the token of an open session: passwords cost a second each."""
    person, login = await house.a_person("admin", unit="HOT", name="朱辉")
    token, _ = await people.sign_in(login, house.PASSWORD, "127.0.0.1")
    return person, token


@pytest.fixture
def admin(client: httpx.AsyncClient, administrator: tuple[UUID, str]) -> UUID:
    """``client`` is the administrator's browser."""
    client.cookies.set(access.SESSION, administrator[1], domain="testserver.local")
    return administrator[0]
