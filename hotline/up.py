"""`hotline up`: engines, migration, first seed, web and worker, and an eye on all of them until told to stop.

This process stays small: it imports neither the web nor the ORM; what needs them runs in a child that ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import msgspec

from hotline import demo_people, place, processes
from hotline.child import LONGEST_PAUSE, STOP_PATIENCE, Child
from hotline.servers import EngineError
from hotline.settings import Settings

_START_PATIENCE = 60.0


class Stop(BaseException):
    """SIGTERM, SIGINT or SIGHUP came; unwinds everything that was started, in order."""


def up(one: Settings, *, demo: bool, embedded_ok: bool, say: Callable[[str], None]) -> None:
    """Run the house until SIGTERM, SIGINT or SIGHUP; ``say`` gets the lines for the terminal.

    Raises BusyError when these data run already, EngineError for anything else that keeps it from starting.
    """
    if not place.is_external(one) and not demo and not embedded_ok:
        raise EngineError(
            "正式使用请设 DATABASE_URL 和 REDIS_URL；若确要用自带的数据库，请加 --embedded-ok。",
            "For real work set DATABASE_URL and REDIS_URL; for the built-in servers all the same, add --embedded-ok.",
        )
    with contextlib.ExitStack() as stack, contextlib.suppress(Stop):
        stack.enter_context(_signals())
        listener = stack.enter_context(_listen(one))
        one = msgspec.structs.replace(one, port=listener.getsockname()[1])  # providers are told where to ask
        one = stack.enter_context(_engines(_lent(one) if demo else one, say))
        wanted = one.data_dir / "demo-cases-wanted"  # until they are told, this time or the next
        if _prepare(one, demo=demo, say=say) and demo and one.demo_cases:
            wanted.touch()
        first, *others = children = _children(one, listener.fileno())
        stack.callback(_stop_all, children)
        port = listener.getsockname()[1]
        first.start()
        _wait_for_web(one, port, first)
        address = one.public_url or f"{one.scheme}://{one.host}:{port}"
        stack.enter_context(_note(one.data_dir / "up.json", address))
        say(f"ready {address}")
        if demo:
            say(demo_people.told())
        if demo and wanted.exists():
            _tell_stories(one, [first], say)  # before the worker: its sweep would be ahead of stories about the past
            wanted.unlink()
        for child in others:
            child.start()  # not at once: on a small machine they would only make the pages wait
        _watch(children, say)


def _lent(one: Settings) -> Settings:
    """A demo city without providers sends to `hotline simulate`; HOTLINE_SIMULATE_URL=off leaves its doors shut."""
    from hotline.simulate import fixed

    return one if one.simulate_url == "off" else fixed.lent(one)


def _children(one: Settings, handle: int) -> list[Child]:
    """The web processes, which share the listening socket, and the worker; the first of them serves the first page."""
    names = ["web", *(f"web-{n}" for n in range(2, one.web_processes + 1))]
    webs = [Child(name, ["web", "--handle", str(handle)], one, (handle,)) for name in names]
    return [*webs, Child("worker", ["worker"], one)]


@contextlib.contextmanager
def _signals() -> Iterator[None]:
    """The first signal unwinds; later ones change nothing, the way down is the same."""
    kinds = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        for kind in kinds:
            signal.signal(kind, signal.SIG_IGN)
        raise Stop

    before = {kind: signal.signal(kind, on_signal) for kind in kinds}
    try:
        yield
    finally:
        for kind, old in before.items():
            signal.signal(kind, old)


@contextlib.contextmanager
def _listen(one: Settings) -> Iterator[socket.socket]:
    """The listening socket, taken first: a port in use is found out before anything starts."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((one.host, one.port))
        except OSError as error:
            raise EngineError(
                f"端口 {one.port} 用不了（{error.strerror}）：换一个 --port。",
                f"Port {one.port} cannot be used ({error.strerror}): choose another with --port.",
            ) from None
        listener.listen(512)
        yield listener


@contextlib.contextmanager
def _engines(one: Settings, say: Callable[[str], None]) -> Iterator[Settings]:
    """The servers: a city's own, or the embedded ones of this data folder."""
    if place.is_external(one):
        one.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        yield one
        return
    from hotline.embedded import Engines

    engines = Engines(one.data_dir)
    begun = time.monotonic()
    engines.start()
    _running.append(engines.revive)
    try:
        say(f"PostgreSQL · Valkey  {time.monotonic() - begun:.1f} s  {engines.home}")
        yield place.on(engines, one)
    finally:
        _running.clear()
        engines.stop()


_running: list[Callable[[], list[str]]] = []


def _tell_stories(one: Settings, running: list[Child], say: Callable[[str], None]) -> None:
    """The demo's cases, once its pages answer: a newcomer signs in meanwhile, whatever becomes of them.

    What runs already is watched all the while.
    """
    begun = time.monotonic()
    say("演示案件，十几秒放齐，页面已可用 / the demo's cases come within seconds; pages answer already …")
    child = _seeding(one, "--demo")
    try:
        _watch(running, say, is_over=lambda: child.poll() is not None)
    finally:
        processes.stop(child, signal.SIGTERM, STOP_PATIENCE)
    code = child.returncode
    took = f"{time.monotonic() - begun:.1f} s"
    say(f"演示案件 / the demo's cases  {took}" if code == 0 else "演示案件没放成 / the demo's cases failed")


def _seeding(one: Settings, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "hotline", "seed", *arguments]
    return processes.start(command, log=None, end_with=signal.SIGTERM, env=place.environment(one))


def _prepare(one: Settings, *, demo: bool, say: Callable[[str], None]) -> bool:
    """Schema, then the city (a new release's rules too) and the demo's people when all is new, which it returns.

    In a child, for its memory.
    """
    from hotline import migrate

    begun = time.monotonic()
    ran, is_new = asyncio.run(migrate.prepare(one.owner_url or one.database_url, one.database_url))
    if ran:
        say(f"数据库结构 / schema  {len(ran)} × {time.monotonic() - begun:.1f} s")
    if not is_new and not any(one.key_dir.glob("*.json")):
        raise EngineError(
            f"{one.key_dir} 里没有密钥，数据里的个人信息读不了：把另存的密钥放回去。",
            f"There are no keys in {one.key_dir}, so personal fields cannot be read. Put back the keys kept elsewhere.",
        )
    if is_new or ran:
        begun = time.monotonic()
        say("城市资料 / the city …")
        child = _seeding(one, *(["--demo", "--people-only"] if demo and is_new else []))
        try:
            code = child.wait()
        finally:
            processes.stop(child, signal.SIGTERM, STOP_PATIENCE)
        if code != 0:
            raise EngineError("城市资料没有放成，见上面的说明。", "The city could not be put in; see above.")
        say(f"城市资料 / the city  {time.monotonic() - begun:.1f} s")
    return is_new


def _wait_for_web(one: Settings, port: int, web: Child) -> None:
    def is_over() -> bool:
        return web.process is None or web.process.poll() is not None or _answers(one, port)

    processes.wait_until(is_over, _START_PATIENCE, every=0.05)
    if web.process is None or web.process.poll() is not None:
        raise EngineError(f"网页没有起来，日志 {web.log}：\n{web.tail()}", f"The web process did not start: {web.log}")


def _answers(one: Settings, port: int) -> bool:
    """Whether a web process of ours answers there, by TLS where it speaks that: whose certificate is not asked."""
    host = "127.0.0.1" if one.host in {"0.0.0.0", "::"} else one.host  # noqa: S104 - compared, not bound
    if one.tls_cert:
        anybody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
        line: http.client.HTTPConnection = http.client.HTTPSConnection(host, port, timeout=5, context=anybody)
    else:
        line = http.client.HTTPConnection(host, port, timeout=5)
    try:
        line.request("HEAD", "/")
        line.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()
    return True


@contextlib.contextmanager
def _note(file: Path, address: str) -> Iterator[None]:
    """Tells a second `hotline up` where the first one answers."""
    file.write_text(json.dumps({"pid": os.getpid(), "address": address}), encoding="utf-8")
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def running_address(one: Settings) -> str:
    """Where the house of this data folder answers, or an empty text when it does not run."""
    try:
        told = json.loads((one.data_dir / "up.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    return str(told["address"]) if processes.is_running(int(told["pid"])) else ""


def _watch(children: list[Child], say: Callable[[str], None], is_over: Callable[[], bool] = lambda: False) -> None:
    """Start again whatever dies, until ``is_over()``."""
    pause = 0.5
    while not is_over():
        time.sleep(0.25)
        for child in children:
            line = child.tend()
            if line:
                say(line)
        for revive in _running:
            try:
                names = revive()
            except EngineError as error:
                say(f"{error.say.zh} / {error.say.en}")
                time.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                for name in names:
                    say(f"{name} 重开了 / was started again")


def _stop_all(children: list[Child]) -> None:
    for child in children:
        child.ask_to_stop()
    for child in children:
        child.stop()
