"""One process of `hotline up`: started with a log of its own, watched, started again, ended."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

from hotline import place, processes
from hotline.settings import Settings

STOP_PATIENCE = 15.0
LONGEST_PAUSE = 30.0
_LOG_LIMIT = 20_000_000
_LOG_LOOK = 60.0
"""Seconds between two looks how long a log has become."""
_CALM = 60.0


class Child:
    """One process of the house: started, watched, started again with growing pauses when it dies."""

    def __init__(self, name: str, arguments: list[str], one: Settings, handles: tuple[int, ...] = ()) -> None:
        self.name = name
        self.arguments = arguments
        self.settings = one
        self.handles = handles
        self.log = one.data_dir / f"{name}.log"
        self.process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._pause = 0.5
        self._again_at: float | None = None
        self._looked = 0.0

    def start(self) -> None:
        """Start it; what it says goes to its log in the data folder."""
        with self._open_log() as log:
            self.process = processes.start(
                [sys.executable, "-m", "hotline", *self.arguments],
                log=log, end_with=signal.SIGTERM, env=place.environment(self.settings), handles=self.handles,
            )  # fmt: skip
        self._started = time.monotonic()
        self._again_at = None

    def tend(self) -> str | None:
        """Start it again when it has died and its pause is over; returns a line for the terminal when it died."""
        now = time.monotonic()
        if self._again_at is not None:
            if now >= self._again_at:
                self.start()
            return None
        if self.process is None or self.process.poll() is None:
            self._keep_small(now)
            return None
        self._pause = 0.5 if now - self._started > _CALM else min(self._pause * 2, LONGEST_PAUSE)
        self._again_at = now + self._pause
        code = self.process.returncode
        pause = f"{self._pause:.0f}"
        return f"{self.name} 退出（{code}），{pause} 秒后重开 / ended ({code}), again in {pause} s: {self.log}"

    def stop(self) -> None:
        """Ask it to end, wait, and end it."""
        self._again_at = None
        if self.process is not None:
            processes.stop(self.process, signal.SIGTERM, STOP_PATIENCE)

    def ask_to_stop(self) -> None:
        """Ask it to end without waiting, so that all of them do so at once."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def tail(self) -> str:
        """The last lines of its log."""
        return b"\n".join(self.log.read_bytes()[-3000:].splitlines()[-12:]).decode(errors="replace")

    def _open_log(self) -> IO[bytes]:
        if self.log.exists() and self.log.stat().st_size > _LOG_LIMIT:
            self.log.replace(self._old_log)
        return self.log.open("ab")

    @property
    def _old_log(self) -> Path:
        return self.log.with_suffix(".old.log")

    def _keep_small(self, now: float) -> None:
        """Copy a long log aside and begin it anew, for the process holds it open. A line just then may be lost.

        A full disk keeps the copy away, not the room that the log gives back; nothing here may end the house.
        """
        if now - self._looked < _LOG_LOOK:
            return
        self._looked = now
        with contextlib.suppress(OSError):
            if self.log.stat().st_size > _LOG_LIMIT:
                with contextlib.suppress(OSError):
                    shutil.copyfile(self.log, self._old_log)
                os.truncate(self.log, 0)
