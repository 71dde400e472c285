"""For Piccolo's own command line (`piccolo migrations check`): the same engine, speaking as the owner."""

from __future__ import annotations

from piccolo.conf.apps import AppRegistry

from hotline import db, schema, settings

DB = db.ENGINE
DB.config = {"dsn": settings.current().owner_url or settings.current().database_url}

APP_REGISTRY = AppRegistry(apps=[f"{app}.piccolo_app" for app in schema.APPS if schema.has_steps(app)])
