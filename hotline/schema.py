"""The schema is SQL in `<app>/migrations/NNNN_name.sql`; here are its order and its wrapping as Piccolo migrations.

Running them is `hotline.migrate` (the roof). Piccolo's own command line reads the same files through the stubs.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from piccolo.apps.migrations.auto.migration_manager import MigrationManager

APPS = ("hotline", "cases", "routing", "sla", "channels")
"""The apps in the order in which their migrations run: nobody points at a table of a later app."""

_ROOT = Path(__file__).resolve().parent.parent


class Step(msgspec.Struct, frozen=True):
    """One migration: ``name`` is what Piccolo's table ``migration`` records, ``file`` holds the SQL."""

    app: str
    name: str
    file: Path


def steps() -> list[Step]:
    """Every migration of every app, in the order in which they run."""
    found = [
        Step(app, file.stem, file)
        for app in APPS
        for file in (_ROOT / app / "migrations").glob("[0-9][0-9][0-9][0-9]_*.sql")
    ]
    return sorted(found, key=lambda step: (APPS.index(step.app), step.name))


def has_steps(app: str) -> bool:
    """Whether an app has a schema of its own."""
    return any(step.app == app for step in steps())


def sql_migration(stub: str) -> tuple[str, Callable[[], Awaitable[MigrationManager]]]:
    """Piccolo's ID and ``forwards`` for the stub ``<app>_NNNN_name.py`` lying beside ``NNNN_name.sql``.

    The SQL may hold many statements and ``$$`` bodies: it is sent as one script, inside one transaction.
    """
    here = Path(stub)
    app = here.parent.parent.name
    name = here.stem.removeprefix(f"{app}_")
    script = here.with_name(f"{name}.sql").read_text(encoding="utf-8")

    async def run() -> None:
        from hotline import db  # noqa: PLC0415 - opens the engine, which only Piccolo's own command line needs here

        async with db.atomic() as connection:
            await connection.execute(script)

    async def forwards() -> MigrationManager:
        from piccolo.apps.migrations.auto.migration_manager import MigrationManager  # noqa: PLC0415 - 0.6 s

        manager = MigrationManager(migration_id=name, app_name=app, description=name)
        manager.add_raw(run)
        return manager

    return name, forwards
