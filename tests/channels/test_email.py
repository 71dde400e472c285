"""The e-mail door against a real IMAP and SMTP peer: each mail once, machines never answered, nothing lost."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import msgspec
import pytest

from channels import advice, carrier, doors, email, email_in, media, outbox, reading
from hotline import db, settings, vault
from tests import mailbox
from tests.mailbox import ImapServer, Taken, a_mail
from tests.web import house

pytestmark = pytest.mark.anyio
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc0000003010100"
    "18dd8db00000000049454e44ae426082"
)


@pytest.fixture
def inbox(database: object) -> Iterator[ImapServer]:
    """A mailbox that the settings name."""
    before = settings.current()
    with mailbox.imap() as server:
        url = f"imap://{quote(mailbox.USER, safe='')}:{quote(mailbox.PASSWORD, safe='')}@127.0.0.1:{server.port}/INBOX"
        settings.use(msgspec.structs.replace(before, imap_url=url))
        yield server
    settings.use(before)


@pytest.fixture
def outward(database: object) -> Iterator[Taken]:
    """A server for mails out that the settings name."""
    before = settings.current()
    with mailbox.smtp() as (taken, port):
        settings.use(msgspec.structs.replace(
            before, smtp_url=f"smtp://127.0.0.1:{port}", email_from="邯郸12345 <12345@example.cn>"))  # fmt: skip
        doors.open_doors()
        yield taken
    settings.use(before)
    doors.open_doors()


async def arrivals(**which: Any) -> list[Any]:
    """Stored mails, oldest first."""
    async with db.reading() as connection:
        rows = await connection.fetch("SELECT * FROM arrival WHERE channel = 'email' ORDER BY received_at, id")
    return [row for row in rows if all(row[name] == value for name, value in which.items())]


async def requests_of(address: str) -> list[Any]:
    """The requests that are answered to this address."""
    async with db.reading() as connection:
        return list(await connection.fetch(
            "SELECT r.*, c.number, c.state AS case_state FROM request r JOIN cases c ON c.id = r.case_id "
            "WHERE r.reply_index = $1 ORDER BY r.filed_at", vault.reply_index("email", address),
        ))  # fmt: skip


def an_outgoing(**change: Any) -> carrier.Outgoing:
    """A receipt on its way."""
    given = {"id": uuid4(), "key": f"received:{uuid4()}", "channel": "email", "address": "wang@example.com",
             "text": "您的来件已收到，编号261125-00001。",
             "facts": carrier.Facts(title="261125-00001 您的来件已收到")}  # fmt: skip
    return carrier.Outgoing(**{**given, **change})


async def test_a_mail_goes_out_plain_marked_as_a_machines_and_under_an_id_that_stays(outward: Taken) -> None:
    message = an_outgoing(request_id=uuid4())
    first, second = await email.send(message), await email.send(message)
    assert first == second == email.message_id(message.key)
    mail = outward.mails[0]
    assert mail["Message-ID"] == first
    assert mail["Subject"] == "261125-00001 您的来件已收到"
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["References"] == email.message_id(f"request.{message.request_id}")
    assert mail.get_content().strip() == message.text
    assert mail.get_content_charset() == "utf-8"


@pytest.mark.parametrize(
    ("says", "error", "code"),
    [("550 no such user", carrier.Never, "550"), ("452 mailbox busy", carrier.Later, "452"),
     ("421 too many", carrier.Later, "421")],
)  # fmt: skip
async def test_what_the_server_says_is_sorted_into_later_and_never(
    outward: Taken, says: str, error: type[carrier.NotSentError], code: str
) -> None:
    outward.says = lambda _: says
    with pytest.raises(error) as caught:
        await email.send(an_outgoing())
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("lines", "error", "code"),
    [
        (["554 no service here"], carrier.Later, "server.554"),
        (["220 hello", "250 ready", "550 this sender may not"], carrier.Later, "server.550"),
        (["220 hello", "250 ready", "250 sender ok", "250 receiver ok", "354 go on", "554 spam"], carrier.Never, "554"),
    ],
)
async def test_what_is_wrong_with_us_or_the_server_makes_no_dead_letter_of_every_mail(
    outward: Taken, lines: list[str], error: type[carrier.NotSentError], code: str
) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for n, line in enumerate(lines):
            if n and lines[n - 1].startswith("354"):
                await reader.readuntil(b"\r\n.\r\n")
            elif n:
                await reader.readline()
            writer.write(line.encode() + b"\r\n")
        if await reader.readline():  # QUIT wants an answer, or the sender waits out its patience
            writer.write(b"221 bye\r\n")
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        url = f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        settings.use(msgspec.structs.replace(settings.current(), smtp_url=url))
        with pytest.raises(error) as caught:
            await email.send(an_outgoing())
    assert caught.value.code == code


async def test_a_server_that_is_away_is_later_and_an_impossible_address_never(outward: Taken) -> None:
    with pytest.raises((carrier.Never, carrier.Later)) as caught:
        await email.send(an_outgoing(address="王@\nexample.com"))
    assert caught.value.code
    settings.use(msgspec.structs.replace(settings.current(), smtp_url="smtp://127.0.0.1:1"))
    with pytest.raises(carrier.Later) as away:
        await email.send(an_outgoing())
    assert "127.0.0.1" not in away.value.code


async def test_a_mail_becomes_one_request_however_often_it_is_seen_and_is_marked_as_read_after_it_is_stored(
    inbox: ImapServer,
) -> None:
    mail = a_mail("丛台区和平路的路灯三天不亮。", sender="once@example.com", Message_ID="<once@example.com>")
    first, second = inbox.put(mail), inbox.put(mail)
    assert await email_in.poll() == 2
    assert await email_in.poll() == 0
    await reading.read_all()
    assert first.flags == second.flags == {r"\Seen"}
    (request,) = await requests_of("Once@Example.com")
    assert (request["channel"], request["reply_by"], request["line"]) == ("email", "email", "12345")
    assert any(" ID " in line for line in inbox.said), "NetEase wants to know who we are"


async def test_a_mail_stays_unread_while_the_database_is_away(
    inbox: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = inbox.put(a_mail(sender="away@example.com"))

    async def away(*_: object, **__: object) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as patch:
        patch.setattr(email_in.arrivals, "store", away)
        with pytest.raises(db.AWAY):
            await email_in.poll()
    assert stored.flags == set()
    assert await email_in.poll() == 1
    assert stored.flags == {r"\Seen"}


async def test_a_mail_as_long_as_a_book_is_cut_and_says_so(inbox: ImapServer) -> None:
    inbox.put(a_mail("丛台区和平路的路灯不亮。\n" + "灯" * 60_000, sender="book@example.com"))
    inbox.put(a_mail("再说一句。" + "亮" * 30_000, sender="book@example.com"))
    await email_in.poll()
    await reading.read_all()
    (request,) = await requests_of("book@example.com")
    async with db.reading() as connection:
        rows = await connection.fetch(
            "SELECT value FROM case_text WHERE case_id = $1 AND field = 'words' ORDER BY seq", request["case_id"]
        )
    words = "".join(row["value"] for row in rows)
    assert words.count("灯") == email_in.LONGEST - 12
    assert "后面的请在信箱里查看" in words
    assert words.count("亮") > 30_000, "further words are kept whole"


async def test_pictures_are_attached_and_what_cannot_be_taken_is_named_to_the_sender(
    inbox: ImapServer, outward: Taken
) -> None:
    mail = a_mail("丛台区和平路路灯不亮，见照片。", sender="files@example.com")
    mail.add_attachment(PNG, maintype="image", subtype="png", filename="路灯.png")
    mail.add_attachment(b"MZ\x90 not a picture", maintype="application", subtype="octet-stream", filename="病毒.exe")
    inbox.put(mail)
    await email_in.poll()
    await reading.read_all()
    assert await media.fetch_due() == 1
    (request,) = await requests_of("files@example.com")
    async with db.reading() as connection:
        names = await connection.fetch("SELECT name FROM attachment WHERE case_id = $1", request["case_id"])
        held = await connection.fetchrow("SELECT body, read_at FROM email_part")
    assert [row["name"] for row in names] == ["路灯.png"]
    assert held["read_at"] is not None
    assert PNG not in bytes(held["body"])
    await outbox.deliver_due()
    told = [one for one in outward.mails if "病毒.exe" in one.get_content()]
    assert len(told) == 1
    assert told[0]["To"] == "files@example.com"


@pytest.mark.parametrize(
    "headers",
    [{"Auto_Submitted": "auto-replied"}, {"Return_Path": "<>"}, {"Precedence": "bulk"}, {"List_Id": "<x.example>"}],
)
async def test_a_machines_mail_makes_no_case_and_gets_no_answer(inbox: ImapServer, headers: dict[str, str]) -> None:
    sender = f"machine-{len(str(headers))}@example.com"
    stored = inbox.put(a_mail("我在休假。", sender=sender, **headers))
    assert await email_in.poll() == 1
    await reading.read_all()
    assert stored.flags == {r"\Seen"}
    assert await requests_of(sender) == []
    async with db.reading() as connection:
        queued = await connection.fetch("SELECT address FROM outbox_message WHERE channel = 'email'")
    assert sender not in {vault.unseal(row["address"], "outbox") for row in queued if row["address"]}


async def test_our_own_mail_coming_back_is_a_machines(inbox: ImapServer, outward: Taken) -> None:
    await email.send(an_outgoing())
    before = len(await arrivals(outcome="ignored"))
    inbox.put(outward.mails[0].as_bytes())
    await email_in.poll()
    assert len(await arrivals(outcome="ignored")) == before + 1


async def test_a_bounce_marks_the_message_as_not_delivered(inbox: ImapServer, outward: Taken) -> None:
    inbox.put(a_mail("丛台区和平路路灯不亮。", sender="gone@example.com"))
    await email_in.poll()
    await reading.read_all()
    await outbox.deliver_due()
    sent = [one for one in outward.mails if one["To"] == "gone@example.com"][-1]
    inbox.put(
        b"From: MAILER-DAEMON@example.com\nMessage-ID: <dsn2@example.com>\n"
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        b"--b\nContent-Type: message/delivery-status\n\nAction: failed\nStatus: 5.1.1\n"
        b"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: " + str(sent["Message-ID"]).encode() + b"\n\n--b--\n"
    )
    await email_in.poll()
    async with db.reading() as connection:
        state = await connection.fetchval(
            "SELECT state FROM outbox_message WHERE provider_id = $1", str(sent["Message-ID"])
        )
    assert state == "failed"


async def test_too_big_broken_and_too_many_are_parked_where_a_person_sees_them(
    inbox: ImapServer, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(email_in, "BIGGEST", 5000)
    big = inbox.put(a_mail("很长" * 3000, sender="big@example.com"))
    broken = inbox.put(b"Subject: no sender\n\nx")
    many = [inbox.put(a_mail(f"第{n}封", sender="many@example.com", Message_ID=f"<m{n}@x.cn>")) for n in range(22)]
    while await email_in.poll():
        pass
    assert big.flags == broken.flags == many[-1].flags == {r"\Seen", r"\Flagged"}
    assert many[0].flags == {r"\Seen"}
    parked = await arrivals(state="parked")
    assert sorted(row["error"] for row in parked) == ["too_big", "too_many", "too_many", "unreadable"]
    async with house.signed_in(client, "admin"):
        page = await house.get(client, "/admin/operations")
        assert "邮件太大" in page
        row = next(one for one in parked if one["error"] == "too_many")
        assert bytes(row["body"]).find("封".encode()) == -1, "sealed"
        answer = await house.post(client, f"/admin/operations/arrivals/{row['id']}/again", page="/admin/operations")
        assert answer.status_code == 303
    await reading.read_all()
    assert len(await arrivals(state="parked")) == 3


def test_a_doctor_says_what_a_mailbox_lacks() -> None:
    found = {one.name: one.level for one in advice.findings(settings.Settings(imap_url="imap://a:b@mail.example.cn"))}
    assert (found["mail out"], found["mailbox in the clear"]) == ("bad", "warn")
    whole = settings.Settings(imap_url="imaps://a:b@m.cn", smtp_url="smtps://m.cn", email_from="a@m.cn")
    assert not {"mail out", "mailbox in the clear"} & {one.name for one in advice.findings(whole)}


@pytest.mark.parametrize(("fails", "code"), [("LOGIN", "login"), ("SELECT", "folder"), ("SEARCH", "search")])
async def test_a_mailbox_that_cannot_be_read_says_so_on_the_operations_page(
    inbox: ImapServer, client: httpx.AsyncClient, fails: str, code: str
) -> None:
    inbox.fails = fails
    assert await email_in.poll() == 0
    async with house.signed_in(client, "admin"):
        page = await house.get(client, "/admin/operations")
        assert "信箱" in page
        assert code in page
        inbox.fails = ""
        await email_in.poll()
        assert "信箱连着" in await house.get(client, "/admin/operations")


async def test_without_a_mailbox_nothing_is_asked(database: object) -> None:
    assert await email_in.poll() == 0


async def test_a_mail_that_cannot_be_taken_is_flagged_and_the_next_ones_are_read(
    inbox: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(raw: bytes) -> Any:
        if b"stumble@" in raw:
            raise AssertionError
        return parse(raw)

    parse = email_in.email_parse.parse
    monkeypatch.setattr(email_in.email_parse, "parse", stumble)
    bad, good = inbox.put(a_mail(sender="stumble@example.com")), inbox.put(a_mail(sender="next@example.com"))
    nul = inbox.put(b"From: nul@example.com\nMessage-ID: <a\0b@x.cn>\nContent-Type: text/plain; charset=utf-8\n\n"
                    + "丛台区和平路的路灯不亮。".encode())  # fmt: skip
    assert await email_in.poll() == 3
    assert bad.flags == {r"\Seen", r"\Flagged"}
    assert good.flags == nul.flags == {r"\Seen"}
    sender = vault.reply_index("email", "stumble@example.com")
    assert [row["error"] for row in await arrivals(state="parked", sender=sender)] == ["unreadable"]
    await reading.read_all()
    assert len(await requests_of("next@example.com")) == len(await requests_of("nul@example.com")) == 1
