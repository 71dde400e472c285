"""Erasing under a rule: nothing personal stays anywhere, the ledger still verifies, the present can be rebuilt."""

from __future__ import annotations

from typing import Any

import pytest

from cases import ledger, verbs
from channels import outbox
from channels.carrier import Outgoing
from hotline import db, files, rebuild, vault, verify
from hotline.actor import CITIZEN
from hotline.errors import Refusal
from hotline.work import work
from sla import supervision
from tests import builders as b

pytestmark = pytest.mark.anyio
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)


async def rows(sql: str, *args: Any) -> list[Any]:
    async with db.reading() as connection:
        return list(await connection.fetch(sql, *args))


async def test_erasing_takes_the_files_and_what_was_sent_and_everything_still_verifies(
    database: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipt = await b.a_case("closed")
    (found,) = await rows("SELECT case_id, id FROM request WHERE receipt_no = $1", receipt.number)
    async with db.atomic() as connection:
        kept = await files.keep(
            connection, PIXEL, "a.png", subject=("request", found["id"]), audience="requester", actor=CITIZEN,
            case_id=found["case_id"],
        )  # fmt: skip
    assert files.path_of(kept.id).exists()
    await b.act("coord", receipt.number, verbs.erase, rule="保存期满")
    assert not files.path_of(kept.id).exists()
    assert await rows("SELECT 1 FROM attachment WHERE case_id = $1", found["case_id"]) == []
    messages = await rows("SELECT address, body, state FROM outbox_message WHERE case_id = $1", found["case_id"])
    assert messages
    assert {(one["address"], one["body"]) for one in messages} == {(None, b"")}
    assert "queued" not in {one["state"] for one in messages}

    sent: list[str] = []

    async def sender(message: Outgoing) -> str:
        sent.append(message.text)
        return message.key

    with monkeypatch.context() as patch:
        patch.setitem(outbox.SENDERS, "sms", sender)
        await outbox.deliver_due()
    assert sent == []
    assert (await verify.database()).is_clean
    outcome = await rebuild.rebuild(check=True)
    assert outcome.different == 0, outcome.names


async def test_erasing_twice_is_refused_and_writes_no_second_event(database: object) -> None:
    receipt = await b.a_case("closed")
    await b.act("coord", receipt.number, verbs.erase, rule="保存期满")
    with pytest.raises(Refusal) as refused:
        await b.act("coord", receipt.number, verbs.erase, rule="保存期满")
    assert refused.value.code == "erased"


async def test_what_was_erased_cannot_be_rated_with_new_words(database: object) -> None:
    receipt = await b.a_case("closed")
    await b.act("coord", receipt.number, verbs.erase, rule="本人要求")
    async with work(CITIZEN) as w:
        file = await ledger.opened(w, number=receipt.number)
        with pytest.raises(Refusal) as refused:
            await verbs.rate(w, file, file.first_request, grade="satisfied", words="我是王小明")
    assert refused.value.code == "not_rateable"


async def test_a_message_that_cannot_be_read_keeps_none_of_the_others_back(
    database: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    await b.a_case("dispatched")
    await b.a_case("dispatched")
    async with db.atomic() as connection:
        bad = await connection.fetchval(
            "UPDATE outbox_message SET body = $1 WHERE id = (SELECT id FROM outbox_message WHERE state = 'queued' "
            "ORDER BY next_at LIMIT 1) RETURNING id",
            vault.seal("x", "something else"),
        )

    async def sender(message: Outgoing) -> str:
        return message.key

    with monkeypatch.context() as patch:
        patch.setitem(outbox.SENDERS, "sms", sender)
        assert await outbox.deliver_due() >= 1
    (state,) = await rows("SELECT state, tries FROM outbox_message WHERE id = $1", bad)
    assert tuple(state) == ("queued", 1)


async def test_the_answer_to_an_order_goes_with_the_other_words(database: object) -> None:
    receipt = await b.a_case("signed")
    await b.act("supervisor", receipt.number, supervision.order, b.lead, rule="manual")
    (order,) = await rows(
        "SELECT o.number, o.case_id FROM supervision_order o JOIN cases c ON c.id = o.case_id WHERE c.number = $1",
        receipt.number,
    )
    async with work(await b.person("congtai")) as w:
        await supervision.answer_order(w, order["number"], reply="已与王小明当面说明", units=("130403",))
    for login, verb, parts, given in (
        ("congtai", verbs.handle, (b.lead,), b.HANDLED),
        ("audit", verbs.approve, (), {}),
        ("callback", verbs.visit, (b.request,), {"was_contacted": True, "is_solved": True}),
        ("coord", verbs.close, (), {}),
        ("coord", verbs.erase, (), {"rule": "本人要求"}),
    ):
        await b.act(login, receipt.number, verb, *parts, **given)
    for table in ("supervision_order", "request", "cases", "case_text", "case_event", "assignment"):
        held = await rows(f"SELECT t::text AS row FROM {table} t")
        assert not [one for one in held if "王小明" in one["row"]], table


async def test_why_the_place_is_unknown_stands_beside_the_event_and_can_be_erased(database: object) -> None:
    receipt = await b.a_receipt(matter="", county="", place="")
    why = "王小明不愿说"
    await b.act("agent", receipt.number, verbs.accept, matter="020201", no_place=why)
    events = await rows(
        "SELECT data FROM case_event e JOIN cases c ON c.id = e.case_id WHERE c.number = $1", receipt.number
    )
    assert not [one for one in events if why in one["data"]]
    texts = await rows(
        "SELECT value FROM case_text t JOIN cases c ON c.id = t.case_id WHERE c.number = $1 AND field = 'no_place'",
        receipt.number,
    )
    assert [one["value"] for one in texts] == [why]
