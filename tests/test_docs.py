"""What the documents say of the code is what the code says."""

from __future__ import annotations

from pathlib import Path

from cases import states
from tests import lifecycle, requirements

DOCS = Path(__file__).parent.parent / "docs"
BEGIN, END = "<!-- lifecycle -->\n", "<!-- /lifecycle -->"


def test_the_life_cycle_table_in_the_architecture_is_the_one_of_the_code() -> None:
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    assert text.partition(BEGIN)[2].partition(END)[0].strip() == lifecycle.table()


def test_every_case_state_is_drawn() -> None:
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    drawn = text.partition("## The life cycle")[2].partition("The moves as data")[0]
    later = {"in_conference", "merged"}
    assert all(state in drawn for state in set(states.CASE_STATES) - later)


def test_every_requirement_mark_names_a_row() -> None:
    known = {row["id"] for row in requirements.rows()}
    assert set(requirements.proofs()) <= known
