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
    """All the clients of a plan, and what they got."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.sent = plan.first
        self.until = 0.0
        self.times: list[float] = []
        self.statuses: dict[str, int] = {}
        self.answers: list[str] = []
        given = [f"{name}: {value}" for name, value in plan.headers.items()]
        self.head = "\r\n".join([f"{plan.method} {plan.path} HTTP/1.1", "Host: 127.0.0.1", *given]).encode()

    def request(self) -> bytes | None:
        """The next request; None when the plan is done."""
        if time.perf_counter() > self.until or (self.plan.most and self.sent - self.plan.first >= self.plan.most):
            return None
        self.sent += 1
        n = self.sent
        body = self.plan.body.replace("{n}", str(n)).replace("{phone}", f"139{n:08d}").encode()
        return b"%b\r\nContent-Length: %d\r\n\r\n%b" % (self.head, len(body), body)

    def answered(self, status: str, body: bytes, seconds: float) -> None:
        """Note an answer."""
        self.times.append(seconds)
        self.statuses[status] = self.statuses.get(status, 0) + 1
        if self.plan.most and len(self.answers) < KEPT:
            self.answers.append(body.decode("utf-8", "replace"))

    async def all(self) -> Told:
        """Run the plan to its end."""
        loop = asyncio.get_running_loop()
        began = time.perf_counter()
        self.until = began + self.plan.seconds
        clients = []
        for _ in range(self.plan.clients):
            _, client = await loop.create_connection(lambda: _Client(self), "127.0.0.1", self.plan.port)
            clients.append(client)
        await asyncio.gather(*(client.done for client in clients))
        seconds = time.perf_counter() - began
        ordered = sorted(self.times) or [0.0]
        at = [1000 * ordered[min(len(ordered) - 1, int(q * len(ordered)))] for q in (0.5, 0.95, 0.99)]
        return Told(
            count=len(self.times), seconds=seconds, statuses=self.statuses, p50=at[0], p95=at[1], p99=at[2],
            answers=self.answers,
        )  # fmt: skip


class _Client(asyncio.Protocol):
    """One client: a request, its answer, the next request. It connects anew when the server closes."""

    def __init__(self, all_of_them: _Clients, done: asyncio.Future[None] | None = None) -> None:
        self.all = all_of_them
        self.loop = asyncio.get_running_loop()
        self.done = done or self.loop.create_future()
        self.held = b""
        self.is_waiting = False
        self.began = 0.0
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.ask()

    def ask(self) -> None:
        """Send the next request, or be done."""
        request = self.all.request()
        if request is None:
            self.transport.close()
            if not self.done.done():
                self.done.set_result(None)
            return
        self.began = time.perf_counter()
        self.is_waiting = True
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.held += data
        end = self.held.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self.held[:end].lower()
        body = _whole(head, self.held[end + 4 :])
        if body is None:
            return
        self.all.answered(self.held[9:12].decode(), body, time.perf_counter() - self.began)
        self.held = b""
        self.is_waiting = False
        if b"connection: close" not in head:
            self.ask()

    def connection_lost(self, _: Exception | None) -> None:
        if self.done.done():
            return
        if self.is_waiting:
            self.all.answered("lost", b"", time.perf_counter() - self.began)
        if self.is_waiting or time.perf_counter() > self.all.until:
            self.done.set_result(None)
            return
        again = self.loop.create_connection(lambda: _Client(self.all, self.done), "127.0.0.1", self.all.plan.port)
        self.loop.create_task(again)


def _whole(head: bytes, rest: bytes) -> bytes | None:
    """The body when all of it is there."""
    if b"transfer-encoding: chunked" in head:
        return rest if rest.endswith(b"0\r\n\r\n") else None
    at = head.find(b"content-length:")
    length = int(head[at + 15 :].partition(b"\r\n")[0]) if at >= 0 else 0
    return rest if len(rest) >= length else None


def main() -> None:
    """Read the plan, run it, tell."""
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
    told: Any = uvloop.run(_Clients(plan).all())
    sys.stdout.buffer.write(msgspec.json.encode(told))


if __name__ == "__main__":
    main()
