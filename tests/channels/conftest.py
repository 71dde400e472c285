"""What the tests of the telephone share."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from channels import phones, ringing
from hotline import db
from tests.engines import Place
from tests.phones import FakePhones


@pytest.fixture
async def carrier(database: Place) -> AsyncIterator[FakePhones]:
    """The carrier of this process, and a floor that nobody left anything on."""
    one = FakePhones()
    phones.use(one)
    ringing._quiet_until = 0.0
    async with db.atomic() as connection:
        await connection.execute("DELETE FROM recording")
        await connection.execute("DELETE FROM callback_task")
        await connection.execute("DELETE FROM transfer_record")
        await connection.execute("DELETE FROM call_event")
        await connection.execute("DELETE FROM seat")
        await connection.execute("DELETE FROM seat_log")
        await connection.execute("DELETE FROM call")
    yield one
    phones.use(None)
