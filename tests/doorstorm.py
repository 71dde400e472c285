"""A storm at the text doors: each message comes several times and out of order while things break underneath.

What a message became is counted in the database; what its sender got for it, at the stand-in.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import signal
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import asyncpg
import msgspec

from hotline import processes
from hotline.embedded import Engines
from hotline.simulate.standin import StandIn
from tests.houses import House

SMS, WECHAT = "sms", "wechat"
RECEIPT = re.compile(r"编号 ?(\d{6}-\d{5,})")
SETTLED = """
    SELECT (SELECT count(*) FROM arrival WHERE state = 'new') AS arrivals,
        (SELECT count(*) FROM outbox_message WHERE state = 'queued' AND NOT is_waking) AS queued
"""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One message of the storm: its words are its own, and so is its sender."""

    door: str
    person: str
    words: str
    copies: int
    at: float


class Reckoning(msgspec.Struct, kw_only=True):
    """What became of the storm. All lists empty but ``doubled`` means that all is well; that one holds who got two."""

    said: int
    lost: list[str]
    """Words that no request holds."""
    many: list[str]
    """Words that several requests hold."""
    unknown: list[str]
    """Words of requests that nobody said."""
    without: list[str]
    """Who got no receipt."""
    wrong: list[str]
    """Who got another's number, or several."""
    doubled: dict[str, int]
    """Who got the same receipt more than once, and how often."""

    @property
    def is_exact(self) -> bool:
        """Whether every message ended as exactly one request whose receipt arrived."""
        return not (self.lost or self.many or self.unknown or self.without or self.wrong)


class Storm:
    """``texts`` and ``chats`` messages within ``seconds``, each up to ``copies`` times. ``name`` begins their words."""

    def __init__(
        self, standin: StandIn, name: str, *, texts: int, chats: int, seconds: float, copies: int = 3, seed: int = 1
    ) -> None:
        chance = random.Random(seed)  # noqa: S311 - the same storm every time
        self.standin = standin
        self.name = name
        doors = [SMS] * texts + [WECHAT] * chats
        chance.shuffle(doors)
        self.said = [
            Said(
                door=door, person=f"139{seed:03d}{n:05d}" if door == SMS else f"oStorm{seed:03d}-{n:05d}",
                words=f"{name}第{n}件：丛台区和平路与陵西大街口第{n}盏路灯不亮", copies=chance.randint(1, copies),
                at=chance.uniform(0, seconds),
            )
            for n, door in enumerate(doors)
        ]  # fmt: skip
        self.refused: list[str] = []
        """Words of which no delivery was taken."""

    async def rage(self) -> None:
        """Say everything at its time."""
        await asyncio.gather(*(self._say(one) for one in self.said))

    async def _say(self, one: Said) -> None:
        await asyncio.sleep(one.at)
        if one.door == SMS:
            answers = await self.standin.twilio.text(one.person, one.words, times=one.copies, together=True)
        else:
            await self.standin.wechat.say(one.person, one.words, times=one.copies, together=True)
            made = [delivery for delivery in self.standin.wechat.deliveries if delivery.openid == one.person]
            answers = [answer for delivery in made for answer in delivery.tries]
        if not any(answer.is_good for answer in answers):
            self.refused.append(one.words)

    async def reckon(self, url: str) -> Reckoning:
        """Count requests in the database and receipts at the stand-in."""
        connection = await asyncpg.connect(url)
        try:
            rows = await connection.fetch(
                "SELECT words, receipt_no FROM request WHERE words LIKE $1", f"{self.name}%"
            )
        finally:
            await connection.close()
        held = Counter(row["words"] for row in rows)
        number_of = {row["words"]: row["receipt_no"] for row in rows}
        told = Reckoning(said=len(self.said), lost=[], many=[], unknown=[], without=[], wrong=[], doubled={})
        told.unknown = sorted(set(held) - {one.words for one in self.said})
        for one in self.said:
            if held[one.words] != 1:
                (told.many if held[one.words] else told.lost).append(one.words)
                continue
            numbers = [found[1] for text in self._got(one) if (found := RECEIPT.search(text))]
            if not numbers:
                told.without.append(one.person)
            elif set(numbers) != {number_of[one.words]}:
                told.wrong.append(one.person)
            elif len(numbers) > 1:
                told.doubled[one.person] = len(numbers)
        return told

    def _got(self, one: Said) -> Sequence[str]:
        if one.door == SMS:
            return self.standin.twilio.texts_to(one.person)
        return self.standin.wechat.sent_to(one.person)


def stop_postgres(house: House) -> None:
    """PostgreSQL dies, and nobody starts it again before the house is let go on."""
    os.kill(house.process.pid, signal.SIGSTOP)
    first = int((Engines(house.data).postgres.data / "postmaster.pid").read_text().split()[0])
    members = [first, *(pid for pid in house.members() if processes.is_running(pid, "postgres: "))]
    os.kill(first, signal.SIGKILL)
    assert processes.wait_until(lambda: not any(processes.is_running(pid) for pid in members), 30)


async def break_things(house: House, away: float) -> int:
    """PostgreSQL ``away`` for so many seconds; soon afterwards the worker killed in the middle of its work.

    Returns how many messages waited in the spool when PostgreSQL came back.
    """
    await asyncio.sleep(2)
    await asyncio.to_thread(stop_postgres, house)
    try:
        await asyncio.sleep(away)
        spooled = sum(one.read_bytes().count(b"\n") for one in (house.data / "spool").glob("*.spool"))
    finally:
        os.kill(house.process.pid, signal.SIGCONT)
    await asyncio.sleep(2)
    os.kill(house.pid_of("-m", "hotline", "worker"), signal.SIGKILL)
    return spooled


async def until_done(house: House, seconds: float, *, hurry: bool = True) -> None:
    """Wait until everything is read and sent. ``hurry``: what the dead worker held comes back at once."""
    url, end = Engines(house.data).app_url, time.monotonic() + seconds
    while any(still := await left(url, house.data)):
        assert time.monotonic() < end, f"{still}: arrivals not read, texts not sent, files in the spool"
        if hurry and still[0] == still[2] == 0:
            connection = await asyncpg.connect(url)
            await connection.execute(
                "UPDATE outbox_message SET next_at = now() "
                "WHERE state = 'queued' AND next_at BETWEEN now() + interval '100 s' AND now() + interval '180 s'"
            )
            await connection.close()
            hurry = False
        await asyncio.sleep(0.3)


async def left(url: str, data: Path) -> tuple[int, int, int]:
    """What is still to be done: messages not read, texts not sent, files in the spool. PostgreSQL away: unknown, -1."""
    try:
        connection = await asyncpg.connect(url)
    except (OSError, asyncpg.PostgresError):
        return (-1, -1, -1)
    try:
        row = await connection.fetchrow(SETTLED)
    finally:
        await connection.close()
    spooled = [one for one in (data / "spool").glob("*.spool") if one.stat().st_size]
    return row["arrivals"], row["queued"], len(spooled)
