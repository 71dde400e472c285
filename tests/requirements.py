"""``make requirements``: the seed's requirement rows, and which of them a test proves through a user's interface."""

from __future__ import annotations

import ast
import csv
import sys
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).parent
SHEET = HERE.parent / "docs" / "requirements.csv"


def proofs() -> dict[str, list[str]]:
    """Requirement id → the tests marked with it, as file::test."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(HERE.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for mark in node.decorator_list:
                    for one in _ids(mark):
                        found[one].append(f"{path.relative_to(HERE).as_posix()}::{node.name}")
    return dict(found)


def _ids(mark: ast.expr) -> list[str]:
    if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Attribute) and mark.func.attr == "requirement":
        return [a.value for a in mark.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    return []


def rows() -> list[dict[str, str]]:
    """The requirement rows: id, name_zh, name_en, scope, it_works."""
    with SHEET.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def main() -> int:
    """Print every row, proven first; 1 when a test names a row that does not exist."""
    proven = proofs()
    known = {row["id"] for row in rows()}
    for row in sorted(rows(), key=lambda one: one["id"] not in proven):
        tests = proven.get(row["id"], [])
        mark = "✓" if tests else ("·" if row["scope"] == "core" else " ")
        print(f"{mark} {row['id']:7} {row['scope']:12} {row['name_zh']} / {row['name_en']}")
        for test in tests:
            print(f"          {test}")
    core = [row for row in rows() if row["scope"] == "core"]
    done = sum(row["id"] in proven for row in core)
    print(f"\n{len(set(proven) & known)} of {len(known)} rows proven, {done} of {len(core)} core rows")
    unknown = sorted(set(proven) - known)
    if unknown:
        print(f"unknown rows: {', '.join(unknown)}", file=sys.stderr)
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main())
