"""A new version learned from the city's own cases: asked for, trained by a worker, put in service if it is better.

A version that is asked for is a row (``candidate``); the job finds it there, so a lost nudge loses nothing and a
second worker or a second run does nothing twice.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from typing import Any

import msgspec

from hotline import city, clock, db
from hotline.actor import SYSTEM, Actor
from routing import keeping, lessons, models, starting
from routing.classifier import Classifier, Trained
from routing.figures import Figures, Judged, by_label, confusions, figures
from routing.training import Lesson, train

log = logging.getLogger(__name__)

LEAST = "routing.lessons"
LEASE = timedelta(hours=2)
"""A worker that died in the middle is waited for so long."""
NICE = 10
_CLAIM = """
UPDATE model SET claimed_until = $2 WHERE version = (
    SELECT version FROM model WHERE state = 'candidate' AND coalesce(claimed_until, '-infinity') < $1
    FOR UPDATE SKIP LOCKED LIMIT 1)
RETURNING version
"""


class Outcome(msgspec.Struct, frozen=True):
    """What training came to: the new model as bytes, and both models' figures on the cases held back."""

    weights: bytes
    figures: Figures
    against: Figures
    per_matter: bytes
    confused: bytes

    @property
    def is_better(self) -> bool:
        """More first guesses right, and no worse over the rare matters."""
        return self.figures.accuracy > self.against.accuracy and self.figures.macro_f1 >= self.against.macro_f1


async def ask(connection: db.Connection, actor: Actor = SYSTEM) -> str:
    """Ask for a new version; the one that is asked for already, if any. In the caller's transaction."""
    waiting = await connection.fetchval("SELECT version FROM model WHERE state = 'candidate'")
    if waiting is not None:
        return str(waiting)
    day = clock.today().isoformat()
    n = await connection.fetchval("SELECT count(*) FROM model WHERE version LIKE $1", f"{day}.%")
    version = f"{day}.{n + 1}"
    await connection.execute(
        "INSERT INTO model (version, source, state, asked_at, asked_by) VALUES ($1, 'cases', 'candidate', $2, $3) "
        "ON CONFLICT DO NOTHING",
        version, clock.now(), actor.id,
    )  # fmt: skip
    return str(await connection.fetchval("SELECT version FROM model WHERE state = 'candidate'"))


async def ask_nightly() -> bool:
    """Ask for a version when there is something new to learn; whether it was asked for."""
    async with db.atomic() as connection:
        school = await lessons.read(connection)
        if school.cases < _least() or await _is_known(connection, school.fingerprint()):
            return False
        await ask(connection)
    return True


def _least() -> int:
    return int(city.current().rule(LEAST))


async def _is_known(connection: db.Connection, fingerprint: str) -> bool:
    known = "SELECT EXISTS (SELECT FROM model WHERE lessons_hash = $1 AND state <> 'candidate')"
    return bool(await connection.fetchval(known, fingerprint))


async def train_asked() -> str:
    """Train the version that is asked for, if any; the state it ended in, "" for none."""
    async with db.atomic() as connection:
        now = clock.now()
        version = await connection.fetchval(_CLAIM, now, now + LEASE)
        if version is None:
            return ""
        school = await lessons.read(connection)
        is_known = await _is_known(connection, school.fingerprint())
    if school.cases < _least() or not school.held or len(lessons.labels(school.taught)) < 2:
        return await _refuse(version, school, "few")
    if is_known:
        return await _refuse(version, school, "same")
    live = await _live()
    try:
        outcome = await _apart(school, live.trained)
    except Exception as error:  # noqa: BLE001 - whatever it is; its text may quote a lesson
        log.error("version %s could not be trained: %s", version, type(error).__name__)  # noqa: TRY400
        return await _refuse(version, school, "failed")  # it would fail every two hours, and nobody could ask anew
    return await _settle(version, school, live.stands_for, outcome)


async def _live() -> Classifier:
    await models.refresh()
    return await models.load()


async def _apart(school: lessons.School, live: Trained) -> Outcome:
    """Trained in a process of its own, humbler than the worker: minutes of a core, and scikit-learn's memory."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, spawn, initializer=os.nice, initargs=(NICE,)) as pool:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(pool, learn, school.taught, school.held, keeping.pack(live))


def learn(taught: list[Lesson], held: list[Lesson], live: bytes) -> Outcome:
    """Train on the shipped words and on ``taught``, and judge the new and the live model by ``held``."""
    new = train([*starting.lessons(), *taught])
    judged = judge(new, held)
    return Outcome(
        weights=keeping.pack(new), figures=figures(judged), against=figures(judge(keeping.unpack(live), held)),
        per_matter=msgspec.json.encode(by_label(judged)), confused=msgspec.json.encode(confusions(judged)),
    )  # fmt: skip


def judge(trained: Trained, held: list[Lesson]) -> list[Judged]:
    """What a model makes of texts whose label is known."""
    model = Classifier(trained, "judged")
    found: list[Judged] = []
    for one in held:
        ranked = model.ranked(one.title, one.text)
        found.append(Judged(one.label, tuple(label for label, _ in ranked), ranked[0][1] if ranked else 0.0))
    return found


async def _refuse(version: str, school: lessons.School, why: str) -> str:
    async with db.atomic() as connection:
        await connection.execute(
            "UPDATE model SET state = 'refused', why = $2, trained_at = $3, lessons = $4 "
            "WHERE version = $1 AND state = 'candidate'", version, why, clock.now(), school.cases,
        )  # fmt: skip
    return "refused"


_JUDGED = """
UPDATE model SET trained_at = CASE WHEN $9 THEN NULL ELSE $2::timestamptz END, lessons = $3, lessons_hash = $4,
    figures = $5, against = $6, against_figures = $7, per_matter = $8, confused = $10,
    weights = CASE WHEN $9 THEN $11::bytea END, state = CASE WHEN $9 THEN state ELSE 'refused' END,
    why = CASE WHEN $9 THEN why ELSE 'not_better' END
WHERE version = $1 AND state = 'candidate'
RETURNING version
"""


async def _settle(version: str, school: lessons.School, against: str, outcome: Outcome) -> str:
    """Write the figures down; better than the model it was judged against, and that one still live: in service."""
    async with db.atomic() as connection:
        live = await connection.fetchval("SELECT version FROM model WHERE state = 'live' FOR UPDATE")
        if live != against:  # somebody put another one in service meanwhile: judge again by that one
            await connection.execute("UPDATE model SET claimed_until = NULL WHERE version = $1", version)
            return ""
        values: list[Any] = [
            version, clock.now(), school.cases, school.fingerprint(), _json(outcome.figures), live,
            _json(outcome.against), outcome.per_matter.decode(), outcome.is_better, outcome.confused.decode(),
            outcome.weights,
        ]  # fmt: skip
        if await connection.fetchval(_JUDGED, *values) is None:
            return ""  # another worker was faster
        if outcome.is_better:
            await models.put_live(connection, version, SYSTEM, "better")
    await models.refresh()
    return "live" if outcome.is_better else "refused"


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
