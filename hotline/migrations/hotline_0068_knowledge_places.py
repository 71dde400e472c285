"""Piccolo's side of the SQL file of the same name."""

from __future__ import annotations

from hotline.schema import sql_migration

ID, forwards = sql_migration(__file__)
VERSION = "1.38.0"
DESCRIPTION = ID
