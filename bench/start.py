"""`hotline up` on data that are there: how soon it is ready, and the memory of all its processes together.

python -m bench.start [--rounds 3]
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from bench import common

GOAL_SECONDS, GOAL_MB, GOAL_FIRST = 5.0, 500, 9.0


def up(data: Path) -> tuple[subprocess.Popen[str], float, str]:
    """Start the house; the process, the seconds until it was ready, its address."""
    env = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "hotline", "up", "--data", str(data), "--port", "0"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=env,
    )  # fmt: skip
    said = []
    for line in process.stdout or ():
        said.append(line)
        if line.startswith("ready "):
            return process, time.perf_counter() - began, line.split()[1]
    raise RuntimeError("".join(said))


def told(process: subprocess.Popen[str], began: float) -> float:
    """Seconds until the demo's cases are there; the pages answer before."""
    for line in process.stdout or ():
        if line.startswith("演示案件") and " s" in line[-4:]:
            break
    return time.perf_counter() - began


def down(process: subprocess.Popen[str]) -> None:
    """End it as Ctrl-C would."""
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)


def tree(root: int) -> dict[int, str]:
    """The process and everything below it, with a short name each."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue
    found = [root]
    for one in found:
        found += [pid for pid, parent in parents.items() if parent == one]
    return {pid: _name(pid) for pid in found}


def _name(pid: int) -> str:
    words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    text = b" ".join(words).decode(errors="replace")
    if "postgres" in text:
        return "postgres"
    found = re.search(r"-m hotline (\w+)", text)
    return found[1] if found else Path(text.split(" ")[0]).name


def memory(root: int) -> dict[str, float]:
    """Proportional set size in MB, by kind of process."""
    sizes: dict[str, float] = {}
    for pid, name in tree(root).items():
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
        sizes[name] = sizes.get(name, 0.0) + (int(found[1]) if found else 0) / 1024
    return sizes


def measure(data: Path, rounds: int) -> list[str]:
    """Start it once to make the data, then again and again."""
    began = time.perf_counter()
    process, first, _ = up(data)
    whole = told(process, began)
    time.sleep(5)  # the worker's first sweeps
    down(process)
    times, sizes = [], {}
    for _ in range(rounds):
        process, seconds, address = up(data)
        times.append(seconds)
        for path in ("/", "/sign-in", "/ask", "/notices", "/track"):
            with urllib.request.urlopen(f"{address}{path}", timeout=20) as answer:  # noqa: S310 - our own address
                answer.read()
        time.sleep(8)
        sizes = memory(process.pid)
        down(process)
    total = sum(sizes.values())
    return [
        f"first start, the pages answer             {first:6.1f} s   (goal {GOAL_FIRST:.0f} s: ratio {first / GOAL_FIRST:.2f})",
        f"first start, the demo's cases are there   {whole:6.1f} s",
        f"ready on existing data, {rounds} times          {', '.join(f'{one:.1f}' for one in times)} s   (goal {GOAL_SECONDS:.0f} s: ratio {max(times) / GOAL_SECONDS:.2f})",
        f"proportional set size, all processes      {total:6.0f} MB   (goal {GOAL_MB} MB: ratio {total / GOAL_MB:.2f})",
        "  " + ", ".join(f"{name} {size:.0f}" for name, size in sorted(sizes.items(), key=lambda one: -one[1])),
    ]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hlu") as folder:
        Path(folder).chmod(0o711)
        common.note("Start", measure(Path(folder) / "d", given.rounds))


if __name__ == "__main__":
    main()
