"""A short storm over due acts: sweeps are cut off and their connections killed in the middle; each act is done once.

The long one, with real workers, Valkey and the stand-in: ``bench/storm_sweep.py``.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from datetime import datetime, timedelta

import asyncpg
import pytest

from channels import outbox
from channels.carrier import Outgoing
from hotline import clock, db, people, vault
from sla import proof, sweep
from tests import builders as b
from tests.engines import Place

pytestmark = pytest.mark.anyio

CASES, SWEEPS, SECONDS = 24, 3, 3.0


async def test_each_act_is_done_once_and_each_message_sent_once_whatever_is_cut_off(
    database: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = await late_cases()
    arrived: list[str] = []

    async def send(message: Outgoing) -> str:
        arrived.append(message.key)
        await asyncio.sleep(0.002)
        return f"p{len(arrived)}"

    monkeypatch.setattr(outbox, "SENDERS", {"sms": send})
    rng = random.Random(4)  # noqa: S311 - the same storm each time
    with clock.at(moment):
        end = asyncio.get_running_loop().time() + SECONDS
        async with asyncio.TaskGroup() as group:
            for _ in range(SWEEPS):
                group.create_task(cut_off(rng, end))
            group.create_task(kill_connections(database, rng, end))
        assert await sweep.sweep(moment) >= 0
        async with db.reading() as connection:
            found = await proof.prove(connection, moment - timedelta(days=30), moment + timedelta(seconds=1))
        with clock.at(moment + timedelta(days=5)):
            await outbox.deliver_due()
    assert found.holds
    assert found.count("waiting", "missing", "twice") == 0
    async with db.reading() as connection:
        kinds = await connection.fetch(
            "SELECT count(*) AS n FROM case_event WHERE kind IN ('breached', 'warned') GROUP BY kind, "
            "data::jsonb ->> 'clock'"
        )
        messages = await connection.fetchval("SELECT count(*) FROM outbox_message WHERE name = 'staff_reminder'")
    assert {row["n"] for row in kinds} == {1}
    assert messages > CASES
    assert Counter(arrived).most_common(1)[0][1] == 1
    assert len([key for key in arrived if key.startswith(("breached", "due_soon", "ordered"))]) <= messages


async def late_cases() -> datetime:
    """Cases at a unit whose liaison has a telephone; a moment when all of them are late, on a working day at noon."""
    person = await people.add(
        "storm.liaison", "联络", "correct horse 电池 staple", unit="130403", roles=("unit_liaison",)
    )
    await db.pool().execute(
        "INSERT INTO person_reach (person_id, doors, proven, sms, changed_at) VALUES ($1, '{sms}', '{sms}', $2, now())",
        person, vault.seal("13900000077", "person_reach.sms"),
    )  # fmt: skip
    for _ in range(CASES):
        await b.a_case("dispatched")
    return clock.on(clock.today() + timedelta(days=30), 12)


async def cut_off(rng: random.Random, end: float) -> None:
    """Sweep again and again, and be cancelled after a moment each time."""
    loop = asyncio.get_running_loop()
    while loop.time() < end:
        with contextlib.suppress(TimeoutError, asyncpg.InternalClientError, asyncpg.InterfaceError, *db.AWAY):
            async with asyncio.timeout(rng.uniform(0.02, 0.4)):
                await sweep.sweep()


async def kill_connections(place: Place, rng: random.Random, end: float) -> None:
    """Hang up on whoever is connected, as a server does that dies."""
    loop, root = asyncio.get_running_loop(), await asyncpg.connect(place.root_url)
    while loop.time() < end:
        await asyncio.sleep(rng.uniform(0.1, 0.3))
        await root.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
            "AND usename <> current_user AND random() < 0.5"
        )
    await root.close()
