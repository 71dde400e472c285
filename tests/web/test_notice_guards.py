"""A notice in the open whose case turns out to be one that must not be: the public sees nothing more of it.

And who may not go on with an erratum, and when a reminder that a report came before is still given.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import httpx
import pytest

from cases.notice_rows import Notice
from channels import notice_news, reminders_notice
from hotline import clock, db
from hotline.work import Work
from sla import notice_sweep
from tests import builders as b
from tests.web import house
from tests.web.noticing import TEXTS, act, go_public, published, signed_in

pytestmark = pytest.mark.anyio
WRONG = "路灯报修后超过期限没有修好"


async def told(words: str) -> int:
    """How many staff were told something with these words."""
    async with db.reading() as connection:
        sql = "SELECT count(*) FROM staff_notice WHERE zh LIKE '%' || $1 || '%'"
        return int(await connection.fetchval(sql, words))


async def mark(page: str, sql: str, *given: object) -> None:
    """Change the case behind the notice, as a later event would."""
    async with db.atomic() as connection:
        await connection.execute(
            f"UPDATE cases SET {sql} WHERE id = (SELECT case_id FROM notice_case WHERE notice_id = $1)",
            UUID(page.rpartition("/")[2]), *given,
        )  # fmt: skip


async def verified(client: httpx.AsyncClient) -> tuple[str, str]:
    """A notice whose text was corrected once and whose correction is verified."""
    page, public = await published(client)
    change = {**TEXTS, "wrong": WRONG, "why": "孩子的事写错了。"}
    made = await act(client, "publisher", f"{page}/erratum", change, page=f"{page}/erratum")
    await go_public(client, str(made.headers["location"]))
    await act(client, "unit", f"{page}/correction", {"text": "灯头两只已更换。"})
    assert (await act(client, "publisher", f"{page}/verification", {"text": "确已修好。"})).status_code == 303
    return page, public


@pytest.mark.requirement("000-26")
async def test_a_case_that_is_shielded_after_the_publication_takes_the_text_away_at_once(
    client: httpx.AsyncClient,
) -> None:
    page, public = await verified(client)
    number = (await house.get(client, public)).partition("<h1>")[2].partition("</h1>")[0]
    for marked in ("is_minor", "is_investigation", "is_confidential"):
        await mark(page, f"{marked} = TRUE")
        hidden = await house.get(client, public, status=410)
        assert "暂不显示" in hidden
        feed = (await client.get("/notices/feed.xml")).text
        assert number in feed, "whoever keeps a copy writes over it"
        texts = [hidden, feed, *[await house.get(client, path) for path in ("/notices/changes", "/")]]
        for words in (WRONG, "灯头两只", "确已修好", "孩子的事", "未成年", "调查", "保密"):
            assert not [one for one in texts if words in one], words
        for query in ("", "?words=路灯", "?unit=130403", "?county=130403", "?state=verified"):
            assert public not in await house.get(client, f"/notices{query}"), query
        await mark(page, f"{marked} = FALSE")
        assert WRONG in await house.get(client, public)


async def test_what_the_case_was_merged_into_counts_and_the_officer_is_told_once_until_it_is_over(
    client: httpx.AsyncClient,
) -> None:
    page, public = await published(client)
    other = await b.a_receipt()
    async with db.atomic() as connection:
        into = await connection.fetchval("SELECT case_id FROM request WHERE receipt_no = $1", other.number)
        await connection.execute("UPDATE cases SET is_minor = TRUE WHERE id = $1", into)
    await mark(page, "merged_into = $2, state = 'merged', is_open = FALSE", into)
    await house.get(client, public, status=410)
    assert await notice_news.tell() == 0, "subscribers hear nothing of it"
    assert [await notice_sweep.hold(reminders_notice.tell) for _ in range(2)] == [1, 0]
    assert await told("页面已隐去") >= 1
    async with signed_in(client, "publisher"):
        assert 'id="shielded"' in await house.get(client, page)
    await mark(page, "merged_into = NULL, state = 'closed'")
    assert WRONG in await house.get(client, public)
    assert [await notice_sweep.hold(reminders_notice.tell) for _ in range(2)] == [1, 0]
    assert await told("又可以公开了") >= 1


@pytest.mark.requirement("000-26")
async def test_the_reason_of_a_withdrawal_does_not_tell_that_the_case_is_shielded(client: httpx.AsyncClient) -> None:
    page, public = await published(client)
    await act(client, "publisher", f"{page}/withdrawal", {"reason": "当事人未满十四岁。"})
    assert "未满十四岁" in await house.get(client, public, status=410)
    await mark(page, "is_minor = TRUE")
    for path, status in ((public, 410), ("/notices/changes", 200)):
        shown = await house.get(client, path, status=status)
        assert "未满十四岁" not in shown
        assert "不宜继续公示" in shown
    page, public = await published(client)
    await mark(page, "is_investigation = TRUE")
    assert (await act(client, "publisher", f"{page}/withdrawal", {"reason": "纪委在查。"})).status_code == 303
    await mark(page, "is_investigation = FALSE")
    assert "纪委" not in await house.get(client, public, status=410)


async def test_an_erratum_is_not_written_over_another_nor_approved_by_whoever_wrote_the_notice(
    client: httpx.AsyncClient,
) -> None:
    page, _ = await published(client)
    form = f"{page}/erratum"
    stale = {**TEXTS, "wrong": "改。", "why": "改。", "version": "0"}
    refused = await act(client, "publisher", form, stale, page=form)
    assert refused.status_code == 409
    assert "已经更正过" in refused.text
    made = await act(client, "publisher", form, {**stale, "version": "1"}, page=form)
    assert made.status_code == 303
    async with db.reading() as connection:
        first = await connection.fetchval("SELECT author FROM notice WHERE id = $1", UUID(page.rpartition("/")[2]))
        sql = "SELECT writers FROM notice WHERE id = $1"
        assert first in await connection.fetchval(sql, UUID(str(made.headers["location"]).rpartition("/")[2]))


async def test_a_report_that_was_refused_does_not_swallow_the_reminder(client: httpx.AsyncClient) -> None:
    page, _ = await published(client)
    await act(client, "unit", f"{page}/correction", {"text": "已更换。"})
    await act(client, "publisher", f"{page}/refusal", {"reason": "还有一盏不亮。"})
    async with db.reading() as connection:
        due = await connection.fetchval("SELECT due_at FROM notice WHERE id = $1", UUID(page.rpartition("/")[2]))
    assert isinstance(due, datetime)
    before = await told("快到纠正期限")
    with clock.at(due - timedelta(minutes=1)):
        await notice_sweep.watch(reminders_notice.tell, due - timedelta(minutes=1))
    assert await told("快到纠正期限") > before


async def test_one_notice_that_cannot_be_swept_does_not_keep_the_others_waiting(client: httpx.AsyncClient) -> None:
    pages = [(await published(client))[0] for _ in range(2)]
    first, second = (UUID(page.rpartition("/")[2]) for page in pages)

    async def tell(w: Work, one: Notice, step: str) -> None:
        if one.row.id == first:
            raise RuntimeError(step)
        await reminders_notice.tell(w, one, step)

    sql = "SELECT id FROM notice WHERE overdue_at IS NOT NULL"
    await notice_sweep.watch(tell, clock.now() + timedelta(days=60))
    async with db.reading() as connection:
        marked = {row["id"] for row in await connection.fetch(sql)}
    assert second in marked
    assert first not in marked
