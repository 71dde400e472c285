"""Every route as every role, with one's own and with somebody else's: route_table.csv says what each is answered."""

from __future__ import annotations

import os
from typing import Any

import pytest

from hotline.roles import ROLES
from tests.conftest import shared_app
from tests.web import route_walk as walk

FILL = "HOTLINE_FILL_ROUTES"
"""Set to ``new`` or to beginnings of addresses by commas: the walk writes their rows as found, for a person to read."""


def _missing(known: dict[str, dict[str, str]]) -> tuple[list[walk.Route], set[str]]:
    served = walk.routes(shared_app())
    return [one for one in served if one.key not in known], set(known) - {one.key for one in served}


def test_every_route_has_a_row_and_every_role_a_column() -> None:
    missing, gone = _missing(walk.table())
    if os.environ.get(FILL):
        pytest.skip("the table is being written")
    assert not missing, (
        "tests/web/route_table.csv says nothing of these routes: "
        f"{', '.join(one.key for one in missing)}. Run `{FILL}=new pytest tests/web/test_route_walk.py`, then look at "
        "each new row: is that who may come in?"
    )
    assert not gone, f"these rows of tests/web/route_table.csv have no route any more, delete them: {sorted(gone)}"
    assert list(walk.WALKERS)[: len(ROLES)] == list(ROLES)


@pytest.mark.requirement("001-18")
async def test_every_route_answers_every_role_as_the_table_says(database: object) -> None:
    app: Any = shared_app()
    expected, fill = walk.table(), os.environ.get(FILL, "")
    missing, gone = _missing(expected)
    asked = walk.routes(app)
    if fill:
        asked = [one for one in asked if one in missing or one.path.startswith(tuple(fill.split(",")))]
    walking, made = await walk.walkers(), await walk.things()
    found = await walk.walked(app, asked, walking, made)
    if fill:
        walk.write({key: row for key, row in {**expected, **found}.items() if key not in gone})
        return
    wrong = [
        f"{key} as {who}: {cell}, the table says {expected[key][who]}"
        for key, row in found.items()
        for who, cell in row.items()
        if cell != expected[key][who]
    ]
    assert not wrong, f"{len(wrong)} answers are not those of tests/web/route_table.csv:\n" + "\n".join(wrong[:60])
