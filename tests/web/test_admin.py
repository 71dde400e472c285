"""Administration through HTTP: every page and who opens it, rules, how the house runs, the log of acts."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import httpx
import pytest

from channels import acknowledge, intake, outbox
from hotline import acts, city, db
from tests import builders
from tests.engines import Place
from tests.web import house
from tests.web.administration import noted, row

PAGES = (
    "/people", "/people?q=王&role=agent", "/people/new", "/admin", "/admin/units", "/admin/units?q=城",
    "/admin/units?on=bare",
    "/admin/units/CGB", "/admin/units/130403", "/admin/units-new?below=CGB", "/admin/matters", "/admin/matters/020201",
    "/admin/lines", "/admin/lines/new", "/admin/lines/12345", "/admin/calendar", "/admin/calendar?year=2027",
    "/admin/calendar?day=2026-12-25", "/admin/rules", "/admin/rules/visit.tries", "/admin/jurisdictions",
    "/admin/operations", "/admin/acts",
)  # fmt: skip


async def test_every_page_of_administration_is_whole_in_both_languages(client: httpx.AsyncClient, admin: UUID) -> None:
    for path in PAGES:
        for lang in ("en", "zh"):
            await house.get(client, f"{path}{'&' if '?' in path else '?'}lang={lang}")


@pytest.mark.parametrize("role", ["agent", "unit_head", "coordination"])
async def test_nobody_but_an_administrator_opens_the_records(client: httpx.AsyncClient, role: str) -> None:
    async with house.signed_in(client, role, unit="CGB"):
        for path in ("/people", "/admin", "/admin/units/CGB", "/admin/calendar", "/admin/rules"):
            assert (await client.get(path)).status_code == 403, path


async def test_an_administrator_reads_no_case(client: httpx.AsyncClient, admin: UUID) -> None:
    receipt = await builders.a_receipt()
    assert (await client.get(f"/cases/{receipt.number}")).status_code in {403, 404}
    assert "路灯" not in await house.get(client, "/admin/operations")


# Rules, operations, the log


async def test_a_rule_is_set_with_its_old_value_in_the_log_and_a_wrong_one_is_refused(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    answer = await house.post(client, "/admin/rules/visit.tries", {"value": "many", "version": "3"})
    assert (answer.status_code, 'id="e-value"' in answer.text) == (422, True)
    assert (await house.post(client, "/admin/rules/visit.tries", {"value": "4", "version": "3"})).status_code == 303
    assert city.current().rule("visit.tries") == 4
    answer = await house.post(client, "/admin/rules/visit.tries", {"value": "5", "version": "3"})
    assert answer.status_code == 409
    assert (await noted("rule:visit.tries"))[0].details["changed"] == {"value": ["3", "4"]}
    assert "3 → 4" in await house.get(client, "/admin/rules/visit.tries")
    assert (await client.get("/admin/rules/no.such")).status_code == 404


async def test_operations_say_plainly_that_no_sms_carrier_is_set_up_and_how_much_waits(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    await builders.a_receipt()
    outbox.SENDERS.pop("sms", None)
    page = await house.get(client, "/admin/operations")
    assert "没有接通短信、微信、邮件服务商" in page
    assert re.search(r"短信.*?<td class=\"n\">[1-9]", page, re.DOTALL)
    for secret in ("13800000001", "王小明", builders.WORDS[:6]):
        assert secret not in page
    assert "条消息在排队" in await house.get(client, "/admin")


async def test_a_parked_message_is_tried_again_by_hand_and_becomes_a_case(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    receipt = await acknowledge.acknowledge(builders.a_message(provider_id=str(uuid4())))
    async with db.reading() as connection:
        await connection.execute(
            "UPDATE inbound_message SET state = 'parked', tries = 3, error = 'KeyError' WHERE id = $1", receipt.message
        )
    page = await house.get(client, "/admin/operations")
    assert receipt.number in page
    assert "搁置 1" in page
    assert (await house.post(client, f"/admin/operations/inbound/{receipt.number}/again")).status_code == 303
    answer = await house.post(client, f"/admin/operations/inbound/{receipt.number}/again")
    assert answer.status_code == 409
    await intake.make_all()
    assert (await row(receipt.number))["is_open"]
    assert (await noted(f"inbound:{receipt.number}"))[0].kind == "inbound_again"


async def test_the_log_tells_in_sentences_and_is_filtered_by_kind_person_and_subject(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    await house.post(client, "/admin/rules/urge.hours", {"value": "12", "version": "24"})
    page = await house.get(client, "/admin/acts?kind=rule_set&on=rule:urge.hours")
    assert "改规则 诉求人两次催办的间隔：值 24 → 12" in page
    assert "朱辉" in page
    english = await house.get(client, "/admin/acts?kind=rule_set&on=rule:urge.hours&lang=en")
    assert "changed a rule" in english
    await house.get(client, "/admin?lang=zh")
    assert "没有符合条件的" in await house.get(client, "/admin/acts?kind=rule_set&who=nobody.at.all")
    for _ in range(60):
        async with db.atomic() as connection:
            await acts.note(connection, await builders.person("agent"), "file_read", "case:x")
    page = await house.get(client, "/admin/acts?kind=file_read&who=agent")
    assert page.count('<tr id="row-') == 50
    older = re.search(r'id="older" href="([^"]+)"', page)
    assert older
    assert (await house.get(client, older[1].replace("&amp;", "&"))).count('<tr id="row-') == 10


async def test_abolished_counties_stand_with_their_successors_and_nothing_can_be_changed(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    page = await house.get(client, "/admin/jurisdictions")
    assert "已撤销" in page
    assert "<form" not in page.split("<main")[1].split("</main>")[0]


async def test_the_worker_does_what_the_calendar_left(client: httpx.AsyncClient, admin: UUID, database: Place) -> None:
    from hotline import worker

    assert worker.recompute_clocks in worker.WorkerSettings.functions
    assert "recompute_clocks" in dict(await worker.sweep_once())
