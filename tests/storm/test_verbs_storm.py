"""Eight people do whatever comes to mind on five cases at once while the worker sweeps: nothing is lost or bent."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from cases import ledger, seals, verbs
from cases.file import CaseFile
from channels import intake
from hotline import clock, db, rebuild, verify
from hotline.actor import CITIZEN, Actor
from hotline.errors import Refusal
from hotline.work import Work, work
from sla import supervision, sweep
from tests import builders as b

pytestmark = pytest.mark.anyio

PEOPLE, ACTS, TRIES = 8, 20, 12
LOGINS = ("agent", "dispatcher", "callback", "audit", "supervisor", "coord", "cgb", "congtai")
Verb = Callable[[Work, CaseFile, random.Random], Awaitable[object]]


def _any(rng: random.Random, file: CaseFile) -> Any:
    return rng.choice(list(file.assignments.values()) or [None])


def _request(file: CaseFile) -> Any:
    return file.first_request


def _on_assignment(verb: Any, **given: Any) -> Verb:
    async def do(w: Work, file: CaseFile, rng: random.Random) -> object:
        one = _any(rng, file)
        return await verb(w, file, one, **given) if one is not None else None

    return do


def _on_request(verb: Any, **given: Any) -> Verb:
    return lambda w, file, _: verb(w, file, _request(file), **given)


def _on_case(verb: Any, **given: Any) -> Verb:
    return lambda w, file, _: verb(w, file, **given)


def _rarely(verb: Verb) -> Verb:
    """What ends a case for good, once in a while only, or the storm is soon over."""

    async def do(w: Work, file: CaseFile, rng: random.Random) -> object:
        return await verb(w, file, rng) if rng.random() < 0.1 else await verbs.urge(w, file, _request(file))

    return do


def _visit(w: Work, file: CaseFile, rng: random.Random) -> Awaitable[object]:
    return verbs.visit(w, file, _request(file), was_contacted=True, is_solved=rng.random() < 0.6,
                       grade=rng.choice(("satisfied", "dissatisfied", None)))  # fmt: skip


async def _rework(w: Work, file: CaseFile, rng: random.Random) -> object:
    one = _any(rng, file)
    return one and await verbs.rework(w, file, _request(file), one, reason="仍不亮", profile="STD5")


VERBS: tuple[Verb, ...] = (
    _on_case(verbs.accept, matter="020201", county="130403"),
    lambda w, file, rng: verbs.dispatch(w, file, unit=rng.choice(("CGB", "130403")), profile="STD5"),
    lambda w, file, rng: verbs.add_co_handler(w, file, unit=rng.choice(("CGB", "130403", "GAJ")), profile="STD5"),
    _on_assignment(verbs.recall, reason="改派"),
    _on_assignment(verbs.sign),
    _on_assignment(verbs.sign),
    _on_assignment(verbs.contact, way="phone", said="已联系"),
    _on_assignment(verbs.ask_return, ground="function", basis="三定规定"),
    _on_assignment(verbs.approve_return),
    _on_assignment(verbs.refuse_return, reason="属地明确", is_groundless=True),
    _on_assignment(verbs.handle, **b.HANDLED),
    _on_assignment(verbs.handle, **b.HANDLED),
    _on_assignment(verbs.send_back, reason="证据不足"),
    _on_case(verbs.approve),
    _on_case(verbs.approve),
    _visit,
    _visit,
    _on_request(verbs.miss_visit, next_at=None),
    _rework,
    _on_case(verbs.close),
    _on_case(verbs.close, reason="explained"),
    _on_request(verbs.rate, grade="neutral", words="还行"),
    _on_request(verbs.add_words, words="又坏了一盏"),
    _on_request(verbs.urge),
    _rarely(_on_request(verbs.withdraw)),
    _on_assignment(verbs.remind, words="请抓紧"),
    _on_assignment(supervision.order, rule="manual"),
    _rarely(_on_case(verbs.erase, rule="本人要求")),
)


async def _person(rng: random.Random, actors: list[Actor], numbers: list[str], done: Counter[str]) -> None:
    for _ in range(ACTS):
        async with work(rng.choice(actors)) as w:
            file = await ledger.opened(w, number=rng.choice(numbers))
            left = rng.choice((1, 1, 2))
            for verb in rng.sample(VERBS, TRIES):
                try:
                    await verb(w, file, rng)
                except Refusal as refusal:  # said before anything is written, so the work goes on
                    done[refusal.code] += 1
                    continue
                done["done"] += 1
                left -= 1
                if not left:
                    break


async def _worker(stop: asyncio.Event) -> None:
    days = 0
    while not stop.is_set():
        days += 2
        await sweep.sweep(clock.now() + timedelta(days=days))
        await intake.make_all()
        await seals.seal_all()
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_storm_of_verbs_leaves_a_whole_ledger_and_clocks_that_agree(database: object, seed: int) -> None:
    receipts = [await b.a_receipt(matter=matter) for matter in ("020201", "020201", "", "020201", "")]
    actors = [await b.person(login) for login in LOGINS] + [CITIZEN]
    done: Counter[str] = Counter()
    stop = asyncio.Event()
    worker = asyncio.create_task(_worker(stop))
    numbers = [one.number for one in receipts]
    async with asyncio.timeout(60):
        dice = [random.Random(seed * 100 + n) for n in range(PEOPLE)]  # noqa: S311 - dice, not secrets
        await asyncio.gather(*(_person(one, actors, numbers, done) for one in dice))
        stop.set()
        await worker
    assert done["done"] > PEOPLE * 4, done
    assert done["impossible_move"] > PEOPLE, done
    await seals.seal_all()
    report = await verify.database()
    assert report.is_clean, report.findings
    outcome = await rebuild.rebuild(check=True)
    assert outcome.different == 0, (outcome.names, outcome.first)
    await _clocks_agree()


ENDED = "('declined', 'transferred', 'answered', 'closed', 'merged', 'archived')"
WRONG = {
    "a clock runs on a case that has ended": f"""
        SELECT c.number FROM clock k JOIN cases c ON c.id = k.case_id
        WHERE k.stopped_at IS NULL AND c.state IN {ENDED}""",
    "an open case without a clock that is not waiting to be closed": f"""
        SELECT c.number FROM cases c WHERE c.state NOT IN {ENDED}
        AND NOT EXISTS (SELECT FROM clock k WHERE k.case_id = c.id AND k.stopped_at IS NULL)
        AND NOT (c.state = 'callback' AND NOT EXISTS (
            SELECT FROM request r WHERE r.case_id = c.id AND r.state IN ('open', 'awaiting_visit')))""",
    "two running clocks of one stage on one subject": """
        SELECT subject_id::text FROM clock WHERE stopped_at IS NULL GROUP BY subject_id, stage HAVING count(*) > 1""",
    "a unit's clock runs after the unit lost or finished the case": """
        SELECT a.id::text FROM clock k JOIN assignment a ON a.id = k.subject_id
        WHERE k.stopped_at IS NULL AND a.state IN ('handled', 'recalled', 'ended')""",
    "an audit clock runs where nothing can be audited": """
        SELECT c.number FROM clock k JOIN cases c ON c.id = k.case_id WHERE k.stopped_at IS NULL AND k.stage = 'audit'
        AND NOT EXISTS (SELECT FROM assignment a WHERE a.case_id = c.id AND a.role = 'lead' AND a.state = 'handled')""",
    "a case at a unit whose finish clock does not run": """
        SELECT a.id::text FROM assignment a
        WHERE a.state IN ('dispatched', 'signed', 'in_progress', 'return_requested') AND NOT EXISTS (
            SELECT FROM clock k WHERE k.subject_id = a.id AND k.stage = 'finish' AND k.stopped_at IS NULL)""",
    "a request that awaits its visit in a case to call back, without its clock": """
        SELECT r.receipt_no FROM request r JOIN cases c ON c.id = r.case_id
        WHERE c.state = 'callback' AND r.state = 'awaiting_visit' AND NOT EXISTS (
            SELECT FROM clock k WHERE k.subject_id = r.id AND k.stage = 'visit' AND k.stopped_at IS NULL)""",
    "a level that a unit was fined for twice on one case": """
        SELECT case_id::text FROM supervision_record WHERE cause IN ('yellow', 'red')
        GROUP BY case_id, unit, cause HAVING count(*) > 1""",
    "a case in the hands of nobody": """
        SELECT c.number FROM cases c WHERE c.state IN ('active', 'rework') AND NOT EXISTS (
            SELECT FROM assignment a
            WHERE a.case_id = c.id AND a.role = 'lead' AND a.state NOT IN ('recalled', 'ended'))""",
}


async def _clocks_agree() -> None:
    async with db.reading() as connection:
        for what, sql in WRONG.items():
            assert [row[0] for row in await connection.fetch(sql)] == [], what
