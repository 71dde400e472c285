"""What Piccolo's command line needs to know of this floor."""

from __future__ import annotations

from pathlib import Path

from piccolo.conf.apps import AppConfig

from hotline.city_tables import DayTable, LineTable, MatterTable, RuleTable, UnitTable
from hotline.people import Person

APP_CONFIG = AppConfig(
    app_name="hotline",
    migrations_folder_path=str(Path(__file__).parent / "migrations"),
    table_classes=[UnitTable, MatterTable, LineTable, DayTable, RuleTable, Person],
    migration_dependencies=[],
)
