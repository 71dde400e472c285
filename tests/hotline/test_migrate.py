"""Migrating: once, together, as the owner; and the rights that are left for the application."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import msgspec
import pytest

from hotline import embedded, migrate, schema
from hotline.embedded import Engines
from tests.engines import Place


@pytest.fixture
async def empty(engines: Engines) -> AsyncIterator[str]:
    """The owner's address of a database with nothing in it."""
    root = await asyncpg.connect(engines.url(embedded.ROOT, "postgres"))
    await root.execute(f"CREATE DATABASE t_empty OWNER {embedded.OWNER}")
    yield engines.url(embedded.OWNER, "t_empty")
    await root.execute("DROP DATABASE t_empty WITH (FORCE)")
    await root.close()


async def test_everything_runs_once_in_the_order_of_the_floors(empty: str) -> None:
    ran = await migrate.migrate(empty, embedded.APP)
    assert ran == [f"{step.app}/{step.name}" for step in schema.steps()]
    assert [name.partition("/")[0] for name in ran] == sorted(
        (name.partition("/")[0] for name in ran), key=schema.APPS.index
    )
    assert await migrate.migrate(empty, embedded.APP) == []


async def test_four_that_migrate_at_once_do_it_once(empty: str) -> None:
    told = await asyncio.gather(*(migrate.migrate(empty, embedded.APP) for _ in range(4)))
    assert sorted(len(ran) for ran in told) == [0, 0, 0, len(schema.steps())]


async def test_a_step_that_fails_leaves_nothing_and_names_its_line(
    empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = tmp_path / "9999_bad.sql"
    bad.write_text("CREATE TABLE half (x int);\n\nSELECT nonsense;\n", encoding="utf-8")
    steps = [*schema.steps(), schema.Step("cases", "9999_bad", bad)]
    monkeypatch.setattr(schema, "steps", lambda: steps)
    with pytest.raises(asyncpg.UndefinedColumnError) as failed:
        await migrate.migrate(empty, embedded.APP)
    assert failed.value.__notes__ == ["in cases/migrations/9999_bad.sql, line 3"]
    connection = await asyncpg.connect(empty)
    assert await connection.fetchval("SELECT to_regclass('half')") is None
    assert [step.name for step in await migrate.pending(connection)] == ["9999_bad"]
    await connection.close()


@pytest.mark.parametrize("table", migrate.APPEND_ONLY)
@pytest.mark.parametrize(
    "act", ["DELETE FROM {}", "TRUNCATE {}", "DROP TABLE {}", "ALTER TABLE {} DISABLE TRIGGER ALL"]
)
async def test_the_application_cannot_take_anything_out_of_a_ledger(database: Place, table: str, act: str) -> None:
    connection = await asyncpg.connect(database.settings.database_url)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(act.format(table))
    finally:
        await connection.close()


async def test_the_application_gives_an_event_its_position_and_changes_nothing_else(database: Place) -> None:
    connection = await asyncpg.connect(database.settings.database_url)
    try:
        await connection.execute("UPDATE case_event SET position = 1 WHERE false")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("UPDATE case_event SET data = data WHERE false")
    finally:
        await connection.close()


async def test_a_right_that_was_given_by_hand_is_taken_back(database: Place) -> None:
    async with database.as_owner() as owner:
        await owner.execute(f"GRANT DELETE ON act TO {embedded.APP}")
    await migrate.migrate(database.settings.owner_url, embedded.APP)
    async with database.as_owner() as owner:
        assert not await owner.fetchval("SELECT has_table_privilege($1, 'act', 'DELETE')", embedded.APP)


@pytest.mark.parametrize("app", schema.APPS)
def test_piccolo_sees_the_same_migrations(app: str) -> None:
    """Its stubs lie beside the SQL, and its registry knows the app as soon as it has any."""
    names = [step.name for step in schema.steps() if step.app == app]
    stubs = sorted(path.stem for path in (Path(schema.__file__).parent.parent / app / "migrations").glob(f"{app}_*.py"))
    assert stubs == [f"{app}_{name}" for name in names]
    for stub, name in zip(stubs, names, strict=True):
        module = importlib.import_module(f"{app}.migrations.{stub}")
        assert name == module.ID
    if names:
        config = importlib.import_module(f"{app}.piccolo_app").APP_CONFIG
        assert config.app_name == app
        assert Path(config.resolved_migrations_folder_path).name == "migrations"


async def test_piccolo_itself_can_run_a_stub(empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from hotline import db, settings

    monkeypatch.setenv("PICCOLO_CONF", "hotline.piccolo_conf")
    before = settings.current()
    settings.use(msgspec.structs.replace(before, database_url=empty))
    await db.connect()
    try:
        for step in schema.steps():
            stub = importlib.import_module(f"{step.app}.migrations.{step.app}_{step.name}")
            manager = await stub.forwards()
            await manager.run()
        async with db.reading() as connection:
            assert await connection.fetchval("SELECT to_regclass('case_event')") == "case_event"
    finally:
        await db.disconnect()
        settings.use(before)
