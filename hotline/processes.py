"""Child processes that end with their parent, whoever they run as. Knows nothing of what they are."""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1
_PLAIN_USER = "nobody"
_ENV_KEPT = ("PATH", "HOME", "TMPDIR", "TZ")

try:
    _prctl: Callable[..., int] | None = ctypes.CDLL(None, use_errno=True).prctl
except (AttributeError, OSError):  # not Linux: children are stopped in order only
    _prctl = None


def plain_user() -> pwd.struct_passwd | None:
    """The user to run servers as when we are root (PostgreSQL refuses root); None when we are somebody already."""
    return pwd.getpwnam(_PLAIN_USER) if os.geteuid() == 0 else None


def start(
    command: Sequence[str | Path],
    *,
    log: IO[bytes] | int | None,
    end_with: signal.Signals,
    user: pwd.struct_passwd | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    handles: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own, so that Ctrl-C in the terminal reaches only us.

    Linux sends it ``end_with`` when the *thread* that started it ends: call this from the main thread.
    Without ``env`` it gets a bare environment with LC_ALL=C.UTF-8; ``handles`` are open files that it inherits.
    """
    parent = os.getpid()
    bare = {name: os.environ[name] for name in _ENV_KEPT if name in os.environ} | {"LC_ALL": "C.UTF-8"}

    def last_words() -> None:
        os.setsid()
        if _prctl is not None:
            _prctl(_PR_SET_PDEATHSIG, int(end_with))  # after setuid: a change of credentials clears it
        if os.getppid() != parent:
            os._exit(1)

    return subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        env=dict(bare if env is None else env),
        cwd=cwd,
        pass_fds=handles,
        preexec_fn=last_words,  # noqa: PLW1509 - two system calls, nothing that takes a lock
        user=user.pw_uid if user else None,
        group=user.pw_gid if user else None,
        extra_groups=[] if user else None,
    )


def stop(child: subprocess.Popen[bytes], how: signal.Signals, patience: float) -> None:
    """Ask a child to end and wait for it; after ``patience`` seconds it is killed."""
    if child.poll() is not None:
        return
    child.send_signal(how)
    try:
        child.wait(patience)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait(10)


def is_running(pid: int, *words: str) -> bool:
    """Whether a process of this id lives whose command line holds all the words.

    A zombie does not count, nor does somebody else's process that got the number of a dead one.
    """
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0]
        line = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except (OSError, IndexError):
        return False
    return state not in {"Z", "X"} and all(word in line for word in words)


def wait_until(is_so: Callable[[], bool], seconds: float, every: float = 0.02) -> bool:
    """Whether ``is_so()`` became true within ``seconds``."""
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            return False
        time.sleep(every)
    return True


def may_reach(path: Path, user: pwd.struct_passwd) -> bool:
    """Whether ``user`` can enter every folder above ``path`` and read ``path`` itself."""
    return may_enter(path, user) and bool(_bits(path, user) & 0o4)


def may_enter(path: Path, user: pwd.struct_passwd) -> bool:
    """Whether ``user`` can walk to ``path`` and, when it is a folder, into it."""
    real = path.resolve()
    return all(_bits(place, user) & 0o1 for place in (real, *real.parents) if place.is_dir())


def _bits(path: Path, user: pwd.struct_passwd) -> int:
    have = path.stat()
    shift = 6 if have.st_uid == user.pw_uid else 3 if have.st_gid == user.pw_gid else 0
    return have.st_mode >> shift
