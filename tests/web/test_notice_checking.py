"""The page on which a text is tried: its finds are marked by their kind, and nothing of it stays."""

from __future__ import annotations

import httpx
import pytest

from hotline import db
from tests.web import noticing

pytestmark = pytest.mark.anyio
TEXT = "联系人：李明<b>，电话 138-0000-1234，住和平路12号3号楼2单元501室。"


async def tried(client: httpx.AsyncClient, who: str, text: str) -> httpx.Response:
    """One text, checked by somebody."""
    return await noticing.act(client, who, "/notices/drafts/check", {"text": text}, page="/notices/drafts/check")


async def test_a_pasted_text_comes_back_marked_and_is_kept_nowhere(client: httpx.AsyncClient) -> None:
    async with db.reading() as connection:
        before = await connection.fetchval("SELECT count(*) FROM act WHERE kind LIKE 'notice.%'")
    page = await tried(client, "reviewer", TEXT)
    assert page.status_code == 200
    for one in ("李明", "138-0000-1234", "和平路12号3号楼2单元501室"):
        assert f"<mark>{one}</mark>" in page.text
    assert "联系人：某某&lt;b&gt;，电话 ***，住***。" in page.text
    assert "没有发现" in (await tried(client, "reviewer", "路灯坏了三天。")).text
    async with db.reading() as connection:
        assert await connection.fetchval("SELECT count(*) FROM act WHERE kind LIKE 'notice.%'") == before


async def test_no_text_and_one_too_long_are_refused_with_what_was_typed(client: httpx.AsyncClient) -> None:
    assert (await tried(client, "publisher", " ")).status_code == 422
    page = await tried(client, "publisher", "好" * 20_001)
    assert page.status_code == 422
    assert "好好好" in page.text


async def test_the_list_of_notices_leads_there_and_an_agent_has_no_business_there(client: httpx.AsyncClient) -> None:
    async with noticing.signed_in(client, "publisher"):
        assert 'href="/notices/drafts/check"' in (await client.get("/notices/drafts")).text
    async with noticing.signed_in(client, "agent"):
        assert (await client.get("/notices/drafts/check")).status_code == 403
