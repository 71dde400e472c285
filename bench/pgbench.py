"""The ceiling: pgbench of the embedded server, inserting the rows of one real message again and again."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from hotline.embedded import Engines
from hotline.work import Row

_HEAD = "\\set n random(1, 4000000000000000000)\n"


def run(pair: Engines, database: str, script: str, *, clients: int = 8, seconds: int = 5) -> float:
    """Transactions a second of ``script`` with prepared statements."""
    home = Path(pair.programs)
    program = home / "pgbench" if (home / "pgbench").exists() else home / "bin" / "pgbench"
    file = pair.data.parent / "pgbench.sql"
    file.write_text(script, encoding="utf-8")
    file.chmod(0o644)
    user = pair.url("postgres", database)
    command = [
        str(program), "-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(seconds), "-f", str(file), user,
    ]  # fmt: skip
    told = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "PGUSER": "hotline_owner"}
    )
    found = re.search(r"tps = ([\d.]+)", told.stdout)
    if found is None:
        raise RuntimeError(told.stdout + told.stderr)
    return float(found[1])


def script(rows: Iterable[Row], *, after: str = "") -> str:
    """One transaction with these rows, a statement a table, under ids and numbers of its own each time."""
    tables: dict[str, list[Row]] = {}
    for row in rows:
        tables.setdefault(row.table, []).append(row)
    known: dict[object, str] = {}
    statements = [_insert(table, some, known) for table, some in tables.items()]
    if len(statements) > 1 or after:
        return _HEAD + "BEGIN;\n" + "\n".join(statements) + f"\n{after.format_map(_Named(known))}\nCOMMIT;\n"
    return _HEAD + statements[0] + "\n"


class _Named(dict[str, str]):
    """Lets ``after`` name an id by its value."""

    def __init__(self, known: dict[object, str]) -> None:
        super().__init__({str(key): value for key, value in known.items()})


def _insert(table: str, rows: list[Row], known: dict[object, str]) -> str:
    columns = rows[0].__struct_fields__
    values = ",\n".join(
        "(" + ", ".join(_literal(name, getattr(row, name), known) for name in columns) + ")" for row in rows
    )
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES\n{values};"


_OWN = frozenset({"number", "receipt_no", "provider_id", "key"})


def _literal(name: str, value: object, known: dict[object, str]) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, UUID) and name not in {"actor", "accepted_by", "dispatched_by"}:
        # A different id in each transaction; the same one wherever this transaction's rows mean the same thing.
        return known.setdefault(value, f"md5(:n || '-{len(known)}')::uuid")
    if name in _OWN:
        return known.setdefault(value, f"(:n || '-{len(known)}')")
    if isinstance(value, bytes):
        return f"'\\x{value.hex()}'::bytea"
    if isinstance(value, tuple):
        return "'{" + ",".join(str(one) for one in value) + "}'"
    if isinstance(value, int | float | Decimal):
        return str(value)
    if isinstance(value, datetime):
        return f"'{value.isoformat()}'::timestamptz"
    if isinstance(value, UUID):
        return f"'{value}'::uuid"
    # A colon before a letter would be a variable of pgbench.
    return "'" + str(value).replace("'", "''").replace(":", "' || chr(58) || '") + "'"
