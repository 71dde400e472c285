"""Several people who sit at one browser in turn, each in a session that they opened once."""

from __future__ import annotations

from uuid import UUID

import httpx

from hotline import people
from tests.web import house
from tests.web.test_workbench import hidden
from web import access

UNIT = "130403"


class Seats:
    """People who sit at one browser in turn, each in the session they opened once."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.tokens: dict[str, str] = {}
        self.ids: dict[str, UUID] = {}

    async def add(self, name: str, *roles: str, unit: str = UNIT) -> None:
        self.ids[name], login = await house.a_person(*roles, unit=unit, name=name)
        self.tokens[name], _ = await people.sign_in(login, house.PASSWORD, "127.0.0.1")

    def sit(self, name: str) -> httpx.AsyncClient:
        self.client.cookies.set(access.SESSION, self.tokens[name], domain="testserver.local")
        return self.client

    async def act(self, name: str, number: str, slug: str, where: str = "", **typed: str) -> httpx.Response:
        """Open the page of an act and post its form."""
        client, at = self.sit(name), where or f"/work?case={number}"
        page = await house.get(client, at)
        answer = await house.post(client, f"/cases/{number}/{slug}", {**hidden(page, slug), **typed}, page=at)
        assert answer.status_code == 303, (name, slug, answer.status_code, answer.text[:2000])
        return answer
