"""What a case page may show to whom: absent, not hidden."""

from __future__ import annotations

from cases import queries, views
from hotline import db
from tests import builders as b


async def view(login: str, number: str) -> views.CaseView | None:
    actor = await b.person(login)
    async with db.reading() as connection:
        case_id = await queries.found(connection, actor, number)
        return await views.case_view(connection, actor, case_id) if case_id else None


async def test_a_unit_sees_its_own_case_and_not_another_units(database: object) -> None:
    receipt = await b.a_case("dispatched")
    assert await view("congtai", receipt.number) is not None
    assert await view("cgb", receipt.number) is None


async def test_the_handler_sees_the_requester_masked(database: object) -> None:
    receipt = await b.a_case("dispatched")
    seen = await view("congtai", receipt.number)
    assert seen is not None
    assert seen.requesters[0].phone == "138****0001"
    assert seen.requesters[0].may_reveal


async def test_an_agent_never_reads_the_internal_note(database: object) -> None:
    receipt = await b.a_case("handled")
    for login, reads in (("agent", False), ("audit", True), ("congtai", True)):
        seen = await view(login, receipt.number)
        assert seen is not None
        assert any("note" in line.texts for line in seen.lines) is reads, login


async def test_an_administrator_reads_no_case(database: object) -> None:
    receipt = await b.a_case("dispatched")
    assert await view("admin", receipt.number) is None


async def test_the_queue_shows_the_nearest_due_first_and_pages_by_key(database: object) -> None:
    for _ in range(3):
        await b.a_case("dispatched")
    actor = await b.person("dispatcher")
    async with db.reading() as connection:
        first = await queries.inbox(connection, actor, queries.Filters(), size=2)
        second = await queries.inbox(connection, actor, queries.Filters(after=first.after), size=2)
        counted = await queries.counts(connection, actor)
    assert len(first.rows) == 2
    assert not {r.id for r in first.rows} & {r.id for r in second.rows}
    dues = [r.next_due for r in [*first.rows, *second.rows]]
    assert dues == sorted(d for d in dues if d)
    assert counted["open"] >= 3


async def test_a_word_of_the_text_finds_the_case_and_a_phone_number_does_not(database: object) -> None:
    receipt = await b.a_case("dispatched", words="东风路窨井盖丢失，电话13912345678联系张三先生。")
    actor = await b.person("dispatcher")
    async with db.reading() as connection:
        by_word = await queries.inbox(connection, actor, queries.Filters(q="窨井盖"))
        by_number = await queries.inbox(connection, actor, queries.Filters(q=receipt.number))
        by_phone = await queries.inbox(connection, actor, queries.Filters(q="13912345678"))
    assert [r.number for r in by_word.rows] == [receipt.number]
    assert receipt.number in [r.number for r in by_number.rows]
    assert [r.number for r in by_phone.rows] == []
