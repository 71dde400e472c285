"""A running `hotline up` as tests hold it: started, looked into, ended. Without the demo's cases, for speed."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from hotline import processes

ROOT = Path(__file__).parents[1]
HOTLINE = [sys.executable, "-m", "hotline"]


def bare() -> dict[str, str]:
    """The environment without anybody's settings, without the demo's cases, which take longer than all the rest.

    One web process: tests freeze and kill it, knowing that no other answers. No stand-in that it did not ask for.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("HOTLINE_") and name not in {"DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"}
    }
    return kept | {"HOTLINE_DEMO_CASES": "0", "HOTLINE_WEB_PROCESSES": "1", "HOTLINE_SIMULATE_URL": "off"}


class House:
    """A running `hotline up`."""

    def __init__(self, data: Path, *arguments: str, **extra: str) -> None:
        begun = time.monotonic()
        self.data = data
        self.process = subprocess.Popen(
            [*HOTLINE, "up", "--data", str(data), "--port", "0", *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT, env=bare() | extra,
        )  # fmt: skip
        self.lines: list[str] = []
        self.read_until("ready ")
        self.seconds = time.monotonic() - begun
        assert self.lines[-1].startswith("ready "), self.lines
        self.address = self.lines[-1].removeprefix("ready ")

    def read_until(self, words: str) -> None:
        """Read its lines up to one that holds the words."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            if words in line:
                break

    def members(self) -> set[int]:
        """The process ids of everything below it, by their command lines and parents."""
        found = {self.process.pid}
        while True:
            more = {
                int(stat.parent.name)
                for stat in Path("/proc").glob("[0-9]*/stat")
                if parent_of(stat) in found and int(stat.parent.name) not in found
            }
            if not more:
                return found
            found |= more

    def pid_of(self, *words: str) -> int:
        """The one process below it whose command line holds all the words; fails unless there is exactly one."""
        (pid,) = [one for one in self.members() if processes.is_running(one, *words)]
        return pid

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Signal it and read what it still says; returns its exit code."""
        self.process.send_signal(how)
        rest, _ = self.process.communicate(timeout=60)
        self.lines += rest.splitlines()
        return self.process.returncode


def parent_of(stat: Path) -> int:
    """The parent of a process, from its line in /proc; 0 when it is gone."""
    with contextlib.suppress(OSError, IndexError, ValueError):
        return int(stat.read_text().rpartition(")")[2].split()[1])
    return 0


@contextlib.contextmanager
def up(data: Path, *arguments: str) -> Iterator[House]:
    """A house that ends with the block, whatever happens in it."""
    house = House(data, *arguments)
    try:
        yield house
    finally:
        if house.process.poll() is None:
            house.end()


def command(*arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the program to its end."""
    return subprocess.run(
        [*HOTLINE, *arguments], capture_output=True, text=True, cwd=ROOT, env=bare() | extra, check=False, timeout=120
    )
