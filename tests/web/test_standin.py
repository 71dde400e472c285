"""A demo city that sends to the stand-in says so where its administrator looks; a city with providers says nothing."""

from __future__ import annotations

import httpx
import msgspec
import pytest

from hotline import settings
from hotline.simulate import fixed
from tests import engines as stage
from tests.web import house

pytestmark = pytest.mark.anyio


async def test_operations_say_where_a_demo_sends_and_a_city_with_providers_hears_nothing_of_it(
    client: httpx.AsyncClient, database: stage.Place
) -> None:
    async with house.signed_in(client, "admin"):
        assert "hotline simulate" not in await house.get(client, "/admin/operations")
        settings.use(fixed.lent(database.settings))
        try:
            seen = await house.get(client, "/admin/operations")
            assert "hotline simulate" in seen
            assert fixed.ADDRESS in seen
            settings.use(msgspec.structs.replace(settings.current(), twilio_url="https://x", wechat_url="https://y"))
            assert "hotline simulate" not in await house.get(client, "/admin/operations")
        finally:
            settings.use(database.settings)
