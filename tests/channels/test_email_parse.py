"""Mails as the world writes them: charsets, HTML, quotes, machines, broken ones. What is left are a person's words."""

from __future__ import annotations

import base64
import time
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels import email_parse, email_text
from tests.mailbox import a_mail

WORDS = "和平路与陵西大街口的路灯三天不亮。"


def raw(
    charset: str, words: str = WORDS, *, declared: str = "", subject: bytes = b"=?gb2312?B?wrfGwbK7wcE=?="
) -> bytes:
    """A mail with the words in one charset, whatever it declares."""
    body = base64.encodebytes(words.encode(charset))
    head = b"From: =?gbk?B?zfXQocP3?= <Wang@Example.COM>\r\nSubject: " + subject + b"\r\nMessage-ID: <a@b.c>\r\n"
    kind = f"Content-Type: text/plain; charset={declared or charset}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head + kind.encode() + body


@pytest.mark.parametrize(
    ("charset", "declared"),
    [
        ("gb2312", ""), ("gbk", ""), ("gb18030", ""), ("utf-8", ""), ("utf-8", "gb2312"), ("gb18030", "gb2312"),
        ("gb18030", "utf-8"), ("gb18030", "no-such-charset"), ("gbk", '"GBK"'),
    ],
)  # fmt: skip
def test_chinese_is_read_in_every_charset_and_under_a_wrong_name(charset: str, declared: str) -> None:
    assert email_parse.parse(raw(charset, declared=declared)).words == WORDS


def test_rare_characters_beyond_the_declared_set_and_traditional_ones_are_read() -> None:
    assert email_parse.parse(raw("gb18030", "住在㙟村𠮷家", declared="gb2312")).words == "住在㙟村𠮷家"
    assert (
        email_parse.parse(raw("big5hkscs", "路燈壞了，請盡快處理。", declared="big5")).words == "路燈壞了，請盡快處理。"
    )


def test_the_senders_address_and_the_subject_come_out_plain() -> None:
    mail = email_parse.parse(raw("utf-8", subject="路灯坏了".encode("gbk")))
    assert (mail.sender, mail.subject, mail.provider_id) == ("wang@example.com", "路灯坏了", "<a@b.c>")


def html(body: str, *, reply: bool = False) -> bytes:
    """An HTML-only mail."""
    mail = MIMEText(body, "html", "utf-8")
    mail["From"], mail["Message-ID"], mail["Subject"] = "a@b.cn", "<h@b.cn>", "Re: x" if reply else "x"
    return mail.as_bytes()


def test_a_mail_of_html_alone_becomes_words() -> None:
    body = (
        "<html><head><style>p{color:red}</style></head><body><p>路灯&nbsp;坏了 &amp; 很黑</p><div>请<b>修</b></div>"
        "<script>alert(1)</script><br>谢谢</body>"
    )
    assert email_parse.parse(html(body)).words == "路灯 坏了 & 很黑\n\n请修\n\n谢谢"


@pytest.mark.parametrize(
    "quote",
    [
        '<div class="gmail_quote">旧信</div>',
        "<blockquote><p>旧信</p></blockquote>",
        '<div id="isReplyContent">旧信</div>',
        '<includetail><div class="qmquote">旧信</div></includetail>',
    ],
)
def test_what_an_html_reply_quotes_is_left_out_but_not_what_a_first_mail_quotes(quote: str) -> None:
    assert email_parse.parse(html(f"<p>还是不亮</p>{quote}", reply=True)).words == "还是不亮"
    assert "旧信" in email_parse.parse(html(f"<p>看这个</p>{quote}")).words


@pytest.mark.parametrize(
    "tail",
    [
        "\n> 您的来件已收到\n> 编号 261122-00417",
        "\nOn Tue, Nov 24, 2026 at 9:00 AM 12345 <12345@example.cn> wrote:\n旧信",
        "\n在 2026年11月24日，12345<12345@example.cn> 写道：\n旧信",
        "\n------------------ 原始邮件 ------------------\n发件人: 12345\n旧信",
        "\n-----Original Message-----\n旧信",
        "\n发件人：12345\n发送时间：2026年11月24日\n收件人：王\n旧信",
        "\n-- \n王小明\n13800000001",
        "\n发自我的iPhone",
        "\n________________________________\nFrom: 12345\nSent: Tuesday\n旧信",
    ],
)
def test_the_quoted_mail_and_the_signature_are_cut_off(tail: str) -> None:
    assert email_text.own_words(f"还是不亮，请再看看。\n{tail}", is_reply=True) == "还是不亮，请再看看。"


def test_a_mail_that_is_all_quote_keeps_its_words() -> None:
    assert email_text.own_words("> 只有引用", is_reply=True) == "> 只有引用"
    assert email_text.own_words("发件人：老王给我写信说路灯坏了", is_reply=True) == "发件人：老王给我写信说路灯坏了"


def test_an_answer_names_its_receipt_and_its_thread() -> None:
    mail = email_parse.parse(a_mail("1", Subject="Re: 261122-00417 办得怎样", In_Reply_To="<rate.1@example.cn>",
                                    References="<request.1@example.cn> <rate.1@example.cn>").as_bytes())  # fmt: skip
    assert mail.words == "261122-00417 1"
    assert mail.thread == ("<rate.1@example.cn>", "<request.1@example.cn>")


MACHINES = {
    "vacation": ({"Auto_Submitted": "auto-replied"}, "auto"),
    "explicit person": ({"Auto_Submitted": "no"}, ""),
    "list": ({"List_Id": "<news.example.com>"}, "list"),
    "bulk": ({"Precedence": "bulk"}, "list"),
    "bounce": ({"Return_Path": "<>"}, "bounce"),
    "spam": ({"X_Spam_Flag": "YES"}, "spam"),
    "exchange": ({"X_Autoreply": "yes"}, "auto"),
}


@pytest.mark.parametrize("name", MACHINES)
def test_a_machine_is_known_by_its_headers(name: str) -> None:
    headers, kind = MACHINES[name]
    assert email_parse.parse(a_mail(**headers).as_bytes()).machine == kind


def test_a_mailer_daemon_is_a_machine_even_without_a_header_and_a_bounce_names_what_failed() -> None:
    assert email_parse.parse(a_mail(sender="mailer-daemon@example.com").as_bytes()).machine == "bounce"
    assert email_parse.parse(a_mail(sender="noreply@example.com").as_bytes()).machine == "auto"
    report = (
        b"From: MAILER-DAEMON@example.com\nMessage-ID: <dsn@example.com>\n"
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        b"--b\n\nundeliverable\n--b\nContent-Type: message/delivery-status\n\n"
        b"Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; wang@example.com\nAction: failed\nStatus: 5.1.1\n"
        b"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <received.42@example.cn>\nSubject: x\n--b--\n"
    )
    mail = email_parse.parse(report)
    assert (mail.machine, mail.failed) == ("bounce", ("<received.42@example.cn>",))


def test_attachments_are_found_under_encoded_names_and_a_logo_is_none() -> None:
    mail = a_mail("见附件")
    mail.add_attachment(b"%PDF-1.4 x", maintype="application", subtype="pdf", filename="照片 说明.pdf")
    mail.add_attachment(b"\x89PNG small", maintype="image", subtype="png", cid="<logo@x>")
    found = email_parse.parse(mail.as_bytes()).attached
    assert [(one.name, one.media_type, one.data) for one in found] == [
        ("照片 说明.pdf", "application/pdf", b"%PDF-1.4 x")
    ]


@pytest.mark.parametrize("data", [b"", b"no mail at all", b"Subject: x\n\nwho am I?", b"From: nobody\n\nx"])
def test_what_has_no_sender_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        email_parse.parse(data)


def test_a_mail_of_a_thousand_parts_is_refused() -> None:
    mail = MIMEMultipart()
    mail["From"] = "a@b.cn"
    for _ in range(300):
        mail.attach(MIMEText("x"))
    with pytest.raises(ValueError, match="too many"):
        email_parse.parse(mail.as_bytes())


def test_html_that_no_parser_of_declarations_takes_is_read_all_the_same() -> None:
    assert email_parse.parse(html("<p>路灯坏了</p><![x[y]]><p>请修</p>")).words == "路灯坏了\n\n请修"


def test_html_made_to_be_slow_is_read_at_once() -> None:
    begin = time.process_time()
    assert email_parse.parse(html("<a>" * 60_000 + "灯" + "</b>" * 60_000)).words == "灯"
    assert time.process_time() - begin < 5


@given(st.binary(max_size=400))
def test_no_bytes_fail_in_another_way(data: bytes) -> None:
    for one in (
        data,
        b"From: a@b.cn\n" + data,
        b"From: a@b.cn\nContent-Type: multipart/mixed; boundary=x\n\n--x\n" + data,
    ):
        try:
            email_parse.parse(one)
        except ValueError:
            continue
