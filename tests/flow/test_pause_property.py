"""In whatever order people act: every open stage has one clock, a closed case none, nothing moves without an event."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cases import verbs, verbs_conference, verbs_hands, verbs_pause
from hotline import clock, db
from hotline import rebuild as rebuilding
from hotline.errors import Refusal, not_found
from sla import handing, needs_info, standing, suspension, sweep
from tests import builders as b

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]
BEGAN = datetime.fromisoformat("2026-11-30T10:00:00+08:00")
UNITS = ("130403", "CGB", "130403001")
WHO = {"130403": "congtai", "CGB": "cgb", "130403001": "street"}
BECAUSE = {"reason": "因为"}
REPORT = {**b.HANDLED, "note": "到场看过。", "reply": "已修好。"}
TABLES = {
    "cases": ("id", "SELECT * FROM cases WHERE id = $1"),
    "request": ("id", "SELECT * FROM request WHERE case_id = $1"),
    "assignment": ("id", "SELECT * FROM assignment WHERE case_id = $1"),
    "clock": ("id", "SELECT * FROM clock WHERE case_id = $1"),
}
_ASKED = {"wanted": "楼号\n时间"}
_PLAN = {"reason": "须待施工", "plan": "下月施工"}
_ANSWERED = {"was_contacted": True, "is_solved": True}

Step = tuple[int, int, float]
"""Which of the acts that suit the case's state is tried, on which share or with which unit, how many hours later."""
_ANY_TIME = ("other_words", "urge", "sweep", "sweep")
_BESIDE = ("add", "release", "co_sign", "co_handle", "down", "up", "recall", "confer")
SUITS: dict[str, tuple[str, ...]] = {
    "registered": ("ask", "answer", "drop", "accept", "accept", "withdraw"),
    "accepted": ("ask", "answer", "drop", "dispatch", "dispatch", "dispatch", "confer"),
    "in_conference": ("decide", "decide", "answer", "resume", "drop", "handle"),
    "callback": ("visit", "unsolved", "unsolved", "rework", "rework", "close"),
    "dispatched": ("sign", "sign", "sign", "return", "recall", "add"),
    "return_requested": ("approve_return", "refuse_return", "refuse_return"),
    "free": ("ask", "ask", "suspend_ask", "suspend_ask", "contact", "handle", "handle", "object", *_BESIDE),
    "asked": ("suspend", "suspend", "suspend", "refuse_suspension", "recall", "handle"),
    "suspended": ("resume", "suspend_ask", "ask", "handle", "return", "sweep", "sweep", *_BESIDE),
    "needs_info": ("answer", "answer", "drop", "ask", "suspend_ask", "handle", "sweep", "sweep", *_BESIDE),
    "handled": ("audit", "audit", "audit", "send_back", "co_sign", "co_handle", "ask"),
}  # fmt: skip


def suiting(now: dict[tuple[str, Any], dict[str, Any]], case_id: Any) -> tuple[str, ...]:
    """The acts that somebody might well try as the case stands, and some that must be refused."""
    case = now["cases", case_id]
    leads = [
        one for (table, _), one in now.items()
        if table == "assignment" and one["role"] == "lead" and one["state"] not in ("recalled", "ended")
    ]  # fmt: skip
    kind = case["state"]
    if leads and kind in ("active", "rework"):
        busy = "asked" if leads[0]["suspension_asked_at"] else case["paused"] or "free"
        kind = busy if leads[0]["state"] in ("signed", "in_progress") else leads[0]["state"]
    return (*SUITS.get(kind, ("answer", "ask")), *_ANY_TIME)


async def rows(sql: str, *args: Any) -> list[dict[str, Any]]:
    async with db.reading() as connection:
        return [dict(r) for r in await connection.fetch(sql, *args)]


async def snapshot(case_id: Any) -> dict[tuple[str, Any], dict[str, Any]]:
    return {(table, one[key]): one for table, (key, sql) in TABLES.items() for one in await rows(sql, case_id)}


def _nth(n: int) -> Any:
    """The n-th live share; a case without one is refused as for anybody who names one that is gone."""
    def part(file: Any) -> Any:
        if not file.live:
            raise not_found()
        return file.live[n % len(file.live)]

    return part


def _lead(file: Any) -> Any:
    if file.lead is None:
        raise not_found()
    return file.lead


def acts(n: int, at: datetime, unit: str, whose: str) -> dict[str, tuple[str, Any, tuple[Any, ...], dict[str, Any]]]:
    """Who tries which verb on what."""
    nth, request, lead = _nth(n), b.request, _lead
    review = clock.local_day(at) + timedelta(days=2 + n)

    async def asked(w: Any, file: Any) -> None:
        await needs_info.ask(w, file, file.first_request, **_ASKED, share=file.lead)

    return {
        "accept": ("dispatcher", verbs.accept, (), {"matter": "020101", "county": "130403"}),
        "ask": ("congtai", asked, (), {}),
        "answer": ("agent", verbs.add_words, (request,), {"words": "3 号楼"}),
        "urge": ("agent", verbs.urge, (request,), {}),
        "drop": ("dispatcher", verbs_pause.end_info, (request,), {"how": "dropped", **BECAUSE}),
        "suspend_ask": ("congtai", suspension.ask, (lead,), {**_PLAN, "review": review}),
        "suspend": ("coord", suspension.approve, (lead,), BECAUSE),
        "refuse_suspension": ("coord", verbs_pause.refuse_suspension, (lead,), BECAUSE),
        "resume": ("coord", verbs_pause.resume, (lead,), {"how": "centre", **BECAUSE}),
        "sign": ("congtai", verbs.sign, (lead,), {}),
        "co_sign": (whose, verbs.sign, (nth,), {}),
        "co_handle": (whose, verbs.handle, (nth,), b.HANDLED),
        "contact": ("congtai", verbs.contact, (lead,), {"way": "phone"}),
        "return": ("congtai", verbs.ask_return, (lead,), {"ground": "ownership", "basis": "规定"}),
        "approve_return": ("coord", verbs.approve_return, (lead,), BECAUSE),
        "refuse_return": ("coord", verbs.refuse_return, (lead,), BECAUSE),
        "object": (whose, verbs_hands.object_to, (nth,), {**BECAUSE, "basis": "规定"}),
        "confer": ("coord", verbs_conference.call, (), {"cause": "by_hand", **BECAUSE}),
        "decide": ("coord", verbs_conference.decide, (), {"unit": unit, "profile": "STD5", "words": "定。"}),
        "down": (whose, handing.hand_down, (nth,), {"unit": "130403001", **BECAUSE}),
        "up": (whose, verbs_hands.report_up, (nth,), REPORT),
        "recall": ("coord", verbs.recall, (nth,), BECAUSE),
        "dispatch": ("coord", verbs.dispatch, (), {"unit": unit, "profile": "STD5", **BECAUSE}),
        "add": ("coord", verbs.add_co_handler, (), {"unit": unit, "profile": "STD5"}),
        "release": ("coord", verbs_hands.release, (nth,), BECAUSE),
        "handle": ("congtai", verbs.handle, (lead,), b.HANDLED),
        "audit": ("audit", verbs.approve, (), {}),
        "send_back": ("audit", verbs.send_back, (lead,), BECAUSE),
        "visit": ("callback", verbs.visit, (request,), _ANSWERED),
        "unsolved": ("callback", verbs.visit, (request,), {**_ANSWERED, "is_solved": False}),
        "rework": ("callback", verbs.rework, (request, lead), {"profile": "STD5", **BECAUSE}),
        "close": ("callback", verbs.close, (), {}),
        "withdraw": ("agent", verbs.withdraw, (request,), {}),
    }


async def do(number: str, name: str, n: int, at: datetime) -> None:
    """One person's try; what the ledger refuses is refused."""
    with clock.at(at):
        if name == "sweep":
            await sweep.sweep(at)
            return
        if name == "other_words":  # somebody else's words go to their own case
            await b.a_receipt(phone="13612345678", words="别人的话，与此无关。")
            return
        live = await rows(
            "SELECT unit FROM assignment a JOIN cases c ON c.id = a.case_id WHERE c.number = $1 "
            "AND a.state NOT IN ('recalled', 'ended') ORDER BY dispatched_at, a.id", number,
        )  # fmt: skip
        whose = WHO.get(live[n % len(live)]["unit"], "coord") if live else "coord"
        login, verb, parts, given_ = acts(n, at, UNITS[n % len(UNITS)], whose)[name]
        await b.act(login, number, verb, *parts, **given_)


def one_clock_each(case: dict[str, Any], now: dict[tuple[str, Any], dict[str, Any]]) -> None:
    """Every stage that is open has exactly one clock; a case that has ended none."""
    running = [one for (table, _), one in now.items() if table == "clock" and one["stopped_at"] is None]
    own = [one for one in running if one["stage"] != "order_reply"]  # an order outlives its case until it is answered
    assert not any(n > 1 for n in Counter((one["subject_id"], one["stage"]) for one in running).values()), running
    stages = {(one["subject_id"], one["stage"]) for one in own}
    shares = [one for (table, _), one in now.items() if table == "assignment"]
    at_unit = [s for s in shares if s["state"] in ("dispatched", "return_requested", "signed", "in_progress")]
    if not case["is_open"]:
        assert own == [], (case["state"], own)
        return
    for share in at_unit:
        stage = "report_up" if share["role"] == "below" else "finish"
        assert (share["id"], stage) in stages, (share["unit"], share["state"], stages)
    assert {one["subject_id"] for one in own if one["subject"] == "assignment"} <= {one["id"] for one in at_unit}
    wanted = {"registered": "accept", "accepted": "dispatch"}.get(case["state"])
    if case["state"] in ("active", "rework") and not at_unit:
        wanted = "audit"
    if wanted is not None:
        assert (case["id"], wanted) in stages, (case["state"], stages)
    waiting = {k[1] for k, one in now.items() if k[0] == "request" and one["state"] == "awaiting_visit"}
    assert {subject for subject, stage in stages if stage == "visit"} == waiting


def stands_as_the_case_does(case: dict[str, Any], now: dict[tuple[str, Any], dict[str, Any]]) -> None:
    """What stands, stands for the case's own cause and for a stage that the cause names; ended ones never do."""
    for (table, _), one in now.items():
        if table == "clock" and one["paused_at"] is not None:
            assert one["stopped_at"] is None
            assert one["paused_for"] == case["paused"], (case["paused"], one)
            assert one["stage"] in standing.stages(one["paused_for"])
            assert json.loads(one["history"])[-1].get("ends") is None


async def told(case_id: Any) -> dict[str, str]:
    """The date that the ledger last gave each clock."""
    found: dict[str, str] = {}
    for line in await rows("SELECT kind, data FROM case_event WHERE case_id = $1 ORDER BY seq", case_id):
        data = json.loads(line["data"])
        for one in data.get("promises", []):
            found[one["clock"]] = one["due"]
        if line["kind"] == "lead_due_moved":
            found[data["clock"]] = data["due"]
    return found


async def every_move_is_told(
    before: dict[tuple[str, Any], dict[str, Any]], now: dict[tuple[str, Any], dict[str, Any]], case_id: Any
) -> None:
    """A row that differs means a line more in the ledger; a clock's date is the one the ledger gave it."""
    moved = {key for key in now.keys() | before.keys() if now.get(key) != before.get(key)}
    if moved:
        grown = now["cases", case_id]["last_seq"] > before["cases", case_id]["last_seq"]
        done = await rows("SELECT subject_id FROM act_done WHERE case_id = $1", case_id)
        by_sweep = {case_id, *(one["subject_id"] for one in done)}
        silent = {key for key in moved if key[0] not in ("clock", "cases") or key[1] not in by_sweep}
        assert grown or not silent, moved  # a warning without a card is a line of the sweep's own ledger
    dates = await told(case_id)
    for (table, identifier), one in now.items():
        if table == "clock" and one["stopped_at"] is None:
            assert datetime.fromisoformat(dates[str(identifier)]) == one["due_at"], (one["stage"], one["history"])


@settings(
    max_examples=5, deadline=None, phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck)
)
@given(
    until=st.sampled_from(["registered", "dispatched", "signed"]),
    steps=st.lists(
        st.tuples(st.integers(0, 999), st.integers(0, 5), st.sampled_from([0.2, 0.2, 1, 5, 26, 60])),
        min_size=20, max_size=26,
    ),
)  # fmt: skip
async def test_in_any_order_of_acts_stages_have_their_clocks_and_nothing_moves_untold(
    until: str, steps: list[Step]
) -> None:
    with clock.at(BEGAN):
        given_ = {"matter": ""} if until == "registered" else {"matter": "020101", "kind": "complaint"}
        number = (await b.a_receipt(**given_)).number
        if until != "registered":
            state = (await rows("SELECT state, lead_unit FROM cases WHERE number = $1", number))[0]
            if state["lead_unit"] not in (None, "130403"):
                await b.act("dispatcher", number, verbs.recall, b.lead, reason="属地")
            if state["lead_unit"] != "130403":
                await b.act("dispatcher", number, verbs.dispatch, unit="130403", profile="STD5")
            if until == "signed":
                await b.act("congtai", number, verbs.sign, b.lead)
    case_id = (await rows("SELECT id FROM cases WHERE number = $1", number))[0]["id"]
    at, before = BEGAN, await snapshot(case_id)
    for step in steps:
        at += timedelta(hours=step[2])
        suits = suiting(before, case_id)
        name = suits[step[0] % len(suits)]
        try:
            await do(number, name, step[1], at)
        except Refusal:
            assert await snapshot(case_id) == before, (name, "what is refused changes nothing")
            continue
        now = await snapshot(case_id)
        case = now["cases", case_id]
        one_clock_each(case, now)
        stands_as_the_case_does(case, now)
        await every_move_is_told(before, now, case_id)
        before = now
    outcome = await rebuilding.rebuild(check=True)
    assert outcome.different == 0, outcome.names
