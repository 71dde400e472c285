"""The call screen over HTTP at ten thousand and at a million cases: ready on a ring, and proposals with agents typing.

    python -m bench.desk [--small 10000] [--large 1000000] [--open 8000] [--rounds 100] [--agents 50] [--seconds 20]

A ring: the strip that the page fetches (line, greeting, the caller's history), then the desk that F2 opens, with the
draft made for the call; each on its own and one after the other, one client, each round another call of a caller with
a dozen cases. Proposals: so many agents write at once, each growing its words; with every settled stretch the page
sends what a browser sends (proposals, with the unit, the due date and risk words; the draft); what is timed is the
proposals' answer, from the request to its last byte. The 400 ms of ``settled`` before it are the page's and not in it. Two databases, a
web process each, asked in turn.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import re
import time
from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import msgspec

from bench import common, suggest
from bench.intake import web
from channels import calls, seats
from hotline import db, demo_people, people, vault
from hotline.embedded import Engines
from hotline.ids import new_id
from hotline.settings import Settings
from web import access, security

RING, TYPED = 200.0, 150.0
WARM = 6.0
"""Seconds of typing that are not measured: a process just started compiles its templates and opens its connections."""
CALLERS, EACH = 40, 12
PARTS = ("strip", "desk", "ring to ready")
_KNOWN = """
UPDATE request SET phone_index = $1 WHERE id IN (SELECT id FROM request ORDER BY id OFFSET $2 LIMIT $3)
"""
_RINGS = "UPDATE call SET state = 'offered', outcome = NULL, ended_at = NULL, offered_at = now() WHERE id = $1"
_OVER = "UPDATE call SET state = 'ended', outcome = 'missed', ended_at = now() WHERE id = $1"


class Side(msgspec.Struct):
    """One of the two databases, served: a client signed in, its form token, the calls that will ring."""

    client: httpx.AsyncClient
    token: str
    agent: UUID
    rung: list[UUID]
    words: list[str]


async def _prepared(here: Settings, rounds: int) -> tuple[str, UUID, list[UUID], list[str]]:
    """A session, its person, calls offered to it by callers who have been heard before, and words to type."""
    async with common.house(here):
        token, _ = await people.sign_in("agent", demo_people.PASSWORD, "127.0.0.1")
        rung = []
        async with db.atomic() as connection:
            agent = await connection.fetchval("SELECT id FROM person WHERE login = 'agent'")
            for n in range(CALLERS):
                await connection.execute(_KNOWN, vault.phone_index(f"1380001{n:04d}"), n * EACH, EACH)
            for n in range(rounds):
                call = await calls.add(
                    connection, direction=calls.IN, purpose="call", number=f"1380001{n % CALLERS:04d}", line="12319",
                    state=calls.ENDED, outcome=calls.MISSED, agent=agent, provider_id=f"bench-{new_id()}",
                )  # fmt: skip
                rung.append(call)
        words = [asked.words for _, asked in suggest.calls(400, 1000)]
        return token, agent, rung, words


@contextlib.asynccontextmanager
async def served(here: Settings, port: int, rounds: int) -> AsyncIterator[Side]:
    """The database behind a web process of its own."""
    session, agent, rung, words = await _prepared(here, rounds)
    async with (
        web(msgspec.structs.replace(here, web_processes=1), port),
        httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", timeout=60, cookies={access.SESSION: session},
            limits=httpx.Limits(max_connections=200),
        ) as client,
    ):  # fmt: skip
        page = await client.get("/desk")
        found = re.search(rf'name="{security.FIELD}" value="(\w+)"', page.text)
        if found is None:
            raise RuntimeError(f"no desk: {page.status_code}")
        yield Side(client, found[1], agent, rung, words)


async def rings(side: Side, call: UUID) -> tuple[float, float]:
    """Milliseconds of the strip and of the desk for one call, which is offered to the seat just before."""
    async with db.atomic() as connection:
        await connection.execute(_RINGS, call)
        await seats.move(connection, side.agent, seats.RINGING, call=call)
    began = time.perf_counter()
    strip = await side.client.get("/seat", headers={"HX-Request": "true", "HX-Target": "r-seat"})
    between = time.perf_counter()
    desk = await side.client.get(f"/desk?call={call}")
    done = time.perf_counter()
    if "is-ringing" not in strip.text or f'name="call" value="{call}"' not in desk.text:
        raise RuntimeError(f"strip {strip.status_code}, desk {desk.status_code}")
    async with db.atomic() as connection:
        await connection.execute(_OVER, call)
    return 1000 * (between - began), 1000 * (done - between)


async def rung(here: Settings, side: Side) -> dict[str, list[float]]:
    """All rings of one side; the first ten fill caches and plans."""
    times: dict[str, list[float]] = {part: [] for part in PARTS}
    async with common.house(here):
        for n, call in enumerate(side.rung):
            strip, desk = await rings(side, call)
            if n >= 10:
                for part, value in zip(PARTS, (strip, desk, strip + desk), strict=True):
                    times[part].append(value)
    return times


async def _typing(side: Side, words: list[str], until: float, times: list[float], rng: random.Random) -> None:
    """One agent: a sentence grows by a stretch every second or two; each stretch asks what a browser asks, at most.

    The unit, the due date and a risk come along with the proposals.
    """
    while time.perf_counter() < until:
        text, draft = rng.choice(words), new_id().hex
        for version, end in enumerate(range(8, len(text) + 8, 8), 1):
            await asyncio.sleep(rng.uniform(1.0, 2.0))
            if time.perf_counter() > until:
                return
            sent = {
                security.FIELD: side.token, "draft": str(UUID(draft)), "words": text[:end], "version": str(version),
                "window": draft, "line": "12345", "channel": "phone", "kind": "assistance", "urgency": "normal",
                "outcome": "accept",
            }  # fmt: skip
            await asyncio.gather(_asked(side, sent, times), _post(side, "drafts", sent))


async def _post(side: Side, what: str, sent: dict[str, str]) -> None:
    answer = await side.client.post(f"/desk/{what}", data=sent, headers={"HX-Request": "true"})
    if answer.status_code != 200:
        raise RuntimeError(f"{what}: {answer.status_code} {answer.text[:200]}")


async def _asked(side: Side, sent: dict[str, str], times: list[float]) -> None:
    began = time.perf_counter()
    await _post(side, "proposals", sent)
    times.append(1000 * (time.perf_counter() - began))


async def typed(side: Side, agents: int, seconds: float) -> list[float]:
    """Milliseconds of each proposals' answer while so many agents type."""
    times: list[float] = []
    until = time.perf_counter() + seconds
    await asyncio.gather(*(_typing(side, side.words, until, times, random.Random(n)) for n in range(agents)))
    return times


def _line(name: str, times: list[float], goal: float) -> str:
    p50, p95 = common.quantile(times, 0.5), common.quantile(times, 0.95)
    mark = "" if goal == 0 else f"   goal p95 {goal:.0f}: {'kept' if p95 <= goal else 'MISSED'}"
    return f"{name:<30}{len(times):6} {p50:8.1f} {p95:8.1f}{mark}"


async def main(pair: Engines) -> None:
    """Fill, serve, ring, type, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--open", type=int, default=8_000)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--agents", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--keep", action="store_true", help="use what an earlier run left in BENCH_FOLDER")
    parser.add_argument("--port", type=int, default=8761)
    given = parser.parse_args()
    lines, p95 = [f"{'':<30}{'n':>6} {'p50':>8} {'p95':>8}   ms"], []
    for n, count in enumerate((given.small, given.large)):
        name = f"bench_desk_{'large' if n else 'small'}"
        here = await suggest.filled(pair, name, count, min(given.open, count), is_kept=given.keep)
        async with served(here, given.port + n, given.rounds + 10) as side:
            times = await rung(here, side)
            await typed(side, given.agents, WARM)
            writing = await typed(side, given.agents, given.seconds)
        lines.append(f"{count:,} cases")
        lines += [_line(f"  {part}", times[part], RING if part == PARTS[-1] else 0) for part in PARTS]
        lines.append(_line(f"  proposals, {given.agents} typing", writing, TYPED))
        p95.append((common.quantile(times[PARTS[-1]], 0.95), common.quantile(writing, 0.95)))
    ratio = [b / a for a, b in zip(*p95, strict=True)]
    common.note("Desk", [
        f"whole answers over HTTP; rings one after another ({given.rounds} a size); proposals {given.seconds:.0f} s long,"
        " each agent a stretch of 8 characters every 1 to 2 s with its draft; client on the same cores",
        *lines, f"p95 large against small: ring {ratio[0]:.2f}, proposals {ratio[1]:.2f}",
    ])  # fmt: skip


if __name__ == "__main__":
    common.run(main)
