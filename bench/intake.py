"""Intake beside its ceiling: what pgbench inserts, what is acknowledged over HTTP, what becomes a routed case.

    python -m bench.intake [--seconds 8] [--peer FOLDER --peer-venv VENV]

One run, one server, eight clients. (1) pgbench inserts the inbound row; the same row over HTTP,
to as many web processes as `hotline up` has. (2) pgbench inserts all
rows of one made case in one transaction, a statement a table; then messages over HTTP with the worker beside, until the
last of them is a case at its unit with clocks and receipt. (3) with --peer, django-helpdesk's create on the same server.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import httpx

from bench import common, load, pgbench
from cases import ledger
from cases.rebuild import NOUNS
from cases.rows import EventRow, TextRow
from channels import acknowledge, intake
from channels.message import Inbound
from channels.rows import InboundRow, OutboxRow
from hotline import db
from hotline.embedded import Engines
from hotline.settings import Settings
from hotline.work import Row
from sla.rows import ClockRow

WORDS = "和平路与陵西大街口的路灯三天不亮，晚上过马路看不清，老人和放学的孩子都不敢走，请尽快派人修一下。第{n}次反映。"
BODY = json.dumps({
    "words": WORDS, "kind": "assistance", "place": "丛台区和平路", "county": "130403", "matter": "020201",
    "name": "王小明", "phone": "{phone}", "reply_by": "sms",
}, ensure_ascii=False)  # fmt: skip
HEADERS = {"Content-Type": "application/json", "Accept": "application/json"}
GOALS = {"acknowledged": 0.40, "made": 0.15, "peer": 5.0}


async def rows_of_a_case(number: str) -> list[Row]:
    """Every row that one message left, in the order in which they may be inserted."""
    async with db.reading() as connection:
        case_id = await connection.fetchval("SELECT id FROM cases WHERE number = $1", number)
        found: list[Row] = []
        for kind in (*NOUNS, EventRow, TextRow, ClockRow, OutboxRow):
            where = "id" if kind is NOUNS[0] else "case_id"
            sql = f"SELECT {ledger.columns(kind)} FROM {kind.table} WHERE {where} = $1"
            found += [ledger.read_row(kind, record) for record in await connection.fetch(sql, case_id)]
    return found


async def scripts() -> tuple[str, str]:
    """Pgbench's two scripts: the inbound row alone, and the whole of a case with its inbound row turned to made."""
    message = Inbound(channel="web", provider_id="bench", **json.loads(BODY.replace("{phone}", "13900000000")))
    receipt = await acknowledge.acknowledge(message)
    async with db.reading() as connection:
        sql = f"SELECT {ledger.columns(InboundRow)} FROM inbound_message WHERE id = $1"
        inbound = InboundRow(**await connection.fetchrow(sql, receipt.message))
    first = pgbench.script([inbound])
    await intake.make_one(receipt.message)
    rows = await rows_of_a_case(receipt.number)
    case = rows[0]
    print(
        f"a made case is {len(rows)} rows and its inbound row: "
        + ", ".join(f"{sum(r.table == t for r in rows)} {t}" for t in dict.fromkeys(r.table for r in rows))
    )
    done = (
        f"UPDATE inbound_message SET state = 'made', body = NULL, case_id = {{{case.id}}} WHERE id = {{{inbound.id}}};"  # type: ignore[attr-defined]
    )
    return first, pgbench.script([inbound, *rows], after=done)


@contextlib.contextmanager
def child(words: list[str], env: dict[str, str], log: Path, handles: tuple[int, ...] = ()) -> Iterator[None]:
    """A process of the house until the block ends."""
    with log.open("ab") as out:
        command = [sys.executable, "-m", "hotline", *words]
        process = subprocess.Popen(command, env=env, stdout=out, stderr=out, pass_fds=handles)
    try:
        yield
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()


@contextlib.asynccontextmanager
async def web(here: Settings, port: int) -> AsyncIterator[None]:
    """The web processes, as many and on one socket as `hotline up` starts them, answering."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", port), backlog=512))
        log = here.data_dir / "web.log"
        words = ["web", "--handle", str(listener.fileno())]
        for _ in range(here.web_processes):
            stack.enter_context(child(words, common.environment(here), log, (listener.fileno(),)))
        try:
            await answering(f"http://127.0.0.1:{port}/")
        except RuntimeError as error:
            error.add_note(log.read_text(errors="replace")[-3000:])
            raise
        await asyncio.sleep(3)  # the other ones too
        yield


async def answering(address: str) -> None:
    """Wait until something answers there."""
    async with httpx.AsyncClient(timeout=5) as client:
        for _ in range(400):
            with contextlib.suppress(httpx.TransportError):
                await client.get(address)
                return
            await asyncio.sleep(0.05)
    raise RuntimeError(f"nothing answers at {address}")


async def count(state: str) -> int:
    """Messages in a state."""
    return int(await db.pool().fetchval("SELECT count(*) FROM inbound_message WHERE state = $1", state))


async def made(here: Settings, given: argparse.Namespace, first: int) -> tuple[float, load.Told, int]:
    """Cases a second, from the first request until the last message is a case."""
    before = await count("made")
    with child(["worker"], common.environment(here), here.data_dir / "worker.log"):
        await asyncio.sleep(3)
        began = time.perf_counter()
        told = await load.run_beside(plan_of(given, given.seconds, first))
        while await count("new"):
            await asyncio.sleep(0.05)
        took = time.perf_counter() - began
    done = await count("made") - before
    return done / took, told, done


async def peer(pair: Engines, folder: Path, venv: Path, seconds: float) -> load.Told:
    """django-helpdesk 2.6.1 with three gunicorn workers on the same server: its own create, eight clients."""
    env = {**os.environ, "PGHOST": str(pair.sockets), "DJANGO_SETTINGS_MODULE": "settings", "PYTHONPATH": "."}
    subprocess.run(["bash", "setup.sh", str(venv)], cwd=folder, env=env, check=True, capture_output=True)
    command = [str(venv / "bin" / "gunicorn"), "-w", "3", "-b", "127.0.0.1:8711", "wsgi"]
    process = subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        await answering("http://127.0.0.1:8711/")
        ticket = {
            "queue": 1,
            "title": "路灯不亮 {n}",
            "description": WORDS,
            "submitter_email": "c@example.com",
            "priority": 3,
        }
        plan = load.Plan(
            port=8711, path="/api/tickets/", seconds=seconds, body=json.dumps(ticket, ensure_ascii=False),
            headers={**HEADERS, **load.basic("agent", "pw")},
        )  # fmt: skip
        return await load.run_beside(plan)
    finally:
        process.terminate()
        process.wait(10)


async def main(pair: Engines) -> None:
    """The whole comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--port", type=int, default=8731)
    parser.add_argument("--peer", type=Path)
    parser.add_argument("--peer-venv", type=Path, default=Path("/tmp/peer-venv"))  # noqa: S108 - only a default
    given = parser.parse_args()
    here = await common.prepare(pair, "bench_intake")
    async with common.house(here):
        first, whole = await scripts()
        lines = await compared(pair, here, given, first, whole)
    common.note("Intake", lines)


async def compared(pair: Engines, here: Settings, given: argparse.Namespace, first: str, whole: str) -> list[str]:
    """Each measurement beside its ceiling, in turns of a second or two, so that both meet the same machine."""
    name = here.database_url.partition("@/")[2].partition("?")[0]
    ceilings: list[float] = []
    tolds: list[load.Told] = []
    async with web(here, given.port):
        await load.run_beside(plan_of(given, 1.0, 10_000_000))
        for turn in range(given.rounds):
            ceilings.append(await asyncio.to_thread(pgbench.run, pair, name, first, seconds=2))
            tolds.append(await load.run_beside(plan_of(given, 2.0, 1_000_000 * turn)))
            await db.pool().execute("DELETE FROM inbound_message WHERE state = 'new'")
        ratios = [told.rate / ceiling for told, ceiling in zip(tolds, ceilings, strict=True)]
        middle = sorted(tolds, key=lambda one: one.rate)[len(tolds) // 2]
        lines = [
            f"pgbench, the inbound row, 8 clients           {common.quantile(ceilings, 0.5):9,.0f} /s   middle of {given.rounds} turns",
            f"acknowledged over HTTP, 8 clients             {middle.rate:9,.0f} /s   p50 {middle.p50:.1f} ms  p95 {middle.p95:.1f} ms   {_sum(tolds)}",
            f"  ratio {common.quantile(ratios, 0.5):.2f}   (goal {GOALS['acknowledged']:.2f}; turns {min(ratios):.2f} to {max(ratios):.2f})",
        ]
        most = await asyncio.to_thread(pgbench.run, pair, name, whole, seconds=given.seconds)
        rate, told, done = await made(here, given, 20_000_000)
        lines += [
            f"pgbench, all rows of a case, 8 clients        {most:9,.0f} /s",
            f"made into routed cases, worker beside         {rate:9,.0f} /s   {done} cases, all of {told.count} acknowledged",
            f"  ratio {rate / most:.2f}   (goal {GOALS['made']:.2f})",
            await checked(),
        ]
    if given.peer:
        theirs = await peer(pair, given.peer, given.peer_venv, given.seconds)
        lines += [
            f"django-helpdesk 2.6.1, create, 8 clients      {theirs.rate:9,.0f} /s   p50 {theirs.p50:.1f} ms  p95 {theirs.p95:.1f} ms   {theirs.statuses}",
            f"  ours made into cases / theirs {rate / theirs.rate:.1f}   (goal {GOALS['peer']:.0f})",
        ]
    return lines


def plan_of(given: argparse.Namespace, seconds: float, first: int) -> load.Plan:
    """Eight clients that post for so long."""
    return load.Plan(port=given.port, path="/api/requests", seconds=seconds, body=BODY, headers=HEADERS, first=first)


def _sum(tolds: Sequence[load.Told]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for told in tolds:
        found.update(told.statuses)
    return dict(found)


async def checked() -> str:
    """Whether the cases of the run have what they should: a unit, running clocks, a receipt."""
    row = await db.pool().fetchrow(
        "SELECT count(*) AS n, count(*) FILTER (WHERE c.state = 'active' AND c.lead_unit IS NOT NULL) AS routed, "
        "count(*) FILTER (WHERE EXISTS (SELECT FROM clock k WHERE k.case_id = c.id AND k.stopped_at IS NULL)) AS clocks, "
        "count(*) FILTER (WHERE EXISTS (SELECT FROM outbox_message o WHERE o.case_id = c.id)) AS told "
        "FROM cases c JOIN inbound_message m ON m.case_id = c.id WHERE m.provider_id LIKE 'api:%'"
    )
    return f"  of {row['n']} cases: {row['routed']} at a unit, {row['clocks']} with clocks running, {row['told']} with a receipt"


if __name__ == "__main__":
    common.run(main)
