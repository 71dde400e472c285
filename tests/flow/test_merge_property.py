"""Merge then unmerge, in any order and with anything between, gives every requester back what rules.md 3 names."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cases import ledger, merging, verbs
from hotline import db, rebuild, verify
from hotline.errors import Refusal
from hotline.work import work
from tests.builders import a_case, person

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

_OF_REQUEST = """
    SELECT r.receipt_no, r.code_hash, r.channel, r.reply_by, r.phone, r.reply_to, r.second_by, r.state, r.visited_at,
        r.rated_at, r.first_grade, r.case_id, r.home_id, r.words, r.name
    FROM request r WHERE r.case_id = $1
"""
_OF_SHARES = "SELECT * FROM assignment WHERE case_id = $1 ORDER BY id"
_OF_CLOCKS = "SELECT * FROM clock WHERE case_id = $1 AND stage <> 'answer' ORDER BY id"
_OF_CASE = """
    SELECT state, lead_unit, unit_codes, urgency, next_due, next_stage, is_open, request_count, merged_into, grams
    FROM cases WHERE id = $1
"""
STEPS = st.lists(
    st.tuples(st.sampled_from(["merge", "unmerge", "sign", "words", "urge"]), st.integers(0, 3), st.integers(0, 3)),
    min_size=3, max_size=10,
)  # fmt: skip
_made: list[UUID] = []


async def theirs(case_id: UUID) -> list[Any]:
    """All that a case and its requesters have."""
    async with db.reading() as connection:
        return [
            [tuple(row) for row in await connection.fetch(sql, case_id)]
            for sql in (_OF_REQUEST, _OF_SHARES, _OF_CLOCKS, _OF_CASE)
        ]


async def four() -> list[UUID]:
    """Four cases in different states, made once: what an example leaves is where the next one begins."""
    if not _made:
        for n, until in enumerate(("registered", "dispatched", "signed", "contacted")):
            urgent = {"urgency": "urgent"} if n == 1 else {}
            one = await a_case(until, phone=f"1390000000{n}", matter="" if n == 0 else "020201", **urgent)
            async with db.reading() as connection:
                _made.append(await connection.fetchval("SELECT id FROM cases WHERE number = $1", one.number))
    return _made


async def do(what: str, one: UUID, other: UUID) -> None:
    """One step by whoever may take it; what is refused changes nothing."""
    login = {"sign": "congtai"}.get(what, "dispatcher")
    async with work(await person(login)) as w:
        files = await merging.opened(w, {one, other})
        if what == "merge":
            await merging.merge(w, files[one], files[other])
        elif what == "unmerge":
            await merging.unmerge(w, files[one], files[other], reason="试一试")
        elif what == "sign":
            lead = files[one].lead
            if lead is not None and lead.state == "dispatched":
                await verbs.sign(w, files[one], lead)
        else:
            receipt = files[one].case.number
            file = await ledger.opened_for(w, receipt)
            own = file.request_no(receipt)
            assert own is not None
            await (verbs.urge(w, file, own) if what == "urge" else verbs.add_words(w, file, own, words="再说一句"))


async def tried(what: str, one: UUID, other: UUID) -> int:
    """The step, or with which status it was refused."""
    try:
        await do(what, one, other)
    except Refusal as refusal:
        return refusal.status
    return 0


@settings(
    max_examples=10, deadline=None, phases=[Phase.generate],  # one example begins where the last ended: none shrinks
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(steps=STEPS)
async def test_whatever_is_merged_comes_out_as_it_went_in(steps: list[tuple[str, int, int]]) -> None:
    cases = await four()
    before: dict[UUID, Any] = {}
    holder: dict[UUID, UUID] = {}
    for what, n, m in [*steps, *[("unmerge", n, m) for n in range(4) for m in range(4)]]:
        one, other = cases[n], cases[m]
        was = await theirs(other)
        refused = await tried(what, one, other)
        if refused:
            assert refused in (409, 422)
            assert what != "unmerge" or holder.get(other) != one
            continue
        if what == "merge":
            before[other], holder[other] = was, one
            async with db.reading() as connection:
                assert await connection.fetchval("SELECT case_id FROM request WHERE home_id = $1", other) == one
        elif what == "unmerge":
            assert holder.pop(other) == one
            assert await theirs(other) == before[other]
    assert not holder
    assert not (await rebuild.rebuild(check=True)).names
    assert not (await verify.database()).findings
