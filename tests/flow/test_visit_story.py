"""Return visits from the first call to the last word: rework, supervision order, rating by SMS, sampling, reopening."""

from __future__ import annotations

from typing import Any

import pytest

from cases import verbs, verbs_visit
from hotline import db, rebuild
from hotline.errors import Refusal
from tests import builders as b

pytestmark = pytest.mark.anyio


async def rows(sql: str, *args: Any) -> list[dict[str, Any]]:
    async with db.reading() as connection:
        return [dict(row) for row in await connection.fetch(sql, *args)]


async def refused(code: str, call: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await call
    assert caught.value.code == code, caught.value
    return caught.value


async def reopen(login: str, number: str, unit: str = "130403", **given: Any) -> Any:
    async def verb(w: Any, file: Any) -> None:
        share = next(one for one in file.assignments.values() if one.unit == unit)
        await verbs_visit.reopen(w, file, assignment=share, **{"reason": "灯第二天又灭了", "cause": "rating", **given})

    return await b.act(login, number, verb)


async def test_a_closed_case_is_reopened_with_a_new_clock_and_a_count_and_closed_again(database: object) -> None:
    number = (await b.a_case("dispatched")).number
    await b.act("dispatcher", number, verbs.add_co_handler, unit="CGB", profile="STD5")
    for login in ("cgb", "congtai"):
        unit = {"cgb": "CGB", "congtai": "130403"}[login]
        await b.act(login, number, verbs.sign, lambda f, u=unit: f.assignment_of(u))
        await b.act(login, number, verbs.handle, lambda f, u=unit: f.assignment_of(u), **b.HANDLED)
    await b.act("audit", number, verbs.approve)
    await b.act("callback", number, verbs.visit, b.request, was_contacted=True, is_solved=True)
    await refused("impossible_move", reopen("audit", number))
    await b.act("callback", number, verbs.close)

    await refused("reopen_role", reopen("callback", number))
    await refused("text_missing", reopen("audit", number, reason=""))
    await refused("invalid", reopen("audit", number, cause="mood"))
    file = await reopen("audit", number)
    case = file.case
    assert (case.state, case.rework_count, case.closed_at, case.is_open) == ("rework", 1, None, True)
    assert {one.unit: one.state for one in file.live} == {"CGB": "handled", "130403": "in_progress"}
    running = await rows("SELECT stage, unit FROM clock WHERE case_id = $1 AND stopped_at IS NULL", file.case.id)
    assert {(row["stage"], row["unit"]) for row in running} == {("finish", "130403"), ("first_contact", "130403")}
    await refused("impossible_move", reopen("audit", number))

    await b.act("congtai", number, verbs.handle, b.lead, **b.HANDLED)
    await b.act("audit", number, verbs.approve)
    await b.act("callback", number, verbs.visit, b.request, was_contacted=True, is_solved=True)
    file = await b.act("callback", number, verbs.close)
    assert file.case.state == "closed"
    assert (await rebuild.rebuild(check=True)).names == {}
