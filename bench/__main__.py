"""`make bench`: the short version of every bench, one after another, a few minutes in all. Longer ones: README.md here."""

from __future__ import annotations

import subprocess
import sys

from bench.common import LEFT_OUT

SHORT = (
    ("bench.start", "--rounds", "2"),
    ("bench.intake", "--seconds", "5", "--rounds", "4"),
    ("bench.doors", "--seconds", "10", "--quiet", "5", "--parts", "ack,queue"),
    ("bench.clusters", "--large", "3000"),
    ("bench.import_rate", "--rows", "20000", "--rebuild"),
    ("bench.whatif",),
    ("bench.redaction", "--rounds", "5"),
    ("bench.facts", "--cases", "50000", "--open", "2000", "--rounds", "20"),
    ("bench.queue", "--large", "100000", "--rounds", "30"),
    ("bench.sweep", "--small", "5000", "--large", "50000", "--rounds", "3", "--open", "20000", "--burst", "2000",
     "--second", "100", "--seconds", "15"),
    ("bench.suggest", "--large", "100000", "--rounds", "100"),
    ("bench.desk", "--large", "100000", "--rounds", "30", "--seconds", "10"),
    ("bench.knowledge", "--rounds", "200"),
    ("bench.routing_quality", "--parts", "matters,speed"),
)


def main() -> int:
    """Run all, or those that are named (``make bench ARGS="queue start"``); the worst exit code."""
    worst = 0
    for name, *words in SHORT:
        if len(sys.argv) > 1 and name.removeprefix("bench.") not in sys.argv[1:]:
            continue
        print(f"\n--- {name} {' '.join(words)}", flush=True)
        code = subprocess.run([sys.executable, "-m", name, *words], check=False).returncode
        worst = max(worst, 0 if code == LEFT_OUT else code)
    return worst


if __name__ == "__main__":
    raise SystemExit(main())
