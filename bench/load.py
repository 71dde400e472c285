"""A small load generator: so many clients, each on one connection, each sending its next request when it has its answer.

It runs as a process of its own (``python -m bench.load`` with a plan as JSON on standard input) and tells as JSON on
standard output how many answers of which status came, and how long they took in milliseconds.
"""

from __future__ import annotations

import asyncio
import base64
import subprocess
import sys
import time
from typing import Any

import msgspec
import uvloop


class Plan(msgspec.Struct, kw_only=True):
    """What to send. ``body`` may hold ``{n}`` and ``{phone}``, which differ in each request."""

    port: int
    path: str
    clients: int = 8
    seconds: float = 5.0
    most: int = 0
    method: str = "POST"
    body: str = ""
    headers: dict[str, str] = {}
    first: int = 0


class Told(msgspec.Struct, kw_only=True):
    """What came back. ``answers`` holds the bodies when the plan was short enough to keep them."""

    count: int
    seconds: float
    statuses: dict[str, int]
    p50: float
    p95: float
    p99: float
    answers: list[str] = []

    @property
    def rate(self) -> float:
        """Good answers a second."""
        return sum(n for status, n in self.statuses.items() if status.startswith("2")) / self.seconds


KEPT = 20_000


def basic(login: str, password: str) -> dict[str, str]:
    """The header of HTTP's basic authentication."""
    return {"Authorization": "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode()}


def run(plan: Plan) -> Told:
    """Run a plan in a process of its own."""
    child = subprocess.run(
        [sys.executable, "-m", "bench.load"], input=msgspec.json.encode(plan), capture_output=True, check=False
    )
    if child.returncode:
        raise RuntimeError(child.stderr.decode()[-2000:])
    return msgspec.json.decode(child.stdout, type=Told)


async def run_beside(plan: Plan) -> Told:
    """``run`` without standing in the loop's way."""
    return await asyncio.to_thread(run, plan)


class _Clients:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.sent = plan.first
        self.times: list[float] = []
        self.statuses: dict[str, int] = {}
        self.answers: list[str] = []
        lines = [
            f"{plan.method} {plan.path} HTTP/1.1",
            "Host: 127.0.0.1",
            *(f"{k}: {v}" for k, v in plan.headers.items()),
        ]
        self.head = "\r\n".join(lines).encode()

    def request(self) -> bytes:
        self.sent += 1
        n = self.sent
        body = self.plan.body.replace("{n}", str(n)).replace("{phone}", f"139{n:08d}").encode()
        return self.head + f"\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body

    async def one(self, until: float) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.plan.port)
        while time.perf_counter() < until and not (self.plan.most and self.sent - self.plan.first >= self.plan.most):
            began = time.perf_counter()
            writer.write(self.request())
            try:
                head = await reader.readuntil(b"\r\n\r\n")
                status, body, closes = await _answer(head, reader)
            except (asyncio.IncompleteReadError, ConnectionError):
                self.statuses["lost"] = self.statuses.get("lost", 0) + 1
                break
            self.times.append(time.perf_counter() - began)
            self.statuses[status] = self.statuses.get(status, 0) + 1
            if len(self.answers) < KEPT:
                self.answers.append(body.decode("utf-8", "replace"))
            if closes:
                writer.close()
                reader, writer = await asyncio.open_connection("127.0.0.1", self.plan.port)
        writer.close()

    async def all(self) -> Told:
        began = time.perf_counter()
        until = began + self.plan.seconds
        await asyncio.gather(*(self.one(until) for _ in range(self.plan.clients)))
        seconds = time.perf_counter() - began
        ordered = sorted(self.times) or [0.0]
        at = [1000 * ordered[min(len(ordered) - 1, int(q * len(ordered)))] for q in (0.5, 0.95, 0.99)]
        return Told(
            count=len(self.times), seconds=seconds, statuses=self.statuses, p50=at[0], p95=at[1], p99=at[2],
            answers=self.answers if self.plan.most else [],
        )  # fmt: skip


async def _answer(head: bytes, reader: asyncio.StreamReader) -> tuple[str, bytes, bool]:
    lower = head.lower()
    status = head[9:12].decode()
    closes = b"connection: close" in lower
    if b"transfer-encoding: chunked" in lower:
        parts: list[bytes] = []
        while (size := int((await reader.readline()).split(b";")[0], 16)) > 0:
            parts.append(await reader.readexactly(size))
            await reader.readexactly(2)
        await reader.readline()
        return status, b"".join(parts), closes
    at = lower.find(b"content-length:")
    length = int(lower[at + 15 : lower.index(b"\r\n", at)]) if at >= 0 else 0
    return status, await reader.readexactly(length), closes


def main() -> None:
    """Read the plan, run it, tell."""
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
    told: Any = uvloop.run(_Clients(plan).all())
    sys.stdout.buffer.write(msgspec.json.encode(told))


if __name__ == "__main__":
    main()
