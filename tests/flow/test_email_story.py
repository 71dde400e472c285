"""A mail's whole way with a real worker: case, receipt, further words by reply, answer, closing, a grade by mail."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from email.message import EmailMessage
from typing import Any
from urllib.parse import quote

import pytest

from cases import verbs
from hotline import city, city_verbs, db, jobs, vault
from tests import builders as b
from tests import engines as stage
from tests import mailbox
from tests.mailbox import ImapServer, Taken, a_mail

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
SENDER = "wang@example.com"


@pytest.fixture(scope="module")
async def post(database: Any) -> AsyncIterator[tuple[ImapServer, Taken]]:
    """A mailbox and a server for mails out, and a house with a real worker that uses them."""
    await city_verbs.set_rule("message.quiet", "none")  # the test is run at any hour
    await city.refresh()
    with mailbox.imap() as box, mailbox.smtp() as (taken, port):
        mine = f"{quote(mailbox.USER, safe='')}:{quote(mailbox.PASSWORD, safe='')}@127.0.0.1:{box.port}"
        given = {
            "HOTLINE_IMAP_URL": f"imap://{mine}/INBOX", "HOTLINE_SMTP_URL": f"smtp://127.0.0.1:{port}",
            "HOTLINE_EMAIL_FROM": "邯郸12345 <12345@example.cn>",
        }  # fmt: skip
        with stage.served({**database.environment, **given}, database.settings.data_dir / "mail.log"):
            yield box, taken


async def until(look: Callable[[], Awaitable[Any]], seconds: float = 25) -> Any:
    """What ``look`` finds, as soon as it finds something."""
    edge = time.monotonic() + seconds
    while not (found := await look()):
        assert time.monotonic() < edge, look
        await asyncio.sleep(0.1)
    return found


def received(taken: Taken, word: str) -> Callable[[], Awaitable[EmailMessage | None]]:
    """The newest mail to the sender whose text holds the word."""

    async def look() -> EmailMessage | None:
        mine = [one for one in taken.mails if one["To"] == SENDER and word in one.get_content()]
        return mine[-1] if mine else None

    return look


def an_answer(to: EmailMessage, words: str, n: int) -> EmailMessage:
    """A reply as a mail program writes it, with the quoted mail below."""
    quoted = "\n".join(f"> {line}" for line in to.get_content().splitlines())
    words = f"{words}\n\n在 2026年11月25日，12345 <12345@example.cn> 写道：\n{quoted}\n"
    return a_mail(
        words, sender=SENDER, Subject=f"回复：{to['Subject']}", In_Reply_To=str(to["Message-ID"]),
        References=f"{to['References']} {to['Message-ID']}", Message_ID=f"<answer.{n}@example.com>",
    )  # fmt: skip


async def request() -> Any:
    """The one request of the sender."""
    async with db.reading() as connection:
        rows = await connection.fetch(
            "SELECT r.*, c.state AS case_state, c.line FROM request r JOIN cases c ON c.id = r.case_id "
            "WHERE r.reply_index = $1", vault.reply_index("email", SENDER),
        )  # fmt: skip
    assert len(rows) <= 1
    return rows[0] if rows else None


@pytest.mark.requirement("000-01")
async def test_a_mail_is_answered_by_mail_and_its_replies_find_their_case(post: tuple[ImapServer, Taken]) -> None:
    box, taken = post
    box.put(a_mail(b.WORDS + "地点：丛台区和平路。", sender=SENDER, Message_ID="<first@example.com>"))
    await jobs.nudge("read_mail")
    receipt = await until(received(taken, "查询码"))
    own = await request()
    number = own["receipt_no"]
    assert number in receipt["Subject"]
    assert receipt["Auto-Submitted"] == "auto-replied"
    assert (own["channel"], own["reply_by"], own["line"]) == ("email", "email", "12345")

    box.put(an_answer(receipt, "补充：第三根灯杆也不亮。", 1))
    await jobs.nudge("read_mail")

    async def added() -> Any:
        async with db.reading() as connection:
            return await connection.fetch(
                "SELECT t.value, t.sealed FROM case_text t JOIN case_event e USING (case_id, seq) "
                "WHERE t.case_id = $1 AND e.kind = 'words_added'", own["case_id"])  # fmt: skip

    (words,) = await until(added)
    said = words["value"] or vault.unseal(words["sealed"], "case_text.words")
    assert "第三根灯杆也不亮" in said
    assert "查询码" not in said, "the quoted receipt is cut off"
    assert (await request())["id"] == own["id"], "an answer is no new request"

    await b.act("dispatcher", number, verbs.accept, matter="020201", county="130403", township=None, title="路灯不亮",
                summary="和平路灯杆不亮。", urgency="normal")  # fmt: skip
    for login, verb, parts, given in (
        ("congtai", verbs.sign, (b.lead,), {}), ("congtai", verbs.contact, (b.lead,), {"way": "phone"}),
        ("congtai", verbs.handle, (b.lead,), b.HANDLED), ("audit", verbs.approve, (), {}),
    ):  # fmt: skip
        await b.act(login, number, verb, *parts, **given)
    answer = await until(received(taken, "路灯已修好并试亮"))
    assert number in answer["Subject"]
    assert answer["References"] == receipt["References"], "one thread in the reader's program"
    await b.act("callback", number, verbs.visit, b.request, was_contacted=True, is_solved=True)
    await b.act("callback", number, verbs.close)
    invitation = await until(received(taken, "1满意"))

    box.put(an_answer(invitation, "1", 2))
    await jobs.nudge("read_mail")

    async def rated() -> Any:
        return (await request())["first_grade"]

    assert await until(rated) == "satisfied"
    assert all(one.flags == {r"\Seen"} for one in box.mails)
    sent = [one["Message-ID"] for one in taken.mails]
    assert len(sent) == len(set(sent)), "each mail went once"
