"""A case that stands: one request for more information, suspension with a plan; what goes on, and when."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from cases import verbs
from hotline import clock, db
from hotline import rebuild as rebuilding
from hotline.errors import Refusal
from sla import needs_info, suspension
from tests import builders as b

pytestmark = pytest.mark.anyio
NOON = datetime.fromisoformat("2026-11-26T12:00:00+08:00")


async def rows(sql: str, *args: Any) -> list[Any]:
    async with db.reading() as connection:
        return [dict(r) for r in await connection.fetch(sql, *args)]


async def test_smoke(database: object) -> None:
    number = (await b.a_case("signed")).number
    f = await b.act("congtai", number, lambda w, file: needs_info.ask(w, file, file.first_request, wanted="楼号\n时间", share=file.lead))
    print(f.case)
    print(await rows("SELECT stage, due_at, paused_at, paused_for, history, stopped_at FROM clock WHERE case_id=$1", f.case.id))
    f = await b.act("congtai", number, verbs.add_words, b.request, words="3号楼")
    print(await rows("SELECT stage, due_at, paused_at, paused_for, history, stopped_at FROM clock WHERE case_id=$1", f.case.id))
    print(await rows("SELECT name FROM outbox_message WHERE case_id=$1", f.case.id))
    outcome = await rebuilding.rebuild(check=True)
    assert outcome.different == 0, outcome.names
