"""A campaign of 有奖找茬 and its findings, made and looked at through their pages."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import httpx

from hotline import clock, db
from tests.web import house, seats

UNIT = "CGB"
WORDS = "办事大厅三号窗口的一次性告知单还是旧版，少写了两项材料，害我跑了两趟。"
OTHER = "官网上的咨询电话已经停用半年，打过去是空号，没有任何提示。"
FINDER = {"name": "欧阳秋实", "phone": "13911112222"}


async def one(sql: str, *args: object) -> dict[str, Any]:
    async with db.reading() as connection:
        row = await connection.fetchrow(sql, *args)
    return dict(row) if row is not None else {}


async def campaign(client: httpx.AsyncClient, **change: object) -> UUID:
    """A campaign of 200 yuan, started through its form; its id."""
    today = clock.today()
    given = {"name": "营商环境有奖找茬", "what": "政务服务中的差错、推诿、不便。", "starts": today, "ends": today,
             "amount": 200, "points": 5, **change}  # fmt: skip
    async with seats.taken(client, "auditor"):
        page = await house.get(client, "/bounties/campaigns/new")
        once = re.search(r'name="_once" value="([0-9a-f]{32})"', page)
        assert once, page[-1500:]
        assert 'value="200"' in page, "the city's sum"
        answer = await house.post(
            client, "/bounties/campaigns", {**given, "_once": once[1]}, page="/bounties/campaigns/new"
        )
        assert answer.status_code == 303, answer.text[-1500:]
    return UUID(hex=once[1])


async def filed(client: httpx.AsyncClient, of: UUID, words: str = WORDS, **change: str) -> tuple[UUID, str, str]:
    """A finding filed by somebody without an account: its id, number and code."""
    here = f"/bounty/{of}/find"
    given = {"unit": UNIT, "words": words, "place": "三号窗口", **FINDER, **change}
    answer = await house.post(client, here, given, page=here)
    assert answer.status_code == 200, answer.text[-1500:]
    number, code = re.findall(r'class="code" id="(?:number|code)">([^<]+)<', answer.text)
    row = await one("SELECT id FROM bounty_finding WHERE number = $1", number)
    return row["id"], number, code


async def act(client: httpx.AsyncClient, finding: UUID, slug: str, **data: str) -> httpx.Response:
    return await house.post(client, f"/bounties/{finding}/{slug}", data, page="/preferences")


async def points(unit: str = UNIT) -> list[tuple[str, int]]:
    async with db.reading() as connection:
        rows = await connection.fetch("SELECT cause, points FROM unit_point WHERE unit = $1 ORDER BY at, id", unit)
    return [(row["cause"], row["points"]) for row in rows]


async def state(finding: UUID) -> str:
    return str((await one("SELECT state FROM bounty_finding WHERE id = $1", finding))["state"])
