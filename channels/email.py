"""Mail out, by SMTP: plain text, a Message-ID that stays the same however often it is tried, marked as a machine's."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from urllib.parse import unquote, urlsplit

from channels.carrier import Later, Never, Outgoing
from hotline import clock, settings

PATIENCE = 15.0
_PERMANENT = 500
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


async def send(message: Outgoing) -> str:
    """Hand one mail to the city's server; gives its Message-ID. 4xx and a server away: Later; 5xx: Never."""
    if "@" not in message.address:
        raise Never("address")
    try:
        mail = written(message)
    except (UnicodeError, ValueError):
        raise Never("address") from None
    await asyncio.to_thread(_hand_over, settings.current().smtp_url, mail, message.address)
    return str(mail["Message-ID"])


def message_id(key: str, *, domain: str = "") -> str:
    """``<key@domain>`` with what no Message-ID takes replaced; a long key ends in its hash."""
    name = _UNSAFE.sub(".", key).strip(".")
    if len(name) > 100:
        name = f"{name[:80]}.{hashlib.sha256(key.encode()).hexdigest()[:16]}"
    return f"<{name}@{domain or _domain()}>"


def _domain() -> str:
    return parseaddr(settings.current().email_from)[1].rpartition("@")[2] or "localhost"


def written(message: Outgoing) -> EmailMessage:
    """The mail: subject with the receipt number, and one thread for all mails about a request."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = settings.current().email_from
    mail["To"] = message.address
    mail["Subject"] = " ".join((message.facts.title or message.facts.number or "12345").split())
    mail["Date"] = format_datetime(clock.local(clock.now()))
    mail["Message-ID"] = message_id(message.key)
    if message.request_id is not None:
        root = message_id(f"request.{message.request_id}")
        mail["References"] = root
        mail["In-Reply-To"] = root
    if message.facts.ends:
        mail["List-Unsubscribe"] = f"<{message.facts.ends}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail["Auto-Submitted"] = "auto-replied"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(message.text + "\n", charset="utf-8", cte="base64")
    return mail


def _hand_over(url: str, mail: EmailMessage, address: str) -> None:
    try:
        with contextlib.closing(_connected(url)) as server:
            server.send_message(mail, to_addrs=[address])
            with contextlib.suppress(smtplib.SMTPException, OSError):
                server.quit()
    except smtplib.SMTPAuthenticationError as error:
        raise Later(f"auth.{error.smtp_code}") from None  # our own password: every mail would fail
    except (smtplib.SMTPConnectError, smtplib.SMTPHeloError, smtplib.SMTPSenderRefused) as error:
        raise Later(f"server.{error.smtp_code}") from None  # whoever the receiver is: it can be mended
    except smtplib.SMTPNotSupportedError:
        if address.isascii():
            raise Later("SMTPNotSupportedError") from None
        raise Never("address") from None  # its letters are none that this server takes
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()), (_PERMANENT, b""))[0]
        raise _failure(code) from None
    except smtplib.SMTPResponseException as error:
        raise _failure(error.smtp_code) from None
    except (smtplib.SMTPException, OSError, ssl.SSLError) as error:
        raise Later(type(error).__name__) from None
    except (UnicodeError, ValueError):
        raise Never("address") from None


def _failure(code: int) -> Later | Never:
    return Never(str(code)) if code >= _PERMANENT else Later(str(code))


def _connected(url: str) -> smtplib.SMTP:
    """``smtps://user:password@host:465`` or ``smtp://host:25``, the latter with STARTTLS where it is offered."""
    parts = urlsplit(url)
    host, context = parts.hostname or "localhost", ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=PATIENCE, context=context)
    else:
        server = smtplib.SMTP(host, parts.port or 25, timeout=PATIENCE)
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
    if parts.username:
        server.login(unquote(parts.username), unquote(parts.password or ""))
    return server
