"""A raw mail as what we need of it: who, which thread, words, attachments, and whether a machine wrote it. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from email.utils import getaddresses

import msgspec

from channels import email_text
from channels.acknowledge import storable

MOST_ATTACHMENTS = 10
MOST_PARTS = 200
_ID = re.compile(r"<[^<>\s\x00-\x1f\x7f\ud800-\udfff]{3,250}>")
_RECEIPT = re.compile(r"(?<!\d)(\d{6}-\d{5,7})(?!\d)")
_ADDRESS = re.compile(r"[^@\s<>\"(),:;]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z0-9-]{2,24}")
_REPLY = re.compile(r"^\s*(?:re|回复|答复|回覆)\s*[:：]", re.IGNORECASE)
_MACHINES = re.compile(
    r"^(?:mailer-daemon|postmaster|no-?reply|noreply|donotreply|do-not-reply|bounces?)(?:[+.=-].*)?@", re.IGNORECASE
)
_BULK = frozenset({"bulk", "list", "junk", "auto_reply"})


class Attached(msgspec.Struct, frozen=True, kw_only=True):
    """One file of a mail."""

    name: str
    media_type: str
    data: bytes


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """``machine`` says why nobody is to be answered: auto, bounce, list, spam; "" for a person's mail.

    ``failed`` are our own Message-IDs that a bounce says were not delivered.
    """

    provider_id: str
    sender: str
    subject: str
    words: str
    thread: tuple[str, ...] = ()
    attached: tuple[Attached, ...] = ()
    machine: str = ""
    failed: tuple[str, ...] = ()


def parse(raw: bytes) -> Mail:
    """Read a mail. ValueError when it is none: no sender, or no structure that can be read."""
    try:
        message = message_from_bytes(raw)
        return _mail(message, raw)
    except (MessageError, RecursionError, LookupError, TypeError, AttributeError, UnicodeError) as error:
        raise ValueError(type(error).__name__) from None


def sender_of(raw: bytes) -> str:
    """The sender's address of a mail that may be broken or only its head; "" when there is none."""
    try:
        return _sender(message_from_bytes(raw))
    except (MessageError, LookupError, TypeError, AttributeError, UnicodeError, ValueError):
        return ""


def id_of(raw: bytes) -> str:
    """The Message-ID of a mail or of its head, else a hash of it: the same mail has the same."""
    found = _ID.search(str(message_from_bytes(raw).get("Message-ID", "")))
    return found[0] if found else f"sha256:{hashlib.sha256(raw).hexdigest()}"


def _mail(message: Message, raw: bytes) -> Mail:
    sender = _sender(message)
    machine = _machine(message, sender)
    if not sender and not machine:
        msg = "no sender"
        raise ValueError(msg)
    subject = email_text.header(message.get("Subject"))
    thread = tuple(dict.fromkeys(_ID.findall(f"{message.get('In-Reply-To', '')} {message.get('References', '')}")))[
        -50:
    ]
    parts = _leaves(message)
    is_reply = bool(thread) or _REPLY.match(subject) is not None
    words = _numbered(email_text.own_words(_written(parts, is_reply=is_reply), is_reply=is_reply), subject)
    return Mail(
        provider_id=id_of(raw), sender=sender, subject=_REPLY.sub("", subject).strip(), words=words, thread=thread,
        attached=tuple(_attached(parts)), machine=machine, failed=_failed(message) if machine == "bounce" else (),
    )  # fmt: skip


def _sender(message: Message) -> str:
    found = getaddresses([email_text.header(message.get("From"))])
    address = next((one for _, one in found if _ADDRESS.fullmatch(one)), "")
    return address.lower()


def _machine(message: Message, sender: str) -> str:
    """Why no person wrote this (RFC 3834): it makes no case and gets no answer, or two machines talk for ever."""
    said = str(message.get("Auto-Submitted", "no")).split(";")[0].strip().lower()
    path = message.get("Return-Path")
    if message.get_content_type() == "multipart/report" or (path is not None and str(path).strip() == "<>"):
        return "bounce"
    if _MACHINES.match(sender):
        return "bounce" if sender.startswith(("mailer-daemon", "postmaster")) else "auto"
    if said not in {"no", ""} or message.get("X-Autoreply") or message.get("X-Autorespond"):
        return "auto"
    if message.get("List-Id") or message.get("List-Unsubscribe") or message.get("List-Post"):
        return "list"
    if str(message.get("Precedence", "")).strip().lower() in _BULK:
        return "list"
    return "spam" if str(message.get("X-Spam-Flag", "")).strip().lower() == "yes" else ""


def _failed(message: Message) -> tuple[str, ...]:
    """The Message-IDs of the mails that a delivery report is about, where it says that they failed."""
    texts = [str(part) for part in message.walk() if part.get_content_type() == "message/delivery-status"]
    if not any(re.search(r"^Action:\s*failed", text, re.IGNORECASE | re.MULTILINE) for text in texts):
        return ()
    heads = [part for part in message.walk() if part.get_content_type() in {"message/rfc822", "text/rfc822-headers"}]
    return tuple(_ID.findall(" ".join(
        line for part in heads for line in str(part).splitlines() if line.lower().startswith("message-id:")
    )))  # fmt: skip


def _leaves(message: Message) -> list[Message]:
    """The parts that hold something, forwarded mails within as one part each."""
    found: list[Message] = []

    def walk(part: Message) -> None:
        if len(found) > MOST_PARTS:
            msg = "too many parts"
            raise ValueError(msg)
        if part.is_multipart() and part.get_content_maintype() != "message":
            for one in part.get_payload():
                if isinstance(one, Message):
                    walk(one)
        else:
            found.append(part)

    walk(message)
    return found


def _is_file(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or part.get_content_maintype() not in {"text", "message"}


def _written(parts: list[Message], *, is_reply: bool) -> str:
    """The plain text; the words of the HTML where there is none."""
    texts = [part for part in parts if not _is_file(part)]
    plain = [_text(part) for part in texts if part.get_content_type() == "text/plain"]
    written = "\n".join(one for one in plain if one.strip())
    if written:
        return written
    html = [
        email_text.of_html(_text(part), is_reply=is_reply) for part in texts if part.get_content_type() == "text/html"
    ]
    return "\n".join(html)


def _text(part: Message) -> str:
    data = part.get_payload(decode=True)
    return email_text.decoded(data, part.get_content_charset() or "utf-8") if isinstance(data, bytes) else ""


def _numbered(words: str, subject: str) -> str:
    """An answer to our mail names the receipt in its subject: the words then begin with it, as in a text message."""
    number = _RECEIPT.search(subject)
    return f"{number[1]} {words}" if number and number[1] not in words else words


def _attached(parts: list[Message]) -> Iterator[Attached]:
    count = 0
    for part in parts:
        data = part.get_payload(decode=True)
        if not _is_file(part) or not isinstance(data, bytes) or not data:
            continue
        name = email_text.header(part.get_filename() or "")
        if not name and part.get("Content-ID") and len(data) < 4096:  # a logo in somebody's signature
            continue
        count += 1
        if count > MOST_ATTACHMENTS:
            return
        yield Attached(name=name or f"attachment-{count}", media_type=storable(part.get_content_type()), data=data)
