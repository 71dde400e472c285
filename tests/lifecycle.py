"""``python -m tests.lifecycle`` prints the life cycle table of docs/architecture.md, made from ``cases/states.py``."""

from __future__ import annotations

from cases import states, wording
from cases.move import Move
from cases.moves import MOVES


def _set(names: frozenset[str]) -> str:
    if names == frozenset(states.CASE_STATES):
        return "any"
    if names == states.OPEN:
        return "any open"
    return ", ".join(sorted(names)) or "—"


def _row(kind: str, move: Move) -> str:
    part = ""
    if move.part:
        to = move.part_to or "same"
        part = f"{move.part}: {_set(move.part_from)} → {to}"
    demands = ", ".join([*move.demands, *(rule.replace("_", " ") for rule in move.rules)]) or "—"
    return f"| `{kind}` | {_set(move.case_from)} | {move.case_to or 'same'} | {part or '—'} | {demands} |"


def table() -> str:
    """The table in Markdown: event, from, to, the part it moves, what it demands."""
    head = "| event | case from | case to | part | demands |\n|---|---|---|---|---|"
    return "\n".join([head, *(_row(kind, move) for kind, move in MOVES.items() if kind in wording.STAFF)])


if __name__ == "__main__":
    print(table())  # noqa: T201 - this is its purpose
