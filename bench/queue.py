"""The queue page of 50 at ten thousand and at a million cases, as three people see it: time, and SQL statements.

    python -m bench.queue [--small 10000] [--large 1000000] [--open 8000] [--rounds 60]

Two databases on one server, a web process each; one client asks them in turn, so that whatever else the machine does
falls on both. The statements are counted in this process. Both sizes have the same number of open cases, because a
city's open work does not grow with its archive; ``--open-share 0.1`` makes it grow.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import time
from collections.abc import AsyncIterator, Sequence

import httpx
import msgspec

from bench import common, fill
from bench.intake import web
from hotline import db, demo_people, people
from hotline.embedded import Engines
from hotline.settings import Settings
from web import access

PEOPLE = ("dispatcher", "county", "congtai", "cgb_head")
ASKED = {
    "by due": "/cases?sort=due",
    "by newest": "/cases?sort=new",
    "by due, 路灯": "/cases?sort=due&q=路灯",
    "by newest, 路灯": "/cases?sort=new&q=路灯",
    "by due, 人民东路": "/cases?sort=due&q=人民东路",
    "overdue": "/cases?band=overdue",
}
ARCHIVE = {
    "archive by newest": "/cases?sort=new&open=all",
    "archive, 路灯": "/cases?sort=new&open=all&q=路灯",
    "archive, 人民东路 罗城头": "/cases?sort=new&open=all&q=人民东路 罗城头",
}
GOAL, STATEMENTS = 1.3, 6


class Side(msgspec.Struct):
    """One of the two databases, served."""

    client: httpx.AsyncClient
    tokens: dict[str, str]


async def filled(pair: Engines, name: str, count: int, open_count: int, *, is_kept: bool) -> Settings:
    """A house with so many cases; one that BENCH_FOLDER kept is taken as it is."""
    if is_kept:
        return common.settings_of(pair, name)
    here = await common.prepare(pair, name)
    async with common.house(here):
        lap = common.Lap()
        await fill.fill(here.owner_url, count, open_count)
        print(f"{name}: {count:,} cases, {open_count:,} open, filled in {lap.seconds:.0f} s", flush=True)
    return here


async def tokens(here: Settings, who_asks: Sequence[str] = PEOPLE) -> dict[str, str]:
    """A session for each of the people."""
    async with common.house(here):
        return {who: (await people.sign_in(who, demo_people.PASSWORD, "127.0.0.1"))[0] for who in who_asks}


@contextlib.asynccontextmanager
async def served(here: Settings, port: int, who_asks: Sequence[str] = PEOPLE) -> AsyncIterator[Side]:
    """The database behind a web process of its own."""
    signed = await tokens(here, who_asks)
    async with (
        web(msgspec.structs.replace(here, web_processes=1), port),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client,
    ):
        yield Side(client, signed)


async def timed(side: Side, who: str, path: str) -> float:
    """Milliseconds of one page."""
    began = time.perf_counter()
    answer = await side.client.get(path, headers={"Cookie": f"{access.SESSION}={side.tokens[who]}"})
    took = 1000 * (time.perf_counter() - began)
    if answer.status_code != 200 or "/cases/" not in answer.text:
        raise RuntimeError(f"{who} {path}: {answer.status_code}")
    return took


async def statements(here: Settings) -> tuple[int, str]:
    """The most SQL statements that one of the pages takes, and which."""
    from hotline.app import create_app  # noqa: PLC0415 - the web floor, only here

    most = (0, "")
    async with common.house(here):
        from hotline import vault  # noqa: PLC0415 - beside it
        from web import security  # noqa: PLC0415 - the same

        security.use_key(vault.index("web.form-token"))
        signed = {who: (await people.sign_in(who, demo_people.PASSWORD, "127.0.0.1"))[0] for who in PEOPLE}
        transport = httpx.ASGITransport(app=create_app())
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            for who, token in signed.items():
                for name, path in (ASKED | ARCHIVE).items():
                    seen: list[str] = []
                    kept = db.statements.set(seen)
                    with contextlib.redirect_stderr(io.StringIO()):  # the application's log lines
                        answer = await client.get(path, headers={"Cookie": f"{access.SESSION}={token}"})
                    db.statements.reset(kept)
                    if answer.status_code != 200:
                        raise RuntimeError(f"{who} {path}: {answer.status_code}")
                    most = max(most, (len(seen), f"{who}, {name}"))
    return most


async def compared(
    small: Side, large: Side, rounds: int, wanted: dict[str, str]
) -> tuple[list[str], list[tuple[float, float]]]:
    """A line a view, and the ratios of p50 and p95."""
    lines, ratios = [], []
    for who in PEOPLE:
        for name, path in wanted.items():
            times: tuple[list[float], list[float]] = ([], [])
            for side in (small, large):
                for _ in range(5):
                    await timed(side, who, path)
            for _ in range(rounds):
                for side, kept in zip((small, large), times, strict=True):
                    kept.append(await timed(side, who, path))
            a, b = [(common.quantile(one, 0.5), common.quantile(one, 0.95)) for one in times]
            ratios.append((b[0] / a[0], b[1] / a[1]))
            lines.append(
                f"{who:<11}{name:<24}{a[0]:7.1f} {a[1]:7.1f}   {b[0]:7.1f} {b[1]:7.1f}   {b[0] / a[0]:6.2f} {b[1] / a[1]:6.2f}"
            )
    return lines, ratios


def summed(ratios: Sequence[tuple[float, float]]) -> str:
    """The worst view and the middle one."""
    p50, p95 = [sorted(column) for column in zip(*ratios, strict=True)]
    return f"p50: worst {p50[-1]:.2f}, middle {p50[len(p50) // 2]:.2f}; p95: worst {p95[-1]:.2f}, middle {p95[len(p95) // 2]:.2f}  (goal {GOAL})"


async def main(pair: Engines) -> None:
    """Fill, serve, ask."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--open", type=int, default=8_000)
    parser.add_argument("--open-share", type=float, default=0.0)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--keep", action="store_true", help="use what an earlier run left in BENCH_FOLDER")
    parser.add_argument("--port", type=int, default=8741)
    given = parser.parse_args()
    houses = []
    for name, count in (("bench_small", given.small), ("bench_large", given.large)):
        open_count = int(count * given.open_share) if given.open_share else min(given.open, count)
        houses.append(await filled(pair, name, count, open_count, is_kept=given.keep))
    sql, where = await statements(houses[1])
    async with served(houses[0], given.port) as small, served(houses[1], given.port + 1) as large:
        head = f"{'':<35}{given.small:>10,} cases    {given.large:>10,} cases   ratio\n{'':<35}    p50     p95       p50     p95      p50    p95   ms"
        lines, ratios = await compared(small, large, given.rounds, ASKED)
        archive, _ = await compared(small, large, max(given.rounds // 4, 5), ARCHIVE)
    share = f"{given.open_share:.0%} of them open" if given.open_share else f"{given.open:,} of them open at both sizes"
    common.note("Queue" + (" with the open share growing" if given.open_share else ""), [
        f"whole pages of 50 over HTTP, one client, {given.rounds} rounds a view; {share}",
        head, *lines, summed(ratios),
        f"SQL statements: at most {sql} a page ({where}); goal {STATEMENTS}",
        "the whole archive, which has no goal:", *archive,
    ])  # fmt: skip


if __name__ == "__main__":
    common.run(main)
