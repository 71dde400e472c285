"""The house keeps its shape: who may import whom, sizes, permissions, events, and the one reader of the clock."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from cases import events, moves, states, wording
from hotline import flow

ROOT = Path(__file__).parent.parent
FLOORS = ("hotline", "cases", "routing", "sla", "channels", "web")
ROOF = {
    "flow", "app", "worker", "cli", "embedded", "seeds", "piccolo_conf", "migrate", "doctor", "backup", "up",
    "servers", "processes", "ward", "verify", "rebuild", "importing", "feeding", "place", "__main__", "commands",
    "legacy", "stories", "stories_bulletins", "stories_chats", "stories_hot", "stories_notices", "stories_scores",
    "stories_answers", "erasures", "simulate", "open_jobs", "centre_jobs", "stories_shift", "stories_desk",
    "rounds", "schedule", "upgrading", "machine_jobs", "machine_ward", "phone_jobs", "stories_knowledge", "tidying",
    "child",
}  # fmt: skip
MAY_IMPORT = {
    "ground": {"ground"},
    "cases": {"ground", "cases"},
    "routing": {"ground", "cases", "routing"},
    "sla": {"ground", "cases", "sla"},
    "channels": {"ground", "cases", "channels"},
    "web": {"ground", "cases", "routing", "sla", "channels", "web"},
    "roof": {"ground", "cases", "routing", "sla", "channels", "web", "roof"},
}
LONGEST_FILE, LONGEST_FUNCTION = 350, 50
CLOCK_READERS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
}
CLOCK_READERS_ALLOWED = {"hotline/clock.py"}


def sources() -> Iterator[Path]:
    """Every Python file of the product."""
    for floor in FLOORS:
        yield from sorted(p for p in (ROOT / floor).rglob("*.py") if "vendor" not in p.parts)


def name_of(path: Path) -> str:
    """The path as people say it."""
    return path.relative_to(ROOT).as_posix()


def storey(module: str) -> str | None:
    """Which storey a dotted module belongs to; None for libraries."""
    first, _, rest = module.partition(".")
    if first not in FLOORS:
        return None
    if first != "hotline":
        return first
    return "roof" if rest.split(".")[0] in ROOF else "ground"


class Seen(NamedTuple):
    """What the checks ask of one file."""

    name: str
    own: str
    lines: int
    imports: list[str]
    functions: list[tuple[int, str, int]]
    """Line, name and length of each."""
    calls: list[tuple[int, str, str]]
    """Line, owner and name of each call of an attribute."""
    silent: list[str]
    """Whatever is public and has no docstring."""


@functools.cache
def seen() -> list[Seen]:
    """Every file of the product, read once: a hundred thousand lines are parsed in seconds."""
    return [_seen(path) for path in sources()]


def _seen(path: Path) -> Seen:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    own = storey(".".join(path.relative_to(ROOT).with_suffix("").parts)) or ""
    one = Seen(name_of(path), own, len(text.splitlines()), [], [], [], _silent(path, tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            one.imports.extend(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            one.imports.extend(f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            one.functions.append((node.lineno, node.name, (node.end_lineno or node.lineno) - node.lineno + 1))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            who = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
            one.calls.append((node.lineno, who, node.func.attr))
    return one


def _silent(path: Path, tree: ast.Module) -> list[str]:
    if "/migrations/" in name_of(path):
        return []
    named = [n for n in tree.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]
    return ([] if ast.get_docstring(tree) else [name_of(path)]) + [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for node in named
        if not node.name.startswith("_") and not ast.get_docstring(node)
    ]


def test_no_floor_imports_what_stands_above_or_beside_it() -> None:
    wrong = [
        f"{one.name} ({one.own}) imports {module} ({other})"
        for one in seen()
        for module in one.imports
        if (other := storey(module)) is not None and other not in MAY_IMPORT[one.own]
    ]
    assert not wrong, "\n".join(wrong)


def test_no_file_and_no_function_has_grown_too_long() -> None:
    long = [f"{one.name}: {one.lines} lines" for one in seen() if one.lines > LONGEST_FILE]
    long += [
        f"{one.name}:{line} {name}: {size} lines"
        for one in seen()
        for line, name, size in one.functions
        if size > LONGEST_FUNCTION
    ]
    assert not long, "\n".join(long)


def test_only_the_clock_reads_the_clock() -> None:
    wrong = [
        f"{one.name}:{line} {who}.{name}()"
        for one in seen()
        if one.name not in CLOCK_READERS_ALLOWED
        for line, who, name in one.calls
        if (who, name) in CLOCK_READERS
    ]
    assert not wrong, "\n".join(wrong)


def test_every_event_kind_has_a_move_a_place_in_the_flow_and_a_sentence() -> None:
    kinds = set(events.KINDS)
    assert set(moves.MOVES) == kinds
    assert set(flow.FLOW) == kinds
    assert set(wording.STAFF) == kinds
    assert set(wording.REQUESTER) <= kinds


def test_what_a_requester_reads_is_of_events_that_are_theirs_to_read() -> None:
    hidden = {kind for kind, event in events.KINDS.items() if event.audience != events.REQUESTER}
    assert not hidden & set(wording.REQUESTER)


@pytest.mark.parametrize("kind", sorted(moves.MOVES))
def test_every_demand_of_a_move_has_its_check_and_its_sentence(kind: str) -> None:
    from cases.demands import RULES

    move = moves.MOVES[kind]
    assert set(move.rules) <= set(RULES)
    assert set(move.demands) <= set(states.TEXTS)


def test_every_public_function_says_what_it_does() -> None:
    silent = [one for file in seen() for one in file.silent]
    assert not silent, "\n".join(silent)
